//! What an error of the service means to the one who has to react to it.

/// The class of an error: what to do about it.
///
/// | class | what it is | run again? |
/// |---|---|---|
/// | [`Conflict`](Self::Conflict) | another transaction was first (OC000) | yes, the whole transaction |
/// | [`SchemaChanged`](Self::SchemaChanged) | another session changed the catalog (OC001) | yes, on the same connection, its cached statements dropped |
/// | [`Unavailable`](Self::Unavailable) | the service or the connection failed before COMMIT | yes, the whole transaction |
/// | [`Ambiguous`](Self::Ambiguous) | the same during COMMIT: it may have been applied | only when twice does no harm |
/// | [`Limit`](Self::Limit) | a limit of the service | no: smaller pieces |
/// | [`Refused`](Self::Refused) | a statement that the service does not have | no |
/// | [`Other`](Self::Other) | everything else: constraints, syntax, permissions | no |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// `change conflicts with another transaction (OC000)`, SQLSTATE 40001. Nothing was applied.
    Conflict,
    /// `schema has been updated by another transaction (OC001)`, SQLSTATE 40001. Nothing was applied. Also PostgreSQL's
    /// `cached plan must not change result type`, 0A000, which is about the connection's cached statements, too.
    SchemaChanged,
    /// `server unavailable` (XX000), a connection that was refused for now (53300, 53400, or while the cluster wakes
    /// up), or one that was lost (08xxx, 57P01 to 57P03) before COMMIT was sent. Nothing was applied.
    Unavailable,
    /// The connection was lost, or the server was unavailable, while COMMIT (or a statement outside a transaction) was
    /// under way. Whether it was applied is not known.
    Ambiguous,
    /// SQLSTATE 54xxx, 53100 or 53200: rows, bytes or age of a transaction, size of a value, a key or a query.
    Limit,
    /// SQLSTATE 0A000: the statement or feature is not there.
    Refused,
    /// Any other error.
    Other,
}

impl ErrorClass {
    /// The class of an error before COMMIT was sent.
    ///
    /// Without a SQLSTATE only the text is left to go by. A lost connection has neither: the caller, who knows its
    /// driver's errors, calls it [`Unavailable`](Self::Unavailable) itself. For a statement outside a transaction,
    /// which commits by itself, use [`of_commit`](Self::of_commit) unless it only reads.
    ///
    /// ```
    /// use dsql_connect::ErrorClass;
    ///
    /// let message = "change conflicts with another transaction (OC000)";
    /// assert_eq!(ErrorClass::of(Some("40001"), message), ErrorClass::Conflict);
    /// assert_eq!(ErrorClass::of(Some("23505"), "duplicate key value"), ErrorClass::Other);
    /// ```
    pub fn of(sqlstate: Option<&str>, message: &str) -> Self {
        match sqlstate {
            // Only these go by the text, since others may quote what a user typed.
            None | Some("40001") => match conflict(message) {
                Some(class) => class,
                None if sqlstate.is_some() => Self::Conflict,
                None if is_unavailable(message) => Self::Unavailable,
                None => Self::Other,
            },
            Some("OC000") => Self::Conflict,
            Some("OC001") => Self::SchemaChanged,
            Some("08P01") => Self::Other,
            // Who may not come in is told so by the code of a connection that failed.
            Some("08006") if message.contains("access denied") => Self::Other,
            Some("53300" | "53400" | "57P01" | "57P02" | "57P03") => Self::Unavailable,
            Some("40003") => Self::Ambiguous,
            Some("53100" | "53200") => Self::Limit,
            Some("0A000") if is_stale_plan(message) => Self::SchemaChanged,
            Some("0A000") => Self::Refused,
            Some(state) if state.starts_with("08") => Self::Unavailable,
            Some(state) if state.starts_with("54") => Self::Limit,
            Some(_) if is_unavailable(message) => Self::Unavailable,
            Some(_) => Self::Other,
        }
    }

    /// The class of an error that came, or of a silence that fell, after COMMIT was sent.
    ///
    /// As [`of`](Self::of), but what leaves the outcome open is [`Ambiguous`](Self::Ambiguous), and so is any error
    /// without a SQLSTATE, since the server did not send it.
    pub fn of_commit(sqlstate: Option<&str>, message: &str) -> Self {
        match Self::of(sqlstate, message) {
            Self::Unavailable => Self::Ambiguous,
            Self::Other if sqlstate.is_none() => Self::Ambiguous,
            class => class,
        }
    }

