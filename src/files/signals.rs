//! The signals that end a program: here they end its work, so that nothing half made is left.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use std::io;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// What signals have said.
#[derive(Debug)]
pub struct Signals {
    /// Set by the signals that end a program.
    interrupted: Arc<AtomicBool>,
    /// Set when all that is left is copying to a reader: from then on a signal ends the program at once.
    copying: Arc<AtomicBool>,
}

impl Signals {
    /// Whether the program was told to end.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// From here on a signal ends the program at once.
    pub fn end_at_once(&self) {
        self.copying.store(true, Ordering::Relaxed);
    }
}

/// From the first call on, the signals that would end the program are noted; and a file that grows too large is
/// an error like any other. A second signal ends the program at once.
///
/// # Errors
/// The system does not let a program listen.
pub fn listen() -> io::Result<&'static Signals> {
    static SIGNALS: OnceLock<io::Result<Signals>> = OnceLock::new();
    match SIGNALS.get_or_init(register) {
        Ok(signals) => Ok(signals),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    }
}

fn register() -> io::Result<Signals> {
    let (interrupted, copying) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        for flag in [&interrupted, &copying] {
            flag::register_conditional_shutdown(signal, 1, Arc::clone(flag))?;
        }
        flag::register(signal, Arc::clone(&interrupted))?;
    }
    // nobody looks at this one: it is enough that the signal does not kill
    flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
    Ok(Signals { interrupted, copying })
}
