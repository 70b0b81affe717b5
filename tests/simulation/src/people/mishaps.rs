//! What happens to devices and to the server.

use romp_app::Vault;
use romp_domain::Role;
use romp_domain::time::DAY_MS;
use romp_faulty_disk::{Disk, Fault, Survival};
use romp_server::db::DbExt;

use crate::device::{Device, Home};
use crate::dice::Dice;
use crate::oracle::Violation;
use crate::oracle::server::Model;
use crate::plan::What;
use crate::spy::Doom;
use crate::wire::hosted;
use crate::world::World;

/// For so long a device surely keeps what was acknowledged.
const KEPT_MS: i64 = 25 * DAY_MS;

impl World {
    pub(super) fn mishap(&mut self, seat: usize, what: What, mut dice: Dice) -> Result<(), Violation> {
        match what {
            What::GoOffline => {
                self.places[seat].device.mailbox.set_offline(true);
                self.tell(Some(seat), "goes offline");
            }
            What::GoOnline => {
                self.places[seat].device.mailbox.set_offline(false);
                self.places[seat].deaf = false;
                self.tell(Some(seat), "goes online");
            }
            What::GoDeaf => {
                self.places[seat].deaf = true;
                self.tell(Some(seat), "hears nothing any more, and can still speak");
            }
            What::KillDevice => {
                self.fault("device killed");
                self.tell(Some(seat), "is killed and started again");
                self.kill_device(seat)?;
            }
            What::Reinstall => self.reinstall(seat, dice.next()),
            What::ClockJump => self.clock_jumps(seat, &mut dice),
            What::Revoke => {
                if let Some(device) = self.places[seat].device.observer.device_id() {
                    let now = romp_domain::UtcMs(self.now);
                    let server = hosted(&self.host).server.clone();
                    drop(server.db.write(move |tx| {
                        let household = tx.device(device)?.map(|device| device.household);
                        for session in household.map_or(Ok(Vec::new()), |id| tx.sessions_of(id))? {
                            if session.device == device {
                                tx.end_session(session.id, now)?;
                            }
                        }
                        Ok(())
                    }));
                    if self.places[seat].device.session().is_some() {
                        self.fault("session revoked");
                    }
                    self.tell(Some(seat), "is signed out by the server");
                }
            }
            What::KillServer => self.kill_server()?,
            What::DoomServer => {
                let n = dice.below(4) as u32;
                let doom = if dice.below(2) == 0 {
                    Doom::DiesBefore(n)
                } else {
                    Doom::DiesAfter(n)
                };
                hosted(&self.host).handler.doom(Some(doom));
                self.note(&format!("{doom:?}"));
            }
            What::FailDisk => {
                let doom = Doom::DiskFails(dice.below(40) as u32);
                hosted(&self.host).handler.doom(Some(doom));
                self.tell(None, "has a disk that is about to fail");
            }
            What::Backup => {
                let path = self.folder.join(format!("backup-{}.db", self.now));
                hosted(&self.host).back_up(&path);
                self.backup = Some((path, self.model.clone(), self.now));
                self.tell(None, "is backed up");
            }
            What::Restore => self.restore()?,
            What::Wipe => self.wipe()?,
            What::DeleteFamily => self.delete_family(seat)?,
            What::Clone => self.copy_device(seat, dice.next()),
            What::FailDevice => {
                let fault = match dice.below(4) {
                    0 => Fault::Fails { from_then_on: false },
                    1 => Fault::Full { from_then_on: false },
                    2 => Fault::Torn { bytes: dice.next() },
                    _ => Fault::PowerCut,
                };
                if self.places[seat].device.doom(dice.below(60), fault) {
                    self.tell(
                        Some(seat),
                        &format!("has a disk that is about to fail: {fault:?}"),
                    );
                }
            }
            What::Future => {
                self.places[seat].future = true;
                self.tell(Some(seat), "meets a newer server from now on");
            }
            _ => debug_assert!(!what.is_fault(), "{what:?} is not performed"),
        }
        Ok(())
    }

