//! Lists that providers export are told by their content, refused with values, and joined with a register.
#![expect(clippy::unwrap_used, reason = "test code")]

use credlint::inventory::export::{Columns, Export, join, leavers, read, read_with};
use credlint::inventory::kind::{Field, FingerprintKind, Source, StorageState};
use credlint::inventory::record::{Change, Facts, Identity, Location};
use credlint::inventory::register::{Register, Subject};
use serde_json::{Value, json};

/// Kind, fingerprint and claims of a row.
type Row<'r> = (FingerprintKind, &'r str, &'r [(Field, &'r str)]);

fn register(rows: &[Row<'_>]) -> Register {
    let mut register = Register::new("2026-11-22", "1", "00000000");
    for (kind, fingerprint, claims) in rows {
        let mut facts = Facts::default();
        facts.locations.insert(Location::new("acme/web", "a.yml", StorageState::CiStore));
        for (field, value) in *claims {
            facts.claim(*field, Source::File, *value, "a.yml:1");
        }
        register.add(Subject { kind: *kind, fingerprint: (*fingerprint).to_owned() }, facts);
    }
    register
}

fn list(name: &str, value: &Value) -> Export {
    read(name, value.to_string().as_bytes()).unwrap()
}

fn row<'r>(register: &'r Register, fingerprint: &str) -> &'r Identity {
    let known = || register.identities.values().map(|row| row.fingerprint.as_str()).collect::<Vec<_>>();
    register
        .identities
        .values()
        .find(|row| row.fingerprint == fingerprint)
        .unwrap_or_else(|| unreachable!("{:?}", known()))
}

/// What lists claim of a row, `field=value`.
fn told(register: &Register, fingerprint: &str) -> Vec<String> {
    let claims = row(register, fingerprint).facts.claims.iter();
    let listed = claims.filter(|claim| matches!(claim.source, Source::Export | Source::Register));
    listed.map(|claim| format!("{}={}", claim.field.name(), claim.value)).collect()
}

#[test]
fn aws_keys_join_by_id_and_users_by_name() {
    let id = "AKIAEXAMPLEKEYID";
    let key = format!("aws-access-key:{id}");
    let mut register = register(&[(FingerprintKind::ProviderId, &key, &[(Field::KeyId, id)])]);
    let keys = json!({"AccessKeyMetadata": [
        {"UserName": "ci", "AccessKeyId": id, "Status": "Inactive", "CreateDate": "2024-01-02T03:04:05+00:00"},
        {"UserName": "old", "AccessKeyId": "AKIAELSEWHERE", "Status": "Active", "CreateDate": "2020-01-01T00:00:00Z"}]});
    let report = "user,arn,user_creation_time,password_enabled,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated\n\
        ci,arn:aws:iam::123456789012:user/ci,2023-01-01T00:00:00+00:00,false,true,2024-01-02T03:04:05+00:00,2026-11-01T00:00:00+00:00,false,N/A\n\
        ann,arn:aws:iam::123456789012:user/ann,2023-01-01T00:00:00+00:00,true,false,N/A,N/A,false,N/A\n";
    let exports = [list("keys.json", &keys), read("report.csv", report.as_bytes()).unwrap()];
    join(&mut register, &exports);
    assert_eq!(
        told(&register, &key),
        [
            "kind=api-key",
            "provider=aws",
            "principal=ci",
            &format!("key_id={id}"),
            "created_at=2024-01-02T03:04:05Z",
            "active=no"
        ]
    );
    assert_eq!(row(&register, &key).facts.locations.len(), 1);
    let other = row(&register, "aws-access-key:AKIAELSEWHERE");
    assert_eq!(other.facts.locations.first().unwrap().meaning.as_deref(), Some("AWS access key list"));
    assert_eq!(
        told(&register, "aws-iam-user:arn:aws:iam::123456789012:user/ci"),
        [
            "kind=service-account",
            "provider=aws",
            "provider_account=123456789012",
            "principal=ci",
            "interactive_capable=no",
            "created_at=2023-01-01T00:00:00Z",
            "last_rotated_at=2024-01-02T03:04:05Z",
            "last_used_at=2026-11-01T00:00:00Z",
            "active=yes"
        ]
    );
    assert_eq!(register.identities.len(), 3);
    assert_eq!(register.coverage.iter().map(|covered| covered.mode.as_str()).collect::<Vec<_>>(), ["export", "export"]);
}

