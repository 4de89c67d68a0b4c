//! Connection URLs: read into a [`Config`] and written from one.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::config::{Config, SslMode, TOKEN_DURATION, check_host, wrong};
use crate::endpoint::bracketed;
use crate::error::Error;

impl FromStr for Config {
    type Err = Error;

    /// Reads a [URL](Config#url).
    ///
    /// # Errors
    ///
    /// When it is not one, holds a password, or has a key that is not known. What was given is not repeated, but for
    /// the name of such a key.
    fn from_str(url: &str) -> Result<Self, Error> {
        let rest = strip_scheme(url.trim()).ok_or_else(|| {
            invalid("it does not begin with dsql://, postgres:// or postgresql://")
        })?;
        if rest.contains('#') {
            return Err(invalid("it has a # that is not percent-encoded (%23)"));
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, dbname) = rest.split_once('/').unwrap_or((rest, ""));
        // A password with a slash in it would otherwise be taken for the name of a database, and shown.
        if dbname.contains('@') || dbname.contains('/') {
            return Err(invalid(
                "after the host there is an @ or a second / that is not percent-encoded",
            ));
        }
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let (host, port) = split_port(host)?;
        check_host(host)?;
        let mut config = Config::new(host);
        if let Some(port) = port {
            config.port(port);
        }
        if let Some(user) = user {
            let (user, password) = user.split_once(':').unwrap_or((user, ""));
            if !password.is_empty() {
                return Err(Error::PasswordInUrl);
            }
            if !user.is_empty() {
                config.user(decode(user)?);
            }
        }
        if !dbname.is_empty() {
            config.dbname(decode(dbname)?);
        }
        let mut seen = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = decode(key)?;
            let value = decode(value)?;
            if let Some(key) = set(&mut config, &key, &value)? {
                if seen.contains(&key) {
                    return Err(wrong(key, "it is in the URL twice"));
                }
                seen.push(key);
            }
        }
        config.check()?;
        Ok(config)
    }
}

impl fmt::Display for Config {
    /// The URL of what was set; secrets have no place in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        write!(f, "dsql://{}@", encode(self.get_user()))?;
        match bracketed(self.get_host()) {
            address if address.starts_with('[') => f.write_str(&address)?,
            host => f.write_str(&encode(&host))?,
        }
        write!(f, ":{}/{}", self.get_port(), encode(self.get_dbname()))?;
        let mut separator = '?';
        for key in KEYS {
            if let Some(value) = get(self, key) {
                write!(
                    f,
                    "{separator}{key}={}",
                    utf8_percent_encode(&value, RESERVED_IN_VALUES)
                )?;
                separator = '&';
            }
        }
        Ok(())
    }
}

/// Every key that can stand in a query.
const KEYS: [&str; 10] = [
    "region",
    "cluster_id",
    "profile",
    "token_duration",
    "sslmode",
    "sslrootcert",
    "application_name",
    "connect_timeout",
    "options",
    "password",
];

/// Sets what a key of the query stands for; answers the key, or none when it has no effect.
fn set(config: &mut Config, key: &str, value: &str) -> Result<Option<&'static str>, Error> {
    let Some(known) = KEYS.into_iter().find(|known| *known == key) else {
        return Err(unknown(key));
    };
    let seconds = |reason| {
        let seconds = value.parse().map_err(|_| wrong(known, reason))?;
        Ok(Duration::from_secs(seconds))
    };
    if value.is_empty() && known != "password" {
        return Err(wrong(known, "it has no value"));
    }
    match known {
        "region" => config.region(value),
        "cluster_id" => config.cluster_id(value),
        "profile" => config.profile(value),
        "token_duration" => config.token_duration(seconds(TOKEN_DURATION)?),
        "sslmode" => config.sslmode(sslmode(value)?),
        "sslrootcert" => config.sslrootcert(value),
        "application_name" => config.application_name(value),
        "connect_timeout" => {
            config.connect_timeout(seconds("it is a number of seconds, or 0 for no limit")?)
        }
        "options" => config.options(value),
        _ => return Err(Error::PasswordInUrl),
    };
    Ok(Some(known))
}

