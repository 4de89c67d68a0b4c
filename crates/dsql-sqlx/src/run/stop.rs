//! A run that is asked to stop.

use std::fmt;
use std::pin::Pin;

use futures_util::FutureExt as _;

/// What asks for the stop, looked at where a run can be left.
pub(crate) struct Stop {
    when: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    is_asked: bool,
}

impl Stop {
    pub(crate) fn new(when: Option<Pin<Box<dyn Future<Output = ()> + Send>>>) -> Self {
        Self {
            when,
            is_asked: false,
        }
    }

    pub(crate) fn never() -> Self {
        Self::new(None)
    }

    pub(crate) fn is_asked(&mut self) -> bool {
        if let Some(when) = &mut self.when
            && when.now_or_never().is_some()
        {
            self.when = None;
            self.is_asked = true;
        }
        self.is_asked
    }

    /// Returns when it is asked for.
    pub(crate) async fn asked(&mut self) {
        if let Some(when) = &mut self.when {
            when.await;
            self.when = None;
            self.is_asked = true;
        }
        if !self.is_asked {
            std::future::pending::<()>().await;
        }
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stop")
    }
}
