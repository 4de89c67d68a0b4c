//! PostgreSQL's wire protocol, version 3, as far as a server that stands between a client and a server needs it:
//! frames are cut, looked into where a decision hangs on it, and otherwise handed on as they came.

pub(crate) mod backend;
pub(crate) mod frame;
pub(crate) mod frontend;
pub(crate) mod startup;
