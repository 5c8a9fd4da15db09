//! Owners of the files of small trees.

use std::path::Path;

use super::*;
use crate::inventory::kind::{FingerprintKind, StorageState};
use crate::inventory::record::Location;
use crate::inventory::register::Subject;

const BACKSTAGE: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: pay\n  annotations:\n    \
                         pagerduty.com/service-id: PABC\nspec:\n  type: service\n  owner: group:default/payments\n  \
                         lifecycle: deprecated\n  system: money\n---\napiVersion: backstage.io/v1alpha1\nkind: System\n\
                         metadata:\n  name: money\nspec:\n  owner: user:cfo\n";

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// What the files say of an identity at these places.
fn facts(folder: &Path, places: &[(&str, u64)], config: Option<&Config>, history: Option<&Repository>) -> Facts {
    let subject = Subject { kind: FingerprintKind::Value, fingerprint: "x".to_owned() };
    let mut facts = Facts::default();
    for (path, line) in places {
        let location = Location { line: Some(*line), ..Location::new("repo", path, StorageState::Embedded) };
        facts.locations.insert(location);
    }
    let mut sightings = Sightings::from([(subject, facts)]);
    let files = history.map_or_else(|| Files::on_disk(folder, 1), |found| Files::at(found, found.head()));
    let paths = places.iter().map(|(path, _)| path.as_bytes());
    let versions = history.map(|repository| crate::source::git::versions::versions(repository, paths));
    let history = history.zip(versions.as_ref()).map(|(repository, versions)| History { repository, versions });
    attribute(&files, "repo", config, history, &mut sightings);
    sightings.into_values().next().unwrap()
}

/// `rank role owner source basis confidence` of each owner, best first.
fn owners(facts: &Facts) -> Vec<String> {
    let role = |role| if role == Role::Business { "business" } else { "technical" };
    let shown = |one: &Attribution| {
        format!("{} {} {} | {} | {} | {}", one.rank, role(one.role), one.owner, one.source, one.basis, one.confidence)
    };
    facts.owners.iter().map(shown).collect()
}

fn of(files: &[(&str, &str)], path: &str) -> Vec<String> {
    owners(&facts(tree(files).path(), &[(path, 1)], None, None))
}

fn claims(facts: &Facts) -> Vec<String> {
    facts.claims.iter().map(|one| format!("{} {} {}", one.field.name(), one.value, one.basis)).collect()
}

#[test]
fn the_first_place_of_the_host_counts() {
    let (first, root, docs) =
        ((".github/CODEOWNERS", "* @a\n"), ("CODEOWNERS", "* @b\n"), ("docs/CODEOWNERS", "* @c\n"));
    assert_eq!(of(&[first, root, docs], "x"), ["3 technical @a | CODEOWNERS | .github/CODEOWNERS:1 | high"]);
    assert_eq!(of(&[root, docs], "x"), ["3 technical @b | CODEOWNERS | CODEOWNERS:1 | high"]);
    let gitlab = (".gitlab-ci.yml", "job: {}\n");
    assert_eq!(of(&[first, docs, gitlab], "x"), ["3 technical @c | CODEOWNERS | docs/CODEOWNERS:1 | high"]);
    let sections = (".gitlab/CODEOWNERS", "[Ops]\n* @d @@maintainer\n");
    assert_eq!(
        of(&[sections], "a/x"),
        [
            "3 technical @@maintainer | CODEOWNERS | .gitlab/CODEOWNERS:2 [Ops] | high",
            "3 technical @d | CODEOWNERS | .gitlab/CODEOWNERS:2 [Ops] | high"
        ]
    );
}

#[test]
fn a_catalogue_holds_for_its_folder_and_those_below() {
    let folder = tree(&[("pay/catalog-info.yaml", BACKSTAGE), ("catalog-info.yaml", "kind: Component\nspec: {}\n")]);
    let below = facts(folder.path(), &[("pay/deep/x.env", 1)], None, None);
    assert_eq!(
        owners(&below),
        [
            "2 business user:cfo | Backstage | pay/catalog-info.yaml:18 | high",
            "2 technical group:default/payments | Backstage | pay/catalog-info.yaml:9 | high"
        ]
    );
    assert_eq!(
        claims(&below),
        [
            "team payments pay/catalog-info.yaml:9",
            "application pay pay/catalog-info.yaml:4",
            "application_lifecycle deprecated pay/catalog-info.yaml:10",
            "tag pagerduty.com/service-id=PABC pay/catalog-info.yaml:6",
            "tag system=money pay/catalog-info.yaml:11",
            "tag type=service pay/catalog-info.yaml:8"
        ]
    );
    let above = facts(folder.path(), &[("x.env", 1)], None, None);
    assert_eq!(owners(&above), [""; 0]);
    assert!(above.unattributed.contains("Backstage: catalog-info.yaml has no spec.owner"), "{:?}", above.unattributed);
}

