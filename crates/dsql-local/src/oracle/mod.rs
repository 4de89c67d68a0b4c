//! What holds for whatever bytes come in, as functions that say what is wrong.
//!
//! Two callers share them: the property tests below, and the target `wire` in `fuzz/`. Nothing here is part of the
//! product.

mod seeds;

use std::sync::{Arc, OnceLock};

use bytes::{Bytes, BytesMut};

use crate::accept;
use crate::tls::{Authority, acceptor};
use crate::upstream::columns;
use crate::wire::backend::{self, ServerError};
use crate::wire::frame::Frame;
use crate::wire::frontend::{Message, closes_before_sync, first_text_value};
use crate::wire::startup::Startup;

pub use self::seeds::seeds;

/// The longest message that is taken from a client here.
const LONGEST: usize = 4096;

/// What a buffer may take beyond twice what has come in.
const SLACK: usize = 1024;

/// What is wrong, if anything.
pub type Verdict = Result<(), String>;

/// Ends the function with what is wrong, unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($wrong:tt)+) => {
        if !$holds {
            return Err(format!($($wrong)+));
        }
    };
}

/// Takes the first byte for what the others are, and the second for how they come in.
///
/// # Errors
///
/// Says what is wrong.
pub fn wire(input: &[u8]) -> Verdict {
    let [kind, piece, bytes @ ..] = input else {
        return Ok(());
    };
    match kind % 4 {
        0 => client(bytes, usize::from(*piece) + 1),
        1 => server(bytes, usize::from(*piece) + 1),
        2 => startup(bytes),
        _ => hello(bytes),
    }
}

/// A client's messages, however they are cut on their way.
fn client(bytes: &[u8], piece: usize) -> Verdict {
    let frames = cut(bytes, piece, LONGEST)?;
    for frame in &frames {
        let body = frame.body();
        if let Ok(message) = Message::of(frame) {
            let (told, whole) = said(&message);
            let agrees = if whole {
                body == told
            } else {
                body.starts_with(&told)
            };
            ensure!(agrees, "{body:?} was read as {message:?}");
        }
        let _ = first_text_value(body);
    }
    let mut closes = Some(0);
    let mut rest = BytesMut::from(bytes);
    let expected = loop {
        let next = Frame::take(&mut rest, usize::MAX).ok().flatten();
        match next.as_ref().map(|frame| (frame.tag(), frame.body())) {
            Some((b'S', [])) => break closes,
            Some((b'C', [b'P', ..])) => closes = closes.map(|closes| closes + 1),
            _ => break None,
        }
    };
    let found = closes_before_sync(bytes);
    ensure!(
        found == expected,
        "closes before a Sync: {found:?}, not {expected:?}"
    );
    Ok(())
}

/// PostgreSQL's messages.
fn server(bytes: &[u8], piece: usize) -> Verdict {
    for frame in cut(bytes, piece, i32::MAX as usize)? {
        let read = ServerError::of(&frame);
        let mut out = BytesMut::new();
        backend::error(&mut out, "ERROR", &read);
        let again = only_frame(&mut out)?;
        let again = ServerError::of(&again);
        ensure!(read == again, "{read:?} was written as {again:?}");
        backend::forward_error(&mut out, &frame);
        let handed_on = only_frame(&mut out)?;
        ensure!(
            frame.tag() != b'E' || handed_on.tag() == b'E',
            "an error was handed on as {handed_on:?}"
        );
        let _ = columns(frame.body());
    }
    Ok(())
}

/// The first packet of a connection.
fn startup(bytes: &[u8]) -> Verdict {
    let Ok(startup) = Startup::of(Bytes::copy_from_slice(bytes)) else {
        return Ok(());
    };
    match startup {
        Startup::Cancel(packet) => ensure!(packet == bytes, "a cancel request came out changed"),
        Startup::Session { parameters, .. } => {
            let mut told = Vec::new();
            for (name, value) in &parameters {
                for text in [name, value] {
                    told.extend_from_slice(text.as_bytes());
                    told.push(0);
                }
                let _ = accept::options(value);
            }
            ensure!(
                bytes[8..].starts_with(&told),
                "{parameters:?} are not what was sent"
            );
        }
        Startup::Ssl | Startup::Gss => {}
    }
    Ok(())
}

/// The beginning of TLS: whatever name is asked for, there is a certificate or none.
fn hello(bytes: &[u8]) -> Verdict {
    static CONFIG: OnceLock<Option<Arc<rustls::ServerConfig>>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        let folder = tempfile::tempdir().ok()?;
        let authority = Authority::ephemeral(folder.path()).ok()?;
        acceptor(&authority).ok()
    });
    let Some(config) = config else {
        return Err("no certificate could be made".to_owned());
    };
    let mut acceptor = rustls::server::Acceptor::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        if acceptor.read_tls(&mut rest).is_err() {
            return Ok(());
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => {
                let _ = accepted.into_connection(Arc::clone(config));
                return Ok(());
            }
            Ok(None) => {}
            Err(_) => return Ok(()),
        }
    }
    Ok(())
}

