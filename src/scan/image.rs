//! Scans container images: configurations, every layer, and whatever else lies beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::archive::{Found as Count, Members, Room};
use super::examine::Blob;
use super::{Outcome, Progress, Scanner, guarded, interrupted, place};
use crate::detect::Scratch;
use crate::judge::REDACTED;
use crate::source::archive::{Content, Kind, Visit, Walk, gap_of};
use crate::source::image::digest::Hashing;
use crate::source::image::manifest::{self, Found, Image};
use crate::source::image::store::head;
use crate::source::image::visible::{Changes, Paths};
use crate::source::image::{ImagePlace, Layer, Store};
use crate::source::member::INSIDE;
use crate::source::{FilePath, Gap, GapReason, Origin};

/// Bytes of an instruction that are shown.
const INSTRUCTION: usize = 300;

/// A layer to be scanned, once for all images that have it.
struct Task {
    layer: Arc<Layer>,
    /// Its bytes must have its digest.
    checked: bool,
}

/// What one layer gave.
struct Scanned {
    name: String,
    outcome: Outcome,
    changes: Changes,
}

impl Scanner {
    /// Scans an image's file or folder: what was found, and the labels of its configurations.
    ///
    /// # Errors
    /// It cannot be read, or holds no image.
    pub fn scan_image(
        &self,
        file: &Arc<FilePath>,
        jobs: usize,
        progress: &Progress,
    ) -> Result<(Outcome, BTreeSet<(String, String)>), String> {
        let limits = self.archives.unwrap_or_default();
        let store = Store::open(&file.path, limits).map_err(|error| error.to_string())?;
        let Some(found) = manifest::read(&store) else {
            return Err("it has neither a manifest.json (docker save) nor an index.json (OCI layout)".to_owned());
        };
        let outer = Origin::File(Arc::clone(file));
        let Found { images, gaps, configs } = found;
        let mut outcome =
            Outcome { gaps: gaps.into_iter().map(|gap| inside(&outer, gap)).collect(), ..Outcome::default() };
        let mut tasks = BTreeMap::new();
        for image in &images {
            let instructions = self.config(&outer, image, &mut outcome, progress);
            add_layers(image, &instructions, &mut tasks);
        }
        let paths = Paths::default();
        let job = Job { scanner: self, outer: &outer, progress, store: &store, paths: &paths };
        let names: BTreeSet<String> = tasks.keys().cloned().collect();
        let others: BTreeSet<String> = store
            .names()
            .filter(|name| !names.contains(*name) && !configs.contains(*name))
            .map(str::to_owned)
            .collect();
        let all = || {
            let layers = store.each(&names, |name, reader| job.layer(name, tasks.get(name), reader));
            (layers, store.each(&others, |name, reader| job.other(name, reader)))
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
        let (mut layers, others) = pool.map_or_else(|_| all(), |pool| pool.install(all));
        show(&images, &mut layers, &paths);
        for part in layers.into_iter().map(|layer| layer.outcome).chain(others) {
            outcome.add(part);
        }
        if progress.stop.load(Ordering::Relaxed) {
            outcome.gaps.push(interrupted());
        }
        outcome.sort();
        Ok((outcome, images.into_iter().flat_map(|image| image.config.labels).collect()))
    }

    /// Scans a configuration. The instructions that made its layers come back without the values found in them.
    fn config(&self, outer: &Origin, image: &Image, outcome: &mut Outcome, progress: &Progress) -> Vec<String> {
        let mut scratch = Scratch::default();
        let mut shown: BTreeMap<&str, String> = BTreeMap::new();
        for text in &image.config.texts {
            let place = ImagePlace::config(outer, &image.digest, &text.part, text.means);
            let origin = Origin::Image(Arc::new(place));
            let bytes = text.text.as_bytes();
            let part = guarded(origin.shown(), || self.in_memory(&Blob::new(&origin, bytes), bytes, &mut scratch));
            if part.findings.is_empty() {
                shown.insert(&text.text, text.text.clone());
            } else {
                shown.insert(&text.text, redacted(&text.text, &part));
            }
            outcome.add(Outcome { files: 0, ..part });
        }
        outcome.files += 1;
        progress.files.fetch_add(1, Ordering::Relaxed);
        let instruction = |text: &String| cut(shown.get(text.as_str()).unwrap_or(text));
        image.config.instructions.iter().map(instruction).collect()
    }
}

/// A text without the values that were found in it.
fn redacted(text: &str, part: &Outcome) -> String {
    let mut out = text.to_owned();
    let mut values: Vec<String> =
        part.findings.iter().map(|finding| String::from_utf8_lossy(finding.secret.expose()).into_owned()).collect();
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    for value in values.iter().filter(|value| !value.is_empty()) {
        out = out.replace(value.as_str(), REDACTED);
    }
    out
}

/// An instruction on one line, as long as reports show it.
fn cut(text: &str) -> String {
    let mut out: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if out.len() > INSTRUCTION {
        out.truncate((0..=INSTRUCTION).rev().find(|&at| out.is_char_boundary(at)).unwrap_or(0));
        out.push('…');
    }
    out
}

fn add_layers(image: &Image, instructions: &[String], tasks: &mut BTreeMap<String, Task>) {
    // A history that does not fit the layers says nothing about them.
    let fits = instructions.len() == image.layers.len();
    for (index, blob) in image.layers.iter().enumerate() {
        let Some(name) = &blob.name else { continue };
        let instruction = if fits { instructions.get(index).cloned().unwrap_or_default() } else { String::new() };
        let layer = Arc::new(Layer { digest: blob.digest.clone(), instruction });
        tasks.entry(name.clone()).or_insert(Task { layer, checked: blob.checked });
    }
}

/// Names a gap by the image and what is in it.
fn inside(outer: &Origin, gap: Gap) -> Gap {
    Gap { what: format!("{}{INSIDE}{}", outer.shown(), gap.what), ..gap }
}

/// What the threads share.
struct Job<'s> {
    scanner: &'s Scanner,
    outer: &'s Origin,
    progress: &'s Progress,
    store: &'s Store,
    paths: &'s Paths,
}

