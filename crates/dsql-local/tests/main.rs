//! What a client of a local cluster meets.

#![allow(clippy::unwrap_used)]

mod it {
    mod catalog;
    mod conflicts;
    mod conformance;
    mod copy;
    mod ddl;
    mod door;
    mod faults;
    mod history;
    mod hostile;
    mod jobs;
    mod life;
    mod limits;
    mod pipeline;
    mod protocol;
    mod quotas;
    mod raw;
    mod roles;
    mod schema;
    mod status;
    pub(crate) mod support;
}
