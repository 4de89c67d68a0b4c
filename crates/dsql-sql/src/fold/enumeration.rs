//! ALTER TYPE … ADD VALUE folded into CREATE TYPE … AS ENUM.

use std::collections::HashSet;

use super::{Fate, Folder, Object, Refused, commented, comments, name_at};
use crate::Refusal;
use crate::lex::TokenKind;
use crate::rule::{Edit, Subject};
use crate::rules::create_type::Labels;
use crate::rules::{alter_type, literal};

/// An enum that the script creates.
pub(super) struct Enum {
    /// Which statement.
    at: usize,
    /// Where another value is inserted.
    end: usize,
    labels: HashSet<String>,
}

pub(super) fn created(folder: &mut Folder<'_>, at: usize, subject: &Subject<'_>) {
    let Some((name, _)) = name_at(subject, 2) else {
        return folder.forget_mentioned(subject);
    };
    let Some(labels) = Labels::of(subject) else {
        return folder.forget(&name);
    };
    let values: Option<HashSet<String>> = labels
        .values
        .iter()
        .map(|value| literal(value.text(subject.text)))
        .collect();
    match values {
        Some(values) => {
            let end = labels.values.last().map_or(labels.start, |last| last.end);
            let created = Enum {
                at,
                end,
                labels: values,
            };
            folder.hold(name, Object::Enum(created));
        }
        None => folder.forget(&name),
    }
}

pub(super) fn altered(folder: &mut Folder<'_>, at: usize, subject: &Subject<'_>) {
    let rule = alter_type::RULE.id();
    let Some((name, next)) = name_at(subject, 2) else {
        return folder.forget_mentioned(subject);
    };
    let Some((value, if_not_exists)) = added(subject, next) else {
        if !subject.words_at(next, &["owner", "to"]) {
            folder.forget(&name);
        } else if let Some(Object::Enum(created)) = folder.get(&name) {
            let home = created.at;
            folder.homes[at] = Some(home);
            let word = subject.tokens[1];
            folder.edits[at].push(Edit::replace(word.start, word.end, "DOMAIN"));
            let note = "the enum has become a domain, which is what changes its owner";
            folder.fates[at] = Fate::Rewritten(rule, note.to_owned());
        }
        return;
    };
    let Some(Object::Enum(created)) = folder.get(&name) else {
        return;
    };
    let Some(label) = literal(value) else {
        return folder.forget(&name);
    };
    let (home, place) = (created.at, created.end);
    let is_first = created.labels.is_empty();
    let is_new = created.labels.insert(label);
    folder.homes[at] = Some(home);
    folder.fates[at] = if !is_new && if_not_exists {
        Fate::Moved(
            rule,
            format!("{value} is among the values already: left out"),
        )
    } else if !is_new {
        Fate::Refused(Refused {
            rule,
            message: "this value is among the enum's already: take the statement out",
            refusal: Refusal::unsupported(rule, "ALTER TYPE not supported"),
        })
    } else {
        let comma = if is_first { "" } else { "," };
        let gap = if is_first { "" } else { " " };
        let value_text = commented(&comments(subject, value), value, gap);
        folder.edits[home].push(Edit::insert(place, format!("{comma}{value_text}")));
        Fate::Moved(
            rule,
            format!(
                "{value} joins the values of the domain that the enum becomes, since a domain cannot get another CHECK later; the order of the values is not kept"
            ),
        )
    };
}

/// The value of `ADD VALUE [IF NOT EXISTS] 'v' [BEFORE | AFTER 'w']`.
fn added<'a>(subject: &Subject<'a>, at: usize) -> Option<(&'a str, bool)> {
    if !subject.words_at(at, &["add", "value"]) {
        return None;
    }
    let if_not_exists = subject.words_at(at + 2, &["if", "not", "exists"]);
    let place = at + 2 + if if_not_exists { 3 } else { 0 };
    let is_string = |at: usize| {
        subject
            .tokens
            .get(at)
            .is_some_and(|token| token.kind == TokenKind::String)
    };
    if !is_string(place) {
        return None;
    }
    let beside = subject.word_at(place + 1, "before") || subject.word_at(place + 1, "after");
    let end = if beside && is_string(place + 2) {
        place + 3
    } else {
        place + 1
    };
    (end == subject.tokens.len()).then(|| (subject.text_at(place), if_not_exists))
}
