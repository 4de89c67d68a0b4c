use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, ServerConnection};

use super::*;

/// A client that trusts the CA file and nothing else.
fn client(authority: &Authority, alpn: &[&[u8]]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(authority.ca_file()).unwrap())
        .unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    Arc::new(config)
}

/// A whole handshake in memory.
fn handshake(
    server: &Arc<ServerConfig>,
    client: &Arc<ClientConfig>,
    name: &str,
) -> Result<(ClientConnection, ServerConnection), rustls::Error> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::clone(client), name)?;
    let mut server = ServerConnection::new(Arc::clone(server))?;
    while client.is_handshaking() || server.is_handshaking() || server.wants_write() {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        server.read_tls(&mut wire.as_slice()).unwrap();
        server.process_new_packets()?;
        let mut wire = Vec::new();
        server.write_tls(&mut wire).unwrap();
        client.read_tls(&mut wire.as_slice()).unwrap();
        client.process_new_packets()?;
    }
    Ok((client, server))
}

#[test]
fn a_client_that_verifies_fully_trusts_every_name_it_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::ephemeral(folder.path()).unwrap();
    let (server, client) = (acceptor(&authority).unwrap(), client(&authority, &[]));
    let long = format!("{}.dsql-fnh4.ap-southeast-2.on.aws", "a".repeat(63));
    for name in [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "::1",
        "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws",
        "Cluster_1.example",
        &long,
    ] {
        let (_, server) =
            handshake(&server, &client, name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            server.server_name().is_none(),
            name.parse::<IpAddr>().is_ok()
        );
    }
    assert!(
        handshake(&server, &client, "192.0.2.1").is_err(),
        "an address that it does not listen on"
    );
    let server = acceptor_for(&authority, &["192.0.2.1".parse().unwrap()]).unwrap();
    assert!(handshake(&server, &client, "192.0.2.1").is_ok());
}

#[test]
fn a_client_that_trusts_another_authority_refuses() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (
        Authority::ephemeral(one.path()).unwrap(),
        Authority::ephemeral(other.path()).unwrap(),
    );
    assert!(handshake(&acceptor(&one).unwrap(), &client(&other, &[]), "localhost").is_err());
}

#[test]
fn direct_tls_negotiates_postgresql_and_refuses_another_protocol() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::ephemeral(folder.path()).unwrap();
    let server = acceptor(&authority).unwrap();
    let (_, connection) = handshake(&server, &client(&authority, &[ALPN]), "localhost").unwrap();
    assert_eq!(connection.alpn_protocol(), Some(ALPN));
    assert!(handshake(&server, &client(&authority, &[b"h2"]), "localhost").is_err());
}

#[test]
fn a_second_connection_resumes_the_first_ones_session() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::ephemeral(folder.path()).unwrap();
    let (server, client) = (acceptor(&authority).unwrap(), client(&authority, &[]));
    handshake(&server, &client, "localhost").unwrap();
    let (second, _) = handshake(&server, &client, "localhost").unwrap();
    assert_eq!(second.handshake_kind(), Some(HandshakeKind::Resumed));
}

#[test]
fn a_certificate_is_minted_once_a_name_and_memory_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::ephemeral(folder.path()).unwrap();
    let resolver = Resolver {
        default: Arc::new(authority.certify(&["localhost".to_owned()]).unwrap()),
        authority,
        minted: Mutex::default(),
    };
    let first = resolver.for_name("a.example").unwrap();
    assert!(Arc::ptr_eq(
        &first,
        &resolver.for_name("A.Example").unwrap()
    ));
    for number in 0..NAMES + 10 {
        resolver.for_name(&format!("n{number}.example")).unwrap();
    }
    assert!(resolver.minted.lock().unwrap().len() <= NAMES);
}

#[test]
fn a_kept_authority_is_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let before = Authority::kept(folder.path()).unwrap();
    let client = client(&before, &[]);
    drop(before);
    let after = Authority::kept(folder.path()).unwrap();
    assert!(handshake(&acceptor(&after).unwrap(), &client, "localhost").is_ok());
    let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().mode() & 0o777;
    assert_eq!((mode("ca.pem"), mode("ca.key")), (0o644, 0o600));
}

#[test]
fn a_damaged_key_file_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    drop(Authority::kept(folder.path()).unwrap());
    std::fs::write(folder.path().join("ca.key"), "nonsense").unwrap();
    let error = Authority::kept(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("ca.key") && error.contains("remove"),
        "{error}"
    );
}

#[test]
fn a_temporary_authority_keeps_its_key_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::ephemeral(folder.path()).unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files, ["ca.pem"]);
    let shown = format!("{authority:?}");
    assert!(
        shown.contains("ca.pem") && !shown.contains("PRIVATE") && !shown.contains("KeyPair"),
        "{shown}"
    );
}