#[test]
fn other_catalogues() {
    for (name, text, expected) in [
        (
            "service.datadog.yaml",
            "schema-version: v2.2\ndd-service: cart\nteam: shop\ntier: high\n",
            vec!["2 technical shop | Datadog | service.datadog.yaml:3 | high"],
        ),
        (
            "entity.datadog.yaml",
            "apiVersion: v3\nkind: service\nmetadata:\n  name: cart\n  owner: shop\n  additionalOwners:\n    - name: ops\n",
            vec![
                "2 technical ops | Datadog | entity.datadog.yaml:7 | high",
                "2 technical shop | Datadog | entity.datadog.yaml:5 | high",
            ],
        ),
        (
            "opslevel.yml",
            "version: 1\ncomponent:\n  name: Cart\n  owner: orders_team\n",
            vec!["2 technical orders_team | OpsLevel | opslevel.yml:4 | high"],
        ),
        (
            "cortex.yaml",
            "openapi: 3.0.1\ninfo:\n  x-cortex-tag: cart\n  x-cortex-owners:\n    - type: group\n      name: shop\n    \
             - type: slack\n      channel: shop\n    - type: email\n      email: a@b.io\n",
            vec![
                "2 technical a@b.io | Cortex | cortex.yaml:10 | high",
                "2 technical shop | Cortex | cortex.yaml:6 | high",
            ],
        ),
        ("catalog-info.yaml", "kind: Component\nspec:\n  owner: ${{ values.owner }}\n", vec![]),
    ] {
        assert_eq!(of(&[(name, text)], "src/x"), expected, "{name}");
    }
}

#[test]
fn the_nearest_owners_file_that_fits_names_approvers() {
    let files = [
        ("OWNERS_ALIASES", "aliases:\n  sig-a:\n    - ann\n    - bob\n"),
        ("OWNERS", "approvers:\n  - root\n"),
        ("a/OWNERS", "approvers:\n  - sig-a\nreviewers:\n  - carl\n"),
        ("b/OWNERS", "options:\n  no_parent_owners: true\nreviewers:\n  - dora\n"),
        ("c/OWNERS", "filters:\n  \"\\\\.go$\":\n    approvers:\n      - gopher\n"),
    ];
    assert_eq!(
        of(&files, "a/deep/x"),
        [
            "3 technical ann | OWNERS | a/OWNERS:2 approvers, alias sig-a | high",
            "3 technical bob | OWNERS | a/OWNERS:2 approvers, alias sig-a | high"
        ]
    );
    assert_eq!(of(&files, "b/x"), ["3 technical dora | OWNERS | b/OWNERS:4 reviewers | medium"]);
    assert_eq!(of(&files, "c/x.go"), ["3 technical gopher | OWNERS | c/OWNERS:4 approvers | high"]);
    assert_eq!(of(&files, "c/x.rs"), ["3 technical root | OWNERS | OWNERS:2 approvers | high"]);
}

#[test]
fn packages_and_maintainers() {
    let files = [
        ("package.json", "{\"author\": \"Ann <ann@x.io> (https://x.io)\", \"maintainers\": [{\"name\": \"Bob\"}]}"),
        ("chart/Chart.yaml", "name: c\nmaintainers:\n  - name: Ops\n    email: ops@x.io\n"),
        (
            "k/MAINTAINERS",
            "Text: about\n\nNET\nM:\tNet One <n@x.io>\nF:\tnet/\nX:\tnet/own/\n\nREST\nM:\tRest <r@x.io>\nF:\t*\n",
        ),
        ("m/MAINTAINERS", "# People\n- Jane Doe <j@x.io> (@jane)\n"),
    ];
    let people = [
        "5 technical Ann <ann@x.io> | package.json | package.json:1 | low",
        "5 technical Bob | package.json | package.json:1 | low",
    ];
    assert_eq!(of(&files, "x"), people);
    let with = |one: &str| [&people[..], &[one]].concat().into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let sorted = |path| of(&files, path).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(sorted("chart/values.yaml"), with("5 technical Ops <ops@x.io> | Chart.yaml | chart/Chart.yaml:3 | low"));
    assert_eq!(sorted("k/net/a/b.c"), with("5 technical Net One <n@x.io> | MAINTAINERS | k/MAINTAINERS:4 | low"));
    assert_eq!(sorted("k/top"), with("5 technical Rest <r@x.io> | MAINTAINERS | k/MAINTAINERS:9 | low"));
    assert_eq!(of(&files, "k/net/own/x"), people);
    assert_eq!(sorted("m/x"), with("5 technical Jane Doe <j@x.io> | MAINTAINERS | m/MAINTAINERS:2 | low"));
}

#[test]
fn labels_hold_for_their_own_object() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata:\n  labels:\n    team: red\n    app.kubernetes.io/part-of: shop\n    \
                example.com/business-owner: cfo\ndata:\n  a: b\n---\napiVersion: v1\nkind: Secret\ndata:\n  a: c\n";
    let folder = tree(&[("s.yaml", text)]);
    let first = facts(folder.path(), &[("s.yaml", 9)], None, None);
    assert_eq!(
        owners(&first),
        [
            "1 business cfo | label example.com/business-owner | s.yaml:7 | high",
            "1 technical red | label team | s.yaml:5 | high"
        ]
    );
    assert_eq!(claims(&first), ["team red s.yaml:5", "application shop s.yaml:6"]);
    assert_eq!(owners(&facts(folder.path(), &[("s.yaml", 14)], None, None)), [""; 0]);
}

