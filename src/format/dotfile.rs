//! Files whose lines are credentials by their place: `.netrc`, `.pgpass`, shadow, `.htpasswd`, mail programs' settings.

use std::borrow::Cow;
use std::ops::Range;

use super::{Piece, Structure, kind};

/// Which file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dotfile {
    /// `machine … login … password …`.
    Netrc,
    /// `host:port:database:user:password`.
    Pgpass,
    /// `user:hash:…` of the system.
    Shadow,
    /// `user:hash` of a web server.
    Htpasswd,
    /// `password "…"` among other words: esmtp, msmtp, fetchmail.
    Mail,
    /// The key of Rails' encrypted credentials.
    RailsKey,
    /// A VPN's settings with user and password in them.
    Vpn,
    /// What was typed into a database's client, and scripts for it.
    Sql,
    /// CVS's passwords.
    Cvspass,
}

/// Which file it is, by its path in lower case.
pub(super) fn of(path: &str) -> Option<Dotfile> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = kind::last_part(folder);
    let extension = kind::extension(name);
    Some(match name {
        ".netrc" | "_netrc" | "netrc" | ".netrc.gpg" => Dotfile::Netrc,
        ".pgpass" | "pgpass.conf" | "pgpass" | "_pgpass" => Dotfile::Pgpass,
        "shadow" | "shadow-" | "gshadow" | "master.passwd" | "shadow.bak" => Dotfile::Shadow,
        ".htpasswd" | "htpasswd" | ".htpasswds" | "htpasswd.txt" => Dotfile::Htpasswd,
        ".esmtprc" | "esmtprc" | ".msmtprc" | "msmtprc" | ".fetchmailrc" | "fetchmailrc" => Dotfile::Mail,
        "master.key" => Dotfile::RailsKey,
        ".psql_history" | ".mysql_history" | ".sqlite_history" => Dotfile::Sql,
        ".cvspass" => Dotfile::Cvspass,
        _ => match extension {
            "netrc" => Dotfile::Netrc,
            "pgpass" => Dotfile::Pgpass,
            "htpasswd" => Dotfile::Htpasswd,
            "ovpn" => Dotfile::Vpn,
            "sql" | "psql" | "pgsql" | "mysql" => Dotfile::Sql,
            "key" if folder == "credentials" => Dotfile::RailsKey,
            _ => return None,
        },
    })
}

/// True where no word announces the credential.
pub(super) fn always(file: Dotfile) -> bool {
    !matches!(file, Dotfile::Sql)
}

/// Reads a file.
pub(super) fn read(text: &[u8], file: Dotfile, structure: &mut Structure) {
    match file {
        Dotfile::Netrc => words(text, "netrc", &[b"password", b"passwd"], structure),
        Dotfile::Mail => words(text, "mail", &[b"password", b"passwd", b"pass", b"passphrase"], structure),
        Dotfile::Pgpass => each_line(text, |line| pgpass(text, line, structure)),
        Dotfile::Shadow => each_line(text, |line| hash(text, line, "shadow", structure)),
        Dotfile::Htpasswd => each_line(text, |line| hash(text, line, "htpasswd", structure)),
        Dotfile::RailsKey => rails(text, structure),
        Dotfile::Vpn => vpn(text, structure),
        Dotfile::Sql => sql(text, structure),
        Dotfile::Cvspass => each_line(text, |line| cvspass(text, &line, structure)),
    }
}

/// The lines that hold something and are no comment, without blanks at their ends.
fn each_line(text: &[u8], mut each: impl FnMut(Range<usize>)) {
    let mut at = 0;
    for line in text.split(|&byte| byte == b'\n') {
        let start = at + line.len() - line.trim_ascii_start().len();
        let end = start + line.trim_ascii().len();
        if start < end && text[start] != b'#' {
            each(start..end);
        }
        at += line.len() + 1;
    }
}

/// Words, each with its place; quotes are taken off, a comment ends at its line.
fn tokens(text: &[u8]) -> impl Iterator<Item = (Range<usize>, bool)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at +=
                text[at..].iter().take_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b',')).count();
            if text.get(at) != Some(&b'#') {
                break;
            }
            at = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
        }
        let first = *text.get(at)?;
        if matches!(first, b'"' | b'\'') {
            let start = at + 1;
            let stop = memchr::memchr2(first, b'\n', &text[start..]).map_or(text.len(), |length| start + length);
            at = (stop + 1).min(text.len());
            return Some((start..stop, true));
        }
        let start = at;
        at += text[at..].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        Some((start..at, false))
    })
}

