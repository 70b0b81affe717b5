//! Outgoing mail: a way out, a sender, and three threads that work after the answers. One looks up what there is to send,
//! so that what waits for that, on which an answer may depend, tells nothing of what is sent. One sends the codes for
//! another password, so that no crowd of others keeps them; one sends all else.
//!
//! Ways out: a mail server (`smtps://…` encrypted from the first byte; `smtp://…` encrypted before anything is told,
//! but on this very machine, unless it says `?tls=required`), or a folder (`file:/path`), in which every mail is a file, for development and tests.
//! What is written is in `letters`, what is not taken is offered once more by `again`,
//! how many go to one address in `limits`. Deliberately absent: HTML, pictures, links, anything that a stranger could put
//! into somebody else's mail, and mails about children.

mod again;
mod letters;
mod limits;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, MIME_VERSION_1_0};
use lettre::{FileTransport, Message, SmtpTransport, Transport};
use romp_domain::Problem;
use romp_domain::text::Email;

use self::again::{Again, Fate, Waiting};
use crate::later::Later;
pub(crate) use letters::Letter;
pub(crate) use limits::{Limits, Why};

/// How long a mail server may take to answer each step.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is wrong with what the operator said about mail. Repeats nothing of it: there may be a password in it.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Neither a mail server nor a folder.
    #[error("mail goes out through smtps://…, smtp://… or file:/path; what was given is none of these")]
    Way,
    /// The sender is not an address.
    #[error("the sender of mail must be an address, such as “Romp <romp@example.org>”")]
    Sender,
    /// No folder to write into.
    #[error("the folder for mail cannot be made: {0}")]
    Folder(io::Error),
    /// No thread.
    #[error("no thread for mail: {0}")]
    Thread(io::Error),
}

enum Way {
    Server(SmtpTransport),
    Folder(FileTransport),
}

struct Post {
    way: Way,
    from: Mailbox,
}

/// The way out. Clones share it.
#[derive(Clone)]
pub struct Mail {
    post: Arc<Post>,
    lookups: Later,
    resets: Later,
    others: Later,
    again: Again,
}

/// There may be a password in it.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.post.way {
            Way::Server(_) => "Mail(server)",
            Way::Folder(_) => "Mail(folder)",
        })
    }
}

impl Mail {
    /// Mail through `way`, from `sender`. Nothing is sent yet, and no connection made.
    pub fn through(way: &str, sender: &str) -> Result<Self, MailError> {
        let from = sender.parse().map_err(|_| MailError::Sender)?;
        let way = match way.strip_prefix("file:") {
            Some(folder) => {
                private_folder(Path::new(folder)).map_err(MailError::Folder)?;
                Way::Folder(FileTransport::new(folder))
            }
            None => Way::Server(server(way)?),
        };
        let post = Arc::new(Post { way, from });
        let once_more = Arc::clone(&post);
        Ok(Self {
            again: Again::start(move |to, letter| once_more.send(to, letter)).map_err(MailError::Thread)?,
            post,
            lookups: Later::start("mail-lookups").map_err(MailError::Thread)?,
            resets: Later::start("mail-resets").map_err(MailError::Thread)?,
            others: Later::start("mail").map_err(MailError::Thread)?,
        })
    }

    /// Has a letter sent after the answer; later, where the mail server does not take it now.
    ///
    /// # Errors
    /// `Unavailable` where too many wait.
    pub(crate) fn send(&self, to: Email, letter: Letter) -> Result<(), Problem> {
        let post = Arc::clone(&self.post);
        let (again, made) = (self.again.clone(), Instant::now());
        let thread = match letter {
            Letter::Reset { .. } => &self.resets,
            Letter::Verify { .. } | Letter::Invite { .. } | Letter::PasswordChanged => &self.others,
        };
        thread.run(move || {
            if matches!(post.send(&to, &letter), Fate::Later | Fate::Closed) {
                again.keep(Waiting::new(to, letter, made));
            }
        })
    }

