//! tokio-postgres, with rustls.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use dsql_clients::{CONFLICT, variable};
use futures_util::{SinkExt, StreamExt, TryStreamExt, future, pin_mut, stream};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{Json, Type};
use tokio_postgres::{AsyncMessage, Client, Config, Error, IsolationLevel};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

fn config() -> Config {
    let mut config = Config::new();
    config
        .host(variable("PGHOST"))
        .port(variable("PGPORT").parse().unwrap())
        .user(variable("PGUSER"))
        .dbname(variable("PGDATABASE"))
        .password(variable("PGPASSWORD"));
    config
}

/// rustls always verifies the whole chain and the name.
fn tls() -> MakeRustlsConnect {
    let mut roots = rustls::RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(variable("PGSSLROOTCERT")).unwrap();
    roots.add(authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    MakeRustlsConnect::new(tls)
}

async fn connect() -> Client {
    let (client, connection) = config().connect(tls()).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A table for one test, under the name of it.
async fn visits(client: &Client, table: &str) {
    let create = format!("CREATE TABLE {table} (id uuid PRIMARY KEY, n int)");
    client.batch_execute(&create).await.unwrap();
}

fn state(error: &Error) -> &SqlState {
    error.code().unwrap()
}

#[tokio::test]
async fn it_connects_with_a_token_and_not_without() {
    let client = connect().await;
    let version = client.query_one("SHOW server_version", &[]).await.unwrap();
    assert_eq!(version.get::<_, &str>(0), "16.15");
    let refused = config().password("no token").connect(tls()).await;
    let refused = refused.err().unwrap();
    let message = refused.as_db_error().unwrap().message();
    assert!(message.contains("access denied"), "{message}");
}

#[tokio::test]
async fn every_usual_type_goes_in_and_out_in_binary() {
    let client = connect().await;
    client
        .batch_execute(
            "CREATE TABLE tp_types (id uuid PRIMARY KEY, small smallint, whole int, big bigint, half real, \
             double double precision, yes boolean, words text, bytes bytea, day date, moment timestamptz, doc jsonb, \
             nothing text)",
        )
        .await
        .unwrap();
    let id = Uuid::new_v4();
    let day = NaiveDate::from_ymd_opt(2026, 2, 28).unwrap();
    let moment: DateTime<Utc> = "2026-02-28T12:30:00.123456Z".parse().unwrap();
    let doc = serde_json::json!({"name": "Bella", "weights": [3.5, 4]});
    let insert =
        "INSERT INTO tp_types VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let bytes = [0_u8, 1, 255];
    client
        .execute(
            insert,
            &[
                &id,
                &i16::MIN,
                &i32::MAX,
                &i64::MIN,
                &0.5_f32,
                &0.1_f64,
                &true,
                &"naïve '☃'",
                &bytes.as_slice(),
                &day,
                &moment,
                &Json(&doc),
                &None::<String>,
            ],
        )
        .await
        .unwrap();
    let row = client
        .query_one("SELECT * FROM tp_types", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, Uuid>(0), id);
    assert_eq!(row.get::<_, i16>(1), i16::MIN);
    assert_eq!(row.get::<_, i32>(2), i32::MAX);
    assert_eq!(row.get::<_, i64>(3), i64::MIN);
    assert_eq!(row.get::<_, f64>(5).to_bits(), 0.1_f64.to_bits());
    assert_eq!(row.get::<_, &str>(7), "naïve '☃'");
    assert_eq!(row.get::<_, &[u8]>(8), bytes);
    assert_eq!(row.get::<_, NaiveDate>(9), day);
    assert_eq!(row.get::<_, DateTime<Utc>>(10), moment);
    assert_eq!(row.get::<_, serde_json::Value>(11), doc);
    assert_eq!(row.get::<_, Option<&str>>(12), None);
}

#[tokio::test]
async fn statements_are_prepared_once_and_sent_in_a_pipeline() {
    let client = connect().await;
    visits(&client, "tp_pipeline").await;
    let insert = (client
        .prepare("INSERT INTO tp_pipeline VALUES ($1, 10 / $2::int)")
        .await)
        .unwrap();
    let divisors: Vec<(Uuid, i32)> = (0..100).map(|n| (Uuid::new_v4(), n - 50)).collect();
    let sent = divisors.iter().map(|(id, divisor)| {
        let (client, insert) = (&client, &insert);
        async move { client.execute(insert, &[id, divisor]).await }
    });
    let answers = future::join_all(sent).await;
    for (n, answer) in answers.iter().enumerate() {
        match answer {
            Ok(rows) => assert_eq!(*rows, 1),
            Err(error) => assert_eq!((n, state(error)), (50, &SqlState::DIVISION_BY_ZERO)),
        }
    }
    let count = client.query_one("SELECT count(*) FROM tp_pipeline", &[]);
    assert_eq!(count.await.unwrap().get::<_, i64>(0), 99);
}

#[tokio::test]
async fn rows_go_in_and_out_by_copy_and_in_portions() {
    let mut client = connect().await;
    visits(&client, "tp_copy").await;
    let sink = client.copy_in("COPY tp_copy FROM STDIN").await.unwrap();
    pin_mut!(sink);
    let lines = (0..500).map(|n| Ok(bytes::Bytes::from(format!("{}\t{n}\n", Uuid::new_v4()))));
    sink.send_all(&mut stream::iter(lines)).await.unwrap();
    assert_eq!(sink.finish().await.unwrap(), 500);
    let sink = client.copy_in("COPY tp_copy FROM STDIN (FORMAT binary)");
    let writer = BinaryCopyInWriter::new(sink.await.unwrap(), &[Type::UUID, Type::INT4]);
    pin_mut!(writer);
    for n in 500..1000 {
        writer.as_mut().write(&[&Uuid::new_v4(), &n]).await.unwrap();
    }
    assert_eq!(writer.finish().await.unwrap(), 500);
    let out = client.copy_out("COPY tp_copy TO STDOUT").await.unwrap();
    let lines = out.map_ok(|part| part.iter().filter(|byte| **byte == b'\n').count());
    assert_eq!(
        lines
            .try_fold(0, |sum, n| future::ok(sum + n))
            .await
            .unwrap(),
        1000
    );
    let transaction = client.transaction().await.unwrap();
    let portal = transaction.bind("SELECT n FROM tp_copy ORDER BY n", &[]);
    let portal = portal.await.unwrap();
    let mut seen = 0;
    loop {
        let rows = transaction.query_portal(&portal, 300).await.unwrap();
        if rows.is_empty() {
            break;
        }
        seen += rows.len();
    }
    assert_eq!(seen, 1000);
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_conflict_is_told_at_commit_and_gone_when_the_transaction_runs_again() {
    let client = connect().await;
    visits(&client, "tp_conflict").await;
    client
        .batch_execute("INSERT INTO tp_conflict VALUES (gen_random_uuid(), 0)")
        .await
        .unwrap();
    let mut loser = connect().await;
    let add = "UPDATE tp_conflict SET n = n + $1";
    for attempt in 1..=2 {
        let begin = loser.build_transaction();
        let begin = begin.isolation_level(IsolationLevel::RepeatableRead);
        let transaction = begin.start().await.unwrap();
        transaction.execute(add, &[&1]).await.unwrap();
        if attempt == 1 {
            client.execute(add, &[&10]).await.unwrap();
            let conflict = transaction.commit().await.unwrap_err();
            assert_eq!(state(&conflict), &SqlState::T_R_SERIALIZATION_FAILURE);
            assert_eq!(conflict.as_db_error().unwrap().message(), CONFLICT);
        } else {
            transaction.commit().await.unwrap();
        }
    }
    let sum = client.query_one("SELECT n FROM tp_conflict", &[]);
    assert_eq!(sum.await.unwrap().get::<_, i32>(0), 11);
}

#[tokio::test]
async fn an_error_aborts_a_transaction_until_rollback() {
    let mut client = connect().await;
    let transaction = client.transaction().await.unwrap();
    let failed = transaction.query_one("SELECT 1 / $1::int", &[&0]).await;
    assert_eq!(state(&failed.unwrap_err()), &SqlState::DIVISION_BY_ZERO);
    let failed = transaction.query_one("SELECT 1", &[]).await.unwrap_err();
    assert_eq!(state(&failed), &SqlState::IN_FAILED_SQL_TRANSACTION);
    transaction.rollback().await.unwrap();
    client.query_one("SELECT 1", &[]).await.unwrap();
}

#[tokio::test]
async fn a_long_query_is_cancelled() {
    let client = connect().await;
    let cancel = client.cancel_token();
    let (slept, ()) = tokio::join!(client.batch_execute("SELECT pg_sleep(60)"), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel_query(tls()).await.unwrap();
    });
    assert_eq!(state(&slept.unwrap_err()), &SqlState::QUERY_CANCELED);
}

#[tokio::test]
async fn notices_come_through_and_refusals_in_the_words_of_the_service() {
    let (client, mut connection) = config().connect(tls()).await.unwrap();
    let messages = stream::poll_fn(move |context| connection.poll_message(context));
    let work = async move {
        client
            .batch_execute("DROP TABLE IF EXISTS tp_none")
            .await
            .unwrap();
        let refused = client.batch_execute("TRUNCATE tp_none").await.unwrap_err();
        assert_eq!(state(&refused), &SqlState::FEATURE_NOT_SUPPORTED);
        let message = refused.as_db_error().unwrap().message().to_owned();
        assert_eq!(message, "unsupported statement: Truncate");
    };
    let (messages, ()) = tokio::join!(messages.collect::<Vec<_>>(), work);
    let notices = messages.into_iter().filter_map(|message| match message {
        Ok(AsyncMessage::Notice(notice)) => Some(notice.message().to_owned()),
        _ => None,
    });
    let notices: Vec<String> = notices.collect();
    assert_eq!(notices, ["table \"tp_none\" does not exist, skipping"]);
}
