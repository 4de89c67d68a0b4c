//! What holds for any script: [`dsql_sql_oracle`] says what, here it is asked
//! about scripts that were written and scripts that were made up.

mod found;
mod linear;

use dsql_sql_oracle::{Verdict, generate, lint, options, seeds, split, translate};
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

/// The seeds, apart from a few long ones, which the fuzz targets begin with.
fn seeds() -> Vec<String> {
    let mut seeds = seeds::scripts();
    seeds.retain(|script| script.len() < 10_000);
    seeds
}

#[test]
fn every_seed_is_cut_right() {
    none(seeds::scripts().iter().map(|script| split(script)));
}

#[test]
fn every_seed_is_translated_for_good() {
    let scripts = seeds();
    none(
        scripts
            .iter()
            .zip((0..8).cycle())
            .map(|(script, choice)| translate(script, &options(choice))),
    );
}

#[test]
fn every_seed_is_linted_and_fixed_for_good() {
    let scripts = seeds();
    none(
        scripts
            .iter()
            .zip((0..8).cycle())
            .map(|(script, choice)| lint(script, &options(choice))),
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_script_is_cut_right(script in generate::any_script()) {
        prop_assert_eq!(split(&script), Ok(()));
    }

    #[test]
    fn any_script_is_translated_for_good(
        script in generate::any_script(),
        options in generate::any_options(),
    ) {
        prop_assert_eq!(translate(&script, &options), Ok(()));
    }

    #[test]
    fn any_script_is_linted_and_fixed_for_good(
        script in generate::any_script(),
        options in generate::any_options(),
    ) {
        prop_assert_eq!(lint(&script, &options), Ok(()));
    }
}
