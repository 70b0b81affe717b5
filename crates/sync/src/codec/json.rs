//! JSON that anybody may have sent, as one of the wire types, or a problem with a sentence.
//!
//! What was sent is never repeated, except the name of a field, cut short: it may be a password in the wrong place.

use romp_domain::text::told;
use romp_domain::{ErrorCode, Invalid, InvalidReason, Problem};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// Reads one JSON value and nothing after it.
///
/// # Errors
/// `bad_request` for what is no JSON or has another form; `invalid_field` and `unknown_field` name the field.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| bad("What was sent is not valid UTF-8."))?;
    // A list would be read as the fields in their order, without anybody having named them.
    if text.trim_start().starts_with('[') {
        return Err(formless());
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| explain(&error.path().to_string(), error.inner()))?;
    reader
        .end()
        .map_err(|_| bad("There is something after the end of the JSON."))?;
    Ok(value)
}

fn explain(path: &str, error: &serde_json::Error) -> Problem {
    if error.classify() != Category::Data {
        let (line, column) = (error.line(), error.column());
        return bad(format!(
            "What was sent is not valid JSON (line {line}, column {column})."
        ));
    }
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(text, _)| text);
    if let Some(name) = quoted(message, "unknown field `") {
        return Invalid::new(joined(path, name), InvalidReason::Unknown).into();
    }
    if let Some(name) = quoted(message, "missing field `") {
        return Invalid::new(joined(path, name), InvalidReason::Missing).into();
    }
    let field = joined(path, "");
    if field.is_empty() {
        return formless();
    }
    if is_a_rule(message) {
        let field = Some(field);
        let message = format!("“{}” {}.", field.as_deref().unwrap_or_default(), told(message));
        return Problem {
            field,
            ..Problem::saying(ErrorCode::InvalidField, message)
        };
    }
    // Everything before the last "expected" may repeat what was sent; what follows it is ours.
    let why = match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {}", told(expected)),
        None => "it is not of the right form".to_owned(),
    };
    Invalid::new(field, InvalidReason::Unreadable(why)).into()
}

/// The name that follows `start`, up to its closing quote.
fn quoted<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    message
        .strip_prefix(start)?
        .rsplit_once('`')
        .map(|(name, _)| name.split('`').next().unwrap_or(name))
}

/// Whether a message is the sentence of one of the domain's rules. They repeat nothing of what was sent.
fn is_a_rule(message: &str) -> bool {
    const RULES: [&str; 5] = ["must ", "can have ", "needs ", "is not ", "does not fit "];
    RULES.iter().any(|start| message.starts_with(start))
}

/// Where in the body, in the dots and brackets that programmers write.
fn joined(path: &str, name: &str) -> String {
    match (path, name) {
        (".", name) => told(name),
        (path, "") => told(path),
        // The reader may stop at the unknown name itself, or at what it is in.
        (path, name) if path == name || path.ends_with(&format!(".{name}")) => told(path),
        (path, name) => told(&format!("{path}.{name}")),
    }
}

fn formless() -> Problem {
    bad("What was sent does not have the form that belongs here.")
}

/// What was sent is not what was asked for.
pub fn bad(sentence: impl Into<String>) -> Problem {
    Problem::saying(ErrorCode::BadRequest, sentence)
}

#[cfg(test)]
mod tests {
    use romp_domain::wire::{RegisterRequest, SyncRequest};
    use serde_json::{Value, json};

    use super::*;

    fn register() -> Value {
        json!({
            "email": "ann@example.org", "password": "correct horse", "name": "Ann",
            "device": {"id": "00000000-0000-0000-0000-000000000001", "name": "Tablet"}
        })
    }

    fn problem(pointer: &str, value: Value) -> Problem {
        let mut body = register();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
        parse::<RegisterRequest>(body.to_string().as_bytes()).unwrap_err()
    }

    fn summary(problem: &Problem) -> (ErrorCode, Option<&str>, &str) {
        (problem.code, problem.field.as_deref(), problem.message.as_str())
    }

