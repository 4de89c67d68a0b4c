//! Verifying an IAM token, as a server does: the other side of [`sign`](crate::sign).

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use percent_encoding::percent_decode_str;

use crate::date;
use crate::token::{Action, MAX_TOKEN_DURATION, SERVICE, query, signature};

/// How far a client's clock may run ahead: 5 minutes, as AWS allows with SigV4.
const SKEW: Duration = Duration::from_secs(300);

/// What a token must be good for.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// The database role that signs in.
    pub user: &'a str,
    /// The host names that the token may be signed for, without port.
    pub hosts: &'a [&'a str],
    /// The AWS region that it must be signed for.
    pub region: &'a str,
    /// The time.
    pub now: SystemTime,
    /// The credentials that an access key id belongs to, if it is known.
    pub secret_for: &'a dyn Fn(&str) -> Option<Credentials>,
}

/// Why a token was refused.
///
/// [`message`](Self::message) and the details of [`WrongAction`](Self::WrongAction) are the service's own texts, and
/// so is the beginning of that of [`Expired`](Self::Expired); the other details are this crate's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRefusal {
    /// It is not a token: something is missing, twice there, or not known.
    #[error("unable to accept connection, access denied: {0}")]
    Malformed(Detail),
    /// It is signed for the other action than the role needs.
    #[error("unable to accept connection, access denied: {0}")]
    WrongAction(Detail),
    /// Its time is over, or has not begun.
    #[error("unable to accept connection, access denied: {0}")]
    Expired(Detail),
    /// It is signed for another host, region or service.
    #[error("unable to accept connection, access denied: {0}")]
    WrongScope(Detail),
    /// The access key is not known, or the signature is not that of its owner.
    #[error("unable to accept connection, access denied: {0}")]
    WrongSignature(Detail),
}

/// The detail of a refusal: what a server sends as HINT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail(String);

/// Verifies a token: its form, action, host, region, service, time and signature.
///
/// # Errors
///
/// The first reason to refuse it. Nothing of the token is repeated but its action and its date.
pub fn verify(token: &str, expected: &Expected<'_>) -> Result<(), TokenRefusal> {
    let token = Parts::read(token)?;
    let wanted = Action::for_user(expected.user);
    if token.action != wanted {
        return Err(TokenRefusal::WrongAction(Detail(format!(
            "Wrong user to action mapping. user: {}, action: {}",
            expected.user, token.action
        ))));
    }
    token.check_scope(expected)?;
    token.check_time(expected.now)?;
    let unknown =
        || TokenRefusal::WrongSignature(Detail("The token's signature is not valid.".to_owned()));
    let credentials = (expected.secret_for)(&token.access_key_id).ok_or_else(unknown)?;
    let query = query(
        expected.region,
        token.action,
        &credentials,
        token.lifetime.as_secs(),
        token.date,
    );
    // The signature is recomputed over the session token that is known, so the one that was sent is compared itself.
    let sent = token.session_token.as_deref().map(str::as_bytes);
    let known = credentials.session_token().map(str::as_bytes);
    if !same(sent.unwrap_or_default(), known.unwrap_or_default())
        || sent.is_some() != known.is_some()
    {
        return Err(unknown());
    }
    let signature = signature(
        token.host,
        expected.region,
        &credentials,
        &query,
        token.signed_at,
        token.date,
    );
    if same(signature.as_bytes(), token.signature.as_bytes()) {
        Ok(())
    } else {
        Err(unknown())
    }
}

impl TokenRefusal {
    /// The message of the FATAL error: `unable to accept connection, access denied`.
    pub fn message(&self) -> &'static str {
        "unable to accept connection, access denied"
    }

    /// Why. The service says it as the HINT of the error.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Malformed(detail)
            | Self::WrongAction(detail)
            | Self::Expired(detail)
            | Self::WrongScope(detail)
            | Self::WrongSignature(detail) => Some(&detail.0),
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected")
            .field("user", &self.user)
            .field("hosts", &self.hosts)
            .field("region", &self.region)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// A token taken apart.
struct Parts<'t> {
    host: &'t str,
    action: Action,
    access_key_id: String,
    /// `day/region/service/aws4_request`
    scope: String,
    date: &'t str,
    signed_at: SystemTime,
    lifetime: Duration,
    session_token: Option<String>,
    signature: &'t str,
}

