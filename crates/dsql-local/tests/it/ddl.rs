//! What the service refuses of DDL, and of transactions with DDL in them.

use super::support::{Ask, Fixture, refusal};

fn feature(message: &str) -> (String, String) {
    ("0A000".to_owned(), message.to_owned())
}

const CREATE_A: &str = "CREATE TABLE a (id int PRIMARY KEY)";
const CREATE_B: &str = "CREATE TABLE b (id int PRIMARY KEY)";

#[tokio::test]
async fn one_ddl_a_transaction_and_never_with_dml() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client.rows("BEGIN").await;
    client.rows(CREATE_A).await;
    assert_eq!(
        client.refused(CREATE_B).await,
        feature("multiple ddl statements not supported in a transaction")
    );
    assert_eq!(client.refused("SELECT 1").await.0, "25P02");
    client.rows("COMMIT").await;
    assert_eq!(client.refused("SELECT * FROM a").await.0, "42P01");

    client.rows(CREATE_A).await;
    client.rows("BEGIN").await;
    client.rows("INSERT INTO a VALUES (1)").await;
    assert_eq!(
        client.refused(CREATE_B).await,
        feature("ddl and dml are not supported in the same transaction")
    );
    client.rows("ROLLBACK").await;
    assert_eq!(client.rows("SELECT count(*) FROM a").await, ["0"]);
}

#[tokio::test]
async fn several_statements_in_one_string_are_one_transaction() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    assert_eq!(
        client.refused(&format!("{CREATE_A}; {CREATE_B}")).await,
        feature("multiple ddl statements not supported in a transaction")
    );
    assert_eq!(client.refused("SELECT * FROM a").await.0, "42P01");
    assert_eq!(client.rows("SELECT 1; SELECT 2; ").await, ["1", "2"]);
    client.rows(CREATE_A).await;
    let failed = client
        .refused("INSERT INTO a VALUES (1); INSERT INTO a VALUES (1)")
        .await;
    assert_eq!(failed.0, "23505");
    assert_eq!(client.rows("SELECT count(*) FROM a").await, ["0"]);
    client
        .rows("BEGIN; INSERT INTO a VALUES (1); COMMIT; INSERT INTO a VALUES (2)")
        .await;
    assert_eq!(client.rows("SELECT count(*) FROM a").await, ["2"]);
}

#[tokio::test]
async fn a_refusal_leaves_a_session_alone_and_aborts_a_transaction() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    let savepoint = feature("unsupported transaction statement: SAVEPOINT");
    assert_eq!(client.refused("SAVEPOINT s").await, savepoint);
    assert_eq!(client.rows("SELECT 1").await, ["1"]);
    client.rows("BEGIN").await;
    assert_eq!(client.refused("SAVEPOINT s").await, savepoint);
    assert_eq!(client.refused("SAVEPOINT s").await.0, "25P02");
    assert_eq!(client.refused("ROLLBACK TO s").await.0, "25P02");
    client.rows("COMMIT").await;
    assert_eq!(client.rows("SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn refusals_carry_the_words_of_the_service() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client.rows("CREATE TABLE t (id int PRIMARY KEY)").await;
    for (sql, state, message) in [
        (
            "CREATE TABLE u (id serial)",
            "42704",
            "type \"serial\" does not exist",
        ),
        (
            "CREATE INDEX ON t (id)",
            "0A000",
            "unsupported mode. please use CREATE INDEX ASYNC.",
        ),
        ("TRUNCATE t", "0A000", "unsupported statement: Truncate"),
        (
            "ALTER TABLE t ADD COLUMN a int DEFAULT 1",
            "0A000",
            "ALTER TABLE ADD COLUMN with constraint not supported",
        ),
        (
            "CREATE TABLE u (a int[])",
            "0A000",
            "datatype integer[] not supported",
        ),
        (
            "BEGIN ISOLATION LEVEL SERIALIZABLE",
            "0A000",
            "Unsupported isolation level: SERIALIZABLE",
        ),
        (
            "SELECT * FROM t FOR SHARE",
            "0A000",
            "locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported",
        ),
        (
            "SET statement_timeout = 1",
            "0A000",
            "setting configuration parameter \"statement_timeout\" not supported",
        ),
    ] {
        let expected = (state.to_owned(), message.to_owned());
        assert_eq!(client.refused(sql).await, expected, "{sql}");
        let prepared = client.prepare(sql).await.expect_err(sql);
        assert_eq!(refusal(&prepared), expected, "{sql}");
    }
}

#[tokio::test]
async fn a_numeric_column_without_a_precision_has_six_decimals() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a numeric DEFAULT 1.23456789, b decimal(4, 1), c text)")
        .await;
    client.rows("ALTER TABLE t ADD COLUMN d dec").await;
    let inserted = client
        .rows("INSERT INTO t VALUES (1, DEFAULT, 1.25, 'x', 2.0000004) RETURNING a, b, d")
        .await;
    assert_eq!(inserted, ["1.234568|1.3|2.000000"]);
    assert_eq!(
        client.refused("UPDATE t SET a = 1e12").await.0,
        "22003",
        "eighteen digits in all"
    );
    let types = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute \
         WHERE attrelid = 't'::regclass AND atttypid = 'numeric'::regtype ORDER BY attnum";
    assert_eq!(
        client.rows(types).await,
        ["numeric(18,6)", "numeric(4,1)", "numeric(18,6)"]
    );
    // In an expression it has as many as it needs.
    assert_eq!(
        client.rows("SELECT 1.23456789::numeric").await,
        ["1.23456789"]
    );
}

