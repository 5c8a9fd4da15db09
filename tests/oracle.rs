//! The engine finds what a plain search finds (`scan::reference`), and finds the same on any of the processor's paths, with
//! windows of any size and with any number of threads.
//!
//! Equality is exact but for two limits on names, which depend on places a plain search does not know; what is beyond them
//! is left out of the comparison:
//!
//! - names of more than 96 bytes are cut around the literal they were found by (`detect::assign`);
//! - inside the value of a name only the first few names are looked at (`detect::search`).
//!
//! What is semantics and not speed, and so stands in the reference too, is said there.
#![expect(clippy::unwrap_used, reason = "test code")]

#[path = "common/tokens.rs"]
mod tokens;

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use credlint::decode::View;
use credlint::detect::simd::Classifier;
use credlint::detect::{Candidate, Counts, Engine, Names, Scratch};
use credlint::format::FileKind;
use credlint::rule::raw::{RawMatch, joined};
use credlint::rule::{Rule, RuleSet, load, sample};
use credlint::scan::examine::Hit;
use credlint::scan::reference::Reference;
use credlint::scan::{Outcome, Progress, Scanner};
use credlint::source::read::{Sizes, Window};
use credlint::source::walk::WalkPlan;
use credlint::source::{FilePath, Origin};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tempfile::TempDir;
use tokens::{GITHUB, github, letters};

fn scanner() -> &'static Scanner {
    static SCANNER: OnceLock<Scanner> = OnceLock::new();
    SCANNER.get_or_init(|| Scanner { derive: false, ..Scanner::new(RuleSet::builtin()) })
}

fn reference() -> &'static Reference<'static> {
    static REFERENCE: OnceLock<Reference<'static>> = OnceLock::new();
    REFERENCE.get_or_init(|| Reference::new(&scanner().set))
}

fn origin(name: &str) -> Origin {
    Origin::Synthetic(Arc::from(name))
}

/// Names longer than this are left out of the comparison.
const MAX_NAME: usize = 96;

/// The length of the name that `at` lies in.
fn name_length(bytes: &[u8], at: usize) -> usize {
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    bytes[..at].iter().rev().take_while(is_name).count() + bytes[at..].iter().take_while(is_name).count()
}

/// Values that may hold more names than are looked at: a name in one of them is left out of the comparison.
const MAX_VALUE: usize = 40;

/// The inside of long values, values of names inside included.
fn crowded(candidates: &[Candidate]) -> Vec<Range<usize>> {
    let mut values: Vec<(usize, Range<usize>)> = candidates
        .iter()
        .filter_map(|candidate| candidate.assignment.as_ref())
        .map(|assignment| (assignment.name.start, assignment.value.clone()))
        .collect();
    values.sort_by_key(|(name, value)| (*name, value.end));
    let mut inside: Vec<Range<usize>> = Vec::new();
    for (name, value) in values {
        match inside.last_mut() {
            Some(last) if name < last.end => last.end = last.end.max(value.end),
            _ => inside.push(value),
        }
    }
    inside.retain(|value| value.len() > MAX_VALUE);
    inside
}

