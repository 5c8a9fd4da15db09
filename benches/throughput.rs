//! How fast the engine is in memory, on one core, with every rule on.
//!
//! ```text
//! cargo bench --bench throughput -- FOLDER [--megabytes N] [--rounds N] [--json]
//! ```
//!
//! Reads the files of FOLDER in the order of their paths into one buffer, up to N MB (200), and goes through them N times
//! (5); the fastest processor time counts. The steps, each with all that comes before it:
//!
//! - `memchr`: one search for a byte that does not occur: the limit, what reading the memory costs;
//! - `classify`: the vector pass that makes the masks;
//! - `candidates`: both passes of the prefilter and the patterns tried, nothing judged;
//! - `scan`: candidates judged, overlaps settled, as for a file of the walk.
#![expect(clippy::print_stdout, reason = "a benchmark's output")]
#![expect(clippy::print_stderr, reason = "a benchmark's errors")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use std::{env, fs, io, process};

use credlint::decode::View;
use credlint::detect::simd::{BLOCK, Blocks, Classifier, Needles};
use credlint::detect::{Counts, Names, Scratch};
use credlint::rule::RuleSet;
use credlint::scan::Scanner;
use credlint::scan::examine::{Blob, examine};
use credlint::source::Origin;
use credlint::source::read::Window;

/// What the command line asks for.
struct Options {
    folder: PathBuf,
    megabytes: usize,
    rounds: usize,
    json: bool,
}

/// Files in memory: one buffer, and for each file its name and where it ends.
struct Corpus {
    bytes: Vec<u8>,
    files: Vec<(Origin, usize)>,
}

/// A step's name and what one round of it takes, in seconds.
type Step = (&'static str, f64);

fn main() -> process::ExitCode {
    match options().and_then(|options| Ok((Corpus::read(&options).map_err(|error| error.to_string())?, options))) {
        Ok((corpus, options)) => {
            report(&options, &corpus);
            process::ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("throughput: {error}");
            process::ExitCode::from(2)
        }
    }
}

fn options() -> Result<Options, String> {
    let (mut folder, mut megabytes, mut rounds, mut json) = (None, 200, 5, false);
    // Cargo adds `--bench`.
    let mut arguments = env::args_os().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let value = arguments.next().and_then(|value| value.to_str()?.parse().ok());
            value.filter(|&value: &usize| value > 0).ok_or_else(|| format!("{} needs a number", argument.display()))
        };
        match argument.to_str() {
            Some("--megabytes") => megabytes = number()?,
            Some("--rounds") => rounds = number()?,
            Some("--json") => json = true,
            _ => folder = Some(PathBuf::from(&argument)),
        }
    }
    let folder = folder.ok_or("which folder? cargo bench --bench throughput -- FOLDER")?;
    Ok(Options { folder, megabytes, rounds, json })
}

impl Corpus {
    fn read(options: &Options) -> io::Result<Self> {
        let mut corpus = Self { bytes: Vec::new(), files: Vec::new() };
        corpus.folder(&options.folder, options.megabytes * 1_000_000)?;
        if corpus.bytes.is_empty() {
            return Err(io::Error::other("no files there"));
        }
        Ok(corpus)
    }

    fn folder(&mut self, folder: &Path, most: usize) -> io::Result<()> {
        let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let kind = entry.file_type()?;
            if self.bytes.len() >= most {
                return Ok(());
            }
            if kind.is_dir() {
                self.folder(&entry.path(), most)?;
            } else if kind.is_file() {
                let bytes = fs::read(entry.path())?;
                self.bytes.extend_from_slice(&bytes[..bytes.len().min(most - self.bytes.len())]);
                self.files.push((Origin::Synthetic(Arc::from(entry.path().to_string_lossy())), self.bytes.len()));
            }
        }
        Ok(())
    }

    /// Each file's name and bytes.
    fn each(&self, mut file: impl FnMut(&Origin, &[u8])) {
        let mut start = 0;
        for (origin, end) in &self.files {
            file(origin, &self.bytes[start..*end]);
            start = *end;
        }
    }

    /// Each file's windows, as the scan makes them.
    fn windows(&self, scanner: &Scanner, mut found: impl FnMut(&Blob<'_>, &Window<'_>)) {
        self.each(|origin, bytes| {
            let blob = Blob::new(origin, bytes);
            if bytes.len() <= scanner.sizes.whole() {
                return found(&blob, &Window::whole(bytes));
            }
            for bounds in (0..).map_while(|index| scanner.sizes.window(index, bytes.len() as u64)) {
                let at = |offset: u64| usize::try_from(offset).unwrap_or(bytes.len());
                found(&blob, &bounds.over(&bytes[at(bounds.start)..at(bounds.end)]));
            }
        });
    }
}