    fn reinstall(&mut self, seat: usize, seed: u64) {
        self.fault("device reinstalled");
        self.tell(Some(seat), "loses everything and is set up anew");
        let home = if self.faulty {
            Home::Disk(Disk::new())
        } else {
            Home::Folder(self.next_folder(seat))
        };
        let before = self.places[seat].device.observer.device_id();
        let place = &mut self.places[seat];
        let fresh = Device::new(&self.host, home, seed, self.now, place.seat.skew_ms);
        let gone = std::mem::replace(&mut place.device, fresh).database();
        drop(gone.parent().map(std::fs::remove_dir_all));
        // A copy may have its id still, and has said other things.
        if let Some(device) = before {
            self.lost.remove(&device);
            self.forgetful.insert(device);
        }
        self.forgot_all(seat);
    }

    fn clock_jumps(&mut self, seat: usize, dice: &mut Dice) {
        let skew_ms = match dice.below(3) {
            0 => dice.between(-400, 400) * DAY_MS,
            1 => dice.between(-3_600_000, 3_600_000),
            _ => 0,
        };
        if skew_ms.abs() > DAY_MS {
            // What was acknowledged is kept for a time that its clock measures.
            self.forgetful
                .extend(self.places[seat].device.observer.device_id());
        }
        if (skew_ms - self.places[seat].device.skew_ms).abs() > DAY_MS {
            self.fault("clock of a device jumped by days");
        }
        let device = &mut self.places[seat].device;
        device.skew_ms = skew_ms;
        device.set_time(self.now);
        self.tell(
            Some(seat),
            &format!("has a clock that is off by {} minutes now", skew_ms / 60_000),
        );
    }

    /// The server is put back to its last backup. What it had acknowledged since then, devices send again.
    fn restore(&mut self) -> Result<(), Violation> {
        let Some((path, model, at)) = self.backup.take() else {
            return Ok(());
        };
        self.fault("server put back to a backup");
        self.tell(None, "is put back to its last backup");
        hosted(&self.host).restore(&path);
        drop(self.history_breaks_off(model, at));
        if let Some(wiped) = &mut self.wiped {
            wiped.was_put_back();
        }
        self.drain(None)
    }

    /// The server loses its database, and there is no backup. Everything that it had, devices send again.
    fn wipe(&mut self) -> Result<(), Violation> {
        self.fault("server lost its database");
        self.tell(None, "loses its database and begins with an empty one");
        hosted(&self.host).wipe();
        self.backup = None;
        // With everything else, the server has lost whom it would have told of a deletion.
        let unheard =
            |seat: &usize| self.is_gone(*seat) && self.places[*seat].device.observer.account().is_some();
        let unheard: Vec<usize> = (0..self.places.len()).filter(unheard).collect();
        self.out_of_reach.extend(unheard);
        let before = self.history_breaks_off(Model::default(), crate::plan::START_MS);
        self.wiped = Some(self.all_is_lost(&before));
        self.drain(None)
    }

    /// The server holds what it held at a time, and not what came after. Returns what it held until now.
    fn history_breaks_off(&mut self, model: Model, at: i64) -> Model {
        let before = std::mem::replace(&mut self.model, model);
        self.model.judged = before.judged;
        for (device, record) in &before.devices {
            let kept = self.now - at < KEPT_MS && !self.forgetful.contains(device);
            let lost = self.lost.entry(*device).or_insert((0, true));
            *lost = (record.held.mid.max(lost.0), lost.1 && kept);
        }
        self.told = crate::oracle::replies::Told::default();
        self.broke_off = true;
        self.old_epochs.push(before.epoch);
        before
    }

