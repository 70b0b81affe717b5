//! An owner's device goes into a child's hands, and is a child's device until it is taken back: also after a restart.

use romp_domain::calls::HandOver;
use romp_domain::{Child, ErrorCode, Problem};

use crate::App;

/// Hands the device over. Only where a PIN is set, because nobody could take it back, and where the family agrees that
/// its children use Romp.
pub(crate) fn hand_over(app: &App, call: &HandOver) -> Result<(), Problem> {
    app.store.write(|writer| {
        if writer.pin()?.is_none() {
            return Err(Problem::new(ErrorCode::PinMissing));
        }
        // Knowing the PIN is no consent (R9).
        if !writer.children_may_use_it()? {
            return Err(Problem::new(ErrorCode::ConsentMissing));
        }
        if let Some(child) = call.child
            && writer.get::<Child>(child.0)?.is_none()
        {
            return Err(Problem {
                field: Some("child".into()),
                ..Problem::new(ErrorCode::NotFound)
            });
        }
        Ok(writer.hand_over(call.child)?)
    })?;
    tracing::info!("handed over");
    Ok(())
}
