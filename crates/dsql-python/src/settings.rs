//! The settings of a connection, and its tokens.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use dsql_connect::{Config, Credentials, CredentialsError, Endpoint, RootCert, SslMode, Tokens};
use pyo3::prelude::*;

use crate::errors::{SettingsError, of_connect};
use crate::runtime::runtime;

/// Where to connect to and who signs in.
#[pyclass(frozen, module = "dsql_orm._core")]
pub(crate) struct Settings {
    config: Config,
    /// Those of this process: a child makes its own, since it has none of its parent's threads.
    tokens: Mutex<Option<(u32, Tokens)>>,
}

#[pymethods]
impl Settings {
    #[new]
    #[pyo3(signature = (
        url = None, *, host = None, port = None, user = None, dbname = None, region = None, cluster_id = None,
        profile = None, token_duration_secs = None, sslmode = None, sslrootcert = None, application_name = None,
        connect_timeout = None, options = None, password = None, credentials = None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn new(
        url: Option<&str>,
        host: Option<String>,
        port: Option<u16>,
        user: Option<String>,
        dbname: Option<String>,
        region: Option<String>,
        cluster_id: Option<String>,
        profile: Option<String>,
        token_duration_secs: Option<u64>,
        sslmode: Option<&str>,
        sslrootcert: Option<PathBuf>,
        application_name: Option<String>,
        connect_timeout: Option<u64>,
        options: Option<String>,
        password: Option<String>,
        credentials: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let config = match (url, host) {
            (Some(url), None) => url.parse(),
            (Some(url), Some(host)) => url.parse().map(|mut config: Config| {
                config.host(host);
                config
            }),
            (None, Some(host)) => Ok(Config::new(host)),
            (None, None) => Config::from_env(),
        };
        let mut config = config.map_err(of_connect)?;
        if let Some(port) = port {
            config.port(port);
        }
        if let Some(user) = user {
            config.user(user);
        }
        if let Some(dbname) = dbname {
            config.dbname(dbname);
        }
        if let Some(region) = region {
            config.region(region);
        }
        if let Some(cluster_id) = cluster_id {
            config.cluster_id(cluster_id);
        }
        if let Some(profile) = profile {
            config.profile(profile);
        }
        if let Some(seconds) = token_duration_secs {
            config.token_duration(Duration::from_secs(seconds));
        }
        if let Some(sslmode) = sslmode {
            config.sslmode(read_sslmode(sslmode)?);
        }
        if let Some(sslrootcert) = sslrootcert {
            config.sslrootcert(sslrootcert);
        }
        if let Some(application_name) = application_name {
            config.application_name(application_name);
        }
        if let Some(seconds) = connect_timeout {
            config.connect_timeout(Duration::from_secs(seconds));
        }
        if let Some(options) = options {
            config.options(options);
        }
        if let Some(password) = password {
            config.password(password);
        }
        if let Some(ask) = credentials {
            let ask = Arc::new(ask);
            config.credentials_fn(move || {
                let ask = Arc::clone(&ask);
                async move { ask_python(&ask) }
            });
        }
        Ok(Self {
            config,
            tokens: Mutex::new(None),
        })
    }

