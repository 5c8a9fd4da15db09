//! Rows with one thing that matters each, and the same without it.

use super::super::kind::FingerprintKind;
use super::super::owner::rank;
use super::super::record::{Attribution, Change, Consumer, Role, Rotation};
use super::super::register::Subject;
use super::*;
use crate::config::nhi::Tier;

mod advice;

const TODAY: &str = "2026-11-22";

/// A row that is in order: a vaulted, reviewed, owned password.
struct Case {
    facts: Facts,
    policy: NhiPolicy,
    /// Facts of another row of the same register.
    other: Option<Facts>,
    leavers: Option<&'static str>,
}

impl Case {
    fn new() -> Self {
        let mut facts = Facts::default();
        facts.claim(Field::Kind, Source::Rule, "password", "rule");
        Self { facts, policy: NhiPolicy::default(), other: None, leavers: None }
    }

    fn says(self, field: Field, value: &str) -> Self {
        self.by(Source::File, field, value)
    }

    fn by(mut self, source: Source, field: Field, value: &str) -> Self {
        self.facts.claim(field, source, value, "basis");
        self
    }

    fn at(mut self, repository: &str, storage: StorageState, date: Option<&str>) -> Self {
        let mut place = Location::new(repository, "a/b.env", storage);
        place.line = Some(3);
        place.present = storage != HistoryOnly;
        place.introduced = date.map(change);
        self.facts.locations.insert(place);
        self
    }

    fn kind(self, kind: &str) -> Self {
        self.by(Source::Register, Field::Kind, kind)
    }

    fn owner(mut self, rank: u8, name: &str, basis: &str) -> Self {
        self.facts.owners.insert(Attribution {
            rank,
            role: Role::Technical,
            owner: name.to_owned(),
            source: "source".to_owned(),
            basis: basis.to_owned(),
            confidence: "high".to_owned(),
        });
        self
    }

    fn consumed(mut self) -> Self {
        let (repository, what, path) = ("r".to_owned(), "job".to_owned(), "ci.yml".to_owned());
        self.facts.consumers.insert(Consumer { repository, what, path, line: None });
        self
    }

    fn policy(mut self, text: &str) -> Self {
        let set = crate::rule::RuleSet::builtin();
        let config = crate::config::load_from(text.as_bytes(), "credlint.yaml", &set);
        self.policy = config.map_err(|errors| errors[0].to_string()).unwrap().nhi;
        self
    }