/// The messages in `bytes`: the same whether they come at once or in pieces, nothing added, nothing left out, and no
/// buffer larger than what has come.
fn cut(bytes: &[u8], piece: usize, limit: usize) -> Result<Vec<Frame>, String> {
    let mut whole = Vec::new();
    let mut buffer = BytesMut::from(bytes);
    let refused = loop {
        match Frame::take(&mut buffer, limit) {
            Ok(Some(frame)) => whole.push(frame),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    let mut told: Vec<u8> = whole
        .iter()
        .flat_map(|frame| frame.bytes().to_vec())
        .collect();
    told.extend_from_slice(&buffer);
    ensure!(told == bytes, "what was cut is not what came");

    let mut pieces = Vec::new();
    let mut buffer = BytesMut::new();
    let mut refused_in_pieces = false;
    let mut came = 0;
    for bytes in bytes.chunks(piece) {
        came += bytes.len();
        buffer.extend_from_slice(bytes);
        loop {
            match Frame::take(&mut buffer, limit) {
                Ok(Some(frame)) => pieces.push(frame),
                Ok(None) => break,
                Err(_) => {
                    refused_in_pieces = true;
                    break;
                }
            }
        }
        ensure!(
            buffer.capacity() <= 2 * came + SLACK,
            "room is made for {} bytes when {came} have come",
            buffer.capacity()
        );
        if refused_in_pieces {
            break;
        }
    }
    let same = whole.len() == pieces.len()
        && (whole.iter().zip(&pieces)).all(|(one, other)| one.bytes() == other.bytes());
    ensure!(
        same && refused == refused_in_pieces,
        "in pieces of {piece} bytes other messages came out"
    );
    Ok(whole)
}

fn only_frame(bytes: &mut BytesMut) -> Result<Frame, String> {
    let frame = Frame::take(bytes, usize::MAX);
    match frame {
        Ok(Some(frame)) if bytes.is_empty() => Ok(frame),
        other => Err(format!("{other:?} was written, and then {bytes:?}")),
    }
}

/// What a message tells, as it would be sent; and whether that is all of it.
fn said(message: &Message<'_>) -> (Vec<u8>, bool) {
    let mut told = Vec::new();
    let mut texts = |texts: &[&str]| {
        for text in texts {
            told.extend_from_slice(text.as_bytes());
            told.push(0);
        }
    };
    let mut whole = false;
    match message {
        Message::Query(sql) => texts(&[sql]),
        Message::Parse {
            statement,
            sql,
            types,
        } => {
            texts(&[statement, sql]);
            told.extend_from_slice(types);
            whole = true;
        }
        Message::Bind {
            portal,
            statement,
            values,
        } => {
            texts(&[portal, statement]);
            told.extend_from_slice(values);
            whole = true;
        }
        Message::Execute { portal, max_rows } => {
            texts(&[portal]);
            told.extend_from_slice(&max_rows.to_be_bytes());
        }
        Message::DescribeStatement => told.push(b'S'),
        Message::DescribePortal(name) | Message::ClosePortal(name) => {
            told.push(b'P');
            told.extend_from_slice(name.as_bytes());
        }
        Message::CloseStatement(name) => {
            told.push(b'S');
            told.extend_from_slice(name.as_bytes());
        }
        Message::Flush
        | Message::Sync
        | Message::CopyData
        | Message::CopyDone
        | Message::CopyFail
        | Message::Terminate
        | Message::FunctionCall => {}
    }
    (told, whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_honest_clients_send_holds() {
        let seeds = seeds();
        assert!(seeds.len() > 30);
        for seed in seeds {
            wire(&seed).unwrap();
        }
    }

    proptest! {
        #[test]
        fn any_bytes_hold(bytes: Vec<u8>) {
            wire(&bytes).map_err(TestCaseError::fail)?;
        }

        /// Honest messages with some bytes overwritten get further in than bytes made up.
        #[test]
        fn messages_with_bytes_overwritten_hold(
            seed: prop::sample::Index,
            piece: u8,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            end: prop::sample::Index,
        ) {
            let seeds = seeds();
            let mut bytes = seeds[seed.index(seeds.len())].clone();
            bytes[1] = piece;
            for (place, byte) in changes {
                let place = 2 + place.index(bytes.len() - 2);
                bytes[place] = byte;
            }
            bytes.truncate(2 + end.index(bytes.len() - 1));
            wire(&bytes).map_err(TestCaseError::fail)?;
        }
    }
}