/// Seconds this thread has run: the processor's time on Linux, so that a busy machine disturbs little, elsewhere the clock's.
fn now(start: Instant) -> f64 {
    let ran = fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    ran.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// The fastest of some rounds, in seconds. A round is repeated until a quarter of a second is over: the kernel updates its
/// count a few hundred times a second.
fn fastest(rounds: usize, mut round: impl FnMut()) -> f64 {
    let clock = Instant::now();
    let times = (0..rounds).map(|_| {
        let start = now(clock);
        let mut repeated = 0.0;
        loop {
            round();
            repeated += 1.0;
            let spent = now(clock) - start;
            if spent >= 0.25 {
                return spent / repeated;
            }
        }
    });
    times.fold(f64::INFINITY, f64::min)
}

fn steps(rounds: usize, scanner: &Scanner, corpus: &Corpus) -> (Vec<Step>, Counts, usize) {
    // A byte that the corpus has none of, so that the search goes to the end.
    let absent = (0..=u8::MAX).rev().find(|&byte| memchr::memchr(byte, &corpus.bytes).is_none()).unwrap_or(u8::MAX);
    let limit = fastest(rounds, || {
        corpus.each(|_, bytes| {
            black_box(memchr::memchr(absent, bytes));
        });
    });
    let classifier = Classifier::detect();
    // The words of the literal pass, more or less.
    let needles = Needles::new(
        ["pass", "pwd", "psw", "key", "token", "secret", "auth", "://", "-----"].map(str::as_bytes).into_iter(),
    );
    let mut masks = Blocks::default();
    let classify = fastest(rounds, || {
        corpus.windows(scanner, |_, window| {
            masks.grow(window.bytes.len() / BLOCK);
            classifier.classify(&needles, window.bytes, &mut masks, 0);
            black_box(&masks);
        });
    });
    let (mut scratch, mut counts) = (Scratch::default(), Counts::default());
    let candidates = fastest(rounds, || {
        counts = Counts::default();
        corpus.windows(scanner, |blob, window| {
            for view in View::of(window, blob.encoding) {
                scanner.engine.candidates(
                    &scanner.set,
                    &view,
                    blob.kind,
                    Names::InText,
                    &mut scratch,
                    &mut counts,
                    &mut |candidate| {
                        black_box(candidate.whole.start);
                    },
                );
            }
        });
    });
    let mut findings = 0;
    let scan = fastest(rounds, || {
        findings = 0;
        let mut unused = Counts::default();
        corpus.windows(scanner, |blob, window| {
            let examined = examine(scanner, blob, window, &mut scratch, &mut unused);
            findings += examined.hits.iter().filter(|hit| hit.result.is_ok()).count();
        });
    });
    (vec![("memchr", limit), ("classify", classify), ("candidates", candidates), ("scan", scan)], counts, findings)
}

fn report(options: &Options, corpus: &Corpus) {
    let scanner = Scanner::new(RuleSet::builtin());
    let (steps, counts, findings) = steps(options.rounds, &scanner, corpus);
    let size = corpus.bytes.len() as f64;
    let rate = |seconds: f64| size / seconds / 1e9;
    if options.json {
        let rates: serde_json::Map<String, serde_json::Value> =
            steps.iter().map(|&(name, seconds)| (name.to_owned(), rate(seconds).into())).collect();
        println!(
            "{}",
            serde_json::json!({ "megabytes": corpus.bytes.len() / 1_000_000, "files": corpus.files.len(), "rates": rates })
        );
        return;
    }
    println!(
        "{:.1} MB in {} files, {} rules, {}, fastest of {} rounds, one core",
        size / 1e6,
        corpus.files.len(),
        scanner.set.len(),
        scanner.engine.path(),
        options.rounds
    );
    for (name, seconds) in &steps {
        println!("{name:<12}{:>8.2} GB/s{:>9.1} ms", rate(*seconds), seconds * 1e3);
    }
    println!(
        "per MB: {:.0} runs, {:.0} literals, {:.1} patterns tried, {:.2} candidates; {findings} findings",
        counts.runs as f64 / size * 1e6,
        counts.anchors as f64 / size * 1e6,
        counts.tried as f64 / size * 1e6,
        counts.candidates as f64 / size * 1e6
    );
}
