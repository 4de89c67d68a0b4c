//! The IAM token with which a client signs in: a SigV4 pre-signed request, made without a network call.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::date;

/// How long a token is good for unless [`Config::token_duration`](crate::Config::token_duration) says otherwise: 15
/// minutes, as in the AWS SDKs and connectors.
pub const DEFAULT_TOKEN_DURATION: Duration = Duration::from_secs(900);

/// How long a token can be good for at most: a week, as the service's user guide says.
pub const MAX_TOKEN_DURATION: Duration = Duration::from_secs(604_800);

/// The name that the service signs under.
pub(crate) const SERVICE: &str = "dsql";

/// An IAM token: what a client sends as its password.
///
/// It is checked when a connection is made and not after. Neither `Debug` nor anything else prints it;
/// [`expose`](Self::expose) gives it away.
#[derive(Clone)]
pub struct Token {
    text: SecretString,
    expires_at: SystemTime,
}

/// What a token lets its bearer do; the IAM permission of the same name is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Sign in as `admin`.
    DbConnectAdmin,
    /// Sign in as any other role.
    DbConnect,
}

/// Signs a token: a request for `host` (the cluster's public host name, without port) that is good for `duration`
/// from `now`, cut to whole seconds.
///
/// The shape is that of the AWS SDKs, with `X-Amz-Security-Token` when the credentials are temporary. Nothing is
/// checked, and no time is kept: [`Tokens`](crate::Tokens) does that.
///
/// ```
/// use std::time::SystemTime;
/// use dsql_connect::{Action, Credentials, DEFAULT_TOKEN_DURATION, sign};
///
/// let keys = Credentials::from_keys("AKIDEXAMPLE", "secret", None);
/// let host = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws";
/// let token = sign(host, "us-east-1", Action::DbConnectAdmin, &keys, DEFAULT_TOKEN_DURATION, SystemTime::now());
/// assert!(token.expose().starts_with(&format!("{host}/?Action=DbConnectAdmin&X-Amz-Algorithm=AWS4-HMAC-SHA256&")));
/// ```
pub fn sign(
    host: &str,
    region: &str,
    action: Action,
    credentials: &Credentials,
    duration: Duration,
    now: SystemTime,
) -> Token {
    let date = date::format(now);
    let query = query(region, action, credentials, duration.as_secs(), &date);
    let signature = signature(host, region, credentials, &query, now, &date);
    Token {
        text: SecretString::from(format!("{host}/?{query}&X-Amz-Signature={signature}")),
        expires_at: credentials
            .expiry()
            .map_or(now + duration, |end| end.min(now + duration)),
    }
}

impl Token {
    /// A token that was made elsewhere. Its expiry is read from it; a text that is not a token counts as one that
    /// does not expire.
    pub(crate) fn ready(text: SecretString) -> Self {
        let expires_at = expiry(text.expose_secret())
            .unwrap_or_else(|| SystemTime::now() + Duration::from_secs(100 * 365 * 86_400));
        Self { text, expires_at }
    }

    /// The token itself, to be sent as the password and kept out of logs.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// From when on the service refuses it: when its time is over, or the credentials that signed it have expired.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}

impl Action {
    /// The action that a database role signs in with: [`DbConnectAdmin`](Self::DbConnectAdmin) for `admin`,
    /// [`DbConnect`](Self::DbConnect) for every other.
    pub fn for_user(user: &str) -> Self {
        if user == "admin" {
            Self::DbConnectAdmin
        } else {
            Self::DbConnect
        }
    }

    /// The action's name, as it stands in a token.
    pub fn name(self) -> &'static str {
        match self {
            Self::DbConnectAdmin => "DbConnectAdmin",
            Self::DbConnect => "DbConnect",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::DbConnectAdmin, Self::DbConnect]
            .into_iter()
            .find(|action| action.name() == name)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The query without its signature. Its keys are in the order in which SigV4 wants them signed.
pub(crate) fn query(
    region: &str,
    action: Action,
    credentials: &Credentials,
    seconds: u64,
    date: &str,
) -> String {
    let key = utf8_percent_encode(credentials.access_key_id(), RESERVED);
    let region = utf8_percent_encode(region, RESERVED);
    let day = date.get(..8).unwrap_or(date);
    let mut query = format!(
        "Action={action}&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential={key}%2F{day}%2F{region}%2F{SERVICE}%2Faws4_request\
         &X-Amz-Date={date}&X-Amz-Expires={seconds}"
    );
    if let Some(token) = credentials.session_token() {
        query.push_str("&X-Amz-Security-Token=");
        query.extend(utf8_percent_encode(token, RESERVED));
    }
    query.push_str("&X-Amz-SignedHeaders=host");
    query
}

/// The signature of a GET for `/` on the host, with that query and an empty body.
pub(crate) fn signature(
    host: &str,
    region: &str,
    credentials: &Credentials,
    query: &str,
    now: SystemTime,
    date: &str,
) -> String {
    let request = format!("GET\n/\n{query}\nhost:{host}\n\nhost\n{EMPTY_SHA256}");
    let day = date.get(..8).unwrap_or(date);
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{SERVICE}/aws4_request\n{}",
        hex(&Sha256::digest(request.as_bytes()))
    );
    let key = v4::generate_signing_key(credentials.secret_access_key(), now, region, SERVICE);
    v4::calculate_signature(key, to_sign.as_bytes())
}

/// What SigV4 percent-encodes: all but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

fn expiry(token: &str) -> Option<SystemTime> {
    let (_, query) = token.split_once("/?")?;
    let value = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    };
    let seconds = value("X-Amz-Expires")?.parse().ok()?;
    date::parse(value("X-Amz-Date")?)?.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use aws_sigv4::http_request::{
        SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    };

