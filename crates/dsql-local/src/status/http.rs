//! The page and its JSON, over HTTP on loopback.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::report::Reporter;
use crate::cluster::Shared;

const PAGE: &str = include_str!("page.html");

/// Stands in the page where the word must stand that lets its own script run, and no other.
const NONCE: &str = "{{nonce}}";

/// A browser opens a few; whoever opens more waits.
const CONNECTIONS: usize = 32;

/// Who has not sent its request by then is shown out.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves the page until `listener` is dropped with this future.
pub(crate) async fn serve(cluster: Arc<Shared>, listener: TcpListener) {
    let reporter = Arc::new(Reporter::new(cluster));
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _peer)) => {
                let reporter = Arc::clone(&reporter);
                tokio::spawn(async move {
                    if let Err(error) = converse(reporter, stream).await {
                        tracing::debug!(%error, "a reader of the status page has gone");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a reader of the status page could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn converse(reporter: Arc<Reporter>, stream: TcpStream) -> io::Result<()> {
    let service = service_fn(move |request| {
        let reporter = Arc::clone(&reporter);
        async move { Ok::<_, Infallible>(answer(&reporter, &request).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(io::Error::other)
}

async fn answer(reporter: &Reporter, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let host = request.headers().get(header::HOST);
    if !host.is_some_and(is_this_machine) {
        return plain(
            StatusCode::FORBIDDEN,
            "The status page is for this machine only: ask for it as http://localhost:PORT/.\n",
        );
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD.\n");
        let allow = HeaderValue::from_static("GET, HEAD");
        refused.headers_mut().insert(header::ALLOW, allow);
        return refused;
    }
    match request.uri().path() {
        "/" => page(),
        "/status.json" => match reporter.report().await {
            Ok(json) => response(StatusCode::OK, "application/json", json),
            Err(error) => plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("The status could not be had: {error}\n"),
            ),
        },
        _ => plain(StatusCode::NOT_FOUND, "There are / and /status.json.\n"),
    }
}

/// A page of another site whose name was made to lead here names that site.
fn is_this_machine(host: &HeaderValue) -> bool {
    let Ok(host) = host.to_str() else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own))
}

fn page() -> Response<Full<Bytes>> {
    let nonce: String = std::iter::repeat_with(fastrand::alphanumeric)
        .take(24)
        .collect();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let page = PAGE.replace(NONCE, &nonce);
    let mut response = response(StatusCode::OK, "text/html; charset=utf-8", page);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        (response.headers_mut()).insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    response(status, "text/plain; charset=utf-8", text)
}

fn response(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Neither as an image nor as a script of another site.
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let asked_as = |host: &'static str| is_this_machine(&HeaderValue::from_static(host));
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:1",
            "[::1]:8080",
            "[::1]",
        ] {
            assert!(asked_as(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example@localhost",
            "localhost:80:80",
            "::1",
        ] {
            assert!(!asked_as(host), "{host}");
        }
    }

    #[test]
    fn the_page_asks_nobody_else_for_anything() {
        for outside in ["http://", "https://", "src=", "@import", "url("] {
            assert!(!PAGE.contains(outside), "{outside}");
        }
        // What is shown goes in as text, never as HTML.
        for dangerous in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
        ] {
            assert!(!PAGE.contains(dangerous), "{dangerous}");
        }
        assert_eq!(PAGE.matches(NONCE).count(), 2);
    }
}
