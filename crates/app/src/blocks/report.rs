//! Telling whoever runs the server about a family that is kept away.

use romp_domain::calls::Report;
use romp_domain::{Block, ErrorCode, Problem};

use crate::App;

/// Writes it into the block: it is sent with the next exchange.
pub(crate) fn report(app: &App, call: Report) -> Result<(), Problem> {
    app.store.write(|writer| {
        let block: Block = writer.get(call.pet.0)?.ok_or(ErrorCode::NotFound)?;
        let reported = Block {
            report: Some(call.text),
            ..block
        };
        writer.put(call.pet.0, &reported)?;
        Ok(())
    })
}
