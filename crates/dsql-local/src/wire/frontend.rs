//! What a client says.

use super::backend::ServerError;
use super::frame::{Fields, Frame, Malformed};

/// A client's message, looked into as far as the session has to know it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    Query(&'a str),
    Parse {
        statement: &'a str,
        sql: &'a str,
        /// Count and object identifiers of the parameter types, as they came.
        types: &'a [u8],
    },
    Bind {
        portal: &'a str,
        statement: &'a str,
        /// Formats, values and result formats, as they came.
        values: &'a [u8],
    },
    DescribeStatement,
    DescribePortal(&'a str),
    Execute {
        portal: &'a str,
        /// 0 for all.
        max_rows: i32,
    },
    CloseStatement(&'a str),
    ClosePortal(&'a str),
    Flush,
    Sync,
    CopyData,
    CopyDone,
    CopyFail,
    Terminate,
    FunctionCall,
}

impl<'a> Message<'a> {
    pub(crate) fn of(frame: &'a Frame) -> Result<Self, Malformed> {
        let mut fields = Fields::new(frame.body());
        Ok(match frame.tag() {
            b'Q' => Self::Query(fields.text()?),
            b'P' => {
                let statement = fields.text()?;
                let sql = fields.text()?;
                let types = rest(frame, statement.len() + sql.len() + 2);
                Self::Parse {
                    statement,
                    sql,
                    types,
                }
            }
            b'B' => {
                let portal = fields.text()?;
                let statement = fields.text()?;
                let values = rest(frame, portal.len() + statement.len() + 2);
                Self::Bind {
                    portal,
                    statement,
                    values,
                }
            }
            b'D' => match fields.byte()? {
                b'S' => Self::DescribeStatement,
                b'P' => Self::DescribePortal(fields.text()?),
                _ => return Err(Malformed),
            },
            b'E' => Self::Execute {
                portal: fields.text()?,
                max_rows: fields.int32()?,
            },
            b'C' => match fields.byte()? {
                b'S' => Self::CloseStatement(fields.text()?),
                b'P' => Self::ClosePortal(fields.text()?),
                _ => return Err(Malformed),
            },
            b'H' => Self::Flush,
            b'S' => Self::Sync,
            b'd' => Self::CopyData,
            b'c' => Self::CopyDone,
            b'f' => Self::CopyFail,
            b'X' => Self::Terminate,
            b'F' => Self::FunctionCall,
            _ => return Err(Malformed),
        })
    }
}

/// The first value that a Bind carries, when it is text or a text in binary format (the bytes are the same).
pub(crate) fn first_text_value(values: &[u8]) -> Option<String> {
    let mut fields = Fields::new(values);
    let formats = fields.int16().ok()?;
    fields.bytes(usize::try_from(formats).ok()? * 2).ok()?;
    if fields.int16().ok()? < 1 {
        return None;
    }
    let length = usize::try_from(fields.int32().ok()?).ok()?;
    String::from_utf8(fields.bytes(length).ok()?.to_vec()).ok()
}

/// How many portals the client closes before its Sync; `None` when its batch goes on otherwise or has not come whole.
pub(crate) fn closes_before_sync(input: &[u8]) -> Option<usize> {
    let mut rest = input;
    for closes in 0.. {
        let length = rest.get(1..5)?.try_into().map(i32::from_be_bytes).ok()?;
        match rest[0] {
            b'S' => return (length == 4).then_some(closes),
            b'C' if length > 4 && rest.get(5) == Some(&b'P') => {
                rest = rest.get(1 + usize::try_from(length).ok()?..)?;
            }
            _ => return None,
        }
    }
    None
}

/// What PostgreSQL says to a message that is [malformed](Malformed); none when it does not know its type.
pub(crate) fn unreadable(frame: &Frame) -> Option<ServerError> {
    let (before, texts) = match frame.tag() {
        b'Q' | b'E' => (0, 1),
        b'P' | b'B' => (0, 2),
        b'D' | b'C' => (1, 1),
        _ => return None,
    };
    let body = frame.body();
    let mut rest = body.get(before..).unwrap_or_default();
    for _ in 0..texts {
        let end = rest.iter().position(|byte| *byte == 0);
        let (text, after) = rest.split_at(end.unwrap_or(rest.len()));
        if let Err(error) = std::str::from_utf8(text) {
            return Some(invalid_sequence(&text[error.valid_up_to()..]));
        }
        let Some((_, after)) = after.split_first() else {
            return Some(ServerError::new("08P01", "invalid string in message"));
        };
        rest = after;
    }
    let (kind, subtype) = (frame.tag(), body.first().copied().unwrap_or(0));
    let message = match kind {
        b'D' => format!("invalid DESCRIBE message subtype {subtype}"),
        b'C' => format!("invalid CLOSE message subtype {subtype}"),
        _ => "insufficient data left in message".to_owned(),
    };
    Some(ServerError::new("08P01", message))
}

/// `bytes` begins with what is no UTF-8; named are as many as its first byte announces.
fn invalid_sequence(bytes: &[u8]) -> ServerError {
    let announced = match bytes.first() {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf7) => 4,
        _ => 1,
    };
    let named = bytes.iter().take(announced);
    let named: Vec<String> = named.map(|byte| format!("0x{byte:02x}")).collect();
    let message = format!(
        "invalid byte sequence for encoding \"UTF8\": {}",
        named.join(" ")
    );
    ServerError::new("22021", message)
}

fn rest(frame: &Frame, from: usize) -> &[u8] {
    &frame.body()[from..]
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use proptest::prelude::*;

    use super::*;

    fn frame(buffer: &mut BytesMut) -> Frame {
        Frame::take(buffer, usize::MAX).unwrap().unwrap()
    }

    #[test]
    fn parse_and_bind_give_names_and_the_rest_as_it_came() {
        let mut buffer = BytesMut::new();
        postgres_protocol::message::frontend::parse("s1", "SELECT $1", [25], &mut buffer).unwrap();
        let parse = frame(&mut buffer);
        assert_eq!(
            Message::of(&parse),
            Ok(Message::Parse {
                statement: "s1",
                sql: "SELECT $1",
                types: &[0, 1, 0, 0, 0, 25],
            })
        );
    }

    #[test]
    fn the_first_value_of_a_bind_is_found() {
        let values = b"\0\x01\0\0\0\x01\0\0\0\x03abc\0\0";
        assert_eq!(first_text_value(values).as_deref(), Some("abc"));
        assert_eq!(first_text_value(b"\0\0\0\0\0\0"), None);
        assert_eq!(first_text_value(b"\xff"), None);
    }

    #[test]
    fn the_rest_of_a_batch_is_seen_only_when_it_is_there() {
        let sync = b"S\0\0\0\x04".as_slice();
        let close = b"C\0\0\0\x06P\0".as_slice();
        let statement = b"C\0\0\0\x06S\0".as_slice();
        assert_eq!(closes_before_sync(sync), Some(0));
        assert_eq!(closes_before_sync(&[close, close, sync].concat()), Some(2));
        assert_eq!(closes_before_sync(close), None);
        assert_eq!(closes_before_sync(&[statement, sync].concat()), None);
        assert_eq!(closes_before_sync(b"C\xff\xff\xff\xffP"), None);
        assert_eq!(closes_before_sync(b""), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(tag: u8, body: Vec<u8>) {
            let mut buffer = BytesMut::new();
            buffer.extend_from_slice(&[tag]);
            buffer.extend_from_slice(&i32::try_from(body.len() + 4).unwrap().to_be_bytes());
            buffer.extend_from_slice(&body);
            let frame = frame(&mut buffer);
            let _ = Message::of(&frame);
            let _ = unreadable(&frame);
            let _ = first_text_value(&body);
        }
    }
}
