//! How far rights reach: policies of clouds, clusters and vaults as a level with the words that are its evidence.

pub(super) mod aws;
pub(super) mod roles;
pub(super) mod trust;

use super::super::kind::{Field, ScopeLevel, Source};
use super::super::record::Facts;
use crate::format::tree::{Node, Value};

/// Evidence is cut to this many characters.
const MAX_SHOWN: usize = 200;

/// What a statement or role allows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Grant {
    /// How far it reaches; `None` where nothing tells.
    pub(super) level: Option<ScopeLevel>,
    /// In its source's words.
    pub(super) scope: String,
}

impl Grant {
    pub(super) fn new(level: Option<ScopeLevel>, scope: &str) -> Self {
        Self { level, scope: brief(scope) }
    }
}

/// Claims what is granted, each with its basis: every scope, and one level with the grant that shows it. That is the widest;
/// `unknown` where the widest that is known reads and something else is not known.
pub(super) fn claim(facts: &mut Facts, source: Source, grants: &[(String, Grant)]) {
    for (basis, grant) in grants {
        facts.claim(Field::Scope, source, &grant.scope, basis);
    }
    let level = |grant: &Grant| grant.level.unwrap_or(ScopeLevel::Unknown);
    let weight = |grant: &Grant| match level(grant) {
        ScopeLevel::Admin => 0,
        ScopeLevel::Write => 1,
        ScopeLevel::Unknown => 2,
        ScopeLevel::Read => 3,
    };
    if let Some((basis, grant)) = grants.iter().min_by_key(|(_, grant)| weight(grant)) {
        facts.claim(Field::ScopeLevel, source, level(grant).name(), format!("{basis}: {}", grant.scope));
    }
}

/// A text on one line, cut where it is long.
pub(super) fn brief(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// The texts of a scalar or a list; the flag tells whether something there is no text that can be read.
pub(super) fn texts(node: &Node, bytes: &[u8]) -> (Vec<String>, bool) {
    match &node.value {
        Value::Scalar(_) => (node.text(bytes).into_iter().map(String::from).collect(), false),
        Value::List(items) => {
            let mut all = (Vec::new(), false);
            for item in items {
                let (texts, unknown) = texts(item, bytes);
                all.0.extend(texts);
                all.1 |= unknown;
            }
            all
        }
        Value::Map(_) | Value::Empty => (Vec::new(), true),
    }
}

/// The nodes under a path of keys, dots between them: lists and repeated blocks are followed into each item.
pub(super) fn values<'n>(node: &'n Node, path: &str) -> Vec<&'n Node> {
    let mut here = vec![node];
    for key in path.split('.') {
        let under = here.into_iter().flat_map(items).flat_map(Node::pairs);
        here = under.filter(|pair| pair.key == key).map(|pair| &pair.value).collect();
    }
    here
}

/// A list's items, or the node itself.
pub(super) fn items(node: &Node) -> impl Iterator<Item = &Node> {
    let itself = if matches!(node.value, Value::List(_)) { None } else { Some(node) };
    node.items().iter().chain(itself)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_level_is_claimed_with_its_evidence() {
        let mut facts = Facts::default();
        let grants = [
            Grant::new(Some(ScopeLevel::Read), "s3:Get* on *"),
            Grant::new(None, "sqs:* on x"),
            Grant::new(Some(ScopeLevel::Write), "s3:Put* on *"),
        ];
        let grants = grants.map(|grant| ("a.tf:3".to_owned(), grant));
        claim(&mut facts, Source::Infrastructure, &grants);
        let shown: Vec<_> = facts.claims.iter().map(|c| (c.field.name(), c.value.as_str(), c.basis.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("scope", "s3:Get* on *", "a.tf:3"),
                ("scope", "s3:Put* on *", "a.tf:3"),
                ("scope", "sqs:* on x", "a.tf:3"),
                ("scope_level", "write", "a.tf:3: s3:Put* on *"),
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_no_reading() {
        for (known, level) in [(Some(ScopeLevel::Read), "unknown"), (Some(ScopeLevel::Write), "write")] {
            let mut facts = Facts::default();
            let grants = [Grant::new(known, "a"), Grant::new(None, "b")].map(|grant| ("x".to_owned(), grant));
            claim(&mut facts, Source::Infrastructure, &grants);
            assert_eq!(facts.first(Field::ScopeLevel).map(|claim| claim.value.as_str()), Some(level));
        }
    }

    #[test]
    fn long_evidence_is_cut() {
        assert_eq!(brief(" a\n  b "), "a b");
        assert_eq!(brief(&"é".repeat(300)), format!("{}…", "é".repeat(MAX_SHOWN)));
    }
}