/// A candidate as it is compared: rule, start and end of the secret, start of the word or name before it.
type Seen = (&'static str, usize, usize, Option<usize>);

fn seen(bytes: &[u8], crowded: &[Range<usize>], candidate: &Candidate) -> Option<Seen> {
    let name = candidate.assignment.as_ref().map(|assignment| assignment.name.start);
    let left_out = |at| name_length(bytes, at) > MAX_NAME || crowded.iter().any(|value| value.contains(&at));
    if name.is_some_and(left_out) {
        return None;
    }
    let before = candidate.word.as_ref().map(|word| word.start).or(name);
    Some((&scanner().set.rule(candidate.rule).id, candidate.secret.start, candidate.secret.end, before))
}

fn by_engine(bytes: &[u8], kind: FileKind) -> Vec<Candidate> {
    let view = View::identity(&Window::whole(bytes));
    let (mut scratch, mut counts, mut found) = (Scratch::default(), Counts::default(), Vec::new());
    let Scanner { engine, set, .. } = scanner();
    engine
        .candidates(set, &view, kind, Names::InText, &mut scratch, &mut counts, &mut |candidate| found.push(candidate));
    found
}

/// What only one of the two finds, a line each.
fn differences(bytes: &[u8], kind: FileKind) -> Vec<String> {
    let (engine, plain) = (by_engine(bytes, kind), reference().candidates(bytes, kind));
    let crowded = crowded(&[&engine[..], &plain].concat());
    let set =
        |found: &[Candidate]| -> BTreeSet<Seen> { found.iter().filter_map(|one| seen(bytes, &crowded, one)).collect() };
    let (engine, plain) = (set(&engine), set(&plain));
    let told = |who: &str, &(id, start, end, before): &Seen| {
        let from = before.unwrap_or(start).min(start).saturating_sub(40);
        let text = bytes[from..bytes.len().min(end + 20)].escape_ascii().to_string();
        format!("only the {who}: {id} at {start}..{end}, behind {before:?}, in: {text}")
    };
    let missed = plain.difference(&engine).map(|one| told("plain search", one));
    missed.chain(engine.difference(&plain).map(|one| told("engine", one))).collect()
}

fn none(problems: &[String]) {
    let shown = &problems[..problems.len().min(40)];
    assert!(problems.is_empty(), "{} differences\n{}", problems.len(), shown.join("\n"));
}

/// Texts that hold a credential of each rule's shape, proven or not.
fn samples() -> &'static [String] {
    static SAMPLES: OnceLock<Vec<String>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let made = |rule: &Rule| {
            let open = Rule { proof: None, ..rule.clone() };
            (1..=3u64).filter_map(move |seed| sample::sample(&open, seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        };
        credlint::rule::builtin().iter().flat_map(made).map(|text| text.trim_end().to_owned()).collect()
    })
}

/// The examples of all rule files.
fn examples() -> &'static [String] {
    static EXAMPLES: OnceLock<Vec<String>> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let files = load::load(&folder).map_err(|errors| errors.len()).unwrap();
        let rules = || files.iter().flat_map(|file| &file.raw.rules);
        let wanted = rules().flat_map(|rule| &rule.matches).map(RawMatch::text);
        wanted.chain(rules().flat_map(|rule| &rule.no_match).map(|example| joined(&example.text))).collect()
    })
}

#[test]
fn the_engine_finds_what_a_plain_search_finds_in_every_example_and_sample() {
    let mut problems = Vec::new();
    for (separator, kind) in
        [("\n", FileKind::Config), (" ", FileKind::Other), ("\\n", FileKind::Code), ("/", FileKind::Data)]
    {
        for texts in [examples(), samples()] {
            for some in texts.chunks(40) {
                problems.extend(differences(some.join(separator).as_bytes(), kind));
            }
        }
    }
    none(&problems);
}

