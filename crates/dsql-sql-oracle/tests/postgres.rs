//! What comes out is PostgreSQL where what goes in is, as PostgreSQL's own
//! parser says.

#![cfg(all(feature = "libpg_query", feature = "generate"))]

use dsql_sql_oracle::{Verdict, generate, options, postgres, seeds};
use proptest::prelude::*;

/// All that is wrong, not only the first.
fn none(wrong: impl Iterator<Item = Verdict>) {
    let wrong: Vec<String> = wrong.filter_map(Verdict::err).collect();
    assert!(
        wrong.is_empty(),
        "{} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_parser_refuses_what_is_no_postgresql() {
    assert_eq!(postgres::parse("CREATE INDEX i ON t (a)"), Ok(()));
    assert!(postgres::parse("CREATE INDEX ASYNC i ON t (a)").is_err());
}

#[test]
fn every_seed_that_is_postgresql_becomes_postgresql() {
    let scripts = seeds::scripts();
    let understood = scripts
        .iter()
        .filter(|script| postgres::parse(script).is_ok());
    assert!(
        understood.count() > scripts.len() / 2,
        "too few of {}",
        scripts.len()
    );
    none((0..4u8).flat_map(|choice| {
        scripts
            .iter()
            .map(move |script| postgres::translate(script, &options(choice)))
    }));
}

#[test]
fn every_seed_is_cut_as_postgresql_cuts_it() {
    none(
        seeds::scripts()
            .iter()
            .map(|script| postgres::split(script)),
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_postgresql_becomes_postgresql(
        script in generate::any_script(),
        options in generate::any_options(),
    ) {
        prop_assert_eq!(postgres::translate(&script, &options), Ok(()));
    }

    #[test]
    fn a_script_is_cut_as_postgresql_cuts_it(script in generate::any_script()) {
        prop_assert_eq!(postgres::split(&script), Ok(()));
    }
}
