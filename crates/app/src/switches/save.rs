//! Making, changing, lifting and removing switches. None of it can be switched off.

use romp_domain::calls::{SwitchLift, SwitchRemove, SwitchSave};
use romp_domain::switch::MOST_SWITCHES;
use romp_domain::{Entity, ErrorCode, Fields, Kind, Problem, Switch, SwitchId};
use romp_store::Writer;
use serde_json::json;

use crate::App;

/// Stores a switch that is on. Whose it is, the server writes.
pub(crate) fn save(app: &App, call: SwitchSave) -> Result<SwitchId, Problem> {
    app.store.write(|writer| {
        let before = match call.id {
            Some(id) => Some(there(&writer, id)?),
            None => None,
        };
        if before.is_none() && writer.list::<Switch>()?.len() >= MOST_SWITCHES {
            return Err(Problem::saying(
                ErrorCode::TooLarge,
                "There are too many switches already.",
            ));
        }
        let now = writer.time(app.now())?;
        let starts_at = call
            .starts_at
            .or(before.map(|before| before.starts_at))
            .unwrap_or(now);
        let switch = Switch {
            scope: call.scope,
            operations: call.operations,
            comment: call.comment,
            author: None,
            starts_at,
            ends_at: call.ends_at,
            hours: call.hours,
            on: true,
            zone: None,
        };
        let mut fields = switch.to_fields();
        Switch::read(&fields)?;
        fields.0.retain(|name, _| name != "author" && name != "zone");
        let id = call.id.map_or_else(|| app.ids.make(app.now()), |id| id.0);
        writer.patch(Kind::Switch, id, &fields)?;
        Ok(SwitchId(id))
    })
}

/// Turns a switch off: what it held up goes on.
pub(crate) fn lift(app: &App, call: SwitchLift) -> Result<(), Problem> {
    app.store.write(|writer| {
        there(&writer, call.id)?;
        let off = Fields([("on".to_owned(), json!(false))].into_iter().collect());
        writer.patch(Kind::Switch, call.id.0, &off)?;
        Ok(())
    })
}

/// Removes a switch that a person made.
pub(crate) fn remove(app: &App, call: SwitchRemove) -> Result<(), Problem> {
    app.store.write(|writer| {
        there(&writer, call.id)?;
        let fields = writer.fields(Kind::Switch, call.id.0)?.unwrap_or_default();
        if fields.0.get("author").is_some_and(serde_json::Value::is_null) {
            let sentence = "Romp switched this off by itself. It can be lifted, not removed.";
            return Err(Problem::saying(ErrorCode::Forbidden, sentence));
        }
        writer.remove(Kind::Switch, call.id.0)?;
        Ok(())
    })
}

fn there(writer: &Writer<'_>, id: SwitchId) -> Result<Switch, Problem> {
    writer
        .get::<Switch>(id.0)?
        .ok_or_else(|| ErrorCode::NotFound.into())
}