/// A piece of a generated text.
#[derive(Clone, Debug)]
enum Piece {
    /// A sample or an example, whole.
    Text(Index),
    /// One of its ends, cut off.
    Cut(Index, Index, bool),
    /// One with a byte changed.
    Changed(Index, Index, u8),
    /// Words and signs.
    Plain(&'static str),
    /// Generated characters of a class.
    Run(u64, usize, &'static [u8]),
    /// Any bytes.
    Bytes(Vec<u8>),
}

const PLAIN: &[&str] = &[
    "password",
    "PASSWORD",
    "Password",
    "passWord",
    "db_passwd",
    "pwd",
    "secret",
    "client.secret",
    "apiKey",
    "API-KEY",
    "token",
    "authToken",
    "Authorization",
    "Basic ",
    "Bearer ",
    "key",
    "--api-key",
    "X-Api-Key: ",
    "mailchimp",
    "New Relic",
    "datadog",
    "stripe",
    "aws",
    "_key",
    "_token",
    " = ",
    "=",
    ": ",
    ":",
    " => ",
    "\": \"",
    "'",
    "\"",
    "`",
    "\\\"",
    "<",
    ">",
    "</",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    "value=\"",
    " is ",
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    " ",
    "  ",
    "\\n",
    "\\t",
    "\\\\",
    "%3D",
    "%20",
    "\\x22",
    "\\u0022",
    "\\u003d",
    "-",
    "_",
    ".",
    "/",
    "+",
    "==",
    "@",
    "#",
    "://",
    "https://",
    "http://user:",
    "postgres://app:",
    "-----BEGIN ",
    "-----",
    "ü",
    "\u{1f600}",
    "\u{feff}",
    "123456789",
    "00000000",
    "xxxxxxxx",
    "a1b2",
    "deadbeef",
    "${VAR}",
    "$(cmd)",
    "process.env.",
    "sk_live_",
    "AKIA",
    "eyJ",
    "ghp",
    "xox",
];

/// Alphabets of generated runs.
const CLASSES: &[&[u8]] = &[
    b"0123456789",
    b"0123456789abcdef",
    b"abcdefghijklmnopqrstuvwxyz",
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/=",
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-.",
];

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let length = prop_oneof![8 => 1usize..48, 2 => 48usize..160, 1 => 160usize..1200];
    let piece = prop_oneof![
        3 => any::<Index>().prop_map(Piece::Text),
        2 => (any::<Index>(), any::<Index>(), any::<bool>()).prop_map(|(text, at, head)| Piece::Cut(text, at, head)),
        2 => (any::<Index>(), any::<Index>(), any::<u8>()).prop_map(|(text, at, byte)| Piece::Changed(text, at, byte)),
        8 => select(PLAIN).prop_map(Piece::Plain),
        3 => (any::<u64>(), length, select(CLASSES)).prop_map(|(seed, length, class)| Piece::Run(seed, length, class)),
        1 => vec(any::<u8>(), 1..6).prop_map(Piece::Bytes),
    ];
    vec(piece, 1..24)
}

fn text(pieces: &[Piece]) -> Vec<u8> {
    let pool: Vec<&String> = samples().iter().chain(examples()).collect();
    let mut out = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(index) => out.extend(index.get(&pool).bytes()),
            Piece::Cut(index, at, head) => {
                let whole = index.get(&pool).as_bytes();
                let at = at.index(whole.len());
                out.extend(if *head { &whole[..at] } else { &whole[at..] });
            }
            Piece::Changed(index, at, byte) => {
                let mut whole = index.get(&pool).as_bytes().to_vec();
                let at = at.index(whole.len());
                whole[at] = *byte;
                out.extend(whole);
            }
            Piece::Plain(text) => out.extend(text.bytes()),
            Piece::Run(seed, length, class) => {
                let base = letters(*seed, *length);
                out.extend(base.bytes().map(|byte| class[usize::from(byte) * 7 % class.len()]));
            }
            Piece::Bytes(bytes) => out.extend(bytes),
        }
    }
    out
}

