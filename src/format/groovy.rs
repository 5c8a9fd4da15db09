//! Jenkinsfiles, declarative and scripted: the shell text of their steps, parameters' defaults, and what `credentials`
//! names.

use super::code::{self, Joiner};
use super::{Structure, shell};

/// Steps that run a shell text.
const STEPS: &[&[u8]] = &[b"sh", b"bat", b"powershell", b"pwsh"];
/// A call's arguments are read so far.
const MAX_CALL: usize = 1024;

/// True for pipelines of Jenkins, by a name in lower case.
pub(super) fn is_pipeline(name: &str) -> bool {
    name == "jenkinsfile"
        || name.starts_with("jenkinsfile.")
        || name.ends_with(".jenkinsfile")
        || name.ends_with(".groovy")
}

/// Reads a pipeline.
pub(super) fn read(text: &[u8], structure: &mut Structure) {
    code::read(text, Joiner::Plus, true, structure);
    let mut at = 0;
    let mut stop = 0;
    while at < text.len() {
        let start = at;
        let length = text[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        at += length.max(1);
        let word = &text[start..start + length];
        if STEPS.contains(&word) && at >= stop {
            stop = step(text, at, structure);
        } else if matches!(word, b"credentials" | b"credentialsId") {
            credential(text, at, structure);
        } else if matches!(word, b"string" | b"password" | b"text") && text.get(at) == Some(&b'(') {
            parameter(text, at + 1, structure);
        }
    }
}

fn blanks(text: &[u8], at: usize) -> usize {
    at + text[at.min(text.len())..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// The content of the literal that begins at `at`, tripled quotes or single ones.
fn literal(text: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
    let quote = *text.get(at).filter(|byte| matches!(byte, b'\'' | b'"'))?;
    let triple = [quote; 3];
    if text[at..].starts_with(&triple) {
        let length = memchr::memmem::find(&text[at + 3..], &triple)?;
        return Some(at + 3..at + 3 + length);
    }
    let mut end = at + 1;
    loop {
        end += memchr::memchr3(quote, b'\\', b'\n', text.get(end..)?)?;
        match text[end] {
            b'\\' => end += 2,
            b'\n' => return None,
            _ => return Some(at + 1..end),
        }
    }
}

/// `sh '…'`, `sh("…")`, `sh script: '''…''', returnStdout: true`: reads the text; where it ends.
fn step(text: &[u8], at: usize, structure: &mut Structure) -> usize {
    let mut next = blanks(text, at);
    if text.get(next) == Some(&b'(') {
        next = blanks(text, next + 1);
    }
    let window = &text[next.min(text.len())..text.len().min(next + 256)];
    if let Some(rest) = memchr::memmem::find(window, b"script:").filter(|&at| !window[..at].contains(&b'\n')) {
        next = blanks(text, next + rest + b"script:".len());
    }
    let Some(place) = literal(text, next) else { return at };
    let end = place.end;
    shell::read_in(text, place, structure);
    end
}

/// `credentials('id')`, `credentialsId: 'id'`: a name in Jenkins' store.
fn credential(text: &[u8], at: usize, structure: &mut Structure) {
    let next = blanks(text, at);
    if matches!(text.get(next), Some(b'(' | b':' | b'='))
        && let Some(place) = literal(text, blanks(text, next + 1))
    {
        structure.no_secret(place, "the name of a credential in Jenkins' store");
    }
}

/// `password(name: 'X', defaultValue: 'y')`.
fn parameter(text: &[u8], at: usize, structure: &mut Structure) {
    let window = &text[at..text.len().min(at + MAX_CALL)];
    let window = &window[..memchr::memchr(b')', window).unwrap_or(window.len())];
    let argument = |name: &[u8]| {
        let found = memchr::memmem::find(window, name)?;
        literal(text, blanks(text, at + found + name.len()))
    };
    if let (Some(name), Some(value)) = (argument(b"name:"), argument(b"defaultValue:"))
        && let Ok(name) = std::str::from_utf8(&text[name])
    {
        structure.entry(text, &["parameters", name], &[super::Piece::Plain(value.clone())]);
        let what = format_args!("default of a pipeline's parameter: shown to everyone who may start a build");
        structure.means(value, what);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entries, said};
    use super::*;

    #[test]
    fn steps_parameters_and_references() {
        let text = "pipeline { environment { T = credentials('deploy-id') }\n parameters { password(name: 'PASS', defaultValue: 'hunter') }\n\
            steps { sh 'sshpass -p one x'; sh(\"\"\"\n curl -u me:two h\n\"\"\")\n sh script: 'sshpass -pthree', returnStdout: true } }";
        let all = entries(text.as_bytes(), read);
        for (name, value) in [
            ("parameters.PASS", "hunter"),
            ("sshpass.password", "one"),
            ("curl.password", "two"),
            ("sshpass.password", "three"),
        ] {
            assert!(all.contains(&(name.to_owned(), value.to_owned())), "{name}: {all:?}");
        }
        assert!(said(text.as_bytes(), read).iter().any(|(place, _)| &text[place.clone()] == "deploy-id"));
        for end in 0..=text.len() {
            let _ = entries(&text.as_bytes()[..end], read);
        }
    }
}
