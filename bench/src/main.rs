//! Measures what the project promises, and prints one table of ratios.
//!
//! `cargo xtask bench` runs it; `--quick` makes every measurement a short one, to see that it still runs.
//!
//! Both sides of a ratio are measured in the same run, round by round in turn, so that a busy machine slows both. The
//! local cluster runs in a process of its own, as `dsql local` does. Absolute times are shown and never judged by the
//! exit status: it is 0 once the table is printed.

#![allow(
    clippy::print_stdout,
    reason = "a table on standard output is what this program is for"
)]

mod cluster;
mod corpus;
mod lint;
mod machine;
mod measure;
mod orm;
mod start;
mod straight;
mod table;
mod token;
mod wire;

// The module that starts the local cluster's PostgreSQL is not public. It is compiled in once more, to have the same
// PostgreSQL with the same settings listen on TCP with TLS for the comparison.
#[path = "../../crates/dsql-local/src/cache.rs"]
#[allow(dead_code, reason = "a part is enough here")]
mod cache;
#[path = "../../crates/dsql-local/src/error.rs"]
#[allow(dead_code, reason = "a part is enough here")]
mod error;
#[path = "../../crates/dsql-local/src/postgres/mod.rs"]
#[allow(
    dead_code,
    unexpected_cfgs,
    reason = "a part is enough here, and nothing is fetched"
)]
mod postgres;

use anyhow::{Result, bail};
use error::Error;

use crate::cluster::Cluster;
use crate::measure::Effort;
use crate::straight::Straight;
use crate::table::Row;

#[tokio::main]
async fn main() -> Result<()> {
    let mut effort = Effort::Whole;
    let mut only_lint = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => effort = Effort::Quick,
            "--lint" => only_lint = true,
            cluster::SERVE => return cluster::serve().await,
            start::START_ONCE => return start::start_once().await,
            other => bail!(
                "unknown argument {other:?}: this program takes --quick, --lint (the linter only) or nothing"
            ),
        }
    }
    let lint = lint::measure(effort).await?;
    if only_lint {
        println!(
            "{}\n{}\n{}",
            table::print(&lint.rows),
            lint.kinds,
            lint.left
        );
        return Ok(());
    }
    let mut rows: Vec<Row> = Vec::new();
    rows.extend(start::measure(effort).await?);
    let cluster = Cluster::start().await?;
    rows.push(orm::measure(&cluster, effort).await?);
    let straight = Straight::start().await?;
    for client in [wire::Client::OneThread, wire::Client::AllCores] {
        rows.extend(wire::measure(&cluster, &straight, client, effort).await?);
    }
    straight.stop().await;
    rows.extend(token::measure(effort));
    rows.extend(lint.rows);

    println!("{}", table::print(&rows));
    println!("{}\n{}", lint.kinds, lint.left);
    println!("{}", machine::facts(straight.version(), effort));
    Ok(())
}
