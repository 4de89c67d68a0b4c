//! The cluster's own AWS keys, which sign the tokens that it lets in.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use dsql_connect::Credentials;

use crate::Error;

/// Keys that are good for this cluster only.
pub(crate) fn ephemeral() -> Credentials {
    // The seed is of the operating system's making.
    let mut random = fastrand::Rng::with_seed(RandomState::new().hash_one(std::process::id()));
    let mut digits = |alphabet: &[u8], count: usize| -> String {
        std::iter::repeat_with(|| char::from(alphabet[random.usize(..alphabet.len())]))
            .take(count)
            .collect()
    };
    let id = digits(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 11);
    let secret = digits(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        40,
    );
    credentials(format!("AKIALOCAL{id}"), secret)
}

/// The keys of a kept data directory, so that clients which have them come in after a restart too: read from `keys` in
/// the folder, which is made if absent, readable by its owner alone.
pub(crate) fn kept(folder: &Path) -> Result<Credentials, Error> {
    let file = folder.join("keys");
    if file.exists() {
        let action = || format!("reading {file:?}");
        let text = fs::read_to_string(&file).map_err(Error::io(action))?;
        if let Some((id, secret)) = text.trim_end().split_once('\n') {
            return Ok(credentials(id.to_owned(), secret.to_owned()));
        }
    }
    let keys = ephemeral();
    let action = || format!("writing {file:?}");
    let text = format!("{}\n{}\n", keys.access_key_id(), keys.secret_access_key());
    let mut written = fs::File::options()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&file)
        .map_err(Error::io(action))?;
    written
        .write_all(text.as_bytes())
        .map_err(Error::io(action))?;
    Ok(keys)
}

fn credentials(id: String, secret: String) -> Credentials {
    Credentials::new(id, secret, None, None, "dsql local")
}
