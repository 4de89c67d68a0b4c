//! Where AWS credentials come from when none are given.

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;

use crate::config::Config;
use crate::error::Error;

/// Something that can be asked for credentials, and what to say when it has none.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) provider: SharedCredentialsProvider,
    /// Completes "the credentials could not be had from".
    pub(crate) name: String,
    /// Completes "no credentials were found:".
    tried: String,
    /// Is a failure the same as having none? So it is where many places were looked at and only the last is told of.
    is_search: bool,
}

impl Source {
    /// The provider of the settings, their profile, or the AWS default chain.
    pub(crate) async fn of(config: &Config) -> Result<Self, Error> {
        if let Some(provider) = config.get_credentials() {
            return Ok(Self {
                provider: provider.clone(),
                name: "the credentials provider of the settings".to_owned(),
                tried: "only the credentials provider of the settings was asked".to_owned(),
                is_search: false,
            });
        }
        if let Some(profile) = config.get_profile() {
            return profile::source(config, profile);
        }
        if let Some(keys) = environment::keys() {
            return Ok(keys);
        }
        chain::source().await
    }

    /// The error for what the provider said.
    pub(crate) fn failed(&self, error: CredentialsError) -> Error {
        match error {
            error
                if self.is_search || matches!(error, CredentialsError::CredentialsNotLoaded(_)) =>
            {
                Error::NoCredentials {
                    tried: self.tried.clone(),
                    source: error.into(),
                }
            }
            error => Error::Credentials {
                provider: self.name.clone(),
                source: error.into(),
            },
        }
    }
}

mod environment {
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use super::Source;
    use crate::config::env;

    /// The keys in the environment. The default chain looks there first too, but takes longer to set up.
    pub(super) fn keys() -> Option<Source> {
        let (id, secret) = (env("AWS_ACCESS_KEY_ID")?, env("AWS_SECRET_ACCESS_KEY")?);
        let keys = Credentials::new(id, secret, env("AWS_SESSION_TOKEN"), None, "Environment");
        Some(Source {
            provider: SharedCredentialsProvider::new(keys),
            name: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
            tried: String::new(),
            is_search: false,
        })
    }
}

#[cfg(feature = "aws-config")]
pub(crate) mod chain {
    use aws_config::default_provider::credentials::DefaultCredentialsChain;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use super::{Source, sdk};
    use crate::error::Error;

    pub(super) async fn source() -> Result<Source, Error> {
        let chain = DefaultCredentialsChain::builder()
            .configure(sdk::config())
            .build()
            .await;
        Ok(Source {
            provider: SharedCredentialsProvider::new(chain),
            name: "the AWS default chain".to_owned(),
            tried: "looked at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the AWS profile that AWS_PROFILE names (else \
                    `default`) in ~/.aws, the web identity token of AWS_WEB_IDENTITY_TOKEN_FILE, the container's \
                    credentials endpoint, and the EC2 instance's"
                .to_owned(),
 is_search: true,
        })
    }
}

#[cfg(not(feature = "aws-config"))]
mod chain {
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use aws_credential_types::provider::error::CredentialsError;

    use super::Source;
    use crate::error::Error;

    pub(super) async fn source() -> Result<Source, Error> {
        let none = aws_credential_types::credential_fn::provide_credentials_fn(|| async {
            Err::<Credentials, _>(CredentialsError::not_loaded_no_source())
        });
        Ok(Source {
            provider: SharedCredentialsProvider::new(none),
            name: "the environment".to_owned(),
            tried: "looked at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only, since this program was built without \
                    the feature `aws-config` of dsql-connect"
                .to_owned(),
 is_search: true,
        })
    }
}

#[cfg(feature = "aws-config")]
mod profile {
    use aws_config::profile::ProfileFileCredentialsProvider;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use super::{Source, sdk};
    use crate::config::Config;
    use crate::error::Error;

    pub(super) fn source(config: &Config, profile: &str) -> Result<Source, Error> {
        // A profile that assumes a role asks STS, which has a region too.
        let region = config
            .endpoint()
            .ok()
            .map(|endpoint| endpoint.region().to_owned());
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(&sdk::config().with_region(region.map(aws_config::Region::new)))
            .profile_name(profile)
            .build();
        Ok(Source {
            provider: SharedCredentialsProvider::new(provider),
            name: format!("the AWS profile `{profile}`"),
            tried: format!(
                "only the AWS profile `{profile}` was looked at, since the settings name it"
            ),
            is_search: false,
        })
    }
}

#[cfg(not(feature = "aws-config"))]
mod profile {
    use super::Source;
    use crate::config::{Config, wrong};
    use crate::error::Error;

    pub(super) fn source(_config: &Config, _profile: &str) -> Result<Source, Error> {
        Err(wrong(
            "profile",
            "this program was built without the feature `aws-config` of dsql-connect",
        ))
    }
}

/// The region of the profile of the settings, or of the one that `AWS_PROFILE` names.
#[cfg(feature = "aws-config")]
pub(crate) async fn profile_region(config: &Config) -> Option<String> {
    use aws_config::meta::region::ProvideRegion;

    let mut builder =
        aws_config::profile::ProfileFileRegionProvider::builder().configure(&sdk::config());
    if let Some(profile) = config.get_profile() {
        builder = builder.profile_name(profile);
    }
    builder
        .build()
        .region()
        .await
        .map(|region| region.to_string())
}

#[cfg(not(feature = "aws-config"))]
pub(crate) async fn profile_region(_config: &Config) -> Option<String> {
    None
}

#[cfg(feature = "aws-config")]
mod sdk {
    use aws_config::provider_config::ProviderConfig;
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

    /// For those providers that ask over HTTP: rustls on ring, as everywhere here.
    pub(super) fn config() -> ProviderConfig {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        ProviderConfig::without_region().with_http_client(http)
    }
}
