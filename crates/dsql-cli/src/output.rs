//! Writing to the terminal.

use std::ffi::OsStr;
use std::io::{IsTerminal, Write};

use crate::error::Error;

/// Writes to standard output.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(Error::Output)
}

/// Writes a line to standard error. There is nowhere to say so if that fails.
pub(crate) fn error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Is standard output for eyes that want colour?
pub(crate) fn has_colour() -> bool {
    wants_colour(
        std::io::stdout().is_terminal(),
        std::env::var_os("NO_COLOR").as_deref(),
        std::env::var_os("TERM").as_deref(),
    )
}

/// See <https://no-color.org>.
fn wants_colour(is_terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    is_terminal && no_color.is_none_or(OsStr::is_empty) && term.is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_and_for_who_did_not_refuse_it() {
        let set = |value: &'static str| Some(OsStr::new(value));
        assert!(wants_colour(true, None, set("xterm")));
        assert!(wants_colour(true, set(""), None));
        assert!(!wants_colour(true, set("1"), set("xterm")));
        assert!(!wants_colour(true, None, set("dumb")));
        assert!(!wants_colour(false, None, set("xterm")));
    }
}
