//! A code that is mailed: what is stored of it, and the letter that carries it.

use romp_domain::text::Email;
use romp_domain::time::MINUTE_MS;
use romp_domain::{ErrorCode, Problem, UserId, UtcMs};

use crate::db::{Fault, MailCodeRecord, Purpose, SecretHash, Tx, UserRecord};
use crate::env::Random;
use crate::mail::{Letter, Mail};
use crate::secrets::{Secret, new_mail_code, typed_mail_code_hash};
use crate::server::Server;
use crate::throttle::Guesser;

/// How long a code works: mail may be slow.
pub(super) const CODE_MS: i64 = 30 * MINUTE_MS;

const WRONG_CODE: &str = "This code does not work. Look for the newest mail, or have another one sent.";

/// A new code on its way. Made before the transaction, which may have to be repeated, and sent after it.
pub(crate) struct Mailed {
    /// What is stored.
    pub(crate) record: MailCodeRecord,
    to: Email,
    secret: Secret,
    mail: Mail,
}

impl Mailed {
    /// A code that proves a user's address, where mail goes out.
    pub(crate) fn if_asked(server: &Server, user: &UserRecord, now: UtcMs) -> Option<Self> {
        let mail = server.settings.mail.clone()?;
        let (record, secret) = new_code(&*server.random, user, Purpose::Verify, now);
        Some(Self {
            record,
            to: user.email.clone(),
            secret,
            mail,
        })
    }

    /// Has the first one to an address sent, unless there were many to it lately, or by whoever gave it: who joins and
    /// leaves in a loop mails nobody without end. Does not tell; there is a way to ask for another one.
    pub(crate) fn send_first(self, server: &Server, by: impl Into<Guesser> + Copy, now: UtcMs) {
        if server.mails.count_first(by, &self.to, now).is_ok() {
            self.send();
        }
    }

    /// Has it sent. That too many wait is no failure of what it was made for: there is a way to ask for another one.
    pub(super) fn send(self) {
        let letter = Letter::Verify {
            code: self.secret.into_text(),
        };
        if let Err(problem) = self.mail.send(self.to, letter) {
            tracing::warn!(code = problem.code.word(), "a code was not mailed");
        }
    }
}

/// A new code for a user.
pub(super) fn new_code(
    random: &dyn Random,
    user: &UserRecord,
    purpose: Purpose,
    now: UtcMs,
) -> (MailCodeRecord, Secret) {
    let (secret, code) = new_mail_code(random, &whose(user.id, purpose));
    let record = MailCodeRecord {
        code,
        household: user.household,
        user: user.id,
        purpose,
        expires_at: now.plus_ms(CODE_MS),
    };
    (record, secret)
}

/// Whether a user has the address that a code is for, and nobody has proved it, or set another one, meanwhile.
pub(super) fn is_as_it_was(tx: &mut dyn Tx, user: &UserRecord) -> Result<bool, Fault> {
    let same = |now: UserRecord| now.email == user.email && now.verified_at == user.verified_at;
    Ok(tx.user(user.id)?.is_some_and(same))
}

/// What would be stored of a user's code as somebody typed it.
pub(super) fn typed(text: &str, user: UserId, purpose: Purpose) -> Result<SecretHash, Problem> {
    typed_mail_code_hash(text, &whose(user, purpose)).map_err(|_| wrong())
}

/// The same answer for every code that does not work.
pub(super) fn wrong() -> Problem {
    Problem::saying(ErrorCode::CodeInvalid, WRONG_CODE)
}

fn whose(user: UserId, purpose: Purpose) -> String {
    format!("{} {}", purpose.word(), user.0)
}

#[cfg(test)]
mod tests;
