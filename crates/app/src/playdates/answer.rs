//! Answering a proposal, or calling a playdate off.

use romp_domain::calls::PlaydateAnswer;
use romp_domain::{ErrorCode, Playdate, PlaydateAct, Problem};

use crate::App;

/// Notes the answer. The playdate shows it as waiting until the server has decided.
pub(crate) fn answer(app: &App, call: PlaydateAnswer) -> Result<(), Problem> {
    app.store.write(|writer| {
        let playdate: Playdate = writer.get(call.id.0)?.ok_or(ErrorCode::NotFound)?;
        if playdate.state.is_final() {
            return Err(Problem::new(ErrorCode::Frozen));
        }
        if playdate.rev != call.expect_rev {
            return Err(Problem::new(ErrorCode::Stale));
        }
        let accepted_before = call.act == PlaydateAct::Accept && playdate.accepted;
        let waiting = writer.waiting_act(call.id)?;
        let says_nothing_new = waiting.map_or(accepted_before, |waiting| waiting == call.act);
        if !says_nothing_new {
            writer.act(call.id, call.act, call.expect_rev)?;
        }
        Ok(())
    })
}
