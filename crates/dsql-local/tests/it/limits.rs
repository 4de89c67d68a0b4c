//! How much a transaction may change.

use std::time::Duration;

use dsql_local::LocalCluster;
use futures_util::{SinkExt, TryStreamExt};
use tokio_postgres::Client;

use super::support::{Ask, Fixture, conflict, refusal};

fn row_limit() -> (String, String) {
    (
        "54000".to_owned(),
        "transaction row limit exceeded".to_owned(),
    )
}

fn size_limit() -> (String, String) {
    (
        "54000".to_owned(),
        "transaction size limit 10mb exceeded".to_owned(),
    )
}

/// A cluster with some limits set lower.
pub(crate) async fn limited(limits: &str) -> (Fixture, Client) {
    let limits = limits.parse().unwrap();
    let cluster = LocalCluster::builder().limits(limits).start().await;
    let fixture = Fixture {
        cluster: cluster.unwrap(),
    };
    let client = fixture.client().await;
    (fixture, client)
}

/// A table `owner` of 3 rows, each with 50 in `pet`, which go with them.
async fn with_cascade() -> (Fixture, Client) {
    let (fixture, client) = limited("rows=100").await;
    client
        .rows("CREATE TABLE owner (id int PRIMARY KEY, name text)")
        .await;
    client
        .rows("CREATE TABLE pet (id int PRIMARY KEY, owner int REFERENCES owner ON DELETE CASCADE ON UPDATE CASCADE)")
        .await;
    client
        .rows("INSERT INTO owner SELECT generate_series(1, 3)")
        .await;
    for owner in 1..=3 {
        let insert = format!(
            "INSERT INTO pet SELECT {owner} * 100 + n, {owner} FROM generate_series(1, 50) n"
        );
        client.rows(&insert).await;
    }
    (fixture, client)
}

async fn with_table() -> (Fixture, Client) {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    (fixture, client)
}

const COUNT: &str = "SELECT count(*) FROM t";

#[tokio::test]
async fn three_thousand_rows_pass_and_one_more_does_not() {
    let (_fixture, client) = with_table().await;
    client
        .rows("INSERT INTO t SELECT generate_series(1, 3000)")
        .await;
    let too_many = "INSERT INTO t SELECT generate_series(4001, 7001)";
    assert_eq!(client.refused(too_many).await, row_limit());
    assert_eq!(client.rows(COUNT).await, ["3000"]);
    let prepared = client.execute(too_many, &[]).await.unwrap_err();
    assert_eq!(refusal(&prepared), row_limit());
    assert_eq!(client.rows(COUNT).await, ["3000"]);
}

#[tokio::test]
async fn the_rows_of_a_transaction_add_up() {
    let (_fixture, client) = with_table().await;
    client.rows("BEGIN").await;
    client
        .rows("INSERT INTO t SELECT generate_series(1, 2999)")
        .await;
    client.rows("INSERT INTO t VALUES (3000)").await;
    let refused = client.refused("INSERT INTO t VALUES (3001)").await;
    assert_eq!(refused, row_limit());
    assert_eq!(client.refused("SELECT 1").await.0, "25P02");
    client.rows("COMMIT").await;
    assert_eq!(client.rows(COUNT).await, ["0"]);
}

#[tokio::test]
async fn copied_rows_count() {
    let (_fixture, client) = with_table().await;
    for (rows, count) in [(3001, "0"), (3000, "3000")] {
        let sink = client.copy_in("COPY t FROM STDIN").await.unwrap();
        let mut sink = std::pin::pin!(sink);
        let text: String = (0..rows).map(|row| format!("{row}\n")).collect();
        sink.send(bytes::Bytes::from(text)).await.unwrap();
        let copied = sink.finish().await;
        assert_eq!(copied.is_ok(), rows == 3000, "{rows}");
        assert_eq!(client.rows(COUNT).await, [count]);
    }
}

const PETS: &str = "SELECT count(*) FROM pet";

#[tokio::test]
async fn rows_that_go_with_others_count() {
    let (_fixture, client) = with_cascade().await;
    // 2 owners and 100 pets.
    let both = "DELETE FROM owner WHERE id < 3";
    assert_eq!(client.refused(both).await, row_limit());
    let prepared = client.execute(both, &[]).await.unwrap_err();
    assert_eq!(refusal(&prepared), row_limit());
    assert_eq!(client.rows(PETS).await, ["150"]);
    client.rows("DELETE FROM owner WHERE id = 1").await;
    let deleted = client
        .execute("DELETE FROM owner WHERE id = $1", &[&2])
        .await;
    assert_eq!(deleted.unwrap(), 1);
    assert_eq!(client.rows(PETS).await, ["50"]);
}

