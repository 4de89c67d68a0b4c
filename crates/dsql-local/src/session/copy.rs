//! COPY … FROM STDIN: the client's rows on their way to PostgreSQL.

use postgres_protocol::message::frontend;

use super::Session;
use super::exchange::{Settled, Trouble};
use crate::wire::backend::ServerError;
use crate::wire::frame::Frame;

/// Rows are handed on when they fill this much.
const CHUNK_BYTES: usize = 64 * 1024;

impl Session {
    /// Settles what was sent; where PostgreSQL asks for rows, brings the client's until it ends them.
    pub(super) async fn settle_with_copy(
        &mut self,
        copied: &mut Vec<Frame>,
        end: CopyEnd,
    ) -> Result<Settled, Trouble> {
        if self.settle().await? == Settled::Done {
            return Ok(Settled::Done);
        }
        let keep = self.transaction.is_some();
        self.client.flush().await?;
        loop {
            let Some(frame) = self.take_frame().map_err(Trouble::Ours)? else {
                self.upstream.flush().await?;
                if self.client.fill().await? == 0 {
                    return Err(Trouble::Closed(std::io::ErrorKind::UnexpectedEof.into()));
                }
                continue;
            };
            match frame.tag() {
                b'd' => {
                    self.upstream.send(&frame);
                    self.brought.copied(frame.body());
                    if keep {
                        copied.push(frame);
                    }
                    if self.upstream.output.len() > CHUNK_BYTES {
                        self.upstream.flush().await?;
                    }
                }
                b'c' | b'f' => {
                    self.upstream.send(&frame);
                    break;
                }
                // PostgreSQL ignores Flush and Sync here, for clients that send them with the Execute.
                b'H' | b'S' => {}
                tag => {
                    let message =
                        format!("unexpected message type 0x{tag:02X} during COPY from stdin");
                    self.tell(Trouble::Known(ServerError::new("08P01", message)))
                        .await?;
                    let lost = "terminating connection because protocol synchronization was lost";
                    self.fatal(&ServerError::new("08P01", lost)).await?;
                    return Err(Trouble::Closed(std::io::ErrorKind::InvalidData.into()));
                }
            }
        }
        if end == CopyEnd::Flush {
            frontend::flush(&mut self.upstream.output);
        }
        self.settle().await
    }

    /// Brings the same rows again.
    pub(super) fn copy_again(&mut self, copied: &[Frame]) {
        for frame in copied {
            self.upstream.send(frame);
        }
        frontend::copy_done(&mut self.upstream.output);
    }
}

/// What makes PostgreSQL answer behind the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CopyEnd {
    /// A simple query answers by itself.
    Nothing,
    Flush,
}
