//! What a client of a local cluster meets.

mod it {
    mod conflicts;
    mod ddl;
    mod jobs;
    mod limits;
    mod protocol;
    pub(crate) mod support;
}
