//! `dsql local`: a cluster on this machine, for a person or around a command.

use std::ffi::OsString;
use std::fmt::Write;
use std::io::IsTerminal;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use clap::ValueEnum;
use dsql_local::{Auth, FaultRates, Limits, LocalCluster, parse_duration};
use tokio::process::{Child, Command};

use crate::error::Error;
use crate::output;
use crate::signals::Signals;
use crate::token::runtime;

/// Run a local cluster: by itself until Ctrl-C, or around a command
///
/// A private PostgreSQL (15 or newer, found on this machine or fetched) is started behind a server that answers as
/// Aurora DSQL does: TLS, IAM tokens, its refusals and its conflicts. It listens on loopback only.
///
/// With a COMMAND after `--`, the command finds the cluster in its environment (PGHOST, PGPORT, PGUSER, PGDATABASE,
/// PGPASSWORD, PGSSLMODE, PGSSLROOTCERT, DSQL_URL, DSQL_ENDPOINT, DSQL_CA_CERT, AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_DEFAULT_REGION), and the cluster ends with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Ctrl-C lets nobody in any more and gives transactions that are open 5 seconds to end; a second Ctrl-C does not wait.

Exit status: the command's (128 and the signal's number, if one ended it), 126 or 127 if it cannot be run, 1 if the
cluster does not start or ends by itself; without a command, 0 after Ctrl-C.

Examples:
  dsql local                              until Ctrl-C; prints how to connect
  dsql local --port 5433 --data ./dsql    the same port and data every time
  dsql local -- psql                      psql on a fresh cluster
  dsql local -- cargo test                a test suite on a fresh cluster
  dsql local --status 8080                what goes on in it at http://localhost:8080/
  dsql local --inject conflict=5%,unavailable=1%,disconnect=0.5%,slow=5%:200ms --seed 7 -- cargo test
                                          the same with what the service does rarely")]
pub(crate) struct Arguments {
    /// TCP port to listen on; 0 for any that is free.
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,

    /// Keep the data in this directory, made when it is not there. Without it, data is removed at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// How clients sign in: with an IAM token that is verified, or with anything.
    #[arg(
        long,
        value_name = "iam|trust",
        default_value = "iam",
        hide_possible_values = true
    )]
    auth: AuthArgument,

    /// AWS region that tokens must be signed for.
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    region: String,

    /// Limits of the service to set for a test, such as rows=100,size=1MiB,age=5s,tables=20,connection-age=1m.
    #[arg(long, value_name = "NAME=VALUE,...")]
    limit: Option<Limits>,

    /// Faults to make, by kind and share: conflict, schema, unavailable and disconnect, as in conflict=5%,schema=1%;
    /// slow=20ms or slow=5%:200ms. Half of the commits that become unavailable or lose their connection have gone
    /// through.
    #[arg(long, value_name = "KIND=SHARE,...")]
    inject: Option<FaultRates>,

    /// What the faults are drawn by: the same seed brings the same faults to the same statements. Without it, another
    /// one each time, which is printed.
    #[arg(long, value_name = "N", requires = "inject")]
    seed: Option<u64>,

    /// Whether a session's next statement fails with OC001, once, when another session has changed the catalog.
    #[arg(
        long,
        value_name = "on|off",
        default_value = "on",
        hide_possible_values = true
    )]
    schema_conflicts: Switch,

    /// Hold up every asynchronous job this long before it does its work, such as 2s or 500ms.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    job_delay: Option<Duration>,

    /// Show what goes on in the cluster on a page for the browser, on this port of loopback; 0 for any that is free.
    /// Sessions, transactions, conflicts, jobs, refused statements; for programs at /status.json.
    #[arg(long, value_name = "PORT")]
    status: Option<u16>,

    /// What is logged to standard error: error, warn, info, debug or trace, or by module, such as dsql_local=debug.
    /// Without it, what DSQL_LOG says, else RUST_LOG, else warn.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log: Option<String>,

    /// A program and its arguments, to run against the cluster.
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AuthArgument {
    Iam,
    Trust,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// What the caller's environment may hold that would lead a client elsewhere, or make it sign with foreign keys.
const IN_THE_WAY: [&str; 3] = ["AWS_SESSION_TOKEN", "PGHOSTADDR", "PGSERVICE"];

/// How long sessions may take to end the transactions they are in, after a signal.
const DRAIN: Duration = Duration::from_secs(5);

/// How long a command has to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Error> {
    runtime()?.block_on(async move {
        // Listened for before anything is started, so that nothing is left behind.
        let mut signals = Signals::listen()?;
        let starting = start(&arguments);
        let mut cluster = tokio::select! {
            cluster = starting => cluster?,
            code = signals.next() => return Ok(ExitCode::from(code)),
        };
        if let Some(rates) = &arguments.inject {
            // On standard error: the output is the command's.
            output::error(&format!(
                "faults are made: --inject {rates} --seed {}",
                cluster.seed()
            ));
        }
        if let (Some(url), false) = (cluster.status_url(), arguments.command.is_empty()) {
            output::error(&format!("status page: {url}"));
        }
        let result = match arguments.command.split_first() {
            Some((program, rest)) => run_command(&cluster, &mut signals, program, rest).await,
            None => serve(&mut cluster, &mut signals, &arguments).await,
        };
        cluster.shutdown().await;
        result
    })
}