    fn identity(self) -> Identity {
        let mut register = Register::new(TODAY, "rules", "key");
        let subject = |text: &str| Subject { kind: FingerprintKind::Value, fingerprint: text.to_owned() };
        let id = subject("it").id();
        register.add(subject("it"), self.facts);
        register.add(subject("other"), self.other.unwrap_or_default());
        let leavers = self.leavers;
        let left = |name: &str| leavers.filter(|gone| name.contains(gone)).map(|_| "2026-10-01".to_owned());
        resolve(&mut register, &self.policy, leavers.is_some().then_some(&left as &Left<'_>));
        register.identities.remove(&id).unwrap()
    }

    fn done(self) -> Resolved {
        self.identity().resolved
    }

    fn state(self, state: &str) -> Told {
        let out = self.done();
        match (out.states.get(state), out.unknown.get(state)) {
            (Some(reason), None) => Told::Holds(reason.clone()),
            (None, Some(missing)) => Told::Unknown(missing.clone()),
            (None, None) => Told::Not,
            (Some(_), Some(_)) => panic!("{state} holds and is unknown"),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Told {
    Holds(String),
    Unknown(String),
    Not,
}

fn holds(reason: &str) -> Told {
    Told::Holds(reason.to_owned())
}

fn unknown(missing: &str) -> Told {
    Told::Unknown(missing.to_owned())
}

fn change(date: &str) -> Change {
    Change {
        date: date.to_owned(),
        commit: "c0ffee".to_owned(),
        author: "Ann <ann@x.io>".to_owned(),
        committer: "Bob <bob@x.io>".to_owned(),
        ticket: None,
    }
}

fn registered() -> Facts {
    let mut facts = Facts::default();
    facts.claim(Field::Purpose, Source::Register, "p", "register.csv:2");
    facts
}

const DAY: &str = "2026-11-20T10:00:00Z";
const YEARS_AGO: &str = "2020-01-01T10:00:00Z";
use StorageState::{CiLiteral, CiStore, Embedded, HistoryOnly, Image, Vault};

#[test]
fn states_of_places() {
    for (storage, state, expected) in [
        (Embedded, "embedded", holds("in clear in r a/b.env:3")),
        (CiLiteral, "plaintext-in-ci", holds("in clear in the pipeline r a/b.env:3")),
        (Image, "in-image-layer", holds("in the image r a/b.env:3")),
        (HistoryOnly, "in-history", holds("in the history of r a/b.env:3")),
        (Vault, "embedded", Told::Not),
        (Embedded, "plaintext-in-ci", Told::Not),
        (Embedded, "in-image-layer", Told::Not),
        (Embedded, "in-history", Told::Not),
    ] {
        assert_eq!(Case::new().at("r", storage, None).state(state), expected, "{state} {storage:?}");
    }
}

#[test]
fn keys_are_encrypted_or_not_or_do_not_tell() {
    let key = || Case::new().kind("private-key").at("r", Embedded, None);
    let state = "unencrypted-key";
    assert_eq!(key().says(Field::Encrypted, "no").state(state), holds("not encrypted in r a/b.env:3"));
    assert_eq!(key().says(Field::Encrypted, "yes").state(state), Told::Not);
    assert_eq!(key().state(state), unknown("the form of the key in r a/b.env:3 does not tell"));
    assert_eq!(Case::new().at("r", Embedded, None).state(state), Told::Not);
}

#[test]
fn ages() {
    let exact = |date: &str| Case::new().by(Source::Credential, Field::CreatedAt, date);
    assert_eq!(exact("2026-08-23").state("aged"), holds("91 days old; tier medium allows 90"));
    assert_eq!(exact("2026-08-24").state("aged"), Told::Not);
    let seen = |date| Case::new().at("r", Embedded, Some(date));
    assert_eq!(seen(YEARS_AGO).state("aged"), holds("at least 2517 days old; tier medium allows 90"));
    assert_eq!(seen(DAY).state("aged"), unknown("first seen 2 days ago; it may be older"));
    let named = "named for 2517 days; nothing tells when its value last changed";
    assert_eq!(Case::new().at("r", Vault, Some(YEARS_AGO)).state("aged"), unknown(named));
    assert_eq!(Case::new().state("aged"), unknown("nothing tells when it was made"));
    assert_eq!(exact(YEARS_AGO).says(Field::Mode, "dynamic").state("aged"), Told::Not);
}

#[test]
fn rotations() {
    let rotated = |date: &str| Case::new().by(Source::Export, Field::LastRotatedAt, date);
    assert_eq!(rotated("2026-08-01").state("unrotated"), holds("due since 2026-10-30, 23 days ago"));
    assert_eq!(rotated("2026-09-01").state("unrotated"), Told::Not);
    assert_eq!(Case::new().state("unrotated"), unknown("neither its age nor a rotation is known"));
    let referred = || Case::new().at("r", Vault, Some(YEARS_AGO));
    assert_eq!(referred().state("unrotated"), unknown("kept elsewhere: nothing tells when its value last changed"));
    let told = referred().by(Source::Export, Field::LastRotatedAt, "2026-08-01");
    assert_eq!(told.state("unrotated"), holds("due since 2026-10-30, 23 days ago"));
    let seen = Case::new().at("r", HistoryOnly, Some(DAY));
    assert_eq!(seen.state("unrotated"), holds("stood in clear in a/b.env and was not replaced"));
}

/// The row whose value another one replaced on `DAY`.
fn replaced(case: Case) -> Resolved {
    let subject = |text: &str| Subject { kind: FingerprintKind::Value, fingerprint: text.to_owned() };
    let (from, to) = (subject("it").id(), subject("other").id());
    let rotation = Rotation { change: change(DAY), from, to, place: "r a/b.env".to_owned() };
    let mut register = Register::new(TODAY, "rules", "key");
    let mut facts = case.facts;
    facts.rotations.insert(rotation.clone());
    register.add(subject("it"), facts);
    register.add(subject("other"), Facts { rotations: [rotation].into(), ..Facts::default() });
    resolve(&mut register, &NhiPolicy::default(), None);
    assert_eq!(register.identities[&subject("other").id()].resolved.time.last_rotated_at.as_deref(), Some(DAY));
    register.identities.remove(&subject("it").id()).unwrap().resolved
}

#[test]
fn exposed_stays_until_a_rotation_is_shown() {
    let lifecycle = |case: Case| case.done().lifecycle;
    assert_eq!(lifecycle(Case::new().at("r", Embedded, None)), "exposed");
    assert_eq!(lifecycle(Case::new().at("r", HistoryOnly, None)), "exposed");
    assert_eq!(lifecycle(Case::new().at("r", CiStore, None)), "active");
    assert_eq!(lifecycle(Case::new()), "introduced");
    assert_eq!(lifecycle(Case::new().at("r", HistoryOnly, None).says(Field::Active, "no")), "rotated");
    let gone = replaced(Case::new().at("r", HistoryOnly, Some(YEARS_AGO)));
    assert_eq!(gone.lifecycle, "rotated");
    let due = gone.states.get("unrotated");
    assert!(due.is_none_or(|due| due.starts_with("due since")), "{due:?}");
    assert_eq!(replaced(Case::new().at("r", Embedded, None)).lifecycle, "exposed");
    let mut removed = Case::new();
    let place = Location { present: false, ..Location::new("r", "a", CiStore) };
    removed.facts.locations.insert(place);
    assert_eq!(lifecycle(removed), "removed");
}

#[test]
fn ends() {
    let token = || Case::new().kind("token");
    let ends = |date: &str| token().says(Field::ExpiresAt, date);
    assert_eq!(ends("2026-11-21T00:00:00Z").state("expired"), holds("ended on 2026-11-21"));
    assert_eq!(ends("2026-11-22").state("expired"), Told::Not);
    assert_eq!(ends("2026-12-22").state("expiring"), holds("ends on 2026-12-22, in 30 days"));
    assert_eq!(ends("2026-12-23").state("expiring"), Told::Not);
    assert_eq!(ends("never").state("no-expiry"), holds("made without an end"));
    assert_eq!(ends("2026-12-23").state("no-expiry"), Told::Not);
    for state in ["no-expiry", "expired", "expiring"] {
        assert_eq!(token().state(state), unknown("nothing tells whether it ends"), "{state}");
        assert_eq!(Case::new().state(state), Told::Not, "{state}");
    }
    let narrow = ends("2026-12-02").policy("nhi: {expiring-days: 5}\n");
    assert_eq!(narrow.state("expiring"), Told::Not);
}

#[test]
fn owners() {
    let mut silent = Case::new();
    silent.facts.unattributed.insert("CODEOWNERS: there is none".to_owned());
    assert_eq!(silent.state("unowned"), holds("CODEOWNERS: there is none"));
    assert_eq!(Case::new().state("unowned"), holds("nothing that was read names owners of its places"));
    assert_eq!(Case::new().owner(rank::CODEOWNERS, "@a", "x").state("unowned"), Told::Not);
    let hint = Case::new().owner(rank::GIT, "Ann <ann@x.io>", "x");
    assert_eq!(hint.state("unowned"), unknown("only the authors of commits hint at an owner"));
    let tagged = Case::new().by(Source::Infrastructure, Field::Tag, "Owner=red").done();
    assert_eq!(tagged.technical_owner.unwrap().owner, "red");
    let several = Case::new().owner(3, "@b", "x").owner(3, "@a", "x").owner(2, "pay", "y").owner(6, "Ann", "z").done();
    assert_eq!(several.technical_owner.unwrap().owner, "pay");
    let said: Vec<&String> = several.conflicts["technical_owner"].iter().collect();
    assert_eq!(said, ["@a, @b (source: x)", "pay (source: y)"]);
    let named = Case::new()
        .says(Field::Name, "DEPLOY_KEY")
        .policy("nhi:\n  identities:\n    - {name: DEPLOY_*, business-owner: cfo, purpose: deploys}\n");
    let named = named.done();
    assert_eq!(named.business_owner.unwrap().owner, "cfo");
    assert_eq!(named.fields["purpose"], "deploys");
}

#[test]
fn the_creator_is_no_owner() {
    let out = Case::new().at("r", Vault, Some(DAY)).at("s", Vault, Some("2026-11-20T09:00:00+02:00")).done();
    assert_eq!(out.creator.as_deref(), Some("Ann <ann@x.io>, committed by Bob <bob@x.io>"));
    assert_eq!((out.technical_owner, out.business_owner), (None, None));
}

#[test]
fn orphans() {
    let owned = |leavers| {
        let mut case = Case::new().owner(3, "@zoe", "x").at("r", Vault, Some(DAY));
        case.leavers = leavers;
        case
    };
    assert_eq!(owned(Some("@zoe")).state("orphaned"), holds("its owner @zoe is gone since 2026-10-01"));
    assert_eq!(owned(Some("ann@")).state("orphaned"), holds("its creator Ann <ann@x.io> is gone since 2026-10-01"));
    assert_eq!(owned(Some("else")).state("orphaned"), Told::Not);
    assert_eq!(owned(None).state("orphaned"), unknown("no list of leavers was given"));
    let over = Case::new().by(Source::Catalog, Field::Lifecycle, "deprecated");
    assert_eq!(over.state("orphaned"), holds("its application is deprecated (basis)"));
}

#[test]
fn stale() {
    let used = |date: &str| Case::new().says(Field::LastUsedAt, date).at("r", Vault, Some(YEARS_AGO));
    assert_eq!(used("2026-08-01").state("stale"), holds("last used 113 days ago"));
    assert_eq!(used("2026-11-01").state("stale"), Told::Not);
    let touched = |date| Case::new().at("r", HistoryOnly, Some(date));
    let reason = "no commit touched it for 2517 days";
    assert_eq!(touched(YEARS_AGO).state("stale"), holds(&format!("{reason} and nothing needs it")));
    let needed = unknown(&format!("{reason}; its last use is not known"));
    assert_eq!(touched(YEARS_AGO).consumed().state("stale"), needed);
    assert_eq!(touched(YEARS_AGO).at("r", Embedded, None).state("stale"), needed);
    assert_eq!(Case::new().at("r", Vault, Some(YEARS_AGO)).state("stale"), needed);
    assert_eq!(touched(DAY).state("stale"), Told::Not);
    assert_eq!(Case::new().state("stale"), unknown("neither a commit nor a use is known"));
}

#[test]
fn shared_and_across_environments() {
    let two = Case::new().at("r", Vault, None).at("s", Vault, None);
    assert_eq!(two.state("shared"), holds("in 2 repositories: r, s"));
    let teams = Case::new().says(Field::Team, "a").by(Source::Tag, Field::Team, "b");
    assert_eq!(teams.state("shared"), holds("in 2 teams: a, b"));
    assert_eq!(Case::new().at("r", Vault, None).state("shared"), Told::Not);
    let used = |names: &[&str]| names.iter().fold(Case::new(), |case, name| case.says(Field::Environment, name));
    let state = "cross-environment";
    assert_eq!(used(&["production", "test"]).state(state), holds("used in production, test"));
    assert_eq!(used(&["staging", "test"]).state(state), Told::Not);
    assert_eq!(used(&[]).state(state), unknown("nothing tells its environments"));
    let by_path = used(&["test"]).at("r", Vault, None);
    let by_path = by_path.policy("nhi:\n  environments:\n    - {environment: production, paths: [a/]}\n");
    assert_eq!(by_path.state(state), holds("used in production, test"));
    let made = |mode: &str, place: &str| used(&[place]).says(Field::Stage, mode).state("test-credential");
    assert_eq!(made("test", "production"), holds("made for tests, used in production"));
    assert_eq!(made("live", "test"), holds("live, used in test"));
    assert_eq!(made("live", "production"), Told::Not);
    assert_eq!(
        used(&[]).says(Field::Stage, "live").state("test-credential"),
        unknown("nothing tells its environments")
    );
}

#[test]
fn scope() {
    let level = |level: &str| Case::new().says(Field::ScopeLevel, level);
    assert_eq!(level("admin").says(Field::ScopeLevel, "read").state("admin-scope"), holds("basis"));
    assert_eq!(level("read").state("admin-scope"), Told::Not);
    assert_eq!(Case::new().state("admin-scope"), unknown("nothing tells its scope"));
    let over = |scope: &str, most: &str| level(scope).says(Field::Ceiling, most).state("overprivileged");
    assert_eq!(over("write", "read"), holds("reaches write, its ceiling is read"));
    assert_eq!(over("read", "write"), Told::Not);
    assert_eq!(over("read", "repo:status"), unknown("its scope cannot be compared with its ceiling"));
    assert_eq!(
        level("read").state("overprivileged"),
        unknown("neither a ceiling nor what is used of its scope is known")
    );
    let vendor = Case::new().says(Field::Vendor, "Acme");
    assert_eq!(vendor.state("third-party"), holds("of Acme"));
    assert_eq!(Case::new().state("third-party"), Told::Not);
}

#[test]
fn registers_and_reviews() {
    let with = |case: Case| Case { other: Some(registered()), ..case };
    assert_eq!(with(Case::new()).state("unregistered"), holds("the register that was given does not name it"));
    assert_eq!(with(Case::new().kind("token")).state("unregistered"), Told::Not);
    assert_eq!(Case::new().state("unregistered"), unknown("no register was given"));
    let reviewed = |date: &str| Case::new().says(Field::ReviewedAt, date).says(Field::Decision, "keep");
    assert_eq!(reviewed("2026-08-01").state("no-review"), holds("last reviewed 113 days ago, 90 are allowed"));
    assert_eq!(reviewed("2026-11-01").state("no-review"), Told::Not);
    let due = reviewed("2026-11-01").says(Field::NextReviewDue, "2026-11-10");
    assert_eq!(due.state("no-review"), holds("the next review was due on 2026-11-10"));
    let open = Case::new().says(Field::ReviewedAt, "2026-11-01");
    assert_eq!(open.state("no-review"), holds("reviewed without a decision"));
    assert_eq!(with(Case::new()).state("no-review"), holds("the register holds no review of it"));
    assert_eq!(Case::new().state("no-review"), unknown("no review was given"));
}

#[test]
fn approvals_and_exceptions() {
    let brought = || Case::new().at("r", Vault, Some(DAY));
    assert_eq!(brought().state("unapproved-change"), holds("commit c0ffee names no request or ticket"));
    assert_eq!(brought().says(Field::Ticket, "OPS-1").state("unapproved-change"), Told::Not);
    assert_eq!(Case::new().state("unapproved-change"), unknown("the commit that brought it is not known"));
    let mut request = Case::new();
    let introduced = Some(Change { ticket: Some("#4".to_owned()), ..change(DAY) });
    request.facts.locations.insert(Location { introduced, ..Location::new("r", "a", Vault) });
    assert_eq!(request.state("unapproved-change"), Told::Not);
    let exception = |text: &str| Case::new().says(Field::Exception, text).state("exception-undocumented");
    assert_eq!(exception("old box"), holds("the exception at basis lacks who approved it or until when"));
    assert_eq!(exception("old box, by Ann, until 2027-01-01"), Told::Not);
}

/// States that sources speak for themselves.
const SPOKEN: [&str; 5] = ["human-use", "default-credential", "weak-secret", "weak-crypto", "weak-auth-scheme"];

#[test]
fn sources_speak_for_states() {
    for state in SPOKEN {
        assert_eq!(Case::new().says(Field::State, state).state(state), holds("basis"), "{state}");
        assert!(!matches!(Case::new().state(state), Told::Holds(_)), "{state}");
    }
    assert!(Case::new().says(Field::State, "canary").done().states.keys().all(|state| state != "canary"));
}

/// The other tests show each of these from its own facts.
#[test]
fn every_state_that_needs_no_audit_log_is_reachable() {
    let cases = [
        Case { other: Some(registered()), ..Case::new().at("r", Embedded, Some(YEARS_AGO)).at("s", CiLiteral, None) },
        Case::new().at("r", Image, None).at("r", HistoryOnly, None).says(Field::Exception, "why"),
        Case::new().kind("private-key").at("r", Embedded, None).says(Field::Encrypted, "no"),
        Case::new().says(Field::ExpiresAt, "2026-11-01").by(Source::Catalog, Field::Lifecycle, "retired"),
        Case::new().says(Field::ExpiresAt, "2026-12-01").says(Field::Vendor, "Acme").at(
            "r",
            HistoryOnly,
            Some(YEARS_AGO),
        ),
        Case::new().says(Field::ExpiresAt, "never").kind("token").says(Field::Stage, "test"),
        Case::new().says(Field::Environment, "production").says(Field::Environment, "test").says(Field::Stage, "test"),
        Case::new().says(Field::ScopeLevel, "admin").says(Field::Ceiling, "read"),
    ];
    let spoken = SPOKEN.iter().fold(Case::new(), |case, state| case.says(Field::State, state));
    let mut reached: BTreeSet<String> = spoken.done().states.into_keys().collect();
    for case in cases {
        reached.extend(case.done().states.into_keys());
    }
    let known: BTreeSet<String> = controls::STATES.iter().map(|(state, _)| (*state).to_owned()).collect();
    assert_eq!(known.difference(&reached).collect::<Vec<_>>(), ["no-audit-event"]);
    assert_eq!(reached.difference(&known).count(), 0);
}

#[test]
fn tiers() {
    let tier = |case: Case| case.done().tier;
    let used = |level: &str, place: &str| Case::new().says(Field::ScopeLevel, level).says(Field::Environment, place);
    for (level, place, expected) in [
        ("admin", "test", "high"),
        ("write", "production", "high"),
        ("unknown", "production", "high"),
        ("read", "production", "medium"),
        ("write", "test", "medium"),
        ("read", "test", "low"),
    ] {
        assert_eq!(tier(used(level, place)), expected, "{level} {place}");
    }
    let rule =
        "nhi:\n  rotation-days: {low: 400}\n  tiers:\n    - {tier: low, kinds: [password], scope-levels: [admin]}\n";
    let out = used("admin", "test").policy(rule).done();
    assert_eq!((out.tier.as_str(), out.time.rotation_window_days), (Tier::Low.name(), Some(400)));
    assert_eq!(tier(used("write", "production").policy(rule)), "high");
}

#[test]
fn the_score_is_the_sum_of_its_factors() {
    let out = Case::new().at("r", Embedded, Some(YEARS_AGO)).says(Field::ScopeLevel, "admin").done();
    let sum: i32 = out.factors.iter().map(|factor| factor.points).sum();
    assert_eq!(i32::from(out.score), sum.min(100));
    let vaulted = Case::new().at("r", Vault, Some(DAY)).says(Field::ScopeLevel, "read").done();
    assert!(vaulted.score < out.score, "{} {}", vaulted.score, out.score);
    assert_eq!(Case::new().at("r", Embedded, None).says(Field::State, "canary").done().score, 0);
}

#[test]
fn controls_follow_from_states() {
    let password = Case::new().at("r", Embedded, None).done();
    assert!(password.controls_against.contains("PCI-DSS 8.6.2") && password.controls_against.contains("CWE CWE-798"));
    let key = Case::new().kind("api-key").at("r", Embedded, None).done();
    assert!(!key.controls_against.contains("PCI-DSS 8.6.2") && key.controls_against.contains("PCI-DSS 8.3.2"));
    assert!(!password.controls_for.contains("PCI-DSS 8.3.2"));
    assert!(Case::new().at("r", Vault, None).done().controls_for.contains("PCI-DSS 8.3.2"));
}

#[test]
fn sources_that_differ_are_shown() {
    let out = Case::new()
        .by(Source::Export, Field::Principal, "a")
        .by(Source::File, Field::Principal, "b")
        .by(Source::File, Field::Name, "X")
        .by(Source::Reference, Field::Name, "Y")
        .by(Source::Credential, Field::ScopeLevel, "read")
        .by(Source::Credential, Field::ScopeLevel, "write")
        .done();
    assert_eq!(out.fields["principal"], "a");
    assert_eq!(out.scope_level, Some(ScopeLevel::Write));
    let conflicts: Vec<_> = out.conflicts.iter().collect();
    let said = BTreeSet::from(["a (export: basis)".to_owned(), "b (file: basis)".to_owned()]);
    assert_eq!(conflicts, [(&"principal".to_owned(), &said)]);
}

#[test]
fn the_policy_says_what_is_missing_for_approval() {
    let text = "nhi:\n  required: [owner, purpose, ceiling]\n  vault-paths: [secret/*]\n";
    let objected = |case: Case| {
        let policy = case.policy.clone();
        objections(&case.identity(), &policy)
    };
    let bare = Case::new().says(Field::VaultPath, "kv/x").owner(rank::GIT, "Ann", "x").policy(text);
    assert_eq!(objected(bare), ["no owner", "no purpose", "no ceiling", "the vault path kv/x may not be used (basis)"]);
    let whole = Case::new().says(Field::VaultPath, "secret/x").owner(3, "@a", "x").says(Field::Purpose, "p");
    assert_eq!(objected(whole.says(Field::Ceiling, "read").policy(text)), [""; 0]);
}

#[test]
fn the_policy_knows_every_kind() {
    assert_eq!(crate::config::nhi::KINDS.to_vec(), Kind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>());
}
