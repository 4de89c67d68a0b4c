//! What a fuzzer begins from: messages as honest clients and PostgreSQL send them.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;
use rustls::RootCertStore;
use rustls::pki_types::ServerName;

use crate::wire::backend::{self, ServerError};

/// Inputs for [`wire`](super::wire): each with its kind and the size of its pieces in front.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let kinds = [client_batches(), server_batches(), startups(), hellos()];
    for (kind, inputs) in (0_u8..).zip(kinds) {
        for (piece, input) in (0_u8..).step_by(7).zip(inputs) {
            let mut seed = vec![kind, piece];
            seed.extend_from_slice(&input);
            seeds.push(seed);
        }
    }
    seeds
}

fn client_batches() -> Vec<Vec<u8>> {
    let mut batches = Vec::new();
    let mut batch = |write: &dyn Fn(&mut BytesMut)| {
        let mut out = BytesMut::new();
        write(&mut out);
        batches.push(out.to_vec());
    };
    for sql in ["", "SELECT 1", "BEGIN; INSERT INTO t VALUES ('é'); COMMIT"] {
        batch(&|out| {
            let _ = frontend::query(sql, out);
        });
        batch(&|out| {
            let _ = frontend::parse("", sql, [], out);
            let _ = frontend::describe(b'S', "", out);
            frontend::sync(out);
        });
    }
    for name in ["", "s1"] {
        batch(&|out| {
            let _ = frontend::parse(name, "SELECT $1, $2", [25, 0], out);
            bind(name, &[Some(b"abc"), None], out);
            let _ = frontend::describe(b'P', name, out);
            let _ = frontend::execute(name, 0, out);
            let _ = frontend::close(b'P', name, out);
            let _ = frontend::close(b'S', name, out);
            frontend::flush(out);
            frontend::sync(out);
        });
        // What is seen of the rest of a batch.
        batch(&|out| {
            let _ = frontend::close(b'P', name, out);
            let _ = frontend::close(b'P', name, out);
            frontend::sync(out);
        });
    }
    batch(&|out| {
        for size in [0, 1, 300] {
            bind("", &[Some(&vec![b'x'; size])], out);
            let _ = frontend::execute("", 10, out);
        }
        frontend::sync(out);
    });
    batch(&|out| {
        if let Ok(data) = frontend::CopyData::new(&b"1\tone\n2\ttwo\n"[..]) {
            data.write(out);
        }
        frontend::copy_done(out);
    });
    batch(&|out| {
        let _ = frontend::copy_fail("no more", out);
    });
    batch(&|out| {
        let _ = frontend::password_message(b"token", out);
        frontend::terminate(out);
    });
    // Lengths that cannot be, or are too much.
    for length in [-1_i32, 0, 3, 4097, 100_000_000] {
        batch(&|out| {
            out.put_u8(b'Q');
            out.put_i32(length);
            out.put_slice(b"SELECT 1\0");
        });
    }
    batches
}

fn bind(name: &str, values: &[Option<&[u8]>], out: &mut BytesMut) {
    let _ = frontend::bind(
        name,
        name,
        [1_i16],
        values,
        |value, out| {
            Ok(match value {
                Some(value) => {
                    out.put_slice(value);
                    IsNull::No
                }
                None => IsNull::Yes,
            })
        },
        [0_i16],
        out,
    );
}

fn server_batches() -> Vec<Vec<u8>> {
    let mut batches = Vec::new();
    let mut batch = |write: &dyn Fn(&mut BytesMut)| {
        let mut out = BytesMut::new();
        write(&mut out);
        batches.push(out.to_vec());
    };
    batch(&|out| {
        backend::authentication_ok(out);
        backend::parameter_status(out, "server_version", "16.15");
        backend::ready_for_query(out, b'I');
    });
    batch(&|out| {
        let error = ServerError::new("40001", "change conflicts").with_hint("again");
        backend::error(out, "ERROR", &error);
        backend::ready_for_query(out, b'E');
    });
    batch(&|out| {
        // An error that came about in a function of the cluster's own.
        let fields = b"SERROR\0C22012\0Mdivision by zero\0WSQL function \"dsql_local_version\"\0\0";
        frame(b'E', fields, out);
    });
    batch(&|out| {
        frame(b'D', b"\0\x02\0\0\0\x03abc\xff\xff\xff\xff", out);
        frame(b'D', b"\0\0", out);
        backend::command_complete(out, "SELECT 2");
        frame(b'3', b"", out);
        frame(b'I', b"", out);
    });
    batch(&|out| backend::authentication_cleartext_password(out));
    batch(&|out| backend::negotiate_protocol_version(out, &["_pq_.a", "_pq_.b"]));
    batches
}

fn frame(tag: u8, body: &[u8], out: &mut BytesMut) {
    out.put_u8(tag);
    out.put_i32(i32::try_from(body.len() + 4).unwrap_or(i32::MAX));
    out.put_slice(body);
}

fn startups() -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    let mut packet = |write: &dyn Fn(&mut BytesMut)| {
        let mut out = BytesMut::new();
        write(&mut out);
        packets.push(out.to_vec());
    };
    let options = "-c amzn-cluster-id=abc -c search_path=a --timezone=UTC";
    for parameters in [
        vec![("user", "admin"), ("database", "postgres")],
        vec![("user", "admin"), ("options", options)],
        vec![("user", "é"), ("replication", "true"), ("_pq_.x", "1")],
    ] {
        packet(&|out| {
            let _ = frontend::startup_message(parameters.iter().copied(), out);
        });
    }
    packet(&|out| frontend::ssl_request(out));
    packet(&|out| frontend::cancel_request(1, 2, out));
    // GSSAPI; a newer minor version; an older protocol.
    for code in [80_877_104_i32, (3 << 16) + 2, 2 << 16] {
        packet(&|out| {
            out.put_i32(14);
            out.put_i32(code);
            out.put_slice(b"user\0\0");
        });
    }
    packets
}

fn hellos() -> Vec<Vec<u8>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_root_certificates(RootCertStore::empty()));
    let Ok(config) = config else {
        return Vec::new();
    };
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    let config = Arc::new(config);
    let names = [
        "localhost",
        "a.dsql.us-east-1.on.aws",
        "xn--bcher-kva.example",
        "127.0.0.1",
    ];
    let hello = |name: &str| {
        let name = ServerName::try_from(name.to_owned()).ok()?;
        let mut client = rustls::ClientConnection::new(Arc::clone(&config), name).ok()?;
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).ok()?;
        Some(bytes)
    };
    names.iter().filter_map(|name| hello(name)).collect()
}