#[tokio::test]
async fn rows_that_go_with_others_add_up_in_a_transaction() {
    let (_fixture, client) = with_cascade().await;
    for prepared in [false, true] {
        client.rows("BEGIN").await;
        client.rows("UPDATE owner SET id = 7 WHERE id = 1").await;
        let second = "DELETE FROM owner WHERE id = 2";
        if prepared {
            let refused = client.execute(second, &[]).await.unwrap_err();
            assert_eq!(refusal(&refused), row_limit());
        } else {
            assert_eq!(client.refused(second).await, row_limit());
        }
        assert_eq!(client.refused("SELECT 1").await.0, "25P02");
        client.rows("ROLLBACK").await;
    }
    client.rows("BEGIN").await;
    client.rows("UPDATE owner SET name = 'x'").await;
    client.rows("DELETE FROM owner WHERE id = 1").await;
    client
        .rows("INSERT INTO pet SELECT generate_series(1, 46), 2")
        .await;
    assert_eq!(
        client
            .refused("UPDATE owner SET name = 'y' WHERE id = 2")
            .await,
        row_limit()
    );
    client.rows("ROLLBACK").await;
    assert_eq!(client.rows(PETS).await, ["150"]);
}

#[tokio::test]
async fn rows_count_once_when_a_transaction_gives_way_and_goes_on() {
    let (fixture, one) = with_cascade().await;
    let two = fixture.client().await;
    one.rows("BEGIN").await;
    one.rows("DELETE FROM owner WHERE id = 1").await;
    // The other one meets its locks, and leaves without effect.
    two.rows("BEGIN").await;
    two.rows("UPDATE owner SET name = 'x' WHERE id = 1").await;
    two.rows("ROLLBACK").await;
    one.rows("INSERT INTO pet SELECT generate_series(1, 49), 2")
        .await;
    one.rows("COMMIT").await;
    assert_eq!(one.rows(PETS).await, ["149"]);

    one.rows("BEGIN").await;
    one.rows("UPDATE owner SET name = 'mine' WHERE id = 2")
        .await;
    two.rows("DELETE FROM pet WHERE id = 201").await;
    two.rows("UPDATE owner SET name = 'theirs' WHERE id = 2")
        .await;
    one.rows("SELECT 1").await;
    assert_eq!(one.refused("COMMIT").await, conflict());
}

#[tokio::test]
async fn rows_that_a_with_writes_count() {
    let (_fixture, client) = limited("rows=100").await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    let with = |rows: u32| {
        format!(
            "WITH new AS (INSERT INTO t SELECT generate_series(1, {rows}) RETURNING id) SELECT count(*) FROM new"
        )
    };
    assert_eq!(client.refused(&with(101)).await, row_limit());
    let prepared = client.query(&with(101), &[]).await.unwrap_err();
    assert_eq!(refusal(&prepared), row_limit());
    assert_eq!(client.rows(COUNT).await, ["0"]);
    assert_eq!(client.rows(&with(60)).await, ["60"]);
    client.rows("BEGIN").await;
    let moved =
        "WITH gone AS (DELETE FROM t RETURNING id) INSERT INTO t SELECT id + 1000 FROM gone";
    assert_eq!(client.refused(moved).await, row_limit());
    client.rows("ROLLBACK").await;
    let explained = "EXPLAIN ANALYZE INSERT INTO t SELECT generate_series(1001, 1101)";
    assert_eq!(client.refused(explained).await, row_limit());
    let copied = "COPY (INSERT INTO t SELECT generate_series(1001, 1101) RETURNING id) TO STDOUT";
    // The client reads no further than the rows, and so not the refusal behind them.
    let rows = client.copy_out(copied).await.unwrap();
    assert_eq!(rows.try_collect::<Vec<_>>().await.unwrap().len(), 101);
    assert_eq!(client.rows(COUNT).await, ["60"]);
}

