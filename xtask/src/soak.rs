//! `cargo xtask soak`: what takes longer than anybody waits for.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::step::cargo;
use crate::{libclang, root};

/// Something that runs for as long as it is let.
struct Soak {
    name: &'static str,
    purpose: &'static str,
    /// Runs it for so many minutes, and says how far it came.
    run: fn(&Self, u64) -> Result<String>,
}

const SOAKS: &[Soak] = &[
    Soak {
        name: "split",
        purpose: "any script is cut right, and as PostgreSQL cuts it",
        run: fuzz,
    },
    Soak {
        name: "translate",
        purpose: "any script is translated for good, into PostgreSQL",
        run: fuzz,
    },
    Soak {
        name: "lint",
        purpose: "any script is linted and fixed for good",
        run: fuzz,
    },
    Soak {
        name: "wire",
        purpose: "whatever a client or PostgreSQL sends a local cluster is cut and read right",
        run: fuzz_wire,
    },
    Soak {
        name: "history",
        purpose: "what sessions of a local cluster are told under faults is what is there",
        run: history,
    },
    Soak {
        name: "bank",
        purpose: "money that is moved under conflicts, unavailability and lost connections stays what it is",
        run: bank,
    },
    Soak {
        name: "silence",
        purpose: "clients of a local cluster that say nothing more, or only half of it, cost the others nothing",
        run: silence,
    },
    Soak {
        name: "statements",
        purpose: "a million statements leave nothing behind in a local cluster, however long they take",
        run: statements,
    },
];

/// The fuzzer that is installed where there is none.
const CARGO_FUZZ: [&str; 4] = ["install", "cargo-fuzz@0.13.2", "--locked", "--quiet"];

/// Runs the soaks that are named, or all, one after another; the exit status
/// says whether nothing was found.
pub fn run(minutes: u64, names: &[String]) -> Result<ExitCode> {
    let soaks = chosen(names)?;
    let mut found = 0;
    for soak in &soaks {
        println!("{}: {}, for {minutes} minutes", soak.name, soak.purpose);
        match (soak.run)(soak, minutes) {
            Ok(figures) => println!("{}: nothing found; {figures}", soak.name),
            Err(error) => {
                found += 1;
                println!("{}: {error:#}", soak.name);
            }
        }
    }
    println!("{} passed, {found} failed", soaks.len() - found);
    Ok(if found == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn chosen(names: &[String]) -> Result<Vec<&'static Soak>> {
    let is_known = |name: &&String| SOAKS.iter().all(|soak| soak.name != **name);
    if let Some(unknown) = names.iter().find(is_known) {
        let known: Vec<&str> = SOAKS.iter().map(|soak| soak.name).collect();
        bail!(
            "there is no soak `{unknown}`; they are {}",
            known.join(", ")
        );
    }
    Ok(SOAKS
        .iter()
        .filter(|soak| names.is_empty() || names.iter().any(|name| name == soak.name))
        .collect())
}

/// A target that reads scripts.
fn fuzz(soak: &Soak, minutes: u64) -> Result<String> {
    let seeds = root().join("target/soak/seeds");
    let mut write_seeds = cargo(&["run", "--quiet", "--package", "dsql-sql-oracle"]);
    write_seeds.args(["--example", "seeds", "--"]).arg(&seeds);
    done(write_seeds, "writing the seeds")?;
    let fuzzed = Fuzzed {
        name: soak.name,
        features: &["--features", "libpg_query"],
        seeds,
        options: &["-dict=fuzz/sql.dict"],
    };
    fuzzed.run(minutes)
}

/// The target that reads bytes of the wire.
fn fuzz_wire(soak: &Soak, minutes: u64) -> Result<String> {
    let seeds = root().join("target/soak/wire-seeds");
    let mut write_seeds = cargo(&["run", "--quiet", "--package", "dsql-local"]);
    write_seeds
        .args(["--features", "oracle", "--example", "wire_seeds", "--"])
        .arg(&seeds);
    done(write_seeds, "writing the seeds")?;
    let fuzzed = Fuzzed {
        name: soak.name,
        features: &[],
        seeds,
        options: &[],
    };
    fuzzed.run(minutes)
}

/// A target of cargo-fuzz, from the seeds and what it has kept of earlier
/// runs.
struct Fuzzed {
    name: &'static str,
    features: &'static [&'static str],
    seeds: PathBuf,
    options: &'static [&'static str],
}

impl Fuzzed {
    fn run(&self, minutes: u64) -> Result<String> {
        if !succeeds(&mut cargo(&["fuzz", "--version"])) {
            done(cargo(&CARGO_FUZZ), "cargo install cargo-fuzz")?;
        }
        let folder = root().join("target/soak");
        done(self.cargo_fuzz("build")?, "cargo fuzz build")?;

        let kept = root().join("fuzz/corpus").join(self.name);
        fs::create_dir_all(&kept).with_context(|| kept.display().to_string())?;
        let log = folder.join(format!("{}.log", self.name));
        let mut command = self.cargo_fuzz("run")?;
        command
            .args([&kept, &self.seeds])
            .arg("--")
            .args(self.options);
        command.args([
            "-max_len=4096",
            "-timeout=20",
            "-print_final_stats=1",
            &format!("-max_total_time={}", minutes * 60),
        ]);
        command.stderr(File::create(&log).with_context(|| log.display().to_string())?);
        let status = command.status().context("cargo fuzz run")?;
        let told = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        if !status.success() {
            bail!("{}\nall of it is in {}", wrong(&told), shown(&log));
        }
        Ok(figures(&told))
    }

