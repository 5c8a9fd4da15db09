//! Notes a declared resource: its identity, what its attributes say, and whom it gives rights.

use super::super::policy::trust::{self, Trust};
use super::super::policy::{self, Grant, aws, roles, values};
use super::super::{File, Out, names};
use super::table::{Right, Type};
use super::{Dialect, Reader, date, days, tags};
use crate::format::tree::{Node, Value};
use crate::inventory::kind::{Field, FingerprintKind, Kind, Mode, Source, StorageState};
use crate::inventory::record::Facts;
use crate::inventory::register::Subject;

/// Attributes that hold tags, in one dialect or another.
const TAGS: &[&str] = &["tags", "Tags", "labels", "metadata.labels", "properties.tags", "default_tags.tags"];

/// What is said of an account holds for its keys too.
const INHERITED: &[Field] = &[
    Field::Principal,
    Field::ProviderAccount,
    Field::Team,
    Field::Application,
    Field::Environment,
    Field::DataClass,
    Field::BusinessFunction,
    Field::Criticality,
    Field::Purpose,
    Field::Tag,
];

/// A resource as a file declares it.
pub(super) struct Declared<'n> {
    /// Its type.
    pub(super) kind: &'static Type,
    /// Its name within the addresses of its dialect: `aws_iam_user.ci`.
    pub(super) name: String,
    /// Its attributes.
    pub(super) body: &'n Node,
    /// Where it begins.
    pub(super) at: usize,
    /// Its credential stands there in clear.
    pub(super) in_clear: bool,
}

impl<'n> Declared<'n> {
    /// A resource that begins with its attributes and shows no value.
    pub(super) fn new(kind: &'static Type, name: String, body: &'n Node) -> Self {
        Self { kind, name, body, at: body.place.start, in_clear: false }
    }
}

/// Notes it. Returns the subject where it is an identity.
pub(super) fn declare(reader: &Reader<'_>, declared: &Declared<'_>, out: &mut Out) -> Option<Subject> {
    let Declared { kind, name, body, at, in_clear } = declared;
    let file = reader.file;
    let address = reader.address(name);
    let mut own = Facts::default();
    fields(reader, kind, body, &mut own);
    let mut told = Facts::default();
    for attribute in TAGS.iter().flat_map(|path| values(body, path)) {
        tags::map(reader, attribute, &mut told);
        for reference in reader.references(attribute).into_iter().filter(|name| name.starts_with("local.")) {
            out.links.take(address.clone(), reader.address(&format!("{reference}#tags")));
        }
    }
    for (right, path) in kind.rights {
        for node in values(body, path) {
            rights(reader, declared, *right, node, &mut told, out);
        }
        if path.is_empty() {
            rights(reader, declared, *right, body, &mut told, out);
        }
    }
    connect(reader, declared, &address, out);
    let Some(word) = kind.kind else {
        let aliases: Vec<String> = kind.aliases.iter().filter_map(|alias| fill(reader, body, alias)).collect();
        for alias in aliases {
            out.links.take(reader.address(&alias), address.clone());
        }
        told.join(own);
        out.links.tell(address, told);
        return None;
    };
    let known = kind.known.iter().find_map(|(how, pattern)| Some((*how, fill(reader, body, pattern)?)));
    let (how, fingerprint) = known.unwrap_or_else(|| (FingerprintKind::Reference, address.clone()));
    let subject = Subject { kind: how, fingerprint };
    let (storage, note) =
        if *in_clear { (StorageState::Embedded, "in clear in Terraform's state") } else { (kind.storage, kind.note) };
    let meaning = if note.is_empty() { name.clone() } else { format!("{name}, {note}") };
    let facts = out.note(file, subject.kind, &subject.fingerprint, storage, *at, Some(meaning));
    let basis = file.basis(*at);
    let (held, issuer) = what(word, kind, &own, name);
    // What a vault holds is told by the name of the entry, if at all; of a pipeline's store at least that it is there.
    if held != Kind::CiSecret || storage == StorageState::CiStore {
        facts.claim(Field::Kind, Source::Infrastructure, held.name(), &basis);
    }
    facts.claim(Field::Provider, Source::Infrastructure, issuer.unwrap_or_default(), &basis);
    if let Some(mode) = kind.mode {
        facts.claim(Field::Mode, Source::Infrastructure, mode.name(), &basis);
    }
    if !own.claims.iter().any(|claim| claim.field == Field::Name) {
        facts.claim(Field::Name, Source::Infrastructure, name, &basis);
    }
    told.claims.extend(own.claims.iter().filter(|claim| INHERITED.contains(&claim.field)).cloned());
    facts.join(own);
    for alias in kind.aliases.iter().filter_map(|alias| fill(reader, body, alias)) {
        out.links.take(reader.address(&alias), address.clone());
        out.links.take(address.clone(), reader.address(&alias));
    }
    out.links.declare(address.clone(), &subject);
    out.links.tell(address, told);
    Some(subject)
}

