//! Everything the UI can ask of the core. One enum crosses the shell; each call has its reply type and its roles.

mod table;

pub use table::Call;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::macros::closed_set;
use crate::policy::{Operation, Switchable, switchable};
use crate::text::{DeviceName, Email, Note, Password, PersonName, Remark, TypedPassword};
use crate::wire::{ActivityReply, MeReply, OwnerInvitationReply, SessionView};
use crate::{
    Child, ChildId, DateException, ExceptionId, Household, MatchId, Pet, PetId, Pin, PlaydateAct, PlaydateId,
    QuietHours, Role, SessionId, SlotId, SwipeId, SwitchId, SwitchScope, TypedPin, UserId, UtcMs, Verdict,
    WeeklyHours, view,
};

table::calls! {
    /// How the app stands.
    for [Owner, Child] Never Status = "status" {} => view::Status;
    /// Forgets the refused changes that the person has read.
    for [Owner] Never DismissRefused = "dismiss_refused" {} => ();
    /// Exchanges with the server now.
    for [Owner, Child] Never SyncNow = "sync_now" {} => ();

    /// Makes an account and joins it.
    for [Owner] Never Register = "register" {
        /// Address of the server.
        server: String,
        /// The operator's invitation.
        invitation: Option<String>,
        /// The owner's address.
        email: Email,
        /// The owner's password.
        password: Password,
        /// The owner's name.
        name: PersonName,
        /// What to call this device.
        device: DeviceName,
    } => ();
    /// Joins an existing account.
    for [Owner] Never SignIn = "sign_in" {
        /// Address of the server.
        server: String,
        /// The owner's address.
        email: Email,
        /// The password.
        password: TypedPassword,
        /// What to call this device.
        device: DeviceName,
    } => ();
    /// Joins by a code. A child's device makes this call when its session has ended.
    for [Owner, Child] Never Pair = "pair" {
        /// Address of the server.
        server: String,
        /// The code.
        code: String,
        /// What to call this device.
        device: DeviceName,
    } => ();
    /// A code for another device.
    for [Owner] Devices PairingCreate = "pairing_create" {
        /// The role of that device.
        role: Role,
        /// The password of the owner who signed in here.
        password: TypedPassword,
    } => view::PairingView;
    /// Ends the session; the data stays.
    for [Owner] Never SignOut = "sign_out" {} => ();
    /// The devices that are signed in, the last used first.
    for [Owner] Never Sessions = "sessions" {} => Vec<SessionView>;
    /// Ends a session of the family, at once.
    for [Owner] Never SessionRevoke = "session_revoke" {
        /// Which.
        session: SessionId,
        /// The password of the owner who signed in here; none on a device that joined by code.
        password: Option<TypedPassword>,
    } => ();
    /// Ends all sessions of the family but this device's.
    for [Owner] Never SessionRevokeOthers = "session_revoke_others" {
        /// The same.
        password: Option<TypedPassword>,
    } => ();
    /// What happened to the account, and what its sessions called.
    for [Owner] Never Activity = "activity" {
        /// Only what this session called; none asks about all. The security log is always the family's.
        session: Option<SessionId>,
        /// Entries of the security log before this one (`ActivityReply::before`); none begins with the last.
        before: Option<u64>,
    } => ActivityReply;
    /// Deletes the family's account, and everything of it on this device. The family's other devices follow.
    for [Owner] Never DeleteAccount = "delete_account" {
        /// The password of the owner who signed in here.
        password: TypedPassword,
    } => ();
    /// Proves the own address with the code that was mailed to it.
    for [Owner] Never VerifyEmail = "verify_email" {
        /// The code.
        code: String,
    } => ();
    /// Has such a code mailed once more.
    for [Owner] Never SendCodeAgain = "send_code_again" {} => ();
    /// Changes the own password. All other devices with it are signed out.
    for [Owner] Never ChangePassword = "change_password" {
        /// The one until now.
        current: TypedPassword,
        /// The one from now on.
        password: Password,
    } => ();
    /// Has a code mailed for another password. Works without a session, and does not tell whether there is an account.
    for [Owner] Never ForgotPassword = "forgot_password" {
        /// Address of the server.
        server: String,
        /// The owner's address.
        email: Email,
    } => ();
    /// Sets another password with that code. Sign in with it then.
    for [Owner] Never ResetPassword = "reset_password" {
        /// Address of the server.
        server: String,
        /// The owner's address.
        email: Email,
        /// The code.
        code: String,
        /// The password from now on.
        password: Password,
    } => ();
    /// Who is signed in here, who belongs to the family, and who waits to. Only with a connection.
    for [Owner] Never Me = "me" {} => MeReply;
    /// Gives another address than the one that was not proved. A code is mailed to it.
    for [Owner] Never SetAddress = "set_address" {
        /// The address from now on.
        email: Email,
        /// The own password.
        password: TypedPassword,
    } => ();
    /// Changes the own name.
    for [Owner] Never Rename = "rename" {
        /// The name from now on.
        name: PersonName,
    } => ();
    /// A code with which another adult can join the family.
    for [Owner] Devices InviteOwner = "invite_owner" {
        /// Where to mail it to, if anywhere.
        email: Option<Email>,
    } => OwnerInvitationReply;
    /// Joins a family as its invited owner. An owner of it has to confirm that.
    for [Owner] Never JoinAsOwner = "join_as_owner" {
        /// Address of the server.
        server: String,
        /// The invitation.
        code: String,
        /// The own address.
        email: Email,
        /// The own password.
        password: Password,
        /// The own name.
        name: PersonName,
        /// What to call this device.
        device: DeviceName,
    } => ();
    /// Lets somebody in who waits.
    for [Owner] Devices ConfirmOwner = "confirm_owner" {
        /// Who.
        user: UserId,
        /// The own password.
        password: TypedPassword,
    } => ();
    /// Does not let somebody in who waits.
    for [Owner] Never RefuseOwner = "refuse_owner" {
        /// Who.
        user: UserId,
    } => ();
    /// Takes another owner out of the family.
    for [Owner] Never RemoveOwner = "remove_owner" {
        /// Who.
        user: UserId,
        /// The own password.
        password: TypedPassword,
    } => ();

    /// Deletes everything on this device, also what was never sent. On a child's only when its session has ended.
    for [Owner, Child] Never ForgetDevice = "forget_device" {
        /// The PIN, where one is set.
        pin: Option<TypedPin>,
        /// The person was told what goes, and agreed.
        sure: bool,
    } => ();
    /// Sets the PIN that takes the device back out of a child's hands.
    for [Owner] Never PinSet = "pin_set" {
        /// The PIN until now, where one is set.
        current: Option<TypedPin>,
        /// The new one.
        pin: Pin,
    } => ();
    /// Gives an owner's device into a child's hands: until it is unlocked it is a child's device.
    for [Owner] Never HandOver = "hand_over" {
        /// The only child who may choose on it; none is any child of the family.
        child: Option<ChildId>,
    } => ();
    /// Takes the device back by the PIN; on a device that is not in a child's hands, only checks the PIN.
    for [Owner, Child] Never Unlock = "unlock" {
        /// The PIN.
        pin: TypedPin,
    } => ();
    /// Takes the device back by the account's password. The PIN goes; an owner sets a new one.
    for [Owner, Child] Never PinForgotten = "pin_forgotten" {
        /// The owner's address; none is the one who signed in here.
        email: Option<Email>,
        /// The account's password.
        password: TypedPassword,
        /// What to call this device: its session is a new one.
        device: DeviceName,
    } => ();
    /// The family's settings.
    for [Owner] Never HouseholdGet = "household_get" {} => Household;
    /// Changes them.
    for [Owner] ByChange HouseholdSave = "household_save" {
        /// As they were when the form was filled: only what differs from that is changed.
        seen: Household,
        /// All of them.
        household: Household,
    } => ();
    /// Places to choose the area from.
    for [Owner] Never Places = "places" {
        /// Part of a postal code or of a town's name.
        query: String,
    } => Vec<view::PlaceView>;
    /// The children.
    for [Owner, Child] Never Children = "children" {} => Vec<view::ChildView>;
    /// Adds or changes a child profile.
    for [Owner] ByChange ChildSave = "child_save" {
        /// Which; none adds one.
        id: Option<ChildId>,
        /// As it was when the form was filled: only what differs from that is changed. None where one is added.
        seen: Option<Child>,
        /// The profile.
        child: Child,
    } => ChildId;
    /// Removes a child profile.
    for [Owner] Never ChildRemove = "child_remove" {
        /// Which.
        id: ChildId,
    } => ();
    /// The pets.
    for [Owner, Child] Never Pets = "pets" {} => Vec<view::PetView>;
    /// Adds or changes a pet.
    for [Owner] ByChange PetSave = "pet_save" {
        /// Which; none adds one.
        id: Option<PetId>,
        /// As it was when the form was filled: only what differs from that is changed. None where one is added.
        seen: Option<Pet>,
        /// All of it.
        pet: Pet,
    } => PetId;
    /// Removes a pet.
    for [Owner] Never PetRemove = "pet_remove" {
        /// Which.
        id: PetId,
    } => ();
    /// Free hours.
    for [Owner] Never Hours = "hours" {} => view::HoursView;
    /// Adds or changes weekly hours.
    for [Owner] ByChange SlotSave = "slot_save" {
        /// Which; none adds a row.
        id: Option<SlotId>,
        /// When.
        hours: WeeklyHours,
    } => SlotId;
    /// Removes weekly hours.
    for [Owner] Never SlotRemove = "slot_remove" {
        /// Which.
        id: SlotId,
    } => ();
    /// Adds or changes a date that differs.
    for [Owner] ByChange ExceptionSave = "exception_save" {
        /// Which; none adds one.
        id: Option<ExceptionId>,
        /// What holds.
        exception: DateException,
    } => ExceptionId;
    /// Removes a date that differs.
    for [Owner] Never ExceptionRemove = "exception_remove" {
        /// Which.
        id: ExceptionId,
    } => ();
    /// The deck of a pet.
    for [Owner, Child] Choose Deck = "deck" {
        /// Whose.
        pet: PetId,
    } => view::DeckView;
    /// Gives a verdict on a card.
    for [Owner, Child] Choose Swipe = "swipe" {
        /// Whose deck.
        actor: PetId,
        /// The pet on the card.
        target: PetId,
        /// The verdict.
        verdict: Verdict,
        /// Who swipes; none is an owner. A child's device must name a child.
        child: Option<ChildId>,
    } => ();
    /// Takes back the last swipe of a deck, and the one before it, and so on.
    for [Owner, Child] Choose Undo = "undo" {
        /// Whose deck.
        pet: PetId,
    } => Option<view::UndoneView>;
    /// Brings the cards marked "later" back.
    for [Owner, Child] Choose DeckAgain = "deck_again" {
        /// Whose deck.
        pet: PetId,
    } => ();
    /// Yeses of children that wait for an owner.
    for [Owner] Never Releases = "releases" {} => Vec<view::ReleaseView>;
    /// Lets a child's yes out (`Yes`), or keeps it in (`No`).
    for [Owner] ByChange Release = "release" {
        /// Which.
        swipe: SwipeId,
        /// Whether it may go out.
        out: bool,
    } => ();

    /// Matches.
    for [Owner] Never Matches = "matches" {} => Vec<view::MatchView>;
    /// Proposals and playdates, next first.
    for [Owner, Child] Never Playdates = "playdates" {} => Vec<view::PlaydateView>;
    /// Accepts, declines or cancels.
    for [Owner] ByChange PlaydateAnswer = "playdate_answer" {
        /// Which.
        id: PlaydateId,
        /// What.
        act: PlaydateAct,
        /// The revision the person saw.
        expect_rev: u32,
    } => ();
    /// Takes a match back: playdates that came of it are called off, and the two are not suggested again.
    for [Owner] Never Unmatch = "unmatch" {
        /// Which.
        id: MatchId,
    } => ();
    /// Keeps the family that has this pet away, from now on: neither sees anything of the other any more.
    for [Owner] Never Block = "block" {
        /// A pet that is on a card, in a match or in a playdate here.
        pet: PetId,
    } => ();
    /// Families that are kept away, each by the pet by which it is known here.
    for [Owner] Never Blocks = "blocks" {} => Vec<view::BlockView>;
    /// Tells whoever runs the server about a family that is kept away. What was told before is replaced.
    for [Owner] Never Report = "report" {
        /// The pet by which it is known.
        pet: PetId,
        /// What happened.
        text: Note,
    } => ();
    /// Does not keep a family away any more.
    for [Owner] Never Unblock = "unblock" {
        /// The pet by which it is known.
        pet: PetId,
    } => ();
    /// What is switched off, or was, or will be.
    for [Owner] Never Switches = "switches" {} => Vec<view::SwitchView>;
    /// Makes a switch, or changes one. It is on, from now where no start is given.
    for [Owner] Never SwitchSave = "switch_save" {
        /// Which; none makes one.
        id: Option<SwitchId>,
        /// For whom.
        scope: SwitchScope,
        /// What.
        operations: BTreeSet<Operation>,
        /// Why, in words that a child can read.
        comment: Remark,
        /// From when; none is now.
        starts_at: Option<UtcMs>,
        /// Until when; none is until it is lifted.
        ends_at: Option<UtcMs>,
        /// Only during these hours.
        hours: Option<QuietHours>,
    } => SwitchId;
    /// Lifts a switch: nothing is off by it any more.
    for [Owner] Never SwitchLift = "switch_lift" {
        /// Which.
        id: SwitchId,
    } => ();
    /// Removes a switch. What Romp switched off by itself can only be lifted.
    for [Owner] Never SwitchRemove = "switch_remove" {
        /// Which.
        id: SwitchId,
    } => ();
    /// Writes the confirmed playdates to a calendar file.
    for [Owner] Never CalendarExport = "calendar_export" {} => view::ExportedFile;
    /// Writes a copy of all that Romp knows of the family to a file: with a connection, also what only the server knows.
    for [Owner] Never FamilyExport = "family_export" {} => view::SavedFile;
}

#[cfg(test)]
mod tests;
