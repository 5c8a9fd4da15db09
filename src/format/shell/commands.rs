//! What the words of a command say: assignments, flags, headers, form fields, and the ways of single programs.

use std::ops::Range;

use super::flags::{Takes, base, command as known};
use super::word::Word;
use crate::format::{Piece, Structure};

/// A command's name is looked for among its first words, behind `sudo`, `docker exec` and the like.
const MAX_WORDS: usize = 4096;
/// Fields of a form that are looked at.
const MAX_FIELDS: usize = 256;
/// A program's own words are looked for among so many behind it.
const MAX_OWN: usize = 16;

/// Notes what a command line gives to names.
pub(in crate::format) fn command(text: &[u8], words: &[Word], structure: &mut Structure) {
    let words = &words[..words.len().min(MAX_WORDS)];
    let mut program: Option<(&'static str, &'static [Takes])> = None;
    let mut login = false;
    let prints =
        words.iter().take(2).any(|word| matches!(base(&word.text), Some("echo" | "printf" | "print" | "logger")));
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1);
        if let Some(found) = known(&word.text) {
            program = Some(found);
            login = false;
            continue;
        }
        login |= matches!(word.text.as_slice(), b"login" | b"auth");
        argument(text, word, next, prints, structure);
        if let Some((name, takes)) = program {
            for &how in takes {
                short(text, name, how, login, word, next, structure);
            }
        }
    }
    by_place(text, words, structure);
}

/// A word that says its name itself: `NAME=value`, `--name=value`, `--name value`, `Name: value` (not in what is
/// printed), `a=b&c=d`.
fn argument(text: &[u8], word: &Word, next: Option<&Word>, prints: bool, structure: &mut Structure) {
    let bytes = word.text.as_slice();
    let dashes = bytes.iter().take_while(|&&byte| byte == b'-').count();
    let rest = &bytes[dashes..];
    let length = rest.iter().take_while(|&&byte| is_name(byte)).count();
    let Some(name) = std::str::from_utf8(&rest[..length]).ok().filter(|name| !name.is_empty() && name.len() <= 128)
    else {
        return;
    };
    let value = dashes + length + 1;
    match rest.get(length) {
        Some(b'=') if !word.dynamic && memchr::memchr(b'&', bytes).is_some() && dashes == 0 => {
            fields(text, word, structure);
        }
        // `--set a=b` and `--secret id=x,src=y` hold pairs themselves; what a name file holds is no value.
        Some(b'=') if !word.dynamic && !bytes[value..].starts_with(b"id=") => {
            // `-Dname=value`, `-Pname=value` of Java's tools.
            let name =
                if dashes == 1 && name.len() > 2 { name.strip_prefix(['D', 'P', 'e']).unwrap_or(name) } else { name };
            structure.entry(text, &[name], &word.from(value));
        }
        // `echo "PASS: all of it"` tells a person something.
        Some(b':') if !word.dynamic && !prints && rest.get(length + 1) == Some(&b' ') => {
            structure.entry(text, &[name], &word.from(value + 1));
        }
        // `/p:hunter` of Windows' tools.
        None if dashes > 0 && name.len() > 2 => {
            if let Some(next) = next.filter(|next| is_value(next)) {
                structure.entry(text, &[name], &next.from(0));
            }
        }
        _ => {}
    }
}