    use super::*;

    const HOST: &str = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws";

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_246_200)
    }

    fn keys(session: Option<&str>) -> Credentials {
        Credentials::from_keys(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            session.map(str::to_owned),
        )
    }

    /// Made by this program, which shares nothing with the code under test:
    ///
    /// ```python
    /// import hashlib, hmac
    /// from urllib.parse import quote
    /// def token(session, action, expires):
    ///     secret, region = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1"
    ///     host, date = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws", "20261121T073000Z"
    ///     scope = f"{date[:8]}/{region}/dsql/aws4_request"
    ///     q = {"Action": action, "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Date": date,
    ///          "X-Amz-Credential": "AKIDEXAMPLE/" + scope, "X-Amz-Expires": str(expires),
    ///          "X-Amz-SignedHeaders": "host"}
    ///     if session: q["X-Amz-Security-Token"] = session
    ///     q = "&".join(f"{k}={quote(v, safe='-._~')}" for k, v in sorted(q.items()))
    ///     h = lambda b: hashlib.sha256(b).hexdigest()
    ///     m = lambda k, s: hmac.new(k, s.encode(), hashlib.sha256).digest()
    ///     request = f"GET\n/\n{q}\nhost:{host}\n\nhost\n{h(b'')}"
    ///     k = m(m(m(m(("AWS4" + secret).encode(), date[:8]), region), "dsql"), "aws4_request")
    ///     sig = m(k, f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{h(request.encode())}").hex()
    ///     return f"{host}/?{q}&X-Amz-Signature={sig}"
    /// print(token(None, "DbConnectAdmin", 900)); print(token("sess/ion+tok==", "DbConnect", 604800))
    /// ```
    #[test]
    fn agrees_with_an_independent_computation() {
        let admin = sign(
            HOST,
            "us-east-1",
            Action::DbConnectAdmin,
            &keys(None),
            DEFAULT_TOKEN_DURATION,
            now(),
        );
        assert_eq!(
            admin.expose(),
            "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws/?Action=DbConnectAdmin&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Fus-east-1%2Fdsql%2Faws4_request&X-Amz-Date=20261121T073000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=0b19063b5433e254009b02498280a0fdff55e70b8eb13683d3839eb8bbbdd1da"
        );
        let session = keys(Some("sess/ion+tok=="));
        let role = sign(
            HOST,
            "us-east-1",
            Action::DbConnect,
            &session,
            MAX_TOKEN_DURATION,
            now(),
        );
        assert_eq!(
            role.expose(),
            "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws/?Action=DbConnect&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Fus-east-1%2Fdsql%2Faws4_request&X-Amz-Date=20261121T073000Z&X-Amz-Expires=604800&X-Amz-Security-Token=sess%2Fion%2Btok%3D%3D&X-Amz-SignedHeaders=host&X-Amz-Signature=a476845668330a83a64ddd2fa2197b51c0e6a6a27ea747abe52048b0c40a5575"
        );
    }

    #[test]
    fn agrees_with_the_request_signing_of_the_aws_sdk() {
        for session in [None, Some("a session/token+with=reserved &characters~")] {
            let keys = keys(session);
            let ours = sign(
                HOST,
                "us-east-1",
                Action::DbConnect,
                &keys,
                DEFAULT_TOKEN_DURATION,
                now(),
            );
            let mut settings = SigningSettings::default();
            settings.expires_in = Some(DEFAULT_TOKEN_DURATION);
            settings.signature_location = SignatureLocation::QueryParams;
            let identity = keys.into();
            let params = aws_sigv4::sign::v4::SigningParams::builder()
                .identity(&identity)
                .region("us-east-1")
                .name(SERVICE)
                .time(now())
                .settings(settings)
                .build()
                .unwrap()
                .into();
            let request = SignableRequest::new(
                "GET",
                format!("https://{HOST}/?Action=DbConnect"),
                std::iter::empty(),
                SignableBody::Bytes(&[]),
            )
            .unwrap();
            let signed = aws_sigv4::http_request::sign(request, &params).unwrap();
            let signature = format!("X-Amz-Signature={}", signed.signature());
            assert!(ours.expose().ends_with(&signature), "{signature}");
        }
    }

    #[test]
    fn a_token_is_not_printed() {
        let token = sign(
            HOST,
            "us-east-1",
            Action::DbConnect,
            &keys(None),
            DEFAULT_TOKEN_DURATION,
            now(),
        );
        assert_eq!(format!("{token:?}"), "Token { .. }");
    }

    #[test]
    fn the_expiry_of_a_ready_token_is_read_from_it() {
        let signed = sign(
            HOST,
            "us-east-1",
            Action::DbConnect,
            &keys(None),
            DEFAULT_TOKEN_DURATION,
            now(),
        );
        let ready = Token::ready(signed.expose().to_owned().into());
        assert_eq!(ready.expires_at(), now() + DEFAULT_TOKEN_DURATION);
        assert!(Token::ready("anything".to_owned().into()).expires_at() > now());
    }
}