#[tokio::test]
async fn an_index_takes_no_type_that_cannot_be_in_a_key() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a json, b jsonb, c bytea, d interval, e text)")
        .await;
    for (key, type_name) in [
        ("a", "json"),
        ("b", "jsonb"),
        ("e, c", "bytea"),
        ("d", "interval"),
        ("(b->'x')", "jsonb"),
    ] {
        let refused = client
            .simple_query(&format!("CREATE INDEX ASYNC ON t ({key})"))
            .await
            .unwrap_err();
        assert_eq!(
            refusal(&refused),
            feature(&format!("datatype {type_name} is not supported in a key"))
        );
        assert_eq!(refused.as_db_error().unwrap().where_(), None);
    }
    client
        .rows("CREATE INDEX ASYNC ON t ((b->>'x'), e) INCLUDE (c)")
        .await;
    assert_eq!(client.rows("SELECT count(*) FROM sys.jobs").await, ["1"]);
}

#[tokio::test]
async fn an_index_is_built_at_once_where_that_is_switched_on_and_the_table_is_empty() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    let mode = feature("unsupported mode. please use CREATE INDEX ASYNC.");
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a text)")
        .await;
    let show = "SHOW disable_sync_create_index";
    assert_eq!(client.rows(show).await, ["on"]);
    assert_eq!(client.refused("CREATE INDEX ON t (a)").await, mode);
    client.rows("SET disable_sync_create_index = off").await;
    assert_eq!(client.rows(show).await, ["off"]);
    client.rows("CREATE INDEX t_a ON t (a)").await;
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass";
    assert_eq!(client.rows(valid).await, ["t"]);
    // The other rules hold all the same, and rows need a job.
    assert_eq!(
        client.refused("CREATE INDEX ON t (a DESC)").await,
        feature("specifying sort order not supported for index keys")
    );
    client.rows("INSERT INTO t VALUES (1, 'a')").await;
    assert_eq!(client.refused("CREATE INDEX ON t (a)").await, mode);
    assert_eq!(client.refused("CREATE INDEX ON u (a)").await.0, "42P01");
    client.rows("RESET disable_sync_create_index").await;
    assert_eq!(client.rows(show).await, ["on"]);
    let mut config = fixture.config();
    config.options("-c disable_sync_create_index=off");
    let other = fixture.try_client(&config).await.unwrap();
    assert_eq!(other.rows(show).await, ["off"]);
}

#[tokio::test]
async fn a_column_is_defined_with_its_storage() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client
        .rows("CREATE TABLE t (id int PRIMARY KEY, a text STORAGE EXTERNAL DEFAULT 'x', b text STORAGE PLAIN)")
        .await;
    client.rows("BEGIN").await;
    client
        .rows("ALTER TABLE t ADD COLUMN c text STORAGE MAIN")
        .await;
    client.rows("COMMIT").await;
    let add = "ALTER TABLE t ADD COLUMN d jsonb STORAGE external";
    client.execute(add, &[]).await.unwrap();
    let storage = "SELECT string_agg(attstorage::text, '' ORDER BY attnum) FROM pg_attribute \
         WHERE attrelid = 't'::regclass AND attnum > 1";
    assert_eq!(client.rows(storage).await, ["epme"]);
    // What cannot be stored so is not made.
    let refused = client
        .refused("ALTER TABLE t ADD COLUMN e int STORAGE EXTERNAL")
        .await;
    assert_eq!(refused.0, "0A000");
    assert_eq!(client.refused("SELECT e FROM t").await.0, "42703");
}

#[tokio::test]
async fn a_column_of_the_primary_key_stays() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client
        .rows("CREATE TABLE \"T\" (id int, \"Part\" int, a text UNIQUE, b text, PRIMARY KEY (id, \"Part\"))")
        .await;
    for (sql, column) in [
        ("ALTER TABLE \"T\" DROP COLUMN id", "id"),
        (
            "ALTER TABLE public.\"T\" DROP b, DROP COLUMN IF EXISTS \"Part\" CASCADE",
            "Part",
        ),
    ] {
        let expected = feature(&format!("cannot drop primary key column {column}"));
        assert_eq!(client.refused(sql).await, expected);
        let prepared = client.execute(sql, &[]).await.unwrap_err();
        assert_eq!(refusal(&prepared), expected);
    }
    client.rows("ALTER TABLE \"T\" DROP COLUMN a, DROP b").await;
    let columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'T'";
    assert_eq!(client.rows(columns).await, ["2"]);
    client.rows("BEGIN").await;
    assert_eq!(
        client.refused("ALTER TABLE \"T\" DROP id").await,
        feature("cannot drop primary key column id")
    );
    assert_eq!(client.refused("SELECT 1").await.0, "25P02");
    client.rows("ROLLBACK").await;
}
