//! What a credential says of itself becomes claims of its identity.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use credlint::inventory::claims::{self, Companions, certificate};
use credlint::inventory::kind::{Field, FingerprintKind};
use credlint::inventory::record::Facts;
use credlint::inventory::reference::File;
use credlint::inventory::register::Subject;
use credlint::judge::Finding;
use credlint::judge::identity::Key;
use credlint::rule::RuleSet;
use credlint::rule::raw::joined;
use credlint::scan::Scanner;
use credlint::source::Origin;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;

fn findings(name: &str, text: &str) -> Vec<Finding> {
    Scanner::new(RuleSet::builtin()).scan_bytes(&Origin::Synthetic(name.into()), text.as_bytes()).findings
}

fn vector(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/claims").join(name);
    joined(&fs::read_to_string(path).unwrap())
}

fn shown(facts: &Facts) -> Vec<String> {
    facts.claims.iter().map(|claim| format!("{}={}", claim.field.name(), claim.value)).collect()
}

/// The claims of the finding of a rule, as `field=value`.
fn said(rule: &str, name: &str, text: &str) -> Vec<String> {
    let found = findings(name, text);
    let ids: Vec<&str> = found.iter().map(|finding| finding.rule.id.as_ref()).collect();
    let finding = found.iter().find(|finding| finding.rule.id == rule).unwrap_or_else(|| unreachable!("{ids:?}"));
    let mut facts = Facts::default();
    claims::claim(finding, &mut facts);
    shown(&facts)
}

fn subject(name: &str, text: &str, at: usize) -> Subject {
    let found = findings(name, text);
    claims::subject(&found[at], &Companions::of(&found), &Key::new(&[7; 16]).unwrap())
}

/// Letters and digits that no scanner takes for fill.
fn noise(length: usize, alphabet: &[u8]) -> String {
    let mut state = 0x2545_f491_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()])
    };
    (0..length).map(|_| next()).collect()
}

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn key64() -> String {
    let bytes: Vec<u8> = noise(64, BASE62).into_bytes().iter().map(|byte| byte.wrapping_mul(37)).collect();
    BASE64.encode(&bytes)
}

fn token(header: &serde_json::Value, payload: &serde_json::Value, key: &[u8]) -> String {
    let part = |value: &serde_json::Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(header), part(payload));
    let mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap().chain_update(&signed).finalize();
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac.into_bytes()))
}

#[test]
fn aws_keys_name_their_account_and_join_with_their_secret() {
    let id = joined("AKI<~>AY34F<~>ZKBOKM<~>UTVV7A");
    let secret = noise(40, BASE62);
    let file = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    assert_eq!(
        said("aws-access-key-id", "credentials", &file),
        ["provider_account=609629065308".to_owned(), format!("key_id={id}"), "credential_mode=static".to_owned()]
    );
    let expected = Subject { kind: FingerprintKind::ProviderId, fingerprint: format!("aws-access-key:{id}") };
    assert_eq!(subject("credentials", &file, 0), expected);
    assert_eq!(subject("credentials", &file, 1), expected);
    let apart = file.replace("\naws_secret", "\n\n\n\n\naws_secret");
    assert_eq!(subject("credentials", &apart, 1).kind, FingerprintKind::Value);
}

#[test]
fn presigned_urls_tell_for_what_and_until_when() {
    let id = joined("AKI<~>AY34F<~>ZKBOKM<~>UTVV7A");
    let url = format!(
        "curl 'https://acme.s3.amazonaws.com/report.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={id}%2F20240102%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20240102T030405Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host'"
    );
    let said = said("aws-access-key-id", "get.sh", &url);
    assert!(said.contains(&"tag=presigned_for=s3 in eu-west-1".to_owned()), "{said:?}");
    assert!(said.contains(&"tag=presigned_until=2024-01-02T04:04:05Z".to_owned()), "{said:?}");
}

