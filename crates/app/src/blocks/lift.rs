//! Lifting a block.

use romp_domain::calls::Unblock;
use romp_domain::{Block, ErrorCode, Problem};

use crate::App;

/// Lifts it. The row stays: so whoever blocks the family again, and did not know of this, is not overruled.
pub(crate) fn lift(app: &App, call: Unblock) -> Result<(), Problem> {
    app.store.write(|writer| {
        let block: Block = writer.get(call.pet.0)?.ok_or(ErrorCode::NotFound)?;
        let lifted = Block {
            blocked: false,
            ..block
        };
        writer.put(call.pet.0, &lifted)?;
        Ok(())
    })
}