#[test]
fn events_tell_use_rotation_and_switching_off() {
    let reference = "aws-secretsmanager:acme/web:prod/db#password";
    let mut register = register(&[
        (FingerprintKind::Value, "1/2", &[(Field::KeyId, "AKIAONE")]),
        (FingerprintKind::Reference, reference, &[]),
    ]);
    let events = json!({"Records": [
        {"eventName": "UpdateAccessKey", "eventTime": "2026-02-01T00:00:00Z", "requestParameters": {"accessKeyId": "AKIAONE", "status": "Inactive"}},
        {"eventName": "UpdateAccessKey", "eventTime": "2026-01-01T00:00:00Z", "requestParameters": {"accessKeyId": "AKIAONE", "status": "Active"}},
        {"eventName": "GetObject", "eventTime": "2026-01-15T00:00:00Z", "userIdentity": {"accessKeyId": "AKIAONE"}},
        {"eventName": "RotateSecret", "eventTime": "2026-03-01T00:00:00Z", "requestParameters": {"secretId": "prod/db"}},
        {"eventName": "ListUsers", "eventTime": "2026-03-02T00:00:00Z", "userIdentity": {"accessKeyId": "ASIAOTHER"}}]});
    join(&mut register, &[list("trail.json", &events)]);
    assert_eq!(told(&register, "1/2"), ["last_used_at=2026-01-15T00:00:00Z", "active=no"]);
    assert_eq!(told(&register, reference), ["last_rotated_at=2026-03-01T00:00:00Z"]);
    assert_eq!(register.identities.len(), 2);
}

