//! `cargo xtask test`: every check and test, in the order in which they are quickest to fail.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::step::{Action, Step};
use crate::{clients, links, oracle, python, rules, status, tls};

const STEPS: &[Step] = &[
    Step {
        name: "format",
        purpose: "the code is formatted",
        action: Action::Cargo(&["fmt", "--all", "--check"], &[]),
    },
    Step {
        name: "links",
        purpose: "relative links in Markdown lead somewhere",
        action: Action::Check(links::check),
    },
    Step {
        name: "tls",
        purpose: "there is one TLS stack, rustls, on one provider, ring",
        action: Action::Check(tls::check),
    },
    Step {
        name: "clippy",
        purpose: "the linter is silent",
        action: Action::Cargo(
            &[
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--",
                "--deny",
                "warnings",
            ],
            &[],
        ),
    },
    Step {
        name: "features",
        purpose: "the linter is silent without default features",
        action: Action::Cargo(
            &[
                "clippy",
                "--quiet",
                "--package",
                "dsql-connect",
                "--package",
                "dsql-local",
                "--no-default-features",
                "--",
                "--deny",
                "warnings",
            ],
            &[],
        ),
    },
    Step {
        name: "tests",
        purpose: "the tests pass, those in the documentation too",
        // The same made-up scripts each time; `cargo xtask soak` looks for others.
        action: Action::Cargo(
            &["test", "--quiet", "--workspace"],
            &[("PROPTEST_RNG_SEED", "20261121")],
        ),
    },
    Step {
        name: "oracle",
        purpose: "what comes out is PostgreSQL, as PostgreSQL's own parser says",
        action: Action::Check(oracle::check),
    },
    Step {
        name: "fuzz",
        purpose: "the fuzz targets compile; cargo xtask soak runs them",
        action: Action::Cargo(
            &[
                "clippy",
                "--quiet",
                "--locked",
                "--manifest-path",
                "fuzz/Cargo.toml",
                "--no-default-features",
                "--target-dir",
                "target/fuzz",
                "--",
                "--deny",
                "warnings",
            ],
            &[],
        ),
    },
    Step {
        name: "rules",
        purpose: "docs/rules.md is what the rules say",
        action: Action::Check(rules::check),
    },
    Step {
        name: "clinic",
        purpose: "the pet clinic runs on a local cluster of its own",
        action: Action::Cargo(&["run", "--quiet", "--package", "pet-clinic-sea-orm"], &[]),
    },
    Step {
        name: "clinic-sqlx",
        purpose: "so does the one on SQLx, whose queries were checked without a database",
        action: Action::Cargo(
            &["run", "--quiet", "--package", "pet-clinic-sqlx"],
            &[("SQLX_OFFLINE", "true")],
        ),
    },
    Step {
        name: "status",
        purpose: "the status page of a local cluster shows in a browser what goes on",
        action: Action::Check(status::check),
    },
    Step {
        name: "clients",
        purpose: "PostgreSQL's clients work unchanged against a local cluster",
        action: Action::Check(clients::check),
    },
    Step {
        name: "python",
        purpose: "the Python packages, from their wheel, do what they say",
        action: Action::Check(python::check),
    },
    Step {
        name: "suites",
        purpose: "they pass the suites of SQLAlchemy, Alembic and Tortoise themselves",
        action: Action::Check(python::suites),
    },
    Step {
        name: "bench",
        purpose: "every measurement still runs; a build without optimisation says nothing of its figures",
        action: Action::Cargo(
            &["run", "--quiet", "--package", "dsql-bench", "--", "--quick"],
            &[],
        ),
    },
    Step {
        name: "docs",
        purpose: "the documentation builds without a warning",
        action: Action::Cargo(
            &["doc", "--quiet", "--workspace", "--no-deps"],
            &[("RUSTDOCFLAGS", "--deny warnings")],
        ),
    },
];

/// Runs the steps that are named, or all; the exit status says whether they passed.
pub fn run(names: &[String]) -> Result<ExitCode> {
    let steps = chosen(names)?;
    for (done, step) in steps.iter().enumerate() {
        if let Err(error) = step.run(done + 1, steps.len()) {
            println!("\n{} failed: {error:#}", step.name);
            println!("to repeat it: {}", step.command());
            println!("{done} passed, 1 failed");
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("{} passed, 0 failed", steps.len());
    Ok(ExitCode::SUCCESS)
}

fn chosen(names: &[String]) -> Result<Vec<&'static Step>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != *name))
    {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!(
            "there is no step `{unknown}`; the steps are {}",
            known.join(", ")
        );
    }
    Ok(STEPS
        .iter()
        .filter(|step| names.is_empty() || names.iter().any(|name| name == step.name))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_chosen_by_name_and_run_in_their_own_order() {
        let names = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            chosen(&names).map(|steps| steps.iter().map(|step| step.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&[]).unwrap().len(), STEPS.len());
        assert_eq!(names(&["docs", "links"]).unwrap(), ["links", "docs"]);
        assert!(
            names(&["lints"])
                .unwrap_err()
                .to_string()
                .contains("format, links")
        );
    }

    #[test]
    fn a_step_tells_how_to_repeat_it() {
        let docs = STEPS.iter().find(|step| step.name == "docs").unwrap();
        assert_eq!(
            docs.command(),
            "RUSTDOCFLAGS='--deny warnings' cargo doc --quiet --workspace --no-deps"
        );
    }
}
