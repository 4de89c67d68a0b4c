//! The settings of a connection.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider};
use secrecy::SecretString;

use crate::endpoint::{self, Endpoint, Host, bracketed, public_host};
use crate::error::Error;
use crate::token::{DEFAULT_TOKEN_DURATION, MAX_TOKEN_DURATION};

/// How to connect to a cluster: a URL, or the same settings by name.
///
/// # URL
///
/// `dsql://user@host[:port]/dbname?key=value&…`, where `dsql` can also be `postgres` or `postgresql`. Reserved
/// characters are percent-encoded, and a `+` is a plus sign, as with libpq. A key that is not in the table is an error.
///
/// | key | value | default |
/// |---|---|---|
/// | (host) | public or PrivateLink name, a cluster's identifier, `localhost`, or any other: see [`Endpoint`] | required |
/// | (port) | TCP port | 5432 |
/// | (user) | database role | `admin` |
/// | (dbname) | database; a cluster has one | `postgres` |
/// | `region` | AWS region | the host's, else `AWS_REGION`, `AWS_DEFAULT_REGION`, or the AWS profile's |
/// | `cluster_id` | the cluster's identifier, where the host does not tell it | none |
/// | `profile` | AWS profile to take the credentials from | none: the AWS default chain |
/// | `token_duration` | how long a token is good for, 1 to 604800 seconds | 900 |
/// | `sslmode` | `verify-full`, `verify-ca` or `require`; the service has no connections without TLS | `verify-full` |
/// | `sslrootcert` | file of PEM certificates to trust, or `system` | file in `DSQL_CA_CERT` or `PGSSLROOTCERT`, else `system` |
/// | `application_name` | what the client calls itself | the adapter's: see [`application_name`](crate::application_name()) |
/// | `connect_timeout` | seconds to wait for a connection; 0 for no limit | 30 |
/// | `options` | start-up settings, `-c name=value` | none |
///
/// The environment is read when the settings are used, not when they are parsed.
///
/// ```
/// use dsql_connect::Config;
///
/// let config: Config = "dsql://clinic@localhost:5433/postgres?region=us-east-1".parse()?;
/// assert_eq!(config.get_user(), "clinic");
/// assert_eq!(config.endpoint()?.port(), 5433);
///
/// let mut same = Config::new("localhost");
/// same.port(5433).user("clinic").region("us-east-1");
/// assert_eq!(same.endpoint()?, config.endpoint()?);
///
/// let error = "dsql://localhost/postgres?regoin=us-east-1".parse::<Config>().unwrap_err();
/// assert!(error.to_string().contains("did you mean `region`?"));
/// # Ok::<(), dsql_connect::Error>(())
/// ```
///
/// # Secrets
///
/// A URL holds none. [`password`](Self::password) and the [credentials](Self::credentials) are in neither `Debug` nor
/// `Display`, which prints the URL of what was set otherwise.
#[derive(Clone)]
pub struct Config {
    host: String,
    port: Option<u16>,
    user: Option<String>,
    dbname: Option<String>,
    region: Option<String>,
    cluster_id: Option<String>,
    profile: Option<String>,
    token_duration: Option<Duration>,
    sslmode: Option<SslMode>,
    sslrootcert: Option<PathBuf>,
    application_name: Option<String>,
    connect_timeout: Option<Duration>,
    options: Option<String>,
    password: Option<SecretString>,
    credentials: Option<SharedCredentialsProvider>,
}

/// How much of the server's certificate is checked. Encrypted it is always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SslMode {
    /// The chain and the name.
    #[default]
    VerifyFull,
    /// The chain only: for PrivateLink without private DNS, whose name is not in the certificate.
    VerifyCa,
    /// Nothing, so that anyone on the way can read along.
    Require,
}

/// The certificates that a server's chain must end in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RootCert {
    /// Those that the operating system trusts.
    System,
    /// Those in a file, in PEM.
    File(PathBuf),
}

