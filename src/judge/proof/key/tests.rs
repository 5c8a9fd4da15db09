//! Keys built here, in the wrappings that text puts around them.

use data_encoding::{BASE64, BASE64_NOPAD};
use sha2::Digest as _;

use super::*;
use crate::rule::raw::joined;

/// An element of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("tests write short elements").to_be_bytes();
    let head = match content.len() {
        0..=127 => vec![tag, length[1]],
        128..=255 => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    [head.as_slice(), content].concat()
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x30, &parts.concat())
}

/// 2^bytes·8 + low, as an integer.
fn power(bytes: usize, low: u8) -> Vec<u8> {
    let mut number = vec![0; bytes + 1];
    number[0] = 1;
    number[bytes] = low;
    number
}

/// An RSA key in PKCS #1 whose factors are 2^512 + 1 and 2^512 + 3; `sum` is 4, the sum of the low parts, when right.
fn rsa(sum: u8) -> Vec<u8> {
    let mut modulus = power(128, 3);
    modulus[64] = sum;
    let numbers = [
        vec![0],
        modulus,
        vec![1, 0, 1],
        power(120, 7),
        power(64, 1),
        power(64, 3),
        power(60, 1),
        power(60, 9),
        power(60, 5),
    ];
    sequence(&numbers.map(|number| der(2, &number)))
}

fn ed25519() -> Vec<u8> {
    let key = der(4, &der(4, &[0x5a; 32]));
    sequence(&[der(2, &[0]), sequence(&[der(6, &[0x2b, 0x65, 0x70])]), key])
}

fn string(content: &[u8]) -> Vec<u8> {
    [&u32::try_from(content.len()).expect("tests write short strings").to_be_bytes(), content].concat()
}

/// An Ed25519 key in OpenSSH's form.
fn openssh(cipher: &str, second_check: u8) -> Vec<u8> {
    let public = [string(b"ssh-ed25519"), string(&[7; 32])].concat();
    let secret = [[9; 32], [7; 32]].concat();
    let private =
        [vec![1, 2, 3, 4, 1, 2, 3, second_check], public.clone(), string(&secret), string(b"ann@build"), vec![1, 2, 3]]
            .concat();
    let head =
        [b"openssh-key-v1\0".to_vec(), string(cipher.as_bytes()), string(b"none"), string(b""), vec![0, 0, 0, 1]]
            .concat();
    [head, string(&public), string(&private)].concat()
}

/// A PEM with lines of 64 characters.
fn armored(label: &str, bytes: &[u8]) -> String {
    let body = BASE64.encode(bytes);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("base64 is ASCII")).collect();
    joined(&format!("-----BEG<~>IN {label}-----\n{}\n-----E<~>ND {label}-----", lines.join("\n")))
}

fn label(words: &str) -> String {
    joined(&format!("{words}PRI<~>VATE KEY")).trim_start().to_owned()
}

/// The verdict, its facts and its length.
fn verdict(value: &str) -> (&'static str, Vec<(&'static str, String)>, usize) {
    match pem(value.as_bytes()) {
        Proved::Certain(told) => ("certain", told.facts, told.length.unwrap_or(0)),
        Proved::Open(told) => ("open", told.facts, told.length.unwrap_or(0)),
        Proved::Weak(told) => ("weak", told.facts, told.length.unwrap_or(0)),
        Proved::Refuted(_) => ("refuted", Vec::new(), 0),
    }
}

fn fact(value: &str, name: &str) -> Option<String> {
    verdict(value).1.into_iter().find(|(known, _)| *known == name).map(|(_, text)| text)
}

#[test]
fn keys_in_clear_are_certain() {
    let keys = [("RSA ", rsa(4)), ("", ed25519()), ("OPENSSH ", openssh("none", 4))];
    for (words, bytes) in keys {
        let key = armored(&label(words), &bytes);
        let (kind, facts, length) = verdict(&key);
        assert_eq!((kind, length), ("certain", key.len()), "{words}");
        assert!(facts.contains(&("encrypted", "no".to_owned())));
    }
    let key = armored(&label("RSA "), &rsa(4));
    assert_eq!(fact(&key, "bits").as_deref(), Some("1025"));
    assert!(fact(&key, "fingerprint").expect("it has one").starts_with("SHA256:"));
    assert_eq!(fact(&armored(&label("OPENSSH "), &openssh("none", 4)), "comment").as_deref(), Some("ann@build"));
}

