//! One step: something that is done and told about.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::root;

/// A step of `cargo xtask test`.
#[derive(Debug)]
pub struct Step {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it makes sure of.
    pub purpose: &'static str,
    /// What is done.
    pub action: Action,
}

/// What a step does.
#[derive(Debug)]
pub enum Action {
    /// Runs cargo with these arguments, and these variables set.
    Cargo(
        &'static [&'static str],
        &'static [(&'static str, &'static str)],
    ),
    /// Calls a function of this program.
    Check(fn() -> Result<()>),
}

impl Step {
    /// Does it, announcing what and telling how long it took.
    pub fn run(&self, number: usize, count: usize) -> Result<()> {
        println!("[{number}/{count}] {}: {}", self.name, self.purpose);
        let start = Instant::now();
        match self.action {
            Action::Cargo(arguments, variables) => {
                let mut command = cargo(arguments);
                command.envs(variables.iter().copied());
                let status = command.status()?;
                if !status.success() {
                    bail!("cargo ended with {status}");
                }
            }
            Action::Check(check) => check()?,
        }
        let taken = start.elapsed().as_secs_f64();
        println!("[{number}/{count}] {}: ok in {taken:.1} s", self.name);
        Ok(())
    }

    /// What to type to do it again.
    pub fn command(&self) -> String {
        match self.action {
            Action::Cargo(arguments, variables) => {
                let mut words: Vec<String> = variables
                    .iter()
                    .map(|(name, value)| format!("{name}='{value}'"))
                    .collect();
                words.push("cargo".to_owned());
                words.extend(arguments.iter().map(|argument| (*argument).to_owned()));
                words.join(" ")
            }
            Action::Check(_) => format!("cargo xtask test {}", self.name),
        }
    }
}

/// Cargo in the workspace's folder. It reads nothing, and finds no cluster in the environment, since what is checked
/// here must not depend on the caller's.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null());
    // Set for this program by the cargo that runs it, and not for what it runs.
    for name in [
        "CARGO_MANIFEST_DIR",
        "CARGO_PKG_NAME",
        "CARGO_PKG_VERSION",
        "DSQL_URL",
        "DSQL_CA_CERT",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs a program, without standard input, that a step needs.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| {
        let program = command.get_program().to_string_lossy();
        format!("{program}, which this step needs, does not start")
    })?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
