//! Tokens as they are needed, without making one for every connection.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;

use crate::config::Config;
use crate::credentials::{Source, profile_region};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::token::{Action, Token, sign};

/// How long credentials go unasked for while a token lasts, so that ones that were changed are noticed.
const ASK_AGAIN: Duration = Duration::from_secs(600);

/// A token is signed anew when it has less than this left.
const SPARE: Duration = Duration::from_secs(60);

/// How long to leave a provider alone that failed, or whose credentials are about to end, while the token lasts.
const PAUSE: Duration = Duration::from_secs(1);

/// The tokens of a connection's settings: fresh ones, for as long as there are credentials.
///
/// A token is kept and handed out again until less than a third of its life or 60 seconds are left, or it is 10 minutes
/// old; its life ends with that of the credentials that signed it. Only then are the credentials asked for again and a
/// new one is signed, by one caller: the others are given the old one while it lasts. If that fails and the old one
/// still lasts, it is handed out, and the next caller tries again. Nothing runs in the background, so a program that
/// was frozen finds no stale token.
///
/// Clones share what is kept.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), dsql_connect::Error> {
/// use dsql_connect::{Config, Credentials};
///
/// let mut config = Config::new("localhost");
/// config.region("us-east-1").credentials(Credentials::from_keys("AKIDEXAMPLE", "secret", None));
/// let tokens = config.tokens().await?;
/// let password = tokens.token().await?;
/// assert!(password.expose().starts_with("localhost/?Action=DbConnectAdmin&"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Tokens {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    endpoint: Endpoint,
    action: Action,
    duration: Duration,
    source: Option<Source>,
    kept: RwLock<Option<Kept>>,
    signing: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug)]
struct Kept {
    token: Token,
    signed_at: SystemTime,
    renew_at: SystemTime,
}

impl Config {
    /// What makes tokens for these settings. It asks for credentials once, so that it fails here when there are none.
    ///
    /// # Errors
    ///
    /// When a setting cannot be used, the region is not known (not even to the AWS profile), or there are no
    /// credentials. With a [`password`](Self::password) set no credentials are looked for.
    pub async fn tokens(&self) -> Result<Tokens, Error> {
        let endpoint = match self.endpoint() {
            Err(Error::NoRegion { .. }) => {
                let region = profile_region(self).await;
                self.endpoint_in(&crate::config::env, region)?
            }
            endpoint => endpoint?,
        };
        let mut shared = Shared {
            endpoint,
            action: Action::for_user(self.get_user()),
            duration: self.get_token_duration(),
            source: None,
            kept: RwLock::default(),
            signing: tokio::sync::Mutex::default(),
        };
        match self.get_password() {
            Some(password) => {
                let token = Token::ready(password.clone());
                let now = SystemTime::now();
                shared.kept = RwLock::new(Some(Kept {
                    token,
                    signed_at: now,
                    renew_at: now,
                }));
                Ok(Tokens {
                    shared: Arc::new(shared),
                })
            }
            None => {
                shared.source = Some(Source::of(self).await?);
                let tokens = Tokens {
                    shared: Arc::new(shared),
                };
                tokens.token().await?;
                Ok(tokens)
            }
        }
    }
}

impl Tokens {
    /// A token that is good for connecting now.
    ///
    /// # Errors
    ///
    /// When no token is left that still lasts and the credentials cannot be had.
    pub async fn token(&self) -> Result<Token, Error> {
        self.shared.token_at(SystemTime::now()).await
    }

    /// Where to connect to, and what the tokens are signed for.
    pub fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    /// What the tokens let their bearer do.
    pub fn action(&self) -> Action {
        self.shared.action
    }
}

