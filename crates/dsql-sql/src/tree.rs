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
    let first = start(node);
    let mut last = node.last_token();
    while let Some(token) = last {
        if is_text(&token) {
            return token_span(&token).1;
        }
        if token_span(&token).0 <= first {
            return first;
        }
        last = token.prev_token();
    }
    // An empty last child hides the token before it.
    node.descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(is_text)
        .last()
        .map_or(first, |token| token_span(&token).1)
}

/// The first child of a kind.
pub(crate) fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    // Most often there is none, and the tree below knows that without a node made for each child.
    let is_there = node.green().children().any(|child| {
        child
            .as_node()
            .is_some_and(|child| child.kind().0 == u16::from(kind))
    });
    is_there
        .then(|| node.children().find(|child| child.kind() == kind))
        .flatten()
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
    holds(node, kinds)
        .then(|| node.descendants())
        .into_iter()
        .flatten()
        .filter(|node| kinds.contains(&node.kind()))
}

/// Is there a node of these kinds, the node itself included? This costs less
/// than a walk from node to node, and most often the answer is no.
fn holds(node: &SyntaxNode, kinds: &[SyntaxKind]) -> bool {
    let green = node.green();
    let is_one = |kind: u16| kinds.iter().any(|&one| u16::from(one) == kind);
    if is_one(green.kind().0) {
        return true;
    }
    let mut open = Vec::with_capacity(24);
    open.push(green.children());
    while let Some(children) = open.last_mut() {
        match children.next() {
            None => {
                open.pop();
            }
            Some(child) => {
                if let Some(node) = child.into_node() {
                    if is_one(node.kind().0) {
                        return true;
                    }
                    open.push(node.children());
                }
            }
        }
    }
    false
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
