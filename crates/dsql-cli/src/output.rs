//! Writing to the terminal.

use std::io::Write;

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
