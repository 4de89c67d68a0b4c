//! `cargo xtask`: what a person types to check, measure and document the project. CI types the same.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "telling what happens is what this program is for"
)]

mod clients;
mod libclang;
mod links;
mod oracle;
mod python;
mod rules;
mod soak;
mod status;
mod step;
mod test;
mod tls;
mod venv;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};

use crate::step::cargo;

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Check, measure and document the project",
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every check and test; stops at the first that fails
    Test {
        /// Only these steps, by name; an unknown name lists them.
        #[arg(value_name = "STEP")]
        steps: Vec<String>,
    },
    /// Run what takes long, each for some minutes: fuzz targets, which say what
    /// they found
    Soak {
        /// How long each of them runs.
        #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        minutes: u64,
        /// Only these, by name; an unknown name lists them.
        #[arg(value_name = "SOAK")]
        names: Vec<String>,
    },
    /// Measure what the project promises, in release, and print a table of ratios
    Bench {
        /// Compare the Python packages with those that there are, and nothing else.
        #[arg(long)]
        python: bool,
        /// Passed on to the benchmark, such as --quick.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Write the page of rules, and build the documentation of every crate
    Docs {
        /// Show it in a browser.
        #[arg(long)]
        open: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Test { steps } => return test::run(&steps),
        Command::Soak { minutes, names } => return soak::run(minutes, &names),
        Command::Bench { python: true, .. } => python::compare()?,
        Command::Bench { arguments, .. } => {
            let mut bench = cargo(&[
                "run",
                "--quiet",
                "--release",
                "--package",
                "dsql-bench",
                "--",
            ]);
            bench.args(arguments);
            done(bench.status()?)?;
        }
        Command::Docs { open } => {
            rules::write()?;
            let mut docs = cargo(&["doc", "--workspace", "--no-deps"]);
            docs.args(open.then_some("--open"));
            done(docs.status()?)?;
            println!(
                "documentation is in {}",
                root().join("target/doc").display()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn done(status: std::process::ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("it ended with {status}");
    }
    Ok(())
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into)
}
