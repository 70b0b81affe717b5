//! What Romp writes to people. Codes, never links: a code is typed into the app that asked for it, and a mail that
//! asks to follow a link is not from Romp. Nothing in a letter was written by a user.

use std::fmt;
use std::time::Duration;

/// Something Romp writes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Letter {
    /// A code that proves an address.
    Verify { code: String },
    /// A code for another password.
    Reset { code: String },
    /// An invitation to a family.
    Invite { code: String },
    /// The password was changed: whoever did not do that should know.
    PasswordChanged,
}

/// There is a code in most of them.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Letter {
    /// For the log.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Verify { .. } => "verify",
            Self::Reset { .. } => "reset",
            Self::Invite { .. } => "invite",
            Self::PasswordChanged => "password_changed",
        }
    }

    /// How long it is of use to whoever gets it: as long as its code works, or as long as it is news. No longer than a
    /// day: its family may be deleted meanwhile, and whoever invited somebody has noticed by then that nothing came.
    pub(super) fn useful(&self) -> Duration {
        match self {
            Self::Verify { .. } | Self::Reset { .. } => Duration::from_mins(30),
            Self::Invite { .. } | Self::PasswordChanged => Duration::from_hours(24),
        }
    }

    pub(super) fn subject(&self) -> &'static str {
        match self {
            Self::Verify { .. } => "Your Romp code",
            Self::Reset { .. } => "Your code for a new Romp password",
            Self::Invite { .. } => "An invitation to a family on Romp",
            Self::PasswordChanged => "Your Romp password was changed",
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Verify { code } => format!(
                "This code shows that the address is yours:\n\n    {code}\n\n\
                 Type it into Romp within 30 minutes. If you did not register there, do nothing.\n"
            ),
            Self::Reset { code } => format!(
                "With this code you can choose a new password:\n\n    {code}\n\n\
                 Type it into Romp within 30 minutes. If you did not ask for it, do nothing: your password stays.\n"
            ),
            Self::Invite { code } => format!(
                "Somebody on Romp, where families arrange playdates for their pets, invites you to their family.\n\n\
                 \x20   {code}\n\n\
                 Type this code into Romp within 7 days, and then ask them to let you in. If you do not know what \
                 this is about, do nothing.\n"
            ),
            Self::PasswordChanged => {
                "Your password for Romp was changed, and all other devices with which you change things were signed \
                 out. Children's tablets stay: look in Romp, under “Devices”, whether you know all of them.\n\n\
                 If that was not you, choose “I forgot my password” in Romp now.\n"
                    .to_owned()
            }
        }
    }
}