impl Config {
    /// Settings for a host, with every [default](Self#url).
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: None,
            user: None,
            dbname: None,
            region: None,
            cluster_id: None,
            profile: None,
            token_duration: None,
            sslmode: None,
            sslrootcert: None,
            application_name: None,
            connect_timeout: None,
            options: None,
            password: None,
            credentials: None,
        }
    }

    /// The settings that `DSQL_URL` holds.
    ///
    /// # Errors
    ///
    /// When the variable is not set, or is not a [URL](Self#url).
    pub fn from_env() -> Result<Self, Error> {
        match std::env::var("DSQL_URL") {
            Ok(url) if !url.trim().is_empty() => url.parse(),
            Ok(_) | Err(std::env::VarError::NotPresent) => Err(Error::NoUrl),
            Err(std::env::VarError::NotUnicode(_)) => Err(Error::Url {
                reason: "DSQL_URL is not UTF-8".to_owned(),
            }),
        }
    }

    /// Sets the host; see [`Endpoint`] for what it can be.
    pub fn host(&mut self, host: impl Into<String>) -> &mut Self {
        self.host = host.into();
        self
    }

    /// Sets the TCP port. Default: 5432.
    pub fn port(&mut self, port: u16) -> &mut Self {
        self.port = Some(port);
        self
    }

    /// Sets the database role. Default: `admin`.
    pub fn user(&mut self, user: impl Into<String>) -> &mut Self {
        self.user = Some(user.into());
        self
    }

    /// Sets the database. Default: `postgres`, the only one that a cluster has.
    pub fn dbname(&mut self, dbname: impl Into<String>) -> &mut Self {
        self.dbname = Some(dbname.into());
        self
    }

    /// Sets the AWS region. Default: the host's, else that of `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile.
    pub fn region(&mut self, region: impl Into<String>) -> &mut Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the cluster's identifier, for a host that does not tell it: see [`Endpoint`]. Default: none.
    pub fn cluster_id(&mut self, cluster_id: impl Into<String>) -> &mut Self {
        self.cluster_id = Some(cluster_id.into());
        self
    }

    /// Sets the AWS profile whose credentials sign. Default: none; the AWS default chain is asked, in which
    /// `AWS_PROFILE` counts. It needs the feature `aws-config`.
    pub fn profile(&mut self, profile: impl Into<String>) -> &mut Self {
        self.profile = Some(profile.into());
        self
    }

    /// Sets how long a token is good for: 1 second to [`MAX_TOKEN_DURATION`]. Default: [`DEFAULT_TOKEN_DURATION`].
    pub fn token_duration(&mut self, token_duration: Duration) -> &mut Self {
        self.token_duration = Some(token_duration);
        self
    }

    /// Sets how much of the server's certificate is checked. Default: [`SslMode::VerifyFull`].
    pub fn sslmode(&mut self, sslmode: SslMode) -> &mut Self {
        self.sslmode = Some(sslmode);
        self
    }

    /// Sets the file of certificates to trust; `system` stands for what the operating system trusts. Default: the file
    /// that `DSQL_CA_CERT` or `PGSSLROOTCERT` names, else `system`.
    pub fn sslrootcert(&mut self, sslrootcert: impl Into<PathBuf>) -> &mut Self {
        self.sslrootcert = Some(sslrootcert.into());
        self
    }

    /// Sets what the client calls itself. Default: the adapter's own
    /// [`application_name`](crate::application_name()).
    pub fn application_name(&mut self, application_name: impl Into<String>) -> &mut Self {
        self.application_name = Some(application_name.into());
        self
    }

    /// Sets how long to wait for a connection, in whole seconds; zero for no limit. Default: 30 seconds.
    pub fn connect_timeout(&mut self, connect_timeout: Duration) -> &mut Self {
        self.connect_timeout = Some(connect_timeout);
        self
    }

    /// Sets the start-up settings, as libpq's `options`: `-c name=value`. Default: none.
    pub fn options(&mut self, options: impl Into<String>) -> &mut Self {
        self.options = Some(options.into());
        self
    }

    /// Sets a token that was made elsewhere; it is sent as it is, and no credentials are looked for. It is never
    /// printed. Default: none; tokens are made as they are needed.
    pub fn password(&mut self, token: impl Into<String>) -> &mut Self {
        self.password = Some(SecretString::from(token.into()));
        self
    }

    /// Sets the AWS credentials to sign with. Default: none; the profile or the AWS default chain is asked.
    pub fn credentials(&mut self, credentials: Credentials) -> &mut Self {
        self.credentials_provider(credentials)
    }

    /// Sets what is asked for AWS credentials. It is asked anew whenever a token is signed, at most about every 10
    /// minutes while they last, so it need not keep them. Default: none; the profile or the AWS default chain is asked.
    ///
    /// A [`SharedCredentialsProvider`], such as that of an `aws_config::SdkConfig`, will do.
    pub fn credentials_provider(
        &mut self,
        provider: impl ProvideCredentials + 'static,
    ) -> &mut Self {
        self.credentials = Some(SharedCredentialsProvider::new(provider));
        self
    }

    /// The same for an async closure.
    ///
    /// ```
    /// use dsql_connect::{Config, Credentials};
    ///
    /// let mut config = Config::new("localhost");
    /// config.credentials_fn(|| async { Ok(Credentials::from_keys("AKIDEXAMPLE", "secret", None)) });
    /// ```
    pub fn credentials_fn<F, A>(&mut self, ask: F) -> &mut Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = provider::Result> + Send + 'static,
    {
        self.credentials_provider(provide_credentials_fn(ask))
    }

    /// The host as it was given.
    pub fn get_host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    pub fn get_port(&self) -> u16 {
        self.port.unwrap_or(5432)
    }

    /// The database role.
    pub fn get_user(&self) -> &str {
        self.user.as_deref().unwrap_or("admin")
    }

    /// The database.
    pub fn get_dbname(&self) -> &str {
        self.dbname.as_deref().unwrap_or("postgres")
    }

    /// The AWS region, if it was set; [`endpoint`](Self::endpoint) knows the one in use.
    pub fn get_region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The cluster's identifier, if it was set; [`endpoint`](Self::endpoint) knows it from the host too.
    pub fn get_cluster_id(&self) -> Option<&str> {
        self.cluster_id.as_deref()
    }

    /// The AWS profile, if it was set.
    pub fn get_profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// How long a token is good for.
    pub fn get_token_duration(&self) -> Duration {
        self.token_duration.unwrap_or(DEFAULT_TOKEN_DURATION)
    }

    /// How much of the server's certificate is checked.
    pub fn get_sslmode(&self) -> SslMode {
        self.sslmode.unwrap_or_default()
    }

    /// The file of certificates to trust, if it was set; [`root_cert`](Self::root_cert) knows the one in use.
    pub fn get_sslrootcert(&self) -> Option<&Path> {
        self.sslrootcert.as_deref()
    }

    /// What the client calls itself, if it was set.
    pub fn get_application_name(&self) -> Option<&str> {
        self.application_name.as_deref()
    }

    /// How long to wait for a connection; none for no limit.
    pub fn get_connect_timeout(&self) -> Option<Duration> {
        let timeout = self.connect_timeout.unwrap_or(Duration::from_secs(30));
        (!timeout.is_zero()).then_some(timeout)
    }

    /// The start-up settings as they were set; [`Endpoint::options`] has all that are to be sent.
    pub fn get_options(&self) -> Option<&str> {
        self.options.as_deref()
    }

    /// Where to connect to, from the settings and the environment.
    ///
    /// The region of an AWS profile is not looked for here, since that takes time:
    /// [`tokens`](Self::tokens) does, and knows the [endpoint](crate::Tokens::endpoint).
    ///
    /// # Errors
    ///
    /// When a setting cannot be used, or the region is not known.
    pub fn endpoint(&self) -> Result<Endpoint, Error> {
        self.endpoint_in(&env, None)
    }

    /// The certificates to trust, from the settings and the environment.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or holds no certificate.
    pub fn root_cert(&self) -> Result<RootCert, Error> {
        self.root_cert_in(&env)
    }

    pub(crate) fn endpoint_in(
        &self,
        env: &dyn Fn(&str) -> Option<String>,
        profile_region: Option<String>,
    ) -> Result<Endpoint, Error> {
        self.check()?;
        let host = self.host.to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        let read = Host::read(host);
        let of_host = match read {
            Host::Cluster { region, .. } | Host::VpcEndpoint { region } => Some(region.to_owned()),
            Host::Id(_) | Host::Other => None,
        };
        let region = self
            .region
            .clone()
            .or(of_host)
            .or_else(|| env("AWS_REGION"))
            .or_else(|| env("AWS_DEFAULT_REGION"))
            .or(profile_region)
            .ok_or_else(|| Error::NoRegion {
                host: self.host.clone(),
            })?;
        if !endpoint::is_region(&region) {
            return Err(wrong("region", "it is an AWS region, such as us-east-1"));
        }
        let mut options = match &self.options {
            Some(options) => endpoint::read_options(options)?,
            None => Vec::new(),
        };
        let (host, signing_host, cluster_id) = match (read, self.cluster_id.as_deref()) {
            (Host::Cluster { id, .. } | Host::Id(id), Some(other)) if id != other => {
                return Err(wrong(
                    "cluster_id",
                    "it is another than the one in the host",
                ));
            }
            (Host::Cluster { id, .. }, _) => {
                (host.to_owned(), host.to_owned(), Some(id.to_owned()))
            }
            (Host::Id(id), _) => {
                let host = public_host(id, &region);
                (host.clone(), host, Some(id.to_owned()))
            }
            (Host::VpcEndpoint { .. }, None) => {
                return Err(wrong(
                    "cluster_id",
                    "the host is the name of a VPC endpoint, which serves many clusters: add \
                     cluster_id=<identifier>, or use the private DNS name, which holds it",
                ));
            }
            (Host::VpcEndpoint { .. }, Some(_)) if self.sslmode.is_none() => {
                return Err(wrong(
                    "sslmode",
                    "the certificate of a VPC endpoint does not hold its name, so that verify-full, the default, \
                     cannot match it: set sslmode=verify-ca, or use the private DNS name",
                ));
            }
            (Host::VpcEndpoint { .. } | Host::Other, Some(id)) => {
                options.push(("amzn-cluster-id".to_owned(), id.to_owned()));
                (
                    host.to_owned(),
                    public_host(id, &region),
                    Some(id.to_owned()),
                )
            }
            (Host::Other, None) => (host.to_owned(), bracketed(host), None),
        };
        Ok(Endpoint {
            host,
            port: self.get_port(),
            signing_host,
            region,
            cluster_id,
            options,
        })
    }

    pub(crate) fn root_cert_in(
        &self,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<RootCert, Error> {
        let from_env = |name: &'static str| env(name).map(|path| (name, PathBuf::from(path)));
        let named = self
            .sslrootcert
            .clone()
            .map(|path| ("sslrootcert", path))
            .or_else(|| from_env("DSQL_CA_CERT"))
            .or_else(|| from_env("PGSSLROOTCERT"));
        let Some((origin, path)) = named else {
            return Ok(RootCert::System);
        };
        if path.as_os_str() == "system" {
            return Ok(RootCert::System);
        }
        let refused = |reason: String| Error::RootCert {
            path: path.clone(),
            origin,
            reason,
        };
        let pem = std::fs::read(&path).map_err(|error| refused(error.to_string()))?;
        let begin = b"-----BEGIN CERTIFICATE-----";
        if !pem.windows(begin.len()).any(|window| window == begin) {
            return Err(refused("it holds no PEM certificate".to_owned()));
        }
        Ok(RootCert::File(path))
    }

    /// Was `sslmode` set, be it to its default?
    pub(crate) fn has_sslmode(&self) -> bool {
        self.sslmode.is_some()
    }

    pub(crate) fn get_password(&self) -> Option<&SecretString> {
        self.password.as_ref()
    }

    pub(crate) fn get_credentials(&self) -> Option<&SharedCredentialsProvider> {
        self.credentials.as_ref()
    }

    /// Checks what every use of the settings needs.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_host(&self.host)?;
        if self.port == Some(0) {
            return Err(wrong("port", "it is a number from 1 to 65535"));
        }
        if let Some(id) = &self.cluster_id
            && !endpoint::is_cluster_id(id)
        {
            return Err(wrong("cluster_id", "it is 26 characters of a-z and 0-9"));
        }
        let duration = self.get_token_duration();
        if duration < Duration::from_secs(1) || duration > MAX_TOKEN_DURATION {
            return Err(wrong("token_duration", TOKEN_DURATION));
        }
        for (key, value) in [
            ("user", &self.user),
            ("dbname", &self.dbname),
            ("application_name", &self.application_name),
            ("options", &self.options),
        ] {
            if value.as_ref().is_some_and(|value| value.contains('\0')) {
                return Err(wrong(key, "it holds a NUL character"));
            }
        }
        if self.user.as_deref() == Some("") {
            return Err(wrong("user", "it is empty"));
        }
        Ok(())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Config");
        debug.field("url", &self.to_string());
        if self.password.is_some() {
            debug.field("password", &"set, not shown");
        }
        if self.credentials.is_some() {
            debug.field("credentials", &"set, not shown");
        }
        debug.finish()
    }
}

