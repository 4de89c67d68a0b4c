//! Keeping the pool's token fresh.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dsql_connect::Tokens;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::Mutex;

/// How often, at most, the credentials are looked at again: someone may have
/// replaced them, and a token dies with the session that signed it.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The token that new connections of a pool sign in with.
///
/// The clock is the wall clock, since that is what the service compares the
/// token with and it goes on while the process is frozen.
pub(crate) struct Freshness {
    tokens: Tokens,
    options: PgConnectOptions,
    /// Milliseconds since the epoch at which the token is to be looked at again.
    due: AtomicU64,
    /// When the pool's token expires. Locked while a new one is fetched.
    expires_at: Mutex<Option<SystemTime>>,
    /// The same, readable while that lock is held.
    expires_ms: AtomicU64,
}

impl Freshness {
    pub(crate) fn new(tokens: Tokens, options: PgConnectOptions) -> Self {
        Self {
            tokens,
            options,
            due: AtomicU64::new(0),
            expires_at: Mutex::new(None),
            expires_ms: AtomicU64::new(0),
        }
    }

    /// The options, without a token.
    pub(crate) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// The options of a connection to be made now.
    pub(crate) async fn connect_options(&self) -> Result<PgConnectOptions, dsql_connect::Error> {
        let token = self.tokens.token().await?;
        Ok(self.options.clone().password(token.expose()))
    }

    /// The whole cost of a fresh token where there is nothing to do.
    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        millis(SystemTime::now()) >= self.due.load(Ordering::Relaxed)
    }

    /// Hands the pool a fresh token. Fails only when there is none to be had
    /// and the one that the pool holds has expired.
    pub(crate) async fn refresh(&self, pool: &PgPool) -> Result<(), dsql_connect::Error> {
        // Someone else is at it: while the present token works, go on with it.
        let mut expires_at = match self.expires_at.try_lock() {
            Ok(guard) => guard,
            Err(_) if self.still_works() => return Ok(()),
            Err(_) => self.expires_at.lock().await,
        };
        if !self.is_due() {
            return Ok(());
        }
        match self.tokens.token().await {
            Ok(token) => {
                pool.set_connect_options(self.options.clone().password(token.expose()));
                let expiry = token.expires_at();
                *expires_at = Some(expiry);
                self.expires_ms.store(millis(expiry), Ordering::Relaxed);
                let now = SystemTime::now();
                let left = expiry.duration_since(now).unwrap_or_default();
                self.due
                    .store(millis(now + LOOK_AGAIN.min(left / 2)), Ordering::Relaxed);
                Ok(())
            }
            Err(error) if self.still_works() => {
                tracing::warn!(%error, "no new token; going on with the present one");
                self.due.store(
                    millis(SystemTime::now() + Duration::from_secs(1)),
                    Ordering::Relaxed,
                );
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Long enough to make a connection with.
    fn still_works(&self) -> bool {
        millis(SystemTime::now() + Duration::from_secs(5)) < self.expires_ms.load(Ordering::Relaxed)
    }
}

fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}