impl Shared {
    async fn token_at(&self, now: SystemTime) -> Result<Token, Error> {
        let kept = self.kept();
        let Some(source) = &self.source else {
            let ready = kept.map(|kept| kept.token);
            return ready.ok_or_else(|| crate::config::wrong("password", "it is not set"));
        };
        let _signing = match kept {
            Some(kept) if kept.is_fresh(now) => return Ok(kept.token),
            // Whoever signs already need not be waited for.
            Some(kept) if kept.lasts(now) => match self.signing.try_lock() {
                Ok(signing) => signing,
                Err(_) => return Ok(kept.token),
            },
            _ => self.signing.lock().await,
        };
        let kept = self.kept();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_fresh(now)) {
            return Ok(kept.token.clone());
        }
        match self.sign(source, now).await {
            Ok(signed) => {
                self.keep(signed.clone());
                Ok(signed.token)
            }
            Err(error) => match kept.filter(|kept| kept.lasts(now)) {
                Some(mut kept) => {
                    tracing::warn!(%error, "a new token could not be signed; the one at hand still lasts");
                    kept.renew_at = now + PAUSE;
                    self.keep(kept.clone());
                    Ok(kept.token)
                }
                None => Err(error),
            },
        }
    }

    async fn sign(&self, source: &Source, now: SystemTime) -> Result<Kept, Error> {
        let credentials = source
            .provider
            .provide_credentials()
            .await
            .map_err(|error| source.failed(error))?;
        if credentials.expiry().is_some_and(|expiry| expiry <= now) {
            return Err(source.failed(CredentialsError::provider_error(
                "the credentials that it gave have expired",
            )));
        }
        let token = sign(
            self.endpoint.signing_host(),
            self.endpoint.region(),
            self.action,
            &credentials,
            self.duration,
            now,
        );
        let life = token.expires_at().duration_since(now).unwrap_or_default();
        let fresh = (life * 2 / 3)
            .min(life.saturating_sub(SPARE))
            .min(ASK_AGAIN)
            .max(PAUSE.min(life / 2));
        Ok(Kept {
            token,
            signed_at: now,
            renew_at: now + fresh,
        })
    }

    fn kept(&self) -> Option<Kept> {
        self.kept
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn keep(&self, kept: Kept) {
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }
}

impl Kept {
    /// Need nothing be done about it? A clock that was put back makes it stale, as the time of signing is then ahead.
    fn is_fresh(&self, now: SystemTime) -> bool {
        now >= self.signed_at && now < self.renew_at
    }

