//! Dockerfile, Containerfile: instructions, stages, and how far what stands in them gets.
//!
//! Every instruction is laid hold of with its place, so that a finding in it can say whether the value reaches the final
//! image, its history only, or a stage that is thrown away.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Structure;
use super::shell;
use super::shell::word::{Lexer, Mark, Word};

/// Said of secret mounts.
const REMEDY: &str = " (BuildKit), which leaves no trace in the image";

/// True for names of such files, in lower case.
pub(super) fn is_named(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let suffixed = matches!(name.rsplit_once('.'), Some((_, "dockerfile" | "containerfile")));
    let whole = matches!(stem, "dockerfile" | "containerfile") || suffixed;
    let dashed = name.starts_with("dockerfile-") || name.starts_with("dockerfile_");
    (whole || dashed) && !matches!(name.rsplit_once('.'), Some((_, "dockerignore" | "md")))
}

/// An instruction.
struct Instruction<'t> {
    /// The keyword in upper case.
    keyword: Cow<'t>,
    /// Keyword and arguments.
    place: Range<usize>,
    /// The arguments, here-documents included.
    arguments: Range<usize>,
    /// The number of the stage; `None` before the first `FROM`.
    stage: Option<usize>,
}

type Cow<'t> = std::borrow::Cow<'t, str>;

/// A stage.
struct Stage {
    /// `AS name`, in lower case.
    name: Option<String>,
    /// The stage it goes on from.
    base: Option<usize>,
}

/// Reads a Dockerfile.
pub(super) fn read(text: &[u8], structure: &mut Structure) {
    let escape = escape_directive(text);
    let instructions = instructions(text, escape);
    let mut stages: Vec<Stage> = Vec::new();
    let mut placed: Vec<Instruction<'_>> = Vec::new();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for mut instruction in instructions {
        if instruction.keyword == "FROM" {
            let stage = from(text, &instruction, escape, &names);
            if let Some(name) = &stage.name {
                names.insert(name.clone(), stages.len());
            }
            stages.push(stage);
        }
        instruction.stage = stages.len().checked_sub(1);
        placed.push(instruction);
    }
    let kept = kept(&stages);
    let mut facts = Facts { stages, kept, redeclared: BTreeSet::new(), into_env: BTreeSet::new() };
    for instruction in &placed {
        facts.learn(text, instruction, escape);
    }
    for instruction in &placed {
        read_instruction(text, instruction, escape, &facts, structure);
    }
}

/// What is known of the whole file before its instructions are read.
struct Facts {
    stages: Vec<Stage>,
    /// Stages that the final image is built on.
    kept: BTreeSet<usize>,
    /// Build arguments of before the first `FROM` that a kept stage takes up.
    redeclared: BTreeSet<Vec<u8>>,
    /// Variables whose value an `ENV` of a kept stage takes up.
    into_env: BTreeSet<Vec<u8>>,
}

impl Facts {
    fn is_kept(&self, stage: Option<usize>) -> bool {
        stage.is_some_and(|stage| self.kept.contains(&stage))
    }

    fn learn(&mut self, text: &[u8], instruction: &Instruction<'_>, escape: u8) {
        if !self.is_kept(instruction.stage) {
            return;
        }
        match instruction.keyword.as_ref() {
            "ARG" => {
                let words = words(text, instruction.arguments.clone(), escape);
                self.redeclared.extend(words.into_iter().map(|word| word.text).filter(|name| !name.contains(&b'=')));
            }
            "ENV" => {
                let mut rest = &text[instruction.arguments.clone()];
                while let Some(at) = memchr::memchr(b'$', rest) {
                    rest = &rest[at + 1..];
                    rest = rest.strip_prefix(b"{").unwrap_or(rest);
                    let length = rest.iter().take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'_').count();
                    self.into_env.insert(rest[..length].to_vec());
                }
            }
            _ => {}
        }
    }

    /// How a stage is called in a text for people.
    fn stage(&self, stage: Option<usize>) -> String {
        let Some(number) = stage else { return "before the first stage".to_owned() };
        match self.stages.get(number).and_then(|stage| stage.name.as_deref()) {
            Some(name) => format!("stage \"{name}\""),
            None if self.stages.len() == 1 => "the only stage".to_owned(),
            None => format!("stage {number}"),
        }
    }
}

/// The sign of `# escape=` in the directives at the top.
fn escape_directive(text: &[u8]) -> u8 {
    for line in text.split(|&byte| byte == b'\n') {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        let Some(comment) = line.strip_prefix(b"#") else { break };
        let Some(at) = memchr::memchr(b'=', comment) else { break };
        if comment[..at].trim_ascii().eq_ignore_ascii_case(b"escape") {
            return if comment[at + 1..].trim_ascii() == b"`" { b'`' } else { b'\\' };
        }
    }
    b'\\'
}