/// Kind and issuer. What a store holds was issued by somebody else: its name, or its label, may tell.
fn what(word: Kind, kind: &Type, own: &Facts, name: &str) -> (Kind, Option<&'static str>) {
    if word != Kind::CiSecret {
        return (word, Some(kind.provider));
    }
    let label = name.rsplit('.').next().unwrap_or(name);
    let given = own.first(Field::Name).map_or(label, |claim| claim.value.as_str());
    (names::kind(given).unwrap_or(word), names::provider(given))
}

/// Notes what it takes facts from, and what takes facts from it.
fn connect(reader: &Reader<'_>, declared: &Declared<'_>, address: &str, out: &mut Out) {
    for (path, prefix) in declared.kind.of {
        for from in named(reader, declared.body, path, prefix) {
            out.links.take(address.to_owned(), from);
        }
    }
    for (path, prefix) in declared.kind.about {
        for to in named(reader, declared.body, path, prefix) {
            out.links.take(to, address.to_owned());
        }
    }
}

/// The addresses that an attribute names: by reference, or by a literal name under `prefix`.
fn named(reader: &Reader<'_>, body: &Node, path: &str, prefix: &str) -> Vec<String> {
    let mut out = Vec::new();
    for node in values(body, path) {
        out.extend(reader.references(node).iter().map(|name| reader.address(name)));
        for item in policy::items(node) {
            if let Some(literal) = reader.literal(item) {
                out.push(reader.address(&format!("{prefix}{literal}")));
            }
        }
    }
    out
}

/// Claims what attributes say, in the order of the table: the first that is a literal counts.
fn fields(reader: &Reader<'_>, kind: &Type, body: &Node, facts: &mut Facts) {
    let mut done = Vec::new();
    for (field, source) in kind.fields {
        if done.contains(field) {
            continue;
        }
        let node = values(body, source.split_once('{').map_or(source, |_| "")).into_iter().next();
        let at = node.map_or(body.place.start, |node| node.place.start);
        let Some(text) = fill(reader, body, source) else { continue };
        let value = match field {
            Field::CreatedAt | Field::ExpiresAt | Field::LastRotatedAt => date(&text),
            Field::RotationDays => days(&text),
            Field::ProviderAccount => Some(account(&text)),
            Field::Active => match text.to_ascii_lowercase().as_str() {
                "active" | "enabled" | "true" => Some("yes".to_owned()),
                "inactive" | "disabled" | "false" => Some("no".to_owned()),
                _ => None,
            },
            _ => Some(policy::brief(&text)),
        };
        if let Some(value) = value {
            facts.claim(*field, Source::Infrastructure, value, reader.file.basis(at));
            done.push(*field);
        }
    }
}

/// The account of an AWS ARN; anything else as it is.
fn account(text: &str) -> String {
    if text.starts_with("arn:") { text.split(':').nth(4).unwrap_or_default().to_owned() } else { text.to_owned() }
}

/// The literal of an attribute, or of a pattern with attributes in braces: `{account_id}@{project}.iam.gserviceaccount.com`.
fn fill(reader: &Reader<'_>, body: &Node, pattern: &str) -> Option<String> {
    if let Some(text) = pattern.strip_prefix('=') {
        return Some(text.to_owned());
    }
    if !pattern.contains('{') {
        return reader.literal_at(body, pattern);
    }
    let mut parts = pattern.split(['{', '}']);
    let mut out = parts.next()?.to_owned();
    while let (Some(path), Some(text)) = (parts.next(), parts.next()) {
        match path {
            "@" => out.push_str(reader.file.repository),
            _ => out.push_str(&reader.literal_at(body, path)?),
        }
        out.push_str(text);
    }
    Some(out)
}

