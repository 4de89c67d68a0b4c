//! Connecting to Aurora DSQL: settings, endpoints, IAM tokens, error classes, retry policy.
//!
//! What every adapter needs and no driver knows. Nothing here opens a connection.
//!
//! ```
//! use dsql_connect::{Config, Credentials};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), dsql_connect::Error> {
//! let mut config: Config = "dsql://admin@abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws/postgres".parse()?;
//! config.credentials(Credentials::from_keys("AKIDEXAMPLE", "secret", None)); // else the AWS default chain
//!
//! let tokens = config.tokens().await?;
//! let endpoint = tokens.endpoint();
//! println!("connect to {} as {}", endpoint, config.get_user());
//! let password = tokens.token().await?; // anew for every connection; signed only when it must be
//! assert!(password.expose().contains("Action=DbConnectAdmin"));
//! # Ok(())
//! # }
//! ```
//!
//! | to | use |
//! |---|---|
//! | read or write settings | [`Config`] |
//! | know where to connect to | [`Config::endpoint`], [`Tokens::endpoint`] |
//! | sign in | [`Tokens::token`], or [`sign`] by hand |
//! | check who signs in | [`verify()`] |
//! | know what an error means | [`ErrorClass`] |
//! | try again | [`RetryPolicy`] |
//!
//! # Features
//!
//! `aws-config` (on by default): the AWS default credential chain and named profiles. Without it there are the keys in
//! the environment, and those and the [provider](Config::credentials_provider) that a program gives.

mod application_name;
mod config;
mod credentials;
mod date;
mod endpoint;
mod error;
mod error_class;
mod retry;
mod token;
mod tokens;
mod url;
pub mod verify;

pub use application_name::application_name;
pub use aws_credential_types::Credentials;
pub use aws_credential_types::provider::error::CredentialsError;
pub use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
pub use config::{Config, RootCert, SslMode};
pub use endpoint::Endpoint;
pub use error::{CredentialsFailure, Error};
pub use error_class::ErrorClass;
pub use retry::{FailedAttempt, RetryPolicy};
pub use token::{Action, DEFAULT_TOKEN_DURATION, MAX_TOKEN_DURATION, Token, sign};
pub use tokens::Tokens;
#[doc(no_inline)]
pub use verify::verify;
