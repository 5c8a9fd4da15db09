//! Which commands take a credential in a short flag, and how.

/// How a command is given a credential.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// `-p hunter` and `-phunter`.
    Flag(u8),
    /// `-phunter` only: `-p` alone asks for it.
    Attached(u8),
    /// `-u me:hunter`: behind the separator.
    Behind(u8, u8),
    /// `login … -p hunter`: after the subcommand only.
    AfterLogin(u8),
}

/// Commands, by the last part of their path without `.exe`, and what they take.
const COMMANDS: &[(&[&str], &[Takes])] = &[
    (&["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mysqlshow", "mysqlslap", "mysqlpump"], MYSQL),
    (&["mariadb", "mariadb-dump", "mariadb-admin", "mariadb-check", "mariadb-import", "mysqlsh", "mycli"], MYSQL),
    (&["7z", "7za", "7zr"], MYSQL),
    (&["sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport", "cqlsh"], P),
    (&["ncftp", "ncftpget", "ncftpput", "rdesktop", "psexec", "imapsync"], P),
    (&["sqlcmd", "bcp", "osql", "isql", "ipmitool", "zip", "unzip"], &[Takes::Flag(b'P')]),
    (&["curl"], &[Takes::Behind(b'u', b':'), Takes::Behind(b'U', b':')]),
    (&["http", "https", "xh"], &[Takes::Behind(b'a', b':')]),
    (&["lftp"], &[Takes::Behind(b'u', b',')]),
    (&["smbclient", "rpcclient", "smbmap", "smbget", "nmblookup"], &[Takes::Behind(b'U', b'%')]),
    (&["docker", "podman", "buildah", "nerdctl", "skopeo", "crane", "oras", "helm"], LOGIN),
    (&["az", "cf", "oc", "argocd", "harbor", "jfrog", "ibmcloud", "bx", "docker-compose"], LOGIN),
    (&["redis-cli"], &[Takes::Flag(b'a')]),
    (&["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldapcompare", "ldappasswd"], LDAP),
];

const MYSQL: &[Takes] = &[Takes::Attached(b'p')];
const P: &[Takes] = &[Takes::Flag(b'p')];
const LOGIN: &[Takes] = &[Takes::AfterLogin(b'p')];
const LDAP: &[Takes] = &[Takes::Flag(b'w')];

/// What the command of a word takes, if it is one of those known.
pub(super) fn command(word: &[u8]) -> Option<(&'static str, &'static [Takes])> {
    let base = base(word)?;
    COMMANDS.iter().find_map(|(names, takes)| names.iter().find(|name| **name == base).map(|name| (*name, *takes)))
}

/// The last part of a command's path, without `.exe`.
pub(super) fn base(word: &[u8]) -> Option<&str> {
    if word.len() > 256 {
        return None;
    }
    let text = std::str::from_utf8(word).ok()?;
    let base = text.rsplit(['/', '\\']).next().unwrap_or(text);
    Some(base.strip_suffix(".exe").unwrap_or(base))
}
