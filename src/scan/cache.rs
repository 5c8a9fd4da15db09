//! What earlier scans of git objects found clean, so that it need not be read again.
//!
//! The file: a line that names its form, a SHA-256 over all that the entries depend on (version, rules, options), their
//! number, the entries in ascending order, what the last scan of a whole history has learned (`git::past`), and an
//! HMAC-SHA256 over everything before it, with the organisation's key where there is one. An entry is half a SHA-256 over
//! an object's id and its path's class, and what the scan counted. Objects with a finding or a gap have none.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use gix::objs::Kind;
use gix::oid;
use sha2::{Digest as _, Sha256};

use super::{Outcome, Scanner};
use crate::format;
use crate::judge::identity::Key;

const FORM: &[u8] = b"credlint scan cache 2\n";
/// Bytes of a SHA-256.
const HASH: usize = 32;
/// Bytes of an entry: its name and three counters.
const ENTRY: usize = 16 + 3 * 4;
/// Entries that are kept; of more, those of the last run come first.
const MAX_ENTRIES: usize = 4 << 20;
/// Bytes of a history that is kept; of a longer one only the entries are.
const MAX_HISTORY: usize = 512 << 20;
/// The longest file that is read.
pub const MAX_BYTES: u64 = (FORM.len() + 2 * HASH + 8 + MAX_ENTRIES * ENTRY + MAX_HISTORY) as u64;

type Name = [u8; 16];

/// What the scan of an object without findings and gaps counted.
#[derive(Clone, Copy)]
struct Clean {
    files: u32,
    bytes: u32,
    dropped: u32,
}

/// Objects that need no scan, and those that this run adds.
pub struct Cache {
    holds_for: [u8; HASH],
    known: HashMap<Name, Clean>,
    added: Mutex<HashMap<Name, Clean>>,
    /// The history as the last run saw it, and as this one does, where that is another.
    history: Vec<u8>,
    learned: Mutex<Option<Vec<u8>>>,
}

impl Cache {
    /// An empty one for a scanner whose rules and options are final.
    pub fn new(scanner: &Scanner) -> Self {
        Self {
            holds_for: holds_for(scanner),
            known: HashMap::new(),
            added: Mutex::default(),
            history: Vec::new(),
            learned: Mutex::default(),
        }
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// Why it is of no use to this run, in words for people.
    pub fn read(scanner: &Scanner, bytes: &[u8], key: Option<&Key>) -> Result<Self, &'static str> {
        let rest = bytes.strip_prefix(FORM).ok_or("it is no scan cache of this form")?;
        let (_, seal) = bytes.split_last_chunk::<HASH>().ok_or("it is cut short")?;
        if sealed(key, &bytes[..bytes.len() - HASH]) != Some(*seal) {
            return Err("its seal is wrong: it is damaged, or was written with another key");
        }
        let mut cache = Self::new(scanner);
        let body = rest.split_first_chunk::<HASH>().and_then(|(holds_for, rest)| {
            let (count, entries) = rest.split_first_chunk::<8>()?;
            let entries = &entries[..entries.len().checked_sub(HASH)?];
            let count = usize::try_from(u64::from_le_bytes(*count)).ok()?.checked_mul(ENTRY)?;
            let (entries, history) = entries.split_at_checked(count)?;
            Some((holds_for, entries, history))
        });
        let (holds_for, entries, history) = body.ok_or("it is cut short")?;
        if *holds_for != cache.holds_for {
            return Err("it was written by another version, or with other rules or options");
        }
        cache.known = entries.chunks_exact(ENTRY).filter_map(entry).collect();
        cache.history = history.to_vec();
        Ok(cache)
    }