#[test]
fn what_was_looked_up_and_the_answer_with_the_report_are_read() {
    let id = "AKIAEXAMPLEKEYID";
    let event = json!({"eventTime": "2026-01-15T10:00:00Z", "eventName": "CreateAccessKey", "userIdentity": {"accessKeyId": "ASIAX"},
        "requestParameters": {"userName": "ci"}, "responseElements": {"accessKey": {"accessKeyId": id, "status": "Active"}}});
    let looked_up = json!({"Events": [{"EventId": "1", "EventName": "CreateAccessKey", "EventTime": "2026-01-15T02:00:00-08:00",
        "Username": "ann", "Resources": [], "CloudTrailEvent": event.to_string()}]});
    let rotated = json!({"Events": [{"CloudTrailEvent": json!({"eventTime": "2026-03-01T00:00:00Z", "eventName": "RotateSecret",
        "awsRegion": "eu-west-1", "recipientAccountId": "123456789012",
        "requestParameters": {"secretId": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf"}}).to_string()}]});
    let csv = "user,arn,user_creation_time,password_enabled,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date\n\
        ci,arn:aws:iam::123456789012:user/ci,2023-01-01T00:00:00+00:00,false,true,2024-01-02T03:04:05+00:00,N/A\n";
    let content = data_encoding::BASE64.encode(csv.as_bytes());
    let answer = json!({"Content": content, "ReportFormat": "text/csv", "GeneratedTime": "2026-01-02T00:00:00+00:00"});
    let known = "aws-secretsmanager:123456789012:eu-west-1:prod/db#password";
    let mut register = register(&[(FingerprintKind::Reference, known, &[])]);
    join(&mut register, &[list("a.json", &looked_up), list("b.json", &answer), list("c.json", &rotated)]);
    let key = told(&register, &format!("aws-access-key:{id}"));
    assert!(
        key.contains(&"created_at=2026-01-15T10:00:00Z".to_owned()) && key.contains(&"principal=ci".to_owned()),
        "{key:?}"
    );
    assert_eq!(told(&register, "aws-iam-user:arn:aws:iam::123456789012:user/ci")[1], "provider=aws");
    assert_eq!(told(&register, known), ["last_rotated_at=2026-03-01T00:00:00Z"]);
    let pending = json!({"GeneratedTime": "2026-01-02T00:00:00+00:00", "ReportFormat": "text/csv"});
    assert!(read("d.json", pending.to_string().as_bytes()).is_err());
}

#[test]
fn what_is_in_a_store_of_aws_and_nowhere_in_code_shows() {
    let mut register = register(&[
        (FingerprintKind::Reference, "aws-secretsmanager:123456789012:eu-west-1:prod/db#password", &[]),
        (FingerprintKind::Reference, "aws-secretsmanager:210987654321:eu-west-1:prod/mail", &[]),
        (FingerprintKind::Reference, "aws-secretsmanager:github.com/acme/web:named", &[]),
        (FingerprintKind::Reference, "external-secret:github.com/acme/web:store:fetched#key", &[]),
        (FingerprintKind::Reference, "aws-ssm:github.com/acme/web:/prod/token", &[]),
    ]);
    let arn = |name: &str| format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}-AbCdEf");
    let aws = json!({"SecretList": [
        {"ARN": arn("prod/db"), "Name": "prod/db", "CreatedDate": 1_700_000_000.5, "LastRotatedDate": "2026-01-01T00:00:00Z", "LastAccessedDate": "2026-02-01", "RotationEnabled": true, "RotationRules": {"AutomaticallyAfterDays": 30}, "Tags": [{"Key": "owner", "Value": "payments"}]},
        {"ARN": arn("prod/mail"), "Name": "prod/mail"},
        {"ARN": arn("named"), "Name": "named", "LastChangedDate": 1_523_477_145.729, "SecretVersionsToStages": {"a": ["AWSCURRENT"]}},
        {"ARN": arn("fetched"), "Name": "fetched", "LastChangedDate": 1_523_477_145.729}]});
    let ssm = json!({"Parameters": [
        {"Name": "/prod/token", "Type": "SecureString", "KeyId": "alias/aws/ssm", "LastModifiedDate": 1_582_155_479.205, "Version": 2,
         "Policies": [{"PolicyText": "{\"Type\":\"Expiration\",\"Version\":\"1.0\",\"Attributes\":{\"Timestamp\":\"2027-07-07T22:30:00Z\"}}", "PolicyType": "Expiration", "PolicyStatus": "Pending"}]},
        {"Name": "/prod/region", "Type": "String", "LastModifiedDate": 1_582_154_711.976}]});
    join(&mut register, &[list("aws.json", &aws), list("ssm.json", &ssm)]);
    assert_eq!(
        told(&register, "aws-secretsmanager:123456789012:eu-west-1:prod/db#password"),
        [
            "provider_account=123456789012",
            "name=prod/db",
            "vault=AWS Secrets Manager",
            "vault_path=prod/db",
            "created_at=2023-11-14T22:13:20Z",
            "last_rotated_at=2026-01-01T00:00:00Z",
            "last_used_at=2026-02-01T00:00:00Z",
            "rotation_days=30",
            "tag=owner=payments"
        ]
    );
    let changed = "last_rotated_at=2018-04-11T20:05:45Z".to_owned();
    for fingerprint in
        ["aws-secretsmanager:github.com/acme/web:named", "external-secret:github.com/acme/web:store:fetched#key"]
    {
        assert!(told(&register, fingerprint).contains(&changed), "{fingerprint}");
    }
    // A secret of the name in another account is another one.
    assert_eq!(told(&register, "aws-secretsmanager:210987654321:eu-west-1:prod/mail"), Vec::<String>::new());
    let idle = row(&register, "aws-secretsmanager:123456789012:eu-west-1:prod/mail");
    assert_eq!(idle.facts.locations.first().unwrap().storage, StorageState::Vault);
    assert_eq!(
        told(&register, "aws-ssm:github.com/acme/web:/prod/token"),
        [
            "name=/prod/token",
            "vault=AWS Parameter Store",
            "vault_path=/prod/token",
            "expires_at=2027-07-07T22:30:00Z",
            "last_rotated_at=2020-02-19T23:37:59Z"
        ]
    );
    assert_eq!(register.identities.len(), 6);
}

#[test]
fn lists_of_azure_join_by_vault_and_client() {
    let mut register = register(&[
        (FingerprintKind::Reference, "azure-keyvault:acme/db", &[]),
        (FingerprintKind::ProviderId, "azure:00000000-1111-2222-3333-444444444444", &[]),
    ]);
    let azure = json!([{"id": "https://Acme.vault.azure.net/secrets/DB", "name": "DB", "contentType": null, "managed": null, "attributes": {"created": "2025-01-01T00:00:00+00:00", "updated": "2025-06-01T00:00:00+00:00", "expires": null, "notBefore": null, "recoverableDays": 90, "recoveryLevel": "Recoverable+Purgeable", "enabled": true}, "tags": null}]);
    let entra = json!([{"keyId": "k-1", "displayName": "deploy", "startDateTime": "2025-01-01T00:00:00Z", "endDateTime": "2027-01-01T00:00:00Z", "hint": "abc"}]);
    let apps = json!([{"appId": "00000000-1111-2222-3333-444444444444", "displayName": "deployer", "createdDateTime": "2024-01-01T00:00:00Z", "keyCredentials": [], "passwordCredentials": [
        {"keyId": "k-2", "displayName": "rbac", "startDateTime": "2025-01-01T00:00:00Z", "endDateTime": "2027-01-01T00:00:00Z", "secretText": null}]}]);
    join(&mut register, &[list("kv.json", &azure), list("app.json", &entra), list("apps.json", &apps)]);
    assert_eq!(
        told(&register, "azure-keyvault:acme/db"),
        [
            "name=DB",
            "vault=Azure Key Vault",
            "vault_path=Acme/DB",
            "created_at=2025-01-01T00:00:00Z",
            "last_rotated_at=2025-06-01T00:00:00Z",
            "active=yes"
        ]
    );
    assert!(told(&register, "azure-app-credential:k-1").contains(&"expires_at=2027-01-01T00:00:00Z".to_owned()));
    assert!(
        told(&register, "azure-app-credential:k-2")
            .contains(&"principal=00000000-1111-2222-3333-444444444444".to_owned())
    );
    assert!(told(&register, "azure:00000000-1111-2222-3333-444444444444").contains(&"name=deployer".to_owned()));
    assert_eq!(register.identities.len(), 4);
}

#[test]
fn lists_of_google_and_vault_join_by_key_and_path() {
    let mut register = register(&[
        (FingerprintKind::Reference, "vault:secret/web/db#password", &[]),
        (FingerprintKind::Value, "1/2", &[(Field::KeyId, "0a1b")]),
        (FingerprintKind::ProviderId, "ci@p.iam.gserviceaccount.com", &[]),
        (FingerprintKind::Reference, "gcp-secretmanager:p/mail", &[(Field::Name, "mail")]),
    ]);
    let vault = json!({"request_id": "1", "data": {"created_time": "2025-01-01T00:00:00.5Z", "updated_time": "2025-02-01T00:00:00Z", "current_version": 2, "custom_metadata": {"owner": "web"}, "last_updated_by": {"actor": "root"}, "versions": {"1": {"created_time": "2025-01-01T00:00:00Z"}, "2": {"created_time": "2025-02-01T00:00:00Z"}}}, "mount_type": "kv"});
    let keys = json!([
        {"name": "projects/p/serviceAccounts/ci@p.iam.gserviceaccount.com/keys/0a1b", "keyType": "USER_MANAGED", "validAfterTime": "2025-01-01T00:00:00Z", "validBeforeTime": "9999-12-31T23:59:59Z"},
        {"name": "projects/p/serviceAccounts/ci@p.iam.gserviceaccount.com/keys/ffff", "keyType": "SYSTEM_MANAGED"}]);
    let accounts = json!([{"displayName": "CI", "email": "ci@p.iam.gserviceaccount.com", "name": "projects/p/serviceAccounts/ci@p.iam.gserviceaccount.com", "projectId": "p", "uniqueId": "1", "disabled": true}]);
    let secrets = json!([{"name": "projects/1234567890/secrets/mail", "createTime": "2025-01-01T00:00:00.1Z", "replication": {"automatic": {}}, "rotation": {"rotationPeriod": "2592000s"}}]);
    let exports = [
        list("/home/ann/lists/secret/web/db.json", &vault),
        list("keys.json", &keys),
        list("accounts.json", &accounts),
        list("secrets.json", &secrets),
    ];
    join(&mut register, &exports);
    let vaulted = &row(&register, "vault:secret/web/db#password").facts;
    let rotated = vaulted.claims.iter().find(|claim| claim.field == Field::LastRotatedAt).unwrap();
    assert_eq!((rotated.value.as_str(), rotated.basis.as_str()), ("2025-02-01T00:00:00Z", "db.json:1"));
    assert!(told(&register, "1/2").contains(&"principal=ci@p.iam.gserviceaccount.com".to_owned()));
    assert!(told(&register, "ci@p.iam.gserviceaccount.com").contains(&"active=no".to_owned()));
    assert_eq!(
        told(&register, "gcp-secretmanager:p/mail"),
        ["name=mail", "vault=Google Secret Manager", "created_at=2025-01-01T00:00:00Z", "rotation_days=30"]
    );
    assert_eq!(register.identities.len(), 4);
}

#[test]
fn forges_and_clusters_join_by_name() {
    let mut register = register(&[
        (FingerprintKind::Reference, "github-actions:github.com/acme/web:DEPLOY_KEY", &[]),
        (FingerprintKind::Reference, "github-actions:github.com/acme/api:DEPLOY_KEY", &[]),
        (FingerprintKind::Value, "1/2", &[(Field::Principal, "system:serviceaccount:ci:bot")]),
    ]);
    let own = json!({"total_count": 2, "secrets": [
        {"name": "DEPLOY_KEY", "created_at": "2024-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z"},
        {"name": "IDLE", "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z"}]});
    let gitlab = json!([{"id": 7, "name": "ci", "scopes": ["read_api", "write_repository"], "created_at": "2025-01-01T00:00:00Z", "expires_at": "2026-01-01", "last_used_at": null, "active": true, "revoked": false}]);
    let cluster = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"kind": "ServiceAccount", "metadata": {"name": "bot", "namespace": "ci", "creationTimestamp": "2023-01-01T00:00:00Z"}},
        {"kind": "Secret", "type": "kubernetes.io/service-account-token", "metadata": {"name": "bot-token", "namespace": "ci", "labels": {"kubernetes.io/legacy-token-last-used": "2024-05-06"}, "annotations": {"kubernetes.io/service-account.name": "bot"}}, "data": {"token": ""}}]});
    join(&mut register, &[list("in/acme/web.json", &own), list("gl.json", &gitlab), list("k8s.json", &cluster)]);
    assert!(
        told(&register, "github-actions:github.com/acme/web:DEPLOY_KEY")
            .contains(&"last_rotated_at=2025-01-01T00:00:00Z".to_owned())
    );
    assert_eq!(told(&register, "github-actions:github.com/acme/api:DEPLOY_KEY"), Vec::<String>::new());
    assert_eq!(
        row(&register, "github-actions:acme/web:IDLE").facts.locations.first().unwrap().storage,
        StorageState::CiStore
    );
    let token = told(&register, "gitlab-token:7");
    for one in [
        "scope=read_api",
        "scope=write_repository",
        "scope_level=write",
        "expires_at=2026-01-01T00:00:00Z",
        "active=yes",
    ] {
        assert!(token.contains(&one.to_owned()), "{one}: {token:?}");
    }
    assert!(told(&register, "1/2").contains(&"created_at=2023-01-01T00:00:00Z".to_owned()));
    let secret = told(&register, "kubernetes-secret:ci/bot-token");
    for one in ["principal=system:serviceaccount:ci:bot", "last_used_at=2024-05-06T00:00:00Z", "credential_mode=static"]
    {
        assert!(secret.contains(&one.to_owned()), "{one}: {secret:?}");
    }
    let mut everywhere = self::register(&[
        (FingerprintKind::Reference, "github-actions:acme/web:NPM", &[]),
        (FingerprintKind::Reference, "github-actions:acme/api:NPM", &[]),
    ]);
    let shared = json!({"secrets": [{"name": "NPM", "visibility": "all", "updated_at": "2025-01-01T00:00:00Z"}]});
    join(&mut everywhere, &[list("org.json", &shared)]);
    for fingerprint in ["github-actions:acme/web:NPM", "github-actions:acme/api:NPM"] {
        assert!(told(&everywhere, fingerprint).contains(&"scope=organisation, all repositories".to_owned()));
    }
    assert_eq!(everywhere.identities.len(), 2);
}

#[test]
fn lists_with_values_are_refused_and_do_not_print_them() {
    let value = "hunter2-hunter2";
    for list in [
        json!([{"key": "A", "variable_type": "env_var", "value": value}]),
        json!({"ARN": "a", "SecretString": value}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"k": value}}),
    ] {
        let error = read("list.json", list.to_string().as_bytes()).err().unwrap();
        assert!(error.contains("holds a value") && !error.contains(value), "{error}");
    }
    let error = read("r.csv", format!("name,password\na,{value}\n").as_bytes()).err().unwrap();
    assert!(error.contains("column `password`, line 2") && !error.contains(value), "{error}");
    for unknown in ["{}", "[]", "[1]", "a,b\n1,2\n", "", "{\"a\":"] {
        assert!(read("x", unknown.as_bytes()).is_err(), "{unknown}");
    }
}

