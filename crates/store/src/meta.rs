//! The few single values of a device: who it is, how far it has pulled, its clock, its account.

use romp_domain::text::DeviceName;
use romp_domain::wire::{Epoch, Link};
use romp_domain::{DeviceId, Hlc, HouseholdId, Role, SessionId, UtcMs};
use romp_sync::ClockState;
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Reader, StoreError, Writer};

/// The names in the table. Values are JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key {
    Device,
    Epoch,
    Cursor,
    Scope,
    Anew,
    Seen,
    Link,
    Adopt,
    Compared,
    LastMid,
    LastHlc,
    ClockOffset,
    LastSync,
    Account,
    Erased,
    Scrub,
    Vaulted,
    Pin,
    Handed,
}

impl Key {
    const fn word(self) -> &'static str {
        match self {
            Self::Device => "device_id",
            Self::Epoch => "epoch",
            Self::Cursor => "cursor",
            Self::Scope => "scope",
            Self::Anew => "anew",
            Self::Seen => "seen",
            Self::Link => "link",
            Self::Adopt => "adopt",
            Self::Compared => "compared",
            Self::LastMid => "last_mid",
            Self::LastHlc => "last_hlc",
            Self::ClockOffset => "clock_offset_ms",
            Self::LastSync => "last_sync",
            Self::Account => "account",
            Self::Erased => "erased",
            Self::Scrub => "scrub",
            Self::Vaulted => "vaulted",
            Self::Pin => "pin",
            Self::Handed => "handed",
        }
    }
}

/// The account this device belongs to. Once set it stays, also when the session ends. No token is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The household.
    pub household: HouseholdId,
    /// The server's address.
    pub server: String,
    /// The owner who signed in; `None` on a paired device.
    pub email: Option<String>,
    /// What this device may do.
    pub role: Role,
    /// What the family calls this device; `None` on a child's, and where an earlier version joined.
    pub device: Option<DeviceName>,
    /// The session; `None` once it has ended.
    pub session: Option<SessionId>,
}

pub(crate) fn get<T: DeserializeOwned>(conn: &Connection, key: Key) -> Result<Option<T>, StoreError> {
    let text: Option<String> = conn
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key.word()], |row| row.get(0))
        .optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

pub(crate) fn set<T: Serialize>(conn: &Connection, key: Key, value: &T) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![key.word(), serde_json::to_string(value)?])?;
    Ok(())
}

/// Makes the device's id with `make` when there is none yet.
pub(crate) fn make_device(conn: &Connection, make: impl FnOnce() -> DeviceId) -> Result<(), StoreError> {
    if get::<DeviceId>(conn, Key::Device)?.is_some() {
        return Ok(());
    }
    set(conn, Key::Link, &Link::default())?;
    set(conn, Key::Device, &make())
}

/// Whether something was deleted for good, and the file not rewritten since.
pub(crate) fn is_scrub_due(conn: &Connection) -> Result<bool, StoreError> {
    Ok(get(conn, Key::Scrub)?.unwrap_or(false))
}

/// The file was rewritten.
pub(crate) fn scrubbed(conn: &Connection) -> Result<(), StoreError> {
    forget(conn, Key::Scrub)
}

pub(crate) fn forget(conn: &Connection, key: Key) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM meta WHERE key = ?1")?
        .execute([key.word()])?;
    Ok(())
}

pub(crate) fn set_or_forget<T: Serialize>(
    conn: &Connection,
    key: Key,
    value: Option<&T>,
) -> Result<(), StoreError> {
    match value {
        Some(value) => set(conn, key, value),
        None => forget(conn, key),
    }
}

