//! The thread that serves a cluster's clients.
//!
//! It has a runtime of its own. What a program does with its runtime, be it to block it or to end it, does not hold up
//! the cluster; and one thread hands a statement on faster than several that wake each other.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::accept;
use crate::cluster::Shared;
use crate::error::Error;
use crate::status;

/// How long sessions are given to say goodbye when the cluster stops.
const GOODBYE: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Server {
    /// None when it has been told.
    ended: Option<oneshot::Receiver<()>>,
}

impl Server {
    /// Serves until `shared.stop` turns true, or `shared.draining` does and the last session has ended.
    pub(crate) fn start(
        shared: Arc<Shared>,
        listeners: Listeners,
        status: Option<Listeners>,
    ) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::io(|| "starting the cluster's runtime"))?;
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("dsql-local".to_owned())
            .spawn(move || {
                if let Err(error) = runtime.block_on(serve(shared, listeners, status)) {
                    tracing::error!(%error, "the cluster can't listen");
                }
                runtime.shutdown_background();
                let _ = end.send(());
            })
            .map_err(Error::io(|| "starting the cluster's thread"))?;
        Ok(Self { ended: Some(ended) })
    }

    /// Returns when no client is served any more.
    pub(crate) async fn ended(&mut self) {
        if let Some(ended) = &mut self.ended {
            let _ = ended.await;
            self.ended = None;
        }
    }
}

async fn serve(
    shared: Arc<Shared>,
    listeners: Listeners,
    status: Option<Listeners>,
) -> io::Result<()> {
    let ipv4 = listen(listeners.ipv4)?;
    let ipv6 = listeners.ipv6.map(listen).transpose()?;
    let worker = Arc::clone(&shared);
    tokio::spawn(async move { worker.jobs.work(Arc::clone(&worker)).await });
    let watched = Arc::clone(&shared);
    tokio::spawn(async move { watched.registry.look_out(watched.address.clone()).await });
    if let Some(status) = status {
        for socket in [Some(status.ipv4), status.ipv6].into_iter().flatten() {
            tokio::spawn(status::serve(Arc::clone(&shared), listen(socket)?));
        }
    }
    let mut stop = shared.stop.subscribe();
    let mut draining = shared.draining.subscribe();
    let mut sessions = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = ipv4.accept() => accepted,
            accepted = accept_on(ipv6.as_ref()) => accepted,
            Some(_ended) = sessions.join_next() => continue,
            _ = draining.wait_for(|draining| *draining) => break,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, _peer)) => {
                sessions.spawn(accept::serve(Arc::clone(&shared), stream));
            }
            Err(error) => {
                // Out of file descriptors, most likely: others must end before more can come.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop((ipv4, ipv6));
    tokio::select! {
        () = async { while sessions.join_next().await.is_some() {} } => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    // Those at a statement are cut off; the others are told.
    let goodbye = async { while sessions.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GOODBYE, goodbye).await;
    Ok(())
}

/// Sockets on loopback, by both families of addresses where both are there.
#[derive(Debug)]
pub(crate) struct Listeners {
    ipv4: TcpListener,
    ipv6: Option<TcpListener>,
}

impl Listeners {
    /// Port 0 stands for any that is free.
    pub(crate) fn bind(port: u16) -> Result<Self, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let ipv4 =
            TcpListener::bind(address).map_err(|source| Error::Listen { address, source })?;
        let mut listeners = Self { ipv4, ipv6: None };
        let second = SocketAddr::from((Ipv6Addr::LOCALHOST, listeners.port()));
        listeners.ipv6 = TcpListener::bind(second).ok();
        Ok(listeners)
    }

    pub(crate) fn port(&self) -> u16 {
        self.ipv4.local_addr().map_or(0, |address| address.port())
    }
}

fn listen(socket: TcpListener) -> io::Result<tokio::net::TcpListener> {
    socket.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(socket)
}

async fn accept_on(
    listener: Option<&tokio::net::TcpListener>,
) -> io::Result<(tokio::net::TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}