    /// Has something looked up after the answer, and a letter sent if something comes of it. Where too many letters wait,
    /// this one is lost: nobody may learn from an answer whether there was something to send.
    ///
    /// # Errors
    /// `Unavailable` where too many wait to be looked up.
    pub(crate) fn send_if(
        &self,
        find: impl FnOnce() -> Option<(Email, Letter)> + Send + 'static,
    ) -> Result<(), Problem> {
        let mail = self.clone();
        self.lookups.run(move || {
            if let Some((to, letter)) = find()
                && let Err(problem) = mail.send(to, letter)
            {
                tracing::warn!(
                    code = problem.code.word(),
                    "a letter that was asked for was not sent"
                );
            }
        })
    }

    /// Waits until everything that waits now was offered, at most so long. Returns whether it was.
    pub fn settle(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        // What is looked up may have to be sent.
        let left = || end.saturating_duration_since(Instant::now());
        self.lookups.settle(patience) && self.resets.settle(left()) && self.others.settle(left())
    }
}

impl Post {
    /// Offers a letter, now. What goes wrong is logged, without the address or the server's words, which repeat it.
    fn send(&self, to: &Email, letter: &Letter) -> Fate {
        let what = letter.name();
        let Some(message) = self.message(to, letter) else {
            tracing::error!(what, "a mail could not be written");
            return Fate::Refused;
        };
        match &self.way {
            Way::Folder(folder) => {
                let written = folder.send(&message).is_ok();
                tracing::info!(what, written, "mail for the folder");
                if written { Fate::Sent } else { Fate::Later }
            }
            Way::Server(server) => match server.send(&message) {
                Ok(_) => {
                    tracing::info!(what, "mail sent");
                    Fate::Sent
                }
                Err(error) => {
                    let fate = fate(&error);
                    tracing::error!(
                        what,
                        status = error.status().map(tracing::field::display),
                        timeout = error.is_timeout(),
                        tls = error.is_tls(),
                        again = fate != Fate::Refused,
                        "a mail was not taken by the mail server"
                    );
                    fate
                }
            },
        }
    }

    fn message(&self, to: &Email, letter: &Letter) -> Option<Message> {
        let to = Mailbox::new(None, to.as_str().parse().ok()?);
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject())
            // Some mail servers take no mail without one.
            .message_id(None)
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text())
            .ok()
    }
}

/// A folder that nobody else on this computer can read, where the system knows owners and their rights: there are codes
/// in what is put there. One that is there already loses others' rights.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let rights = std::fs::metadata(path)?.permissions().mode();
        if rights & 0o077 != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(rights & 0o7700))?;
        }
    }
    Ok(())
}

/// What a failure means for this letter, and for others.
fn fate(error: &lettre::transport::smtp::Error) -> Fate {
    if error.is_client() {
        // The server does not take such an address: it is this letter's fault.
        return Fate::Refused;
    }
    match error.status().map(u16::from) {
        // Silence; or "who are you?", the operator's mistake, and soon mended (RFC 4954, 6).
        None | Some(530 | 534 | 535 | 538) => Fate::Closed,
        Some(500..) => Fate::Refused,
        // Try again (RFC 5321, 4.2.1).
        Some(_) => Fate::Later,
    }
}

/// A mail server. What goes to another machine is encrypted.
fn server(url: &str) -> Result<SmtpTransport, MailError> {
    let (scheme, rest) = url.split_once("://").ok_or(MailError::Way)?;
    if rest.contains(['#', '\\']) {
        return Err(MailError::Way);
    }
    // Whatever the URL says of TLS: it may demand it, and not turn it off.
    let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
    let demanded = options == "tls=required";
    let url = match scheme {
        "smtps" => format!("smtps://{rest}"),
        "smtp" if is_this_machine(rest) && !demanded => format!("smtp://{rest}"),
        "smtp" => format!("smtp://{rest}?tls=required"),
        _ => return Err(MailError::Way),
    };
    let builder = SmtpTransport::from_url(&url).map_err(|_| MailError::Way)?;
    Ok(builder.timeout(Some(PATIENCE)).build())
}

