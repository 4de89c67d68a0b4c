//! `dsql migrate` as a person uses it, on a local cluster.

use std::process::Output;

use super::apply::Clinic;
use super::{stderr, stdout};

fn migrate(clinic: &Clinic, arguments: &[&str]) -> Output {
    let mut command = clinic.dsql();
    command.arg("migrate").args(arguments);
    command.output().unwrap()
}

#[test]
fn a_folder_of_sqlx_is_run_shown_and_taken_back() {
    let clinic = Clinic::open();
    for (name, script) in [
        (
            "1_pet.up.sql",
            "CREATE TABLE pet (id serial PRIMARY KEY, name text);",
        ),
        ("1_pet.down.sql", "DROP TABLE pet;"),
        (
            "2_name.up.sql",
            "CREATE INDEX CONCURRENTLY pet_name ON pet (name); INSERT INTO pet (name) VALUES ('Rex');",
        ),
        ("2_name.down.sql", "DROP INDEX pet_name; DELETE FROM pet;"),
    ] {
        clinic.write(name, script);
    }
    let shown = migrate(&clinic, &["run", "--source", ".", "--dry-run"]);
    assert!(stdout(&shown).contains("-- 2 name\n"), "{}", stdout(&shown));
    assert!(
        stdout(&shown).contains("CREATE INDEX ASYNC"),
        "{}",
        stdout(&shown)
    );
    let status = migrate(&clinic, &["status", "--source", "."]);
    assert_eq!(stdout(&status), "pending    1 pet\npending    2 name\n");

    let done = migrate(&clinic, &["run", "--source", "."]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert!(
        stdout(&done).starts_with("Done: 2 migrations run, "),
        "{}",
        stdout(&done)
    );
    assert!(
        stderr(&done).contains("2 name\n1/3 CREATE INDEX ASYNC"),
        "{}",
        stderr(&done)
    );
    assert_eq!(clinic.one("SELECT name FROM pet"), "Rex");
    let status = migrate(&clinic, &["status", "--source", "."]);
    assert_eq!(stdout(&status), "applied    1 pet\napplied    2 name\n");
    let again = migrate(&clinic, &["run", "--source", "."]);
    assert_eq!(stdout(&again), "Nothing to do.\n");

    let back = migrate(&clinic, &["revert", "--source", "."]);
    assert!(
        stdout(&back).starts_with("Done: 1 migration taken back, "),
        "{}",
        stdout(&back)
    );
    assert_eq!(clinic.one("SELECT count(*) FROM pet"), "0");
    clinic.close();
}

#[test]
fn what_is_wrong_is_said_with_the_migration_it_is_in() {
    let clinic = Clinic::open();
    clinic.write("1_pet.sql", "CREATE TABLE pet (id bigint PRIMARY KEY);");
    clinic.write(
        "2_kin.sql",
        "CREATE TABLE kin (id bigint PRIMARY KEY) PARTITION BY HASH (id);",
    );
    let refused = migrate(&clinic, &["run", "--source", "."]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).starts_with("dsql: migration 2 (kin): "),
        "{}",
        stderr(&refused)
    );
    let nowhere = migrate(&clinic, &["run"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(
        stderr(&nowhere).contains("Name it with --source"),
        "{}",
        stderr(&nowhere)
    );
    clinic.close();
}