fn line_end(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length)
}

/// The instructions with their places. A line goes on behind an escape sign; comments between do not end it.
fn instructions(text: &[u8], escape: u8) -> Vec<Instruction<'_>> {
    let mut found = Vec::new();
    // Bytes that may yet be searched in vain for the end of a here-document.
    let mut patience = text.len();
    let mut at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    while at < text.len() {
        let mut end = line_end(text, at);
        let start = at + text[at..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if start >= end || text[start] == b'#' {
            at = end + 1;
            continue;
        }
        while text[start..end].trim_ascii_end().ends_with(&[escape]) && end < text.len() {
            end = line_end(text, end + 1);
            // Comments and empty lines between are taken out.
            loop {
                let line = text[..end].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
                let content = text[line..end].trim_ascii();
                if end < text.len() && (content.is_empty() || content.starts_with(b"#")) {
                    end = line_end(text, end + 1);
                } else {
                    break;
                }
            }
        }
        let length = text[start..end].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let keyword = String::from_utf8_lossy(&text[start..start + length]).to_ascii_uppercase();
        if matches!(keyword.as_str(), "RUN" | "COPY" | "ADD") {
            end = heredocs(text, start..end, escape, &mut patience);
        }
        found.push(Instruction {
            keyword: keyword.into(),
            place: start..end,
            arguments: (start + length).min(end)..end,
            stage: None,
        });
        at = end + 1;
    }
    found
}

/// The end of the here-documents that an instruction opens.
fn heredocs(text: &[u8], line: Range<usize>, escape: u8, patience: &mut usize) -> usize {
    if memchr::memmem::find(&text[line.clone()], b"<<").is_none() {
        return line.end;
    }
    let mut lexer = Lexer::new(text, line.clone(), escape);
    let (mut words, mut open) = (Vec::new(), Vec::new());
    loop {
        match lexer.next(&mut words) {
            Mark::End => break,
            Mark::Heredoc { strip } => {
                if lexer.next(&mut words) == Mark::Word
                    && let Some(word) = words.pop()
                {
                    open.push((word.text, strip));
                }
            }
            _ => {}
        }
    }
    let mut at = line.end;
    for (delimiter, strip) in open {
        let start = (at + 1).min(text.len());
        let mut lexer = Lexer::new(text, start..text.len(), escape);
        lexer.patience = lexer.patience.min(*patience);
        let before = lexer.patience;
        let body = lexer.body(&delimiter, strip);
        *patience -= before - lexer.patience;
        if body.is_empty() && !text[start..].starts_with(&delimiter) {
            return at;
        }
        at = lexer.at().saturating_sub(usize::from(text.get(lexer.at().wrapping_sub(1)) == Some(&b'\n'))).max(at);
    }
    at
}

/// The words of an instruction's arguments.
fn words(text: &[u8], range: Range<usize>, escape: u8) -> Vec<Word> {
    let mut lexer = Lexer::new(text, range, escape);
    let mut words = Vec::new();
    while lexer.next(&mut words) != Mark::End {}
    words
}

/// `FROM [--platform=…] image [AS name]`.
fn from(text: &[u8], instruction: &Instruction<'_>, escape: u8, names: &BTreeMap<String, usize>) -> Stage {
    let words = words(text, instruction.arguments.clone(), escape);
    let lower = |word: &Word| String::from_utf8_lossy(&word.text).to_ascii_lowercase();
    let mut plain = words.iter().filter(|word| !word.text.starts_with(b"--"));
    let base = plain.next().and_then(|image| names.get(&lower(image)).copied());
    let name = plain.next().filter(|word| lower(word) == "as").and_then(|_| plain.next()).map(lower);
    Stage { name, base }
}

/// The stages whose layers are in the final image.
fn kept(stages: &[Stage]) -> BTreeSet<usize> {
    let mut kept = BTreeSet::new();
    let mut next = stages.len().checked_sub(1);
    // A stage's base stands before it, so this ends.
    while let Some(stage) = next {
        kept.insert(stage);
        next = stages.get(stage).and_then(|stage| stage.base).filter(|&base| base < stage);
    }
    kept
}

