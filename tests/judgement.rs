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