    /// An owner deletes the account; two families at least stay.
    fn delete_family(&mut self, seat: usize) -> Result<(), Violation> {
        let family = self.places[seat].seat.family;
        let token = self.places[seat].device.vault.load();
        let (Ok(Some(kept)), Role::Owner) = (token, self.places[seat].device.role()) else {
            return Ok(());
        };
        // With the token, a vault keeps since when it is used.
        let token = kept.split(' ').next().unwrap_or_default().to_owned();
        if self.households.len() < self.gone.len() + 3 {
            return Ok(());
        }
        hosted(&self.host).handler.doom(None);
        let unreachable = self.cannot_be_told(family);
        let deleted = hosted(&self.host).delete_family(&token);
        if deleted.is_ok() {
            self.fault("account deleted");
            self.gone.insert(family);
            // Backups are thrown away by whoever made them.
            self.backup = None;
            self.out_of_reach.extend(unreachable);
        }
        self.drain(None)?;
        self.did(seat, "deletes the family's account", deleted)
    }

    /// The devices of a family that have no session, or one that the server has lost.
    fn cannot_be_told(&self, family: usize) -> Vec<usize> {
        let host = hosted(&self.host);
        let has_session = |seat: usize| {
            let device = &self.places[seat].device;
            let token = device.vault.load().ok().flatten().unwrap_or_default();
            // With the token, a vault keeps since when it is used.
            let token = token.split(' ').next().unwrap_or_default();
            device.session().is_some() && host.session(token).is_ok()
        };
        let of_it = (0..self.places.len()).filter(|seat| self.places[*seat].seat.family == family);
        of_it.filter(|seat| !has_session(*seat)).collect()
    }

    /// Everything on a device is copied to another one.
    fn copy_device(&mut self, seat: usize, seed: u64) {
        // Copies of an app without a chain cannot be told apart: that is why there is one.
        let full = self.places.len() >= self.setting.seats.len() + crate::plan::MOST_COPIES;
        if full || self.places[seat].seat.old {
            return;
        }
        let folder = self.folder.join(format!("{}-0", self.places.len()));
        let place = &self.places[seat];
        let mut of = place.seat.clone();
        of.name = format!("a copy of {}", of.name);
        let mut device = place.device.cloned(folder, seed);
        let sent_again = &place.device.observer.memory.sent_again;
        device.observer.memory.sent_again.clone_from(sent_again);
        let copy = crate::world::Place {
            seat: of,
            device,
            entitled: place.entitled,
            folders: 0,
            future: place.future,
            may_go_back: false,
            newest: 0,
            deaf: false,
        };
        self.had_copies.extend(place.device.observer.device_id());
        self.fault("device copied");
        self.tell(Some(seat), "is copied, and both go on");
        self.places.push(copy);
    }

    fn next_folder(&mut self, seat: usize) -> std::path::PathBuf {
        let place = &mut self.places[seat];
        place.folders += 1;
        self.folder.join(format!("{seat}-{}", place.folders))
    }

    /// Everything that was told to a person as done is there afterwards: the next look compares.
    pub(crate) fn kill_device(&mut self, seat: usize) -> Result<(), Violation> {
        let powered = !self.places[seat].device.is_off();
        if powered {
            self.look(seat)?;
        }
        let survival = match self.id() % 3 {
            0 => Survival::Nothing,
            1 => Survival::Everything,
            _ => Survival::Seeded(self.trace),
        };
        let folder = self.next_folder(seat);
        let offline = self.places[seat].device.mailbox.is_offline();
        let spare = Home::Folder(self.folder.join("spare"));
        let place = &mut self.places[seat];
        let fresh = Device::new(&self.host, spare, 0, self.now, 0);
        let old = std::mem::replace(&mut place.device, fresh);
        place.device = old.killed(folder, survival);
        place.device.mailbox.set_offline(offline);
        drop(std::fs::remove_dir_all(self.folder.join("spare")));
        self.look(seat)?;
        self.places[seat]
            .device
            .observer
            .integrity(&self.places[seat].seat.name)
    }
}