impl<'t> Parts<'t> {
    fn read(token: &'t str) -> Result<Self, TokenRefusal> {
        let malformed = |what: &str| TokenRefusal::Malformed(Detail(what.to_owned()));
        let (host, query) = token
            .split_once("/?")
            .ok_or_else(|| malformed("The password is not an IAM token."))?;
        let mut values = [None; KEYS.len()];
        for pair in query.split('&') {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| malformed("The token has a parameter without a value."))?;
            let place = KEYS
                .iter()
                .position(|known| *known == key)
                .ok_or_else(|| malformed("The token has a parameter that is not known."))?;
            if values[place].replace(value).is_some() {
                return Err(malformed("The token has a parameter twice."));
            }
        }
        let [
            action,
            algorithm,
            credential,
            date,
            expires,
            session_token,
            headers,
            signature,
        ] = values;
        let missing = || malformed("The token lacks a parameter.");
        if algorithm.ok_or_else(missing)? != "AWS4-HMAC-SHA256"
            || headers.ok_or_else(missing)? != "host"
        {
            return Err(malformed(
                "The token is not signed by AWS4-HMAC-SHA256 over the header host.",
            ));
        }
        let action = Action::from_name(action.ok_or_else(missing)?).ok_or_else(|| {
            malformed("The token's action is neither DbConnect nor DbConnectAdmin.")
        })?;
        let credential = percent_decode_str(credential.ok_or_else(missing)?)
            .decode_utf8()
            .map_err(|_| malformed("The token's credential is not text."))?;
        let (access_key_id, scope) = credential
            .split_once('/')
            .ok_or_else(|| malformed("The token's credential has no scope."))?;
        let session_token = session_token
            .map(|text| {
                percent_decode_str(text)
                    .decode_utf8()
                    .map(|text| text.into_owned())
            })
            .transpose()
            .map_err(|_| malformed("The token's session token is not text."))?;
        let date = date.ok_or_else(missing)?;
        let signed_at =
            date::parse(date).ok_or_else(|| malformed("The token's date is not one."))?;
        let seconds = expires
            .ok_or_else(missing)?
            .parse()
            .ok()
            .filter(|seconds| (1..=MAX_TOKEN_DURATION.as_secs()).contains(seconds))
            .ok_or_else(|| {
                malformed("The token's lifetime is not between 1 and 604800 seconds.")
            })?;
        Ok(Self {
            host,
            action,
            access_key_id: access_key_id.to_owned(),
            scope: scope.to_owned(),
            date,
            signed_at,
            lifetime: Duration::from_secs(seconds),
            session_token,
            signature: signature.ok_or_else(missing)?,
        })
    }

    fn check_scope(&self, expected: &Expected<'_>) -> Result<(), TokenRefusal> {
        let wrong = |what: String| Err(TokenRefusal::WrongScope(Detail(what)));
        if !expected
            .hosts
            .iter()
            .any(|host| host.eq_ignore_ascii_case(self.host))
        {
            return wrong("The token is signed for another host.".to_owned());
        }
        let mut scope = self.scope.split('/');
        let parts = [
            scope.next(),
            scope.next(),
            scope.next(),
            scope.next(),
            scope.next(),
        ];
        if parts[1] != Some(expected.region) {
            return wrong(format!(
                "The token is signed for another region than {}.",
                expected.region
            ));
        }
        if parts[2] != Some(SERVICE) {
            return wrong(format!(
                "The token is signed for another service than {SERVICE}."
            ));
        }
        if parts[0] != self.date.get(..8) || parts[3] != Some("aws4_request") || parts[4].is_some()
        {
            return wrong(
                "The scope of the token's credential is not that of its date.".to_owned(),
            );
        }
        Ok(())
    }

    fn check_time(&self, now: SystemTime) -> Result<(), TokenRefusal> {
        let end = self.signed_at + self.lifetime;
        if now >= end {
            return Err(TokenRefusal::Expired(Detail(format!(
                "Signature expired: {} is now earlier than {}",
                date::format(end),
                date::format(now)
            ))));
        }
        if self.signed_at > now + SKEW {
            return Err(TokenRefusal::Expired(Detail(format!(
                "Signature not yet current: {} is still later than {}",
                self.date,
                date::format(now)
            ))));
        }
        Ok(())
    }
}

/// The parameters of a token, in the order of the array in [`Parts::read`].
const KEYS: [&str; 8] = [
    "Action",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
];

