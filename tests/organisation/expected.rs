//! What the register says of the organisation.

/// A reason of each state: `row: reason`.
pub(crate) const REASONS: &[(&str, &str)] = &[
    ("admin-scope", "report: JWT claim scope: admin"),
    ("aged", "eve: 2517 days old; tier medium allows 90"),
    ("cross-environment", "CEILING_TOKEN: used in production, staging"),
    ("default-credential", "guest@mq.acme.test: user and password that products ship with (guest)"),
    ("embedded", "TOOL_TOKEN: in clear in tools deploy/prod/run.py:1"),
    ("exception-undocumented", "hsm@acme: the exception at register.csv:3 lacks who approved it or until when"),
    ("expired", "release: ended on 2026-01-01"),
    ("expiring", "sso: ends on 2026-12-01, in 9 days"),
    ("human-use", "eve: report.csv:2"),
    ("in-history", "DEPLOY_TOKEN: in the history of web deploy.py:1, removed by COMMIT"),
    ("in-image-layer", "API_TOKEN: in the image web.tar config:Env:API_TOKEN:1"),
    ("no-audit-event", "bot@acme: register.csv:4"),
    ("no-expiry", "report: made without an end"),
    ("no-review", "hsm@acme: the next review was due on 2025-06-01"),
    ("orphaned", "JOB_TOKEN: its application is deprecated (catalog-info.yaml:4)"),
    ("overprivileged", "shop@db.prod.acme.test:5432/orders: reaches write, its ceiling is read"),
    ("plaintext-in-ci", "PUSH_TOKEN: in clear in the pipeline ci .gitlab-ci.yml:2"),
    ("shared", "SHARED_TOKEN: in 3 repositories: mobile, web, worker.tar"),
    ("stale", "eve: last used 2151 days ago"),
    ("test-credential", "STRIPE_KEY: made for tests, used in production"),
    ("third-party", "STRIPE_KEY: of Stripe Inc."),
    ("unapproved-change", "TOOL_TOKEN: commit COMMIT names no request or ticket"),
    ("unencrypted-key", "deployer: not encrypted in data ec-pkcs8.pem:1"),
    (
        "unowned",
        "OLD_TOKEN: CODEOWNERS: there is none (.github/CODEOWNERS, CODEOWNERS, docs/CODEOWNERS); catalogue: no catalog-info.yaml, service.datadog.yaml, opslevel.yml or cortex.yaml in the root or above; git: the history is shallow; policy: credlint.yaml has no `owners`",
    ),
    ("unregistered", "NPM_TOKEN: the register that was given does not name it"),
    ("unrotated", "db_password: due since 2026-05-02, 204 days ago"),
    (
        "weak-auth-scheme",
        "AWS_SECRET_ACCESS_KEY: .github/workflows/deploy.yml:11 (a static cloud key where OIDC is possible)",
    ),
    ("weak-crypto", "SHA256:hhUFEsJuA7bRUt22Wt/3E65kvgU+ajNqbEiRJH9dNxE=: RSA of 1024 bits"),
    ("weak-secret", "job@db.acme.test:5432/jobs: fewer than 12 characters"),
];
/// Rows by what people call them; several of one name in the order of the register.
pub(crate) const ROWS: &[(&str, &str)] = &[
    (
        "shop@db.prod.acme.test:5432/orders",
        r"
password static embedded exposed
technical payments-db (register: register.csv:2), business cfo@example.org (register: register.csv:2)
creator ann <ann@example.org>
age 315 lower bound: first commit COMMIT
rotated -, due 2026-02-10, expires -, used -
scope write, consumers [], conflicts [application technical_owner]
states aged embedded overprivileged shared unrotated
unknown human-use no-audit-event stale weak-secret
tier high score 88: 12 kind password, 25 kept embedded, 12 scope write, 10 production, 3 a person can log in with it, 5 reaches data of class customer, 5 overprivileged, 5 shared, 5 aged, 6 unrotated
rotate: embedded: in clear in api app.env:1; keep its next value in a vault
",
    ),
    (
        "CEILING_TOKEN",
        r"
token - embedded exposed
technical group:default/payments (Backstage: catalog-info.yaml:4), business head-of-shop (credlint.yaml: credlint.yaml:9 nhi.identities)
creator ann <ann@example.org>
age 315 lower bound: first commit COMMIT
rotated -, due 2026-02-10, expires -, used -
scope -, consumers [], conflicts []
states aged cross-environment embedded human-use no-review unregistered unrotated
unknown admin-scope expired expiring no-audit-event no-expiry overprivileged stale
tier high score 88: 10 kind token, 25 kept embedded, 8 scope unknown, 10 production, 4 who can read its place is unknown, 5 checksum or structure proves it, 6 cross-environment, 5 aged, 6 unrotated, 4 human-use, 3 unregistered, 2 no-expiry: unknown
rotate: embedded: in clear in api deploy/prod/app.py:1; keep its next value in a vault
",
    ),
    (
        "DEPLOY_TOKEN",
        r"
token - history-only rotated
technical @acme/web (CODEOWNERS: CODEOWNERS:1), business - (-: -)
creator ann <ann@example.org>
age 325 lower bound: first commit COMMIT
rotated -, due 2026-04-01, expires -, used -
scope -, consumers [], conflicts []
states aged human-use in-history no-review stale unregistered
unknown admin-scope cross-environment expired expiring no-audit-event no-expiry overprivileged
tier medium score 66: 10 kind token, 18 kept history-only, 8 scope unknown, 4 environment unknown, 4 who can read its place is unknown, 5 checksum or structure proves it, 5 aged, 3 stale, 4 human-use, 3 unregistered, 2 no-expiry: unknown
revoke: another value took its place in web:deploy.py:DEPLOY_TOKEN on 2026-01-02T00:00:00+00:00: see that the old value is revoked

token - embedded exposed
technical @acme/web (CODEOWNERS: CODEOWNERS:1), business - (-: -)
creator ben <ben@example.org>
age 324 lower bound: first commit COMMIT
rotated 2026-01-02T00:00:00+00:00, due 2026-04-02, expires -, used -
scope -, consumers [], conflicts []
states aged embedded human-use no-review unregistered unrotated
unknown admin-scope cross-environment expired expiring no-audit-event no-expiry overprivileged stale
tier medium score 76: 10 kind token, 25 kept embedded, 8 scope unknown, 4 environment unknown, 4 who can read its place is unknown, 5 checksum or structure proves it, 5 aged, 6 unrotated, 4 human-use, 3 unregistered, 2 no-expiry: unknown
rotate: embedded: in clear in web deploy.py:1; keep its next value in a vault
",
    ),
    (
        "SHARED_TOKEN",
        r"
token - embedded exposed
technical @acme/web (CODEOWNERS: CODEOWNERS:1), business - (-: -)
creator ann <ann@example.org>
age 325 lower bound: first commit COMMIT
rotated -, due 2026-04-01, expires -, used -
scope -, consumers [], conflicts []
states aged embedded human-use in-image-layer no-review shared unregistered unrotated
unknown admin-scope cross-environment expired expiring no-audit-event no-expiry overprivileged stale
tier medium score 81: 10 kind token, 25 kept embedded, 8 scope unknown, 4 environment unknown, 4 who can read its place is unknown, 5 checksum or structure proves it, 5 shared, 5 aged, 6 unrotated, 4 human-use, 3 unregistered, 2 no-expiry: unknown
rotate: embedded: in clear in mobile shared.py:1; keep its next value in a vault
",
    ),
    (
        "PUSH_TOKEN",
        r"
token - ci-literal exposed
technical @acme/platform, @acme/release (CODEOWNERS: .gitlab/CODEOWNERS:2 [Pipelines], 4 [Release]), business - (-: -)
creator cleo <cleo@example.org>
age 325 lower bound: first commit COMMIT
rotated -, due 2026-04-01, expires -, used -
scope -, consumers [], conflicts []
states aged human-use no-review plaintext-in-ci unapproved-change unregistered unrotated
unknown admin-scope cross-environment expired expiring no-audit-event no-expiry overprivileged stale
tier medium score 76: 10 kind token, 25 kept ci-literal, 8 scope unknown, 4 environment unknown, 4 who can read its place is unknown, 5 checksum or structure proves it, 5 aged, 6 unrotated, 4 human-use, 3 unregistered, 2 no-expiry: unknown
rotate: plaintext-in-ci: in clear in the pipeline ci .gitlab-ci.yml:2; keep its next value among the pipeline's secrets
",
    ),
    (
        "OLD_TOKEN",
        r"
token - embedded exposed
technical - (-: -), business - (-: -)
creator -
age null unknown: -
rotated -, due -, expires -, used -
scope -, consumers [], conflicts []
states embedded human-use no-review unowned unregistered unrotated
unknown admin-scope aged cross-environment expired expiring no-audit-event no-expiry overprivileged stale unapproved-change
tier medium score 81: 10 kind token, 25 kept embedded, 8 scope unknown, 4 environment unknown, 4 who can read its place is unknown, 5 checksum or structure proves it, 6 unrotated, 8 unowned, 4 human-use, 3 unregistered, 2 aged: unknown, 2 no-expiry: unknown
rotate: embedded: in clear in cut old.py:1; keep its next value in a vault
",
    ),
    (
        "TOOL_TOKEN",
        r"
token - embedded exposed
technical cleo <cleo@example.org> (git majority: 1 of 1 commits of deploy/prod/run.py), business - (-: -)
creator cleo <cleo@example.org>
age 25 lower bound: first commit COMMIT
rotated -, due 2026-11-27, expires -, used -
scope -, consumers [], conflicts []
states embedded human-use no-review unapproved-change unregistered unrotated
unknown admin-scope aged expired expiring no-audit-event no-expiry overprivileged unowned
tier high score 83: 10 kind token, 25 kept embedded, 8 scope unknown, 10 production, 4 who can read its place is unknown, 5 checksum or structure proves it, 6 unrotated, 4 human-use, 3 unregistered, 2 aged: unknown, 4 unowned: unknown, 2 no-expiry: unknown
rotate: embedded: in clear in tools deploy/prod/run.py:1; keep its next value in a vault
",
    ),
    (
        "hsm@acme",
        r"
device-credential static unknown active
technical dan@example.org (register: register.csv:3), business - (-: -)
creator -
age null unknown: -
rotated -, due -, expires -, used -
scope -, consumers [], conflicts []
states exception-undocumented no-review orphaned
unknown admin-scope aged cross-environment human-use no-audit-event overprivileged stale test-credential unapproved-change unrotated
tier medium score 26: 6 kind device-credential, 8 kept unknown, 8 scope unknown, 4 environment unknown, 5 reaches data of class internal, -15 the key is encrypted, 8 orphaned, 2 aged: unknown
revoke: orphaned: its application is deprecated (register.csv:3)
",
    ),
    (
        "eve",
        r"
service-account - unknown active
technical - (-: -), business - (-: -)
creator -
age 2517 exact: export: report.csv:2
rotated 2020-01-01T00:00:00Z, due 2020-03-31, expires -, used 2021-01-01T00:00:00Z
scope -, consumers [], conflicts []
states aged human-use no-review stale unowned unregistered unrotated
unknown admin-scope cross-environment expired expiring no-audit-event no-expiry overprivileged unapproved-change
tier medium score 68: 14 kind service-account, 8 kept unknown, 8 scope unknown, 4 environment unknown, 3 a person can log in with it, 5 aged, 6 unrotated, 8 unowned, 3 stale, 4 human-use, 3 unregistered, 2 no-expiry: unknown
revoke: stale: last used 2151 days ago
",
    ),
    (
        "ci",
        r"
service-account static unknown active
technical team-infra (tag owner: main.tf:4), business - (-: -)
creator cleo <cleo@example.org>
age 325 lower bound: first commit COMMIT
rotated -, due 2026-01-31, expires -, used -
scope admin, consumers [], conflicts [technical_owner]
states admin-scope no-review unregistered
unknown aged cross-environment expired expiring human-use no-audit-event no-expiry overprivileged stale unrotated
tier high score 58: 14 kind service-account, 8 kept unknown, 20 scope admin, 4 environment unknown, 5 admin-scope, 3 unregistered, 2 aged: unknown, 2 no-expiry: unknown
reduce: admin-scope: main.tf:8: * on *; see whether it needs all of that
",
    ),
    (
        "arn:aws:iam::123456789012:role/shop",
        r"
workload-identity federated federated active
technical ann <ann@example.org> (git majority: 1 of 1 commits of deploy/prod/shop.yaml), business - (-: -)
creator ann <ann@example.org>
age 305 lower bound: first commit COMMIT
rotated -, due 2026-02-20, expires -, used -
scope -, consumers [ServiceAccount shop/shop], conflicts []
states no-review unregistered
unknown admin-scope human-use no-audit-event overprivileged stale unowned
tier high score 28: 3 kind workload-identity, 8 scope unknown, 10 production, 3 unregistered, 4 unowned: unknown
keep: in use, and nothing speaks against it
",
    ),
    (
        "NPM_TOKEN",
        r"
token static ci-store active
technical @acme/web (CODEOWNERS: CODEOWNERS:1), business - (-: -)
creator ann <ann@example.org>
age 325 lower bound: first commit COMMIT
rotated -, due 2026-01-31, expires -, used -
scope -, consumers [workflow deploy.yml, job deploy], conflicts []
states no-review unregistered
unknown admin-scope aged expired expiring human-use no-audit-event no-expiry overprivileged stale unrotated
tier high score 37: 10 kind token, 2 kept ci-store, 8 scope unknown, 10 production, 3 unregistered, 2 aged: unknown, 2 no-expiry: unknown
keep: in use, and nothing speaks against it; find out when its value last changed
",
    ),
    (
        "db_password",
        r"
password static encrypted-file active
technical cleo (OWNERS: OWNERS:1 approvers), business - (-: -)
creator cleo <cleo@example.org>
age 325 lower bound: first commit COMMIT
rotated 2026-02-01T00:00:00Z, due 2026-05-02, expires -, used -
scope -, consumers [secrets.yaml], conflicts []
states aged no-review unapproved-change unregistered unrotated
unknown admin-scope cross-environment human-use no-audit-event overprivileged stale weak-secret
tier medium score 26: 12 kind password, 3 kept encrypted-file, 8 scope unknown, 4 environment unknown, -15 the key is encrypted, 5 aged, 6 unrotated, 3 unregistered
rotate: unrotated: due since 2026-05-02, 204 days ago
",
    ),
    (
        "API_TOKEN",
        r"
token - image exposed
technical shop@acme.test (image label org.opencontainers.image.authors: web.tar config:Labels:org.opencontainers.image.authors), business - (-: -)
creator -
age null unknown: -
rotated -, due -, expires -, used -
scope -, consumers [], conflicts []
states human-use in-image-layer no-review unregistered unrotated
unknown admin-scope aged cross-environment expired expiring no-audit-event no-expiry overprivileged stale unapproved-change
tier medium score 73: 10 kind token, 25 kept image, 8 scope unknown, 4 environment unknown, 4 who can read its place is unknown, 5 checksum or structure proves it, 6 unrotated, 4 human-use, 3 unregistered, 2 aged: unknown, 2 no-expiry: unknown
rotate: in-image-layer: in the image web.tar config:Env:API_TOKEN:1; give its next value to the container when it starts
",
    ),
    (
        "idle",
        r"
- - vault active
technical - (-: -), business - (-: -)
creator -
age 325 exact: export: secrets.json:1
rotated 2026-11-10T00:00:00Z, due 2027-02-08, expires -, used 2026-11-20T00:00:00Z
scope -, consumers [], conflicts []
states no-review unowned unregistered
unknown admin-scope cross-environment human-use no-audit-event overprivileged unapproved-change
tier medium score 33: 10 kind unknown, 8 scope unknown, 4 environment unknown, 8 unowned, 3 unregistered
rotate: what it is for is not known
",
    ),
    (
        "report",
        r"
token static embedded exposed
technical cleo <cleo@example.org> (git majority: 1 of 1 commits of report.py), business - (-: -)
creator cleo <cleo@example.org>
age 285 lower bound: first commit COMMIT
rotated -, due 2026-03-12, expires -, used -
scope admin, consumers [], conflicts []
states admin-scope aged embedded human-use no-expiry no-review unapproved-change unregistered unrotated
unknown cross-environment no-audit-event overprivileged stale unowned
tier high score 99: 10 kind token, 25 kept embedded, 20 scope admin, 4 environment unknown, 4 who can read its place is unknown, 5 checksum or structure proves it, 5 admin-scope, 5 aged, 6 unrotated, 4 no-expiry, 4 human-use, 3 unregistered, 4 unowned: unknown
rotate: embedded: in clear in data report.py:1; keep its next value in a vault
",
    ),
];
/// Who is owned by nobody, and why.
pub(crate) const UNATTRIBUTED: &[(&str, &[&str])] = &[
    (
        "OLD_TOKEN",
        &[
            "CODEOWNERS: there is none (.github/CODEOWNERS, CODEOWNERS, docs/CODEOWNERS)",
            "catalogue: no catalog-info.yaml, service.datadog.yaml, opslevel.yml or cortex.yaml in the root or above",
            "git: the history is shallow",
            "policy: credlint.yaml has no `owners`",
        ],
    ),
    ("batch", &["nothing that was read names owners of its places"]),
    ("eve", &["nothing that was read names owners of its places"]),
    ("idle", &["nothing that was read names owners of its places"]),
    ("old", &["nothing that was read names owners of its places"]),
    ("release", &["nothing that was read names owners of its places"]),
    ("sso", &["nothing that was read names owners of its places"]),
];
/// What the leaver is tied to.
pub(crate) const TIES: [&str; 4] = [
    "JOB_TOKEN at legacy:job.py:1: owns, created, committed",
    "guest@mq.acme.test at legacy:queue.env:1: owns, created, committed",
    "hsm@acme at register.csv:register.csv:3: owns",
    "job@db.acme.test:5432/jobs at legacy:db.env:1: owns, created, committed",
];