#[test]
fn bedrock_keys_name_user_and_account() {
    let name = "BedrockAPIKey-ab1c-at-123456789012";
    let text = format!("ABS{}K{}", "", BASE64.encode(format!("{name}:{}", noise(44, BASE62)).as_bytes()));
    let said = said("aws-bedrock-api-key", "a.env", &format!("AWS_BEARER_TOKEN_BEDROCK={text}"));
    assert!(said.contains(&"provider_account=123456789012".to_owned()), "{said:?}");
    assert!(said.contains(&format!("principal={name}")), "{said:?}");
}

#[test]
fn a_service_account_in_a_kubernetes_secret_is_told_as_in_its_file() {
    let rules = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/google.yml")).unwrap();
    let example = rules.lines().find_map(|line| line.trim().strip_prefix("- ").filter(|text| text.starts_with("\"{")));
    let file = joined(&serde_json::from_str::<String>(example.unwrap()).unwrap());
    let secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: gcp\n  namespace: shop-staging\ndata:\n  key.json: {}\n",
        BASE64.encode(file.as_bytes())
    );
    let plain = said("google-service-account-key", "key.json", &file);
    let kept = said("google-service-account-key", "secret.yaml", &secret);
    assert!(kept.contains(&"kind=service-account".to_owned()), "{kept:?}");
    assert!(kept.contains(&"principal=ci-deploy@acme-shop-642791.iam.gserviceaccount.com".to_owned()), "{kept:?}");
    let environment: Vec<&String> = kept.iter().filter(|claim| !plain.contains(claim)).collect();
    assert_eq!(environment, ["environment=staging"]);
}

#[test]
fn what_a_value_is_called_tells_its_kind() {
    let kinds = |text: &str| {
        let found = findings("settings.py", text);
        let mut facts = Facts::default();
        claims::claim(&found[0], &mut facts);
        (facts.first(Field::Name).unwrap().value.clone(), facts.first(Field::Kind).unwrap().value.clone())
    };
    let value = noise(24, BASE62);
    for (name, kind) in [
        ("pre_shared_key", "password"),
        ("vultr_password", "password"),
        ("vultr_token", "token"),
        ("webhook_secret", "signing-key"),
        ("encryption_key", "signing-key"),
        ("payment_api_key", "api-key"),
    ] {
        assert_eq!(kinds(&format!("{name} = '{value}'\n")), (name.to_owned(), kind.to_owned()));
    }
}

#[test]
fn azure_connection_strings_name_account_and_right() {
    let storage = format!(
        "C=DefaultEndpointsProtocol=https;AccountName=acmeprod;AccountKey={};EndpointSuffix=core.windows.net",
        key64()
    );
    assert_eq!(
        said("azure-storage-account-key", "a.env", &storage),
        [
            "provider_account=acmeprod",
            "name=AccountKey",
            "credential_mode=static",
            "scope=account key",
            "scope_level=admin"
        ]
    );
    let key: String = BASE64.encode(&noise(32, BASE62).into_bytes());
    let bus = format!(
        "Endpoint=sb://acme-prod.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey={key};EntityPath=orders"
    );
    assert_eq!(
        said("azure-shared-access-key", "a.env", &bus),
        [
            "provider_account=acme-prod.servicebus.windows.net",
            "principal=RootManageSharedAccessKey",
            "name=SharedAccessKey",
            "credential_mode=static",
            "environment=production",
            "scope=entity orders",
            "scope=policy RootManageSharedAccessKey",
            "scope_level=admin"
        ]
    );
    let device = format!("HostName=acme.azure-devices.net;DeviceId=pump-7;SharedAccessKey={key}");
    let device = said("azure-shared-access-key", "a.env", &device);
    assert!(device.contains(&"kind=device-credential".to_owned()) && device.contains(&"principal=pump-7".to_owned()));
}

#[test]
fn shared_access_signatures_say_what_they_allow_and_until_when() {
    let url = format!(
        "https://acme.blob.core.windows.net/c?sv=2022-11-02&ss=b&srt=sco&sp=rwdl&se=2030-01-01T00:00Z&sig={}%3D",
        noise(43, BASE62)
    );
    assert_eq!(
        said("azure-sas-token", "a.txt", &url),
        [
            "provider_account=acme.blob.core.windows.net",
            "scope=rwdl of services b",
            "scope_level=write",
            "expires_at=2030-01-01T00:00:00Z",
            "state=weak-auth-scheme"
        ]
    );
}

