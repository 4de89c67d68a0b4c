//! Clients that send garbage, half a message, too much, or nothing: they cost the others nothing.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::{BufMut, BytesMut};
use dsql_local::LocalCluster;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::support::{Ask, Fixture, soak_time};

/// Nothing that an honest client asks meanwhile takes this long.
const HELD_UP: Duration = Duration::from_secs(5);

/// Nor does anything here, unless it is stuck.
const STUCK: Duration = Duration::from_secs(60);

/// Honest clients make tables meanwhile, which is news to none of the others.
async fn calm() -> Fixture {
    let builder = LocalCluster::builder().schema_conflicts(false);
    Fixture {
        cluster: builder.start().await.unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stops_half_way_or_sends_garbage_holds_nobody_up() {
    let fixture = Arc::new(calm().await);
    let honest = Honest::start(&fixture);
    let mut silent = Vec::new();
    for phase in Phase::ALL {
        for garbage in garbage() {
            for stays in [true, false] {
                if let Ok(mut stream) = reach(&fixture, phase).await {
                    let _ = stream.send(&garbage).await;
                    // Those that stay say nothing more until the end.
                    if stays {
                        silent.push(stream);
                    }
                }
            }
        }
    }
    assert!(silent.len() > 40);
    tokio::time::sleep(soak_time()).await;
    let asked = honest.end().await;
    assert!(asked > 0);
    println!("{asked} answers beside {} silent clients", silent.len());
    // Those that left are gone from PostgreSQL, too.
    let client = fixture.client().await;
    drop(silent);
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'admin'";
    let began = Instant::now();
    while client.rows(sessions).await != ["1"] {
        assert!(began.elapsed() < STUCK, "{:?}", client.rows(sessions).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_megabytes_are_refused_whether_announced_or_sent() {
    let fixture = Arc::new(calm().await);
    let honest = Honest::start(&fixture);
    let mut announced = BytesMut::new();
    announced.put_u8(b'Q');
    announced.put_i32(100_000_000);
    let mut stream = reach(&fixture, Phase::Session).await.unwrap();
    stream.send(&announced).await.unwrap();
    let told = stream.rest().await;
    assert!(contains(&told, b"C08P01"), "{}", told.escape_ascii());

    // Sent all the same: nobody reads it.
    let mut stream = reach(&fixture, Phase::Session).await.unwrap();
    stream.send(&announced).await.unwrap();
    let megabyte = vec![b'x'; 1_000_000];
    let sent = async {
        for _ in 0..100 {
            stream.send(&megabyte).await?;
        }
        io::Result::Ok(())
    };
    let sent = tokio::time::timeout(STUCK, sent).await.unwrap();
    assert!(sent.is_err(), "100 MB were taken");
    honest.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_statements_without_a_sync_are_handed_on_as_they_come() {
    let fixture = Arc::new(calm().await);
    let honest = Honest::start(&fixture);
    let mut stream = reach(&fixture, Phase::Session).await.unwrap();
    let mut parse = BytesMut::new();
    frontend::parse("", "SELECT 1", [], &mut parse).unwrap();
    let count = 5_000;
    stream.send(&parse.repeat(count)).await.unwrap();
    // What is not handed on would be kept. The last ones may wait for a Sync.
    let complete = b"1\0\0\0\x04";
    let answers = stream.read(complete.len() * (count - 2_000)).await;
    assert!(
        answers
            .chunks(complete.len())
            .all(|answer| answer == complete)
    );
    let mut sync = BytesMut::new();
    frontend::sync(&mut sync);
    stream.send(&sync).await.unwrap();
    let rest = stream.read(complete.len() * 2_000 + 6).await;
    assert!(rest.ends_with(b"Z\0\0\0\x05I"), "{}", rest.escape_ascii());
    honest.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipeline_whose_questions_and_answers_are_long_does_not_lock_up() {
    let fixture = Arc::new(calm().await);
    let client = Arc::new(fixture.client().await);
    let statement = client.prepare("SELECT repeat($1, 20)").await.unwrap();
    let text = "x".repeat(20_000);
    let asked = (0..100).map(|_| async { client.query_one(&statement, &[&text]).await });
    let answered = tokio::time::timeout(STUCK, futures_util::future::join_all(asked)).await;
    for row in answered.unwrap() {
        assert_eq!(row.unwrap().get::<_, &str>(0).len(), 400_000);
    }
    // The same without a Sync between them, which one message would have to carry.
    let stream = reach(&fixture, Phase::Session).await.unwrap();
    let mut batch = BytesMut::new();
    for _ in 0..50 {
        let sql = format!("SELECT repeat('{text}', 20)");
        frontend::parse("", &sql, [], &mut batch).unwrap();
        batch.put_slice(b"B\0\0\0\x0c\0\0\0\0\0\0\0\0");
        frontend::execute("", 0, &mut batch).unwrap();
    }
    frontend::sync(&mut batch);
    let Stream::Encrypted(stream) = stream else {
        panic!("a session is encrypted");
    };
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut answers = vec![0; 50 * 400_000];
    let both =
        async { tokio::try_join!(writer.write_all(&batch), reader.read_exact(&mut answers)) };
    tokio::time::timeout(STUCK, both).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipeline_that_stalls_in_a_transaction_gives_way_and_goes_on() {
    let fixture = calm().await;
    let client = fixture.client().await;
    client
        .rows("CREATE TABLE account (id int PRIMARY KEY, balance int)")
        .await;
    client.rows("INSERT INTO account VALUES (1, 0)").await;
    let Stream::Encrypted(mut stream) = reach(&fixture, Phase::Transaction).await.unwrap() else {
        panic!("a transaction is encrypted");
    };
    let mut batch = BytesMut::new();
    frontend::parse("", "INSERT INTO account VALUES (7, 7)", [], &mut batch).unwrap();
    batch.put_slice(b"B\0\0\0\x0c\0\0\0\0\0\0\0\0");
    frontend::execute("", 0, &mut batch).unwrap();
    stream.write_all(&batch).await.unwrap();
    // Its Sync does not come. Somebody else wants what it has changed, and thinks better of it.
    for sql in [
        "BEGIN",
        "UPDATE account SET balance = 5 WHERE id = 1",
        "ROLLBACK",
    ] {
        let answered = tokio::time::timeout(STUCK, client.rows(sql)).await;
        assert!(answered.is_ok(), "{sql} waits");
    }
    batch.clear();
    frontend::sync(&mut batch);
    frontend::query("COMMIT", &mut batch).unwrap();
    stream.write_all(&batch).await.unwrap();
    let mut told = until_ready(&mut stream).await.unwrap();
    told.extend(until_ready(&mut stream).await.unwrap());
    assert!(contains(&told, b"INSERT 0 1\0"), "{}", told.escape_ascii());
    assert!(contains(&told, b"COMMIT\0"), "{}", told.escape_ascii());
    let rows = client
        .rows("SELECT id, balance FROM account ORDER BY id")
        .await;
    assert_eq!(rows, ["1|1", "7|7"]);
}

/// How far a client comes before it misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Connected,
    /// TLS was asked for and granted.
    Granted,
    Encrypted,
    /// The token was asked for.
    Asked,
    Session,
    /// In a transaction that holds a lock.
    Transaction,
}

impl Phase {
    const ALL: [Self; 6] = [
        Self::Connected,
        Self::Granted,
        Self::Encrypted,
        Self::Asked,
        Self::Session,
        Self::Transaction,
    ];
}

/// What no honest client sends anywhere.
fn garbage() -> Vec<Vec<u8>> {
    let mut half = BytesMut::new();
    frontend::query("SELECT 'half a message'", &mut half).unwrap();
    let mut unfinished = BytesMut::new();
    frontend::parse("s", "INSERT INTO account VALUES ($1)", [], &mut unfinished).unwrap();
    frontend::describe(b'S', "s", &mut unfinished).unwrap();
    vec![
        Vec::new(),
        vec![0],
        vec![0xff; 300],
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        // The beginning of TLS, and no more.
        b"\x16\x03\x01\x02\x00\x01\x00".to_vec(),
        half[..half.len() - 4].to_vec(),
        b"B\0\0\0\x06\0\0".to_vec(),
        b"Q\xff\xff\xff\xff".to_vec(),
        unfinished.to_vec(),
    ]
}

/// A connection as far as it has come.
enum Stream {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl Stream {
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Encrypted(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    async fn read(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let Self::Encrypted(stream) = self else {
            panic!("nothing is read in plaintext");
        };
        let read = tokio::time::timeout(STUCK, stream.read_exact(&mut bytes)).await;
        read.expect("answers come").unwrap();
        bytes
    }

    /// What comes until the server hangs up.
    async fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Self::Encrypted(stream) = self {
            let read = tokio::time::timeout(STUCK, stream.read_to_end(&mut bytes)).await;
            let _ = read.expect("the server hangs up");
        }
        bytes
    }
}

async fn reach(fixture: &Fixture, phase: Phase) -> io::Result<Stream> {
    let port = fixture.cluster.port();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    if phase == Phase::Connected {
        return Ok(Stream::Plain(stream));
    }
    let mut out = BytesMut::new();
    frontend::ssl_request(&mut out);
    stream.write_all(&out).await?;
    assert_eq!(stream.read_u8().await?, b'S');
    if phase == Phase::Granted {
        return Ok(Stream::Plain(stream));
    }
    let name = fixture.env("PGHOST").try_into().unwrap();
    let tls = tokio_rustls::TlsConnector::from(Arc::new(fixture.tls_config()));
    let mut stream = tls.connect(name, stream).await?;
    if phase == Phase::Encrypted {
        return Ok(Stream::Encrypted(Box::new(stream)));
    }
    out.clear();
    frontend::startup_message([("user", "admin"), ("database", "postgres")], &mut out).unwrap();
    stream.write_all(&out).await?;
    if phase == Phase::Asked {
        return Ok(Stream::Encrypted(Box::new(stream)));
    }
    out.clear();
    frontend::password_message(fixture.env("PGPASSWORD").as_bytes(), &mut out).unwrap();
    stream.write_all(&out).await?;
    until_ready(&mut stream).await?;
    if phase == Phase::Transaction {
        out.clear();
        frontend::query("BEGIN", &mut out).unwrap();
        let update = "UPDATE account SET balance = 1 WHERE id = 1";
        frontend::query(update, &mut out).unwrap();
        stream.write_all(&out).await?;
        until_ready(&mut stream).await?;
        until_ready(&mut stream).await?;
    }
    Ok(Stream::Encrypted(Box::new(stream)))
}

/// What is said until the client may speak.
async fn until_ready(stream: &mut TlsStream<TcpStream>) -> io::Result<Vec<u8>> {
    let mut told = Vec::new();
    loop {
        let tag = stream.read_u8().await?;
        let length = usize::try_from(stream.read_i32().await?).unwrap();
        let mut body = vec![0; length - 4];
        stream.read_exact(&mut body).await?;
        if tag == b'Z' {
            return Ok(told);
        }
        told.extend(body);
    }
}

/// A client that goes on asking and writing while others misbehave.
struct Honest {
    stop: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<u32>,
}

impl Honest {
    fn start(fixture: &Arc<Fixture>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, fixture) = (Arc::clone(&stop), Arc::clone(fixture));
        let task = tokio::spawn(async move {
            let client = fixture.client().await;
            client
                .rows("CREATE TABLE IF NOT EXISTS account (id int PRIMARY KEY, balance int)")
                .await;
            client
                .rows("INSERT INTO account VALUES (1, 0) ON CONFLICT DO NOTHING")
                .await;
            let mut asked = 0;
            while !stopped.load(Ordering::Relaxed) {
                let began = Instant::now();
                // The row that those in a transaction hold.
                client
                    .rows("UPDATE account SET balance = 2 WHERE id = 1")
                    .await;
                fixture.client().await.rows("SELECT 1").await;
                assert!(began.elapsed() < HELD_UP, "{:?}", began.elapsed());
                asked += 1;
            }
            asked
        });
        Self { stop, task }
    }

    /// How often it was answered.
    async fn end(self) -> u32 {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap()
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