    /// Is it long enough from its end to connect with?
    fn lasts(&self, now: SystemTime) -> bool {
        now >= self.signed_at && now + PAUSE < self.token.expires_at()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    use aws_credential_types::Credentials;
    use aws_credential_types::provider;

    use super::*;

    fn config() -> Config {
        let mut config = Config::new("localhost");
        config.region("us-east-1");
        config
    }

    fn keys(id: &str, expiry: Option<SystemTime>) -> Credentials {
        Credentials::new(id, "secret", None, expiry, "test")
    }

    /// Settings whose provider gives what stands in the cell, and counts how often it is asked.
    fn counted(answer: provider::Result) -> (Config, Arc<Mutex<provider::Result>>, Arc<AtomicU32>) {
        let asked = Arc::new(AtomicU32::new(0));
        let answer = Arc::new(Mutex::new(answer));
        let mut config = config();
        let (count, cell) = (Arc::clone(&asked), Arc::clone(&answer));
        config.credentials_fn(move || {
            count.fetch_add(1, Ordering::Relaxed);
            let cell = cell.lock().unwrap();
            let answer = match &*cell {
                Ok(keys) => Ok(keys.clone()),
                Err(_) => Err(CredentialsError::provider_error("out of order")),
            };
            async move {
                tokio::task::yield_now().await;
                answer
            }
        });
        (config, answer, asked)
    }

    fn after(tokens: &Tokens, seconds: u64) -> SystemTime {
        tokens.shared.kept().unwrap().signed_at + Duration::from_secs(seconds)
    }

    #[tokio::test]
    async fn can_be_asked_for_on_any_thread() {
        let (config, ..) = counted(Ok(keys("AKID1", None)));
        let asked = tokio::spawn(async move { config.tokens().await });
        assert!(asked.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn a_token_is_handed_out_again_until_two_thirds_of_its_life() {
        let (config, _, asked) = counted(Ok(keys("AKID1", None)));
        let tokens = config.tokens().await.unwrap();
        let (early, late) = (after(&tokens, 599), after(&tokens, 600));
        let first = tokens.token().await.unwrap();
        assert_eq!(
            tokens.shared.token_at(early).await.unwrap().expose(),
            first.expose()
        );
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_ne!(
            tokens.shared.token_at(late).await.unwrap().expose(),
            first.expose()
        );
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_token_of_a_week_notices_changed_credentials_within_ten_minutes() {
        let (mut config, answer, _) = counted(Ok(keys("AKID1", None)));
        config.token_duration(crate::MAX_TOKEN_DURATION);
        let tokens = config.tokens().await.unwrap();
        *answer.lock().unwrap() = Ok(keys("AKID2", None));
        let later = after(&tokens, 600);
        assert!(
            tokens
                .shared
                .token_at(later)
                .await
                .unwrap()
                .expose()
                .contains("AKID2")
        );
    }

    #[tokio::test]
    async fn a_token_ends_with_its_credentials() {
        let end = SystemTime::now() + Duration::from_secs(300);
        let (config, answer, _) = counted(Ok(keys("AKID1", Some(end))));
        let tokens = config.tokens().await.unwrap();
        assert_eq!(tokens.token().await.unwrap().expires_at(), end);
        *answer.lock().unwrap() = Ok(keys("AKID2", None));
        let later = after(&tokens, 201);
        assert!(
            tokens
                .shared
                .token_at(later)
                .await
                .unwrap()
                .expose()
                .contains("AKID2")
        );
    }

    #[tokio::test]
    async fn a_failing_provider_is_bridged_while_the_token_lasts() {
        let (config, answer, asked) = counted(Ok(keys("AKID1", None)));
        let tokens = config.tokens().await.unwrap();
        *answer.lock().unwrap() = Err(CredentialsError::not_loaded_no_source());
        let (stale, soon, over) = (
            after(&tokens, 700),
            after(&tokens, 701),
            after(&tokens, 900),
        );
        assert!(tokens.shared.token_at(stale).await.is_ok());
        assert!(tokens.shared.token_at(stale).await.is_ok());
        assert_eq!(
            asked.load(Ordering::Relaxed),
            2,
            "a failed provider is left alone for a second"
        );
        assert!(tokens.shared.token_at(soon).await.is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 3);
        let error = tokens.shared.token_at(over).await.unwrap_err().to_string();
        assert!(error.contains("out of order"), "{error}");
    }

    #[tokio::test]
    async fn many_callers_ask_for_credentials_once() {
        let (config, _, asked) = counted(Ok(keys("AKID1", None)));
        let tokens = config.tokens().await.unwrap();
        let over = after(&tokens, 10_000);
        let callers: Vec<_> = (0..50)
            .map(|_| {
                let tokens = tokens.clone();
                tokio::spawn(async move { tokens.shared.token_at(over).await.is_ok() })
            })
            .collect();
        for caller in callers {
            assert!(caller.await.unwrap());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_caller_who_gives_up_does_not_block_the_others() {
        let (config, _, _) = counted(Ok(keys("AKID1", None)));
        let tokens = config.tokens().await.unwrap();
        let over = after(&tokens, 10_000);
        {
            let mut asking = std::pin::pin!(tokens.shared.token_at(over));
            let poll = std::future::poll_fn(|context| {
                std::task::Poll::Ready(asking.as_mut().poll(context).is_pending())
            });
            assert!(poll.await);
        }
        assert!(tokens.shared.token_at(over).await.is_ok());
    }

    #[tokio::test]
    async fn a_clock_that_was_put_back_makes_a_token_stale() {
        let (config, _, asked) = counted(Ok(keys("AKID1", None)));
        let tokens = config.tokens().await.unwrap();
        let before = tokens.shared.kept().unwrap().signed_at - Duration::from_secs(3600);
        assert!(tokens.shared.token_at(before).await.is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn expired_credentials_are_an_error() {
        let (config, _, _) = counted(Ok(keys("AKID1", Some(SystemTime::UNIX_EPOCH))));
        let error = config.tokens().await.unwrap_err().to_string();
        assert!(error.contains("have expired"), "{error}");
    }

    #[tokio::test]
    async fn a_ready_token_is_sent_as_it_is() {
        let mut config = config();
        config.password("hunter2");
        let tokens = config.tokens().await.unwrap();
        assert_eq!(tokens.token().await.unwrap().expose(), "hunter2");
        assert!(!format!("{tokens:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn secrets_are_not_printed() {
        let mut config = config();
        config.credentials(Credentials::from_keys(
            "AKID1",
            "hunter2",
            Some("hunter3".to_owned()),
        ));
        let tokens = config.tokens().await.unwrap();
        let printed = format!("{tokens:?} {:?}", tokens.token().await.unwrap());
        assert!(
            !printed.contains("hunter") && !printed.contains("X-Amz-Signature"),
            "{printed}"
        );
    }

    #[tokio::test]
    async fn a_provider_that_has_none_is_told_from_one_that_fails() {
        let mut config = config();
        config.credentials_fn(|| async { Err(CredentialsError::not_loaded("nothing there")) });
        let error = config.tokens().await.unwrap_err();
        assert!(matches!(error, Error::NoCredentials { .. }));
        let text = error.to_string();
        assert!(
            text.contains("AWS_ACCESS_KEY_ID") && text.contains("nothing there"),
            "{text}"
        );
    }

    #[cfg(feature = "aws-config")]
    #[tokio::test]
    async fn a_profile_that_is_not_there_is_named() {
        let mut config = config();
        config.profile("no-such-profile");
        let error = config.tokens().await.unwrap_err().to_string();
        assert!(error.contains("no-such-profile"), "{error}");
    }
}