/// Tries a property on generated texts: the same ones in every run, or others each time.
fn each(cases: u32, fresh: bool, property: impl Fn(Vec<u8>) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let mut seed = [0; 32];
    if fresh {
        seed[..8].copy_from_slice(&RandomState::new().hash_one(()).to_le_bytes());
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let result = TestRunner::new_with_rng(config, rng).run(&pieces(), |pieces| property(text(&pieces)));
    assert!(result.is_ok(), "{}", result.map_err(|error| error.to_string()).unwrap_err());
}

/// No difference, whatever the file.
fn alike(bytes: &[u8]) -> Result<(), TestCaseError> {
    for kind in [FileKind::Config, FileKind::Code] {
        let found = differences(bytes, kind);
        prop_assert!(found.is_empty(), "{}\nin {}", found.join("\n"), bytes.escape_ascii());
    }
    Ok(())
}

#[test]
fn the_engine_finds_what_a_plain_search_finds_in_generated_texts() {
    each(300, false, |bytes| alike(&bytes));
}

#[test]
#[ignore = "takes minutes; other texts in each run"]
fn the_engine_finds_what_a_plain_search_finds_in_many_more_texts() {
    each(5000, true, |bytes| alike(&bytes));
}

/// What stands after judgement: rule, place, confidence.
fn standing(hits: &[Hit]) -> BTreeSet<(&'static str, u64, u64, &'static str)> {
    let findings = hits.iter().filter_map(|hit| hit.result.as_ref().ok());
    findings
        .map(|finding| (finding.rule.id.as_ref(), finding.span.start, finding.span.end, finding.confidence.name()))
        .collect()
}

#[test]
fn engine_and_plain_search_are_judged_alike() {
    each(100, false, |bytes| {
        let long = (0..bytes.len()).step_by(MAX_NAME / 2).any(|at| name_length(&bytes, at) > MAX_NAME);
        let kinds = [FileKind::Config, FileKind::Code];
        if long || kinds.iter().any(|&kind| !crowded(&reference().candidates(&bytes, kind)).is_empty()) {
            return Ok(());
        }
        for name in ["a.yml", "src/a.go"] {
            let (engine, plain) = (scanner().hits(&origin(name), &bytes), reference().hits(&origin(name), &bytes));
            prop_assert_eq!(standing(&engine), standing(&plain), "in {}", bytes.escape_ascii());
        }
        Ok(())
    });
}

/// Files below a folder, sorted; none longer than 100 kB.
fn below(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            below(&path, out);
        } else if path.metadata().is_ok_and(|data| data.len() < 100_000) {
            out.push(path);
        }
    }
}

/// Every so many files, until there are enough bytes.
fn texts(folder: &Path, step: usize, most: usize) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths = Vec::new();
    below(folder, &mut paths);
    let mut total = 0;
    let read = paths.into_iter().step_by(step).map(|path| (fs::read(&path).unwrap(), path));
    read.take_while(|(bytes, _)| {
        total += bytes.len();
        total < most
    })
    .map(|(bytes, path)| (path, bytes))
    .collect()
}

fn compared(texts: &[(PathBuf, Vec<u8>)]) -> usize {
    let mut problems = Vec::new();
    for (path, bytes) in texts {
        let found = differences(bytes, FileKind::of(path.to_str().unwrap_or("")));
        problems.extend(found.iter().map(|found| format!("{}: {found}", path.display())));
    }
    none(&problems);
    texts.iter().map(|(_, bytes)| bytes.len()).sum()
}

#[test]
fn the_engine_finds_what_a_plain_search_finds_in_this_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = texts(&root.join("src"), 3, 1 << 20);
    all.extend(texts(&root.join("rules"), 12, 1 << 20));
    all.extend(texts(&root.join("testdata"), 1, 1 << 20));
    for (_, bytes) in &mut all {
        *bytes = joined(&String::from_utf8_lossy(bytes)).into_bytes();
    }
    assert!(compared(&all) > 200_000);
}

#[test]
fn the_engine_finds_what_a_plain_search_finds_in_the_sources_of_dependencies() {
    let home = std::env::var_os("CARGO_HOME")
        .map_or_else(|| std::env::home_dir().unwrap_or_default().join(".cargo"), PathBuf::from);
    // A vendored build has no registry; then this compares nothing.
    compared(&texts(&home.join("registry/src"), 37, 2 << 20));
}

