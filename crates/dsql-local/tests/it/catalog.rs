//! What the catalogs show.

use tokio_postgres::Client;

use super::support::{Ask, Fixture};

async fn table() -> (Fixture, Client) {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    client
        .rows("CREATE TABLE pet (id int PRIMARY KEY, name text, \"The Tag\" text UNIQUE)")
        .await;
    let job = client
        .rows("CREATE INDEX ASYNC \"a USING btree b\" ON pet (name) WHERE \"The Tag\" IS NULL")
        .await;
    client
        .rows(&format!("CALL sys.wait_for_job('{}')", job[0]))
        .await;
    (fixture, client)
}

#[tokio::test]
async fn the_one_index_method_is_btree_index() {
    let (_fixture, client) = table().await;
    assert_eq!(
        client
            .rows("SELECT amname FROM pg_am WHERE amtype = 'i'")
            .await,
        ["btree_index"]
    );
    let definitions = [
        "CREATE INDEX \"a USING btree b\" ON public.pet USING btree_index (name) WHERE (\"The Tag\" IS NULL)",
        "CREATE UNIQUE INDEX \"pet_The Tag_key\" ON public.pet USING btree_index (\"The Tag\")",
        // The key's index is the table.
        "CREATE UNIQUE INDEX pet_pkey ON public.pet USING btree_index (id) INCLUDE (name, \"The Tag\")",
    ];
    for asked in [
        "SELECT indexdef FROM pg_indexes WHERE tablename = 'pet' ORDER BY indexname",
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'pet'::regclass ORDER BY indexrelid::regclass::text",
    ] {
        assert_eq!(client.rows(asked).await, definitions, "{asked}");
    }
    assert_eq!(
        client
            .rows("SELECT pg_get_indexdef('pet_pkey'::regclass, 1, true)")
            .await,
        ["id"]
    );
    assert_eq!(client.rows("SELECT pg_get_indexdef(0)").await, ["NULL"]);
}

#[tokio::test]
async fn nothing_of_the_cluster_s_own_shows() {
    let (_fixture, client) = table().await;
    for (asked, answer) in [
        (
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1",
            &["information_schema", "public", "sys"] as &[&str],
        ),
        (
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'v') ORDER BY 1",
            &["iam_pg_role_mappings", "jobs", "pet"],
        ),
        (
            "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'dsql%' \
             OR table_schema NOT IN ('pg_catalog', 'information_schema', 'public', 'sys')",
            &[],
        ),
        (
            "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
             WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'sys')",
            &[],
        ),
        ("SELECT extname FROM pg_extension", &[]),
        ("SELECT lanname FROM pg_language WHERE lanispl", &[]),
        ("SELECT evtname FROM pg_event_trigger", &[]),
        ("SELECT tgname FROM pg_trigger", &[]),
    ] {
        assert_eq!(client.rows(asked).await, answer, "{asked}");
    }
}

#[tokio::test]
async fn what_is_asked_of_the_catalogs_by_their_columns_is_there() {
    let (_fixture, client) = table().await;
    // As pg_dump asks.
    for asked in [
        "SELECT tableoid, oid, amname, amtype, amhandler::pg_catalog.regproc FROM pg_catalog.pg_am",
        "SELECT tableoid, oid, lanname, lanpltrusted, lanplcallfoid, laninline, lanvalidator, lanacl, lanowner \
         FROM pg_catalog.pg_language WHERE lanispl",
        "SELECT x.tableoid, x.oid, x.extname, n.nspname FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace",
        "SELECT * FROM pg_am a JOIN pg_class c ON c.relam = a.oid",
        "SELECT character_octet_length FROM information_schema.columns",
        // As psql does for \l and \dO.
        "SELECT d.datname, d.datlocprovider, d.daticulocale, d.daticurules FROM pg_catalog.pg_database d",
        "SELECT c.collname, c.colliculocale, c.collicurules FROM pg_catalog.pg_collation c",
    ] {
        client.rows(asked).await;
    }
}

#[tokio::test]
async fn the_functions_of_sys_answer() {
    let (_fixture, client) = table().await;
    assert_eq!(client.rows("SELECT sys.dsql_major_version()").await, ["1"]);
    let there_and_back = "SELECT sys.base32_str_to_uuid(sys.uuid_to_base32_str(id)) = id, \
         length(sys.uuid_to_base32_str(id)) FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 100)) ids GROUP BY 1, 2";
    assert_eq!(client.rows(there_and_back).await, ["t|26"]);
    let jobs = "SELECT count(sys.base32_str_to_uuid(job_id)) FROM sys.jobs";
    assert_eq!(client.rows(jobs).await, ["1"]);
    for text in ["a", "4ixgm54l7bfdlckxqtqlqcyzob", ""] {
        assert_eq!(
            client
                .refused(&format!("SELECT sys.base32_str_to_uuid('{text}')"))
                .await,
            (
                "22P02".to_owned(),
                "Unable to convert text to UUID".to_owned()
            )
        );
    }
}