#[test]
fn pkcs8_wraps_rsa_and_ec() {
    let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    let wrapped = sequence(&[der(2, &[0]), sequence(&[der(6, &oid), der(5, &[])]), der(4, &rsa(4))]);
    assert_eq!(fact(&armored(&label(""), &wrapped), "algorithm").as_deref(), Some("rsa"));
    let curve = der(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
    let ec = sequence(&[der(2, &[1]), der(4, &[0x42; 32]), der(0xa0, &curve)]);
    assert_eq!(fact(&armored(&label("EC "), &ec), "curve").as_deref(), Some("P-256"));
    let inner = sequence(&[der(2, &[1]), der(4, &[0x42; 32])]);
    let scheme = sequence(&[der(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]), curve]);
    assert_eq!(
        fact(&armored(&label(""), &sequence(&[der(2, &[0]), scheme, der(4, &inner)])), "curve").as_deref(),
        Some("P-256")
    );
}

#[test]
fn encrypted_keys_are_weak() {
    let scheme = sequence(&[der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d]), sequence(&[])]);
    let pkcs8 = armored(&label("ENCRYPTED "), &sequence(&[scheme, der(4, &[0x3c; 160])]));
    let random: Vec<u8> = (0..160_u8).map(|i| i.wrapping_mul(151).wrapping_add(17)).collect();
    let headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n";
    let traditional = armored(&label("RSA "), &random).replacen('\n', &format!("\n{headers}"), 1);
    let openssh = armored(&label("OPENSSH "), &openssh("aes256-ctr", 4));
    for key in
        [pkcs8, traditional.clone(), traditional.replace('\n', "\\n"), traditional.replace('\n', " "), openssh.clone()]
    {
        assert_eq!((verdict(&key).0, verdict(&key).2), ("weak", key.len()), "{key}");
    }
    assert!(fact(&openssh, "fingerprint").is_some());
}

#[test]
fn wrappings_do_not_matter() {
    let each = |key: &str, before: &str, after: &str| {
        let lines: Vec<String> = key
            .lines()
            .enumerate()
            .map(|(i, line)| if i == 0 { format!("{line}{after}") } else { format!("{before}{line}{after}") })
            .collect();
        lines.join("\n")
    };
    for bytes in [rsa(4), ed25519()] {
        let key = armored(&label(""), &bytes);
        let wrapped = [
            key.replace('\n', "\r\n"),
            key.replace('\n', "\\n"),
            key.replace('\n', "\\\\n"),
            key.replace('\n', "\\r\\n"),
            key.replace('\n', " "),
            key.replace('\n', ""),
            key.replace('\n', "\n\n"),
            key.replace('\n', "&#13;\n"),
            key.replace('\n', "<br>\n"),
            key.replace('/', "\\/").replace('\n', "\\n"),
            key.replace('+', "\\u002B").replace('\n', "\\n"),
            key.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").replace('\n', "%0A"),
            each(&key, "    ", ""),
            each(&key, "# ", ""),
            each(&key, "// ", ""),
            each(&key, "//", ""),
            each(&key, "> ", ""),
            each(&key, "+", ""),
            each(&key, "\"", "\\n\" +"),
            each(&key, "    '", "',"),
            each(&key, "2024-05-01 10:00:00 INFO [main] ", ""),
            each(&key, "conf/key.pem:12:", ""),
        ];
        for value in wrapped {
            let (kind, _, length) = verdict(&value);
            assert_eq!(kind, "certain", "{value}");
            assert!(value[..length].ends_with("-----"), "{value}");
        }
    }
}

#[test]
fn a_key_without_its_end_is_measured_by_its_own_length() {
    for bytes in [rsa(4), ed25519()] {
        let key = armored(&label(""), &bytes);
        let body = key.rfind('\n').expect("it has lines");
        for tail in ["", "\n", "\nmore text = here\n}\n", "\",\n  \"next\": \"value\"", "\n${TEMPLATE} ... xxxxxxxx\n"]
        {
            let value = format!("{}{tail}", &key[..body]);
            assert_eq!((verdict(&value).0, verdict(&value).2), ("certain", body), "{value}");
        }
    }
}