/// A finding as it is reported: rule, place, line and column, confidence.
type Reported = (String, u64, u64, u64, u64, &'static str);

fn reported(outcome: &Outcome) -> Vec<Reported> {
    let gaps: Vec<&str> = outcome.gaps.iter().map(|gap| gap.detail.as_str()).collect();
    assert!(gaps.is_empty(), "{gaps:?}");
    let findings = outcome.findings.iter();
    findings
        .map(|one| {
            (
                one.rule.id.to_string(),
                one.span.start,
                one.span.end,
                one.start.line,
                one.start.column,
                one.confidence.name(),
            )
        })
        .collect()
}

fn with_sizes(sizes: Sizes) -> Scanner {
    Scanner { sizes, derive: false, ..Scanner::new(RuleSet::builtin()) }
}

/// Hands out a few bytes at a time, as a pipe may.
struct Dripping<'b>(&'b [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.0.len()).min(777);
        let (head, tail) = self.0.split_at(length);
        buffer[..length].copy_from_slice(head);
        self.0 = tail;
        Ok(length)
    }
}

/// The context that tiny windows get: more than any value of these tests needs.
const CONTEXT: usize = 8 << 10;

/// Samples and examples in some order, in lines of words, some of them very long.
fn long_text(seed: u64, most: usize) -> Vec<u8> {
    // A key's block without its end would reach as far as a window does.
    let fits = |text: &&String| text.len() < 1000 && !text.contains("-----BEGIN");
    let pool: Vec<&String> = samples().iter().chain(examples()).filter(fits).collect();
    let mut out = Vec::new();
    let mut at = seed;
    while out.len() < most {
        at = at.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let pick = usize::try_from(at >> 33).unwrap();
        out.extend(pool[pick % pool.len()].bytes());
        out.extend([" ", "\n", "\r\n", "; ", " ü\u{1f600} ", "\n\n"][pick % 6].bytes());
        if pick % 5 == 0 {
            out.extend("let x = call(a, b); ".repeat(pick % 11).bytes());
        }
    }
    out
}

/// Tries windows of several sizes on long texts: `scan` is given the scanner, the text, and what one window finds in it.
fn each_size(scan: impl Fn(&Scanner, &[u8], &[Reported])) {
    let whole = Scanner { derive: false, ..Scanner::new(RuleSet::builtin()) };
    for (seed, core) in [(1, 64), (2, 130), (3, 511), (4, 1000), (5, 2048), (6, 4096)] {
        let bytes = long_text(seed, 2 * CONTEXT + 40 * core.min(400));
        let wanted = reported(&whole.scan_bytes(&origin("a.yml"), &bytes));
        assert!(wanted.len() > 20, "{} findings", wanted.len());
        scan(&with_sizes(Sizes { core, back: CONTEXT, ahead: CONTEXT }), &bytes, &wanted);
    }
}

/// Fails with what only one of two scans reports.
fn same(found: &[Reported], wanted: &[Reported], what: &str) {
    let (found, wanted): (BTreeSet<_>, BTreeSet<_>) = (found.iter().collect(), wanted.iter().collect());
    let (more, missed): (Vec<_>, Vec<_>) = (found.difference(&wanted).collect(), wanted.difference(&found).collect());
    assert!(more.is_empty() && missed.is_empty(), "{what}: missed {missed:?}, only in windows {more:?}");
}

#[test]
fn windows_of_any_size_find_what_one_window_finds() {
    each_size(|windows, bytes, wanted| {
        let core = windows.sizes.core;
        same(&reported(&windows.scan_bytes(&origin("a.yml"), bytes)), wanted, &format!("in memory, core {core}"));
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.yml");
        fs::write(&path, bytes).unwrap();
        for jobs in [1, 8] {
            let plan =
                WalkPlan { roots: vec![path.clone()], include_ignored: false, jobs, base: folder.path().to_owned() };
            same(
                &reported(&windows.scan(&plan, &Progress::default())),
                wanted,
                &format!("from a file, core {core}, {jobs} jobs"),
            );
        }
    });
}