/// Rights that stand in an attribute, or in what it refers to.
fn rights(reader: &Reader<'_>, declared: &Declared<'_>, right: Right, node: &Node, told: &mut Facts, out: &mut Out) {
    let file = reader.file;
    let basis = file.basis(node.place.start);
    let literals = || policy::items(node).filter_map(|item| reader.literal(item)).collect::<Vec<_>>();
    let address = reader.address(&declared.name);
    let grants: Vec<Grant> = match right {
        Right::Document => {
            let elsewhere = refer(reader, node, "", &address, out);
            let grants = aws::rights(node, file.bytes);
            if grants.is_empty() && !elsewhere && !matches!(node.value, Value::Map(_)) {
                vec![Grant::new(None, "a computed policy")]
            } else {
                grants
            }
        }
        Right::Trust => {
            refer(reader, node, "#trust", &address, out);
            trusted(file, &trust::trust(node, file.bytes), node.place.start, told);
            Vec::new()
        }
        Right::Either => {
            let mut facts = Facts::default();
            trusted(file, &trust::trust(node, file.bytes), node.place.start, &mut facts);
            out.links.tell(format!("{address}#trust"), facts);
            aws::rights(node, file.bytes)
        }
        Right::Merged => {
            for name in reader.references(node) {
                out.links.take(address.clone(), reader.address(&name));
                out.links.take(format!("{address}#trust"), reader.address(&format!("{name}#trust")));
            }
            Vec::new()
        }
        Right::Policies => policies(reader, node, &address, out),
        Right::Google { wide } => {
            let on = place_of(reader, declared);
            literals().iter().filter_map(|role| roles::google(role, &on, wide)).collect()
        }
        Right::Azure { scope } => azure(reader, declared, scope, node).into_iter().collect(),
        Right::Vault => reader.text(node).map(|text| roles::vault(text.as_bytes())).unwrap_or_default(),
        Right::Kubernetes { cluster } => {
            literals().iter().filter_map(|role| roles::kubernetes(role, cluster)).collect()
        }
        Right::Token => literals().iter().map(|scope| roles::token(scope)).collect(),
        Right::Sam => sam(reader, node),
    };
    let grants: Vec<(String, Grant)> = grants.into_iter().map(|grant| (basis.clone(), grant)).collect();
    policy::claim(told, Source::Infrastructure, &grants);
}

/// Policies by ARN, or where they are declared.
fn policies(reader: &Reader<'_>, node: &Node, address: &str, out: &mut Out) -> Vec<Grant> {
    let elsewhere = reader.references(node);
    for name in &elsewhere {
        out.links.take(address.to_owned(), reader.address(name));
    }
    let arns: Vec<String> = policy::items(node).filter_map(|item| reader.literal(item)).collect();
    if elsewhere.is_empty() && arns.is_empty() && node.items().is_empty() {
        return vec![Grant::new(None, "a computed policy")];
    }
    arns.iter().filter(|arn| arn.starts_with("arn:")).map(|arn| managed(arn)).collect()
}

/// A role of Azure, and what the attribute `scope` says it is given on.
fn azure(reader: &Reader<'_>, declared: &Declared<'_>, scope: &str, node: &Node) -> Option<Grant> {
    let scope = values(declared.body, scope).first().map(|node| reader.shown(node));
    let (level, on) = match scope {
        Some(text) => (roles::AzureScope::of(&text), text),
        None if reader.dialect == Dialect::Terraform => (roles::AzureScope::Other, "an unknown scope".to_owned()),
        None if reader.wide => (roles::AzureScope::Wide, "the deployment's subscription".to_owned()),
        None => (roles::AzureScope::Other, "the deployment's resource group".to_owned()),
    };
    let role = reader.shown(node);
    let named = reader.references(node).iter().find_map(|name| reader.roles.get(name).cloned());
    roles::azure(&named.unwrap_or(role), level, &on)
}