#[test]
fn what_is_no_key_is_refuted() {
    let begin = joined("-----BEG<~>IN PRI<~>VATE KEY-----");
    let end = joined("-----E<~>ND PRI<~>VATE KEY-----");
    let text = BASE64.encode(
        "this is not a key but a text in base64, long enough to be taken for one by its looks, and longer. "
            .repeat(3)
            .as_bytes(),
    );
    let bodies = [
        "",
        "\n",
        "\n...\n",
        "\nMII…\n",
        "\nEXAMPLEBAAKCAQEA+AD3qeU2toBy5O5v7wnRLVo/tngVickL5+6Jf4tPrPeuoebM\n",
        "\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC...\n",
        "\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
        "\n${PRIVATE_KEY}\n",
        "\n{{ .Values.signing.privateKeyOfTheServiceThatSignsTheTokens }}\n",
        "\" in text and \"",
        "\" + key + \"",
        "(key body here)",
    ];
    for body in bodies.into_iter().chain([text.as_str(), "A".repeat(900).as_str()]) {
        assert_eq!(verdict(&format!("{begin}{body}{end}")).0, "refuted", "{body}");
        assert_eq!(verdict(&format!("{begin}{body}")).0, "refuted", "{body}");
    }
    let code = "    let header = reader.readLine();\n    if (header == null) { throw new IOException(); }\n".repeat(12);
    assert_eq!(verdict(&format!("{begin}\";\n{code}\"{end}")).0, "refuted");
    assert_eq!(verdict(&format!("{begin}\";\n{code}")).0, "refuted");
    assert_eq!(verdict(&armored(&label(""), &ed25519()[..40])).0, "refuted");
}

#[test]
fn altered_keys_stay_open_when_they_are_long() {
    assert_eq!(verdict(&armored(&label("RSA "), &rsa(5))).0, "open");
    assert_eq!(verdict(&armored(&label("RSA "), &rsa(4)[..300])).0, "open");
    assert_eq!(verdict(&armored(&label("OPENSSH "), &openssh("none", 5))).0, "open");
    let key = armored(&label("RSA "), &rsa(4));
    let middle = key.len() / 2;
    assert_eq!(verdict(&format!("{}...{}", &key[..middle], &key[middle + 20..])).0, "refuted");
}

#[test]
fn only_the_first_key_counts() {
    let key = armored(&label(""), &ed25519());
    let two = format!("{key}\n{key}");
    assert_eq!(verdict(&two), verdict(&key));
    let cut = key.rfind('\n').expect("it has lines");
    assert_eq!(verdict(&format!("{}\n{key}", &key[..cut])).2, cut);
}

#[test]
fn openpgp_armor_has_a_checksum() {
    let numbers = [vec![0, 9, 1, 0x55], vec![0, 3, 5]].concat();
    let packet = |usage: u8| {
        let content = [vec![4, 0x65, 0, 0, 0, 1], numbers.clone(), vec![usage], vec![0x33; 200]].concat();
        [
            vec![0xc5, 192, u8::try_from(content.len() - 192).expect("it is short")],
            content,
            vec![0xcd, 5],
            b"ann@x".to_vec(),
        ]
        .concat()
    };
    let armor = |bytes: &[u8], crc: u32| {
        let sum = BASE64.encode(&crc.to_be_bytes()[1..]);
        let label = joined("PGP PRI<~>VATE KEY BLOCK");
        armored(&label, bytes)
            .replacen('\n', "\nVersion: GnuPG v2\n\n", 1)
            .replace("\n-----E", &format!("\n={sum}\n-----E"))
    };
    let clear = armor(&packet(0), pgp::crc24(&packet(0)));
    assert_eq!((verdict(&clear).0, verdict(&clear).2), ("certain", clear.len()));
    assert_eq!(fact(&clear, "user id").as_deref(), Some("ann@x"));
    assert_eq!(fact(&clear, "created").as_deref(), Some("2023-09-12T06:06:56Z"));
    assert_eq!(verdict(&armor(&packet(254), pgp::crc24(&packet(254)))).0, "weak");
    assert_eq!(verdict(&armor(&packet(0), 5)).0, "open");
    assert_eq!(verdict(&armor(&packet(0)[..60], 5)).0, "refuted");
}

