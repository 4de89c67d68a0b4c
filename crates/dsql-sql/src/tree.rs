//! Small steps through squawk's syntax tree.

use squawk_syntax::{SyntaxKind, SyntaxNode, SyntaxToken};

/// Where a node's own text begins and ends, in bytes. Space and comments that
/// the parser left inside its end are not counted.
pub(crate) fn span(node: &SyntaxNode) -> (usize, usize) {
    (start(node), end(node))
}

pub(crate) fn start(node: &SyntaxNode) -> usize {
    node.text_range().start().into()
}

pub(crate) fn end(node: &SyntaxNode) -> usize {
    let is_text =
        |token: &SyntaxToken| !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT);
    // An empty last child hides the token before it.
    let last = node.last_token().filter(is_text).or_else(|| {
        node.descendants_with_tokens()
            .filter_map(|element| element.into_token())
            .filter(is_text)
            .last()
    });
    last.map_or(start(node), |token| token_span(&token).1)
}

/// The first child of a kind.
pub(crate) fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind() == kind)
}

/// All children of a kind.
pub(crate) fn children(node: &SyntaxNode, kind: SyntaxKind) -> impl Iterator<Item = SyntaxNode> {
    node.children().filter(move |child| child.kind() == kind)
}

/// All nodes of some kinds under a node, in order of text.
pub(crate) fn descendants<'k>(
    node: &SyntaxNode,
    kinds: &'k [SyntaxKind],
) -> impl Iterator<Item = SyntaxNode> + 'k {
    node.descendants()
        .filter(move |node| kinds.contains(&node.kind()))
}

/// The first token of a kind directly under a node.
pub(crate) fn token(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxToken> {
    node.children_with_tokens()
        .filter_map(|element| element.into_token())
        .find(|token| token.kind() == kind)
}

/// Where a token begins and ends, in bytes.
pub(crate) fn token_span(token: &SyntaxToken) -> (usize, usize) {
    let range = token.text_range();
    (range.start().into(), range.end().into())
}