async fn start(arguments: &Arguments) -> Result<LocalCluster, dsql_local::Error> {
    let mut builder = LocalCluster::builder()
        .port(arguments.port)
        .region(&arguments.region)
        .auth(match arguments.auth {
            AuthArgument::Iam => Auth::Iam,
            AuthArgument::Trust => Auth::Trust,
        })
        .schema_conflicts(arguments.schema_conflicts == Switch::On);
    if let Some(rates) = &arguments.inject {
        builder = builder.faults(rates.clone());
    }
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    if let Some(delay) = arguments.job_delay {
        builder = builder.job_delay(delay);
    }
    if let Some(port) = arguments.status {
        builder = builder.status(port);
    }
    if let Some(data) = &arguments.data {
        builder = builder.data_dir(data);
    }
    if let Some(limits) = &arguments.limit {
        builder = builder.limits(limits.clone());
    }
    builder.start().await
}

async fn serve(
    cluster: &mut LocalCluster,
    signals: &mut Signals,
    arguments: &Arguments,
) -> Result<ExitCode, Error> {
    output::print(&greeting(cluster, arguments))?;
    tokio::select! {
        _ = signals.next() => {}
        reason = cluster.failed() => return Err(Error::ClusterEnded(reason)),
    }
    tokio::select! {
        ended = cluster.drain(DRAIN) => {
            if !ended {
                output::error("transactions that were still open are rolled back");
            }
        }
        _ = signals.next() => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_command(
    cluster: &LocalCluster,
    signals: &mut Signals,
    program: &OsString,
    arguments: &[OsString],
) -> Result<ExitCode, Error> {
    // At a terminal the command stays in its foreground, where Ctrl-C reaches it; elsewhere it leads a group of its own,
    // so that those it starts can be ended with it.
    let terminal = std::io::stdin().is_terminal();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .envs(env(cluster))
        .kill_on_drop(true);
    for name in IN_THE_WAY {
        command.env_remove(name);
    }
    if !terminal {
        command.process_group(0);
    }
    let mut child = command.spawn().map_err(|source| Error::Run {
        command: program.clone(),
        source,
    })?;
    let id = child.id();
    loop {
        tokio::select! {
            status = child.wait() => return Ok(code(wait(status)?)),
            number = signals.next() => {
                // psql and others stay after a Ctrl-C, and have got it already.
                if terminal && number == Signals::INTERRUPT {
                    continue;
                }
                let name = if number == Signals::INTERRUPT { "INT" } else { "TERM" };
                return Ok(code(end(&mut child, id, name, !terminal).await?));
            }
            reason = cluster.failed() => {
                end(&mut child, id, "TERM", !terminal).await?;
                return Err(Error::ClusterEnded(reason));
            }
        }
    }
}

/// Asks a command to end, and those it started where they are a group; makes it end when it does not.
async fn end(
    child: &mut Child,
    id: Option<u32>,
    name: &str,
    group: bool,
) -> Result<ExitStatus, Error> {
    send(id, name, group).await;
    match tokio::time::timeout(GRACE, child.wait()).await {
        Ok(status) => wait(status),
        Err(_) => {
            send(id, "KILL", group).await;
            wait(child.wait().await)
        }
    }
}

/// Sends a signal. The shell's own `kill` does it, since it is everywhere and needs no unsafe code.
async fn send(id: Option<u32>, name: &str, group: bool) {
    let Some(id) = id else { return };
    let target = if group {
        format!("-{id}")
    } else {
        id.to_string()
    };
    let _ = Command::new("/bin/sh")
        .args(["-c", "kill -s \"$0\" -- \"$1\"", name, &target])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await;
}

fn wait(status: std::io::Result<ExitStatus>) -> Result<ExitStatus, Error> {
    status.map_err(|source| Error::System {
        action: "waiting for the command",
        source,
    })
}

fn code(status: ExitStatus) -> ExitCode {
    let code = match (status.code(), status.signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => 128 + signal,
        (None, None) => 1,
    };
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// The environment in which a program finds the cluster.
fn env(cluster: &LocalCluster) -> Vec<(&'static str, String)> {
    let mut env = cluster.env();
    if let Some(url) = cluster.status_url() {
        env.push(("DSQL_STATUS_URL", url));
    }
    // The name that the SDK for Python knows.
    if let Some((_, region)) = env.iter().find(|(name, _)| *name == "AWS_REGION") {
        env.push(("AWS_DEFAULT_REGION", region.clone()));
    }
    env
}

/// What a person needs to connect.
fn greeting(cluster: &LocalCluster, arguments: &Arguments) -> String {
    let mut text = format!(
        "Local Aurora DSQL cluster on localhost:{}, on PostgreSQL {}. Ctrl-C stops it and {}.\n\n",
        cluster.port(),
        cluster.postgres_version(),
        match &arguments.data {
            Some(data) => format!("keeps the data in {}", data.display()),
            None => "removes its data".to_owned(),
        }
    );
    text.push_str("To connect from another terminal, paste these; the keys are good for this cluster only:\n\n");
    let env = env(cluster);
    for (name, value) in &env {
        let _ = writeln!(text, "  export {name}={}", quoted(value));
    }
    let _ = writeln!(text, "  unset {}", IN_THE_WAY.join(" "));
    if let Some(url) = cluster.status_url() {
        let _ = writeln!(text, "\nWhat goes on in it is shown at {url}");
    }
    let value = |wanted: &str| {
        env.iter()
            .find(|(name, _)| *name == wanted)
            .map_or("", |(_, value)| value.as_str())
    };
    let _ = writeln!(
        text,
        "\nThen psql needs no arguments. Without the exports, and with a password from `dsql token`:\n\n  \
         psql {}\n\nPrograms that read DSQL_URL: {}",
        quoted(&format!(
            "host={} port={} user={} dbname={} sslmode={} sslrootcert={}",
            value("PGHOST"),
            value("PGPORT"),
            value("PGUSER"),
            value("PGDATABASE"),
            value("PGSSLMODE"),
            value("PGSSLROOTCERT"),
        )),
        cluster.url()
    );
    text
}

/// Quoted for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