impl Job<'_> {
    fn layer(&self, name: &str, task: Option<&Task>, reader: io::Result<&mut dyn Read>) -> Scanned {
        let mut scanned = Scanned { name: name.to_owned(), outcome: Outcome::default(), changes: Changes::default() };
        let result = match (task, reader) {
            (_, Err(error)) => Err(error),
            (None, Ok(_)) => Ok(()),
            (Some(task), Ok(reader)) => {
                let Scanned { outcome, changes, .. } = &mut scanned;
                let mut result = Ok(());
                let failed = guarded(&self.what(name), || {
                    result = self.scan_layer(name, task, reader, outcome, changes);
                    Outcome::default()
                });
                scanned.outcome.add(failed);
                result
            }
        };
        if let Err(error) = result {
            scanned.outcome.gaps.push(gap_of(self.what(name), &error));
        }
        scanned.changes.sort();
        scanned
    }

    fn what(&self, name: &str) -> String {
        if name.is_empty() { self.outer.shown().to_owned() } else { format!("{}{INSIDE}{name}", self.outer.shown()) }
    }

    fn scan_layer(
        &self,
        name: &str,
        task: &Task,
        reader: &mut dyn Read,
        outcome: &mut Outcome,
        changes: &mut Changes,
    ) -> io::Result<()> {
        let mut reader = Hashing::new(&task.layer.digest, reader);
        let window = self.scanner.sizes.stream();
        let head = head(&mut reader, window)?;
        let mut files = Files {
            job: self,
            layer: &task.layer,
            scratch: Scratch::default(),
            outcome,
            changes,
            found: Count::default(),
        };
        match Kind::of(&head) {
            None => files.file("", 0, &head, Some(&mut reader)),
            Some(kind) => {
                let (limits, length) = (self.scanner.archives.unwrap_or_default(), self.store.length(name));
                let mut buffers = Vec::new();
                let walk = Walk::new(&mut files, &mut buffers, window, limits, &self.what(name), length);
                walk.known_whole().read(kind, Content::Stream(&head, &mut reader));
            }
        }
        outcome.files += 1;
        io::copy(&mut reader, &mut io::sink())?;
        let told = &task.layer.digest;
        let digest = reader.finish();
        if task.checked && digest != *told && !self.progress.stop.load(Ordering::Relaxed) {
            let detail = format!("its bytes have the digest {digest}, not {told}");
            outcome.gaps.push(Gap { what: self.what(name), reason: GapReason::Undecodable, detail });
        }
        Ok(())
    }

    /// What no manifest speaks of, and the manifests themselves.
    fn other(&self, name: &str, reader: io::Result<&mut dyn Read>) -> Outcome {
        let mut outcome = Outcome::default();
        let reader = match reader {
            Ok(reader) => reader,
            Err(error) => {
                outcome.gaps.push(gap_of(self.what(name), &error));
                return outcome;
            }
        };
        let Room { mut scratch, mut buffers } = Room::default();
        let (scanner, progress, outer) = (self.scanner, self.progress, self.outer);
        let failed = guarded(&self.what(name), || {
            let mut members = Members {
                scanner,
                progress,
                outer,
                scratch: &mut scratch,
                outcome: &mut outcome,
                found: Count::default(),
            };
            let limits = scanner.archives.unwrap_or_default();
            let window = scanner.sizes.stream();
            let length = self.store.length(name);
            Walk::new(&mut members, &mut buffers, window, limits, outer.shown(), length).single(name, reader);
            Outcome::default()
        });
        outcome.add(failed);
        outcome
    }
}

