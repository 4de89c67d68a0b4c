//! Would the service refuse this statement?

use crate::rule::{Findings, Form, Subject};
use crate::rules::RULES;
use crate::{Refusal, Statement};

/// Answers as the service would to this one statement, as far as its text
/// alone decides; the rules that need a transaction's state are in
/// [`transaction`](crate::transaction). Where the service's words are not
/// known the statement passes: nothing is guessed.
///
/// DDL is parsed; queries are only scanned, so this may stand in a hot path.
/// Who asks more of a statement than this [scans](Statement::scan) it once.
///
/// ```
/// use dsql_sql::{Statement, check};
///
/// let refusal = check(&Statement::new("CREATE INDEX pet_name ON pet (name)")).unwrap_err();
/// assert_eq!(refusal.message(), "unsupported mode. please use CREATE INDEX ASYNC.");
/// assert!(check(&Statement::new("CREATE INDEX ASYNC pet_name ON pet (name)")).is_ok());
/// ```
pub fn check(statement: &Statement<'_>) -> Result<(), Refusal> {
    statement.scan().check()
}

/// The service's refusal.
pub(crate) fn refusal_of(subject: &Subject<'_>) -> Option<Refusal> {
    let mut findings = Findings::default();
    // An index is looked at rule by rule, in the service's own order; in any
    // other statement the first place counts.
    let in_order = subject.form == Form::CreateIndex;
    for rule in RULES
        .iter()
        .filter(|rule| rule.forms.contains(&subject.form))
    {
        rule.find(subject, &mut findings);
        if in_order
            && findings
                .found
                .iter()
                .any(|finding| finding.refusal.is_some())
        {
            break;
        }
    }
    findings
        .found
        .into_iter()
        .filter_map(|finding| Some((finding.at, finding.refusal?)))
        .min_by_key(|(at, _)| *at)
        .map(|(_, refusal)| refusal)
}
