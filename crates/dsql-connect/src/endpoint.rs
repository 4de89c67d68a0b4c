//! Where a cluster is reached, and for which name its tokens are signed.

use std::fmt;
use std::net::IpAddr;

use crate::error::Error;

/// Where to connect to, worked out from the settings.
///
/// | host that was given | is dialled | token is signed for |
/// |---|---|---|
/// | `<id>.dsql.<region>.on.aws` | as given | the same |
/// | `<id>.dsql-<suffix>.<region>.on.aws` (PrivateLink with private DNS) | as given | the same |
/// | a cluster's identifier (26 of a-z and 0-9) | `<id>.dsql.<region>.on.aws` | the same |
/// | any other with `cluster_id` (PrivateLink without private DNS, a proxy) | as given, with the start-up option `amzn-cluster-id` | `<id>.dsql.<region>.on.aws` |
/// | any other (`localhost`, an alias) | as given | as given |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) signing_host: String,
    pub(crate) region: String,
    pub(crate) cluster_id: Option<String>,
    pub(crate) options: Vec<(String, String)>,
}

impl Endpoint {
    /// The host to dial, and whose name the server's certificate is checked against. An IPv6 address has no brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port to dial.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The host that tokens are signed for, as [`sign`](crate::sign) wants it. An IPv6 address has brackets.
    pub fn signing_host(&self) -> &str {
        &self.signing_host
    }

    /// The AWS region, such as `us-east-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The cluster's identifier, where it is known.
    pub fn cluster_id(&self) -> Option<&str> {
        self.cluster_id.as_deref()
    }

    /// The start-up settings to send: those of [`Config::options`](crate::Config::options), and `amzn-cluster-id`
    /// where the host does not tell which cluster is meant.
    pub fn options(&self) -> &[(String, String)] {
        &self.options
    }

    /// The same as the value of libpq's `options`: `-c name=value …`, escaped. None when there are none.
    pub fn options_string(&self) -> Option<String> {
        if self.options.is_empty() {
            return None;
        }
        let escaped = |text: &str| {
            let mut escaped = String::with_capacity(text.len());
            for c in text.chars() {
                if c == '\\' || c.is_ascii_whitespace() {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
            escaped
        };
        let settings: Vec<String> = self
            .options
            .iter()
            .map(|(name, value)| format!("-c {}={}", escaped(name), escaped(value)))
            .collect();
        Some(settings.join(" "))
    }
}

impl fmt::Display for Endpoint {
    /// `host:port`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", bracketed(&self.host), self.port)
    }
}

/// What a host name says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host<'h> {
    /// `<id>.dsql[-<suffix>].<region>.on.aws`
    Cluster { id: &'h str, region: &'h str },
    /// `….<region>.vpce.amazonaws.com`: PrivateLink's own name, without private DNS.
    VpcEndpoint { region: &'h str },
    /// A cluster's identifier.
    Id(&'h str),
    /// Any other.
    Other,
}

impl<'h> Host<'h> {
    pub(crate) fn read(host: &'h str) -> Self {
        if is_cluster_id(host) {
            return Self::Id(host);
        }
        if let Some(rest) = host.strip_suffix(".on.aws") {
            let labels: Vec<&str> = rest.split('.').collect();
            if let [id, service, region] = labels[..]
                && is_cluster_id(id)
                && (service == "dsql" || service.starts_with("dsql-"))
                && is_region(region)
            {
                return Self::Cluster { id, region };
            }
        }
        if let Some(rest) = host.strip_suffix(".vpce.amazonaws.com")
            && let Some((_, region)) = rest.rsplit_once('.')
            && is_region(region)
        {
            return Self::VpcEndpoint { region };
        }
        Self::Other
    }
}

/// The name under which the public endpoint of a cluster is known.
pub(crate) fn public_host(cluster_id: &str, region: &str) -> String {
    format!("{cluster_id}.dsql.{region}.on.aws")
}

/// 26 of a-z and 0-9.
pub(crate) fn is_cluster_id(text: &str) -> bool {
    text.len() == 26
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// Letters, digits and hyphens: enough to keep anything else out of a host name and a signature.
pub(crate) fn is_region(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 32
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// An IPv6 address in brackets, any other host as it is.
pub(crate) fn bracketed(host: &str) -> String {
    if matches!(host.parse(), Ok(IpAddr::V6(_))) {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

/// Reads libpq's `options`: `-c name=value`, `-cname=value` and `--name=value`, a backslash before a space to keep it.
pub(crate) fn read_options(text: &str) -> Result<Vec<(String, String)>, Error> {
    let mut words = words(text).into_iter();
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        let setting = if word == "-c" {
            words.next().unwrap_or_default()
        } else if let Some(setting) = word.strip_prefix("--").or_else(|| word.strip_prefix("-c")) {
            setting.to_owned()
        } else {
            String::new()
        };
        match setting.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                options.push((name.to_owned(), value.to_owned()));
            }
            _ => {
                return Err(Error::Value {
                    key: "options",
                    reason: "it is written `-c name=value`, once for every setting, with a backslash before a space \
                             within a value"
                        .to_owned(),
                });
            }
        }
    }
    Ok(options)
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c.is_ascii_whitespace() {
            words.extend(word.take());
        } else {
            let c = if c == '\\' {
                chars.next().unwrap_or(c)
            } else {
                c
            };
            word.get_or_insert_default().push(c);
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "abcdefghijklmnopqrstuvwx12";

    #[test]
    fn hosts_are_told_apart() {
        let public = format!("{ID}.dsql.us-east-1.on.aws");
        let private = format!("{ID}.dsql-fnh4.eu-west-1.on.aws");
        assert_eq!(
            Host::read(&public),
            Host::Cluster {
                id: ID,
                region: "us-east-1"
            }
        );
        assert_eq!(
            Host::read(&private),
            Host::Cluster {
                id: ID,
                region: "eu-west-1"
            }
        );
        assert_eq!(Host::read(ID), Host::Id(ID));
        assert_eq!(
            Host::read("vpce-01-ab.dsql-fnh4.us-east-1.vpce.amazonaws.com"),
            Host::VpcEndpoint {
                region: "us-east-1"
            }
        );
        for other in [
            "localhost",
            "db.example.com",
            "abc.dsql.us-east-1.on.aws",
            "a.b.dsql.us-east-1.on.aws",
            "on.aws",
            ".on.aws",
            "",
        ] {
            assert_eq!(Host::read(other), Host::Other, "{other}");
        }
    }

    #[test]
    fn options_are_read_as_libpq_does() {
        let options = read_options(r"-c search_path=a\ b  --timezone=UTC -cx=y\\z").unwrap();
        let pairs: Vec<(&str, &str)> = options.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(
            pairs,
            [("search_path", "a b"), ("timezone", "UTC"), ("x", r"y\z")]
        );
        assert!(read_options("-c").is_err());
        assert!(read_options("search_path=app").is_err());
        assert!(read_options("-d 3").is_err());
    }

    #[test]
    fn options_that_are_written_read_back_the_same() {
        let options = vec![
            ("search_path".to_owned(), r"a b\c".to_owned()),
            ("x".to_owned(), String::new()),
        ];
        let endpoint = Endpoint {
            host: "::1".to_owned(),
            port: 5432,
            signing_host: "[::1]".to_owned(),
            region: "us-east-1".to_owned(),
            cluster_id: None,
            options: options.clone(),
        };
        assert_eq!(
            read_options(&endpoint.options_string().unwrap()).unwrap(),
            options
        );
        assert_eq!(endpoint.to_string(), "[::1]:5432");
    }
}
