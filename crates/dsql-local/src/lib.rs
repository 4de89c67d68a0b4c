//! A local Aurora DSQL: a wire server over stock PostgreSQL that answers as the service does.
//!
//! ```
//! # #[tokio::main]
//! # async fn main() -> Result<(), dsql_local::Error> {
//! let cluster = dsql_local::LocalCluster::start().await?;
//! println!("connect to {}", cluster.url());
//! cluster.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! PostgreSQL 15 or newer is looked for in this order: `DSQL_POSTGRES` (a folder of programs), `pg_config`,
//! well-known folders, `PATH`; with the feature `fetch` (on by default) one is fetched into the user's cache when
//! there is none. Started as root, PostgreSQL runs as an unprivileged user. Windows is not supported.
//!
//! What the service refuses is refused with its own SQLSTATE and text, from the rulebook of [`dsql_sql`]. How
//! conflicts are found is told in `docs/local-cluster.md`.

mod accept;
mod cache;
mod catalog;
mod cluster;
mod conflict;
mod door;
mod error;
mod inject;
mod jobs;
mod keys;
mod limits;
#[cfg(any(test, feature = "oracle"))]
#[doc(hidden)]
pub mod oracle;
mod postgres;
mod reach;
mod server;
mod session;
mod status;
mod tls;
mod upstream;
mod wire;

pub use cluster::{Auth, Builder, LocalCluster};
pub use error::Error;
pub use inject::{Fault, FaultCounts, FaultRates, Moment, ParseError, parse_duration};
pub use limits::{Limits, LimitsError};
