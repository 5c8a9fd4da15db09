//! Credentials behind encodings are found, at the place of the encoded text, and what is not text is left alone.
#![expect(clippy::unwrap_used, reason = "test code")]

mod common;

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use common::tokens::{GITHUB, github, letters};
use credlint::judge::Finding;
use credlint::rule::RuleSet;
use credlint::scan::{Outcome, Scanner};
use credlint::source::{GapReason, Origin};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use tempfile::TempDir;

fn scanner() -> &'static Scanner {
    static SCANNER: OnceLock<Scanner> = OnceLock::new();
    SCANNER.get_or_init(|| Scanner::new(RuleSet::builtin()))
}

fn scan(name: &str, text: &[u8]) -> Outcome {
    scanner().scan_bytes(&Origin::Synthetic(Arc::from(name)), text)
}

/// The only finding of a text: what it is and the text at its place.
fn only(name: &str, text: &[u8]) -> (Finding, Vec<u8>) {
    let outcome = scan(name, text);
    let shown: Vec<_> =
        outcome.findings.iter().map(|found| (found.rule.id.as_ref(), found.span, &found.chain)).collect();
    let [finding] = outcome.findings.as_slice() else { unreachable!("{name}: {shown:?}") };
    assert!(outcome.gaps.is_empty());
    let (start, end) = (usize::try_from(finding.span.start).unwrap(), usize::try_from(finding.span.end).unwrap());
    (finding.clone(), text[start..end].to_vec())
}