#[test]
fn putty_and_ssh_com_files() {
    let public = [string(b"ssh-ed25519"), string(&[7; 32])].concat();
    let file = |encryption: &str| {
        let text = format!(
            "Pu<~>TTY-User-Key-File-3: ssh-ed25519\nEncryption: {encryption}\nComment: ann\nPublic-Lines: 1\n{}\nPrivate-Lines: 1\n{}\nPrivate-MAC: {}",
            BASE64.encode(&public),
            BASE64.encode(&[5; 36]),
            "0a".repeat(32)
        );
        joined(&text)
    };
    let clear = file("none");
    assert_eq!((verdict(&clear).0, verdict(&clear).2), ("certain", clear.len()));
    assert_eq!(
        (verdict(&format!("{clear}\nmore\n")).0, verdict(&format!("{clear}\nmore\n")).2),
        ("certain", clear.len())
    );
    assert_eq!(verdict(&clear.replace('\n', "\r\n")).0, "certain");
    assert_eq!(fact(&clear, "fingerprint"), Some(fingerprint(&public)));
    assert_eq!(verdict(&file("aes256-cbc")).0, "weak");
    assert_eq!(verdict(&clear[..clear.len() - 70]).0, "open");
    assert_eq!(verdict(&clear[..100]).0, "refuted");
    let body = [string(b"if-modn{sign{rsa-pkcs1-sha1}}"), string(b"3des-cbc"), string(&[1; 60])].concat();
    let all = [
        0x3f6f_f9eb_u32.to_be_bytes().to_vec(),
        u32::try_from(body.len() + 8).expect("it is short").to_be_bytes().to_vec(),
        body,
    ]
    .concat();
    let armor = joined(&format!(
        "---- BEG<~>IN SSH2 ENCRYPTED PRI<~>VATE KEY ----\n{}\n---- E<~>ND SSH2 ENCRYPTED PRI<~>VATE KEY ----",
        BASE64_NOPAD.encode(&all)
    ));
    assert_eq!((verdict(&armor).0, verdict(&armor).2), ("weak", armor.len()));
}

#[test]
fn nothing_panics_on_odd_input() {
    let key = armored(&label("RSA "), &rsa(4));
    for cut in 0..key.len() {
        let _ = pem(&key.as_bytes()[..cut]);
        let mut bytes = key.clone().into_bytes();
        bytes[cut] ^= 0x85;
        let _ = pem(&bytes);
    }
    let begin = joined("-----BEG<~>IN PRI<~>VATE KEY-----");
    for filler in ["A", "\\", "%", "&#", "<", "-", "=", "\n", "Version:", "\\u00", "é", "\0", "0"] {
        let _ = pem(format!("{begin}{}", filler.repeat(70_000)).as_bytes());
    }
    let _ = pem(&[begin.as_bytes(), &[0xff; 300]].concat());
    assert_eq!(verdict("").0, "refuted");
}

/// Stores that `openssl pkcs12 -export -nocerts` made of a new key: with an empty password, and with a drawn one.
const STORES: [&str; 2] = [
    "MII<~>BJQIBA<~>zCB3AY<~>JKoZIh<~>vcNAQc<~>BoIHOB<~>IHLMIH<~>IMIHFB<~>gkqhki<~>G9w0BB<~>wGggbc<~>EgbQwg<~>bEwga4<~>GCyqGS<~>Ib3DQE<~>MCgECo<~>IGeMIG<~>bMFcGC<~>SqGSIb<~>3DQEFD<~>TBKMCk<~>GCSqGS<~>Ib3DQE<~>FDDAcB<~>AirTk8<~>gVIYJL<~>QICCAA<~>wDAYIK<~>oZIhvc<~>NAgkFA<~>DAdBgl<~>ghkgBZ<~>QMEASo<~>EEP8ad<~>zbPXiE<~>zsoB46<~>tJlufI<~>EQBKEf<~>kBXJgM<~>Y/z4V/W4Q<~>4sjBHp<~>xt/qqI<~>8iQyWi<~>j4vuM7<~>CIXLuA<~>tnAhAN<~>MwlXSW<~>FwCaX0<~>JywPZD<~>TJci0A<~>L/kle<~>70wQTA<~>xMA0GC<~>WCGSAF<~>lAwQCA<~>QUABCC<~>hu4oSb<~>Lzos6f<~>HFL3nN<~>Us55kK<~>8b7jkZ<~>j97C+1X6<~>W4DMAQ<~>I5/tC1<~>A4cR4c<~>CAggA",
    "MII<~>BJQIBA<~>zCB3AY<~>JKoZIh<~>vcNAQc<~>BoIHOB<~>IHLMIH<~>IMIHFB<~>gkqhki<~>G9w0BB<~>wGggbc<~>EgbQwg<~>bEwga4<~>GCyqGS<~>Ib3DQE<~>MCgECo<~>IGeMIG<~>bMFcGC<~>SqGSIb<~>3DQEFD<~>TBKMCk<~>GCSqGS<~>Ib3DQE<~>FDDAcB<~>AgD7eL<~>XyF0oi<~>AICCAA<~>wDAYIK<~>oZIhvc<~>NAgkFA<~>DAdBgl<~>ghkgBZ<~>QMEASo<~>EEH/cb8<~>siVaAE<~>gdHOe6<~>Xn2HkE<~>QPHYhf<~>lyzMiS/p5h<~>dG9dTA<~>34uGsE<~>h3Axsh<~>grpkCu<~>kAg+8/8Bk<~>5KcmDn<~>ZGaxb+Qe/4Sd<~>70B48s<~>hgXmO2<~>X1xLk9<~>JIwQTA<~>xMA0GC<~>WCGSAF<~>lAwQCA<~>QUABCC<~>JCRgDn<~>qDvbEr<~>RwLn5o<~>TyHPpT<~>p1MwMK<~>eljwx0<~>RlVIvj<~>QQIceq<~>L+Hij<~>FAkCAg<~>gA",
];

