//! What the server says, where we say it ourselves.

use bytes::{BufMut, BytesMut};

use super::frame::Frame;

/// An error as the client will see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerError {
    pub(crate) sqlstate: String,
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
    /// The rule of the rulebook that refuses.
    pub(crate) rule: Option<&'static str>,
}

impl ServerError {
    pub(crate) fn new(sqlstate: &str, message: impl Into<String>) -> Self {
        Self {
            sqlstate: sqlstate.to_owned(),
            message: message.into(),
            detail: None,
            hint: None,
            rule: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Reads an ErrorResponse.
    pub(crate) fn of(frame: &Frame) -> Self {
        let mut error = Self::new("XX000", "");
        for (field, value) in fields(frame.body()) {
            let value = String::from_utf8_lossy(value).into_owned();
            match field {
                b'C' => error.sqlstate = value,
                b'M' => error.message = value,
                b'D' => error.detail = Some(value),
                b'H' => error.hint = Some(value),
                _ => {}
            }
        }
        error
    }
}

impl From<&dsql_sql::Refusal> for ServerError {
    fn from(refusal: &dsql_sql::Refusal) -> Self {
        Self {
            sqlstate: refusal.sqlstate().to_owned(),
            message: refusal.message().to_owned(),
            detail: refusal.detail().map(str::to_owned),
            hint: refusal.hint().map(str::to_owned),
            rule: Some(refusal.rule()),
        }
    }
}

/// An ErrorResponse. `severity` is ERROR, or FATAL where the connection ends.
pub(crate) fn error(out: &mut BytesMut, severity: &str, error: &ServerError) {
    complaint(out, b'E', severity, error);
}

/// A NoticeResponse: a warning, behind which all goes on.
pub(crate) fn warning(out: &mut BytesMut, warning: &ServerError) {
    complaint(out, b'N', "WARNING", warning);
}

fn complaint(out: &mut BytesMut, tag: u8, severity: &str, error: &ServerError) {
    message(out, tag, |out| {
        let fields = [
            (b'S', Some(severity)),
            (b'V', Some(severity)),
            (b'C', Some(error.sqlstate.as_str())),
            (b'M', Some(error.message.as_str())),
            (b'D', error.detail.as_deref()),
            (b'H', error.hint.as_deref()),
        ];
        for (field, value) in fields {
            if let Some(value) = value {
                out.put_u8(field);
                text(out, value);
            }
        }
        out.put_u8(0);
    });
}

/// An ErrorResponse of PostgreSQL's, without the traces of what the cluster has put around the client's statement: then
/// the context and the inner query tell of that.
pub(crate) fn forward_error(out: &mut BytesMut, frame: &Frame) {
    let is_of_ours = |fields: &[(u8, &[u8])]| {
        (fields.iter()).any(|(field, value)| {
            *field == b'W' && (value.windows(HELPERS.len())).any(|part| part == HELPERS)
        })
    };
    let fields = fields(frame.body());
    if !is_of_ours(&fields) {
        out.extend_from_slice(frame.bytes());
        return;
    }
    message(out, b'E', |out| {
        for (field, value) in fields {
            if !matches!(field, b'W' | b'q' | b'p') {
                out.put_u8(field);
                out.put_slice(value);
                out.put_u8(0);
            }
        }
        out.put_u8(0);
    });
}

/// The same ErrorResponse, its place counted in a text that has so many characters more in front.
pub(crate) fn moved_on(frame: &Frame, characters: usize) -> Frame {
    let mut out = BytesMut::new();
    message(&mut out, b'E', |out| {
        for (field, value) in fields(frame.body()) {
            let place = std::str::from_utf8(value).ok().map(str::parse::<usize>);
            out.put_u8(field);
            match place {
                Some(Ok(place)) if field == b'P' => {
                    text(out, &place.saturating_add(characters).to_string());
                }
                _ => {
                    out.put_slice(value);
                    out.put_u8(0);
                }
            }
        }
        out.put_u8(0);
    });
    let moved = Frame::take(&mut out, usize::MAX);
    moved.ok().flatten().unwrap_or_else(|| frame.clone())
}

/// What the names of the cluster's own objects begin with.
const HELPERS: &[u8] = b"dsql_local_";

/// The fields of an ErrorResponse.
fn fields(mut body: &[u8]) -> Vec<(u8, &[u8])> {
    let mut fields = Vec::new();
    while let Some((&field, after)) = body.split_first() {
        let Some(end) = after.iter().position(|byte| *byte == 0) else {
            break;
        };
        fields.push((field, &after[..end]));
        body = &after[end + 1..];
    }
    fields
}

/// `status`: `I` outside a transaction, `T` in one, `E` in one that failed.
pub(crate) fn ready_for_query(out: &mut BytesMut, status: u8) {
    message(out, b'Z', |out| out.put_u8(status));
}

pub(crate) fn command_complete(out: &mut BytesMut, tag: &str) {
    message(out, b'C', |out| text(out, tag));
}

pub(crate) fn close_complete(out: &mut BytesMut) {
    message(out, b'3', |_| {});
}

pub(crate) fn authentication_ok(out: &mut BytesMut) {
    message(out, b'R', |out| out.put_i32(0));
}

pub(crate) fn authentication_cleartext_password(out: &mut BytesMut) {
    message(out, b'R', |out| out.put_i32(3));
}

pub(crate) fn parameter_status(out: &mut BytesMut, name: &str, value: &str) {
    message(out, b'S', |out| {
        text(out, name);
        text(out, value);
    });
}

/// Says that only protocol 3.0 is spoken and which start-up options were not understood.
pub(crate) fn negotiate_protocol_version(out: &mut BytesMut, unknown: &[&str]) {
    message(out, b'v', |out| {
        out.put_i32(0);
        out.put_i32(i32::try_from(unknown.len()).unwrap_or(i32::MAX));
        for name in unknown {
            text(out, name);
        }
    });
}

fn message(out: &mut BytesMut, tag: u8, body: impl FnOnce(&mut BytesMut)) {
    out.put_u8(tag);
    let start = out.len();
    out.put_i32(0);
    body(out);
    let length = i32::try_from(out.len() - start).unwrap_or(i32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

fn text(out: &mut BytesMut, value: &str) {
    // A NUL would end the field early and shift everything behind it.
    out.extend(value.bytes().filter(|byte| *byte != 0));
    out.put_u8(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_error_moves_and_nothing_else() {
        let mut frame = BytesMut::from(&b"E\0\0\0\x0fC42703\0P8\0\0"[..]);
        let frame = Frame::take(&mut frame, usize::MAX).unwrap().unwrap();
        assert_eq!(moved_on(&frame, 10).body(), b"C42703\0P18\0\0");
    }

    #[test]
    fn an_error_reads_back_as_written() {
        let written = ServerError::new("40001", "change conflicts").with_hint("with\0 NUL");
        let mut out = BytesMut::new();
        error(&mut out, "ERROR", &written);
        let frame = Frame::take(&mut out, usize::MAX).unwrap().unwrap();
        let read = ServerError::of(&frame);
        assert_eq!(read.sqlstate, "40001");
        assert_eq!(read.hint.as_deref(), Some("with NUL"));
        assert!(out.is_empty());
    }

    #[test]
    fn an_error_is_handed_on_without_the_clusters_own_functions() {
        let handed_on = |context: &str| {
            let text = format!("SERROR\0CXX000\0Moh\0W{context}\0q1 + \0p4\0Fa.c\0\0");
            let mut buffer = BytesMut::new();
            message(&mut buffer, b'E', |out| out.put_slice(text.as_bytes()));
            let frame = Frame::take(&mut buffer, usize::MAX).unwrap().unwrap();
            forward_error(&mut buffer, &frame);
            let frame = Frame::take(&mut buffer, usize::MAX).unwrap().unwrap();
            let fields = fields(frame.body());
            (fields.iter().filter(|(field, _)| *field != 0))
                .map(|(field, _)| char::from(*field))
                .collect::<String>()
        };
        assert_eq!(handed_on("SQL function \"f\" statement 1"), "SCMWqpF");
        let ours = "PL/pgSQL function dsql_local_submit(text) line 1 at EXECUTE";
        assert_eq!(handed_on(ours), "SCMF");
    }
}
