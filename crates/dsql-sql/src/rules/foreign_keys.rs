//! Foreign keys, when they are not wanted.

use super::prelude::*;
use crate::ForeignKeys;

pub(super) static RULE: Rule = Rule {
    id: "foreign_keys",
    summary: "Foreign keys are kept, unless the translator is asked to leave them out",
    since: "2026-08-26",
    page: page::FOREIGN_KEYS,
    forms: Form::TABLES,
    matches: Match::Places(find),
};

fn find(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.options.foreign_keys == ForeignKeys::Native {
        return;
    }
    let Some(tree) = subject.tree() else { return };
    const KEYS: &[K] = &[K::REFERENCES_CONSTRAINT, K::FOREIGN_KEY_CONSTRAINT];
    for key in tree::descendants(tree, KEYS) {
        let (start, end) = tree::span(&key);
        let note = format!(
            "the foreign key is left out, as asked: {}",
            subject.text[start..end]
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        );
        let fix = if key.kind() == K::REFERENCES_CONSTRAINT {
            Fix::Edits(vec![Edit::remove(subject.text, start, end)], note)
        } else {
            let item = match key.parent() {
                Some(parent) if parent.kind() == K::ADD_CONSTRAINT => parent,
                _ => key,
            };
            let (start, end) = tree::span(&item);
            let comma = |token: &&Token| token.is_symbol(b',');
            let before = subject.tokens.iter().rev().find(|token| token.end <= start);
            let after = subject.tokens.iter().find(|token| token.start >= end);
            if let Some(comma) = before.filter(comma) {
                Fix::Edits(vec![Edit::replace(comma.start, end, "")], note)
            } else if let Some(comma) = after.filter(comma) {
                let next = crate::lex::skip_space(subject.text.as_bytes(), comma.end);
                Fix::Edits(vec![Edit::replace(start, next, "")], note)
            } else if subject.form == Form::AlterTable {
                Fix::Drop(note)
            } else {
                Fix::Edits(vec![Edit::replace(start, end, "")], note)
            }
        };
        findings.push(Finding {
            rule: RULE.id,
            at: start,
            refusal: None,
            fix,
        });
        // The next round sees to the others: their commas have moved.
        return;
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::rules::testing::{checked, planned};

    #[test]
    fn accepted() {
        assert_snapshot!(checked("CREATE TABLE visit (pet bigint REFERENCES pet (id) ON DELETE CASCADE)"), @"accepted");
    }

    #[test]
    fn refused() {
        assert_snapshot!(checked("CREATE TABLE visit (pet bigint, FOREIGN KEY (pet) REFERENCES pet)"), @"accepted");
    }

    #[test]
    fn fixed() {
        assert_snapshot!(planned("CREATE TABLE visit (pet bigint REFERENCES pet)"), @"CREATE TABLE visit (pet bigint REFERENCES pet);");
    }

    #[test]
    fn left_out_when_asked() {
        let options = crate::Options {
            foreign_keys: crate::ForeignKeys::Omit,
            ..Default::default()
        };
        let planned = |sql| crate::translate(sql, &options).to_string();
        assert_snapshot!(planned("CREATE TABLE visit (id uuid PRIMARY KEY, pet bigint NOT NULL CONSTRAINT p REFERENCES pet (id) ON DELETE CASCADE, vet bigint, FOREIGN KEY (vet) REFERENCES vet (id))"), @"
        -- note: the foreign key is left out, as asked: CONSTRAINT p REFERENCES pet (id) ON DELETE CASCADE [foreign_keys]
        -- note: the foreign key is left out, as asked: FOREIGN KEY (vet) REFERENCES vet (id) [foreign_keys]

        CREATE TABLE visit (id uuid PRIMARY KEY, pet bigint NOT NULL, vet bigint);
        ");
        assert_snapshot!(planned("ALTER TABLE visit ADD FOREIGN KEY (vet) REFERENCES vet (id), ADD COLUMN b int"), @"
        -- note: the foreign key is left out, as asked: FOREIGN KEY (vet) REFERENCES vet (id) [foreign_keys]

        ALTER TABLE visit ADD COLUMN b int;
        ");
        assert_snapshot!(planned("ALTER TABLE visit ADD FOREIGN KEY (vet) REFERENCES vet (id)"), @"-- note: the foreign key is left out, as asked: FOREIGN KEY (vet) REFERENCES vet (id) [foreign_keys]");
    }
}