impl Reader<'_> {
    /// As which installation this device speaks. Another one after its data was copied.
    pub(crate) fn device(&self) -> Result<DeviceId, StoreError> {
        get(self.conn(), Key::Device)?.ok_or_else(|| StoreError::Damaged("no device id".into()))
    }

    /// The server's history that the cursor belongs to.
    pub(crate) fn epoch(&self) -> Result<Option<Epoch>, StoreError> {
        get(self.conn(), Key::Epoch)
    }

    /// The number of what this device may see, as it came with the rows.
    pub(crate) fn scope(&self) -> Result<Option<u64>, StoreError> {
        get(self.conn(), Key::Scope)
    }

    /// The commit at which pulling everything anew began; none when that is not going on.
    pub(crate) fn anew(&self) -> Result<Option<u64>, StoreError> {
        get(self.conn(), Key::Anew)
    }

    /// The place in this device's chain after its last settled mutation. None where that was never learnt: the
    /// data is from a version without chains.
    pub(crate) fn link(&self) -> Result<Option<Link>, StoreError> {
        get(self.conn(), Key::Link)
    }

    /// Whether this device goes on under a new id that the server has not heard of yet.
    pub(crate) fn adopts(&self) -> Result<bool, StoreError> {
        Ok(get(self.conn(), Key::Adopt)?.unwrap_or(false))
    }

    /// When this device's rows were last compared with the server's.
    pub(crate) fn compared_at(&self) -> Result<Option<UtcMs>, StoreError> {
        get(self.conn(), Key::Compared)
    }

    /// As which installation this device speaks.
    pub fn this_device(&self) -> Result<DeviceId, StoreError> {
        self.device()
    }

    /// Whether everything was pulled once, and is not being pulled anew.
    pub fn is_up_to_date(&self) -> Result<bool, StoreError> {
        Ok(self.cursor()? > 0 && self.anew()?.is_none())
    }

    /// The household's last commit that this device holds completely.
    pub fn cursor(&self) -> Result<u64, StoreError> {
        Ok(get(self.conn(), Key::Cursor)?.unwrap_or(0))
    }

    /// The household's last commit that a person can have seen here: while pages are still to come, rows show an earlier
    /// state than the cursor, because a note of a change moves forward with the next one.
    pub(crate) fn seen(&self) -> Result<u64, StoreError> {
        Ok(get(self.conn(), Key::Seen)?.unwrap_or(self.cursor()?))
    }

    /// The account, once there is one.
    pub fn account(&self) -> Result<Option<Account>, StoreError> {
        get(self.conn(), Key::Account)
    }

    /// Whether this device forgot everything, because its family's account was deleted, and belongs to nobody since.
    pub fn was_erased(&self) -> Result<bool, StoreError> {
        Ok(get(self.conn(), Key::Erased)?.unwrap_or(false))
    }

    /// Whether the session's token was last kept where it outlives the app, if that was noted.
    pub fn vaulted(&self) -> Result<Option<bool>, StoreError> {
        get(self.conn(), Key::Vaulted)
    }

    /// What this device may do in its owner's hands: what it is sent, and what it sends. See [`Reader::role`].
    pub fn device_role(&self) -> Result<Role, StoreError> {
        Ok(self.account()?.map_or(Role::Owner, |account| account.role))
    }

    /// The last complete exchange.
    pub fn last_sync(&self) -> Result<Option<UtcMs>, StoreError> {
        get(self.conn(), Key::LastSync)
    }

    pub(crate) fn last_mid(&self) -> Result<u64, StoreError> {
        Ok(get(self.conn(), Key::LastMid)?.unwrap_or(0))
    }

    pub(crate) fn clock_state(&self) -> Result<ClockState, StoreError> {
        Ok(ClockState {
            last: get(self.conn(), Key::LastHlc)?.unwrap_or(Hlc(0)),
            offset_ms: get(self.conn(), Key::ClockOffset)?.unwrap_or(0),
        })
    }
}

impl Writer<'_> {
    pub(crate) fn set_device(&self, device: DeviceId) -> Result<(), StoreError> {
        set(self.conn(), Key::Device, &device)
    }

    pub(crate) fn set_epoch(&self, epoch: Epoch) -> Result<(), StoreError> {
        set(self.conn(), Key::Epoch, &epoch)
    }

    pub(crate) fn set_scope(&self, scope: u64) -> Result<(), StoreError> {
        set(self.conn(), Key::Scope, &scope)
    }

    pub(crate) fn set_anew(&self, anew: Option<u64>) -> Result<(), StoreError> {
        set_or_forget(self.conn(), Key::Anew, anew.as_ref())
    }

    /// Where what can have been seen stays behind the cursor; none: it does not.
    pub(crate) fn set_seen(&self, seen: Option<u64>) -> Result<(), StoreError> {
        set_or_forget(self.conn(), Key::Seen, seen.as_ref())
    }

    pub(crate) fn set_link(&self, link: Link) -> Result<(), StoreError> {
        set(self.conn(), Key::Link, &link)
    }

    pub(crate) fn set_adopts(&self, adopts: bool) -> Result<(), StoreError> {
        set_or_forget(self.conn(), Key::Adopt, adopts.then_some(&true))
    }

    pub(crate) fn set_compared(&self, at: UtcMs) -> Result<(), StoreError> {
        set(self.conn(), Key::Compared, &at)
    }

    pub(crate) fn set_cursor(&self, cursor: u64) -> Result<(), StoreError> {
        set(self.conn(), Key::Cursor, &cursor)
    }

    pub(crate) fn set_last_mid(&self, mid: u64) -> Result<(), StoreError> {
        set(self.conn(), Key::LastMid, &mid)
    }

    pub(crate) fn set_clock_state(&self, clock: ClockState) -> Result<(), StoreError> {
        set(self.conn(), Key::LastHlc, &clock.last)?;
        set(self.conn(), Key::ClockOffset, &clock.offset_ms)
    }

    pub(crate) fn set_last_sync(&self, at: UtcMs) -> Result<(), StoreError> {
        set(self.conn(), Key::LastSync, &at)
    }

    pub(crate) fn forget_last_sync(&self) -> Result<(), StoreError> {
        forget(self.conn(), Key::LastSync)
    }

    pub(crate) fn set_erased(&self, erased: bool) -> Result<(), StoreError> {
        set_or_forget(self.conn(), Key::Erased, erased.then_some(&true))
    }

    pub(crate) fn set_scrub_due(&self) -> Result<(), StoreError> {
        set(self.conn(), Key::Scrub, &true)
    }

    /// Whether the session's token was last kept where it outlives the app.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_vaulted(&self, vaulted: bool) -> Result<(), StoreError> {
        set(self.conn(), Key::Vaulted, &vaulted)
    }

    /// The owner who signed in has another address; nothing on a device without an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_address(&self, email: String) -> Result<(), StoreError> {
        let Some(account) = self.account()? else {
            return Ok(());
        };
        self.set_account(&Account {
            email: Some(email),
            ..account
        })
    }

    pub(crate) fn set_account(&self, account: &Account) -> Result<(), StoreError> {
        self.mark_changed();
        set(self.conn(), Key::Account, account)
    }
}
