//! The door: TLS, tokens, the one database.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime};

use dsql_connect::Action;
use tokio_postgres::config::{SslMode, SslNegotiation};

use super::support::{Ask, Fixture, access_denied, refusal};

/// A cluster's public name, as the service gives them out.
const PUBLIC_HOST: &str = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws";

impl Fixture {
    /// What a connection with `token` is told: a HINT.
    async fn told(&self, token: &str) -> String {
        let mut config = self.config();
        config.password(token);
        let refused = self.try_client(&config).await.err().unwrap();
        assert_eq!(refusal(&refused), access_denied("08006"));
        let hint = refused.as_db_error().unwrap().hint();
        hint.unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn a_connection_without_tls_is_refused() {
    let fixture = Fixture::start().await;
    let mut config = fixture.config();
    config.ssl_mode(SslMode::Disable);
    let refused = config.connect(tokio_postgres::NoTls).await.err().unwrap();
    assert_eq!(refusal(&refused).0, "28000");
}

#[tokio::test]
async fn tls_can_come_first() {
    let fixture = Fixture::start().await;
    let mut config = fixture.config();
    config.ssl_mode(SslMode::Require);
    config.ssl_negotiation(SslNegotiation::Direct);
    let client = fixture.try_client(&config).await.unwrap();
    assert_eq!(client.rows("SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn a_password_that_is_no_token_is_refused() {
    let fixture = Fixture::start().await;
    let mut config = fixture.config();
    config.password("secret");
    let refused = fixture.try_client(&config).await.err().unwrap();
    assert_eq!(refusal(&refused), access_denied("08006"));
}

#[tokio::test]
async fn there_is_one_database() {
    let fixture = Fixture::start().await;
    let mut config = fixture.config();
    config.dbname("template1");
    let refused = fixture.try_client(&config).await.err().unwrap();
    assert_eq!(refusal(&refused).0, "3D000");
}

#[tokio::test]
async fn psql_connects_with_the_environment_of_the_cluster() {
    let fixture = Fixture::start().await;
    let script = "CREATE TABLE t (id bigint PRIMARY KEY, name text);
        CREATE INDEX ASYNC ON t (name) \\gset
        CALL sys.wait_for_job(:'job_id');
        INSERT INTO t VALUES (1, 'a'), (2, NULL);
        \\copy t FROM STDIN
3\tc
\\.
        SELECT count(*), max(name) FROM t;
        \\d t";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script.sql");
    std::fs::write(&file, script).unwrap();
    let ran = tokio::process::Command::new("psql")
        .args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f"])
        .arg(&file)
        .envs(fixture.cluster.env())
        .output()
        .await;
    let output = match ran {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("not tested: there is no psql on this machine");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let (told, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{told}{errors}");
    assert!(told.contains("3|c"), "{told}");
}

#[tokio::test]
async fn a_token_for_something_else_is_refused_and_told_why() {
    let fixture = Fixture::start().await;
    let now = SystemTime::now();
    let admin = Action::DbConnectAdmin;
    let token = fixture.token("localhost", "us-east-1", Action::DbConnect, now);
    assert_eq!(
        fixture.told(&token).await,
        "Wrong user to action mapping. user: admin, action: DbConnect"
    );
    let hour_ago = now - Duration::from_secs(3600);
    let token = fixture.token("localhost", "us-east-1", admin, hour_ago);
    assert!(fixture.told(&token).await.starts_with("Signature expired"));
    let tomorrow = now + Duration::from_secs(24 * 3600);
    let token = fixture.token("localhost", "us-east-1", admin, tomorrow);
    assert!(
        (fixture.told(&token).await).starts_with("Signature not yet current"),
        "signed ahead of time"
    );
    let token = fixture.token("elsewhere", "us-east-1", admin, now);
    assert_eq!(
        fixture.told(&token).await,
        "The token is signed for another host."
    );
    let token = fixture.token("localhost", "eu-west-1", admin, now);
    assert_eq!(
        fixture.told(&token).await,
        "The token is signed for another region than us-east-1."
    );
}

#[tokio::test]
async fn a_token_that_was_tampered_with_or_signed_by_others_is_refused() {
    let fixture = Fixture::start().await;
    let other = Fixture::start().await;
    let now = SystemTime::now();
    let token = fixture.token("localhost", "us-east-1", Action::DbConnectAdmin, now);
    let (rest, signature) = token.rsplit_once('=').unwrap();
    let turned: String = signature.chars().rev().collect();
    for forged in [
        // Lives longer, is for another role, has another signature or none, and was asked of other keys.
        token.replace("X-Amz-Expires=900", "X-Amz-Expires=604800"),
        token.replace("X-Amz-Expires=900", "X-Amz-Expires=604801"),
        token.replace("DbConnectAdmin", "DbConnect"),
        token.replace("dsql%2Faws4_request", "rds%2Faws4_request"),
        format!("{rest}={turned}"),
        format!("{rest}="),
        format!("{token}&X-Amz-Security-Token=a"),
        rest.rsplit_once('&').unwrap().0.to_owned(),
        other.token("localhost", "us-east-1", Action::DbConnectAdmin, now),
        String::new(),
    ] {
        assert_ne!(forged, token);
        assert_ne!(fixture.told(&forged).await, "", "{forged}");
    }
    let mut config = fixture.config();
    config.password(&token);
    fixture.try_client(&config).await.unwrap();
}

#[tokio::test]
async fn a_token_is_looked_at_only_when_its_bearer_comes_in() {
    let fixture = Fixture::start().await;
    // Good for three more seconds.
    let signed = SystemTime::now() - Duration::from_secs(897);
    let token = fixture.token("localhost", "us-east-1", Action::DbConnectAdmin, signed);
    let mut config = fixture.config();
    config.password(&token);
    let client = fixture.try_client(&config).await.unwrap();
    while fixture.try_client(&config).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(
        fixture
            .told(&token)
            .await
            .starts_with("Signature expired: ")
    );
    assert_eq!(client.rows("SELECT 1").await, ["1"]);
}

/// Who listens on this machine by TCP: address and port, as Linux writes them.
fn listeners() -> Option<Vec<(String, u16)>> {
    let mut found = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = std::fs::read_to_string(table).ok()?;
        for line in text.lines().skip(1) {
            let mut fields = line.split_whitespace().skip(1);
            let (local, _remote, state) = (fields.next()?, fields.next()?, fields.next()?);
            if state == "0A" {
                let (address, port) = local.split_once(':')?;
                found.push((address.to_owned(), u16::from_str_radix(port, 16).ok()?));
            }
        }
    }
    Some(found)
}

#[tokio::test]
async fn nothing_listens_beyond_loopback() {
    let before = listeners();
    let fixture = Fixture {
        cluster: dsql_local::LocalCluster::builder()
            .status(0)
            .start()
            .await
            .unwrap(),
    };
    let (Some(before), Some(after)) = (before, listeners()) else {
        println!("not tested: this machine does not tell who listens");
        return;
    };
    let loopback = ["0100007F", "00000000000000000000000001000000"];
    let url = fixture.cluster.status_url().unwrap();
    let status = url.trim_end_matches('/').rsplit(':').next().unwrap();
    for port in [fixture.cluster.port(), status.parse().unwrap()] {
        let ours = after.iter().filter(|(_, listening)| *listening == port);
        assert_ne!(ours.count(), 0, "{port}");
    }
    // Other tests come and go: what is not on loopback must have been there before.
    for (address, port) in after.iter().filter(|listener| !before.contains(listener)) {
        assert!(loopback.contains(&address.as_str()), "{address}:{port}");
    }
}

#[tokio::test]
async fn a_cluster_answers_to_the_name_that_it_is_called_by() {
    let fixture = Fixture::start().await;
    let now = SystemTime::now();
    let token = fixture.token(PUBLIC_HOST, "us-east-1", Action::DbConnectAdmin, now);
    let mut config = tokio_postgres::Config::new();
    config
        .host(PUBLIC_HOST)
        .hostaddr(IpAddr::V4(Ipv4Addr::LOCALHOST))
        .port(fixture.cluster.port())
        .user("admin")
        .dbname("postgres")
        .password(token)
        .ssl_mode(SslMode::Require);
    let client = fixture.try_client(&config).await.unwrap();
    assert_eq!(client.rows("SELECT 1").await, ["1"]);

    // A token for one name is no good under another.
    config.password(fixture.token("localhost", "us-east-1", Action::DbConnectAdmin, now));
    assert!(fixture.try_client(&config).await.is_err());
}

#[tokio::test]
async fn who_does_not_speak_the_protocol_is_shown_out_and_harms_nobody() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let fixture = Fixture::start().await;
    let client = fixture.client().await;
    for said in [
        b"GET / HTTP/1.1\r\n\r\n".as_slice(),
        &[0xff; 64],
        &[0, 0, 0, 4],
        &[0x16, 3, 1, 0, 0],
        b"",
    ] {
        let address = (Ipv4Addr::LOCALHOST, fixture.cluster.port());
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(said).await.unwrap();
        stream.shutdown().await.unwrap();
        // Told or not, it ends.
        let _ = stream.read_to_end(&mut Vec::new()).await;
        assert_eq!(client.rows("SELECT 1").await, ["1"]);
    }
}
