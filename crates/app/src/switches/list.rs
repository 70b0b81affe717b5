//! All switches, as owners see them.

use romp_domain::calls::Switches;
use romp_domain::view::{SwitchAuthor, SwitchView};
use romp_domain::{Child, DeviceId, Kind, Problem, Switch, SwitchId, SwitchScope};
use romp_store::Reader;
use uuid::Uuid;

use crate::App;

/// The switches: what is in force first, then the newest.
pub(crate) fn list(app: &App, _: &Switches) -> Result<Vec<SwitchView>, Problem> {
    app.store.read(|reader| {
        let known = app.known(&reader)?;
        let mut views = Vec::new();
        for (id, switch) in &known.switches {
            let until = switch.force(&known.zone, known.now);
            let child = match switch.scope {
                SwitchScope::Child { child } => reader.get::<Child>(child.0)?.map(|child| child.nickname),
                _ => None,
            };
            views.push(SwitchView {
                id: *id,
                switch: switch.clone(),
                author: author(&reader, *id, switch)?,
                in_force: until.is_some(),
                until: until.and_then(romp_domain::switch::Until::instant),
                child,
            });
        }
        views.sort_by_key(|view| (!view.in_force, std::cmp::Reverse(view.switch.starts_at), view.id));
        Ok(views)
    })
}

/// The author as the server wrote it. What it has not got yet was made here.
fn author(reader: &Reader<'_>, id: SwitchId, switch: &Switch) -> Result<SwitchAuthor, Problem> {
    let here: DeviceId = reader.this_device()?;
    let told = |id: Uuid| -> Result<bool, Problem> {
        let fields = reader.fields(Kind::Switch, id)?;
        Ok(fields.is_some_and(|fields| fields.0.contains_key("author")))
    };
    Ok(match switch.author {
        Some(device) if device == here => SwitchAuthor::Here,
        Some(device) => SwitchAuthor::Device { device },
        None if told(id.0)? => SwitchAuthor::Romp,
        None => SwitchAuthor::Here,
    })
}
