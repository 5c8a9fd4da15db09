//! The way through an archive and the archives in it.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use super::fail::{corrupt, gap_of, limit, truncated};
use super::meter::Spent;
use super::{Done, Kind, Limits, ar, compress, cpio, rpm, tar, text, zip};
use crate::source::Gap;
use crate::source::member::INSIDE;
use crate::source::read::fill;

/// Gaps of one outermost archive that are named; one more says that there are others.
const MAX_GAPS: usize = 1000;

/// Takes what an archive holds.
pub trait Visit {
    /// A member that is no archive: its path from the outermost archive on, where its own path begins in that, its
    /// first bytes and, where there are more, the rest.
    fn file(&mut self, path: &str, name: usize, head: &[u8], rest: Option<&mut dyn Read>);
    /// Something that could not be read.
    fn gap(&mut self, gap: Gap);
    /// False ends the reading.
    fn go_on(&self) -> bool {
        true
    }
    /// A path that the outermost archive, a tar, names: a folder or anything else.
    fn named(&mut self, _path: &str, _is_folder: bool) {}
}

/// Bytes of an archive.
pub enum Content<'c> {
    /// All of them.
    Bytes(&'c [u8]),
    /// A file that is open.
    File(&'c File),
    /// The first bytes and a reader of the others.
    Stream(&'c [u8], &'c mut dyn Read),
}

impl<'c> Content<'c> {
    /// From front to end.
    pub(super) fn reader(self) -> Box<dyn Read + 'c> {
        match self {
            Self::Bytes(bytes) => Box::new(bytes),
            Self::File(file) => Box::new(BufReader::with_capacity(1 << 16, Rewound { file, at: 0 })),
            Self::Stream(head, rest) => Box::new(head.chain(rest)),
        }
    }
}

/// Reads a file from its start, whatever was read of it before.
struct Rewound<'f> {
    file: &'f File,
    at: u64,
}

impl Read for Rewound<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = crate::source::read::fill_at(self.file, buffer, self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}

/// Reads one outermost archive.
pub struct Walk<'v> {
    visit: &'v mut dyn Visit,
    /// Buffers not in use; one for each archive that is open.
    buffers: &'v mut Vec<Vec<u8>>,
    window: usize,
    pub(super) spent: Rc<Spent>,
    /// What gaps call the outermost archive.
    outer: String,
    /// The present member's path behind it.
    path: String,
    /// Where the innermost member's own path begins in `path`.
    name: usize,
    depth: usize,
    gaps: usize,
    /// That the content is whole is known by other means than its end mark.
    pub(super) whole: bool,
}

impl<'v> Walk<'v> {
    /// For the archive that reports call `outer`, of `length` bytes where that is known. Members are handed out with up
    /// to `window` bytes at once; `buffers` are kept for the next archive.
    pub fn new(
        visit: &'v mut dyn Visit,
        buffers: &'v mut Vec<Vec<u8>>,
        window: usize,
        limits: Limits,
        outer: &str,
        length: Option<u64>,
    ) -> Self {
        Self {
            visit,
            buffers,
            window,
            spent: Rc::new(Spent::new(limits, length)),
            outer: outer.to_owned(),
            path: String::new(),
            name: 0,
            depth: 1,
            gaps: 0,
            whole: false,
        }
    }

    /// The archive is known to be whole: a tar need not have its end mark. Some builders of images leave it out.
    #[must_use]
    pub fn known_whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// A tar ends here without its end mark. In another archive, and compressed, that one's own checks tell a cut.
    pub(super) fn ends_early(&self) -> Done {
        if self.whole || self.depth > 1 {
            return Ok(());
        }
        Err(truncated("the tar archive ends without its end mark"))
    }

    /// Reads it. False when not a single member could be read.
    pub fn read(&mut self, kind: Kind, content: Content<'_>) -> bool {
        match self.open(kind, content) {
            Ok(()) => true,
            Err(error) => {
                self.failed(&error);
                self.spent.members() > 0
            }
        }
    }

    /// Reads a file that may be an archive or not, called `path` behind the outermost name.
    pub fn single(&mut self, path: &str, content: &mut dyn Read) {
        // What is wrong with it is told already.
        let _ = self.member(path.as_bytes(), content);
    }

    fn open(&mut self, kind: Kind, content: Content<'_>) -> Done {
        match kind {
            Kind::Tar => tar::read(self, &mut content.reader()),
            Kind::Cpio => cpio::read(self, &mut content.reader()),
            Kind::Deb => ar::read(self, &mut content.reader()),
            Kind::Rpm => rpm::read(self, &mut content.reader()),
            Kind::Zip => match content {
                Content::Bytes(bytes) => zip::read(self, bytes, bytes.len() as u64),
                Content::File(file) => zip::read(self, zip::At(file), file.metadata()?.len()),
                Content::Stream(head, rest) => {
                    let whole = self.spent.hold(head, rest)?;
                    zip::read(self, whole.bytes.as_slice(), whole.bytes.len() as u64)
                }
            },
            Kind::SevenZip => Err(corrupt("7z archives are not read")),
            Kind::Gzip | Kind::Xz | Kind::Zstd | Kind::Bzip2 => compress::read(self, kind, content.reader()),
        }
    }

