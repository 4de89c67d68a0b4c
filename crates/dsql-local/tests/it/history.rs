//! A randomized check: sessions transfer money, audit, claim names and add children while faults are made and servers
//! are killed; what they were told is held against what is there at the end.

mod server;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio_postgres::Client;

use self::server::Server;
use super::support::{rows, soak_time};

const ACCOUNTS: i32 = 4;
const NAMES: u32 = 12;
const PARENTS: i32 = 3;
const WORKERS: i32 = 4;
const TURNS: i32 = 40;

/// Nothing that a session asks takes this long, unless it is blocked.
const BLOCKED: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_sessions_were_told_is_what_is_there() {
    let end = Instant::now() + soak_time();
    let mut seed = 1;
    while seed <= 2 || Instant::now() < end {
        // The first goes without, so that what fails by faults alone is told apart.
        check(seed, seed > 1).await;
        seed += 1;
    }
    println!("{} seeds", seed - 1);
}

/// What a session knows of its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Committed,
    NotCommitted,
    Unknown,
}

#[derive(Debug, Default)]
struct Told {
    transfers: HashMap<i32, Outcome>,
    claims: Vec<(u32, i32, Outcome)>,
    children: HashMap<i32, Outcome>,
    toys: HashMap<i32, Outcome>,
    /// How many audits went through.
    audits: u32,
    failures: u32,
}

async fn check(seed: u64, kills: bool) {
    let rates = "conflict=5%,unavailable=3%,disconnect=2%,slow=5%:3ms";
    let server = Arc::new(Server::start(rates, seed).await);
    let mut setup = Session::new(&server);
    for sql in [
        "CREATE TABLE IF NOT EXISTS account (id int PRIMARY KEY, balance int, version int)",
        "CREATE TABLE IF NOT EXISTS transfer (id int PRIMARY KEY, source int, target int, amount int, source_version int, target_version int)",
        "CREATE TABLE IF NOT EXISTS claim (name int PRIMARY KEY, worker int)",
        "CREATE TABLE IF NOT EXISTS parent (id int PRIMARY KEY)",
        "CREATE TABLE IF NOT EXISTS child (id int PRIMARY KEY, parent int REFERENCES parent (id))",
        "CREATE TABLE IF NOT EXISTS toy (id int PRIMARY KEY, child int REFERENCES child (id) ON DELETE CASCADE)",
        "INSERT INTO account SELECT id, 100, 0 FROM generate_series(0, 3) id ON CONFLICT DO NOTHING",
        "INSERT INTO parent SELECT generate_series(0, 2) ON CONFLICT DO NOTHING",
    ] {
        setup.insist(sql).await;
    }
    let turns = Arc::new(AtomicI32::new(0));
    let workers = (0..WORKERS).map(|worker| {
        let session = Session::new(&server);
        let random = Rng::with_seed(seed * 100 + u64::from(worker.unsigned_abs()));
        tokio::spawn(work(session, worker, random, Arc::clone(&turns)))
    });
    let workers: Vec<_> = workers.collect();
    if kills {
        kill(&server, &turns).await;
    }
    let mut told = Told::default();
    for worker in workers {
        let theirs = worker.await.unwrap();
        told.transfers.extend(theirs.transfers);
        told.claims.extend(theirs.claims);
        told.children.extend(theirs.children);
        told.toys.extend(theirs.toys);
        told.audits += theirs.audits;
        told.failures += theirs.failures;
    }
    assert!(told.failures > 0 && told.audits > 0, "seed {seed}");
    #[allow(clippy::print_stdout, reason = "a test tells what it came to")]
    {
        println!(
            "seed {seed}: {} audits, {} failures, kills: {kills}",
            told.audits, told.failures
        );
    }
    check_transfers(&mut setup, &told, seed).await;
    check_claims(&mut setup, &told, seed).await;
    check_children(&mut setup, &told, seed).await;
}

/// Kills PostgreSQL, then the server, in the midst of it all.
async fn kill(server: &Server, turns: &AtomicI32) {
    let all = WORKERS * TURNS;
    reached(turns, all / 4).await;
    server.kill_postgres().await;
    reached(turns, all / 2).await;
    server.kill_and_start().await;
    reached(turns, all * 3 / 4).await;
    server.kill_postgres().await;
}

