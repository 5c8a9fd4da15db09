//! Shell text: assignments, and what commands are given on their lines, through pipes and in here-documents.
//!
//! A tolerant lexer, not an interpreter: words with their quotes taken off, what separates commands, here-documents. An
//! expansion (`$X`, `${X}`, `$(…)`) makes its word a reference, of which nothing is noted.

use std::ops::Range;

use super::{Structure, kind};
use word::{Lexer, Mark, Word};

mod commands;
mod flags;
pub(super) mod word;

/// Substitutions within substitutions that are looked into.
const MAX_DEPTH: usize = 4;

/// True for scripts and histories, by a name in lower case or a first line.
pub(super) fn is_script(name: &str, head: &[u8]) -> bool {
    let extension = kind::extension(name);
    let known = matches!(extension, "sh" | "bash" | "zsh" | "ksh" | "fish" | "ps1" | "psm1" | "bat" | "cmd" | "bats")
        || matches!(
            name,
            ".bashrc"
                | ".bash_profile"
                | ".bash_login"
                | ".bash_aliases"
                | ".bash_history"
                | ".zsh_history"
                | ".zshrc"
                | ".zshenv"
                | ".zprofile"
                | ".profile"
                | ".sh_history"
                | ".ash_history"
                | ".envrc"
                | ".xinitrc"
                | "bash_history"
                | "bashrc"
                | "zshrc"
        );
    let first = || head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    known
        || head.starts_with(b"#!")
            && [&b"sh"[..], b"bash", b"zsh", b"ksh"].iter().any(|shell| interpreter(first()) == *shell)
}

/// The last part of the program's path in `#!/usr/bin/env bash`.
fn interpreter(first: &[u8]) -> &[u8] {
    let mut words = first[2..].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let program = words.next().unwrap_or_default();
    let base = program.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    if base == b"env" { words.next().unwrap_or_default() } else { base }
}

/// Reads a script.
pub(super) fn read(text: &[u8], structure: &mut Structure) {
    read_in(text, 0..text.len(), structure);
}

/// Reads shell text that stands in another text, such as the script of a pipeline's step.
pub(super) fn read_in(text: &[u8], range: Range<usize>, structure: &mut Structure) {
    read_escaped(text, range, b'\\', structure);
}

/// The same with another sign before a line's end and a quoted character: the backtick of PowerShell and some Dockerfiles.
pub(super) fn read_escaped(text: &[u8], range: Range<usize>, escape: u8, structure: &mut Structure) {
    let mut inner = vec![(range, 0)];
    while let Some((range, depth)) = inner.pop() {
        let mut lexer = Lexer::new(text, range, escape);
        lists(text, &mut lexer, structure);
        if depth < MAX_DEPTH {
            inner.extend(lexer.inner.into_iter().map(|range| (range, depth + 1)));
        }
    }
}

/// Command after command: words up to a separator; what one writes into a pipe the next one reads.
fn lists(text: &[u8], lexer: &mut Lexer<'_>, structure: &mut Structure) {
    let mut words: Vec<Word> = Vec::new();
    let mut before: Vec<Word> = Vec::new();
    let mut heredocs: Vec<Heredoc> = Vec::new();
    loop {
        let mark = lexer.next(&mut words);
        match mark {
            Mark::Word => continue,
            Mark::Heredoc { strip } => {
                let place = words.len();
                if lexer.next(&mut words) == Mark::Word
                    && let Some(word) = words.pop()
                {
                    heredocs.push(Heredoc { delimiter: word.text, strip, command: place });
                    continue;
                }
            }
            Mark::HereString => {
                if lexer.next(&mut words) == Mark::Word
                    && let Some(word) = words.pop()
                {
                    commands::standard_input(text, &words, std::slice::from_ref(&word), structure);
                    continue;
                }
            }
            Mark::Pipe | Mark::Separator | Mark::Line | Mark::End => {}
        }
        commands::command(text, &words, structure);
        if !before.is_empty() {
            commands::piped(text, &before, &words, structure);
        }
        if mark == Mark::Line {
            for heredoc in heredocs.drain(..) {
                let body = lexer.body(&heredoc.delimiter, heredoc.strip);
                let command = words.get(..heredoc.command.min(words.len())).unwrap_or_default();
                if commands::runs_shell(command) {
                    lexer.inner.push(body);
                } else {
                    commands::fed(text, command, body, structure);
                }
            }
        }
        before.clear();
        if mark == Mark::Pipe {
            std::mem::swap(&mut before, &mut words);
        }
        words.clear();
        if mark == Mark::End {
            return;
        }
    }
}