impl SslMode {
    /// libpq's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyFull => "verify-full",
            Self::VerifyCa => "verify-ca",
            Self::Require => "require",
        }
    }
}

impl fmt::Display for SslMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

pub(crate) const TOKEN_DURATION: &str = "it is a number of seconds from 1 to 604800 (a week)";

pub(crate) fn wrong(key: &'static str, reason: &str) -> Error {
    Error::Value {
        key,
        reason: reason.to_owned(),
    }
}

pub(crate) fn check_host(host: &str) -> Result<(), Error> {
    if host.is_empty() {
        return Err(wrong("host", "it is empty"));
    }
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if host.len() > 253
        || !(host.bytes().all(is_name) || host.parse::<std::net::Ipv6Addr>().is_ok())
    {
        return Err(wrong(
            "host",
            "it is one host name or IP address (an IPv6 address in brackets when in a URL)",
        ));
    }
    Ok(())
}

/// A variable of the environment; an empty one counts as not set.
pub(crate) fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "abcdefghijklmnopqrstuvwx12";

    fn none(_: &str) -> Option<String> {
        None
    }

    fn endpoint(url: &str) -> Result<Endpoint, Error> {
        url.parse::<Config>()?.endpoint_in(&none, None)
    }

    #[test]
    fn a_public_host_needs_nothing_else() {
        let host = format!("{ID}.dsql.eu-west-1.on.aws");
        let endpoint = endpoint(&format!("dsql://{host}")).unwrap();
        assert_eq!(endpoint.host(), host);
        assert_eq!(endpoint.signing_host(), host);
        assert_eq!(endpoint.port(), 5432);
        assert_eq!(endpoint.region(), "eu-west-1");
        assert_eq!(endpoint.cluster_id(), Some(ID));
        assert_eq!(endpoint.options_string(), None);
    }

    #[test]
    fn a_private_link_host_signs_for_itself() {
        let host = format!("{ID}.dsql-fnh4.us-east-1.on.aws");
        let endpoint = endpoint(&format!("dsql://admin@{host}/postgres")).unwrap();
        assert_eq!((endpoint.host(), endpoint.signing_host()), (&*host, &*host));
        assert_eq!(endpoint.region(), "us-east-1");
    }

    #[test]
    fn an_identifier_becomes_the_public_host() {
        let endpoint = endpoint(&format!("dsql://{ID}?region=us-west-2")).unwrap();
        assert_eq!(endpoint.host(), format!("{ID}.dsql.us-west-2.on.aws"));
        assert_eq!(endpoint.signing_host(), endpoint.host());
    }

    #[test]
    fn a_vpc_endpoint_is_told_which_cluster_is_meant() {
        let host = "vpce-01-ab.dsql-fnh4.us-east-1.vpce.amazonaws.com";
        let found = endpoint(&format!("dsql://{host}?cluster_id={ID}&sslmode=verify-ca")).unwrap();
        assert_eq!(found.host(), host);
        assert_eq!(found.signing_host(), format!("{ID}.dsql.us-east-1.on.aws"));
        assert_eq!(
            found.options_string(),
            Some(format!("-c amzn-cluster-id={ID}"))
        );

        let error = endpoint(&format!("dsql://{host}")).unwrap_err().to_string();
        assert!(error.contains("cluster_id"), "{error}");
        let error = endpoint(&format!("dsql://{host}?cluster_id={ID}"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("sslmode=verify-ca"), "{error}");
    }

    #[test]
    fn any_other_host_is_used_as_written() {
        for (url, host, signing_host) in [
            (
                "dsql://localhost:1234?region=us-east-1",
                "localhost",
                "localhost",
            ),
            (
                "dsql://127.0.0.1?region=us-east-1",
                "127.0.0.1",
                "127.0.0.1",
            ),
            ("dsql://[::1]?region=us-east-1", "::1", "[::1]"),
            (
                "dsql://DB.Example.com.?region=us-east-1",
                "db.example.com",
                "db.example.com",
            ),
            (
                "dsql://proxy.example.com?region=us-east-1",
                "proxy.example.com",
                "proxy.example.com",
            ),
        ] {
            let endpoint = endpoint(url).unwrap();
            assert_eq!(
                (endpoint.host(), endpoint.signing_host()),
                (host, signing_host),
                "{url}"
            );
        }
    }

    #[test]
    fn a_proxy_can_stand_before_a_named_cluster() {
        let found = endpoint(&format!(
            "dsql://proxy.example.com?region=us-east-1&cluster_id={ID}"
        ))
        .unwrap();
        assert_eq!(found.host(), "proxy.example.com");
        assert_eq!(found.signing_host(), format!("{ID}.dsql.us-east-1.on.aws"));
    }

    #[test]
    fn the_region_is_the_settings_then_the_hosts_then_the_environments_then_the_profiles() {
        let public: Config = format!("dsql://{ID}.dsql.eu-west-1.on.aws")
            .parse()
            .unwrap();
        let both =
            |name: &str| (name.starts_with("AWS_")).then(|| name.to_lowercase().replace('_', "-"));
        let default = |name: &str| (name == "AWS_DEFAULT_REGION").then(|| "ap-south-1".to_owned());
        let region =
            |config: &Config, env: &dyn Fn(&str) -> Option<String>, profile: Option<&str>| {
                config
                    .endpoint_in(env, profile.map(str::to_owned))
                    .map(|endpoint| endpoint.region().to_owned())
            };
        let mut named = public.clone();
        named.region("us-gov-west-1");
        assert_eq!(region(&named, &both, None).unwrap(), "us-gov-west-1");
        assert_eq!(region(&public, &both, None).unwrap(), "eu-west-1");
        let local = Config::new("localhost");
        assert_eq!(region(&local, &both, Some("x")).unwrap(), "aws-region");
        assert_eq!(region(&local, &default, Some("x")).unwrap(), "ap-south-1");
        assert_eq!(region(&local, &none, Some("x")).unwrap(), "x");
        let error = region(&local, &none, None).unwrap_err().to_string();
        assert!(
            error.contains("region of localhost") && error.contains("AWS_REGION"),
            "{error}"
        );
    }

    #[test]
    fn settings_that_cannot_be_used_are_named() {
        let mut config = Config::new("localhost");
        config.region("us-east-1");
        let fails = |change: &dyn Fn(&mut Config)| {
            let mut config = config.clone();
            change(&mut config);
            config.endpoint_in(&none, None).unwrap_err().to_string()
        };
        for (error, key) in [
            (
                fails(&|c| {
                    c.host("");
                }),
                "host",
            ),
            (
                fails(&|c| {
                    c.host("a b");
                }),
                "host",
            ),
            (
                fails(&|c| {
                    c.host("a,b");
                }),
                "host",
            ),
            (
                fails(&|c| {
                    c.host("/var/run");
                }),
                "host",
            ),
            (
                fails(&|c| {
                    c.port(0);
                }),
                "port",
            ),
            (
                fails(&|c| {
                    c.user("");
                }),
                "user",
            ),
            (
                fails(&|c| {
                    c.user("a\0b");
                }),
                "user",
            ),
            (
                fails(&|c| {
                    c.region("us east");
                }),
                "region",
            ),
            (
                fails(&|c| {
                    c.cluster_id("short");
                }),
                "cluster_id",
            ),
            (
                fails(&|c| {
                    c.token_duration(Duration::ZERO);
                }),
                "token_duration",
            ),
            (
                fails(&|c| {
                    c.token_duration(MAX_TOKEN_DURATION * 2);
                }),
                "token_duration",
            ),
            (
                fails(&|c| {
                    c.options("nonsense");
                }),
                "options",
            ),
        ] {
            assert!(
                error.starts_with(&format!("{key} cannot be used")),
                "{key}: {error}"
            );
        }
    }

    #[test]
    fn certificates_come_from_the_settings_then_the_environment_then_the_system() {
        let file = std::env::temp_dir().join(format!("dsql-connect-{}.pem", std::process::id()));
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\n").unwrap();
        let path = file.display().to_string();
        let names = |wanted: &'static str| {
            let path = path.clone();
            move |name: &str| (name == wanted).then(|| path.clone())
        };
        let mut config = Config::new("localhost");
        assert_eq!(config.root_cert_in(&none).unwrap(), RootCert::System);
        for name in ["DSQL_CA_CERT", "PGSSLROOTCERT"] {
            assert_eq!(
                config.root_cert_in(&names(name)).unwrap(),
                RootCert::File(file.clone())
            );
        }
        config.sslrootcert("system");
        assert_eq!(
            config.root_cert_in(&names("DSQL_CA_CERT")).unwrap(),
            RootCert::System
        );
        config.sslrootcert(&file);
        assert_eq!(
            config.root_cert_in(&none).unwrap(),
            RootCert::File(file.clone())
        );
        std::fs::write(&file, "no certificate").unwrap();
        let error = config.root_cert_in(&none).unwrap_err().to_string();
        assert!(error.contains("holds no PEM certificate"), "{error}");
        std::fs::remove_file(&file).unwrap();
        let error = config.root_cert_in(&none).unwrap_err().to_string();
        assert!(
            error.contains(&path) && error.contains("sslrootcert names"),
            "{error}"
        );
    }

    #[test]
    fn secrets_are_not_printed() {
        let mut config = Config::new("localhost");
        config
            .password("hunter2")
            .credentials(Credentials::from_keys(
                "AKIDEXAMPLE",
                "hunter2",
                Some("hunter2".to_owned()),
            ));
        let printed = format!("{config} {config:?} {config:#?}");
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
