//! What counts as a credential given to a name, beyond the examples of the rules. Values are made here.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use common::tokens::letters;
use common::{scan, write};
use tempfile::TempDir;

/// The rules that block in a file.
fn blocking(name: &str, text: &str) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    write(folder.path(), name, text);
    let (_, report) = scan(folder.path(), &["."], b"");
    let findings = report["findings"].as_array().unwrap();
    let blocks = findings.iter().filter(|one| one["outcome"] == "blocks");
    blocks.map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn text_in_strings_of_code_is_no_expression() {
    let (word, value) = (["pass", "word"].concat(), letters(1, 12));
    assert_eq!(blocking("a.py", &format!("x = \"Server=a;{word}={value};\"\n")), ["generic-password"]);
    assert_eq!(blocking("a.py", &format!("y = 1;{word}={value}\n")), Vec::<String>::new());
    let query = format!("u = \"https://api.test/x?secret={}&y=1\"\n", letters(2, 24));
    assert_eq!(blocking("a.rb", &query), ["generic-secret"]);
}

#[test]
fn a_header_of_a_command_is_one_and_printed_text_is_none() {
    let value = letters(3, 32);
    let header = format!("curl -H 'X-Auth-Token: {value}' https://host.test\n");
    assert_eq!(blocking("a.sh", &header), ["generic-token"]);
    assert_eq!(blocking("a.sh", &format!("echo \"X-Auth-Token: {value}\"\n")), Vec::<String>::new());
}

#[test]
fn setters_of_a_member_take_the_value_and_searches_do_not() {
    let value = letters(4, 32);
    assert_eq!(blocking("a.go", &format!("client.SetAuthToken(\"{value}\")\n")), ["generic-token"]);
    assert_eq!(blocking("a.go", &format!("client.SearchAuthToken(\"{value}\")\n")), Vec::<String>::new());
}

#[test]
fn json_under_the_name_of_a_token_is_one_where_something_in_it_is_random() {
    let text =
        |value: &str| format!("{{\"apiToken\": \"{{\\\"kind\\\":\\\"user\\\",\\\"id\\\":\\\"{value}\\\"}}\"}}\n");
    assert_eq!(blocking("a.json", &text(&letters(5, 32))), ["generic-token"]);
    assert_eq!(blocking("a.json", &text("somebody-else")), Vec::<String>::new());
}

#[test]
fn a_password_below_a_login_is_one_in_any_file() {
    let text = |word: &str| format!("machine host.test\n  {word} somebody\n  password {}\n", letters(6, 14));
    assert_eq!(blocking("a.txt", &text("login")), ["generic-password"]);
    assert_eq!(blocking("a.txt", &text("with")), Vec::<String>::new());
}

#[test]
fn names_of_other_things_give_no_credential() {
    let value = letters(7, 40);
    for name in ["nextForwardToken", "clientRequestToken", "Sec-WebSocket-Key", "hashed_key", "checksum/secrets"] {
        assert_eq!(blocking("a.json", &format!("{{\"{name}\": \"{value}\"}}\n")), Vec::<String>::new(), "{name}");
    }
    let uuid = "6f1c2d34-8b7a-4e19-9c55-d02b7e4fa681";
    for name in ["clientToken", "LifecycleActionToken", "RequestToken"] {
        assert_eq!(blocking("a.json", &format!("{{\"{name}\": \"{uuid}\"}}\n")), Vec::<String>::new(), "{name}");
    }
    for name in ["encryptionKeyHash", "alternateKey"] {
        assert_eq!(blocking("a.go", &format!("{name} := \"{value}\"\n")), Vec::<String>::new(), "{name}");
    }
    assert_eq!(blocking("a.py", "fields = {\"token\", \"refreshToken\", \"csrfToken\"}\n"), Vec::<String>::new());
    assert_eq!(blocking("a.json", &format!("{{\"refreshToken\": \"{value}\"}}\n")), ["generic-token"]);
}

#[test]
fn keys_by_which_something_is_looked_up_are_none() {
    let value = letters(8, 24);
    let selector = |sibling: &str| format!("matchExpressions:\n- key: {value}\n  {sibling}: x\n");
    for sibling in ["operator", "effect", "values", "path"] {
        assert_eq!(blocking("a.yaml", &selector(sibling)), Vec::<String>::new(), "{sibling}");
    }
    assert_eq!(blocking("a.yaml", &selector("region")), ["generic-credential"]);
    assert_eq!(blocking("a.json", &format!("[{{\"key\": \"{value}\", \"value\": \"x\"}}]\n")), Vec::<String>::new());
}

#[test]
fn public_halves_and_ids_of_keys_are_no_secrets() {
    // Length, name and body as RFC 4253 writes them; the body is any bytes.
    let body = [b"\0\0\0\x0bssh-ed25519\0\0\0\x20".as_slice(), letters(9, 32).as_bytes()].concat();
    let public = format!("ssh-ed25519 {} me@host", data_encoding::BASE64.encode(&body));
    let armour = ["-----BEGIN PGP PUB", "LIC KEY BLOCK-----"].concat();
    let header = data_encoding::BASE64URL_NOPAD.encode(b"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k7Gd92hLpQ\"}");
    for (name, value) in [("key", public), ("signing_key", format!("{armour}\\n{}", letters(10, 300)))] {
        assert_eq!(blocking("a.go", &format!("x.{name} = \"{value}\"\n")), Vec::<String>::new(), "{value}");
    }
    assert_eq!(blocking("a.tf", &format!("api_token = \"{header}\"\n")), Vec::<String>::new());
    assert_eq!(blocking("a.sh", "app source --gpg-key=D56C4FCA57A46444\n"), Vec::<String>::new());
    assert_eq!(blocking("a.tf", &format!("api_token = \"{}\"\n", letters(11, 48))), ["generic-token"]);
}

