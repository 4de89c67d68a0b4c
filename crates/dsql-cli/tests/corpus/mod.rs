//! The migrations of whole applications, from `corpus/`, run on a local cluster.

use std::fs;
use std::path::Path;

use crate::{dsql, stderr, stdout};

#[test]
fn the_migrations_of_an_aerich_application_run_as_they_are() {
    applied("tortoise/aerich", |name| name.ends_with(".upgrade.sql"));
}

#[test]
fn the_structure_of_a_rails_application_runs_as_it_is() {
    applied("rails", |_| true);
}

/// What the service cannot have is taken out first, and with it the migrations of tables that need it.
#[test]
fn the_migrations_of_a_sea_orm_application_run_without_what_cannot_be_had() {
    let gone = ["_truncate_sessions", "_delivery"];
    applied("sea-orm/shop", |name| {
        name.ends_with(".up.sql") && !gone.iter().any(|gone| name.contains(gone))
    });
}

fn applied(folder: &str, is_wanted: impl Fn(&str) -> bool) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../corpus")
        .join(folder);
    let target = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if is_wanted(name) {
            let script = possible(&fs::read_to_string(&path).unwrap());
            fs::write(target.path().join(name), script).unwrap();
        }
    }
    let output = dsql()
        .args(["local", "--", env!("CARGO_BIN_EXE_dsql"), "apply"])
        .arg(target.path())
        .output()
        .unwrap();
    let said = format!("{}{}", stdout(&output), stderr(&output));
    assert!(output.status.success(), "{said}");
}

/// A script without the statements that have errors.
fn possible(script: &str) -> String {
    let errors = dsql_sql::translate(script, &dsql_sql::Options::default()).errors;
    let mut text = String::new();
    for statement in dsql_sql::split(script) {
        let span = statement.offset()..=statement.offset() + statement.text().len();
        if !errors.iter().any(|error| span.contains(&error.offset)) {
            text.push_str(statement.text());
            text.push_str("\n;\n");
        }
    }
    text
}
