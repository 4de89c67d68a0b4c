//! The status page.

use dsql_local::{Builder, Fault, LocalCluster};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_postgres::Client;

use super::support::{Ask, Fixture, conflict};

async fn with_page(builder: Builder) -> Fixture {
    Fixture {
        cluster: builder.status(0).start().await.unwrap(),
    }
}

/// Status line and headers, body.
async fn ask(fixture: &Fixture, request: &str) -> (String, String) {
    let url = fixture.cluster.status_url().unwrap();
    let place = url.strip_prefix("http://localhost:").unwrap();
    let place = format!("127.0.0.1:{}", place.trim_end_matches('/'));
    let mut stream = TcpStream::connect(place).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

async fn get(fixture: &Fixture, path: &str) -> (String, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    ask(fixture, &request).await
}

async fn status(fixture: &Fixture) -> Value {
    let (head, body) = get(fixture, "/status.json").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    serde_json::from_str(&body).unwrap()
}

/// The session of a client, by its application_name.
fn session<'a>(status: &'a Value, name: &str) -> &'a Value {
    let sessions = status["sessions"].as_array().unwrap();
    (sessions.iter())
        .find(|session| session["application_name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {sessions:?}"))
}

async fn named(fixture: &Fixture, name: &str) -> Client {
    let mut config = fixture.config();
    config.application_name(name);
    fixture.try_client(&config).await.unwrap()
}

/// Clients `one` and `two`, and a table of two rows.
async fn two_sessions(fixture: &Fixture) -> (Client, Client) {
    let one = named(fixture, "one").await;
    one.rows("CREATE TABLE account (id int PRIMARY KEY, balance int)")
        .await;
    one.rows("INSERT INTO account VALUES (7, 100), (8, 100)")
        .await;
    (one, named(fixture, "two").await)
}

#[tokio::test]
async fn there_is_none_unless_it_is_asked_for() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.cluster.status_url(), None);
}

#[tokio::test]
async fn it_is_one_page_that_may_ask_nobody_else_for_anything() {
    let fixture = with_page(LocalCluster::builder()).await;
    let (head, page) = get(&fixture, "/").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let head = head.to_lowercase();
    let policy = head
        .lines()
        .find_map(|line| line.strip_prefix("content-security-policy: "))
        .unwrap();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(head.contains("cache-control: no-store"), "{head}");
    let (_, nonce) = page.split_once("<script nonce=\"").unwrap();
    let nonce = nonce.split_once('"').unwrap().0;
    assert!(policy.contains(&format!("script-src 'nonce-{}'", nonce.to_lowercase())));
    let (_, again) = get(&fixture, "/").await;
    assert!(!again.contains(nonce), "a nonce is good for once");
}