    /// Is running the whole transaction again the right reaction? `idempotent` says that running it twice does the
    /// same as running it once.
    pub fn is_retryable(self, idempotent: bool) -> bool {
        match self {
            Self::Conflict | Self::SchemaChanged | Self::Unavailable => true,
            Self::Ambiguous => idempotent,
            Self::Limit | Self::Refused | Self::Other => false,
        }
    }
}

fn conflict(message: &str) -> Option<ErrorClass> {
    if message.contains("OC001") {
        Some(ErrorClass::SchemaChanged)
    } else if message.contains("OC000") {
        Some(ErrorClass::Conflict)
    } else {
        None
    }
}

/// PostgreSQL's words, and those that asyncpg makes of them.
fn is_stale_plan(message: &str) -> bool {
    message.contains("cached plan must not change result type")
        || message.contains("cached statement plan is invalid")
}

fn is_unavailable(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("server unavailable")
        || [
            "waking up cluster",
            "too many open connections",
            "rate exceeded",
        ]
        .iter()
        .any(|reason| message.contains("unable to accept connection") && message.contains(reason))
}

#[cfg(test)]
mod tests {
    use super::ErrorClass::{self, *};

    #[test]
    fn the_services_errors_have_a_class() {
        for (sqlstate, message, class) in [
            (
                Some("40001"),
                "change conflicts with another transaction (OC000)",
                Conflict,
            ),
            (
                Some("40001"),
                "schema has been updated by another transaction (OC001)",
                SchemaChanged,
            ),
            (Some("40001"), "could not serialize access", Conflict),
            (Some("OC000"), "", Conflict),
            (Some("OC001"), "", SchemaChanged),
            (
                None,
                "error: change conflicts with another transaction (OC000)",
                Conflict,
            ),
            (Some("XX000"), "server unavailable", Unavailable),
            (Some("XX000"), "unexpected chunk number", Other),
            (
                Some("53300"),
                "Unable to accept connection, too many open connections.",
                Unavailable,
            ),
            (
                Some("53400"),
                "Unable to accept connection, rate exceeded.",
                Unavailable,
            ),
            (
                None,
                "unable to accept connection, waking up cluster, please retry later",
                Unavailable,
            ),
            (
                Some("28000"),
                "unable to accept connection, access denied",
                Other,
            ),
            (
                Some("08006"),
                "unable to accept connection, access denied",
                Other,
            ),
            (
                Some("57P01"),
                "terminating connection due to administrator command",
                Unavailable,
            ),
            (Some("08006"), "connection failure", Unavailable),
            (Some("08P01"), "invalid message length", Other),
            (Some("54000"), "transaction row limit exceeded", Limit),
            (Some("54011"), "tables can have at most 255 columns", Limit),
            (Some("0A000"), "unsupported statement: Truncate", Refused),
            (
                Some("0A000"),
                "cached plan must not change result type",
                SchemaChanged,
            ),
            (
                Some("23505"),
                "duplicate key value violates unique constraint",
                Other,
            ),
            (None, "connection reset by peer", Other),
        ] {
            assert_eq!(
                ErrorClass::of(sqlstate, message),
                class,
                "{sqlstate:?} {message}"
            );
        }
    }

    #[test]
    fn a_code_in_a_users_text_is_no_conflict() {
        let message = "invalid input syntax for type uuid: \"OC000\"";
        assert_eq!(ErrorClass::of(Some("22P02"), message), Other);
    }

    #[test]
    fn during_commit_a_silence_is_ambiguous_and_a_conflict_is_not() {
        assert_eq!(
            ErrorClass::of_commit(None, "connection reset by peer"),
            Ambiguous
        );
        assert_eq!(
            ErrorClass::of_commit(Some("XX000"), "server unavailable"),
            Ambiguous
        );
        assert_eq!(
            ErrorClass::of_commit(Some("57P01"), "terminating connection"),
            Ambiguous
        );
        assert_eq!(ErrorClass::of_commit(Some("40001"), "… (OC000)"), Conflict);
        assert_eq!(
            ErrorClass::of_commit(Some("23503"), "violates foreign key"),
            Other
        );
        assert!(!Ambiguous.is_retryable(false));
        assert!(Ambiguous.is_retryable(true));
    }
}
