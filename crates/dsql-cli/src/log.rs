//! What is logged, to standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::error::Error;

/// Where what is to be logged is looked for when nobody has said it on the command line.
const VARIABLES: [&str; 2] = ["DSQL_LOG", "RUST_LOG"];

const DEFAULT: &str = "warn";

/// Begins to log what `asked` says: a level, which is for this project's own crates, or levels by module.
pub(crate) fn start(asked: Option<&str>) -> Result<(), Error> {
    let filter = match asked {
        Some(asked) => filter(asked)?,
        // What a variable says wrongly must not stop a program that it was not meant for.
        None => VARIABLES
            .iter()
            .find_map(|name| EnvFilter::try_from_env(name).ok())
            .unwrap_or_else(|| EnvFilter::new(DEFAULT)),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}

fn filter(asked: &str) -> Result<EnvFilter, Error> {
    let is_level = asked
        .parse::<tracing_subscriber::filter::LevelFilter>()
        .is_ok();
    let directives = if is_level {
        ["dsql", "dsql_local", "dsql_sqlx", "dsql_connect"]
            .map(|module| format!("{module}={asked}"))
            .join(",")
    } else {
        asked.to_owned()
    };
    EnvFilter::builder()
        .parse(format!("{DEFAULT},{directives}"))
        .map_err(|error| Error::Log {
            asked: asked.to_owned(),
            reason: error.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_for_our_own_crates_and_nonsense_is_named() {
        let text = filter("debug").unwrap().to_string();
        assert!(
            text.contains("dsql_local=debug") && text.contains("warn"),
            "{text}"
        );
        assert!(filter("hyper=trace,dsql_local=info").is_ok());
        let error = filter("dsql_local=loud").unwrap_err().to_string();
        assert!(error.contains("dsql_local=loud"), "{error}");
    }
}