/// `user=a&password=b`.
fn fields(text: &[u8], word: &Word, structure: &mut Structure) {
    let mut start = 0;
    for field in word.text.split(|&byte| byte == b'&').take(MAX_FIELDS) {
        if let Some(equals) = memchr::memchr(b'=', field)
            && let Ok(name) = std::str::from_utf8(&field[..equals])
            && name.bytes().all(is_name)
        {
            structure.entry(text, &[name], &word.pieces(start + equals + 1..start + field.len()));
        }
        start += field.len() + 1;
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// A word that can be what a flag asks for.
fn is_value(word: &Word) -> bool {
    !word.dynamic && !word.text.is_empty() && !matches!(word.text[0], b'-' | b'>' | b'@' | b'=')
}

#[expect(clippy::too_many_arguments, reason = "one call a flag; a struct would only name them twice")]
fn short(
    text: &[u8],
    program: &str,
    how: Takes,
    login: bool,
    word: &Word,
    next: Option<&Word>,
    structure: &mut Structure,
) {
    let (Takes::Flag(letter) | Takes::Attached(letter) | Takes::Behind(letter, _) | Takes::AfterLogin(letter)) = how;
    let bytes = word.text.as_slice();
    let [b'-', first, ..] = bytes else { return };
    if *first == b'-' {
        if let (Takes::Behind(b'u', separator), b"--user" | b"--proxy-user") = (how, bytes) {
            behind(text, program, separator, next, 0, structure);
        }
        return;
    }
    // `-su me:hunter`: letters that take nothing stand before it.
    let bundled =
        bytes.len() > 2 && bytes.len() <= 6 && bytes.last() == Some(&letter) && matches!(how, Takes::Behind(..));
    if *first != letter && !bundled {
        return;
    }
    let attached = bytes.len() > 2 && !bundled;
    match how {
        Takes::Behind(_, separator) if attached => behind(text, program, separator, Some(word), 2, structure),
        Takes::Behind(_, separator) => behind(text, program, separator, next, 0, structure),
        Takes::AfterLogin(_) if !login => {}
        _ if attached && !word.dynamic => {
            let skip = 2 + usize::from(bytes.get(2) == Some(&b'='));
            structure.given(text, &[program, "password"], &word.from(skip));
        }
        Takes::Flag(_) | Takes::AfterLogin(_) if !attached => {
            if let Some(next) = next.filter(|next| is_value(next)) {
                structure.given(text, &[program, "password"], &next.from(0));
            }
        }
        _ => {}
    }
}

/// `me:hunter`: what stands behind the separator.
fn behind(text: &[u8], program: &str, separator: u8, word: Option<&Word>, from: usize, structure: &mut Structure) {
    let Some(word) = word.filter(|word| !word.dynamic) else { return };
    let Some(rest) = word.text.get(from..) else { return };
    // A token of its own kind, or a form: `-u 'a=b&password=c'`.
    if memchr::memchr(b'&', rest).is_some() && memchr::memchr(b'=', rest).is_some() {
        return;
    }
    if let Some(at) = memchr::memchr(separator, rest) {
        structure.given(text, &[program, "password"], &word.from(from + at + 1));
    }
}

/// Programs that take a credential by its place among their words.
fn by_place(text: &[u8], words: &[Word], structure: &mut Structure) {
    let plain = |index: usize| words.get(index).filter(|word| is_value(word));
    for (index, word) in words.iter().enumerate() {
        let Some(name) = base(&word.text) else { continue };
        let lower = |at: usize| words.get(index + at).map(|word| word.text.to_ascii_lowercase()).unwrap_or_default();
        match name {
            "net" | "net1" if lower(1) == b"user" => {
                // `net user bob hunter /add`; a word with `/` is an option.
                if let Some(word) = plain(index + 3).filter(|word| word.text[0] != b'/' && word.text != b"*") {
                    structure.given(text, &["net", "password"], &word.from(0));
                }
            }
            "rabbitmqctl" if matches!(lower(1).as_slice(), b"add_user" | b"change_password") => {
                if let Some(word) = plain(index + 3) {
                    structure.given(text, &["rabbitmqctl", "password"], &word.from(0));
                }
            }
            "htpasswd" => htpasswd(text, &words[index + 1..], structure),
            "sed" | "gsed" => patterns(&words[index + 1..], structure),
            "setx" => named_pair(text, words.get(index + 1), plain(index + 2), structure),
            "aws" if lower(1) == b"configure" && lower(2) == b"set" => {
                named_pair(text, words.get(index + 3), plain(index + 4), structure);
            }
            "git" if lower(1) == b"config" => {
                let first = (index + 2..words.len()).find(|&at| !words[at].text.starts_with(b"-"));
                if let Some(at) = first {
                    named_pair(text, words.get(at), plain(at + 1), structure);
                }
            }
            _ if name.eq_ignore_ascii_case("ConvertTo-SecureString") => {
                secure_string(text, &words[index + 1..], structure);
            }
            _ => {}
        }
    }
}

/// `s,password=.*,password='$PASS',`: what `sed` puts in stands in a variable.
fn patterns(words: &[Word], structure: &mut Structure) {
    for word in words.iter().take(MAX_OWN).filter(|word| word.dynamic) {
        if let Some(place) = word.place() {
            structure.no_secret(place, "a pattern, and a variable that is put in its place");
        }
    }
}

/// `setx NAME value`.
fn named_pair(text: &[u8], name: Option<&Word>, value: Option<&Word>, structure: &mut Structure) {
    let (Some(name), Some(value)) = (name.filter(|name| !name.dynamic && name.text.len() <= 128), value) else {
        return;
    };
    if let Ok(name) = std::str::from_utf8(&name.text) {
        structure.entry(text, &[name], &value.from(0));
    }
}

/// `htpasswd -b file user password`, `htpasswd -nb user password`.
fn htpasswd(text: &[u8], words: &[Word], structure: &mut Structure) {
    let words = &words[..words.len().min(MAX_OWN)];
    let batch = words.iter().any(|word| word.text.starts_with(b"-") && word.text.contains(&b'b'));
    let names = words.iter().filter(|word| !word.text.starts_with(b"-")).take_while(|word| word.text != b">");
    if let Some(last) = names.last().filter(|last| batch && is_value(last)) {
        structure.given(text, &["htpasswd", "password"], &last.from(0));
    }
}

/// `ConvertTo-SecureString "hunter" -AsPlainText -Force`, with or without `-String`.
fn secure_string(text: &[u8], words: &[Word], structure: &mut Structure) {
    let plain = words.iter().take(8).any(|word| word.text.eq_ignore_ascii_case(b"-AsPlainText"));
    let value = words.iter().take(8).find(|word| !word.text.starts_with(b"-"));
    if let Some(word) = value.filter(|word| plain && is_value(word)) {
        structure.given(text, &["secure string password"], &word.from(0));
    }
}

/// `echo hunter | docker login --password-stdin`: what one command writes is the other's credential.
pub(super) fn piped(text: &[u8], from: &[Word], to: &[Word], structure: &mut Structure) {
    let Some(at) = from.iter().position(|word| matches!(base(&word.text), Some("echo" | "printf" | "Write-Output")))
    else {
        return;
    };
    let said: Vec<&Word> = from[at + 1..]
        .iter()
        .filter(|word| !matches!(word.text.as_slice(), b"-n" | b"-e" | b"-ne" | b"-E" | b"--"))
        .filter(|word| !(word.text.starts_with(b"%s") && word.text.len() <= 4))
        .collect();
    if let [word] = said.as_slice() {
        standard_input(text, to, std::slice::from_ref(*word), structure);
    }
}

/// A text that a command reads from its standard input.
pub(super) fn standard_input(text: &[u8], command: &[Word], said: &[Word], structure: &mut Structure) {
    let ([word], Some((name, reads))) = (said, reads(command)) else { return };
    if word.dynamic || word.text.is_empty() {
        return;
    }
    let end = word.text.strip_suffix(b"\\n").unwrap_or(&word.text).trim_ascii_end().len();
    let start = match reads {
        Reads::Password => 0,
        Reads::Pairs => match memchr::memchr(b':', &word.text) {
            Some(at) if at + 1 < end => at + 1,
            _ => return,
        },
    };
    structure.given(text, &[name, "password"], &word.pieces(start..end));
}

/// What a command takes from its standard input.
#[derive(Clone, Copy)]
enum Reads {
    Password,
    /// Lines of `user:password`.
    Pairs,
}

fn reads(command: &[Word]) -> Option<(&'static str, Reads)> {
    let command = &command[..command.len().min(2 * MAX_OWN)];
    let has = |flag: &[u8]| command.iter().any(|word| word.text == flag);
    command.iter().find_map(|word| match base(&word.text)? {
        "chpasswd" => Some(("chpasswd", Reads::Pairs)),
        "docker" | "podman" | "nerdctl" | "buildah" | "helm" | "crane" | "oras" if has(b"--password-stdin") => {
            Some(("docker", Reads::Password))
        }
        "passwd" if has(b"--stdin") => Some(("passwd", Reads::Password)),
        "gh" if has(b"--with-token") => Some(("gh token", Reads::Password)),
        "sudo" if has(b"-S") => Some(("sudo", Reads::Password)),
        "cryptsetup" if has(b"-") => Some(("cryptsetup", Reads::Password)),
        "kinit" => Some(("kinit", Reads::Password)),
        "pw" if has(b"-h") => Some(("pw", Reads::Password)),
        _ => None,
    })
}

/// A here-document that a command reads.
pub(super) fn fed(text: &[u8], command: &[Word], body: Range<usize>, structure: &mut Structure) {
    let Some((name, how)) = reads(command) else { return };
    let mut start = body.start;
    for line in text[body].split(|&byte| byte == b'\n') {
        let skipped = match how {
            Reads::Password => Some(0),
            Reads::Pairs => memchr::memchr(b':', line).map(|at| at + 1),
        };
        let end = start + line.trim_ascii_end().len();
        if let Some(from) = skipped.map(|skipped| start + skipped).filter(|&from| from < end)
            && memchr::memchr(b'$', &text[from..end]).is_none()
        {
            structure.given(text, &[name, "password"], &[Piece::Plain(from..end)]);
        }
        start += line.len() + 1;
    }
}

/// True for commands that run what they read as a script; a Dockerfile's `RUN` has no other word.
pub(super) fn runs_shell(command: &[Word]) -> bool {
    command.is_empty()
        || command.iter().take(2 * MAX_OWN).any(|word| {
            matches!(
                base(&word.text),
                Some("sh" | "bash" | "zsh" | "ksh" | "dash" | "ash" | "ssh" | "pwsh" | "powershell")
            )
        })
}
