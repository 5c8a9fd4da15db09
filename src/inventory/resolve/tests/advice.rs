//! What is advised, and why.

use super::*;

fn advised(case: Case) -> (String, String) {
    let advice = case.done().recommended;
    (advice.action, advice.reason)
}

fn wanted(action: &str, reason: &str) -> (String, String) {
    (action.to_owned(), reason.to_owned())
}

/// A row that is owned and used.
fn needed() -> Case {
    Case::new().consumed().owner(3, "@a", "x")
}

/// A value that stands in clear at a path.
fn standing(path: &str) -> Case {
    let mut case = Case::new();
    case.facts.locations.insert(Location::new("r", path, Embedded));
    case
}

#[test]
fn what_nothing_needs_is_revoked() {
    let over = needed().by(Source::Catalog, Field::Lifecycle, "deprecated");
    assert_eq!(advised(over), wanted("revoke", "orphaned: its application is deprecated (basis)"));
    let ended = needed().says(Field::ExpiresAt, "2026-01-01");
    assert_eq!(advised(ended), wanted("revoke", "expired: ended on 2026-01-01"));
    let inactive = wanted("revoke", "not active any more: take away what is left of it");
    assert_eq!(advised(needed().says(Field::Active, "no")), inactive);
    let gone = "in-history: in the history of r a/b.env:3; nothing that was read ties it to a current need";
    assert_eq!(advised(Case::new().at("r", HistoryOnly, None)), wanted("revoke", gone));
    let old =
        "in-history: in the history of r a/b.env:3; stale: no commit touched it for 2517 days and nothing needs it";
    assert_eq!(advised(Case::new().at("r", HistoryOnly, Some(YEARS_AGO))), wanted("revoke", old));
    for path in ["docs/a.yaml", "x/testdata/key.pem", "README.md", "a/b_test.go", "env.example", "src/a.spec.ts"] {
        let reason = format!("embedded: in clear in r {path}; it stands in documentation, examples or tests alone");
        assert_eq!(advised(standing(path)), wanted("revoke", &reason));
    }
    let certificate = |path: &str| {
        let mut case = Case::new().kind("certificate").owner(3, "@a", "x");
        case.facts.locations.insert(Location::new("r", path, StorageState::Unknown));
        advised(case).0
    };
    assert_eq!(
        (certificate("test/tls.crt"), certificate("deploy/tls.crt")),
        ("revoke".to_owned(), "rotate".to_owned())
    );
    let unused = needed().says(Field::LastUsedAt, "2026-01-01");
    assert_eq!(advised(unused), wanted("revoke", "stale: last used 325 days ago"));
}

#[test]
fn what_was_seen_is_rotated_where_something_needs_it() {
    let reason = "embedded: in clear in r deploy/app.py; keep its next value in a vault";
    assert_eq!(advised(standing("deploy/app.py")), wanted("rotate", reason));
    let reason = "embedded: in clear in r docs/a.yaml; keep its next value in a vault";
    assert_eq!(advised(standing("docs/a.yaml").consumed()), wanted("rotate", reason));
    let reason =
        "plaintext-in-ci: in clear in the pipeline r a/b.env:3; keep its next value among the pipeline's secrets";
    assert_eq!(advised(needed().at("r", CiLiteral, None)), wanted("rotate", reason));
}

#[test]
fn what_is_kept_elsewhere_is_kept_where_nothing_speaks_against_it() {
    let vaulted = || needed().at("r", Vault, Some(YEARS_AGO));
    let kept = "in use, and nothing speaks against it; find out when its value last changed";
    assert_eq!(advised(vaulted()), wanted("keep", kept));
    let unowned =
        "in use, and nothing speaks against it; name who answers for it; find out when its value last changed";
    assert_eq!(advised(Case::new().consumed().at("r", Vault, Some(YEARS_AGO))), wanted("keep", unowned));
    let role = Case::new().owner(3, "@a", "x").at("r", StorageState::Federated, Some(YEARS_AGO));
    assert_eq!(advised(role), wanted("keep", "declared, and nothing speaks against it"));
    let reason = "what it is for is not known";
    assert_eq!(advised(Case::new().owner(3, "@a", "x").at("r", Vault, Some(DAY))), wanted("rotate", reason));
    let canary = wanted("keep", "a canary: it is there to be found");
    assert_eq!(advised(needed().says(Field::State, "canary")), canary);
}

#[test]
fn other_faults_say_what_is_to_be_done() {
    let wide = needed().says(Field::ScopeLevel, "write").says(Field::Ceiling, "read");
    let (action, reason) = advised(wide);
    assert!(action == "reduce" && reason.ends_with("; take away what it does not need"), "{reason}");
    let (action, reason) = advised(Case { leavers: Some("@a"), ..needed() });
    assert!(action == "rotate" && reason.ends_with("; name who answers for it now"), "{reason}");
    let two = || needed().says(Field::Environment, "production").says(Field::Environment, "test");
    let (action, reason) = advised(two());
    assert!(action == "rotate" && reason.ends_with("; give each environment its own"), "{reason}");
    assert_eq!(advised(two().says(Field::Mode, "federated")).0, "reduce");
    let gone = Case { leavers: Some("@a"), ..needed().says(Field::Mode, "federated") };
    assert_eq!(advised(gone).0, "keep");
}