#[tokio::test]
async fn rows_that_a_function_writes_count() {
    let (_fixture, client) = limited("rows=100").await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    assert_eq!(client.rows("SELECT count(*) FROM t").await, ["0"]);
    client
        .rows("CREATE FUNCTION fill(n int) RETURNS bigint LANGUAGE sql AS $$ WITH new AS (INSERT INTO t SELECT generate_series(1, n) RETURNING id) SELECT count(*) FROM new $$")
        .await;
    assert_eq!(client.refused("SELECT fill(101)").await, row_limit());
    let prepared = client.query("SELECT fill(101)", &[]).await.unwrap_err();
    assert_eq!(refusal(&prepared), row_limit());
    assert_eq!(client.rows(COUNT).await, ["0"]);
    assert_eq!(client.rows("SELECT fill(100)").await, ["100"]);
    assert_eq!(client.rows(COUNT).await, ["100"]);
}

#[tokio::test]
async fn ten_mebibytes_are_too_many_at_commit() {
    let (fixture, client) = limited("size=10MiB").await;
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a text)")
        .await;
    // What does not compress.
    client
        .rows("INSERT INTO t SELECT 0, string_agg(md5(random()::text || n), '') FROM generate_series(1, 160) n")
        .await;
    let insert = |from: u32, rows: u32| {
        let to = from + rows - 1;
        format!("INSERT INTO t SELECT n, a FROM t, generate_series({from}, {to}) n WHERE id = 0")
    };
    client.rows(&insert(1, 1800)).await;
    client.rows("BEGIN").await;
    client.rows(&insert(10_001, 1100)).await;
    client.rows(&insert(20_001, 1100)).await;
    let Err(refused) = client.simple_query("COMMIT").await else {
        panic!("committed")
    };
    assert_eq!(refusal(&refused), size_limit());
    let detail = refused.as_db_error().unwrap().detail().unwrap().to_owned();
    assert_eq!(detail, "Current transaction size 11mb > 10mb");
    assert_eq!(client.rows(COUNT).await, ["1801"]);
    // Alone, too.
    assert_eq!(client.refused(&insert(10_001, 2200)).await, size_limit());
    let prepared = client
        .execute(&insert(10_001, 2200), &[])
        .await
        .unwrap_err();
    assert_eq!(refusal(&prepared), size_limit());
    assert_eq!(client.rows(COUNT).await, ["1801"]);
    // What others write does not count.
    client.rows("BEGIN").await;
    client.rows(&insert(10_001, 1100)).await;
    let other = fixture.client().await;
    other.rows(&insert(20_001, 1800)).await;
    client.rows("COMMIT").await;
    assert_eq!(client.rows(COUNT).await, ["4701"]);
}

#[tokio::test]
async fn index_entries_count_toward_the_size() {
    let (_fixture, client) = limited("size=64KiB").await;
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a text, b text)")
        .await;
    let insert =
        "INSERT INTO t SELECT n, md5(n::text), md5(n::text) FROM generate_series(1, 500) n";
    client.rows(insert).await;
    client.rows("DELETE FROM t").await;
    for column in ["a", "b", "(a || b)"] {
        let job = client
            .rows(&format!("CREATE INDEX ASYNC ON t ({column})"))
            .await;
        client
            .rows(&format!("CALL sys.wait_for_job('{}')", job[0]))
            .await;
    }
    assert_eq!(client.refused(insert).await, size_limit());
}

#[tokio::test]
async fn a_list_of_short_rows_can_be_too_large_as_it_is_stored() {
    let (_fixture, client) = limited("size=64KiB").await;
    let insert = |table: &str, rows: u32| {
        let rows: Vec<_> = (0..rows).map(|n| format!("({n})")).collect();
        format!("INSERT INTO {table} (id) VALUES {}", rows.join(", "))
    };
    for (table, column) in [
        ("padded", "a char(2000) DEFAULT 'x'"),
        (
            "computed",
            "a text GENERATED ALWAYS AS (repeat('é', 999)) STORED",
        ),
        ("filled", "a text DEFAULT repeat('é', 999)"),
    ] {
        client
            .rows(&format!(
                "CREATE TABLE {table} (id int PRIMARY KEY, {column})"
            ))
            .await;
        let many = insert(table, 100);
        assert_eq!(client.refused(&many).await, size_limit(), "{table}");
        let prepared = client.execute(&many, &[]).await.unwrap_err();
        assert_eq!(refusal(&prepared), size_limit(), "{table}");
        client.rows(&insert(table, 9)).await;
    }
    client
        .rows("CREATE TABLE plain (id int PRIMARY KEY, a text DEFAULT 'x')")
        .await;
    client.rows(&insert("plain", 300)).await;
}

