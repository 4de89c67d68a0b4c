//! OC001: another session has changed the catalog.

use dsql_local::LocalCluster;
use tokio_postgres::Client;

use super::raw::{self, Messages};
use super::support::{Ask, Fixture, refusal, schema_changed};

/// Two sessions that know the catalog, and a table `t` of one row.
async fn two_sessions() -> (Fixture, Client, Client) {
    let fixture = Fixture::start().await;
    let one = fixture.client().await;
    one.rows("CREATE TABLE t (id int PRIMARY KEY, a int)").await;
    one.rows("INSERT INTO t VALUES (1, 1)").await;
    let two = fixture.client().await;
    assert_eq!(two.rows(READ).await, ["1"]);
    (fixture, one, two)
}

const READ: &str = "SELECT a FROM t";

#[tokio::test]
async fn a_change_is_met_once_by_each_session_that_knew_the_catalog_before() {
    let (fixture, one, two) = two_sessions().await;
    one.rows("ALTER TABLE t ADD COLUMN b int").await;
    one.rows("ALTER TABLE t ADD COLUMN c int").await;
    // It is no news to whoever made it, nor to whoever comes after it.
    assert_eq!(one.rows(READ).await, ["1"]);
    assert_eq!(fixture.client().await.rows(READ).await, ["1"]);
    assert_eq!(two.refused(READ).await, schema_changed());
    assert_eq!(two.rows(READ).await, ["1"]);
}

#[tokio::test]
async fn prepared_statements_meet_it_too_and_go_on() {
    let (_fixture, one, two) = two_sessions().await;
    let read = two.prepare(READ).await.unwrap();
    let write = two.prepare("UPDATE t SET a = a + 1").await.unwrap();
    for statement in [&read, &write] {
        one.rows("COMMENT ON TABLE t IS 'a table'").await;
        let refused = two.execute(statement, &[]).await.unwrap_err();
        assert_eq!(refusal(&refused), schema_changed());
        assert_eq!(two.execute(statement, &[]).await.unwrap(), 1);
    }
    one.rows("COMMENT ON TABLE t IS 'a table'").await;
    let refused = two.prepare("SELECT 1").await.unwrap_err();
    assert_eq!(refusal(&refused), schema_changed());
    assert_eq!(two.rows(READ).await, ["2"]);
}

#[tokio::test]
async fn inside_a_transaction_it_ends_that_and_is_gone_at_the_next_try() {
    let (_fixture, one, two) = two_sessions().await;
    two.rows("BEGIN").await;
    two.rows("UPDATE t SET a = 2").await;
    one.rows("ALTER TABLE t ADD COLUMN b int").await;
    assert_eq!(two.refused(READ).await, schema_changed());
    assert_eq!(two.refused(READ).await.0, "25P02");
    two.rows("ROLLBACK").await;
    two.rows("BEGIN").await;
    two.rows("UPDATE t SET a = 2").await;
    two.rows("COMMIT").await;
    assert_eq!(two.rows(READ).await, ["2"]);
}

#[tokio::test]
async fn the_commit_of_a_writer_meets_it_and_that_of_a_reader_does_not() {
    let (_fixture, one, two) = two_sessions().await;
    two.rows("BEGIN").await;
    two.rows("UPDATE t SET a = 2").await;
    one.rows("CREATE TABLE u (id int PRIMARY KEY)").await;
    assert_eq!(two.refused("COMMIT").await, schema_changed());
    assert_eq!(two.rows(READ).await, ["1"]);

    two.rows("BEGIN").await;
    two.rows(READ).await;
    one.rows("CREATE TABLE v (id int PRIMARY KEY)").await;
    two.rows("COMMIT").await;
    assert_eq!(two.refused(READ).await, schema_changed());
}

#[tokio::test]
async fn of_two_changes_at_once_one_goes_through() {
    let (_fixture, one, two) = two_sessions().await;
    for (first, second, names) in [(&one, &two, ["a", "b"]), (&two, &one, ["c", "d"])] {
        for (client, name) in [(&one, names[0]), (&two, names[1])] {
            client.rows("BEGIN").await;
            let create = format!("CREATE TABLE {name} (id int PRIMARY KEY)");
            client.rows(&create).await;
        }
        first.rows("COMMIT").await;
        assert_eq!(second.refused("COMMIT").await, schema_changed());
    }
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    assert_eq!(one.rows(tables).await, ["a", "d", "t"]);
}