/// Whether `user:password@host:port/…` is about this machine.
fn is_this_machine(rest: &str) -> bool {
    let place = rest.split('/').next().unwrap_or_default();
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    let host = match place.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The mails in a folder, oldest first, each as its text.
    pub(crate) fn mails_in(folder: &Path) -> Vec<String> {
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .collect();
        files.sort_by_key(|file| file.metadata().unwrap().modified().unwrap());
        files
            .iter()
            .map(|file| std::fs::read_to_string(file.path()).unwrap())
            .collect()
    }

    #[test]
    fn a_mail_into_a_folder_is_a_file_with_sender_receiver_and_code() {
        let folder = tempfile::tempdir().unwrap();
        let way = format!("file:{}", folder.path().join("out").display());
        let mail = Mail::through(&way, "Romp <romp@example.org>").unwrap();
        let to = Email::new("ann@example.org").unwrap();
        let code = "ABCD2345".to_owned();
        mail.send(to, Letter::Verify { code }).unwrap();
        assert!(mail.settle(Duration::from_mins(1)));
        let mails = mails_in(&folder.path().join("out"));
        assert_eq!(mails.len(), 1);
        for part in [
            "From: Romp <romp@example.org>",
            "To: ann@example.org",
            "Subject: ",
            "ABCD2345",
        ] {
            assert!(mails[0].contains(part), "{part} in {}", mails[0]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_codes_in_a_folder_of_mail_whoever_made_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        for loosened in [false, true] {
            if loosened {
                std::fs::set_permissions(&out, std::fs::Permissions::from_mode(0o755)).unwrap();
            }
            Mail::through(&format!("file:{}", out.display()), "romp@example.org").unwrap();
            let mode = std::fs::metadata(&out).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }

    #[test]
    fn row_19_that_too_much_waits_to_be_sent_is_not_told_to_whoever_asks_for_a_look_up() {
        let folder = tempfile::tempdir().unwrap();
        let way = format!("file:{}", folder.path().display());
        let mail = Mail::through(&way, "romp@example.org").unwrap();
        let (go, wait) = std::sync::mpsc::sync_channel::<()>(0);
        let (start, started) = std::sync::mpsc::sync_channel(1);
        let slow = move || {
            let _ = start.send(());
            let _ = wait.recv();
        };
        mail.resets.run(slow).unwrap();
        started.recv().unwrap();
        let letter = || {
            let code = "ABCD2345".to_owned();
            (Email::new("ann@example.org").unwrap(), Letter::Reset { code })
        };
        while mail.resets.run(|| ()).is_ok() {}
        for _ in 0..1_000 {
            mail.send_if(move || Some(letter())).unwrap();
            assert!(mail.lookups.settle(Duration::from_mins(1)));
        }
        drop(go);
        while !mail.settle(Duration::from_mins(1)) {
            std::thread::yield_now();
        }
        assert_eq!(mails_in(folder.path()).len(), 0, "dropped, and nothing piled up");
        mail.send_if(move || Some(letter())).unwrap();
        assert!(mail.settle(Duration::from_mins(1)));
        assert_eq!(mails_in(folder.path()).len(), 1);
    }

    #[test]
    fn what_is_no_way_out_is_refused_without_being_repeated() {
        for way in ["", "smtp", "http://SECRET@example.org", "SECRET", "ftp://SECRET"] {
            let error = Mail::through(way, "romp@example.org").unwrap_err();
            assert!(
                !format!("{error} {error:?}").contains("SECRET"),
                "{way}: {error:?}"
            );
        }
        assert!(matches!(
            Mail::through("smtps://mail.example.org", "nobody"),
            Err(MailError::Sender)
        ));
        let mail = Mail::through("smtps://ann:SECRET@mail.example.org", "romp@example.org").unwrap();
        assert!(!format!("{mail:?}").contains("SECRET"));
    }

    #[test]
    fn nothing_goes_to_another_machine_in_the_clear() {
        for here in [
            "localhost:25",
            "127.0.0.1",
            "[::1]:2525",
            "user:pass@127.0.0.1:25/x",
        ] {
            assert!(is_this_machine(here), "{here}");
        }
        for elsewhere in [
            "mail.example.org",
            "localhost.example.org",
            "127.0.0.1@mail.example.org",
            "user:127.0.0.1@10.0.0.1:25",
        ] {
            assert!(!is_this_machine(elsewhere), "{elsewhere}");
            let opened = server(&format!("smtp://{elsewhere}?tls=opportunistic")).unwrap();
            let printed = format!("{opened:?}");
            assert!(!printed.contains("Opportunistic"), "{printed}");
        }
    }
}
