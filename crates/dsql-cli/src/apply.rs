//! `dsql apply`: scripts for PostgreSQL, run on a cluster.

pub(crate) mod view;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use dsql_connect::Config;
use dsql_sql::Plan;
use dsql_sqlx::sqlx::ConnectOptions;
use dsql_sqlx::{ApplyOptions, DsqlPool, LockOptions, Report};
use tokio::sync::oneshot;

use crate::error::Error;
use crate::options::Options;
use crate::output;
use crate::script::Script;
use crate::signals::Signals;
use crate::token::runtime;
use crate::translate;

use view::View;

/// Run scripts for PostgreSQL on the cluster that DSQL_URL names
///
/// The scripts are translated as `dsql translate` does and run step by step: each step in a transaction of its own,
/// conflicts retried, asynchronous jobs awaited, many rows changed in batches. If something in them cannot be had, nothing
/// is run.
///
/// A run that was cut short, in any way, goes on where it was when the same command is given again: what is done is kept
/// in the database, in the table dsql_journal. After an error, correct the script from the failed step on and run it
/// again. One run at a time: a second one waits, and says for whom.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 done, 1 something cannot be had or has failed, 2 usage, 130 after Ctrl-C.

Examples:
  export DSQL_URL=dsql://admin@<id>.dsql.<region>.on.aws/postgres
  dsql apply schema.sql
  dsql apply --dry-run migrations         what would be run
  dsql apply --forget                     forget a run that was not finished
  pg_dump clinic | dsql apply
  dsql local -- dsql apply schema.sql     try it on a cluster of this machine")]
pub(crate) struct Arguments {
    /// Scripts to run, or folders with *.sql files, in this order; - or nothing for standard input.
    #[arg(value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,

    /// Print what would be run, and run nothing.
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    lock: Lock,

    /// Forget a run that was not finished, and begin at the first step. What it has done stays done. Without a FILE,
    /// nothing is run.
    #[arg(long)]
    forget: bool,

    #[command(flatten)]
    options: Options,

    /// Rows that one batch of a back-fill or delete changes, 1 to 3000.
    #[arg(long, value_name = "N", default_value_t = dsql_sql::Options::default().batch_rows,
          value_parser = clap::value_parser!(u32).range(1..=3000))]
    batch_rows: u32,
}

/// How the lock is taken.
#[derive(Debug, clap::Args)]
pub(crate) struct Lock {
    /// Seconds to wait while another run is at work: 0 gives up at once. Default: as long as it takes.
    #[arg(long, value_name = "SECONDS")]
    lock_wait: Option<u64>,

    /// Seconds after which others take over from a run that has died.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) lock_lease: u64,
}