    /// A member of the archive that is being read. An error ends the whole walk; what is wrong with the member alone
    /// is told and done.
    pub(super) fn member(&mut self, path: &[u8], content: &mut dyn Read) -> Done {
        self.spent.member()?;
        let before = (self.path.len(), self.name);
        self.enter(&text(path));
        let mut buffer = self.buffers.pop().filter(|buffer| buffer.len() == self.window);
        let buffer = buffer.get_or_insert_with(|| vec![0; self.window]);
        let mut latch = Latch { inner: content, error: None };
        // The latch keeps the error.
        let filled = fill(&mut latch, buffer).unwrap_or(0);
        let result = self.content(&buffer[..filled], (filled == buffer.len()).then_some(&mut latch));
        if let Some(error) = latch.error.or(result.err()) {
            self.failed(&error);
        }
        self.buffers.push(std::mem::take(buffer));
        self.path.truncate(before.0);
        self.name = before.1;
        self.alive()
    }

    fn content(&mut self, head: &[u8], mut rest: Option<&mut Latch<'_>>) -> Done {
        let Some(kind) = Kind::of(head) else {
            self.visit.file(&self.path, self.name, head, rest.map(|rest| rest as &mut dyn Read));
            return Ok(());
        };
        let result = if self.depth >= self.spent.limits.depth {
            Err(limit(format!("archives are opened {} deep (--max-archive-depth)", self.spent.limits.depth)))
        } else {
            let members = self.spent.members();
            self.depth += 1;
            let content = match &mut rest {
                Some(rest) => Content::Stream(head, *rest),
                None => Content::Bytes(head),
            };
            let result = self.open(kind, content);
            self.depth -= 1;
            if self.spent.members() > members {
                return result;
            }
            result
        };
        if result.is_err() && !self.spent.stopped() {
            // Nothing of it could be read: its bytes as they are may still show something.
            self.visit.file(&self.path, self.name, head, rest.map(|rest| rest as &mut dyn Read));
        }
        result
    }

    fn enter(&mut self, name: &str) {
        if !self.path.is_empty() {
            self.path.push(INSIDE);
        }
        self.name = self.path.len();
        self.path.push_str(name);
    }

    /// The last part of the name of what is being read.
    pub(super) fn base_name(&self) -> &str {
        let path = if self.path.is_empty() { &self.outer } else { &self.path };
        path.rsplit(['/', INSIDE]).next().unwrap_or_default()
    }

    /// A path that a tar names.
    pub(super) fn named(&mut self, path: &[u8], is_folder: bool) {
        if self.depth == 1 {
            self.visit.named(&text(path), is_folder);
        }
    }

    /// What is wrong with a member that cannot even be opened.
    pub(super) fn lost(&mut self, path: &[u8], error: &io::Error) -> Done {
        self.spent.member()?;
        let before = (self.path.len(), self.name);
        self.enter(&text(path));
        self.failed(error);
        self.path.truncate(before.0);
        self.name = before.1;
        self.alive()
    }

    /// What follows an archive's end: padding, or something that would otherwise go unseen.
    pub(super) fn rest(&mut self, content: &mut dyn Read) -> Done {
        let mut buffer = [0; 4096];
        loop {
            let filled = fill(&mut &mut *content, &mut buffer)?;
            if filled == 0 {
                return Ok(());
            }
            if let Some(at) = buffer[..filled].iter().position(|byte| *byte != 0) {
                return self.member(b"(behind its end)", &mut Cursor::new(&buffer[at..filled]).chain(content));
            }
        }
    }

    fn failed(&mut self, error: &io::Error) {
        // The first error that stops everything is told; the others follow from it.
        if self.spent.told() {
            return;
        }
        self.gaps += 1;
        if self.gaps > MAX_GAPS {
            if self.gaps == MAX_GAPS + 1 {
                let error =
                    limit(format!("more than {MAX_GAPS} members could not be scanned; the others are not named"));
                self.visit.gap(gap_of(self.outer.clone(), &error));
            }
            return;
        }
        let mut what = self.outer.clone();
        if !self.path.is_empty() {
            what.push(INSIDE);
            what.push_str(&self.path);
        }
        self.visit.gap(gap_of(what, error));
    }

    fn alive(&self) -> Done {
        if !self.visit.go_on() {
            self.spent.silence();
        }
        if self.spent.stopped() { Err(limit("stopped")) } else { Ok(()) }
    }
}

/// Ends at an error and keeps it: what was read until then is scanned.
struct Latch<'r> {
    inner: &'r mut dyn Read,
    error: Option<io::Error>,
}

impl Read for Latch<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.error.is_none() {
            match self.inner.read(buffer) {
                Ok(length) => return Ok(length),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.error = Some(error),
            }
        }
        Ok(0)
    }
}