/// Compares in a time that does not depend on where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    let difference = a
        .iter()
        .zip(b)
        .fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
    a.len() == b.len() && black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;

    use super::*;
    use crate::{DEFAULT_TOKEN_DURATION, sign};

    const HOST: &str = "localhost";

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_246_200)
    }

    fn keys() -> Credentials {
        Credentials::from_keys("AKIDEXAMPLE", "secret", None)
    }

    fn token(action: Action) -> String {
        sign(
            HOST,
            "us-east-1",
            action,
            &keys(),
            DEFAULT_TOKEN_DURATION,
            now(),
        )
        .expose()
        .to_owned()
    }

    fn check(
        token: &str,
        user: &str,
        region: &str,
        host: &str,
        now: SystemTime,
        known: &Credentials,
    ) -> Result<(), TokenRefusal> {
        let secret_for = |id: &str| (id == known.access_key_id()).then(|| known.clone());
        verify(
            token,
            &Expected {
                user,
                hosts: &[host],
                region,
                now,
                secret_for: &secret_for,
            },
        )
    }

    fn detail(result: Result<(), TokenRefusal>) -> String {
        let refusal = result.unwrap_err();
        assert_eq!(
            refusal.message(),
            "unable to accept connection, access denied"
        );
        refusal.detail().unwrap().to_owned()
    }

    #[test]
    fn a_token_of_ours_is_accepted_until_it_expires() {
        let admin = token(Action::DbConnectAdmin);
        let at = |seconds: u64| now() + Duration::from_secs(seconds);
        assert_eq!(
            check(&admin, "admin", "us-east-1", HOST, at(0), &keys()),
            Ok(())
        );
        assert_eq!(
            check(&admin, "admin", "us-east-1", HOST, at(899), &keys()),
            Ok(())
        );
        assert_eq!(
            detail(check(&admin, "admin", "us-east-1", HOST, at(900), &keys())),
            "Signature expired: 20261121T074500Z is now earlier than 20261121T074500Z"
        );
        let role = token(Action::DbConnect);
        assert_eq!(
            check(&role, "clinic", "us-east-1", HOST, at(1), &keys()),
            Ok(())
        );
    }

    #[test]
    fn the_action_must_fit_the_user() {
        assert_eq!(
            detail(check(
                &token(Action::DbConnect),
                "admin",
                "us-east-1",
                HOST,
                now(),
                &keys()
            )),
            "Wrong user to action mapping. user: admin, action: DbConnect"
        );
        assert_eq!(
            detail(check(
                &token(Action::DbConnectAdmin),
                "clinic",
                "us-east-1",
                HOST,
                now(),
                &keys()
            )),
            "Wrong user to action mapping. user: clinic, action: DbConnectAdmin"
        );
    }

    #[test]
    fn another_host_region_secret_or_key_is_refused() {
        let admin = token(Action::DbConnectAdmin);
        let other_secret = Credentials::from_keys("AKIDEXAMPLE", "another", None);
        let other_key = Credentials::from_keys("AKIDOTHER", "secret", None);
        let session = Credentials::from_keys("AKIDEXAMPLE", "secret", Some("session".to_owned()));
        for (region, host, keys) in [
            ("eu-west-1", HOST, keys()),
            ("us-east-1", "elsewhere", keys()),
            ("us-east-1", HOST, other_secret),
            ("us-east-1", HOST, other_key),
            ("us-east-1", HOST, session),
        ] {
            detail(check(&admin, "admin", region, host, now(), &keys));
        }
    }

    #[test]
    fn a_token_with_a_session_token_needs_the_same_one() {
        let session =
            |text: &str| Credentials::from_keys("AKIDEXAMPLE", "secret", Some(text.to_owned()));
        let token = sign(
            HOST,
            "us-east-1",
            Action::DbConnectAdmin,
            &session("a+b/c="),
            DEFAULT_TOKEN_DURATION,
            now(),
        );
        let check =
            |keys: &Credentials| check(token.expose(), "admin", "us-east-1", HOST, now(), keys);
        assert_eq!(check(&session("a+b/c=")), Ok(()));
        assert!(check(&session("other")).is_err());
        assert!(check(&keys()).is_err());
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let admin = token(Action::DbConnectAdmin);
        for place in 0..admin.len() {
            let mut bytes = admin.clone().into_bytes();
            bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(
                check(&changed, "admin", "us-east-1", HOST, now(), &keys()).is_err(),
                "{changed}"
            );
        }
    }

    #[test]
    fn the_order_of_the_parameters_does_not_matter() {
        let admin = token(Action::DbConnectAdmin);
        let (host, query) = admin.split_once("/?").unwrap();
        let mut pairs: Vec<&str> = query.split('&').collect();
        pairs.reverse();
        let turned = format!("{host}/?{}", pairs.join("&"));
        assert_eq!(
            check(&turned, "admin", "us-east-1", HOST, now(), &keys()),
            Ok(())
        );
    }

    #[test]
    fn a_refusal_repeats_nothing_of_the_token() {
        let refusal = check("hunter2", "admin", "us-east-1", HOST, now(), &keys()).unwrap_err();
        assert!(!format!("{refusal} {refusal:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}", place in 0..200_usize, insert in "\\PC{0,9}") {
            let _ = check(&text, "admin", "us-east-1", HOST, now(), &keys());
            let mut admin = token(Action::DbConnectAdmin);
            if admin.is_char_boundary(place) {
                admin.insert_str(place, &insert);
            }
            let _ = check(&admin, "admin", "us-east-1", HOST, now(), &keys());
        }
    }
}