#[tokio::test]
async fn one_row_that_becomes_many_is_counted() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    for insert in [
        "INSERT INTO t VALUES (generate_series(1, 3001))",
        "INSERT INTO t WITH n AS (SELECT n FROM generate_series(1, 3001) n) TABLE n",
    ] {
        assert_eq!(client.refused(insert).await, row_limit(), "{insert}");
        let prepared = client.execute(insert, &[]).await.unwrap_err();
        assert_eq!(refusal(&prepared), row_limit(), "{insert}");
    }
    assert_eq!(client.rows(COUNT).await, ["0"]);
}

#[tokio::test]
async fn a_value_and_a_row_can_be_too_long() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a text, b bytea, c bytea, d bytea)")
        .await;
    let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..))
        .take(1_600_000)
        .collect();
    let value = (
        "54000".to_owned(),
        "datatype limit greater than 1048576 bytes not supported for bytea".to_owned(),
    );
    let insert = "INSERT INTO t (id, b) VALUES ($1, $2)";
    let refused = client.execute(insert, &[&1, &noise]).await.unwrap_err();
    assert_eq!(refusal(&refused), value);
    client.rows("BEGIN").await;
    let refused = client.execute(insert, &[&1, &noise]).await.unwrap_err();
    assert_eq!(refusal(&refused), value);
    client.rows("ROLLBACK").await;
    let short = &noise[..800_000];
    client.execute(insert, &[&1, &short]).await.unwrap();
    // By COPY, and in the text of a statement.
    let hex: String = noise.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = (
        "54000".to_owned(),
        "datatype limit greater than 1048576 bytes not supported for text".to_owned(),
    );
    let sink = client.copy_in("COPY t (id, a) FROM STDIN").await.unwrap();
    let mut sink = std::pin::pin!(sink);
    let line = format!("5\t{hex}\n");
    sink.send(bytes::Bytes::from(line)).await.unwrap();
    assert_eq!(refusal(&sink.finish().await.unwrap_err()), text);
    let insert = format!("INSERT INTO t (id, a) VALUES (5, '{hex}')");
    assert_eq!(client.refused(&insert).await, text);
    // What repeats itself is stored shorter than it came.
    let long = "a".repeat(2_000_000);
    let insert = "INSERT INTO t (id, a) VALUES (2, $1)";
    client.execute(insert, &[&long]).await.unwrap();
    let row = "INSERT INTO t (id, b, c, d) VALUES (3, $1, $2, $3)";
    let refused = client.execute(row, &[&short, &short, &short]).await;
    assert_eq!(
        refusal(&refused.unwrap_err()),
        ("54000".to_owned(), "maximum row size exceeded".to_owned())
    );
    assert_eq!(client.rows(COUNT).await, ["2"]);
}

#[tokio::test]
async fn a_transaction_can_become_too_old() {
    let (_fixture, client) = limited("age=300ms").await;
    let age = (
        "54000".to_owned(),
        "transaction age limit of 300s exceeded".to_owned(),
    );
    for statement in ["SELECT 1", "COMMIT", "CREATE TABLE t (id int)"] {
        client.rows("BEGIN").await;
        client.rows("SELECT pg_sleep(0.31)").await;
        assert_eq!(client.refused(statement).await, age, "{statement}");
        client.rows("ROLLBACK").await;
    }
    client.rows("BEGIN").await;
    client.rows("SELECT pg_sleep(0.31)").await;
    let prepared = client.query("SELECT 1", &[]).await.unwrap_err();
    assert_eq!(refusal(&prepared), age);
    client.rows("ROLLBACK").await;
}

#[tokio::test]
async fn a_value_that_a_statement_makes_can_be_too_long() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a text)")
        .await;
    let text = (
        "54000".to_owned(),
        "datatype limit greater than 1048576 bytes not supported for text".to_owned(),
    );
    let made = |id: u32, length: u32| {
        format!(
            "INSERT INTO t SELECT {id}, string_agg(md5(random()::text || n), '') FROM generate_series(1, {length}) n"
        )
    };
    assert_eq!(client.refused(&made(1, 40_000)).await, text);
    let prepared = client.execute(&made(1, 40_000), &[]).await.unwrap_err();
    assert_eq!(refusal(&prepared), text);
    client.rows(&made(1, 20_000)).await;
    let doubled = "UPDATE t SET a = a || a || substr(a, 5) WHERE id = 1";
    client.rows("BEGIN").await;
    assert_eq!(client.refused(doubled).await, text);
    client.rows("ROLLBACK").await;
    let prepared = client.execute(doubled, &[]).await.unwrap_err();
    assert_eq!(refusal(&prepared), text);
    client
        .rows("INSERT INTO t VALUES (2, repeat('a', 2000000))")
        .await;
    assert_eq!(
        client.rows("SELECT length(a) FROM t ORDER BY id").await,
        ["640000", "2000000"]
    );
}

