//! `dsql migrate`: a folder of migrations of SQLx, run on a cluster.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use dsql_connect::Config;
use dsql_sqlx::Migrated;
use dsql_sqlx::sqlx::migrate::Migrator;

use crate::apply::view::View;
use crate::apply::{Lock, Ran, Running, connect, counted, stop_switch, what_now};
use crate::error::Error;
use crate::options::Options;
use crate::output;
use crate::signals::Signals;
use crate::token::runtime;

/// Run the migrations of SQLx in a folder on the cluster that DSQL_URL names
///
/// The folder is one that `sqlx migrate` or `sqlx::migrate!` takes, written for PostgreSQL. Each migration is translated
/// as `dsql translate` does and run step by step; what was applied stands in SQLx's own table, _sqlx_migrations. One
/// that was cut short goes on where it was. One run at a time: a second one waits, and says for whom.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 done, 1 something cannot be had or has failed, 2 usage, 130 after Ctrl-C.

Examples:
  export DSQL_URL=dsql://admin@<id>.dsql.<region>.on.aws/postgres
  dsql migrate run                        what is pending in ./migrations
  dsql migrate run --dry-run              what would be run
  dsql migrate status --source db
  dsql migrate revert                     the last one, by its .down.sql")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the migrations that are pending
    Run {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        change: Change,
        /// The last version to run. Default: all.
        #[arg(long, value_name = "VERSION")]
        target_version: Option<i64>,
    },
    /// Take back the last migration
    Revert {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        change: Change,
        /// The version to go back to, which stays; 0 takes back all. Default: take back one.
        #[arg(long, value_name = "VERSION")]
        target_version: Option<i64>,
    },
    /// Show where each migration stands: pending, unfinished, applied, changed or missing
    #[command(visible_alias = "info")]
    Status {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, clap::Args)]
struct Common {
    /// The folder of migrations.
    #[arg(long, value_name = "FOLDER", default_value = "migrations")]
    source: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Change {
    /// Print what would be run, and run nothing.
    #[arg(long)]
    dry_run: bool,

    /// Go on where migrations that were applied are not in the folder.
    #[arg(long)]
    ignore_missing: bool,

    #[command(flatten)]
    lock: Lock,

    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let config = Config::from_env()?;
    runtime()?.block_on(async {
        match &arguments.verb {
            Verb::Status { common } => status(common, config).await,
            Verb::Run {
                common,
                change,
                target_version,
            } => migrate(Direction::Up, common, change, *target_version, config).await,
            Verb::Revert {
                common,
                change,
                target_version,
            } => migrate(Direction::Down, common, change, *target_version, config).await,
        }
    })
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

async fn migrator(common: &Common) -> Result<Migrator, Error> {
    let read = Migrator::new(common.source.as_path()).await;
    read.map_err(|source| Error::Migrations {
        path: common.source.clone(),
        source,
    })
}

async fn status(common: &Common, config: Config) -> Result<ExitCode, Error> {
    let migrator = migrator(common).await?;
    let pool = connect(config).await?;
    let mut text = String::new();
    for one in pool.migrations(&migrator).status().await? {
        let (version, state) = (one.version, one.state);
        text.push_str(&format!("{state:<10} {version} {}\n", one.description));
    }
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

async fn migrate(
    direction: Direction,
    common: &Common,
    change: &Change,
    target: Option<i64>,
    config: Config,
) -> Result<ExitCode, Error> {
    let mut migrator = migrator(common).await?;
    migrator.set_ignore_missing(change.ignore_missing);
    let mut signals = Signals::listen()?;
    let pool = connect(config).await?;
    let (stop, stop_asked) = stop_switch();
    let migrations = pool
        .migrations(&migrator)
        .options(change.options.to_sql())
        .lock(change.lock.to_options())
        .stop_when(stop_asked);
    if change.dry_run {
        return dry_run(direction, &migrations, target).await;
    }
    let view = View::of_several();
    let migrating = async {
        match direction {
            Direction::Up => {
                migrations
                    .run(target, |progress| view.show(&progress))
                    .await
            }
            Direction::Down => {
                migrations
                    .revert(target, |progress| view.show(&progress))
                    .await
            }
        }
    };
    let running = Running {
        view: &view,
        signals: &mut signals,
        lock_lease: change.lock.lock_lease,
    };
    let (migrated, interrupted) = match running.until_done(migrating, stop).await {
        Ran::Done(migrated) => (migrated, None),
        Ran::Stopping(migrated, code) => (migrated, Some(code)),
        Ran::Stopped(code) => return Ok(ExitCode::from(code)),
    };
    view.end();
    pool.close().await;
    match migrated {
        Ok(migrated) => {
            output::print(&summary(direction, &migrated, &view))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            output::error(&format!("dsql: {error}"));
            if let Some(what_now) = what_now(&error) {
                output::error(what_now);
            }
            Ok(interrupted.map_or(ExitCode::FAILURE, ExitCode::from))
        }
    }
}

async fn dry_run(
    direction: Direction,
    migrations: &dsql_sqlx::Migrations<'_>,
    target: Option<i64>,
) -> Result<ExitCode, Error> {
    let wanted = match direction {
        Direction::Up => migrations.pending(target).await?,
        Direction::Down => migrations.to_revert(target).await?,
    };
    for migration in wanted {
        let plan = migrations.plan(migration)?;
        let (version, description) = (migration.version, &migration.description);
        output::print(&format!("-- {version} {description}\n{plan}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn summary(direction: Direction, migrated: &[Migrated], view: &View) -> String {
    let done = match direction {
        Direction::Up => "run",
        Direction::Down => "taken back",
    };
    match migrated.len() {
        0 => "Nothing to do.\n".to_owned(),
        n => format!(
            "Done: {} {done}, {}.\n",
            counted(n, "migration"),
            view.elapsed()
        ),
    }
}
