//! Whether a password would withstand guessing by somebody who has stolen its hash, or knows whose it is.
//!
//! Judged by `zxcvbn` (Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016): how many
//! guesses an attacker with lists of passwords, words, names and patterns needs. It looks at the first 100 characters.
//! Deliberately absent: rules about kinds of characters, which make passwords worse, and lists asked over the network.

use romp_domain::text::{Email, Password, PersonName};
use romp_domain::{ErrorCode, Problem};
use zxcvbn::feedback::{Feedback, Warning};
use zxcvbn::{Score, zxcvbn};

/// "Safely unguessable": more than 10^8 guesses, which with [`crate::passwords`]' work is years on one machine.
const ENOUGH: Score = Score::Three;

/// Words that come to mind to whoever chooses or guesses a password here.
const OURS: [&str; 3] = ["romp", "playdate", "petplaydate"];

/// Refuses a password that is easy to guess, with a sentence that says what to do.
///
/// # Errors
/// `InvalidField`, about `password`.
pub(crate) fn judge(password: &Password, email: &Email, name: Option<&PersonName>) -> Result<(), Problem> {
    let mut known: Vec<&str> = OURS.to_vec();
    known.push(email.as_str());
    known.extend(email.as_str().split(['@', '.', '-', '_', '+']));
    if let Some(name) = name {
        known.push(name.as_str());
        known.extend(name.as_str().split(' '));
    }
    // Single letters and pairs would be found in everything.
    known.retain(|word| word.chars().count() > 2);
    let judged = zxcvbn(password.expose(), &known);
    if judged.score() >= ENOUGH {
        return Ok(());
    }
    let why = judged.feedback().and_then(Feedback::warning);
    Err(Problem {
        field: Some("password".to_owned()),
        ..Problem::saying(
            ErrorCode::InvalidField,
            format!(
                "{} Take four or five words that have nothing to do with each other or with you.",
                reason(why)
            ),
        )
    })
}

fn reason(why: Option<Warning>) -> &'static str {
    use Warning as W;
    match why {
        Some(W::StraightRowsOfKeysAreEasyToGuess | W::ShortKeyboardPatternsAreEasyToGuess) => {
            "Keys beside each other are easy to guess."
        }
        Some(
            W::RepeatsLikeAaaAreEasyToGuess
            | W::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess
            | W::SequencesLikeAbcAreEasyToGuess,
        ) => "Repeated or counted-up characters are easy to guess.",
        Some(
            W::ThisIsATop10Password
            | W::ThisIsATop100Password
            | W::ThisIsACommonPassword
            | W::ThisIsSimilarToACommonlyUsedPassword,
        ) => "This is close to a password that many people use.",
        Some(W::RecentYearsAreEasyToGuess | W::DatesAreOftenEasyToGuess) => "Dates are easy to guess.",
        Some(W::NamesAndSurnamesByThemselvesAreEasyToGuess | W::CommonNamesAndSurnamesAreEasyToGuess) => {
            "Names are easy to guess."
        }
        Some(W::AWordByItselfIsEasyToGuess) | None => "This password is easy to guess.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(password: &str) -> Result<(), Problem> {
        let email = Email::new("ann.marlowe@zumbroville.example").unwrap();
        let name = PersonName::new("Ann Marlowe").unwrap();
        judge(&Password::new(password.into()).unwrap(), &email, Some(&name))
    }

    #[test]
    fn what_is_easy_to_guess_is_refused_with_a_sentence_that_helps() {
        for (weak, why) in [
            ("password", "many people use"),
            ("P@ssw0rd1", "many people use"),
            ("qwertyuiop", "many people use"),
            ("aaaaaaaaaaaa", "Repeated"),
            ("abcdefghijkl", "counted-up"),
            ("19870403", "Dates"),
        ] {
            let problem = judged(weak).unwrap_err();
            assert_eq!(
                (problem.code, problem.field.as_deref()),
                (ErrorCode::InvalidField, Some("password")),
                "{weak}"
            );
            assert!(problem.message.contains(why), "{weak}: {}", problem.message);
            assert!(
                problem.message.contains("four or five words"),
                "{}",
                problem.message
            );
        }
    }

    #[test]
    fn words_that_have_nothing_to_do_with_each_other_are_enough() {
        for good in [
            "velvet anchor cinnamon orbit",
            "näher 🐕 Kürbis",
            "kT9#vLq2!xZp8$wR",
        ] {
            assert!(judged(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_is_known_of_its_owner_makes_a_password_weak() {
        let stranger = Email::new("bob@example.org").unwrap();
        let password = "zumbrovillemarlowe";
        judge(&Password::new(password.into()).unwrap(), &stranger, None).unwrap();
        judged(password).unwrap_err();
        judged("ann.marlowe@zumbroville.example").unwrap_err();
    }
}