/// A here-document that begins after the line.
struct Heredoc {
    delimiter: Vec<u8>,
    /// `<<-`: tabs before the delimiter do not count.
    strip: bool,
    /// How many words of its command stand before it.
    command: usize,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entries, said};
    use super::*;

    fn read_all(text: &str) -> Vec<(String, String)> {
        entries(text.as_bytes(), read)
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn words_lose_their_quotes_and_keep_their_places() {
        assert_eq!(read_all("export A='x y'\"z\"\\!w B=$C D=\"e${F}\"\n"), [pair("A", "x yz!w")]);
        assert_eq!(read_all("A=$'t\\x41\\n'"), [pair("A", "tA\n")]);
        assert_eq!(read_all("A=one\\\ntwo # B=three"), [pair("A", "onetwo")]);
    }

    #[test]
    fn commands_are_given_passwords_in_their_own_ways() {
        for (line, name, value) in [
            ("mysql -u root -phunter db", "mysql.password", "hunter"),
            ("docker exec -it db mysqldump -phunter", "mysqldump.password", "hunter"),
            ("sshpass -p hunter ssh h", "sshpass.password", "hunter"),
            ("sqlcmd -S h -U sa -P 'hunter'", "sqlcmd.password", "hunter"),
            ("curl -su 'me:hunter' https://h", "curl.password", "hunter"),
            ("docker login -u me -p hunter reg", "docker.password", "hunter"),
            ("echo hunter | docker login --password-stdin", "docker.password", "hunter"),
            ("echo \"root:hunter\" | chpasswd", "chpasswd.password", "hunter"),
            ("docker login --password-stdin <<< hunter", "docker.password", "hunter"),
            ("chpasswd <<EOF\nroot:hunter\nEOF\n", "chpasswd.password", "hunter"),
            ("net user bob hunter /add", "net.password", "hunter"),
            ("$p = ConvertTo-SecureString \"hunter\" -AsPlainText -Force", "secure string password", "hunter"),
            ("docker build --build-arg TOKEN=hunter .", "TOKEN", "hunter"),
            ("tool --api-key hunter", "api-key", "hunter"),
            ("X=$(curl -u a:hunter h)", "curl.password", "hunter"),
            ("bash <<EOF\nsshpass -phunter x\nEOF", "sshpass.password", "hunter"),
            ("redis-cli -a hunter", "redis-cli.password", "hunter"),
            ("lftp -u me,hunter h", "lftp.password", "hunter"),
            ("curl -d 'user=a&password=hunter' h", "password", "hunter"),
        ] {
            assert!(read_all(line).contains(&pair(name, value)), "{line}: {:?}", read_all(line));
        }
    }

    #[test]
    fn references_and_other_flags_are_no_entries() {
        for line in [
            "mysql -p$PASS",
            "mysql -p db",
            "docker run -p 80:80 nginx",
            "docker login -u me -p \"$(cat f)\"",
            "echo $X | docker login --password-stdin",
            "mkdir -p secret",
            "curl -u me: h",
        ] {
            assert_eq!(read_all(line), [], "{line}");
        }
    }

    #[test]
    fn a_pattern_with_a_variable_is_no_value() {
        let text = "sed -i 's,^\\(x.password=\\).*,\\1'$PASS',' f";
        let told = said(text.as_bytes(), read);
        assert!(text[told[0].0.clone()].starts_with("s,^") && told.len() == 1, "{told:?}");
    }

    #[test]
    fn broken_text_ends() {
        for text in ["'", "\"", "$(", "`", "<<", "<<EOF", "<<<", "a=\\", "$'\\x", "${", "((((", "a | | |", "echo 'it"] {
            let _ = read_all(text);
        }
    }
}