fn read_instruction(text: &[u8], instruction: &Instruction<'_>, escape: u8, facts: &Facts, structure: &mut Structure) {
    let mut keyword = instruction.keyword.as_ref();
    let mut arguments = instruction.arguments.clone();
    let inner;
    if keyword == "ONBUILD" {
        let skipped = text[arguments.clone()].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let start = arguments.start + skipped;
        let length = text[start..arguments.end].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        inner = String::from_utf8_lossy(&text[start..start + length]).to_ascii_uppercase();
        keyword = &inner;
        arguments.start = start + length;
    }
    match keyword {
        "ENV" | "ARG" | "LABEL" => pairs(text, arguments.clone(), keyword, escape, structure),
        "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" | "SHELL" => {
            flags(text, arguments.clone(), escape, structure);
            shell::read_escaped(text, arguments.clone(), escape, structure);
        }
        _ => {}
    }
    if let Some(meaning) = meaning(text, keyword, arguments, escape, instruction.stage, facts) {
        structure.means(instruction.place.clone(), format_args!("{meaning}"));
    }
}

/// `--mount=type=secret,…` and `--secret …` name a secret's place: the way it should be.
fn flags(text: &[u8], arguments: Range<usize>, escape: u8, structure: &mut Structure) {
    let mut lexer = Lexer::new(text, arguments, escape);
    let mut words = Vec::new();
    loop {
        let mark = lexer.next(&mut words);
        match words.pop() {
            Some(word) if mark == Mark::Word && word.text.starts_with(b"--") => {
                if word.text.starts_with(b"--mount=") {
                    let end = lexer.at();
                    structure
                        .no_secret(end - word.text.len().min(end)..end, "a mount: it names a secret, and holds none");
                }
            }
            _ => return,
        }
    }
}