/// One GitHub token, decoded by these steps from exactly this text.
fn token(text: &str, seed: u64, chain: &[&str], place: &str) {
    let (finding, at) = only("notes", text.as_bytes());
    assert_eq!(finding.rule.id, GITHUB, "{text}");
    assert_eq!(finding.secret.expose(), github(seed).as_bytes(), "{text}");
    assert_eq!(finding.chain, chain, "{text}");
    assert_eq!(String::from_utf8_lossy(&at), place, "{text}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn wrapped(text: &str, width: usize, between: &str) -> String {
    let lines: Vec<&str> = text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(between)
}

/// The characters of base64 that hold a part of what was encoded.
fn part(encoded: &str, from: usize, length: usize) -> String {
    encoded[from * 8 / 6..((from + length) * 8).div_ceil(6)].to_owned()
}

#[test]
fn base64_in_every_form() {
    let plain = format!("user=ci\ntoken={}\n", github(1));
    let from = plain.find(&github(1)).unwrap();
    for encoded in [
        BASE64.encode(plain.as_bytes()),
        BASE64_NOPAD.encode(plain.as_bytes()),
        BASE64URL_NOPAD.encode(plain.as_bytes()),
    ] {
        let place = part(&encoded, from, 40);
        token(&format!("auth: {encoded}\n"), 1, &["base64"], &place);
        token(&format!("x(\"{encoded}\");"), 1, &["base64"], &place);
        token(&format!("data:text/plain;base64,{encoded}"), 1, &["base64"], &place);
    }
}

#[test]
fn a_token_alone_in_base64() {
    for seed in 0..40 {
        let encoded = BASE64.encode(github(seed).as_bytes());
        token(&format!("auth: {encoded}\n"), seed, &["base64"], encoded.trim_end_matches('='));
    }
}

#[test]
fn base64_wrapped_as_mail_and_yaml_wrap_it() {
    let plain = format!(
        "# settings of the build server, kept by the platform team\nuser=ci\ntoken={}\nregion=eu-central-1\n",
        github(2)
    );
    let encoded = BASE64.encode(plain.as_bytes());
    let from = plain.find(&github(2)).unwrap();
    let place = part(&encoded, from, 40);
    for (width, between, before) in [
        (76, "\r\n", "Content-Transfer-Encoding: base64\r\n\r\n"),
        (64, "\n    ", "data: |\n    "),
        (70, "\n", ""),
        (60, "\\n", "\""),
    ] {
        let text = format!("{before}{}\n", wrapped(&encoded, width, between));
        let (finding, at) = only("mail", text.as_bytes());
        assert_eq!(finding.secret.expose(), github(2).as_bytes());
        let at = String::from_utf8(at).unwrap().replace(between, "");
        assert!(at == place || at.contains(&place) && at.len() <= place.len() + 6, "{at} {place}");
    }
}

#[test]
fn base64_twice_over_and_compressed() {
    let json = format!(
        "{{\"name\":\"web\",\"config\":{{\"note\":\"{}\"}},\"token\":\"{}\"}}",
        "a chart ".repeat(30),
        github(3)
    );
    let twice = BASE64.encode(BASE64.encode(json.as_bytes()).as_bytes());
    let (finding, _) = only("release.yaml", format!("data:\n  release: {twice}\n").as_bytes());
    assert_eq!((finding.rule.id.as_ref(), &finding.chain[..2]), (GITHUB, &["base64".into(), "base64".into()][..]));

    let packed = BASE64.encode(&gzip(json.as_bytes()));
    let (finding, at) = only("user-data", format!("content: {packed}\n").as_bytes());
    assert_eq!((finding.rule.id.as_ref(), &finding.chain[..2]), (GITHUB, &["base64".into(), "gzip".into()][..]));
    assert_eq!(at, packed.trim_end_matches('=').as_bytes());

    let packed = BASE64.encode(&zlib(json.as_bytes()));
    let (finding, _) = only("user-data", format!("content: {packed}\n").as_bytes());
    assert_eq!((finding.rule.id.as_ref(), &finding.chain[..2]), (GITHUB, &["base64".into(), "zlib".into()][..]));

    let helm = BASE64.encode(BASE64.encode(&gzip(json.as_bytes())).as_bytes());
    let (finding, _) = only("release.yaml", format!("data:\n  release: {helm}\n").as_bytes());
    assert_eq!(&finding.chain[..3], ["base64", "base64", "gzip"]);
    assert_eq!(finding.rule.id, GITHUB);
}

#[test]
fn two_secrets_in_one_compressed_text_are_two() {
    let json = format!("{{\"one\":\"{}\",\"two\":\"{}\",\"again\":\"{}\"}}", github(4), github(5), "x ".repeat(60));
    let packed = BASE64.encode(&gzip(json.as_bytes()));
    let outcome = scan("user-data", format!("secret_content: {packed}\n").as_bytes());
    let found: Vec<_> = outcome.findings.iter().map(|found| (found.rule.id.as_ref(), found.secret.expose())).collect();
    assert_eq!(found, [(GITHUB, github(4).as_bytes()), (GITHUB, github(5).as_bytes())]);
}

#[test]
fn hexadecimal_digits() {
    let plain = github(6);
    for encoded in [HEXLOWER.encode(plain.as_bytes()), HEXUPPER.encode(plain.as_bytes())] {
        token(&format!("blob = {encoded};"), 6, &["hex"], &encoded);
        token(&format!("blob = 0x{encoded};"), 6, &["hex"], &encoded);
    }
}

#[test]
fn escapes_inside_a_token() {
    let plain = github(7);
    for (written, step) in [
        ("%5F", "percent"),
        ("%5f", "percent"),
        ("\\u005f", "escapes"),
        ("\\x5f", "escapes"),
        ("\\137", "escapes"),
        ("&#95;", "html"),
        ("&#x5F;", "html"),
        ("&lowbar;", "html"),
    ] {
        let encoded = plain.replace('_', written);
        token(&format!("v = \"{encoded}\"\n"), 7, &[step], &encoded);
        token(&format!("{}{encoded}", "some words on the line; ".repeat(40)), 7, &[step], &encoded);
        // At the end of it, and in its middle.
        let (head, tail) = plain.split_at(22);
        let code = u32::from(tail.as_bytes()[0]);
        let middle = match step {
            "percent" => format!("{head}%{code:02X}{}", &tail[1..]),
            "html" => format!("{head}&#{code};{}", &tail[1..]),
            _ => format!("{head}\\u{code:04x}{}", &tail[1..]),
        };
        token(&format!("v = \"{middle}\"\n"), 7, &[step], &middle);
    }
}

#[test]
fn names_and_values_behind_escapes() {
    let value = letters(8, 24);
    for text in [
        format!("<div data-settings=\"{{&quot;password&quot;:&quot;{value}&quot;}}\">"),
        format!("state=%7B%22password%22%3A%22{value}%22%7D"),
    ] {
        let outcome = scan("page.html", text.as_bytes());
        let [finding] = outcome.findings.as_slice() else { unreachable!("{text}: {}", outcome.findings.len()) };
        assert_eq!(finding.secret.expose(), value.as_bytes());
    }
    // Every character of a named value.
    let mut spelled = String::new();
    value.bytes().for_each(|byte| write!(spelled, "\\x{byte:02x}").unwrap());
    let (finding, at) = only("a.py", format!("password = \"{spelled}\"\n").as_bytes());
    assert_eq!((finding.secret.expose(), at.as_slice()), (value.as_bytes(), spelled.as_bytes()));
}

#[test]
fn quoted_printable_with_soft_line_ends() {
    let plain = github(9);
    let (head, tail) = plain.split_at(19);
    let line = format!("the token for the build is, as was said in the morning: {head}=\r\n");
    let place = format!("{head}=\r\n{tail}");
    token(&format!("{line}{tail} and so on\r\n"), 9, &["quoted-printable"], &place);
    let mail = format!("Content-Transfer-Encoding: quoted-printable\n\ntoken: {}\n", plain.replace('_', "=5F"));
    token(&mail, 9, &["quoted-printable"], &plain.replace('_', "=5F"));
}

#[test]
fn base64_in_utf16_and_utf16_in_base64() {
    let encoded = BASE64.encode(format!("token {}", github(10)).as_bytes());
    let wide: Vec<u8> = format!("auth: {encoded}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (finding, at) = only("file", &wide);
    assert_eq!((finding.rule.id.as_ref(), finding.chain), (GITHUB, vec!["utf-16".into(), "base64".into()]));
    let place: Vec<u8> = part(&encoded, 6, 40).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(at, place);

    let command: Vec<u8> = format!("$t = '{}'", github(10)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (finding, _) = only("run.bat", format!("powershell -enc {}\n", BASE64.encode(&command)).as_bytes());
    assert_eq!((finding.rule.id.as_ref(), finding.chain), (GITHUB, vec!["base64".into(), "utf-16".into()]));
}

#[test]
fn a_value_found_encoded_and_decoded_is_one_finding_and_names_its_provider() {
    let encoded = BASE64.encode(github(11).as_bytes());
    let (finding, _) = only("settings.yaml", format!("client_secret: {encoded}\n").as_bytes());
    assert_eq!((finding.rule.id.as_ref(), finding.name.as_deref()), (GITHUB, Some("client_secret")));
}

#[test]
fn what_is_no_text_is_left_alone() {
    // An image, a font, a public certificate, a source map without secrets.
    let image: Vec<u8> = b"\x89PNG\r\n\x1a\n".iter().copied().chain(letters(12, 3000).into_bytes()).collect();
    let map = BASE64.encode(b"{\"version\":3,\"sources\":[\"webpack:///./a.js\"],\"mappings\":\"AAAA,SAAS\"}");
    for text in [
        format!("url(data:image/png;base64,{})", BASE64.encode(&image)),
        format!("//# sourceMappingURL=data:application/json;base64,{map}\n"),
        format!("sha256-{}", BASE64.encode(letters(13, 32).as_bytes())),
    ] {
        let outcome = scan("bundle.css", text.as_bytes());
        assert!(outcome.findings.is_empty() && outcome.gaps.is_empty(), "{text}");
    }
}

#[test]
fn a_bomb_is_a_gap_and_soon_over() {
    let bomb = BASE64.encode(&gzip(&vec![b' '; 200 << 20]));
    let started = Instant::now();
    let outcome = scan("release.yaml", format!("release: {bomb}\ntoken: {}\n", github(14)).as_bytes());
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(outcome.findings.len(), 1);
    let [gap] = outcome.gaps.as_slice() else { unreachable!("{} gaps", outcome.gaps.len()) };
    assert!(gap.reason == GapReason::Limit);
    assert!(gap.detail.contains("gzip"), "{}", gap.detail);
}

#[test]
fn too_many_layers_are_a_gap() {
    let nested = |layers: usize| (0..layers).fold(github(15), |text, _| BASE64.encode(text.as_bytes()));
    assert_eq!(scan("x", nested(4).as_bytes()).findings.len(), 1);
    let outcome = scan("x", nested(5).as_bytes());
    assert_eq!((outcome.findings.len(), outcome.gaps.len()), (0, 1));
}

#[test]
fn windows_do_not_change_what_is_decoded() {
    // A text of 3 MB in one line: its secrets lie in several windows, one at a border.
    let window = 1usize << 20;
    let mut plain = String::new();
    while plain.len() < 3 * window * 3 / 4 {
        let next = format!("line {} of a long text that says nothing at all\n", plain.len());
        plain.push_str(&next);
        if plain.len() % 1000 < next.len() && plain.len().is_multiple_of(7) {
            writeln!(plain, "t={}", github(plain.len() as u64)).unwrap();
        }
    }
    let expected = plain.matches("\nt=").count();
    assert!(expected > 20);
    let text = format!("x: {}\n", BASE64.encode(plain.as_bytes()));
    let outcome = scan("long.txt", text.as_bytes());
    assert_eq!(outcome.findings.len(), expected);
    assert!(outcome.gaps.is_empty());
}

#[test]
fn no_form_of_a_value_is_shown() {
    let folder = TempDir::new().unwrap();
    let encoded = BASE64.encode(format!("t={}", github(16)).as_bytes());
    let packed = BASE64.encode(&gzip(format!("t={} {}", github(17), "x ".repeat(40)).as_bytes()));
    let escaped = github(18).replace('_', "\\u005f");
    let wide: Vec<u8> =
        format!("a: {encoded} b: {encoded} c: {}\r\n", github(19)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    common::write(folder.path(), "a.txt", format!("a: {encoded} again: {encoded} {escaped} {packed}\nold {encoded}\n"));
    common::write(folder.path(), "wide.txt", wide);
    let secrets =
        [github(16), github(17), github(18), github(19), part(&encoded, 2, 40), packed[..40].to_owned(), escaped];
    for format in ["human", "json", "sarif", "sarif-full"] {
        let run = common::credlint(folder.path(), &["scan", "--report", format, "."], b"");
        assert_eq!(run.code, 1, "{}", run.err);
        for secret in &secrets {
            assert!(!run.out.contains(secret.as_str()), "{format} shows {secret}");
        }
    }
}

#[test]
fn sarif_shows_the_way_as_a_code_flow() {
    let folder = TempDir::new().unwrap();
    let encoded = BASE64.encode(&gzip(format!("{{\"t\":\"{}\"}}", github(20)).as_bytes()));
    common::write(folder.path(), "a.yaml", format!("release: {encoded}\n"));
    let run = common::credlint(folder.path(), &["scan", "--report", "sarif", "."], b"");
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let steps = &report["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"];
    let kinds: Vec<_> = steps.as_array().unwrap().iter().map(|step| step["kinds"][0].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["base64", "gzip"]);
}
