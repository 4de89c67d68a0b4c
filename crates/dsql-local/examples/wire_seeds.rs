//! Writes what a fuzzer of the wire begins from into a folder, one file each.
//!
//! ```sh
//! cargo run --package dsql-local --features oracle --example wire_seeds -- FOLDER
//! ```

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("name the folder to write the seeds into"));
    };
    fs::create_dir_all(&folder)?;
    for (number, seed) in dsql_local::oracle::seeds().iter().enumerate() {
        fs::write(folder.join(format!("{number:05}")), seed)?;
    }
    Ok(())
}
