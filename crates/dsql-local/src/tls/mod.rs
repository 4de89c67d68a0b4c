//! TLS as the service does it: a certificate for whatever name the client asks, from a CA of the cluster's own.

mod authority;

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

pub use self::authority::Authority;
use crate::Error;

/// What clients offer that start TLS at once, without asking for it in PostgreSQL's way first.
pub(crate) const ALPN: &[u8] = b"postgresql";

/// How many names are remembered. A client that asks for more costs a signature each, and no memory.
const NAMES: usize = 512;

/// A certificate is good for a year; one that a long-lived server minted so long ago is minted anew.
const MINT_AGAIN: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The server's side of TLS, for `localhost`, loopback addresses, and every name that a client sends as SNI.
///
/// The service refuses a client that sends none (`unable to accept connection, sni was not received`). Here it gets the
/// certificate for `localhost`, 127.0.0.1 and ::1: a client that connects to an address sends no SNI.
///
/// # Errors
/// [`Error::Certificate`] when the first certificate cannot be made.
pub fn acceptor(authority: &Authority) -> Result<Arc<ServerConfig>, Error> {
    acceptor_for(authority, &[])
}

/// As [`acceptor`], with more addresses in the certificate for clients that send no SNI: those it listens on.
///
/// # Errors
/// [`Error::Certificate`] when the first certificate cannot be made.
pub fn acceptor_for(
    authority: &Authority,
    addresses: &[IpAddr],
) -> Result<Arc<ServerConfig>, Error> {
    let mut names = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    names.extend(addresses.iter().map(IpAddr::to_string));
    let resolver = Resolver {
        default: Arc::new(authority.certify(&names)?),
        authority: authority.clone(),
        minted: Mutex::default(),
    };
    let failed = |error: rustls::Error| Error::Certificate {
        action: "setting up the TLS server".into(),
        reason: error.to_string(),
    };
    // Never the process default: a library must not depend on what its host program installed.
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.ticketer = ring::Ticketer::new().map_err(failed)?;
    Ok(Arc::new(config))
}

struct Resolver {
    authority: Authority,
    default: Arc<CertifiedKey>,
    minted: Mutex<HashMap<String, (Instant, Arc<CertifiedKey>)>>,
}

impl Resolver {
    fn for_name(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let name = name.to_ascii_lowercase();
        if name == "localhost" {
            return Some(Arc::clone(&self.default));
        }
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, key)) = minted.get(&name)
            && at.elapsed() < MINT_AGAIN
        {
            return Some(Arc::clone(key));
        }
        let key = Arc::new(self.authority.certify(std::slice::from_ref(&name)).ok()?);
        if minted.len() >= NAMES {
            minted.clear();
        }
        minted.insert(name, (Instant::now(), Arc::clone(&key)));
        Some(key)
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match client_hello.server_name() {
            Some(name) => self.for_name(name),
            None => Some(Arc::clone(&self.default)),
        }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