#[test]
fn a_register_tells_owners_and_what_code_does_not_show() {
    let mut register = register(&[
        (FingerprintKind::Value, "1/2", &[(Field::Principal, "ci@p")]),
        (FingerprintKind::Value, "3/4", &[(Field::Name, "TOKEN")]),
        (FingerprintKind::Value, "5/6", &[(Field::Name, "TOKEN")]),
    ]);
    let text = "Konto;Verantwortlich;business owner;Purpose;Last Rotated\nci@p;team-a;ann@acme.test;deploys;2026-01-01\ngone@p;team-b;;;\n";
    let columns = Columns::new([("Konto", "principal"), ("Verantwortlich", "owner")]).unwrap();
    let named = "name,owner\nTOKEN,team-c\n";
    let exports =
        [read_with("nhi.csv", text.as_bytes(), &columns).unwrap(), read("named.csv", named.as_bytes()).unwrap()];
    join(&mut register, &exports);
    assert_eq!(told(&register, "1/2"), ["principal=ci@p", "purpose=deploys", "last_rotated_at=2026-01-01T00:00:00Z"]);
    let owners = &row(&register, "1/2").facts.owners;
    let owners: Vec<_> = owners.iter().map(|owner| (owner.rank, owner.owner.as_str(), owner.basis.as_str())).collect();
    assert_eq!(owners, [(0, "ann@acme.test", "nhi.csv:2"), (0, "team-a", "nhi.csv:2")]);
    assert_eq!(row(&register, "register:gone@p").facts.owners.first().unwrap().owner, "team-b");
    // Two rows have the name: it means neither.
    assert_eq!(told(&register, "3/4"), Vec::<String>::new());
    assert_eq!(row(&register, "register:TOKEN").facts.owners.len(), 1);
    assert!(Columns::new([("a", "no such column")]).is_err());
}

