//! What holds for any script: [`dsql_sql_oracle`] says what, here it is asked
//! about scripts that were written and scripts that were made up.

mod found;
mod linear;

use dsql_sql::{Kind, Statement, Step, check, split, translate};
use dsql_sql_oracle::{self as oracle, Verdict, generate, options, seeds};
use proptest::prelude::*;

use crate::texts;

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
    none(seeds::scripts().iter().map(|script| oracle::split(script)));
}

#[test]
fn every_seed_is_translated_for_good() {
    let scripts = seeds();
    none(
        scripts
            .iter()
            .zip((0..8).cycle())
            .map(|(script, choice)| oracle::translate(script, &options(choice))),
    );
}

#[test]
fn every_seed_is_linted_and_fixed_for_good() {
    let scripts = seeds();
    none(
        scripts
            .iter()
            .zip((0..8).cycle())
            .map(|(script, choice)| oracle::lint(script, &options(choice))),
    );
}

fn has_word(sql: &str) -> bool {
    sql.contains("zzz")
}

/// Is this place of a script of [`generate::ddl`] inside a comment?
fn in_comment(script: &str, at: usize) -> bool {
    let before = &script[..at];
    before.rfind("/*") > before.rfind("*/")
        || before
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.contains("--"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_script_is_cut_right(script in generate::any_script()) {
        prop_assert_eq!(oracle::split(&script), Ok(()));
    }

    #[test]
    fn any_script_is_translated_for_good(
        script in generate::any_script(),
        options in generate::any_options(),
    ) {
        prop_assert_eq!(oracle::translate(&script, &options), Ok(()));
    }

    #[test]
    fn any_script_is_linted_and_fixed_for_good(
        script in generate::any_script(),
        options in generate::any_options(),
    ) {
        prop_assert_eq!(oracle::lint(&script, &options), Ok(()));
    }

    #[test]
    fn no_comment_is_lost(script in generate::dump(), options in generate::any_options()) {
        let plan = translate(&script, &options);
        let printed = plan.to_string();
        if !plan.errors.is_empty() || script.contains("ROLLBACK") {
            return Ok(());
        }
        for comment in ["-- the key", "/* u */", "-- owned", "/* third */", "/* o */", "/* wide */", "-- last", "/* last */"] {
            prop_assert!(
                printed.contains(comment) || !script.contains(comment),
                "{} is gone from\n{}\nwhich became\n{}", comment, script, plan
            );
        }
    }

    #[test]
    fn what_needs_no_change_comes_out_byte_for_byte(script in generate::any_script(), options in generate::any_options()) {
        let plan = translate(&script, &options);
        if plan.notes.is_empty() && plan.errors.is_empty() {
            let before: Vec<_> = split(&script)
                .filter(|statement| !matches!(statement.kind(), Kind::Transaction(_)))
                .map(|statement| statement.text().to_owned())
                .collect();
            let after: Vec<_> = texts(&plan);
            if !plan.steps.iter().any(|step| matches!(step, Step::Batches(_))) {
                prop_assert_eq!(before, after);
            }
        }
    }

    #[test]
    fn no_word_is_dropped_silently(script in prop_oneof![generate::ddl(), generate::dump()], place in any::<prop::sample::Index>(), options in generate::any_options()) {
        // A word of our own goes in somewhere between two others.
        let gaps: Vec<usize> = script.char_indices()
            .filter(|(at, c)| *c == ' ' && !in_comment(&script, *at)).map(|(at, _)| at).collect();
        // What is rolled back is left out as a whole, with a note.
        prop_assume!(!gaps.is_empty() && !script.contains("ROLLBACK"));
        let at = gaps[place.index(gaps.len())];
        let script = format!("{} zzz {}", &script[..at], &script[at..]);
        prop_assume!(split(&script).any(|statement| has_word(statement.text())));
        let plan = translate(&script, &options);
        let said = plan.notes.iter().any(|note| note.message.contains("zzz"));
        let kept = plan.steps.iter().any(|step| match step {
            Step::Ddl(sql) | Step::AsyncDdl(sql) | Step::Dml(sql) => has_word(sql),
            Step::Transaction(transaction) => {
                has_word(transaction.begin()) || transaction.statements().iter().any(|sql| has_word(sql))
            }
            Step::Batches(batches) => has_word(&batches.whole()),
            Step::Lookup(lookup) => has_word(lookup.statement()),
            _ => false,
        });
        prop_assert!(!plan.errors.is_empty() || said || kept, "{}\nbecame\n{}", script, plan);
    }

    #[test]
    fn a_check_never_fails_otherwise_than_by_a_refusal(text in generate::any_script()) {
        let statement = Statement::new(&text);
        if let Err(refusal) = check(&statement) {
            prop_assert_eq!(refusal.sqlstate().len(), 5);
        }
        let _ = statement.locks_rows();
        let _ = dsql_sql::async_ddl(&statement);
        let _ = dsql_sql::without_storage(&statement);
        let _ = dsql_sql::dropped_columns(&statement);
    }
}