#[tokio::test]
async fn of_two_statements_at_once_that_commit_by_themselves_one_goes_through() {
    let (fixture, one, _two) = two_sessions().await;
    let mut slow = raw::Client::of_cluster(&fixture).await;
    for (name, simple) in [("a", true), ("b", false)] {
        let mut create = Messages::default();
        create.parse("", &format!("CREATE TABLE {name} (id int PRIMARY KEY)"));
        create.bind("", "", &[]);
        create.execute("", 0);
        create.flush();
        slow.begin(create).await;
        let meanwhile = format!("CREATE TABLE meanwhile_{name} (id int PRIMARY KEY)");
        if simple {
            one.rows(&meanwhile).await;
        } else {
            one.execute(&meanwhile, &[]).await.unwrap();
        }
        let mut end = Messages::default();
        end.sync();
        let told = slow.say(end, 1).await;
        assert!(
            told[0].is_error() && told[0].says_within("(OC001)"),
            "{told:?}"
        );
    }
    // Tried again it goes through, and is news to the other.
    slow.say(Messages::of_query("CREATE TABLE a (id int PRIMARY KEY)"), 1)
        .await;
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    assert_eq!(one.refused(tables).await, schema_changed());
    assert_eq!(
        one.rows(tables).await,
        ["a", "meanwhile_a", "meanwhile_b", "t"]
    );
}

#[tokio::test]
async fn a_change_before_a_begin_belongs_to_what_that_begins() {
    let (fixture, _one, two) = two_sessions().await;
    let mut raw = raw::Client::of_cluster(&fixture).await;
    let mut messages = Messages::default();
    for sql in ["CREATE TABLE a (id int PRIMARY KEY)", "BEGIN"] {
        messages.parse("", sql);
        messages.bind("", "", &[]);
        messages.execute("", 0);
    }
    messages.sync();
    raw.say(messages, 1).await;
    assert_eq!(two.rows(READ).await, ["1"]);
    raw.say(Messages::of_query("COMMIT"), 1).await;
    assert_eq!(two.refused(READ).await, schema_changed());
}

#[tokio::test]
async fn a_change_that_is_rolled_back_is_none() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("BEGIN").await;
    one.rows("CREATE TABLE u (id int PRIMARY KEY)").await;
    one.rows("ROLLBACK").await;
    let refused = one.refused("CREATE TABLE t (id int PRIMARY KEY)").await;
    assert_eq!(refused.0, "42P07");
    assert_eq!(two.rows(READ).await, ["1"]);
}

#[tokio::test]
async fn grants_and_the_end_of_a_job_count() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("CREATE ROLE reader").await;
    assert_eq!(two.refused(READ).await, schema_changed());
    one.rows("GRANT SELECT ON t TO reader").await;
    assert_eq!(two.refused(READ).await, schema_changed());

    let job = one.rows("CREATE INDEX ASYNC ON t (a)").await.remove(0);
    let wait = format!("CALL sys.wait_for_job('{job}')");
    assert_eq!(two.rows(&wait).await, ["t"]);
    // Who has waited for the end of a job knows of it; who has not does not, though the job was its own.
    assert_eq!(two.rows(READ).await, ["1"]);
    assert_eq!(one.refused(READ).await, schema_changed());
    assert_eq!(one.rows(READ).await, ["1"]);
}

#[tokio::test]
async fn setting_the_search_path_brings_a_session_up_to_date() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("ALTER TABLE t ADD COLUMN b int").await;
    two.rows("SET search_path = public").await;
    assert_eq!(two.rows(READ).await, ["1"]);
}

#[tokio::test]
async fn ddl_that_finds_nothing_to_do_changes_nothing() {
    let (_fixture, one, two) = two_sessions().await;
    for sql in [
        "CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY)",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int",
        "DROP TABLE IF EXISTS nowhere",
        "DROP INDEX IF EXISTS nowhere",
        "BEGIN; CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY); COMMIT",
    ] {
        one.rows(sql).await;
        one.execute(sql, &[]).await.ok();
        assert_eq!(two.rows(READ).await, ["1"], "{sql}");
    }
    for sql in [
        "CREATE TABLE IF NOT EXISTS u (id int PRIMARY KEY)",
        "ALTER TABLE IF EXISTS u ADD COLUMN IF NOT EXISTS b int",
        "BEGIN; CREATE SCHEMA IF NOT EXISTS s; COMMIT",
        "DROP TABLE IF EXISTS nowhere, u",
    ] {
        one.rows(sql).await;
        assert_eq!(two.refused(READ).await, schema_changed(), "{sql}");
    }
}

#[tokio::test]
async fn a_job_that_fails_changes_nothing() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("INSERT INTO t VALUES (2, 1)").await;
    let job = one
        .rows("CREATE UNIQUE INDEX ASYNC ON t (a)")
        .await
        .remove(0);
    assert_eq!(two.refused("SELECT 1").await, schema_changed());
    let wait = format!("CALL sys.wait_for_job('{job}')");
    assert_eq!(one.rows(&wait).await, ["f"]);
    assert_eq!(two.rows("SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn nobody_meets_it_when_it_is_switched_off() {
    let builder = LocalCluster::builder().schema_conflicts(false);
    let fixture = Fixture {
        cluster: builder.start().await.unwrap(),
    };
    let (one, two) = (fixture.client().await, fixture.client().await);
    assert_eq!(two.rows("SELECT 1").await, ["1"]);
    one.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    assert_eq!(two.rows("SELECT count(*) FROM t").await, ["0"]);
}
