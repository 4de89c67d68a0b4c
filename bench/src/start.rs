//! How long a local cluster takes to start.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::machine::this_program;
use crate::measure::{Effort, median};
use crate::table::Row;

/// The argument that makes this program start and stop one local cluster and print the milliseconds of the start.
pub const START_ONCE: &str = "--start-once";

pub async fn measure(effort: Effort) -> Result<[Row; 2]> {
    let (cold, warm) = match effort {
        Effort::Whole => (3, 5),
        Effort::Quick => (1, 1),
    };
    let mut cold_times = Vec::new();
    let mut warm_times = Vec::new();
    for _ in 0..cold {
        let cache = empty_cache()?;
        cold_times.push(start(cache.path()).await?);
        for _ in 0..warm {
            warm_times.push(start(cache.path()).await?);
        }
    }
    Ok([
        Row::below(
            "local cluster: cold start (empty cache)",
            "ms",
            median(cold_times),
            2000.0,
        ),
        Row::below(
            "local cluster: warm start (template in the cache)",
            "ms",
            median(warm_times),
            300.0,
        ),
    ])
}

/// What the process of its own does.
pub async fn start_once() -> Result<()> {
    let began = Instant::now();
    let cluster = dsql_local::LocalCluster::start().await?;
    println!("{}", began.elapsed().as_secs_f64() * 1000.0);
    cluster.shutdown().await;
    Ok(())
}

/// Where a cache would be: on a disk, open to the user that PostgreSQL runs as when we are root.
fn empty_cache() -> Result<tempfile::TempDir> {
    let cache = tempfile::tempdir_in("/var/tmp").or_else(|_| tempfile::tempdir())?;
    fs::set_permissions(cache.path(), fs::Permissions::from_mode(0o755))?;
    Ok(cache)
}

async fn start(cache: &Path) -> Result<f64> {
    let output = Command::new(this_program())
        .arg(START_ONCE)
        .env("XDG_CACHE_HOME", cache)
        .output()
        .await
        .context("starting a local cluster in a process of its own")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
