//! What can be wrong before the first byte is sent.

use std::path::PathBuf;

/// Why a connection cannot be tried: a setting is wrong or missing, or no token can be made.
///
/// No variant carries a password, a token or a secret key, and none prints the URL that was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The environment has no `DSQL_URL`.
    #[error(
        "the environment variable DSQL_URL is not set: set it to the cluster's URL, such as \
         DSQL_URL=dsql://admin@<cluster-id>.dsql.us-east-1.on.aws/postgres, or run the program under \
         `dsql local -- COMMAND` to have a local cluster"
    )]
    NoUrl,

    /// The text is not a connection URL.
    #[error(
        "the connection URL is not valid: {reason}. It is written dsql://user@host[:port]/postgres?key=value&…, \
         with reserved characters percent-encoded"
    )]
    #[non_exhaustive]
    Url {
        /// What is wrong with it.
        reason: String,
    },

    /// The URL holds a password.
    #[error(
        "the connection URL holds a password, which Aurora DSQL does not have: a client signs in with an IAM token, \
         and one is made for every connection from your AWS credentials. Remove the password from the URL; for a \
         token made elsewhere, use Config::password"
    )]
    PasswordInUrl,

    /// The URL has a key that is not known here.
    #[error("the connection URL has an unknown key{}: {advice}", named(key))]
    #[non_exhaustive]
    UnknownKey {
        /// The key; empty when what stands there does not look like one.
        key: String,
        /// The nearest known key, or all of them.
        advice: String,
    },

    /// A setting has a value that cannot be used.
    #[error("{key} cannot be used as given: {reason}")]
    #[non_exhaustive]
    Value {
        /// The setting, by its name in the URL.
        key: &'static str,
        /// What is wrong with it and what would be right.
        reason: String,
    },

    /// The region is neither given nor part of the host.
    #[error(
        "the AWS region of {host} is not known: the host does not name it, and neither do the settings nor the \
         environment. Add ?region=<region> to the URL, or set AWS_REGION"
    )]
    #[non_exhaustive]
    NoRegion {
        /// The host that was given.
        host: String,
    },

    /// There are no AWS credentials to sign with.
    #[error(
        "no AWS credentials were found to sign in with: {tried}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
         run `aws sso login` or `aws configure` and name the profile with AWS_PROFILE or ?profile=<name>, or give the \
         program a role. {source}"
    )]
    #[non_exhaustive]
    NoCredentials {
        /// What was looked at, in order.
        tried: String,
        /// What the provider said.
        source: CredentialsFailure,
    },

    /// A credentials provider failed.
    #[error(
        "the AWS credentials could not be had from {provider}. {source}. See that it works without this program, as \
         with `aws sts get-caller-identity`; a session that has ended is renewed by `aws sso login`"
    )]
    #[non_exhaustive]
    Credentials {
        /// Where they were to come from.
        provider: String,
        /// What the provider said.
        source: CredentialsFailure,
    },

    /// The file with the certificates to trust cannot be used.
    #[error(
        "the certificates to trust cannot be read from {}, which {origin} names: {reason}. Name a file of PEM \
         certificates, or write sslrootcert=system to trust what the operating system trusts",
        path.display()
    )]
    #[non_exhaustive]
    RootCert {
        /// The file.
        path: PathBuf,
        /// The setting or environment variable that names it.
        origin: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// What a credentials provider said when it failed, with the causes behind it.
#[derive(Debug)]
pub struct CredentialsFailure(aws_credential_types::provider::error::CredentialsError);

impl From<aws_credential_types::provider::error::CredentialsError> for CredentialsFailure {
    fn from(error: aws_credential_types::provider::error::CredentialsError) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for CredentialsFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = format!("The provider said: {}", self.0);
        let mut cause = std::error::Error::source(&self.0);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        // The AWS SDK lists what it attempted line by line; an error of ours is one paragraph.
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let text = lines.collect::<Vec<_>>().join("; ").replace(":; ", ": ");
        f.write_str(text.trim_end_matches('.'))
    }
}

impl std::error::Error for CredentialsFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn named(key: &str) -> String {
    if key.is_empty() {
        String::new()
    } else {
        format!(" `{key}`")
    }
}