async fn reached(turns: &AtomicI32, count: i32) {
    let began = Instant::now();
    while turns.load(Ordering::Relaxed) < count {
        assert!(began.elapsed() < 6 * BLOCKED, "the sessions do not get on");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn work(mut session: Session, worker: i32, mut random: Rng, turns: Arc<AtomicI32>) -> Told {
    let mut told = Told::default();
    for turn in 0..TURNS {
        turns.fetch_add(1, Ordering::Relaxed);
        let id = worker * TURNS + turn;
        match random.u32(0..6) {
            0 | 1 => {
                let outcome = session.transfer(id, &mut random).await;
                told.transfers.insert(id, outcome);
            }
            2 => {
                let name = random.u32(0..NAMES);
                let sql = format!("INSERT INTO claim VALUES ({name}, {worker})");
                told.claims.push((name, worker, session.commit(&sql).await));
            }
            3 => told.audits += u32::from(session.audit().await),
            4 => {
                // A toy for a child of its own, or away with the child and all its toys.
                let mut children: Vec<i32> = told.children.keys().copied().collect();
                children.sort_unstable();
                let Some(child) = random.choice(children) else {
                    continue;
                };
                if random.bool() {
                    let sql = format!("INSERT INTO toy VALUES ({id}, {child})");
                    told.toys.insert(id, session.commit(&sql).await);
                } else {
                    let sql = format!("DELETE FROM child WHERE id = {child}");
                    match session.commit(&sql).await {
                        Outcome::NotCommitted => {}
                        outcome => {
                            told.children.insert(child, outcome.reversed());
                            // Which toys were its own is for the database to know.
                            told.toys.clear();
                        }
                    }
                }
            }
            _ => {
                let parent = random.i32(0..PARENTS);
                if random.bool() {
                    let sql = format!("INSERT INTO child VALUES ({id}, {parent})");
                    told.children.insert(id, session.commit(&sql).await);
                } else {
                    let sql = format!("DELETE FROM parent WHERE id = {parent}");
                    session.commit(&sql).await;
                    let sql =
                        format!("INSERT INTO parent VALUES ({parent}) ON CONFLICT DO NOTHING");
                    session.commit(&sql).await;
                }
            }
        }
    }
    told.failures = session.failures;
    told
}

impl Outcome {
    /// Of what was to be taken away: whether it is there.
    fn reversed(self) -> Self {
        match self {
            Self::Committed => Self::NotCommitted,
            Self::NotCommitted => Self::Committed,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// The balance of an account is what came and went, and its version how often: no update was lost.
async fn check_transfers(session: &mut Session, told: &Told, seed: u64) {
    let mut balances = vec![(100, 0); usize::try_from(ACCOUNTS).unwrap()];
    let mut there = Vec::new();
    let mut followed = HashMap::new();
    for row in session
        .insist("SELECT id, source, target, amount, source_version, target_version FROM transfer")
        .await
    {
        let [id, source, target, amount, source_version, target_version] = numbers(&row);
        for (account, amount, read) in [
            (source, -amount, source_version),
            (target, amount, target_version),
        ] {
            let (balance, version) = &mut balances[usize::try_from(account).unwrap()];
            *balance += amount;
            *version += 1;
            // The first to commit a change of what it read wins: nobody else has changed the same.
            let other = followed.insert((account, read), id);
            assert_eq!(
                other, None,
                "seed {seed}: {id} changed version {read} of {account}, too"
            );
        }
        there.push(id);
    }
    let rows = session
        .insist("SELECT id, balance, version FROM account ORDER BY id")
        .await;
    for (row, expected) in rows.iter().zip(&balances) {
        let [id, balance, version] = numbers(row);
        assert_eq!((balance, version), *expected, "seed {seed}, account {id}");
    }
    let sum: i32 = balances.iter().map(|(balance, _)| balance).sum();
    assert_eq!(sum, 100 * ACCOUNTS, "seed {seed}");
    agree(&told.transfers, &there, seed);
}

/// A name belongs to whom it was given, and was given once.
async fn check_claims(session: &mut Session, told: &Told, seed: u64) {
    let rows = session.insist("SELECT name, worker FROM claim").await;
    let owners: HashMap<i32, i32> = (rows.iter())
        .map(|row| {
            let [name, worker] = numbers(row);
            (name, worker)
        })
        .collect();
    let mut given = HashMap::new();
    for (name, worker, outcome) in &told.claims {
        if *outcome == Outcome::Committed {
            let before = given.insert(name, worker);
            assert_eq!(before, None, "seed {seed}: {name} was given twice");
            let name = i32::try_from(*name).unwrap();
            assert_eq!(owners.get(&name), Some(worker), "seed {seed}");
        }
    }
}

/// A child that was added is there, and so is its parent.
async fn check_children(session: &mut Session, told: &Told, seed: u64) {
    let orphans =
        "SELECT c.id FROM child c LEFT JOIN parent p ON p.id = c.parent WHERE p.id IS NULL";
    assert!(session.insist(orphans).await.is_empty(), "seed {seed}");
    let rows = session.insist("SELECT id FROM child").await;
    let there: Vec<i32> = rows.iter().map(|row| numbers::<1>(row)[0]).collect();
    agree(&told.children, &there, seed);
    let orphans = "SELECT t.id FROM toy t LEFT JOIN child c ON c.id = t.child WHERE c.id IS NULL";
    assert!(session.insist(orphans).await.is_empty(), "seed {seed}");
    let rows = session.insist("SELECT id FROM toy").await;
    let there: Vec<i32> = rows.iter().map(|row| numbers::<1>(row)[0]).collect();
    agree(&told.toys, &there, seed);
}

fn agree(told: &HashMap<i32, Outcome>, there: &[i32], seed: u64) {
    for (id, outcome) in told {
        match outcome {
            Outcome::Committed => assert!(there.contains(id), "seed {seed}: {id} was lost"),
            Outcome::NotCommitted => assert!(!there.contains(id), "seed {seed}: {id} is there"),
            Outcome::Unknown => {}
        }
    }
}

fn numbers<const N: usize>(row: &str) -> [i32; N] {
    let numbers: Vec<i32> = row.split('|').map(|text| text.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

/// A client that connects again when it must.
struct Session {
    server: Arc<Server>,
    client: Option<Client>,
    failures: u32,
}

impl Session {
    fn new(server: &Arc<Server>) -> Self {
        Self {
            server: Arc::clone(server),
            client: None,
            failures: 0,
        }
    }

    /// The SQLSTATE of what goes wrong; none when the connection is lost.
    async fn ask(&mut self, sql: &str) -> Result<Vec<String>, Option<String>> {
        let client = match self.client.take() {
            Some(client) if !client.is_closed() => client,
            _ => self.server.client().await,
        };
        let answer = tokio::time::timeout(BLOCKED, client.simple_query(sql)).await;
        let answer = answer.unwrap_or_else(|_| panic!("blocked: {sql}"));
        let answer = match answer {
            Ok(messages) => Ok(rows(&messages)),
            Err(error) => Err(error.code().map(|code| code.code().to_owned())),
        };
        match &answer {
            Err(None) => self.failures += 1,
            // The server behind was killed.
            Err(Some(code)) if code.starts_with("57") => {
                self.failures += 1;
                return Err(None);
            }
            Err(Some(_)) => {
                self.failures += 1;
                self.client = Some(client);
            }
            Ok(_) => self.client = Some(client),
        }
        answer
    }

    /// Asks until there is an answer.
    async fn insist(&mut self, sql: &str) -> Vec<String> {
        loop {
            match self.ask(sql).await {
                Ok(rows) => return rows,
                Err(None) => {}
                Err(Some(code)) => assert!(matches!(code.as_str(), "40001" | "XX000"), "{code}"),
            }
        }
    }

    /// Sends a COMMIT, or a statement that commits by itself.
    async fn commit(&mut self, sql: &str) -> Outcome {
        match self.ask(sql).await {
            Ok(_) => Outcome::Committed,
            Err(Some(code)) if code != "XX000" => Outcome::NotCommitted,
            Err(_) => Outcome::Unknown,
        }
    }

    /// Moves money as an application does that computes for itself: a lost update would show.
    async fn transfer(&mut self, id: i32, random: &mut Rng) -> Outcome {
        match self.try_transfer(id, random).await {
            Ok(()) => self.commit("COMMIT").await,
            Err(code) => {
                assert!(
                    code.as_deref()
                        .is_none_or(|code| matches!(code, "40001" | "XX000")),
                    "{code:?}"
                );
                if self.client.is_some() {
                    let _ = self.ask("ROLLBACK").await;
                }
                Outcome::NotCommitted
            }
        }
    }

    /// Reads all accounts twice in a transaction: both times the same, and no money made or lost. Whether it went
    /// through.
    async fn audit(&mut self) -> bool {
        let mut seen = Vec::new();
        for sql in [
            "BEGIN",
            "SELECT id, balance, version FROM account ORDER BY id",
            "SELECT id, balance, version FROM account ORDER BY id DESC",
            "COMMIT",
        ] {
            match self.ask(sql).await {
                Ok(rows) => seen.push(rows),
                Err(_) => {
                    if self.client.is_some() {
                        let _ = self.ask("ROLLBACK").await;
                    }
                    return false;
                }
            }
        }
        seen[2].reverse();
        assert_eq!(seen[1], seen[2]);
        let sum: i32 = seen[1].iter().map(|row| numbers::<3>(row)[1]).sum();
        assert_eq!(sum, 100 * ACCOUNTS, "{:?}", seen[1]);
        true
    }

    async fn try_transfer(&mut self, id: i32, random: &mut Rng) -> Result<(), Option<String>> {
        let source = random.i32(0..ACCOUNTS);
        let target = (source + random.i32(1..ACCOUNTS)) % ACCOUNTS;
        let amount = random.i32(1..10);
        let mut versions = Vec::new();
        self.ask("BEGIN").await?;
        for (account, amount) in [(source, -amount), (target, amount)] {
            let read = format!("SELECT balance, version FROM account WHERE id = {account}");
            let [balance, version] = numbers(&self.ask(&read).await?[0]);
            versions.push(version);
            self.ask(&format!(
                "UPDATE account SET balance = {}, version = {} WHERE id = {account}",
                balance + amount,
                version + 1
            ))
            .await?;
        }
        self.ask(&format!(
            "INSERT INTO transfer VALUES ({id}, {source}, {target}, {amount}, {}, {})",
            versions[0], versions[1]
        ))
        .await?;
        Ok(())
    }
}
