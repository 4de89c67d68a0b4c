//! The clinic's tables. Nothing here knows that they live on Aurora DSQL.

pub mod owner;
pub mod pet;
pub mod specialty;
pub mod vet;
pub mod vet_specialty;
pub mod visit;
