//! The first packet of a connection, which has no tag.

use bytes::{Buf, Bytes};

use super::frame::{Fields, Malformed};

/// A start-up packet longer than this is refused, as PostgreSQL does.
pub(crate) const MAX_STARTUP_BYTES: usize = 10_000;

/// What a client opens a connection for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Startup {
    /// Wants TLS.
    Ssl,
    /// Wants GSSAPI encryption.
    Gss,
    /// Asks to cancel what another connection runs; the packet as it came.
    Cancel(Bytes),
    /// Wants a session.
    Session {
        /// The minor version of protocol 3.
        minor: u16,
        /// `user`, `database`, `application_name`, ….
        parameters: Vec<(String, String)>,
    },
}

impl Startup {
    /// `packet` is the whole packet, its length field included.
    pub(crate) fn of(packet: Bytes) -> Result<Self, Malformed> {
        let mut head = packet.get(4..8).ok_or(Malformed)?;
        match head.get_i32() {
            80_877_103 => Ok(Self::Ssl),
            80_877_104 => Ok(Self::Gss),
            80_877_102 => Ok(Self::Cancel(packet)),
            version if version >> 16 == 3 => {
                let mut fields = Fields::new(&packet[8..]);
                let mut parameters = Vec::new();
                loop {
                    let name = fields.text()?;
                    if name.is_empty() {
                        break;
                    }
                    parameters.push((name.to_owned(), fields.text()?.to_owned()));
                }
                let minor = u16::try_from(version & 0xffff).unwrap_or(u16::MAX);
                Ok(Self::Session { minor, parameters })
            }
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_session_names_its_user() {
        let mut packet = BytesMut::new();
        postgres_protocol::message::frontend::startup_message([("user", "admin")], &mut packet)
            .unwrap();
        assert_eq!(
            Startup::of(packet.freeze()),
            Ok(Startup::Session {
                minor: 0,
                parameters: vec![("user".to_owned(), "admin".to_owned())],
            })
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(packet: Vec<u8>) {
            let _ = Startup::of(Bytes::from(packet));
        }
    }
}
