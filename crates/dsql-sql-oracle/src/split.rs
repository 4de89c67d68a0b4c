//! The splitter.

use dsql_sql::{Kind, Statement, async_ddl};

use crate::Verdict;

/// Every piece stands where it says, nothing but blanks stands between, and
/// cutting a piece, or the pieces put together again, gives the same pieces.
pub fn split(script: &str) -> Verdict {
    let pieces: Vec<Statement<'_>> = dsql_sql::split(script).collect();
    let mut at = 0;
    for piece in &pieces {
        let text = piece.text();
        let end = piece.offset() + text.len();
        ensure!(
            piece.offset() >= at && script.get(piece.offset()..end) == Some(text),
            "{piece:?} does not stand at its place, after {at}"
        );
        blank(&script[at..piece.offset()])?;
        at = end;
        ensure!(
            text.trim_ascii_end() == text || text.ends_with('\x0b'),
            "{text:?} ends with a space"
        );
        let again: Vec<_> = dsql_sql::split(text).collect();
        ensure!(
            again.len() == 1 && again[0].text() == text,
            "{text:?} by itself is cut into {again:?}"
        );
        questions(piece)?;
    }
    blank(&script[at..])?;
    let texts: Vec<_> = pieces.iter().map(Statement::text).collect();
    // No line may begin that did not begin before: it could end a COPY.
    let joined = texts.join("\n; ");
    let again: Vec<_> = dsql_sql::split(&joined).map(|piece| piece.text()).collect();
    ensure!(
        texts == again,
        "{texts:?} put together again are cut into {again:?}"
    );
    Ok(())
}

fn blank(gap: &str) -> Verdict {
    let found: Vec<_> = dsql_sql::split(gap).collect();
    ensure!(
        found.is_empty(),
        "{gap:?} was passed over, and holds {found:?}"
    );
    Ok(())
}

/// What may be asked of a statement without parsing it.
fn questions(piece: &Statement<'_>) -> Verdict {
    ensure!(piece.kind() != Kind::Empty, "{piece:?} is empty");
    let unlocked = piece.without_locks();
    ensure!(
        unlocked.is_some() == piece.locks_rows(),
        "{piece:?} locks rows or not, and became {unlocked:?}"
    );
    if let Some(asynchronous) = async_ddl(piece) {
        ensure!(piece.kind() == Kind::Ddl, "{piece:?} starts a job");
        ensure!(
            asynchronous.synchronous.len() < piece.text().len(),
            "{piece:?} has lost no word: {asynchronous:?}"
        );
    }
    Ok(())
}