#[test]
fn results_of_tests_and_names_of_variables_are_no_passwords() {
    let log = "=== RUN   TestRetry\n--- PASS: TestRetry/Error_is_nil (0.00s)\nPASS: suite/k7Gd92-run\n";
    assert_eq!(blocking("build.log", log), Vec::<String>::new());
    for value in ["E2E_ADMIN_PASSWORD", "%[3]s", "%2$s", "glpat-XXX", "svc-<PASSWORD>", ":SecretString:k7Gd92}}"] {
        let text = format!("const adminPassword = \"{value}\"\n");
        assert_eq!(blocking("a.go", &text), Vec::<String>::new(), "{value}");
    }
    assert_eq!(blocking("a.go", &format!("const adminPassword = \"{}\"\n", letters(12, 14))), ["generic-password"]);
}

#[test]
fn a_list_of_names_gives_none_a_value() {
    let pairs =
        |first: &str| format!("shells := map[string]string{{\n\t\"bash\": {first},\n\t\"pwsh-k7\": \"x\",\n}}\n");
    assert_eq!(blocking("a.go", &pairs("\"pwd\"")), Vec::<String>::new());
    assert_eq!(blocking("a.js", "const names = [\"PASSWORD\", \"JDBC_DRIVER_JAR_URI\"]\n"), Vec::<String>::new());
    let listed = "const NAMES: &[&str] = &[\n    \"fbsql_password\",\n    \"fbsql_pconnect9\",\n];\n";
    assert_eq!(blocking("a.rs", listed), Vec::<String>::new());
    let argument = format!("client.set(\"password\", \"{}\")\n", letters(13, 14));
    assert_eq!(blocking("a.js", &argument), ["generic-password"]);
}

#[test]
fn members_handed_on_are_no_values() {
    assert_eq!(
        blocking("a.ts", "new Queue({ encryptionMasterKey: dlqKmsKey, token: oidcReqToken })\n"),
        Vec::<String>::new()
    );
    let arn = format!("x = \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{}\"\n", letters(14, 24));
    assert_eq!(blocking("a.md", &arn), Vec::<String>::new());
    let mut bytes = b"\x89PNG\r\n\x1a\n\x00\x00\x07>\xff>\nPassword:".to_vec();
    bytes.extend([0xf1, 0x07, 0x37, b'G', b'$', b'@', b'k', 0x98, b'%', b'Q', b'\n']);
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("a.png"), bytes).unwrap();
    let (_, report) = scan(folder.path(), &["."], b"");
    assert_eq!(report["findings"].as_array().unwrap().len(), 0);
}

#[test]
fn a_url_names_its_service_by_scheme_and_host() {
    let text = format!("u = \"mongodb+srv://adminTerraform:{}@cluster.acme.test/x\"\n", letters(15, 14));
    assert_eq!(blocking("a.go", &text), ["mongodb-credential"]);
}

#[test]
fn open_entries_of_a_kubernetes_secret_are_no_credentials() {
    let entry = |key: &str| {
        let value = data_encoding::BASE64.encode(letters(16, 12).as_bytes());
        format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  {key}: {value}\n")
    };
    for key in ["apiAddress", "azurestorageaccountname", "node.session.auth.username_in", "ClientID"] {
        assert_eq!(blocking("a.yaml", &entry(key)), Vec::<String>::new(), "{key}");
    }
    assert_eq!(blocking("a.yaml", &entry("node.session.auth.password_in")), ["generic-password"]);
}

#[test]
fn key_stores_are_found_as_files_and_in_base64() {
    let name = |text: &str| [&u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat();
    let head = [b"\0\x01".to_vec(), name("ACME.TEST"), name("backup"), b"\0\0\0\x01\x65\x53\xf1\0\x02\0\x12".to_vec()];
    let entry = [head.concat(), name(&letters(17, 32))].concat();
    let keytab = [b"\x05\x02", u32::try_from(entry.len()).unwrap().to_be_bytes().as_slice(), &entry].concat();
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("backup.keytab"), &keytab).unwrap();
    let secret = format!("kind: Secret\ndata:\n  keytab: {}\n", data_encoding::BASE64.encode(&keytab));
    write(folder.path(), "secret.yaml", &secret);
    let (_, report) = scan(folder.path(), &["."], b"");
    let findings = report["findings"].as_array().unwrap();
    let places: Vec<_> =
        findings.iter().map(|one| (one["path"].as_str().unwrap(), one["line"].as_u64().unwrap())).collect();
    assert_eq!(places, [("backup.keytab", 1), ("secret.yaml", 3)]);
    for one in findings {
        assert_eq!(
            (one["rule"].as_str(), one["confidence"].as_str()),
            (Some("privatekey-kerberos-keytab"), Some("certain"))
        );
    }
}