    /// The host to connect to. The region is needed for it, from wherever it may come.
    #[getter]
    fn host(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.endpoint(py)?.host().to_owned())
    }

    #[getter]
    fn port(&self) -> u16 {
        self.config.get_port()
    }

    #[getter]
    fn user(&self) -> &str {
        self.config.get_user()
    }

    #[getter]
    fn dbname(&self) -> &str {
        self.config.get_dbname()
    }

    #[getter]
    fn sslmode(&self) -> &'static str {
        match self.config.get_sslmode() {
            SslMode::VerifyCa => "verify-ca",
            SslMode::Require => "require",
            _ => "verify-full",
        }
    }

    /// A file of certificates, or `system`.
    #[getter]
    fn sslrootcert(&self) -> PyResult<PathBuf> {
        Ok(match self.config.root_cert().map_err(of_connect)? {
            RootCert::File(file) => file,
            _ => PathBuf::from("system"),
        })
    }

    #[getter]
    fn application_name(&self) -> Option<&str> {
        self.config.get_application_name()
    }

    /// Seconds; none for no limit.
    #[getter]
    fn connect_timeout(&self) -> Option<u64> {
        self.config
            .get_connect_timeout()
            .map(|timeout| timeout.as_secs())
    }

    /// Settings of the session, by name.
    #[getter]
    fn options(&self, py: Python<'_>) -> PyResult<Vec<(String, String)>> {
        Ok(self.endpoint(py)?.options().to_vec())
    }

    /// The same as libpq's `options`.
    #[getter]
    fn libpq_options(&self, py: Python<'_>) -> PyResult<Option<String>> {
        Ok(self.endpoint(py)?.options_string())
    }

    /// A token that is good for connecting now. Waits only when the credentials have to be asked for.
    fn token(&self, py: Python<'_>) -> PyResult<String> {
        match self.kept_token() {
            Some(token) => Ok(token),
            None => py.detach(|| self.new_token()),
        }
    }

    /// The kept token, while it is fresh; none when [`token`](Self::token) would have to wait.
    fn kept_token(&self) -> Option<String> {
        let tokens = self.kept_tokens()?;
        let mut asked = std::pin::pin!(tokens.token());
        match asked.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(token)) => Some(token.expose().to_owned()),
            Poll::Ready(Err(_)) | Poll::Pending => None,
        }
    }

    /// The URL of what was set; secrets have no place in it.
    fn __str__(&self) -> String {
        self.config.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Settings {}>", self.config)
    }
}

impl Settings {
    pub(crate) fn config(&self) -> Config {
        self.config.clone()
    }

    /// An AWS profile may have to be read for the region.
    fn endpoint(&self, py: Python<'_>) -> PyResult<Endpoint> {
        match self.config.endpoint() {
            Err(dsql_connect::Error::NoRegion { .. }) => {
                py.detach(|| Ok(self.tokens()?.endpoint().clone()))
            }
            endpoint => endpoint.map_err(of_connect),
        }
    }

    fn kept_tokens(&self) -> Option<Tokens> {
        let kept = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let (process, tokens) = kept.as_ref()?;
        (*process == std::process::id()).then(|| tokens.clone())
    }

    fn tokens(&self) -> PyResult<Tokens> {
        if let Some(tokens) = self.kept_tokens() {
            return Ok(tokens);
        }
        let tokens = runtime()?
            .block_on(self.config.tokens())
            .map_err(of_connect)?;
        let mut kept = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((std::process::id(), tokens.clone()));
        Ok(tokens)
    }

    fn new_token(&self) -> PyResult<String> {
        let tokens = self.tokens()?;
        let token = runtime()?.block_on(tokens.token()).map_err(of_connect)?;
        Ok(token.expose().to_owned())
    }
}

/// What a client calls itself.
#[pyfunction]
#[pyo3(signature = (orm, driver))]
pub(crate) fn application_name(orm: Option<&str>, driver: &str) -> String {
    dsql_connect::application_name(orm, driver)
}

fn read_sslmode(text: &str) -> PyResult<SslMode> {
    match text {
        "verify-full" => Ok(SslMode::VerifyFull),
        "verify-ca" => Ok(SslMode::VerifyCa),
        "require" => Ok(SslMode::Require),
        other => Err(SettingsError::new_err(format!(
            "sslmode is {other:?}: it is verify-full, verify-ca or require, since the service has no connections \
             without TLS"
        ))),
    }
}

/// The callable answers an access key, a secret key, a session token or None, and when they expire, in seconds of the
/// epoch, or None.
fn ask_python(ask: &Py<PyAny>) -> Result<Credentials, CredentialsError> {
    type Answer = (String, String, Option<String>, Option<f64>);
    let (access_key, secret_key, session_token, expires) = Python::attach(|py| {
        ask.call0(py)
            .and_then(|answer| answer.extract::<Answer>(py))
            .map_err(|error| CredentialsError::provider_error(error.to_string()))
    })?;
    let expires = expires
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
    Ok(Credentials::new(
        access_key,
        secret_key,
        session_token,
        expires,
        "custom_credentials_provider",
    ))
}
