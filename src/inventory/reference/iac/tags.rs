//! Tags and labels of resources: who owns them, which team, application and environment they belong to.

use super::super::policy::brief;
use super::Reader;
use crate::format::tree::{Node, Value};
use crate::inventory::kind::{Field, Source};
use crate::inventory::record::{Attribution, Facts, Role};

/// The rank of infrastructure's tags among the sources of owners.
const RANK: u8 = 1;

/// What a tag's key says: a field, an owner, or both.
struct Meaning {
    field: Option<Field>,
    owner: Option<(Role, &'static str)>,
}

/// The meaning of a key, whatever its case and separators; `None` for keys that say nothing of an identity. A prefix of the
/// organisation (`acme:owner`, `example.com/team`) is passed over.
fn meaning(key: &str) -> Option<Meaning> {
    let last = key.rsplit(['/', ':']).next().unwrap_or(key);
    let word: String = last.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let of = |field: Option<Field>, owner| Some(Meaning { field, owner });
    match word.as_str() {
        "owner"
        | "ownedby"
        | "owneremail"
        | "contact"
        | "maintainer"
        | "responsible"
        | "technicalowner"
        | "infrastructuresupport" => of(None, Some((Role::Technical, "high"))),
        "team" | "squad" | "teamname" | "owningteam" | "ownerteam" => {
            of(Some(Field::Team), Some((Role::Technical, "medium")))
        }
        "businessowner" | "productowner" | "dataowner" | "serviceowner" => of(None, Some((Role::Business, "high"))),
        "application" | "app" | "service" | "applicationname" | "appname" | "product" | "partof" => {
            of(Some(Field::Application), None)
        }
        "environment" | "env" | "environmentname" | "stage" => of(Some(Field::Environment), None),
        "dataclass" | "dataclassification" | "classification" | "confidentiality" => of(Some(Field::DataClass), None),
        "businessunit" | "businessfunction" | "department" => of(Some(Field::BusinessFunction), None),
        "criticality" => of(Some(Field::Criticality), None),
        "costcenter" | "costcentre" => of(None, None),
        "purpose" => of(Some(Field::Purpose), None),
        _ => None,
    }
}

/// Notes the tag `key` at `basis`. Values of keys that say nothing of an identity are not kept.
pub(in super::super) fn tag(key: &str, value: &str, basis: &str, facts: &mut Facts) {
    let Some(meaning) = meaning(key) else { return };
    let value = brief(value);
    if value.is_empty() {
        return;
    }
    facts.claim(Field::Tag, Source::Tag, format!("{key}={value}"), basis);
    if let Some(field) = meaning.field {
        facts.claim(field, Source::Tag, &value, basis);
    }
    if let Some((role, confidence)) = meaning.owner {
        facts.owners.insert(Attribution {
            rank: RANK,
            role,
            owner: value,
            source: format!("tag {key}"),
            basis: basis.to_owned(),
            confidence: confidence.to_owned(),
        });
    }
}

/// Notes the tags of a map, of a list of `Key`/`Value` pairs, or of what a call merges.
pub(super) fn map(reader: &Reader<'_>, node: &Node, facts: &mut Facts) {
    for pair in node.pairs() {
        if let Some(value) = reader.literal(&pair.value) {
            tag(&pair.key, &value, &reader.file.basis(pair.value.place.start), facts);
        }
    }
    for item in node.items() {
        let of = |names: [&str; 2]| names.iter().find_map(|name| reader.literal(item.get(name)?));
        match (of(["Key", "key"]), of(["Value", "value"])) {
            (Some(key), Some(value)) => tag(&key, &value, &reader.file.basis(item.place.start), facts),
            _ if matches!(item.value, Value::Map(_)) => map(reader, item, facts),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_every_spelling() {
        for (key, field, owner) in [
            ("Owner", None, Some("high")),
            ("acme:Team", Some(Field::Team), Some("medium")),
            ("example.com/cost-center", None, None),
            ("business_owner", None, Some("high")),
            ("app.kubernetes.io/part-of", Some(Field::Application), None),
            ("Environment", Some(Field::Environment), None),
        ] {
            let found = meaning(key).map(|meaning| (meaning.field, meaning.owner.map(|(_, confidence)| confidence)));
            assert_eq!(found, Some((field, owner)), "{key}");
        }
        assert!(meaning("Name").is_none() && meaning("token").is_none());
    }

    #[test]
    fn an_owner_is_an_attribution_and_other_keys_are_not_kept() {
        let mut facts = Facts::default();
        tag("Owner", "payments@example.com", "a.tf:2", &mut facts);
        tag("secret", "x", "a.tf:3", &mut facts);
        let claims: Vec<_> = facts.claims.iter().map(|claim| (claim.field, claim.value.as_str())).collect();
        assert_eq!(claims, [(Field::Tag, "Owner=payments@example.com")]);
        let owner = facts.owners.first().map(|owner| (owner.rank, owner.owner.as_str(), owner.source.as_str()));
        assert_eq!(owner, Some((1, "payments@example.com", "tag Owner")));
    }
}
