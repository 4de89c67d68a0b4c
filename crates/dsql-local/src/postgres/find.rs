//! Where PostgreSQL is on this machine.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::user::ServerUser;
use crate::{Error, cache};

/// The oldest major version that a local cluster runs on.
const OLDEST: u32 = 15;

/// The programs of one installed PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    version: Version,
}

impl Binaries {
    /// The folder that holds `postgres` and `initdb`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `postgres --version` said.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Looks into a folder: both programs, and a version that is not too old.
    fn in_folder(folder: &Path, user: &ServerUser) -> Result<Self, String> {
        for program in ["postgres", "initdb"] {
            if !folder.join(program).is_file() {
                return Err(format!("it holds no `{program}`"));
            }
        }
        if let Some(barrier) = user.barred_at(folder) {
            return Err(format!(
                "the user `{}`, which runs PostgreSQL because root may not, cannot enter {}",
                user.name,
                barrier.display()
            ));
        }
        let output = user
            .command(folder.join("postgres"))
            .arg("--version")
            .output()
            .map_err(|error| format!("`postgres --version` could not be run: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let version = Version::parse(&said)
            .filter(|_| output.status.success())
            .ok_or_else(|| {
                let complaint = String::from_utf8_lossy(&output.stderr);
                format!(
                    "`postgres --version` said {:?} ({})",
                    format!("{said}{complaint}").trim(),
                    output.status
                )
            })?;
        if version.major < OLDEST {
            return Err(format!(
                "it is PostgreSQL {version}, and {OLDEST} or newer is needed"
            ));
        }
        Ok(Binaries {
            folder: folder.to_owned(),
            version,
        })
    }
}

/// A version of PostgreSQL, as `postgres --version` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    major: u32,
    number: String,
    line: String,
}

impl Version {
    /// The major version: 15 for 15.18.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The version alone: `15.18`.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The whole line, which tells builds of one version apart.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        let number = line
            .strip_prefix("postgres (PostgreSQL) ")?
            .split_whitespace()
            .next()?;
        let major = number
            .split(|c: char| !c.is_ascii_digit())
            .next()?
            .parse()
            .ok()?;
        Some(Version {
            major,
            number: number.to_owned(),
            line: line.to_owned(),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.number)
    }
}

/// Finds a PostgreSQL of at least version 15; or of one major version, to which a data directory belongs.
///
/// In this order: the folder that `DSQL_POSTGRES` names, `pg_config --bindir`, the folders that packages use (newest
/// version first), `PATH`, what an earlier run fetched; and with the feature `fetch`, one is fetched from the releases
/// of theseus-rs/postgresql-binaries into the user's cache.
///
/// # Errors
/// [`Error::PostgresUnusable`] when `DSQL_POSTGRES` is set and does not hold a usable PostgreSQL (it is never passed
/// over), [`Error::PostgresNotFound`] naming everything that was tried.
pub async fn find(major: Option<u32>) -> Result<Binaries, Error> {
    let user = ServerUser::choose()?;
    let cached = cache::folder(&user).map(|folder| folder.join("postgresql"));
    let mut tried = match Machine::this(cached.clone()).search(&user, major)? {
        Ok(binaries) => return Ok(binaries),
        Err(tried) => tried,
    };
    match fetch_into(cached, major).await {
        Ok(folder) => match Binaries::in_folder(&folder, &user) {
            Ok(binaries) => return Ok(binaries),
            Err(reason) => tried.push(format!("{}: {reason}", folder.display())),
        },
        Err(reason) => tried.push(format!("a download: {reason}")),
    }
    let wanted = major.map_or_else(|| format!("{OLDEST} or newer"), |major| major.to_string());
    Err(Error::PostgresNotFound {
        wanted,
        tried: tried.join("; "),
    })
}

#[cfg(feature = "fetch")]
async fn fetch_into(cached: Option<PathBuf>, major: Option<u32>) -> Result<PathBuf, String> {
    let folder = cached.ok_or("there is no cache folder to keep it in")?;
    super::fetch::fetch(&folder, major).await
}

#[cfg(not(feature = "fetch"))]
async fn fetch_into(_: Option<PathBuf>, _: Option<u32>) -> Result<PathBuf, String> {
    Err("this build has no download in it (feature `fetch`)".to_owned())
}

/// Where to look, told apart from this machine so that tests can show another one.
struct Machine {
    /// `DSQL_POSTGRES`.
    chosen: Option<PathBuf>,
    /// The program to ask for `--bindir`.
    pg_config: PathBuf,
    /// Folders that packages install into; `*` stands for a version in one part of the path.
    packages: Vec<PathBuf>,
    path: Option<OsString>,
    /// Where fetched ones are kept, one folder a version.
    cached: Option<PathBuf>,
}

impl Machine {
    fn this(cached: Option<PathBuf>) -> Self {
        let packages = [
            "/usr/lib/postgresql/*/bin",
            "/usr/pgsql-*/bin",
            "/usr/lib64/pgsql/bin",
            "/usr/libexec/postgresql*",
            "/opt/homebrew/opt/postgresql@*/bin",
            "/usr/local/opt/postgresql@*/bin",
            "/opt/homebrew/opt/postgresql/bin",
            "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
            "/Applications/Postgres.app/Contents/Versions/*/bin",
            "/opt/local/lib/postgresql*/bin",
            "/usr/local/pgsql/bin",
        ];
        Machine {
            chosen: env::var_os("DSQL_POSTGRES")
                .filter(|value| !value.is_empty())
                .map(PathBuf::from),
            pg_config: PathBuf::from("pg_config"),
            packages: packages.iter().map(PathBuf::from).collect(),
            path: env::var_os("PATH"),
            cached,
        }
    }

