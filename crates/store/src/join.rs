//! Joining a family, and losing the session: what each does to the rows.

use romp_domain::{Kind, Role};

use crate::{Account, StoreError, Writer};

impl Writer<'_> {
    /// Belongs to `account` from here on. Rows and outbox stay; the practice deck goes.
    ///
    /// A device that comes back with another role may see other rows, so it pulls everything anew. One that becomes
    /// a child's also forgets the changes an owner made on it, and the PIN that took it out of a child's hands; of what
    /// children chose on it, it says no more than a child's device may. One that becomes an owner's still holds what a child
    /// chose on it, although an owner's session sends it.
    pub fn join(&self, account: &Account) -> Result<(), StoreError> {
        let before = self.account()?;
        self.clear_practice()?;
        self.set_account(account)?;
        self.set_erased(false)?;
        if before.is_some_and(|before| before.role != account.role) {
            match account.role {
                Role::Child => {
                    self.unpark_all()?;
                    self.set_pin(None)?;
                    self.take_back()?;
                    self.conn()
                        .execute("DELETE FROM outbox WHERE state <> 'pending'", [])?;
                    self.conn().execute(
                        "UPDATE outbox SET op = json_remove(op, '$.fields.released') WHERE kind = ?1",
                        [Kind::Swipe.word()],
                    )?
                }
                Role::Owner => self.conn().execute(
                    "UPDATE outbox SET op = json_set(op, '$.fields.released', NULL) WHERE kind = ?1",
                    [Kind::Swipe.word()],
                )?,
            };
            self.forget_pulled()?;
        }
        Ok(())
    }

    /// The session has ended. Everything else stays.
    pub fn end_session(&self) -> Result<(), StoreError> {
        match self.account()? {
            Some(account) if account.session.is_some() => self.set_account(&Account {
                session: None,
                ..account
            }),
            _ => Ok(()),
        }
    }
}