/// `A=1 B="x y"`, or `A all the rest` of old.
fn pairs(text: &[u8], arguments: Range<usize>, keyword: &str, escape: u8, structure: &mut Structure) {
    let words = words(text, arguments.clone(), escape);
    let Some(first) = words.first() else { return };
    if keyword == "ENV" && !first.text.contains(&b'=') {
        let skipped = text[arguments.clone()].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let start = arguments.start + skipped;
        let name = text[start..arguments.end].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        let value = start + name;
        let blanks = text[value..arguments.end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let end = value + text[value..arguments.end].trim_ascii_end().len();
        let place = (value + blanks).min(end)..end;
        if let Ok(name) = std::str::from_utf8(&text[start..value]) {
            variable(text, name, place.clone(), &[super::Piece::Plain(place)], structure);
        }
        return;
    }
    for word in &words {
        let Some(equals) = memchr::memchr(b'=', &word.text) else { continue };
        let (Ok(name), false) = (std::str::from_utf8(&word.text[..equals]), word.dynamic) else { continue };
        let pieces = word.from(equals + 1);
        let place = pieces.iter().fold(None, |all: Option<Range<usize>>, piece| {
            let place = piece.place();
            Some(all.map_or(place.clone(), |all| all.start.min(place.start)..all.end.max(place.end)))
        });
        if let Some(place) = place {
            variable(text, name, place, &pieces, structure);
        }
    }
}

/// A variable with its value.
fn variable(text: &[u8], name: &str, place: Range<usize>, value: &[super::Piece<'_>], structure: &mut Structure) {
    let lower = name.to_ascii_lowercase();
    let written = &text[place.clone()];
    let hex = |word: &[u8]| matches!(word.len(), 8 | 16 | 40) && word.iter().all(u8::is_ascii_hexdigit);
    let mut written_words = written.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    if (lower.contains("gpg") || lower.contains("pgp")) && written_words.all(hex) {
        structure.no_secret(place, "the fingerprint of a public key");
        return;
    }
    // `ENV DB_PASSWORD="this is it"`: delimited by the format, blanks and all.
    if lower.ends_with("password") && written.contains(&b' ') {
        structure.given(text, &[name], value);
    } else {
        structure.entry(text, &[name], value);
    }
}

/// How far what stands in an instruction gets.
fn meaning(
    text: &[u8],
    keyword: &str,
    arguments: Range<usize>,
    escape: u8,
    stage: Option<usize>,
    facts: &Facts,
) -> Option<String> {
    let whose = facts.stage(stage);
    let kept = facts.is_kept(stage);
    let what = match keyword {
        "ENV" => format!("environment variable of {whose}"),
        "ARG" if stage.is_none() => "build argument before the first stage".to_owned(),
        "ARG" => format!("build argument of {whose}"),
        "LABEL" => format!("label of {whose}"),
        "RUN" => format!("command that builds {whose}"),
        "CMD" | "ENTRYPOINT" | "HEALTHCHECK" => format!("{keyword} of {whose}"),
        "COPY" | "ADD" => format!("{keyword} in {whose}"),
        _ => return None,
    };
    let names = if matches!(keyword, "ENV" | "ARG") { names(text, arguments, escape) } else { Vec::new() };
    let fate = match keyword {
        "ARG" => {
            let taken = |set: &BTreeSet<Vec<u8>>| names.iter().any(|name| set.contains(name));
            let reaches = kept || stage.is_none() && taken(&facts.redeclared);
            if reaches && taken(&facts.into_env) {
                "an ENV takes it up, so every container of the final image has it"
            } else if reaches {
                "whoever has the final image reads it in its history (`docker history`)"
            } else if stage.is_none() {
                "used in FROM lines only: in this file and the build's log"
            } else {
                DISCARDED
            }
        }
        _ if !kept => DISCARDED,
        "ENV" => "in the final image: every container has it, `docker inspect` shows it",
        "RUN" => "whoever has the final image reads it in its history (`docker history`)",
        "COPY" | "ADD" => "in a layer and the history of the final image",
        _ => "in the final image's configuration: `docker inspect` shows it",
    };
    let remedy = match (keyword, names.as_slice()) {
        ("ENV" | "ARG", [name]) => {
            let name = String::from_utf8_lossy(name);
            format!("; give it with `RUN --mount=type=secret,id={},env={name}`{REMEDY}", name.to_ascii_lowercase())
        }
        ("ENV" | "ARG" | "RUN", _) => format!("; give it with `RUN --mount=type=secret,id=…`{REMEDY}"),
        _ => String::new(),
    };
    Some(format!("{what}: {fate}{remedy}"))
}

/// The names that an `ENV` or `ARG` gives values to.
fn names(text: &[u8], arguments: Range<usize>, escape: u8) -> Vec<Vec<u8>> {
    let words = words(text, arguments, escape);
    if let Some(first) = words.first().filter(|first| !first.text.contains(&b'=')) {
        return vec![first.text.clone()];
    }
    let name = |word: &Word| memchr::memchr(b'=', &word.text).map(|at| word.text[..at].to_vec());
    words.iter().filter_map(name).collect()
}

/// Said of stages that the final image is not built on.
const DISCARDED: &str = "the stage is discarded: in this file and the build cache, not in the final image";

#[cfg(test)]
mod tests {
    use super::super::tests::{entries, said};
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn variables_in_both_forms() {
        let text = "FROM a\nENV A=1 B=\"x y\" C=d\\ e\nENV OLD the rest\nARG D='f'\nLABEL k.v=\"l\"\n";
        let wanted = [("A", "1"), ("B", "x y"), ("C", "d e"), ("OLD", "the rest"), ("D", "f"), ("k.v", "l")];
        assert_eq!(entries(text.as_bytes(), read), wanted.map(|(name, value)| pair(name, value)));
    }

    #[test]
    fn lines_go_on_behind_the_escape_sign_of_the_directive() {
        let text = "# escape=`\nFROM a\nRUN one `\n# comment\n  && sshpass -p hunter x\nENV C=C:\\dir\n";
        assert_eq!(entries(text.as_bytes(), read), [pair("sshpass.password", "hunter"), pair("C", "C:\\dir")]);
    }

    #[test]
    fn heredocs_belong_to_their_instruction() {
        let text = "FROM a\nRUN <<EOF\nENV NO=thing\nredis-cli -a hunter\nEOF\nENV A=1\n";
        let told = said(text.as_bytes(), read);
        assert_eq!(told.len(), 2, "{told:?}");
        let wanted = [("NO", "thing"), ("redis-cli.password", "hunter"), ("A", "1")];
        assert_eq!(entries(text.as_bytes(), read), wanted.map(|(name, value)| pair(name, value)));
    }

    #[test]
    fn a_value_s_way_is_told() {
        let text = "ARG G=1\nARG H=2\nFROM a AS Build\nARG T=3\nENV E=4\nFROM build AS mid\nARG I=5\nENV X=$I\nFROM scratch AS lost\nARG L=6\nFROM mid\nARG G\nRUN x\n";
        let told = said(text.as_bytes(), read);
        let of = |piece: &str| {
            let at = text.find(piece).unwrap();
            told.iter().find(|(place, _)| place.start == at).map(|(_, what)| what.clone()).unwrap()
        };
        for (piece, wanted) in [
            ("ARG G=1", "reads it in its history"),
            ("ARG H=2", "FROM lines only"),
            ("ARG T=3", "build argument of stage \"build\": whoever has the final image"),
            ("ENV E=4", "in the final image: every container"),
            ("ARG I=5", "an ENV takes it up"),
            ("ARG L=6", "stage \"lost\": the stage is discarded"),
            ("RUN x", "command that builds stage 3: whoever"),
        ] {
            assert!(of(piece).contains(wanted), "{piece}: {}", of(piece));
        }
    }

    #[test]
    fn broken_files_end() {
        let text = "FROM a\nRUN <<EOF\nx\nENV A='\nENV\nARG\nFROM\nONBUILD\nRUN a \\";
        for end in 0..=text.len() {
            let _ = entries(&text.as_bytes()[..end], read);
        }
    }
}
