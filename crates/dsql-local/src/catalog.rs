//! What every cluster holds before its first client comes: the `admin` role, the `sys` schema, and the answers of
//! the service to questions about itself.

use std::io;

use crate::upstream::{Address, ConnectError, Upstream};

/// What `SHOW server_version` answers (recorded on the service 2026-09-15).
pub(crate) const SERVER_VERSION: &str = "16.15";

/// The one database of a cluster.
pub(crate) const DATABASE: &str = "postgres";

/// The role that owns a cluster. Not a superuser.
pub(crate) const ADMIN: &str = "admin";

/// Changes whenever [`BOOTSTRAP`] does in a way that an existing data directory must know of.
pub(crate) const BOOTSTRAP_VERSION: &str = "3";

/// Run once, as superuser, in the database `postgres` of a new data directory.
pub(crate) const BOOTSTRAP: &str = concat!(
    include_str!("bootstrap.sql"),
    include_str!("bootstrap/types.sql"),
    include_str!("bootstrap/iam.sql"),
    include_str!("bootstrap/catalogs.sql"),
);

/// A connection that may do everything, for the cluster's own business.
pub(crate) async fn connect_as_superuser(address: &Address) -> io::Result<Upstream> {
    let parameters = [
        ("user", address.superuser.as_str()),
        ("database", DATABASE),
        ("application_name", "dsql local"),
    ];
    match Upstream::connect(address, &parameters).await {
        Ok((upstream, _greeting)) => Ok(upstream),
        Err(ConnectError::Refused(error)) => Err(io::Error::other(error.message)),
        Err(ConnectError::Io(error)) => Err(error),
    }
}