/// Policies of a SAM function: documents, statements, names of managed policies and of SAM's own templates (AWS SAM
/// documentation, "Policy templates").
fn sam(reader: &Reader<'_>, node: &Node) -> Vec<Grant> {
    use crate::inventory::kind::ScopeLevel::{Read, Write};
    let mut out = Vec::new();
    for item in policy::items(node) {
        if let Some(name) = reader.literal(item) {
            let arn = if name.starts_with("arn:") { name } else { format!("arn:aws:iam::aws:policy/{name}") };
            out.push(managed(&arn));
            continue;
        }
        out.extend(aws::rights(item, reader.file.bytes));
        for pair in item.pairs().iter().filter(|pair| pair.key.ends_with("Policy")) {
            let level =
                if pair.key.ends_with("ReadPolicy") || pair.key.ends_with("ReaderPolicy") { Read } else { Write };
            out.push(Grant::new(Some(level), &format!("SAM policy template {}", pair.key)));
        }
    }
    out
}

fn managed(arn: &str) -> Grant {
    aws::managed(arn).unwrap_or_else(|| Grant::new(None, arn))
}

/// A document that stands elsewhere: in a data block, a local value, a policy of its own or a file. True where it does.
fn refer(reader: &Reader<'_>, node: &Node, aspect: &str, address: &str, out: &mut Out) -> bool {
    if matches!(node.value, Value::Map(_)) {
        return false;
    }
    let mut found = false;
    for name in reader.references(node) {
        if name.starts_with("local.") || name.contains("polic") {
            out.links.take(address.to_owned(), reader.address(&format!("{name}{aspect}")));
            found = true;
        }
    }
    // `file("${path.module}/x.json")`, `templatefile(…)`.
    let text = reader.file.text(&node.place);
    if let Some((_, rest)) = text.split_once("${path.module}/").filter(|_| reader.dialect == Dialect::Terraform) {
        let path = rest.split('"').next().unwrap_or_default();
        out.links.take(address.to_owned(), format!("{}{aspect}", in_file(reader.file, path)));
        found = true;
    }
    found
}

/// The address of the policy document that is a file of its own, by its path from a file's folder.
fn in_file(file: &File<'_>, path: &str) -> String {
    let mut parts: Vec<&str> = file.path.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    format!("file:{}:{}", file.repository, parts.join("/"))
}

/// Tells what a file that is a policy document allows.
pub(super) fn document_file(file: &File<'_>, tree: &Node, out: &mut Out) {
    if !tree.has("Statement") {
        return;
    }
    let address = in_file(file, file.name());
    let mut facts = Facts::default();
    let grants = aws::rights(tree, file.bytes).into_iter().map(|grant| (file.path.to_owned(), grant));
    policy::claim(&mut facts, Source::Infrastructure, &grants.collect::<Vec<_>>());
    out.links.tell(address.clone(), facts);
    let mut facts = Facts::default();
    trusted(file, &trust::trust(tree, file.bytes), tree.place.start, &mut facts);
    out.links.tell(format!("{address}#trust"), facts);
}

/// Notes who may take on a role.
pub(super) fn trusted(file: &File<'_>, trust: &Trust, at: usize, facts: &mut Facts) {
    if trust.who.is_empty() && !trust.federated {
        return;
    }
    let basis = file.basis(at);
    let mode = if trust.federated { Mode::Federated } else { Mode::ShortLived };
    facts.claim(Field::Mode, Source::Infrastructure, mode.name(), &basis);
    if let Some(reason) = &trust.weak {
        facts.claim(Field::State, Source::Infrastructure, "weak-auth-scheme", format!("{basis}: {reason}"));
    }
    for who in &trust.who {
        facts.consumed(file, at, format!("trusted: {who}"));
    }
}

/// What a Google Cloud role is given on: `project acme-prod`, `storage bucket x`.
fn place_of(reader: &Reader<'_>, declared: &Declared<'_>) -> String {
    let name = declared.kind.name.trim_start_matches("google_");
    let what = name.split("_iam_").next().unwrap_or(name);
    let attribute = if what == "organization" { "org_id" } else { what.rsplit('_').next().unwrap_or(what) };
    let which = values(declared.body, attribute).first().map(|node| reader.shown(node)).unwrap_or_default();
    format!("{} {which}", what.replace('_', " ")).trim_end().to_owned()
}