#[test]
fn leavers_tickets_and_suppliers() {
    let mut register = register(&[(FingerprintKind::Value, "1/2", &[(Field::Provider, "Stripe")])]);
    let id = register.identities.keys().next().unwrap().clone();
    let facts = &mut register.identities.get_mut(&id).unwrap().facts;
    let mut place = facts.locations.pop_first().unwrap();
    place.introduced = Some(Change {
        date: "2026-01-01T00:00:00Z".to_owned(),
        commit: "0".repeat(40),
        author: "Ann <ann@acme.test>".to_owned(),
        committer: "Ann <ann@acme.test>".to_owned(),
        ticket: Some("OPS-7".to_owned()),
    });
    facts.locations.insert(place);
    let gone = read("leavers.csv", b"email,login,last_day\nAnn@Acme.test,alee,2026-01-31\nbob@acme.test,,\n").unwrap();
    let tickets = read("tickets.csv", b"key,status\nOPS-7,Done\nOPS-8,Open\n").unwrap();
    let suppliers = read("vendors.csv", b"vendor,provider,contract end\nStripe Inc.,stripe,2027-01-01\n").unwrap();
    let exports = [gone, tickets, suppliers];
    join(&mut register, &exports);
    assert_eq!(
        told(&register, "1/2"),
        ["vendor=Stripe Inc.", "state=third-party", "tag=contract_until=2027-01-01T00:00:00Z", "ticket=OPS-7 (Done)"]
    );
    let gone = leavers(&exports);
    assert_eq!(gone.since("Ann Lee <ann@acme.test>", "2026-02-01").as_deref(), Some("2026-01-31"));
    assert_eq!(gone.since("@ALee", "2026-02-01").as_deref(), Some("2026-01-31"));
    assert_eq!(gone.since("ann@acme.test", "2026-01-30"), None);
    assert_eq!(gone.since("bob@acme.test", "1999-01-01").as_deref(), Some("an unknown day"));
    assert_eq!(gone.since("eve@acme.test", "2027-01-01"), None);
}

#[test]
fn the_order_of_lists_does_not_matter() {
    let keys = json!({"AccessKeyMetadata": [{"UserName": "ci", "AccessKeyId": "AKIAONE", "Status": "Active", "CreateDate": "2024-01-02T00:00:00Z"}]});
    let lists = || {
        [
            list("keys.json", &keys),
            read("nhi.csv", b"key_id,owner\nAKIAONE,team-a\n").unwrap(),
            read("v.csv", b"vendor,principal\nAcme,ci\n").unwrap(),
        ]
    };
    let (mut one, mut other) = (register(&[]), register(&[]));
    join(&mut one, &lists());
    let mut turned = lists();
    turned.reverse();
    join(&mut other, &turned);
    assert_eq!(one, other);
    let before = one.clone();
    join(&mut one, &lists());
    assert_eq!(one.identities, before.identities, "joined twice");
}
