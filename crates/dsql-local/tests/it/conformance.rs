//! The tables of what the service answers, asked of a local cluster.

use dsql_local::LocalCluster;
use dsql_sql::conformance::{Answer, Row, rows};
use tokio_postgres::Client;

use super::support::{Ask, Fixture, refusal};

/// What takes as long as a transaction may.
const SLOW: &str = "pg_sleep(301)";

/// A cluster whose jobs end without news (OC001) for whoever goes through the tables meanwhile.
async fn without_news() -> Fixture {
    let builder = LocalCluster::builder().schema_conflicts(false);
    Fixture {
        cluster: builder.start().await.unwrap(),
    }
}

/// The answer to a row's statement in its transaction: SQLSTATE and message
/// of a refusal.
async fn asked(client: &Client, row: &Row) -> Result<(), (String, String)> {
    // What was left open, and aborted, is over.
    let _ = client.simple_query("ROLLBACK").await;
    let begins = row
        .before
        .first()
        .is_some_and(|first| first.starts_with("BEGIN"));
    let mut sql = row.statement.clone();
    if begins {
        for earlier in &row.before {
            let _ = client.simple_query(earlier).await;
        }
    } else if !row.before.is_empty() {
        sql = format!("{};\n{sql}", row.before.join(";\n"));
    }
    match client.simple_query(&sql).await {
        Ok(_) => Ok(()),
        Err(error) => Err(refusal(&error)),
    }
}

#[tokio::test]
async fn what_the_service_refuses_is_refused_in_its_words() {
    let fixture = without_news().await;
    let client = fixture.client().await;
    let mut count = 0;
    for row in rows() {
        let (Answer::Refused(words) | Answer::Presumed(words)) = row.answer else {
            // Later rows may need what it creates.
            if row.before.is_empty() && row.statement.starts_with("CREATE ") {
                let _ = client.simple_query(&row.statement).await;
            }
            continue;
        };
        let wanted = (words.sqlstate.to_owned(), words.message.to_owned());
        let got = asked(&client, &row).await;
        assert_eq!(got, Err(wanted), "conformance/{}:{}", row.file, row.line);
        count += 1;
    }
    assert!(count > 200, "the tables have only {count} refusals");
}

/// The same by the extended protocol.
async fn prepared(client: &Client, sql: &str) -> Result<(), (String, String)> {
    match client.prepare(sql).await {
        Ok(statement) => client.execute(&statement, &[]).await.map(drop),
        Err(error) => Err(error),
    }
    .map_err(|error| refusal(&error))
}

#[tokio::test]
async fn every_refusal_aborts_its_transaction_and_no_other() {
    let fixture = without_news().await;
    let client = fixture.client().await;
    let aborted = (
        "25P02".to_owned(),
        "current transaction is aborted, commands ignored until end of transaction block"
            .to_owned(),
    );
    let mut count = 0;
    for row in rows() {
        let (Answer::Refused(words) | Answer::Presumed(words)) = row.answer else {
            continue;
        };
        if !row.before.is_empty() {
            continue;
        }
        let wanted = Err((words.sqlstate.to_owned(), words.message.to_owned()));
        let place = format!("conformance/{}:{}", row.file, row.line);
        let sql = &row.statement;
        let simple = async || match client.simple_query(sql).await {
            Ok(_) => Ok(()),
            Err(error) => Err(refusal(&error)),
        };
        // By itself, it leaves the session as it is.
        assert_eq!(prepared(&client, sql).await, wanted, "{place}");
        assert_eq!(client.rows("SELECT 1").await, ["1"], "{place}");
        for is_prepared in [false, true] {
            client.rows("BEGIN").await;
            let answer = if is_prepared {
                prepared(&client, sql).await
            } else {
                simple().await
            };
            assert_eq!(answer, wanted, "{place}");
            assert_eq!(client.refused("SELECT 1").await, aborted, "{place}");
            assert_eq!(simple().await, Err(aborted.clone()), "{place}");
            assert_eq!(
                prepared(&client, sql).await,
                Err(aborted.clone()),
                "{place}"
            );
            client.rows("COMMIT").await;
            assert_eq!(client.rows("SELECT 1").await, ["1"], "{place}");
        }
        count += 1;
    }
    assert!(count > 200, "the tables have only {count} refusals");
}

#[tokio::test]
async fn what_the_service_accepts_is_not_refused() {
    let fixture = without_news().await;
    let client = fixture.client().await;
    for row in rows() {
        let lower = row.statement.to_ascii_lowercase();
        let is_copy = lower.contains("stdin") || lower.contains("stdout");
        let is_slow = row
            .before
            .iter()
            .chain([&row.statement])
            .any(|sql| sql.contains(SLOW));
        if !matches!(row.answer, Answer::Accepted(_)) || is_copy || is_slow {
            continue;
        }
        // A table that is not there says nothing about the form; these do.
        if let Err((sqlstate, message)) = asked(&client, &row).await {
            assert!(
                !["0A000", "42601"].contains(&sqlstate.as_str()),
                "conformance/{}:{}: {}\n{sqlstate} {message}",
                row.file,
                row.line,
                row.statement
            );
        }
    }
}

#[tokio::test]
async fn a_session_is_what_it_is_on_the_service() {
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    let mut count = 0;
    let of_the_session = |row: &Row| {
        row.file == "session.txt"
            || ["SHOW ", "FROM pg_am", "dsql_major_version"]
                .iter()
                .any(|part| row.statement.contains(part))
    };
    for row in rows().filter(of_the_session) {
        if let Answer::Accepted(Some(value)) = row.answer {
            assert_eq!(
                client.rows(&row.statement).await,
                [value],
                "conformance/{}:{}",
                row.file,
                row.line
            );
            count += 1;
        }
    }
    assert!(count > 10, "the table has only {count} values");
}