/// What [`set`] would set again.
fn get<'c>(config: &'c Config, key: &str) -> Option<Cow<'c, str>> {
    let text = |value: Option<&'c str>| value.map(Cow::Borrowed);
    match key {
        "region" => text(config.get_region()),
        "cluster_id" => text(config.get_cluster_id()),
        "profile" => text(config.get_profile()),
        "token_duration" => Some(config.get_token_duration())
            .filter(|duration| *duration != crate::DEFAULT_TOKEN_DURATION)
            .map(|duration| duration.as_secs().to_string().into()),
        "sslmode" => Some(config.get_sslmode())
            .filter(|_| config.has_sslmode())
            .map(|mode| mode.as_str().into()),
        "sslrootcert" => config.get_sslrootcert().map(|path| path.to_string_lossy()),
        "application_name" => text(config.get_application_name()),
        "connect_timeout" => match config.get_connect_timeout() {
            Some(timeout) if timeout == Duration::from_secs(30) => None,
            // Zero stands for none, so that less than a second is one.
            timeout => Some(
                timeout
                    .map_or(0, |timeout| timeout.as_secs().max(1))
                    .to_string()
                    .into(),
            ),
        },
        "options" => text(config.get_options()),
        _ => None,
    }
}

fn strip_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    ["dsql", "postgres", "postgresql"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
        .then_some(rest)
}

/// Splits `host:port` and `[address]:port`; the brackets go.
fn split_port(host: &str) -> Result<(&str, Option<u16>), Error> {
    let (host, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest
                .split_once(']')
                .ok_or_else(|| invalid("the [ of an IPv6 address has no ]"))?;
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return Err(invalid("what stands in brackets is not an IPv6 address"));
            }
            match rest.strip_prefix(':') {
                Some(port) => (address, port),
                None if rest.is_empty() => (address, ""),
                None => {
                    return Err(invalid(
                        "after the ] of an IPv6 address there is something else than a port",
                    ));
                }
            }
        }
        None => host.split_once(':').unwrap_or((host, "")),
    };
    if port.is_empty() {
        return Ok((host, None));
    }
    let number = port
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| port.parse().ok())
        .flatten();
    match number {
        Some(port) if port > 0 => Ok((host, Some(port))),
        _ => Err(wrong("port", "it is a number from 1 to 65535")),
    }
}

fn sslmode(value: &str) -> Result<SslMode, Error> {
    match value {
        "verify-full" => Ok(SslMode::VerifyFull),
        "verify-ca" => Ok(SslMode::VerifyCa),
        "require" => Ok(SslMode::Require),
        "disable" | "allow" | "prefer" => Err(wrong(
            "sslmode",
            "Aurora DSQL accepts encrypted connections only; use verify-full",
        )),
        _ => Err(wrong("sslmode", "it is verify-full, verify-ca or require")),
    }
}

fn decode(text: &str) -> Result<String, Error> {
    percent_decode_str(text)
        .decode_utf8()
        .map(Cow::into_owned)
        .map_err(|_| invalid("what is percent-encoded in it is not UTF-8"))
}

fn invalid(reason: &str) -> Error {
    Error::Url {
        reason: reason.to_owned(),
    }
}

fn unknown(key: &str) -> Error {
    // What does not look like a key may be a piece of a password that was not encoded.
    let is_name = key.len() <= 40
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let known = || KEYS[..KEYS.len() - 1].join(", ");
    let advice = match key {
        "host" | "port" | "user" | "dbname" => {
            "its place is before the question mark: dsql://user@host:port/dbname".to_owned()
        }
        key => match nearest(key) {
            Some(nearest) if is_name => format!("did you mean `{nearest}`?"),
            _ => format!("the keys are {}", known()),
        },
    };
    Error::UnknownKey {
        key: if is_name {
            key.to_owned()
        } else {
            String::new()
        },
        advice,
    }
}