    /// The file's bytes; `None` where this run added nothing.
    pub fn write(&self, key: Option<&Key>) -> Option<Vec<u8>> {
        let added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        if added.is_empty() && learned.is_none() {
            return None;
        }
        let history = learned.as_ref().unwrap_or(&self.history);
        let mut entries: BTreeMap<Name, Clean> = added.iter().map(|(name, clean)| (*name, *clean)).collect();
        while entries.len() > MAX_ENTRIES {
            entries.pop_last();
        }
        let old: BTreeMap<Name, Clean> = self.known.iter().map(|(name, clean)| (*name, *clean)).collect();
        entries.extend(old.into_iter().take(MAX_ENTRIES - entries.len()));
        let mut out = Vec::with_capacity(FORM.len() + 2 * HASH + 8 + entries.len() * ENTRY + history.len());
        out.extend_from_slice(FORM);
        out.extend_from_slice(&self.holds_for);
        out.extend_from_slice(&(entries.len() as u64).to_le_bytes());
        for (name, clean) in &entries {
            out.extend_from_slice(name);
            for count in [clean.files, clean.bytes, clean.dropped] {
                out.extend_from_slice(&count.to_le_bytes());
            }
        }
        out.extend_from_slice(history);
        out.extend_from_slice(&sealed(key, &out)?);
        Some(out)
    }

    /// What the last scan of a history has learned.
    pub(super) fn history(&self) -> &[u8] {
        &self.history
    }

    /// Keeps what this scan of a history has learned.
    pub(super) fn keep(&self, history: Vec<u8>) {
        if history.len() <= MAX_HISTORY {
            *self.learned.lock().unwrap_or_else(PoisonError::into_inner) = Some(history);
        }
    }

    /// What the scan of an object under a path counted, where it is known to be clean.
    pub(super) fn known(&self, id: &oid, kind: Kind, path: &str) -> Option<Outcome> {
        let clean = self.known.get(&name(id, kind, path))?;
        Some(Outcome {
            files: clean.files.into(),
            bytes: clean.bytes.into(),
            dropped: clean.dropped.into(),
            ..Outcome::default()
        })
    }

    /// Takes in what a scan that was not stopped gave. Findings and gaps are not kept.
    pub(super) fn add(&self, id: &oid, kind: Kind, path: &str, outcome: &Outcome) {
        let clean = || {
            let (files, bytes, dropped) = (outcome.files, outcome.bytes, outcome.dropped);
            let short = |count: u64| u32::try_from(count).ok();
            Some(Clean { files: short(files)?, bytes: short(bytes)?, dropped: short(dropped)? })
        };
        if outcome.findings.is_empty()
            && outcome.gaps.is_empty()
            && let Some(clean) = clean()
        {
            self.added.lock().unwrap_or_else(PoisonError::into_inner).insert(name(id, kind, path), clean);
        }
    }
}

fn name(id: &oid, kind: Kind, path: &str) -> Name {
    let mut hash = Sha256::new();
    hash.update([kind as u8]);
    hash.update(id.as_bytes());
    // Messages are read alike, whatever they are called.
    if kind == Kind::Blob {
        hash.update(format::class(path));
    }
    let mut name = Name::default();
    name.copy_from_slice(&hash.finalize()[..16]);
    name
}

fn entry(bytes: &[u8]) -> Option<(Name, Clean)> {
    let (name, counts) = bytes.split_first_chunk::<16>()?;
    let count = |at: usize| Some(u32::from_le_bytes(*counts.get(4 * at..)?.first_chunk()?));
    Some((*name, Clean { files: count(0)?, bytes: count(1)?, dropped: count(2)? }))
}

/// All that decides what is found in given bytes under a given path.
fn holds_for(scanner: &Scanner) -> [u8; HASH] {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update([0]);
    hash.update(scanner.set.version());
    hash.update([0, u8::from(scanner.derive), u8::from(scanner.archives.is_some())]);
    let sizes = [scanner.sizes.core, scanner.sizes.back, scanner.sizes.ahead].map(|size| size as u64);
    let limits = scanner.archives.unwrap_or_default();
    let limits = [limits.depth as u64, limits.total, limits.members, limits.ratio, limits.free, limits.held];
    for number in sizes.into_iter().chain(limits) {
        hash.update(number.to_le_bytes());
    }
    hash.finalize().into()
}

/// Without a key this tells damage, not malice.
fn sealed(key: Option<&Key>, bytes: &[u8]) -> Option<[u8; HASH]> {
    match key {
        Some(key) => Some(key.seal(bytes)),
        None => Key::new(FORM).map(|key| key.seal(bytes)),
    }
}