/// Scans the files of one layer.
struct Files<'a> {
    job: &'a Job<'a>,
    layer: &'a Arc<Layer>,
    scratch: Scratch,
    outcome: &'a mut Outcome,
    changes: &'a mut Changes,
    found: Count,
}

impl Visit for Files<'_> {
    fn file(&mut self, path: &str, name: usize, head: &[u8], rest: Option<&mut dyn Read>) {
        let place = ImagePlace::file(self.job.outer, self.layer, path, name, true);
        let origin = Origin::Image(Arc::new(place));
        let part = place::scan_member(self.job.scanner, &origin, head, rest, self.job.progress, &mut self.scratch);
        self.found.add(part, self.outcome, self.job.outer.shown());
    }

    fn gap(&mut self, gap: Gap) {
        self.outcome.gaps.push(gap);
    }

    fn go_on(&self) -> bool {
        !self.job.progress.stop.load(Ordering::Relaxed) && !self.found.is_full()
    }

    fn named(&mut self, path: &str, is_folder: bool) {
        self.changes.add(self.job.paths, path, is_folder);
    }
}

/// Finds out which findings a container of any of the images sees.
fn show(images: &[Image], layers: &mut [Scanned], paths: &Paths) {
    let index: BTreeMap<String, usize> =
        layers.iter().enumerate().map(|(index, layer)| (layer.name.clone(), index)).collect();
    let stacks: Vec<Vec<usize>> = images
        .iter()
        .map(|image| image.layers.iter().filter_map(|blob| index.get(blob.name.as_ref()?).copied()).collect())
        .collect();
    for at in 0..layers.len() {
        let mut findings = std::mem::take(&mut layers[at].outcome.findings);
        for finding in &mut findings {
            let Origin::Image(place) = &finding.origin else { continue };
            let path = place.path().split(INSIDE).next().unwrap_or_default();
            let seen = |stack: &Vec<usize>| {
                let above = stack.iter().rposition(|layer| *layer == at).map(|position| &stack[position + 1..]);
                above.is_some_and(|above| !above.iter().any(|layer| layers[*layer].changes.hides(paths, path)))
            };
            if !stacks.iter().any(seen) {
                finding.origin = Origin::Image(Arc::new(place.with_visible(false)));
            }
        }
        layers[at].outcome.findings = findings;
    }
}