/// The key that was most likely meant.
fn nearest(key: &str) -> Option<&'static str> {
    if key.len() > 40 {
        return None;
    }
    let plain = |key: &str| key.replace(['_', '-', '.'], "").to_ascii_lowercase();
    let key = plain(key);
    // As the AWS connector for SQLx calls them.
    match key.as_str() {
        "tokendurationsecs" => return Some("token_duration"),
        "ormprefix" => return Some("application_name"),
        _ => {}
    }
    KEYS.into_iter()
        .filter(|known| *known != "password")
        .map(|known| (distance(&key, &plain(known)), known))
        .filter(|(distance, known)| *distance <= known.len() / 3)
        .min()
        .map(|(_, known)| known)
}

/// How many characters must be put in, taken out, changed, or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = last;
        last = row;
    }
    last[b.len()]
}

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Those of them that are in the way in a value.
const RESERVED_IN_VALUES: &AsciiSet = &RESERVED.remove(b'/').remove(b':');

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(url: &str) -> String {
        url.parse::<Config>().unwrap_err().to_string()
    }

    #[test]
    fn every_part_is_read() {
        let config: Config = "dsql://my%40role@[::1]:5433/my%2Fdb?region=us-east-1&profile=dev&token_duration=60\
                              &sslmode=verify-ca&sslrootcert=/etc/ca.pem&application_name=a+b%20c&connect_timeout=5\
                              &options=-c%20search_path=app&cluster_id=abcdefghijklmnopqrstuvwx12"
            .parse()
            .unwrap();
        assert_eq!(config.get_user(), "my@role");
        assert_eq!(config.get_host(), "::1");
        assert_eq!(config.get_port(), 5433);
        assert_eq!(config.get_dbname(), "my/db");
        assert_eq!(config.get_region(), Some("us-east-1"));
        assert_eq!(config.get_profile(), Some("dev"));
        assert_eq!(config.get_token_duration(), Duration::from_secs(60));
        assert_eq!(config.get_sslmode(), SslMode::VerifyCa);
        assert_eq!(config.get_sslrootcert(), Some("/etc/ca.pem".as_ref()));
        assert_eq!(config.get_application_name(), Some("a+b c"));
        assert_eq!(config.get_connect_timeout(), Some(Duration::from_secs(5)));
        assert_eq!(config.get_options(), Some("-c search_path=app"));
        assert_eq!(config.get_cluster_id(), Some("abcdefghijklmnopqrstuvwx12"));
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let config: Config = "postgresql://localhost".parse().unwrap();
        assert_eq!(config.get_user(), "admin");
        assert_eq!(config.get_port(), 5432);
        assert_eq!(config.get_dbname(), "postgres");
        assert_eq!(config.get_sslmode(), SslMode::VerifyFull);
        assert_eq!(config.get_token_duration(), Duration::from_secs(900));
        assert_eq!(config.get_connect_timeout(), Some(Duration::from_secs(30)));
        assert_eq!(config.to_string(), "dsql://admin@localhost:5432/postgres");
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        for (key, nearest) in [
            ("regoin", "region"),
            ("ssl_mode", "sslmode"),
            ("sslRootCert", "sslrootcert"),
            ("tokenDurationSecs", "token_duration"),
            ("ormPrefix", "application_name"),
            ("clusterid", "cluster_id"),
        ] {
            let error = error(&format!("dsql://localhost?{key}=x"));
            assert!(
                error.contains(&format!("did you mean `{nearest}`?")),
                "{key}: {error}"
            );
        }
        let error = error("dsql://localhost?statement-cache-capacity=5");
        assert!(
            error.contains("the keys are region, cluster_id, profile"),
            "{error}"
        );
        assert!(!error.contains("password"), "{error}");
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for url in [
            "dsql://admin:hunter2@localhost",
            "dsql://admin:hunter2@localhost:5432/postgres?region=us-east-1",
            "dsql://admin@localhost?password=hunter2",
        ] {
            let error = error(url);
            assert!(error.contains("holds a password"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!("dsql://admin:@localhost".parse::<Config>().is_ok());
    }

    #[test]
    fn pieces_of_an_unencoded_password_are_not_repeated() {
        for url in [
            "dsql://admin:hunter2/hunter2@localhost",
            "dsql://admin:1/hunter2@localhost",
            "dsql://admin:1?hunter2@localhost",
            "dsql://admin:1#hunter2@localhost",
            "dsql://admin:hunter2",
            "dsql://[hunter2]",
            "hunter2",
            "mysql://hunter2@localhost",
        ] {
            let error = url.parse::<Config>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn bad_urls_say_what_is_wrong() {
        for (url, part) in [
            ("", "does not begin with dsql://"),
            ("localhost:5432", "does not begin with dsql://"),
            ("dsql://", "host cannot be used as given: it is empty"),
            ("dsql://localhost:port", "port cannot be used"),
            ("dsql://localhost:0", "port cannot be used"),
            ("dsql://localhost:65536", "port cannot be used"),
            ("dsql://localhost:+1", "port cannot be used"),
            ("dsql://[::1", "has no ]"),
            ("dsql://[::1]x", "something else than a port"),
            ("dsql://::1", "port cannot be used"),
            ("dsql://a,b", "host cannot be used"),
            ("dsql://localhost/a/b", "second /"),
            ("dsql://%ff@localhost", "not UTF-8"),
            (
                "dsql://localhost?sslmode=disable",
                "encrypted connections only",
            ),
            (
                "dsql://localhost?sslmode=full",
                "verify-full, verify-ca or require",
            ),
            ("dsql://localhost?token_duration=0", "from 1 to 604800"),
            ("dsql://localhost?token_duration=604801", "from 1 to 604800"),
            ("dsql://localhost?token_duration=15m", "from 1 to 604800"),
            (
                "dsql://localhost?region=",
                "region cannot be used as given: it has no value",
            ),
            ("dsql://localhost?region=a&region=b", "twice"),
            ("dsql://localhost?port=5433", "before the question mark"),
        ] {
            let error = error(url);
            assert!(error.contains(part), "{url}: {error}");
        }
    }

    fn some_text() -> impl Strategy<Value = String> {
        "[^\0]{1,12}"
    }

    proptest! {
        #[test]
        fn a_written_url_reads_back_the_same(
            host in "([a-z][a-z0-9-]{0,9}\\.){0,3}[a-z]{1,9}|::1|127\\.0\\.0\\.1",
            port in 1_u16..,
            user in some_text(),
            dbname in some_text(),
            texts in proptest::collection::vec(proptest::option::of(some_text()), 4),
            timeout in proptest::option::of(0_u64..1000),
            duration in proptest::option::of(1_u64..=604_800),
            mode in 0..4,
        ) {
            let mut config = Config::new(host);
            config.port(port).user(user).dbname(dbname);
            if let Some(region) = &texts[0] { config.region(region); }
            if let Some(profile) = &texts[1] { config.profile(profile); }
            if let Some(name) = &texts[2] { config.application_name(name); }
            if let Some(file) = &texts[3] { config.sslrootcert(file); }
            if let Some(timeout) = timeout { config.connect_timeout(Duration::from_secs(timeout)); }
            if let Some(duration) = duration { config.token_duration(Duration::from_secs(duration)); }
            match mode {
                0 => { config.sslmode(SslMode::VerifyFull); }
                1 => { config.sslmode(SslMode::VerifyCa); }
                2 => { config.sslmode(SslMode::Require); }
                _ => {}
            }
            let url = config.to_string();
            let read: Config = url.parse().unwrap();
            prop_assert_eq!(read.to_string(), url);
            prop_assert_eq!(read.get_host(), config.get_host());
            prop_assert_eq!(read.get_user(), config.get_user());
            prop_assert_eq!(read.get_dbname(), config.get_dbname());
            prop_assert_eq!(read.get_port(), config.get_port());
            for key in KEYS {
                prop_assert_eq!(get(&read, key), get(&config, key));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}", tail in "[a-z0-9@:/?#&=%.\\[\\]_-]{0,40}") {
            let _ = text.parse::<Config>();
            let _ = format!("dsql://{text}").parse::<Config>();
            if let Ok(config) = format!("dsql://{tail}").parse::<Config>() {
                let _ = config.endpoint_in(&|_| None, None);
                prop_assert!(config.to_string().parse::<Config>().is_ok());
            }
        }
    }
}