#[test]
fn tokens_tell_issuer_subject_scope_and_time() {
    let header = json!({"alg": "HS256", "kid": "k1"});
    let payload = json!({"iss": "https://id.acme.test", "sub": "svc-17", "scope": "orders:read orders:write", "iat": 1_700_000_000, "exp": 1_800_000_000});
    let text = format!("TOKEN={}", token(&header, &payload, b"a key that nobody published"));
    assert_eq!(
        said("jwt-token", "a.env", &text),
        [
            "provider_account=https://id.acme.test",
            "principal=svc-17",
            "key_id=k1",
            "credential_mode=static",
            "scope=orders:read",
            "scope=orders:write",
            "scope_level=write",
            "created_at=2023-11-14T22:13:20Z",
            "expires_at=2027-01-15T08:00:00Z"
        ]
    );
    let kubernetes = json!({"iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "ci", "kubernetes.io/serviceaccount/service-account.name": "bot", "sub": "system:serviceaccount:ci:bot"});
    assert_eq!(
        said("jwt-token", "a.env", &format!("TOKEN={}", token(&json!({"alg": "HS256"}), &kubernetes, b"secret"))),
        [
            "kind=service-account",
            "provider=Kubernetes",
            "provider_account=kubernetes/serviceaccount",
            "principal=system:serviceaccount:ci:bot",
            "credential_mode=static",
            "expires_at=never",
            "state=weak-crypto"
        ]
    );
    let run = json!({"iss": "https://sts.windows.net/x/", "tid": "t-1", "appid": "app-1", "oid": "o", "email": "ann@acme.test", "iat": 1_700_000_000, "exp": 1_700_003_600});
    let run = said("jwt-token", "a.env", &format!("TOKEN={}", token(&header, &run, b"another")));
    for one in [
        "provider=Microsoft Entra",
        "provider_account=t-1",
        "principal=app-1",
        "credential_mode=short-lived",
        "state=human-use",
    ] {
        assert!(run.contains(&one.to_owned()), "{one}: {run:?}");
    }
}

#[test]
fn addresses_name_user_host_database_and_environment() {
    let password = noise(16, BASE62);
    let url = format!("DATABASE_URL=postgres://shop:{password}@db.prod.acme.test:5432/orders?sslmode=require");
    assert_eq!(
        said("postgres-credential", "a.env", &url),
        [
            "principal=shop@db.prod.acme.test:5432/orders",
            "credential_mode=static",
            "environment=production",
            "interactive_capable=yes"
        ]
    );
    let auth = BASE64.encode(format!("ci-bot:{password}").as_bytes());
    let docker = said(
        "docker-registry-auth",
        "config.json",
        &format!("{{\"auths\": {{\"ghcr.io\": {{\"auth\": \"{auth}\"}}}}}}"),
    );
    assert_eq!(docker, ["principal=ci-bot@ghcr.io", "name=password", "credential_mode=static", "tag=registry=ghcr.io"]);
}

#[test]
fn a_key_is_the_same_in_every_form() {
    let spki = "SHA256:f1zrWnsvzQx6OzJk56UiQMLjV/VR04+kbaJHvkrT254=";
    let expected = Subject { kind: FingerprintKind::PublicKey, fingerprint: spki.to_owned() };
    let (pem, openssh) = (vector("ec-pkcs8.txt"), vector("ec-openssh.txt"));
    assert_eq!(subject("a.pem", &pem, 0), expected);
    assert_eq!(subject("id_ecdsa", &openssh, 0), expected);
    assert_eq!(
        said("privatekey-pem", "id_ecdsa", &openssh),
        [
            "kind=private-key".to_owned(),
            "principal=ann@build".to_owned(),
            format!("key_id={spki}"),
            "credential_mode=static".to_owned(),
            "encrypted=no".to_owned(),
            "tag=algorithm=ecdsa-sha2-nistp256".to_owned(),
            "tag=ssh_fingerprint=SHA256:3kf1POUbHnYKrz4pvurnhjW4EFmbIhynsjJNPVqWo3A".to_owned()
        ]
    );
    let weak = said("privatekey-pem", "a.pem", &vector("rsa-1024.txt"));
    assert!(weak.contains(&"state=weak-crypto".to_owned()) && weak.contains(&"tag=bits=1024".to_owned()), "{weak:?}");
}

#[test]
fn openpgp_keys_name_owner_and_times() {
    assert_eq!(
        said("privatekey-pem", "key.asc", &vector("pgp.txt")),
        [
            "kind=signing-key",
            "principal=CI signer <ci@acme.test>",
            "key_id=4D2EAFEA77A47BF881BB5E15BDFD2877406E1FA9",
            "credential_mode=static",
            "created_at=2026-11-22T17:06:33Z",
            "expires_at=2028-11-21T17:06:33Z",
            "encrypted=no",
            "tag=algorithm=ed25519"
        ]
    );
}

#[test]
fn certificates_are_rows_and_name_their_key() {
    let pem = vector("ec-certificate.txt");
    let wrapped = format!("users:\n- user:\n    client-certificate-data: {}\n", BASE64.encode(pem.as_bytes()));
    let escaped = format!("{{\"cert\": \"{}\"}}", pem.replace('\n', "\\n"));
    for (name, text, line) in [("tls.crt", &pem, 1), ("kubeconfig", &wrapped, 3), ("a.json", &escaped, 1)] {
        assert!(certificate::wants(name));
        let found = certificate::read(&File::new("acme", name, text.as_bytes()));
        let [(subject, facts)] = found.iter().collect::<Vec<_>>()[..] else { unreachable!("{name}") };
        assert_eq!(subject.kind, FingerprintKind::ProviderId);
        assert_eq!(facts.locations.first().unwrap().line, Some(line));
        assert_eq!(
            shown(facts),
            [
                "kind=certificate",
                "provider=self-signed",
                "principal=deployer",
                "key_id=2a01",
                "credential_mode=static",
                "scope=group system:masters",
                "scope_level=admin",
                "created_at=2026-11-22T17:06:33Z",
                "expires_at=2036-11-19T17:06:33Z",
                "tag=algorithm=ec",
                "tag=eku=clientAuth",
                "tag=public_key=SHA256:f1zrWnsvzQx6OzJk56UiQMLjV/VR04+kbaJHvkrT254=",
                "tag=san=10.0.0.1",
                "tag=san=api.acme.test",
                "tag=subject=CN=deployer,O=system:masters"
            ]
        );
    }
    let mut sightings: BTreeMap<Subject, Facts> = certificate::read(&File::new("acme", "tls.crt", pem.as_bytes()));
    let key = subject("a.pem", &vector("ec-pkcs8.txt"), 0);
    sightings.insert(key.clone(), Facts::default());
    certificate::pair(&mut sightings);
    assert_eq!(sightings[&key].first(Field::Principal).unwrap().value, "deployer");
    assert_eq!(sightings[&key].first(Field::ScopeLevel).unwrap().value, "admin");
}

#[test]
fn services_name_bots_keys_and_levels() {
    let bot = format!("BOT=628099206{}:AA{}", 1, noise(33, BASE62));
    assert!(said("telegram-bot-token", "a.env", &bot).contains(&"principal=bot 6280992061".to_owned()));
    let grid = format!("KEY=SG.{}.{}", noise(22, BASE62), noise(43, BASE62));
    assert!(said("sendgrid-api-key", "a.env", &grid).contains(&format!("key_id={}", noise(22, BASE62))));
    let stripe = format!("STRIPE=sk_li{}ve_{}", "", noise(32, BASE62));
    let stripe = said("stripe-secret-key", "a.env", &stripe);
    assert_eq!(stripe, ["credential_mode=static", "scope_level=admin", "stage=live"]);
    let pair = format!("URL=amqp://guest:gu{}est@mq.acme.test/", "");
    assert!(said("rabbitmq-credential", "a.env", &pair).contains(&"state=default-credential".to_owned()));
}