#[test]
fn a_stream_finds_in_windows_of_any_size_what_one_window_finds() {
    each_size(|windows, bytes, wanted| {
        let outcome = windows.scan_stream(&origin("a.yml"), &mut Dripping(bytes), &Progress::default());
        same(&reported(&outcome), wanted, &format!("core {}", windows.sizes.core));
    });
}

#[test]
fn a_secret_at_any_place_of_a_window_border_is_found_once() {
    let core = 256;
    let windows = with_sizes(Sizes { core, back: CONTEXT, ahead: CONTEXT });
    // 331 bytes from token to token: over 256 of them every place of a border is met.
    let (mut bytes, mut wanted) = (Vec::new(), Vec::new());
    for seed in 0..300u64 {
        wanted.push((bytes.len() as u64, bytes.len() as u64 + 40));
        bytes.extend(github(seed).bytes());
        bytes.extend(" lorem ipsum".repeat(30).bytes().take(290));
        bytes.push(b'\n');
    }
    for outcome in [
        windows.scan_bytes(&origin("a"), &bytes),
        windows.scan_stream(&origin("a"), &mut &bytes[..], &Progress::default()),
    ] {
        assert!(outcome.findings.iter().all(|finding| finding.rule.id == GITHUB));
        let places: Vec<(u64, u64)> =
            outcome.findings.iter().map(|finding| (finding.span.start, finding.span.end)).collect();
        assert_eq!(places, wanted);
    }
}

#[test]
fn every_path_of_the_processor_finds_the_same() {
    let bytes = long_text(7, 200_000);
    let scans: Vec<(&str, Vec<Reported>)> = Classifier::available()
        .into_iter()
        .map(|classifier| {
            let set = RuleSet::builtin();
            let engine = Engine::new(&set).with_path(classifier);
            let scanner = Scanner {
                set,
                engine,
                sizes: Sizes::default(),
                line_hashes: false,
                filter: credlint::scan::Filter::default(),
                derive: false,
                cache: None,
                archives: None,
            };
            (classifier.name(), reported(&scanner.scan_bytes(&origin("a.yml"), &bytes)))
        })
        .collect();
    assert!(scans[0].1.len() > 100);
    for (name, found) in &scans[1..] {
        assert_eq!(found, &scans[0].1, "{name} and {}", scans[0].0);
    }
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let folder = TempDir::new().unwrap();
    for number in 0..40u64 {
        let path = folder.path().join(format!("{}", number % 5));
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(format!("{number}.yml")), long_text(number, 400 * usize::try_from(number).unwrap()))
            .unwrap();
    }
    let windows = with_sizes(Sizes { core: 4096, back: CONTEXT, ahead: CONTEXT / 2 });
    let scan = |jobs| {
        let plan = WalkPlan {
            roots: vec![folder.path().to_owned()],
            include_ignored: false,
            jobs,
            base: folder.path().to_owned(),
        };
        let outcome = windows.scan(&plan, &Progress::default());
        let paths: Vec<String> = outcome.findings.iter().map(|finding| finding.origin.shown().to_owned()).collect();
        (paths, reported(&outcome), outcome.files, outcome.bytes, outcome.dropped)
    };
    let one = scan(1);
    assert!(one.1.len() > 200);
    for jobs in [2, 8] {
        assert!(scan(jobs) == one, "1 and {jobs} threads differ");
    }
}

#[test]
fn a_named_file_is_found_where_the_walk_finds_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.txt");
    fs::write(&path, github(1)).unwrap();
    let file = Origin::File(Arc::new(FilePath { path, shown: "a.txt".to_owned() }));
    let direct = scanner().scan_bytes(&file, github(1).as_bytes());
    let plan = WalkPlan {
        roots: vec![folder.path().to_owned()],
        include_ignored: false,
        jobs: 1,
        base: folder.path().to_owned(),
    };
    assert_eq!(reported(&scanner().scan(&plan, &Progress::default())), reported(&direct));
}
