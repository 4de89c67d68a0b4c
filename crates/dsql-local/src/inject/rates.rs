//! How often which fault comes: the value of `--inject`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How often a cluster makes which fault, as `--inject` writes it.
///
/// ```
/// use dsql_local::FaultRates;
///
/// let rates: FaultRates = "conflict=5%,unavailable=1%,disconnect=0.5%,slow=5%:200ms".parse()?;
/// assert!("conflict=5".parse::<FaultRates>().is_err());
/// # Ok::<(), dsql_local::ParseError>(())
/// ```
///
/// | kind | befalls | with |
/// |---|---|---|
/// | `conflict` | commits that changed or locked something | 40001 OC000, rolled back |
/// | `schema` | statements and commits | 40001 OC001, rolled back |
/// | `unavailable` | statements and commits | XX000 `server unavailable`; half of the commits have gone through |
/// | `disconnect` | statements and commits | the connection is dropped; half of the commits have gone through |
/// | `slow` | batches of messages | answered later: `slow=20ms` each, `slow=5%:200ms` some |
///
/// A statement that commits by itself is a commit. BEGIN is a statement; ROLLBACK, and whatever a failed transaction
/// is asked, are spared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultRates {
    pub(super) conflict: Rate,
    pub(super) schema: Rate,
    pub(super) unavailable: Rate,
    pub(super) disconnect: Rate,
    pub(super) slow: Option<Slow>,
}

/// Between 0 and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rate(pub(super) f64);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slow {
    pub(super) rate: Rate,
    pub(super) delay: Duration,
}

/// Why a text says no rates, or no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// A part that is not `KIND=VALUE`.
    #[error(
        "`{0}` is not a fault. Write a list such as `conflict=5%,unavailable=1%,disconnect=0.5%,slow=20ms`"
    )]
    NotAFault(String),
    /// A kind that is not known.
    #[error(
        "there is no fault `{0}`. Known are `conflict`, `schema`, `unavailable`, `disconnect` and `slow`"
    )]
    UnknownKind(String),
    /// A kind that stands there twice.
    #[error("`{0}` is given twice. Give it once")]
    Twice(String),
    /// What should be a share of all is not.
    #[error(
        "`{0}` is not a share of all statements. Write a percentage from 0% to 100%, such as `5%` or `0.5%`"
    )]
    Rate(String),
    /// The shares of all kinds together are more than all.
    #[error("the rates add up to more than 100%. Lower some of them")]
    TooMuch,
    /// What should be a length of time is not.
    #[error(
        "`{0}` is not a length of time. Write a number and a unit, such as `20ms`, `1.5s` or `2m`"
    )]
    Duration(String),
}

impl FaultRates {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Rate {
    pub(super) const NEVER: Self = Self(0.0);
    const ALWAYS: Self = Self(1.0);
}

impl FromStr for FaultRates {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut rates = Self::default();
        let mut seen = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (kind, value) =
                (part.split_once('=')).ok_or_else(|| ParseError::NotAFault(part.to_owned()))?;
            let (kind, value) = (kind.trim(), value.trim());
            if seen.contains(&kind) {
                return Err(ParseError::Twice(kind.to_owned()));
            }
            seen.push(kind);
            match kind {
                "conflict" => rates.conflict = value.parse()?,
                "schema" => rates.schema = value.parse()?,
                "unavailable" => rates.unavailable = value.parse()?,
                "disconnect" => rates.disconnect = value.parse()?,
                "slow" => rates.slow = Some(value.parse()?),
                _ => return Err(ParseError::UnknownKind(kind.to_owned())),
            }
        }
        let kinds = [
            rates.conflict,
            rates.schema,
            rates.unavailable,
            rates.disconnect,
        ];
        if kinds.iter().map(|rate| rate.0).sum::<f64>() > 1.0 + f64::EPSILON {
            return Err(ParseError::TooMuch);
        }
        Ok(rates)
    }
}

impl FromStr for Rate {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        (text.strip_suffix('%'))
            .and_then(|number| number.trim_end().parse::<f64>().ok())
            .filter(|percent| (0.0..=100.0).contains(percent))
            .map(|percent| Self(percent / 100.0))
            .ok_or_else(|| ParseError::Rate(text.to_owned()))
    }
}

impl FromStr for Slow {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (rate, delay) = match text.split_once(':') {
            Some((rate, delay)) => (rate.parse()?, delay),
            None => (Rate::ALWAYS, text),
        };
        let delay = parse_duration(delay)?;
        Ok(Self { rate, delay })
    }
}

/// Reads a length of time as the settings of a cluster are written: a number and `ms`, `s` or `m`.
///
/// ```
/// use std::time::Duration;
///
/// assert_eq!(dsql_local::parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
/// ```
///
/// # Errors
///
/// When it is something else, negative, or longer than a day.
pub fn parse_duration(text: &str) -> Result<Duration, ParseError> {
    const DAY_SECONDS: f64 = 86_400.0;
    let text = text.trim();
    let seconds = [("ms", 0.001), ("s", 1.0), ("m", 60.0)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))
        .and_then(|(number, seconds)| Some(number.trim_end().parse::<f64>().ok()? * seconds));
    seconds
        .filter(|seconds| (0.0..=DAY_SECONDS).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| ParseError::Duration(text.to_owned()))
}

impl fmt::Display for FaultRates {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [
            ("conflict", self.conflict),
            ("schema", self.schema),
            ("unavailable", self.unavailable),
            ("disconnect", self.disconnect),
        ];
        let mut between = "";
        for (kind, rate) in kinds.into_iter().filter(|(_, rate)| *rate != Rate::NEVER) {
            write!(out, "{between}{kind}={rate}")?;
            between = ",";
        }
        if let Some(Slow { rate, delay }) = self.slow {
            write!(out, "{between}slow=")?;
            if rate != Rate::ALWAYS {
                write!(out, "{rate}:")?;
            }
            write!(out, "{delay:?}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}%", self.0 * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in [
            "conflict=5%,unavailable=1%,disconnect=0.5%,slow=20ms",
            "schema=25%,slow=5%:200ms",
            "slow=1.5s",
        ] {
            assert_eq!(text.parse::<FaultRates>().unwrap().to_string(), text);
        }
        let spaced = " conflict = 5 % , slow = 2 s".parse::<FaultRates>();
        assert_eq!(spaced.unwrap().to_string(), "conflict=5%,slow=2s");
    }

    #[test]
    fn a_mistake_is_named() {
        let mistake = |text: &str| text.parse::<FaultRates>().unwrap_err().to_string();
        for (text, named) in [
            ("", "`` is not a fault"),
            ("conflict", "`conflict` is not a fault"),
            ("conflict=5", "`5` is not a share"),
            ("conflict=101%", "`101%` is not a share"),
            ("conflict=-1%", "`-1%` is not a share"),
            ("conflict=nan%", "`nan%` is not a share"),
            ("lightning=5%", "there is no fault `lightning`"),
            ("conflict=5%,conflict=6%", "`conflict` is given twice"),
            ("conflict=60%,schema=60%", "more than 100%"),
            ("slow=20", "`20` is not a length of time"),
            ("slow=5%", "`5%` is not a length of time"),
            ("slow=-1s", "`-1s` is not a length of time"),
        ] {
            assert!(mistake(text).contains(named), "{text}: {}", mistake(text));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_brings_it_down(text in ".{0,40}") {
            let _ = text.parse::<FaultRates>();
            let _ = parse_duration(&text);
        }
    }
}
