//! What the operator or the service manager tells a running server.

use std::io;
use std::sync::Arc;

use romp_server::door::tls::Tls;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(unix)]
use tokio::sync::Mutex;

/// The ways to be asked to stop. From when this is made, the process does not end by itself.
pub(crate) struct Signals {
    #[cfg(unix)]
    both: Mutex<(Signal, Signal)>,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn new() -> io::Result<Self> {
        let both = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self {
            both: Mutex::new(both),
        })
    }

    /// Done when the process is asked to end.
    pub(crate) async fn asked_to_stop(&self) {
        let mut both = self.both.lock().await;
        let (terminated, interrupted) = &mut *both;
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "other systems can refuse")]
    pub(crate) const fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Done when the process is asked to end.
    pub(crate) async fn asked_to_stop(&self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // It cannot be asked; then it runs until it is ended from outside.
            std::future::pending::<()>().await;
        }
    }
}

/// Reads the certificate again whenever somebody says so (SIGHUP).
#[cfg(unix)]
pub(crate) fn renewals(tls: Arc<Tls>) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut asked = signal(SignalKind::hangup())?;
    Ok(async move {
        while asked.recv().await.is_some() {
            match tls.reload() {
                Ok(()) => tracing::info!("the certificate was read again"),
                Err(sentence) => tracing::error!("{sentence} The one before stays in use."),
            }
        }
    })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "other systems can refuse")]
pub(crate) fn renewals(_: Arc<Tls>) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(std::future::pending())
}
