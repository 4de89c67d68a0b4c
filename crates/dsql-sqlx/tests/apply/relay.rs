//! A wire to the cluster that can be cut at any message.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use dsql_sqlx::Config;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens at the message that is counted out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Its answer is the last thing on the wire: all connections are closed
    /// and no other comes through, as when the process has been killed.
    Everything,
    /// The connection is closed, in turn before the message has passed and
    /// before its answer has; then counting begins anew.
    Connection { every: i64 },
}

/// Passes on what clients and cluster say.
#[derive(Clone)]
pub struct Relay {
    port: u16,
    state: Arc<State>,
}

struct State {
    cut: Cut,
    /// Messages are counted.
    counts: AtomicBool,
    left: AtomicI64,
    /// Whether the next cut of a connection is before its message has passed.
    before: AtomicBool,
    dead: watch::Sender<bool>,
}

impl Relay {
    pub async fn start(cluster: &Config, cut: Cut, after: i64) -> Self {
        let target = cluster.get_port();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relay = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::new(State {
                cut,
                counts: AtomicBool::new(false),
                left: AtomicI64::new(after),
                before: AtomicBool::new(true),
                dead: watch::Sender::new(false),
            }),
        };
        let state = Arc::clone(&relay.state);
        tokio::spawn(async move {
            let mut dead = state.dead.subscribe();
            loop {
                let client = tokio::select! {
                    client = listener.accept() => client.unwrap().0,
                    () = killed(&mut dead) => return,
                };
                let server = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
                tokio::spawn(pass(Arc::clone(&state), client, server));
            }
        });
        relay
    }

    /// Settings for connections through it.
    pub fn config(&self, cluster: &Config) -> Config {
        let mut config = cluster.clone();
        config.port(self.port);
        config
    }

    /// From now on messages count.
    pub fn count(&self) {
        self.state.counts.store(true, Ordering::Relaxed);
    }

    /// Messages that were counted, by a relay that began at [`i64::MAX`].
    pub fn counted(&self) -> i64 {
        i64::MAX - self.state.left.load(Ordering::Relaxed)
    }

    /// Returns when everything was cut.
    pub async fn died(&self) {
        let mut dead = self.state.dead.subscribe();
        killed(&mut dead).await;
    }
}

async fn killed(dead: &mut watch::Receiver<bool>) {
    // What it answers holds a lock.
    drop(dead.wait_for(|dead| *dead).await);
}

async fn pass(state: Arc<State>, mut client: TcpStream, mut server: TcpStream) {
    let mut dead = state.dead.subscribe();
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    // The answer to the message that was counted out is the end.
    let mut ends = false;
    loop {
        tokio::select! {
            () = killed(&mut dead) => return,
            read = client.read(&mut up) => {
                let Ok(n @ 1..) = read else {
                    // What it said last has no answer.
                    if ends && state.cut == Cut::Everything {
                        state.dead.send_replace(true);
                    }
                    return;
                };
                let counts = state.counts.load(Ordering::Relaxed);
                if counts && state.left.fetch_sub(1, Ordering::Relaxed) == 0 {
                    if let Cut::Connection { every } = state.cut {
                        state.left.store(every, Ordering::Relaxed);
                        if state.before.fetch_xor(true, Ordering::Relaxed) {
                            return;
                        }
                    }
                    ends = true;
                }
                if server.write_all(&up[..n]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(n @ 1..) = read else { return };
                if ends {
                    if state.cut == Cut::Everything {
                        state.dead.send_replace(true);
                    }
                    return;
                }
                if client.write_all(&down[..n]).await.is_err() {
                    return;
                }
            }
        }
    }
}