#[test]
fn the_policy_names_owners_of_paths() {
    let set = crate::rule::RuleSet::builtin();
    let text = b"owners:\n  - paths: [src/]\n    owner: core\n";
    let config = crate::config::load_from(text, "credlint.yaml", &set).ok().unwrap();
    let folder = tree(&[("a", "")]);
    let inside = facts(folder.path(), &[("src/x", 1)], Some(&config), None);
    assert_eq!(owners(&inside), ["4 technical core | credlint.yaml | credlint.yaml owners | high"]);
    let outside = facts(folder.path(), &[("x", 1)], Some(&config), None);
    assert!(outside.unattributed.contains("policy: no entry of `owners` in credlint.yaml matches x"));
}

#[test]
fn what_tells_nothing_says_why() {
    let folder = tree(&[("CODEOWNERS", "*.md @a\n/own/\n"), (".github/x", "")]);
    let silent = facts(folder.path(), &[("own/a!b.txt", 1)], None, None).unattributed;
    let expected = [
        "CODEOWNERS: CODEOWNERS:2 matches own/a and gives it to nobody",
        "catalogue: no catalog-info.yaml, service.datadog.yaml, opslevel.yml or cortex.yaml in own or above",
        "git: the history was not read",
        "policy: credlint.yaml has no `owners`",
    ];
    assert_eq!(silent.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    let silent = facts(folder.path(), &[("a.txt", 1)], None, None).unattributed;
    assert!(silent.contains("CODEOWNERS: no pattern of CODEOWNERS matches a.txt"), "{silent:?}");
}

/// Runs git as nobody in particular.
fn git(folder: &Path, author: &str, arguments: &[&str]) {
    let (name, mail) = author.split_once(' ').unwrap();
    let status = std::process::Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            &format!("user.name={name}"),
            "-c",
            &format!("user.email={mail}"),
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success(), "git {arguments:?}");
}

#[test]
fn most_commits_of_a_file_are_a_hint() {
    let folder = tree(&[(".mailmap", "Ann <ann@x.io> <a@old.io>\n"), ("d/a", "1"), ("b", "1")]);
    let place = folder.path();
    let commit = |author: &str, path: &str, text: &str| {
        std::fs::write(place.join(path), text).unwrap();
        git(place, author, &["add", "-A"]);
        git(place, author, &["commit", "-q", "-m", "x"]);
    };
    git(place, "n n@x", &["init", "-q"]);
    git(place, "n n@x", &["remote", "add", "origin", "https://gitlab.example.com/a/b"]);
    commit("Ann ann@x.io", "d/a", "1");
    commit("A a@old.io", "d/a", "2");
    commit("Bob bob@x.io", "d/a", "3");
    commit("renovate[bot] r@x.io", "d/a", "4");
    commit("Bob bob@x.io", "b", "2");
    let repository = Repository::open(&place.join(".git")).unwrap();
    let most = facts(place, &[("d/a", 1)], None, Some(&repository));
    assert_eq!(owners(&most), ["6 technical Ann <ann@x.io> | git majority | 2 of 3 commits of d/a | low"]);
    assert!(most.unattributed.contains("CODEOWNERS: there is none (CODEOWNERS, docs/CODEOWNERS, .gitlab/CODEOWNERS)"));
    let half = facts(place, &[("b", 1)], None, Some(&repository)).unattributed;
    assert!(half.contains("git: nobody wrote more than half of the 2 commits of b"), "{half:?}");
}

#[test]
fn an_image_says_by_its_labels_whose_it_is() {
    let labels = |pairs: &[(&str, &str)]| -> BTreeSet<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let told = |pairs: &[(&str, &str)]| {
        let mut facts = Facts::default();
        facts.locations.insert(Location::new("web.tar", "config:Labels:squad", StorageState::Image));
        let subject = Subject { kind: FingerprintKind::Value, fingerprint: "x".to_owned() };
        let mut sightings = Sightings::from([(subject, facts)]);
        attribute_image("web.tar", &labels(pairs), &mut sightings);
        sightings.into_values().next().unwrap()
    };
    let facts = told(&[
        ("com.acme/team", "shop"),
        ("maintainer", "NGINX Docker Maintainers"),
        ("org.opencontainers.image.title", "web"),
        ("squad", "this label holds a token"),
    ]);
    assert_eq!(
        owners(&facts),
        [
            "1 technical shop | image label com.acme/team | web.tar config:Labels:com.acme/team | high",
            "5 technical NGINX Docker Maintainers | image label maintainer | web.tar config:Labels:maintainer | low",
        ]
    );
    assert_eq!(facts.first(Field::Application).unwrap().value, "web");
    let silent = told(&[("version", "1")]).unattributed;
    assert_eq!(
        silent.into_iter().collect::<Vec<_>>(),
        ["image: no label of web.tar names an owner, a team or authors"]
    );
}
