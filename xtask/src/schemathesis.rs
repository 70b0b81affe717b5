//! `cargo xtask schemathesis`: a server with a demo family is asked thousands of things that its description allows, and
//! does not allow, signed in as an owner, as a child, and not. Nothing may make it fail, and every reply has to be as it is described.
//!
//! Requests are counted in the server's own log. Event streams are not asked for with a session: they do not end.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use clap::Args;

use crate::cargo::cargo;
use crate::steps::{self, Steps};
use crate::system::{self, Need};
use crate::{Outcome, children, place, python};

/// The version this was written with.
const VERSION: &str = "schemathesis==4.32.5";

/// What is demanded of every reply.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

/// Examples per endpoint and round: a round takes about a quarter of a minute.
const EXAMPLES: &str = "40";

/// Households of the neighbourhood.
const HOUSEHOLDS: &str = "60";

/// The demo household's owner.
const SIGN_IN: &str = r#"{"email":"demo@romp.example","password":"romp-demo-password","device":{"id":"00000000-0000-0000-0000-0000000000aa","name":"Questions"}}"#;

#[derive(Args, Default)]
pub(crate) struct Options {
    /// Requests at least; without it, one round of each kind
    #[arg(long, value_name = "N", default_value_t = 0)]
    requests: usize,
    /// The first round's seed; every round after has the next one
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

pub(crate) fn schemathesis(options: &Options) -> Outcome {
    let mut steps = Steps::new();
    steps.step("System packages", || {
        system::install(&[Need::Build, Need::Python])
    })?;
    steps.step("The server", || {
        steps::run(&mut cargo(["build", "--package", "romp-server"]))
    })?;
    let _ended_with_this = children::EndAll::on_interrupt()?;
    let asked = ask(&mut steps, options)?;
    steps.print_times();
    println!("{asked} requests, none of which made the server fail");
    Ok(())
}

/// Asks, and returns how often. The server's program must have been built.
pub(crate) fn ask(steps: &mut Steps, options: &Options) -> Outcome<usize> {
    let folder = place::target().join("schemathesis");
    let program = steps.step("Schemathesis", || {
        let programs = python::environment("schemathesis", VERSION)?;
        Ok(programs.join("schemathesis"))
    })?;
    let log = folder.join("server.log");
    let address = steps.step("A server with a demo family", || start(&folder, &log))?;
    let mut asked = 0;
    steps.step("Asking", || {
        // Once: the questions use up what one place may guess.
        let token = sign_in(&address)?;
        let child = pair(&address, &token)?;
        for seed in options.seed.. {
            // An owner's questions end all other sessions sooner or later: the first round has a child.
            if still_signed_in(&address, &child).is_ok() {
                round(&program, &address, &child, seed, Who::Child)?;
                still_signed_in(&address, &child)?;
            }
            round(&program, &address, &token, seed, Who::Owner)?;
            // Without any token it would try to register by itself.
            round(&program, &address, &"0".repeat(64), seed, Who::Stranger)?;
            still_signed_in(&address, &token)?;
            asked = judge(&log)?;
            if asked >= options.requests {
                break;
            }
        }
        Ok(())
    })?;
    Ok(asked)
}

fn start(folder: &Path, log: &Path) -> Outcome<String> {
    let failed = |error: std::io::Error| format!("{} cannot be written: {error}", folder.display());
    let data = folder.join("data");
    if data.exists() {
        fs::remove_dir_all(&data).map_err(failed)?;
    }
    fs::create_dir_all(&data).map_err(failed)?;
    let database = data.join("romp.sqlite");
    let demo = place::root().join("assets/demo");
    let server = place::program("romp-server");
    let mut fill = Command::new(&server);
    fill.arg("demo")
        .arg("--pets")
        .arg(demo.join("seattle-pets.csv"))
        .arg("--places")
        .arg(demo.join("zip-centroids.csv"))
        .arg("--database")
        .arg(&database)
        .args(["--households", HOUSEHOLDS]);
    steps::run(&mut fill)?;
    let mut serve = Command::new(&server);
    serve
        .args(["serve", "--unlimited", "--listen", "127.0.0.1:0", "--database"])
        .arg(&database)
        .env("ROMP_LOG", "info")
        .env("ROMP_LOG_FORMAT", "json")
        .stderr(File::create(log).map_err(failed)?);
    children::start_and_await(&mut serve, "listening on http://")
}

/// One request of our own, and its reply, headers and all.
fn exchange(address: &str, request: &str) -> Outcome<String> {
    let lost = |error: std::io::Error| format!("The server does not answer: {error}");
    let mut stream = TcpStream::connect(address).map_err(lost)?;
    stream.write_all(request.as_bytes()).map_err(lost)?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).map_err(lost)?;
    Ok(reply)
}