impl Lock {
    pub(crate) fn to_options(&self) -> LockOptions {
        let options = LockOptions::default().lease(Duration::from_secs(self.lock_lease));
        match self.lock_wait {
            Some(seconds) => options.wait(Duration::from_secs(seconds)),
            None => options,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let only_forget = arguments.forget && arguments.files.is_empty();
    let scripts = if only_forget {
        Vec::new()
    } else {
        Script::read_all(&arguments.files)?
    };
    let options = dsql_sql::Options {
        batch_rows: arguments.batch_rows,
        ..arguments.options.to_sql()
    };
    let mut plan = Plan::default();
    for script in &scripts {
        let of_script = dsql_sql::translate(&script.text, &options);
        if arguments.dry_run {
            let heading = (scripts.len() > 1).then_some(script.name.as_str());
            output::print(&translate::print(script, heading, &of_script))?;
        }
        for error in &of_script.errors {
            let (line, column) = script.place(error.offset);
            output::error(&format!("{}:{line}:{column}: {error}", script.name));
        }
        plan.steps.extend(of_script.steps);
        plan.notes.extend(of_script.notes);
        plan.errors.extend(of_script.errors);
    }
    match plan.errors.len() {
        0 => {}
        errors => {
            let (is, it) = if errors == 1 {
                ("is", "it")
            } else {
                ("are", "them")
            };
            output::error(&format!(
                "dsql: nothing was run, since {errors} of the statements {is} not to be had on Aurora DSQL: write {it} \
                 otherwise, or take {it} out"
            ));
            return Ok(ExitCode::FAILURE);
        }
    }
    if arguments.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::from_env()?;
    runtime()?.block_on(apply(arguments, config, &plan, &source(&scripts)))
}

async fn apply(
    arguments: &Arguments,
    config: Config,
    plan: &Plan,
    source: &str,
) -> Result<ExitCode, Error> {
    let mut signals = Signals::listen()?;
    let pool = connect(config).await?;
    let (stop, stop_asked) = stop_switch();
    let options = ApplyOptions::default()
        .source(source)
        .lock(arguments.lock.to_options())
        .forget(arguments.forget)
        .stop_when(stop_asked);
    let view = View::of(plan);
    let applying = pool.apply(plan, options, |progress| view.show(&progress));
    let running = Running {
        view: &view,
        signals: &mut signals,
        lock_lease: arguments.lock.lock_lease,
    };
    let (applied, interrupted) = match running.until_done(applying, stop).await {
        Ran::Done(applied) => (applied, None),
        Ran::Stopping(applied, code) => (applied, Some(code)),
        Ran::Stopped(code) => return Ok(ExitCode::from(code)),
    };
    view.end();
    pool.close().await;
    match applied {
        Ok(report) => {
            output::print(&summary(plan, &report, &view, arguments.forget))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ dsql_sqlx::Error::Stopped { .. }) => {
            output::error(&format!("dsql: {error}"));
            Ok(interrupted.map_or(ExitCode::FAILURE, ExitCode::from))
        }
        Err(error) => {
            output::error(&format!("dsql: {error}"));
            if let Some(what_now) = what_now(&error) {
                output::error(what_now);
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

/// A pool that logs no slow statements: how long one takes is seen.
pub(crate) async fn connect(config: Config) -> Result<DsqlPool, Error> {
    Ok(DsqlPool::builder(config)
        .connect_options(ConnectOptions::disable_statement_logging)
        .connect()
        .await?)
}

/// What makes a run stop, and what it waits for.
pub(crate) fn stop_switch() -> (oneshot::Sender<()>, impl Future<Output = ()> + Send) {
    let (stop, asked) = oneshot::channel();
    let asked = async {
        // Dropped without a word, nobody asks.
        if asked.await.is_err() {
            std::future::pending().await
        }
    };
    (stop, asked)
}

/// A run that a signal stops: the first between two statements, the second at
/// once.
pub(crate) struct Running<'r> {
    pub(crate) view: &'r View,
    pub(crate) signals: &'r mut Signals,
    pub(crate) lock_lease: u64,
}

/// How a run ended, and the exit status of the signal that was met.
pub(crate) enum Ran<T> {
    Done(T),
    Stopping(T, u8),
    Stopped(u8),
}

impl Running<'_> {
    pub(crate) async fn until_done<T>(
        self,
        run: impl Future<Output = T>,
        stop: oneshot::Sender<()>,
    ) -> Ran<T> {
        let mut stop = Some(stop);
        let mut interrupted = None;
        let mut run = std::pin::pin!(run);
        loop {
            tokio::select! {
                done = &mut run => {
                    return match interrupted {
                        Some(code) => Ran::Stopping(done, code),
                        None => Ran::Done(done),
                    };
                }
                code = self.signals.next() => {
                    interrupted = Some(code);
                    let Some(stop) = stop.take() else {
                        self.view.end();
                        output::error(&format!(
                            "dsql: stopped at once. The same command goes on where this one was; it may have to wait \
                             {} s until the lock has run out",
                            self.lock_lease
                        ));
                        return Ran::Stopped(code);
                    };
                    self.view.say("stopping when this statement is done; Ctrl-C again stops at once");
                    let _ = stop.send(());
                }
            }
        }
    }
}

/// How the run is continued, where the error does not say so itself.
pub(crate) fn what_now(error: &dsql_sqlx::Error) -> Option<&'static str> {
    use dsql_sqlx::Error::{Ambiguous, Database, Lookup, NoRoomForJournal, Step};

    match error {
        dsql_sqlx::Error::Migration { source, .. } => what_now(source),
        Step { .. } | Lookup { .. } | NoRoomForJournal { .. } => Some(
            "The steps before it are done. Correct the script from that statement on, or what was in its way, and give the \
             same command again: it goes on there.",
        ),
        Database(_) | Ambiguous { .. } => {
            Some("Give the same command again: it goes on where this one was.")
        }
        _ => None,
    }
}

fn summary(plan: &Plan, report: &Report, view: &View, forget: bool) -> String {
    let (steps, rows) = (report.steps.len(), report.rows());
    if plan.steps.is_empty() {
        return if forget {
            "There is no unfinished run any more.\n".to_owned()
        } else {
            "Nothing to do.\n".to_owned()
        };
    }
    let mut text = format!("Done: {}", counted(steps, "step"));
    if report.already_done > 0 {
        text.push_str(&format!(" after {} done earlier", report.already_done));
    }
    if rows > 0 {
        text.push_str(&format!(", {} changed", counted(rows as usize, "row")));
    }
    text.push_str(&format!(", {}.\n", view.elapsed()));
    if !plan.notes.is_empty() {
        text.push_str(&format!(
            "{} on what differs from PostgreSQL: --dry-run shows them.\n",
            counted(plan.notes.len(), "note")
        ));
    }
    text
}

pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// What the run is called in the journal and to those who wait for it.
fn source(scripts: &[Script]) -> String {
    const NAMED: usize = 3;

    let names: Vec<_> = (scripts.iter().take(NAMED))
        .map(|script| match script.name.as_str() {
            "<stdin>" => "standard input",
            name => name,
        })
        .collect();
    let mut text = names.join(", ");
    if scripts.len() > NAMED {
        text.push_str(&format!(" and {} more", scripts.len() - NAMED));
    }
    if text.is_empty() {
        text.push_str("dsql apply --forget");
    }
    text
}
