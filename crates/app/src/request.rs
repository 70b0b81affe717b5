//! Reading what the UI sent: an exact problem for everything that is not a call.

use romp_domain::calls::{CallName, Request};
use romp_domain::{ErrorCode, Problem};
use serde_json::Value;

/// Reads a call.
pub(crate) fn read(value: Value) -> Result<Request, Problem> {
    let name = value.get("call").and_then(Value::as_str);
    if name.and_then(CallName::from_word).is_none() || !value.get("with").is_some_and(Value::is_object) {
        return Err(Problem::new(ErrorCode::BadRequest));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.inner().to_string();
        let code = if reason.starts_with("unknown field") {
            ErrorCode::UnknownField
        } else {
            ErrorCode::InvalidField
        };
        // "with.pet.name" is about "name"; a path that ends at the call itself names no field.
        let field = path
            .strip_prefix("with.")
            .and_then(|path| path.rsplit('.').next());
        Problem {
            field: field.map(str::to_owned),
            ..match field {
                Some(field) => Problem::saying(code, format!("“{field}” {reason}.")),
                None => Problem::new(code),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn code(value: Value) -> (ErrorCode, Option<String>) {
        let problem = read(value).unwrap_err();
        (problem.code, problem.field)
    }

    #[test]
    fn what_is_not_a_call_is_told_apart() {
        assert_eq!(code(json!(null)).0, ErrorCode::BadRequest);
        assert_eq!(
            code(json!({"call": "drop_tables", "with": {}})).0,
            ErrorCode::BadRequest
        );
        assert_eq!(code(json!({"call": "status"})).0, ErrorCode::BadRequest);
        assert_eq!(
            code(json!({"call": "status", "with": {"x": 1}})).0,
            ErrorCode::UnknownField
        );
    }

    #[test]
    fn a_problem_names_the_field() {
        let pet = |pet| json!({"call": "pet_save", "with": {"id": null, "pet": pet}});
        let long = code(pet(json!({"species": "dog", "name": "x".repeat(51)})));
        assert_eq!(long, (ErrorCode::InvalidField, Some("name".into())));
        let unknown = code(pet(json!({"species": "dog", "household_id": 1})));
        assert_eq!(unknown.0, ErrorCode::UnknownField);
        let zone = json!({"call": "household_save", "with": {"seen": {"zone": "Mars/Olympus", "travel_km": 5, "venues": ["walk"]}}});
        assert_eq!(code(zone), (ErrorCode::InvalidField, Some("zone".into())));
        let hours = json!({"call": "slot_save", "with": {"id": null, "hours": {"weekday": "mon", "start": 600, "end": 540}}});
        let problem = read(hours).unwrap_err();
        assert_eq!(problem.message, "“hours” must end after it starts.");
    }
}