#[tokio::test]
async fn a_refusal_after_the_answer_leaves_nothing_behind() {
    let (_fixture, mut client) = limited("rows=10").await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    for _ in 0..2 {
        let transaction = client.transaction().await.unwrap();
        let many = "INSERT INTO t SELECT generate_series(1, 11) RETURNING id";
        let refused = transaction.query(many, &[]).await.unwrap_err();
        assert_eq!(refusal(&refused), row_limit());
        assert_eq!(transaction.execute("ROLLBACK", &[]).await.unwrap(), 0);
        drop(transaction);
        assert_eq!(client.execute("BEGIN", &[]).await.unwrap(), 0);
        let inserted = client.execute("INSERT INTO t VALUES (1)", &[]).await;
        assert_eq!(inserted.unwrap(), 1);
        assert_eq!(client.execute("ROLLBACK", &[]).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_transaction_that_changes_a_table_under_a_view_reads_on() {
    let (_fixture, client) = limited("rows=10").await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    client.rows("CREATE VIEW v AS SELECT id FROM t").await;
    client.rows("BEGIN").await;
    client.rows("ALTER TABLE t ADD COLUMN a int").await;
    let read = tokio::time::timeout(Duration::from_secs(20), client.rows("SELECT id FROM v"));
    assert!(read.await.expect("it does not wait for itself").is_empty());
    client.rows("COMMIT").await;
}

#[tokio::test]
async fn views_and_functions_reach_as_far_as_what_they_use() {
    let (_fixture, client) = with_cascade().await;
    client
        .rows("CREATE VIEW \"Keepers\" AS SELECT * FROM owner")
        .await;
    let both = "DELETE FROM \"Keepers\" WHERE id < 3";
    assert_eq!(client.refused(both).await, row_limit());
    client
        .rows("CREATE FUNCTION gone(n int) RETURNS SETOF int BEGIN ATOMIC DELETE FROM pet WHERE id > n RETURNING id; END")
        .await;
    assert_eq!(
        client.refused("SELECT count(*) FROM gone(0)").await,
        row_limit()
    );
    assert_eq!(client.rows("SELECT count(*) FROM gone(300)").await, ["50"]);
    assert_eq!(client.rows(PETS).await, ["100"]);
}

#[tokio::test]
async fn a_key_can_be_too_long() {
    let (_fixture, client) = limited("rows=10").await;
    client.rows("CREATE TABLE t (id text PRIMARY KEY)").await;
    let insert = "INSERT INTO t SELECT string_agg(md5(random()::text || n), '') FROM generate_series(1, 200) n";
    let key = ("54000".to_owned(), "key size too large".to_owned());
    assert_eq!(client.refused(insert).await, key);
    let prepared = client.execute(insert, &[]).await.unwrap_err();
    assert_eq!(refusal(&prepared), key);
}

#[tokio::test]
async fn a_short_limit_of_values_and_rows_holds_too() {
    let (_fixture, client) = limited("value=1KiB,row=2KiB").await;
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a bytea, b bytea, c bytea)")
        .await;
    let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..))
        .take(1_100)
        .collect();
    let insert = "INSERT INTO t VALUES ($1, $2, $3, $4)";
    let none: &[u8] = b"";
    let value = client.execute(insert, &[&1, &noise, &none, &none]).await;
    assert_eq!(refusal(&value.unwrap_err()).0, "54000");
    let part = &noise[..900];
    let row = client.execute(insert, &[&1, &part, &part, &part]).await;
    let too_long = ("54000".to_owned(), "maximum row size exceeded".to_owned());
    assert_eq!(refusal(&row.unwrap_err()), too_long);
    client
        .execute(insert, &[&1, &part, &part, &none])
        .await
        .unwrap();
}