    #[test]
    fn a_good_body_is_read() {
        parse::<RegisterRequest>(register().to_string().as_bytes()).unwrap();
    }

    #[test]
    fn the_field_and_the_rule_are_named() {
        use ErrorCode::{InvalidField, UnknownField};
        let cases = [
            (
                "/role",
                json!("owner"),
                UnknownField,
                "role",
                "“role” is not known.",
            ),
            (
                "/device/role",
                json!(1),
                UnknownField,
                "device.role",
                "“device.role” is not known.",
            ),
            (
                "/password",
                json!("short"),
                InvalidField,
                "password",
                "“password” needs 8 characters at least.",
            ),
            (
                "/name",
                json!("x".repeat(61)),
                InvalidField,
                "name",
                "“name” can have 60 characters at most.",
            ),
            (
                "/email",
                json!("ann"),
                InvalidField,
                "email",
                "“email” is not an e-mail address.",
            ),
            (
                "/name",
                json!(7),
                InvalidField,
                "name",
                "“name” cannot be read: expected a string.",
            ),
            (
                "/device/name",
                json!(" "),
                InvalidField,
                "device.name",
                "“device.name” must not be empty.",
            ),
        ];
        for (pointer, value, code, field, message) in cases {
            assert_eq!(summary(&problem(pointer, value)), (code, Some(field), message));
        }
        let mut incomplete = register();
        incomplete.as_object_mut().unwrap().remove("email");
        let missing = parse::<RegisterRequest>(incomplete.to_string().as_bytes()).unwrap_err();
        assert_eq!(
            summary(&missing),
            (InvalidField, Some("email"), "“email” is missing.")
        );
    }

    #[test]
    fn what_was_sent_is_not_repeated() {
        let secret = "hunter2 hunter2, expected hunter2 at line 1";
        for pointer in ["/device", "/device/id", "/device/name"] {
            let told = problem(pointer, json!({"nested": [secret]}));
            assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
            let told = problem(pointer, json!(secret.repeat(3)));
            assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
        }
        let long = problem(&format!("/{}\u{202E}", "x".repeat(10_000)), json!(1));
        assert_eq!(long.code, ErrorCode::UnknownField);
        assert!(
            long.message.len() < 200 && !long.message.contains('\u{202E}'),
            "{long:?}"
        );
    }

    #[test]
    fn what_is_not_json_is_said_to_be_none() {
        let deep = "[".repeat(10_000);
        let good = register().to_string();
        let bad_bodies: [&[u8]; 11] = [
            b"",
            b"{",
            b"[]",
            br#" ["invitation", "ann@example.org", "correct horse", "Ann", {}]"#,
            b"null",
            b"\"text\"",
            b"{\"email\": NaN}",
            b"{\"email\": \"\xFF\xFE\"}",
            b"{\"email\": \"\\ud800\"}",
            deep.as_bytes(),
            &[good.as_bytes(), b"{}"].concat(),
        ];
        for body in bad_bodies {
            let problem = parse::<RegisterRequest>(body).unwrap_err();
            assert!(
                problem.code == ErrorCode::BadRequest || body == b"[]",
                "{problem:?}"
            );
            assert!(problem.message.ends_with('.'));
        }
    }

    #[test]
    fn numbers_beyond_their_type_are_refused() {
        for cursor in ["-1", "18446744073709551616", "1.5", "1e400", "\"1\""] {
            let body = format!(r#"{{"protocol":1,"clock":0,"cursor":{cursor}}}"#);
            let problem = parse::<SyncRequest>(body.as_bytes()).unwrap_err();
            assert!([400, 422].contains(&problem.code.status()), "{problem:?}");
        }
        let largest = format!(r#"{{"protocol":1,"clock":0,"cursor":{}}}"#, u64::MAX);
        parse::<SyncRequest>(largest.as_bytes()).unwrap();
    }
}