    /// Without a sanitizer: there is no unsafe code here for one to watch, and
    /// without it a stable compiler does.
    fn cargo_fuzz(&self, verb: &str) -> Result<Command> {
        let mut command = cargo(&["fuzz", verb, "--sanitizer", "none"]);
        command.args(self.features).arg(self.name);
        if !self.features.is_empty() {
            command.envs(libclang::variables()?);
        }
        Ok(command)
    }
}

/// The randomized check of the local cluster, seed after seed.
fn history(_soak: &Soak, minutes: u64) -> Result<String> {
    let told = test(
        "dsql-local",
        "it::history::",
        "DSQL_LOCAL_SOAK_MINUTES",
        minutes,
    )?;
    let seeds = told.lines().find(|line| line.ends_with(" seeds"));
    Ok(seeds.unwrap_or("no seed").to_owned())
}

/// Transfers between accounts by dsql-sqlx, bank after bank.
fn bank(_soak: &Soak, minutes: u64) -> Result<String> {
    let told = test("dsql-sqlx", "bank::", "DSQL_SQLX_SOAK_MINUTES", minutes)?;
    let banks = told.lines().find(|line| line.contains(" banks, "));
    Ok(banks.unwrap_or("no bank").to_owned())
}

/// Clients that stop half-way, for longer than the door has patience with them.
fn silence(_soak: &Soak, minutes: u64) -> Result<String> {
    let name = "hostile::whoever_stops_half_way";
    let told = test("dsql-local", name, "DSQL_LOCAL_SOAK_MINUTES", minutes)?;
    let answers = told.lines().find(|line| line.contains(" answers beside "));
    Ok(answers.unwrap_or("no answer").to_owned())
}

/// Runs tests of a package that go on for as long as a variable says; answers
/// what they told.
fn test(package: &str, name: &str, variable: &str, minutes: u64) -> Result<String> {
    let mut command = cargo(&["test", "--quiet", "--package", package]);
    command.args(["--test", "main", name, "--", "--nocapture"]);
    command.env(variable, minutes.to_string());
    let output = command.output().context("cargo test")?;
    let told = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("{told}{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(told.into_owned())
}

/// Ends when they are done.
fn statements(_soak: &Soak, _minutes: u64) -> Result<String> {
    let mut command = cargo(&["run", "--quiet", "--release", "--package", "dsql-bench"]);
    command.args(["--", "--statements", "1000000"]);
    let output = command.output().context("cargo run")?;
    let told = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("{told}{}", String::from_utf8_lossy(&output.stderr));
    }
    let row = told.lines().find(|line| line.contains("growth"));
    Ok(row.map_or_else(String::new, |row| {
        row.split_whitespace().collect::<Vec<_>>().join(" ")
    }))
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn done(mut command: Command, what: &str) -> Result<()> {
    let status = command.status().with_context(|| what.to_owned())?;
    if !status.success() {
        bail!("{what} ended with {status}");
    }
    Ok(())
}

/// The lines of libFuzzer that say what was found, and where the input is.
fn wrong(told: &str) -> String {
    let lines: Vec<&str> = told.lines().collect();
    let first = lines.iter().position(|line| line.contains("panicked at"));
    let panic = first.map_or(&lines[..0], |first| &lines[first..]);
    let mut shown: Vec<&str> = panic
        .iter()
        .copied()
        .take_while(|line| !line.starts_with("stack backtrace") && !line.starts_with("note: "))
        .collect();
    let telling = ["ERROR: ", "Test unit written to", "cargo fuzz run"];
    shown.extend(
        lines
            .iter()
            .copied()
            .filter(|line| telling.iter().any(|word| line.contains(word))),
    );
    shown.join("\n")
}

/// How far it came, by libFuzzer's own count.
fn figures(told: &str) -> String {
    let stat = |name: &str| {
        told.lines()
            .find_map(|line| line.strip_prefix(&format!("stat::{name}:")))
            .map_or("?", str::trim)
    };
    format!(
        "{} executions, {} a second",
        stat("number_of_executed_units"),
        stat("average_exec_per_sec")
    )
}

fn shown(path: &Path) -> String {
    let own: PathBuf = root();
    path.strip_prefix(own).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soaks_are_chosen_by_name() {
        assert_eq!(chosen(&[]).unwrap().len(), SOAKS.len());
        assert_eq!(chosen(&["lint".to_owned()]).unwrap()[0].name, "lint");
        let error = chosen(&["no".to_owned()]).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("split, translate"), "{error}");
    }

    #[test]
    fn what_libfuzzer_says_is_told_in_short() {
        let told = "INFO: x\nthread '<unnamed>' (1) panicked at a.rs:1:2:\nit is wrong\nstack backtrace:\n 0: b\n\
                    ==1== ERROR: libFuzzer: deadly signal\nTest unit written to c\n";
        assert_eq!(
            wrong(told),
            "thread '<unnamed>' (1) panicked at a.rs:1:2:\nit is wrong\n\
             ==1== ERROR: libFuzzer: deadly signal\nTest unit written to c"
        );
        let told = "stat::number_of_executed_units: 12\nstat::average_exec_per_sec:     3\n";
        assert_eq!(figures(told), "12 executions, 3 a second");
    }
}