#[test]
fn pkcs12_stores_open_with_an_empty_password_or_stay_locked() {
    let [open, locked] = STORES.map(joined);
    let Proved::Certain(told) = store(open.as_bytes()) else { panic!("an empty password") };
    assert_eq!(told.facts, [("format", "PKCS #12".to_owned())]);
    assert!(matches!(store(locked.as_bytes()), Proved::Weak(_)));
    // Broken into lines, and cut before its check sum.
    let lines: Vec<&str> = [&open[..64], &open[64..128], &open[128..]].to_vec();
    assert!(matches!(store(lines.join("\\n").as_bytes()), Proved::Certain(_)));
    assert!(matches!(store(lines.join("\n    ").as_bytes()), Proved::Certain(_)));
    assert!(matches!(store(&open.as_bytes()[..320]), Proved::Weak(_)));
    assert!(matches!(store(&open.as_bytes()[..40]), Proved::Refuted(_)));
}

/// A Java key store of one entry under a password: a private key (1) or a certificate (2).
fn java_store(tag: u8, password: &str) -> String {
    let counted = |content: &[u8]| [&u32::try_from(content.len()).expect("short").to_be_bytes(), content].concat();
    let certificate = [b"\0\x05X.509".to_vec(), counted(&[0x30; 50])].concat();
    let mut bytes = [0xfeed_feed_u32, 2, 1, u32::from(tag)].map(u32::to_be_bytes).concat();
    bytes.extend(b"\0\x01a");
    bytes.extend(1_700_000_000_000_u64.to_be_bytes());
    if tag == 1 {
        bytes.extend(counted(&[7; 60]));
        bytes.extend(1_u32.to_be_bytes());
    }
    bytes.extend(certificate);
    let utf16: Vec<u8> = password.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let sum = sha1::Sha1::digest([utf16.as_slice(), b"Mighty Aphrodite", &bytes].concat());
    bytes.extend(sum);
    BASE64.encode(&bytes)
}

#[test]
fn java_stores_tell_keys_from_certificates_and_open_with_the_default() {
    let Proved::Certain(told) = store(java_store(1, "changeit").as_bytes()) else { panic!("Java's default") };
    assert_eq!(told.facts, [("format", "JKS".to_owned()), ("created", "2023-11-14T22:13:20Z".to_owned())]);
    assert!(matches!(store(java_store(1, "k7Gd92hLpQ8Z").as_bytes()), Proved::Weak(_)));
    assert_eq!(
        store(java_store(2, "changeit").as_bytes()),
        Proved::Refuted("a store of certificates: no private key in it".into())
    );
    // Text behind it does not matter.
    let store_and_more = format!("{} other", java_store(1, "changeit"));
    assert!(matches!(store(store_and_more.as_bytes()), Proved::Certain(_)));
}

#[test]
fn keytabs_name_their_principal() {
    let text = |text: &str| [&u16::try_from(text.len()).expect("short").to_be_bytes(), text.as_bytes()].concat();
    let name = [b"\0\x02".to_vec(), text("ACME.TEST"), text("HTTP"), text("web")].concat();
    let rest =
        [b"\0\0\0\x01".to_vec(), 1_700_000_000_u32.to_be_bytes().to_vec(), b"\x02\0\x12\0\x20".to_vec(), vec![9; 32]];
    let entry = [name, rest.concat()].concat();
    let file = [b"\x05\x02", u32::try_from(entry.len()).expect("short").to_be_bytes().as_slice(), &entry].concat();
    let Proved::Certain(told) = store(BASE64.encode(&file).as_bytes()) else { panic!("a keytab") };
    let [format, principal, created] = told.facts.as_slice() else { panic!("three facts") };
    assert_eq!((format.1.as_str(), principal.1.as_str()), ("keytab", "HTTP/web@ACME.TEST"));
    assert_eq!(created.1, "2023-11-14T22:13:20Z");
    assert!(matches!(store(BASE64.encode(&file[..60]).as_bytes()), Proved::Refuted(_)));
}
