//! Writes the seeds into a folder, one file each, as fuzz targets read them.
//!
//! ```sh
//! cargo run --package dsql-sql-oracle --example seeds -- FOLDER
//! ```

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("name the folder to write the seeds into"));
    };
    fs::create_dir_all(&folder)?;
    for (number, script) in dsql_sql_oracle::seeds::scripts().iter().enumerate() {
        // The space chooses the default options.
        fs::write(
            folder.join(format!("{number:05}.sql")),
            format!(" {script}"),
        )?;
    }
    Ok(())
}