/// One call of our own, and what its reply has for `field`.
fn call(address: &str, path: &str, token: &str, body: &str, field: &str) -> Outcome<String> {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: romp\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let reply = exchange(address, &request)?;
    let found = reply.split_once(&format!("\"{field}\":\""));
    let found = found.and_then(|(_, rest)| rest.split('"').next());
    found
        .map(str::to_owned)
        .ok_or_else(|| format!("{path} answers without “{field}”: {reply}"))
}

/// The demo family's owner: a new session's token.
fn sign_in(address: &str) -> Outcome<String> {
    call(address, "/v1/sign-in", "", SIGN_IN, "token")
}

/// A child's tablet of that family: its session's token.
fn pair(address: &str, owner: &str) -> Outcome<String> {
    let asked = r#"{"role":"child","password":"romp-demo-password"}"#;
    let code = call(address, "/v1/pairings", owner, asked, "code")?;
    let device = r#"{"id":"00000000-0000-0000-0000-0000000000bb","name":"A child's questions"}"#;
    let body = format!(r#"{{"code":"{code}","device":{device}}}"#);
    call(address, "/v1/pair", "", &body, "token")
}

/// A session that had ended would have been asked nothing of interest.
fn still_signed_in(address: &str, token: &str) -> Outcome {
    let request = format!(
        "GET /v1/sessions HTTP/1.1\r\nHost: romp\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let reply = exchange(address, &request)?;
    // Only owners are told; nobody is told without a session.
    if reply.starts_with("HTTP/1.1 200") || reply.starts_with("HTTP/1.1 403") {
        Ok(())
    } else {
        Err(format!("The session did not outlive the questions: {reply}"))
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The demo family's owner.
    Owner,
    /// A tablet of its children.
    Child,
    /// Somebody with a token that he made up.
    Stranger,
}

fn round(program: &Path, address: &str, token: &str, seed: u64, who: Who) -> Outcome {
    let header = format!("Authorization: Bearer {token}");
    let mut command = Command::new(program);
    command
        .args(["run", &format!("http://{address}/v1/openapi.json")])
        .args(["--phases", "coverage,fuzzing", "--checks", CHECKS])
        .args(["--max-examples", EXAMPLES, "--seed", &seed.to_string()])
        .args(["--workers", "1", "--continue-on-failure", "--warnings", "off"])
        .args(["--header", &header])
        // It keeps notes where it is started.
        .current_dir(place::root().join("target/schemathesis"));
    if who != Who::Stranger {
        // These would never end, or end the session.
        for word in ["events", "sign_out"] {
            command.args(["--exclude-operation-id", word]);
        }
    }
    println!("\nSeed {seed}, {who:?}");
    steps::run(&mut command).map_err(|_| {
        format!("The server failed, or a reply was not as it is described (seed {seed}, {who:?}); see above.")
    })
}

/// The number of requests in the log; none of them may have made the server fail.
fn judge(log: &Path) -> Outcome<usize> {
    let text = fs::read_to_string(log).map_err(|error| format!("{}: {error}", log.display()))?;
    count(&text).map_err(|line| format!("The server failed: {line}"))
}

fn count(log: &str) -> Result<usize, String> {
    let mut all = 0;
    for line in log
        .lines()
        .filter(|line| line.contains(r#""message":"answered""#))
    {
        all += 1;
        if line.contains(r#""status":5"#) {
            return Err(line.to_owned());
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_and_a_failure_is_found() {
        let good = r#"{"message":"answered","status":401}"#;
        let other = r#"{"message":"signed in","status":500}"#;
        assert_eq!(count(&format!("{good}\n{other}\n{good}\n")), Ok(2));
        let bad = r#"{"message":"answered","status":503}"#;
        assert_eq!(count(&format!("{good}\n{bad}\n")), Err(bad.to_owned()));
    }
}