    /// The first usable PostgreSQL; or what was tried. Only a bad `DSQL_POSTGRES` ends the search at once.
    fn search(
        &self,
        user: &ServerUser,
        major: Option<u32>,
    ) -> Result<Result<Binaries, Vec<String>>, Error> {
        let wrong_major = |binaries: &Binaries| {
            major
                .filter(|major| *major != binaries.version.major)
                .map(|major| {
                    format!(
                        "it is PostgreSQL {}, and {major} is needed",
                        binaries.version
                    )
                })
        };
        if let Some(chosen) = &self.chosen {
            let looked = Binaries::in_folder(chosen, user);
            return match looked.and_then(|found| wrong_major(&found).map_or(Ok(found), Err)) {
                Ok(binaries) => Ok(Ok(binaries)),
                Err(reason) => Err(Error::PostgresUnusable {
                    path: chosen.clone(),
                    reason,
                }),
            };
        }
        let mut tried = vec!["DSQL_POSTGRES: it is not set".to_owned()];
        let mut seen: Vec<PathBuf> = Vec::new();
        let mut look = |folder: &Path, tried: &mut Vec<String>| {
            if seen.iter().any(|seen| seen == folder) {
                return None;
            }
            seen.push(folder.to_owned());
            let looked = Binaries::in_folder(folder, user);
            match looked.and_then(|found| wrong_major(&found).map_or(Ok(found), Err)) {
                Ok(binaries) => Some(binaries),
                Err(reason) => {
                    tried.push(format!("{}: {reason}", folder.display()));
                    None
                }
            }
        };
        match self.ask_pg_config() {
            Ok(folder) => {
                if let Some(binaries) = look(&folder, &mut tried) {
                    return Ok(Ok(binaries));
                }
            }
            Err(reason) => tried.push(format!("pg_config --bindir: {reason}")),
        }
        let mut absent = Vec::new();
        for pattern in &self.packages {
            let folders = expand(pattern);
            if folders.is_empty() {
                absent.push(pattern.display().to_string());
            }
            for folder in folders {
                if let Some(binaries) = look(&folder, &mut tried) {
                    return Ok(Ok(binaries));
                }
            }
        }
        if !absent.is_empty() {
            tried.push(format!("{}: not there", absent.join(", ")));
        }
        let on_path = self
            .path
            .iter()
            .flat_map(env::split_paths)
            .filter_map(|folder| {
                // A link such as /usr/local/bin/postgres leads to the folder that has the rest.
                let real = folder.join("postgres").canonicalize().ok()?;
                real.parent().map(Path::to_owned)
            });
        let mut any_on_path = false;
        for folder in on_path {
            any_on_path = true;
            if let Some(binaries) = look(&folder, &mut tried) {
                return Ok(Ok(binaries));
            }
        }
        if !any_on_path {
            tried.push("PATH: no `postgres` on it".to_owned());
        }
        for folder in self
            .cached
            .iter()
            .flat_map(|cached| expand(&cached.join("*").join("bin")))
        {
            if let Some(binaries) = look(&folder, &mut tried) {
                return Ok(Ok(binaries));
            }
        }
        Ok(Err(tried))
    }

