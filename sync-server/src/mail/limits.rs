//! How many mails go to one address. Counted apart by what they are for, so that nothing that somebody can ask for keeps
//! an address from something else, and nobody learns from one answer what was asked for before.
//!
//! Letters with a code for another password are counted only where somebody has the address: after the answer, and read
//! by nothing else, so that nobody can tell. Addresses that are nobody's are not remembered.

use romp_domain::text::Email;
use romp_domain::{HouseholdId, Problem, UtcMs};

use crate::secrets::digest;
use crate::throttle::{Guesser, Throttle};

/// What a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Another password. Anybody can ask for it.
    Reset,
    /// Somebody gave the address when they made an account. Whoever was invited can do that, in anybody's name.
    Joined,
    /// A code that proves the address, once more. Only who has the account with this address can ask for it; by address
    /// all the same, because an account is soon deleted and made again. Also by family: the address is soon another one.
    CodeAgain,
    /// That the password was changed. Whoever knows it can change it again and again, and delete the account between.
    /// Also by family.
    Changed,
    /// An invitation. Any owner can ask for it, also counted by owner.
    Invitation,
}

/// Mails in the last while, by address; the first ones to new accounts also by who has them sent, and what is asked for an
/// account also by its family.
#[derive(Debug)]
pub(crate) struct Limits {
    firsts: Throttle,
    families: Throttle,
    resets: Throttle,
    joined: Throttle,
    codes_again: Throttle,
    changed: Throttle,
    invitations: Throttle,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            firsts: Throttle::default(),
            families: Throttle::default(),
            resets: Throttle::of_mails(),
            joined: Throttle::of_mails(),
            codes_again: Throttle::of_mails(),
            changed: Throttle::of_mails(),
            invitations: Throttle::of_mails(),
        }
    }
}

impl Limits {
    /// Counts a mail to an address.
    ///
    /// # Errors
    /// `TooMany`.
    pub(crate) fn count(&self, why: Why, to: &Email, now: UtcMs) -> Result<(), Problem> {
        // What somebody else asks for in a stranger's name is counted by mailbox. What is asked for an account is not: else
        // another account with a label of the same address would use up what this one needs.
        let (counted, whose) = match why {
            Why::Reset => (&self.resets, to.as_str().to_owned()),
            Why::CodeAgain => (&self.codes_again, to.as_str().to_owned()),
            Why::Changed => (&self.changed, to.as_str().to_owned()),
            Why::Joined => (&self.joined, mailbox(to)),
            Why::Invitation => (&self.invitations, mailbox(to)),
        };
        counted.count(digest(&whose), now)
    }

    /// Counts a mail that a family's owner asked for, also by family: else one could mail to address after address, which
    /// may all lead to one mailbox.
    ///
    /// # Errors
    /// `TooMany`.
    pub(crate) fn count_asked(
        &self,
        why: Why,
        by: HouseholdId,
        to: &Email,
        now: UtcMs,
    ) -> Result<(), Problem> {
        let family = digest(&format!("{why:?} {}", by.0));
        self.families.count(family, now)?;
        self.count(why, to, now)
            .inspect_err(|_| self.families.give_back(&family))
    }

    /// Counts the first mail to an address that somebody gave: also by the place they come from, or by the family that
    /// invited them. Else one could mail to all addresses of a host, or to all that lead to one mailbox.
    ///
    /// # Errors
    /// `TooMany`.
    pub(crate) fn count_first(
        &self,
        by: impl Into<Guesser> + Copy,
        to: &Email,
        now: UtcMs,
    ) -> Result<(), Problem> {
        self.firsts.count(by, now)?;
        self.count(Why::Joined, to, now)
    }
}

/// The address without what many hosts take for the owner's own label of it (RFC 5233): `ann+romp@` is Ann's.
fn mailbox(address: &Email) -> String {
    let (local, host) = address.as_str().rsplit_once('@').unwrap_or_default();
    let person = local.split('+').next().filter(|person| !person.is_empty());
    format!("{}@{host}", person.unwrap_or(local))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_20_an_account_with_a_label_uses_up_nothing_of_the_address_without() {
        let limits = Limits::default();
        let [ann, label] = ["ann@romp.example", "ann+x@romp.example"].map(|text| Email::new(text).unwrap());
        for why in [Why::Reset, Why::CodeAgain, Why::Changed] {
            while limits.count(why, &label, UtcMs(0)).is_ok() {}
            limits.count(why, &ann, UtcMs(0)).unwrap();
        }
        for why in [Why::Joined, Why::Invitation] {
            while limits.count(why, &label, UtcMs(0)).is_ok() {}
            limits.count(why, &ann, UtcMs(0)).unwrap_err();
        }
    }

    #[test]
    fn row_20_labels_of_one_address_are_one_mailbox() {
        let of = |text: &str| mailbox(&Email::new(text).unwrap());
        assert_eq!(of("ann+1@romp.example"), of("ann@romp.example"));
        assert_eq!(of("ann+1+2@romp.example"), of("Ann+3@romp.example"));
        assert_ne!(of("ann@romp.example"), of("ben@romp.example"));
        assert_ne!(of("+1@romp.example"), of("+2@romp.example"));
    }

    #[test]
    fn row_20_a_family_mails_to_few_addresses_and_keeps_no_other_family_from_anything() {
        let limits = Limits::default();
        let address = |n: u32| Email::new(&format!("ann+{n}@romp.example")).unwrap();
        let [one, other] = [1, 2].map(|n| HouseholdId(uuid::Uuid::from_u128(n)));
        for why in [Why::CodeAgain, Why::Changed] {
            // What an address refuses costs its family nothing.
            let asked = |n: u32| limits.count_asked(why, one, &address(n / 5), UtcMs(0));
            assert_eq!((0..100).filter(|n| asked(*n).is_ok()).count(), 10);
            limits.count_asked(why, other, &address(99), UtcMs(0)).unwrap();
        }
    }
}
