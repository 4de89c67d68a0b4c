//! A process that is killed, as far as its database can see. The tests of dsql-sea-orm compile it in, too.

use std::fmt::Debug;
use std::future::Future;
use std::task::Poll;

/// Polls a future so many times, then drops it, as a process that is killed
/// would. True: it had come to its end.
pub async fn run_until<T, E: Debug>(
    future: impl Future<Output = Result<T, E>>,
    polls: usize,
) -> bool {
    let mut future = std::pin::pin!(future);
    let mut polled = 0;
    std::future::poll_fn(|context| {
        polled += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(done) => {
                done.unwrap();
                Poll::Ready(true)
            }
            _ if polled > polls => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