    fn ask_pg_config(&self) -> Result<PathBuf, String> {
        let output = Command::new(&self.pg_config)
            .arg("--bindir")
            .output()
            .map_err(|error| format!("it could not be run: {error}"))?;
        let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() && !folder.is_empty() {
            Ok(PathBuf::from(folder))
        } else {
            Err(format!("it answered {folder:?} ({})", output.status))
        }
    }
}

/// The folders that a path with one `*` stands for, the highest version number first.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut before = PathBuf::new();
    let mut parts = pattern.components();
    for part in parts.by_ref() {
        let name = part.as_os_str().to_string_lossy();
        let Some((prefix, suffix)) = name.split_once('*') else {
            before.push(part);
            continue;
        };
        let rest = parts.as_path();
        let entries = fs::read_dir(&before).into_iter().flatten().flatten();
        let mut folders: Vec<(Vec<u32>, PathBuf)> = entries
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let version = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
                let numbers = version
                    .split(['.', '-'])
                    .map_while(|part| part.parse().ok())
                    .collect();
                let folder = before.join(&name).join(rest);
                folder.is_dir().then_some((numbers, folder))
            })
            .collect();
        folders.sort();
        return folders
            .into_iter()
            .rev()
            .map(|(_, folder)| folder)
            .collect();
    }
    if pattern.is_dir() {
        vec![pattern.to_owned()]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use tempfile::TempDir;

    /// A folder that PostgreSQL's user can enter, with stand-ins for PostgreSQL's programs.
    struct Installed(TempDir);

    impl Installed {
        fn new() -> Self {
            let folder = tempfile::tempdir_in("/tmp").unwrap();
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
            Installed(folder)
        }

        fn with(self, folder: &str, version: &str) -> Self {
            let bin = self.0.path().join(folder);
            fs::create_dir_all(&bin).unwrap();
            for program in ["postgres", "initdb"] {
                let file = bin.join(program);
                fs::write(
                    &file,
                    format!("#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n"),
                )
                .unwrap();
                fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
            }
            self
        }

        fn machine(&self) -> Machine {
            Machine {
                chosen: None,
                pg_config: self.0.path().join("no-pg_config"),
                packages: vec![self.0.path().join("*/bin")],
                path: None,
                cached: None,
            }
        }

        fn search(
            &self,
            machine: &Machine,
            major: Option<u32>,
        ) -> Result<Result<Binaries, Vec<String>>, Error> {
            machine.search(&ServerUser::choose().unwrap(), major)
        }
    }

    #[test]
    fn the_newest_packaged_version_is_taken() {
        let installed = Installed::new()
            .with("9.6/bin", "9.6.24")
            .with("15/bin", "15.18 (Debian 1)")
            .with("17/bin", "17.2");
        let found = installed
            .search(&installed.machine(), None)
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.version().major(), found.version().number()),
            (17, "17.2")
        );
        let found = installed
            .search(&installed.machine(), Some(15))
            .unwrap()
            .unwrap();
        assert_eq!(found.version().number(), "15.18");
    }

    #[test]
    fn versions_that_are_too_old_are_skipped_and_named() {
        let installed = Installed::new()
            .with("14/bin", "14.9")
            .with("9.6/bin", "9.6.24");
        let tried = installed
            .search(&installed.machine(), None)
            .unwrap()
            .unwrap_err()
            .join("; ");
        assert!(
            tried.contains("PostgreSQL 14.9, and 15 or newer is needed"),
            "{tried}"
        );
        assert!(tried.contains("9.6.24"), "{tried}");
    }

    #[test]
    fn dsql_postgres_that_cannot_be_used_is_an_error_and_not_passed_over() {
        let installed = Installed::new().with("17/bin", "17.2");
        for (folder, reason) in [
            ("nowhere", "holds no `postgres`"),
            ("14", "PostgreSQL 14.1"),
        ] {
            let installed = Installed::new().with("14", "14.1");
            let machine = Machine {
                chosen: Some(installed.0.path().join(folder)),
                ..installed.machine()
            };
            let error = installed.search(&machine, None).unwrap_err().to_string();
            assert!(
                error.contains(reason) && error.contains("DSQL_POSTGRES"),
                "{error}"
            );
        }
        let machine = Machine {
            chosen: Some(installed.0.path().join("17/bin")),
            ..installed.machine()
        };
        assert_eq!(
            installed
                .search(&machine, None)
                .unwrap()
                .unwrap()
                .version()
                .major(),
            17
        );
    }

    #[test]
    fn a_link_on_the_path_leads_to_the_folder_of_the_programs() {
        let installed = Installed::new().with("real/lib/bin", "16.4");
        let links = installed.0.path().join("links");
        fs::create_dir(&links).unwrap();
        std::os::unix::fs::symlink(
            installed.0.path().join("real/lib/bin/postgres"),
            links.join("postgres"),
        )
        .unwrap();
        let machine = Machine {
            path: Some(links.into_os_string()),
            packages: vec![],
            ..installed.machine()
        };
        let found = installed.search(&machine, None).unwrap().unwrap();
        assert!(found.folder().ends_with("real/lib/bin"), "{found:?}");
    }

    #[test]
    fn pg_config_of_a_client_only_package_is_passed_over() {
        let installed = Installed::new().with("16/bin", "16.4");
        let pg_config = installed.0.path().join("pg_config");
        fs::write(&pg_config, "#!/bin/sh\necho /usr/share\n").unwrap();
        fs::set_permissions(&pg_config, fs::Permissions::from_mode(0o755)).unwrap();
        let machine = Machine {
            pg_config,
            ..installed.machine()
        };
        assert_eq!(
            installed
                .search(&machine, None)
                .unwrap()
                .unwrap()
                .version()
                .major(),
            16
        );
    }

    #[test]
    fn when_nothing_is_found_every_place_is_named() {
        let installed = Installed::new();
        let tried = installed
            .search(&installed.machine(), None)
            .unwrap()
            .unwrap_err();
        let error = Error::PostgresNotFound {
            wanted: "15 or newer".into(),
            tried: tried.join("; "),
        }
        .to_string();
        for part in [
            "DSQL_POSTGRES",
            "pg_config",
            "*/bin",
            "PATH",
            "apt install postgresql",
        ] {
            assert!(error.contains(part), "{part} in {error}");
        }
    }

    #[test]
    fn versions_are_read_from_what_postgres_prints() {
        let major = |line| Version::parse(line).map(|version| version.major);
        assert_eq!(
            major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres (PostgreSQL) 19devel"), Some(19));
        assert_eq!(major("pg_ctl (PostgreSQL) 15"), None);
        assert_eq!(major(""), None);
    }
}
