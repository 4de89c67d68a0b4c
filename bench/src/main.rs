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

mod bulk;
mod cluster;
mod connector;
mod corpus;
mod hot;
mod lint;
mod machine;
mod many;
mod measure;
mod memory;
mod orm;
mod pgbench;
mod relay;
mod side;
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

use anyhow::{Context, Result, bail, ensure};
use error::Error;

use crate::cluster::Cluster;
use crate::measure::Effort;
use crate::relay::Relay;
use crate::straight::Straight;
use crate::table::Row;

#[tokio::main]
async fn main() -> Result<()> {
    let mut effort = Effort::Whole;
    let mut only_lint = false;
    let mut only_local = false;
    let mut only_adapters = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => effort = Effort::Quick,
            "--lint" => only_lint = true,
            "--local" => only_local = true,
            "--adapters" => only_adapters = true,
            "--statements" => return statements(arguments.next()).await,
            relay::RELAY => {
                // On a thread of its own: it brings its runtime.
                let socket = arguments.next();
                let relayed = std::thread::spawn(|| relay::relay(socket)).join();
                return relayed.unwrap_or_else(|_| bail!("the relay panicked"));
            }
            connector::OUR_SIDE => return connector::our_side().await,
            cluster::SERVE => return cluster::serve().await,
            start::START_ONCE => return start::start_once().await,
            other => bail!(
                "unknown argument {other:?}: this program takes --quick, --lint (the linter only), --adapters (SeaORM and \
                 SQLx only), --local (the local cluster only), --statements N (whether the local cluster grows over so many) or nothing"
            ),
        }
    }
    if only_lint {
        let lint = lint::measure(effort).await?;
        println!(
            "{}\n{}\n{}",
            table::print(&lint.rows),
            lint.kinds,
            lint.left
        );
        return Ok(());
    }
    if only_adapters {
        let cluster = Cluster::start().await?;
        let mut rows = orm::measure(&cluster, effort).await?;
        rows.extend(many::measure(&cluster, effort).await?);
        let (beside, left_out) = connector::measure(&cluster, effort).await?;
        rows.extend(beside);
        println!("{}\n{left_out}", table::print(&rows));
        return Ok(());
    }
    let mut rows: Vec<Row> = Vec::new();
    rows.extend(start::measure(effort).await?);
    let cluster = Cluster::start().await?;
    rows.extend(orm::measure(&cluster, effort).await?);
    rows.extend(many::measure(&cluster, effort).await?);
    let mut below = String::new();
    if !only_local {
        let (beside, left_out) = connector::measure(&cluster, effort).await?;
        rows.extend(beside);
        below.push_str(&left_out);
    }
    let straight = Straight::start().await?;
    for client in [wire::Client::OneThread, wire::Client::AllCores] {
        rows.extend(wire::measure(&cluster, &straight, client, effort).await?);
    }
    let relay = Relay::start(&straight).await?;
    let client = wire::Client::OneThread;
    rows.push(wire::measure_relay(&relay, &straight, client, effort).await?);
    drop(relay);
    rows.extend(pgbench::measure(&cluster, &straight, effort).await?);
    rows.extend(bulk::measure(&cluster, &straight, effort).await?);
    rows.extend(hot::measure(&cluster, effort).await?);
    straight.stop().await;
    drop(cluster);
    rows.extend(memory::measure(effort).await?);
    if !only_local {
        rows.extend(token::measure(effort));
        let lint = lint::measure(effort).await?;
        rows.extend(lint.rows);
        below.push_str(&format!("{}\n{}\n", lint.kinds, lint.left));
    }
    println!("{}", table::print(&rows));
    println!("{below}{}", machine::facts(straight.version(), effort));
    Ok(())
}

/// For `cargo xtask soak statements`: fails when the local cluster has grown.
async fn statements(count: Option<String>) -> Result<()> {
    let count: u32 = count.context("say how many statements")?.parse()?;
    let row = memory::growth(&Cluster::start().await?, count).await?;
    println!("{}", table::print(std::slice::from_ref(&row)));
    ensure!(row.is_met(), "the local cluster has grown");
    Ok(())
}
