//! Forgot the password: a code is mailed to the address, if it is an owner's. The answer does not tell, and neither
//! does the time it takes: everything that depends on the address is done after it.

use std::net::IpAddr;
use std::sync::Arc;

use romp_domain::wire::ForgotPasswordRequest;
use romp_domain::{Problem, UtcMs};

use super::mailed::{is_as_it_was, new_code};
use crate::db::{Db, DbExt, Fault, Purpose};
use crate::env::Random;
use crate::mail::{Letter, Limits, Why};
use crate::server::Server;
use crate::throttle::guesser;

/// Has a code mailed.
///
/// # Errors
/// `MailOff`, `TooMany` (per place), `Unavailable` (too many mails wait). None of them depends on the address.
pub fn forgot_password(server: &Server, from: IpAddr, request: ForgotPasswordRequest) -> Result<(), Problem> {
    let mail = server.mail()?;
    let now = server.clock.now();
    server.codes.count(guesser(from, "forgot"), now)?;
    let desk = Desk {
        db: Arc::clone(&server.db),
        random: Arc::clone(&server.random),
        mails: Arc::clone(&server.mails),
    };
    mail.send_if(move || {
        let email = request.email.clone();
        let letter = desk.letter(request, now)?;
        Some((email, letter))
    })
}

/// What is needed after the answer.
struct Desk {
    db: Arc<dyn Db>,
    random: Arc<dyn Random>,
    mails: Arc<Limits>,
}

impl Desk {
    /// The letter for whoever has the address, unless nobody has it or it got enough of them.
    fn letter(&self, request: ForgotPasswordRequest, now: UtcMs) -> Option<Letter> {
        let email = request.email;
        let found = self.db.read(move |tx| tx.user_by_email(&email)).map_err(told);
        let user = found.ok()?.filter(|user| !user.email.is_freed())?;
        // Only now: addresses that are nobody's must not use up what is remembered of those that are.
        self.mails.count(Why::Reset, &user.email, now).ok()?;
        let (record, secret) = new_code(&*self.random, &user, Purpose::Reset, now);
        let stored = self.db.write(move |tx| {
            let same = is_as_it_was(tx, &user)?;
            if same {
                tx.insert_mail_code(&record, now)?;
            }
            Ok(same)
        });
        let stored = stored.map_err(told).ok()?;
        stored.then(|| Letter::Reset {
            code: secret.into_text(),
        })
    }
}

/// Nobody is there any more to be told but the log.
fn told(fault: Fault) -> Problem {
    let problem = Problem::from(fault);
    tracing::warn!(code = problem.code.word(), "no code could be made");
    problem
}