/// `password` and the word behind it.
fn words(text: &[u8], file: &str, names: &[&[u8]], structure: &mut Structure) {
    let (mut wanted, mut is_host, mut host) = (false, false, String::new());
    for (place, quoted) in tokens(text) {
        let word = &text[place.clone()];
        if wanted && !place.is_empty() {
            let path: &[&str] = if host.is_empty() { &[file, "password"] } else { &[file, &host, "password"] };
            structure.given(text, path, &[Piece::Plain(place)]);
            wanted = false;
            continue;
        }
        if is_host {
            host = String::from_utf8_lossy(&word[..word.len().min(128)]).into_owned();
        }
        wanted = !quoted && names.contains(&word);
        is_host = !quoted && matches!(word, b"machine" | b"host" | b"poll" | b"hostname" | b"account");
    }
}

/// Fields between `:`; a backslash takes `:` and itself into the field.
fn pgpass(text: &[u8], line: Range<usize>, structure: &mut Structure) {
    let (mut field, mut at, mut pieces) = (0, line.start, Vec::new());
    let mut start = line.start;
    while at < line.end {
        match text[at] {
            b'\\' if at + 1 < line.end => {
                if field == 4 {
                    pieces.push(Piece::Plain(start..at));
                    pieces.push(Piece::Decoded(Cow::Borrowed(&text[at + 1..at + 2]), at..at + 2));
                }
                at += 2;
                start = at;
                continue;
            }
            b':' if field < 4 => {
                field += 1;
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    if field == 4 {
        pieces.push(Piece::Plain(start.min(line.end)..line.end));
        structure.given(text, &["pgpass", "password"], &pieces);
    }
}

/// `user:hash:…`.
fn hash(text: &[u8], line: Range<usize>, file: &str, structure: &mut Structure) {
    let Some(colon) = memchr::memchr(b':', &text[line.clone()]) else { return };
    let start = line.start + colon + 1;
    let length = memchr::memchr(b':', &text[start..line.end]).unwrap_or(line.end - start);
    let value = &text[start..start + length];
    // `*`, `!`, `x`: no password, a locked account, a password elsewhere.
    if value.len() < 8 || matches!(value[0], b'*' | b'!') || value.contains(&b' ') {
        return;
    }
    let user = String::from_utf8_lossy(&text[line.start..line.start + colon.min(64)]).into_owned();
    structure.given(text, &[file, &user, "password hash"], &[Piece::Plain(start..start + length)]);
}

/// The whole file is one key of 32 hexadecimal digits.
fn rails(text: &[u8], structure: &mut Structure) {
    let start = text.len() - text.trim_ascii_start().len();
    let key = text.trim_ascii();
    if key.len() == 32 && key.iter().all(u8::is_ascii_hexdigit) {
        structure.given(text, &["rails master key"], &[Piece::Plain(start..start + key.len())]);
    }
}

/// `<auth-user-pass>`, the user's line, the password's line.
fn vpn(text: &[u8], structure: &mut Structure) {
    let Some(open) = memchr::memmem::find(text, b"<auth-user-pass>") else { return };
    let start = open + b"<auth-user-pass>".len();
    let Some(length) = memchr::memmem::find(&text[start..], b"</auth-user-pass>") else { return };
    let mut number = 0;
    each_line(&text[start..start + length], |line| {
        number += 1;
        if number == 2 {
            let place = start + line.start..start + line.end;
            structure.given(text, &["vpn", "password"], &[Piece::Plain(place)]);
        }
    });
}

/// `PASSWORD 'x'` of `CREATE ROLE` and `ALTER USER`.
fn sql(text: &[u8], structure: &mut Structure) {
    for word in [&b"PASSWORD"[..], b"password", b"Password"] {
        for at in memchr::memmem::find_iter(text, word) {
            let rest = &text[at + word.len()..];
            // The client's history writes a blank as `\040`.
            let mut skipped = 0;
            while let Some(length) = match &rest[skipped..] {
                [b' ' | b'\t', ..] => Some(1),
                [b'\\', b'0', b'4', b'0', ..] => Some(4),
                _ => None,
            } {
                skipped += length;
            }
            if skipped == 0 || rest.get(skipped) != Some(&b'\'') {
                continue;
            }
            let start = at + word.len() + skipped + 1;
            let line = &text[start..text.len().min(start + 256)];
            let Some(length) = memchr::memchr2(b'\'', b'\n', line).filter(|&length| line[length] == b'\'') else {
                continue;
            };
            let value = &line[..length];
            let place = start..start + length;
            if value.starts_with(b"SCRAM-SHA-") || value.len() == 35 && value.starts_with(b"md5") {
                structure.no_secret(place, "the hash of a password");
            } else {
                structure.given(text, &["sql", "password"], &[Piece::Plain(place)]);
            }
        }
    }
}

/// `/1 :pserver:user@host:/path Ascrambled`.
fn cvspass(text: &[u8], line: &Range<usize>, structure: &mut Structure) {
    let content = &text[line.clone()];
    if memchr::memmem::find(content, b":pserver:").is_none() {
        return;
    }
    if let Some(at) = memchr::memrchr(b' ', content).filter(|&at| content.get(at + 1) == Some(&b'A')) {
        structure.given(text, &["cvspass", "password"], &[Piece::Plain(line.start + at + 1..line.end)]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::entries;
    use super::*;

    fn one(text: &str, file: fn(&[u8], &mut Structure)) -> Vec<(String, String)> {
        entries(text.as_bytes(), file)
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn netrc_words_may_stand_on_one_line_or_many() {
        let text = "machine a.test login me password hunter\n# password no\nmachine b.test\n\tlogin me\n\tpassword \"two words\"\ndefault login x password y";
        let wanted = [
            ("netrc.a.test.password", "hunter"),
            ("netrc.b.test.password", "two words"),
            ("netrc.b.test.password", "y"),
        ];
        assert_eq!(one(text, |text, out| read(text, Dotfile::Netrc, out)), wanted.map(|(a, b)| pair(a, b)));
    }

    #[test]
    fn the_fifth_field_of_pgpass_may_hold_escapes() {
        let text = "# c\nh:5432:db:me:hun\\:ter\\\\\n*:*:*:me:a:b\nshort:line\n";
        let wanted = [pair("pgpass.password", "hun:ter\\"), pair("pgpass.password", "a:b")];
        assert_eq!(one(text, |text, out| read(text, Dotfile::Pgpass, out)), wanted);
    }

    #[test]
    fn hashes_of_accounts_that_have_one() {
        let text = "root:*:19000:0:99999:7:::\nme:$6$abcdefgh$ijk:19000:::\nlp:!:1\n";
        let wanted = [pair("shadow.me.password hash", "$6$abcdefgh$ijk")];
        assert_eq!(one(text, |text, out| read(text, Dotfile::Shadow, out)), wanted);
    }

    #[test]
    fn mail_vpn_and_sql() {
        let text = "hostname h\nusername = \"me\"\npassword \"password\"\n";
        let read_mail = |text: &[u8], out: &mut Structure| read(text, Dotfile::Mail, out);
        assert_eq!(one(text, read_mail), [pair("mail.h.password", "password")]);
        let text = "remote h\n<auth-user-pass>\nme\nhunter\n</auth-user-pass>\n";
        assert_eq!(one(text, |text, out| read(text, Dotfile::Vpn, out)), [pair("vpn.password", "hunter")]);
        let text = "ALTER ROLE a WITH PASSWORD 'hunter';\nCOMMENT password is 'x'; PASSWORD 'md50123456789abcdef0123456789abcdef'";
        assert_eq!(one(text, |text, out| read(text, Dotfile::Sql, out)), [pair("sql.password", "hunter")]);
    }

    #[test]
    fn every_beginning_of_a_file_ends() {
        use Dotfile::{Cvspass, Htpasswd, Mail, Netrc, Pgpass, RailsKey, Shadow, Sql, Vpn};
        let text = "machine a password \"b\nc:d:e:f:\\\\g\\\n<auth-user-pass>\na\nb</auth-user-pass>PASSWORD '\n/1 :pserver: A";
        for file in [Netrc, Pgpass, Shadow, Htpasswd, Mail, RailsKey, Vpn, Sql, Cvspass] {
            for end in 0..=text.len() {
                read(&text.as_bytes()[..end], file, &mut Structure::default());
            }
        }
    }
}