#[tokio::test]
async fn only_who_names_this_machine_is_answered() {
    let fixture = with_page(LocalCluster::builder()).await;
    for host in ["evil.example", "evil.example:80", "localhost.evil.example"] {
        let request =
            format!("GET /status.json HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let (head, body) = ask(&fixture, &request).await;
        assert!(head.starts_with("HTTP/1.1 403"), "{host}: {head}");
        assert!(!body.contains("sessions"), "{body}");
    }
    let old = "GET /status.json HTTP/1.0\r\n\r\n";
    assert!(ask(&fixture, old).await.0.contains(" 403 "));
    let post =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert!(ask(&fixture, post).await.0.contains(" 405 "));
    assert!(get(&fixture, "/../etc/passwd").await.0.contains(" 404 "));
}

#[tokio::test]
async fn sessions_and_their_transactions_are_shown() {
    let fixture = with_page(LocalCluster::builder()).await;
    let (one, two) = two_sessions(&fixture).await;
    two.rows("BEGIN").await;
    two.rows("UPDATE account SET balance = balance - 1").await;
    one.rows("SET application_name = 'renamed'").await;
    let status = status(&fixture).await;
    let shown = session(&status, "two");
    assert_eq!(shown["user"], "admin");
    assert_eq!(shown["state"], "idle in transaction");
    assert_eq!(
        shown["statement"],
        "UPDATE account SET balance = balance - 1"
    );
    assert_eq!(shown["statements"], 2);
    assert_eq!(shown["transaction"]["rows"], 2);
    assert_eq!(shown["transaction"]["access"], "write");
    let shown = session(&status, "renamed");
    assert_eq!(shown["state"], "idle");
    assert!(shown["transaction"].is_null());
    assert_eq!(status["cluster"]["port"], fixture.cluster.port());
}

#[tokio::test]
async fn a_conflict_is_shown_with_table_key_and_both_sides() {
    let fixture = with_page(LocalCluster::builder()).await;
    let (one, two) = two_sessions(&fixture).await;
    for client in [&one, &two] {
        client.rows("BEGIN").await;
        client
            .rows("UPDATE account SET balance = balance - 1 WHERE id = 7")
            .await;
    }
    two.rows("COMMIT").await;
    assert_eq!(one.refused("COMMIT").await, conflict());
    let status = status(&fixture).await;
    let conflicts = status["conflicts"].as_array().unwrap();
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    let shown = &conflicts[0];
    assert_eq!(
        (&shown["table"], &shown["key"], &shown["count"]),
        (&"public.account".into(), &"7".into(), &1.into())
    );
    for (side, name) in [("loser", "one"), ("winner", "two")] {
        assert_eq!(shown[side]["application_name"], name);
        let statement = "UPDATE account SET balance = balance - 1 WHERE id = 7";
        assert_eq!(shown[side]["statement"], statement);
    }
}

#[tokio::test]
async fn what_had_been_committed_before_is_found_too() {
    let fixture = with_page(LocalCluster::builder()).await;
    let (one, two) = two_sessions(&fixture).await;
    two.rows("BEGIN").await;
    two.rows("SELECT * FROM account").await;
    one.rows("UPDATE account SET balance = 0 WHERE id = 8")
        .await;
    two.rows("UPDATE account SET balance = balance + 1").await;
    assert_eq!(two.refused("COMMIT").await, conflict());

    two.rows("BEGIN").await;
    two.rows("SELECT * FROM account").await;
    one.rows("INSERT INTO account VALUES (9, 0)").await;
    two.rows("INSERT INTO account VALUES (9, 1)").await;
    assert_eq!(two.refused("COMMIT").await, conflict());
    let status = status(&fixture).await;
    let conflicts = status["conflicts"].as_array().unwrap();
    let keys: Vec<&Value> = conflicts.iter().map(|shown| &shown["key"]).collect();
    assert_eq!(keys, ["9", "8"], "newest first");
    for shown in conflicts {
        assert_eq!(shown["table"], "public.account");
        assert_eq!(shown["loser"]["application_name"], "two");
        assert_eq!(shown["winner"]["application_name"], "one");
    }
}

#[tokio::test]
async fn refusals_limits_jobs_and_faults_are_shown() {
    let builder = LocalCluster::builder().limits("rows=2".parse().unwrap());
    let fixture = with_page(builder).await;
    let (one, _two) = two_sessions(&fixture).await;
    for _ in 0..2 {
        one.refused("TRUNCATE account").await;
    }
    one.refused("SELECT '<script>alert(1)</script>' FROM nowhere")
        .await;
    one.refused("INSERT INTO account SELECT n FROM generate_series(10, 20) n")
        .await;
    one.refused("ALTER ROLE nobody PASSWORD 'hush'").await;
    let job = one
        .rows("CREATE INDEX ASYNC ON account (balance)")
        .await
        .remove(0);
    one.rows(&format!("CALL sys.wait_for_job('{job}')")).await;
    fixture.cluster.inject(Fault::conflict());
    one.refused("DELETE FROM account").await;

    let mut config = fixture.config();
    config.password("localhost/?hush");
    fixture.try_client(&config).await.unwrap_err();

    let status = status(&fixture).await;
    let refused = status["refused"].as_array().unwrap();
    let entry = |sqlstate: &str, rule: Value| {
        (refused.iter())
            .find(|entry| entry["sqlstate"] == sqlstate && entry["rule"] == rule)
            .unwrap_or_else(|| panic!("no {sqlstate} {rule} in {refused:?}"))
    };
    let truncate = entry("0A000", "truncate".into());
    assert_eq!(truncate["message"], "unsupported statement: Truncate");
    assert_eq!(truncate["count"], 2);
    assert_eq!(truncate["limit"], false);
    assert_eq!(truncate["application_name"], "one");
    assert_eq!(truncate["statement"], "TRUNCATE account");
    assert_eq!(
        entry("42P01", Value::Null)["statement"],
        "SELECT '<script>alert(1)</script>' FROM nowhere"
    );
    assert_eq!(entry("54000", "row_limit".into())["limit"], true);
    assert_eq!(entry("08006", Value::Null)["session"], Value::Null);
    let jobs = status["jobs"].as_array().unwrap();
    assert_eq!(jobs[0]["job_id"], job);
    assert_eq!(jobs[0]["status"], "completed");
    assert_eq!(jobs[0]["object"], "public.account_balance_idx");
    assert_eq!(status["faults"]["conflict"], 1);

    let told = status.to_string();
    assert!(!told.contains("hush"), "{told}");
    assert!(!told.contains("X-Amz-"), "{told}");
    let keys = fixture.env("AWS_SECRET_ACCESS_KEY");
    assert!(!told.contains(&keys), "{told}");
}
