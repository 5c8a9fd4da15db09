//! Readers that count, so that no archive costs more than its bounds allow.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::Limits;
use super::fail::{decoding, limit};

/// What the reading of one outermost archive has cost so far.
pub(super) struct Spent {
    pub(super) limits: Limits,
    /// Bytes that came out of decoders.
    out: Cell<u64>,
    /// No more than that may come.
    most: u64,
    /// Bytes of inner archives held in memory.
    held: Cell<u64>,
    members: Cell<u64>,
    stopped: Cell<bool>,
    told: Cell<bool>,
}

impl Spent {
    /// For an archive of `length` bytes, where that is known.
    pub(super) fn new(limits: Limits, length: Option<u64>) -> Self {
        let most =
            length.map_or(limits.total, |length| limits.free.saturating_add(length.saturating_mul(limits.ratio)));
        Self {
            limits,
            out: Cell::new(0),
            most: most.min(limits.total),
            held: Cell::new(0),
            members: Cell::new(0),
            stopped: Cell::new(false),
            told: Cell::new(false),
        }
    }

    pub(super) fn members(&self) -> u64 {
        self.members.get()
    }

    /// Another member.
    pub(super) fn member(&self) -> io::Result<()> {
        self.members.set(self.members.get() + 1);
        if self.members.get() <= self.limits.members {
            return Ok(());
        }
        self.stop();
        Err(limit(format!("more than {} members; what follows was not scanned", self.limits.members)))
    }

    /// Nothing more is read.
    pub(super) fn stop(&self) {
        self.stopped.set(true);
    }

    pub(super) fn stopped(&self) -> bool {
        self.stopped.get()
    }

    /// Stops without a word.
    pub(super) fn silence(&self) {
        self.stopped.set(true);
        self.told.set(true);
    }

    /// True when the reason of the stop was told already. The next call is told so.
    pub(super) fn told(&self) -> bool {
        self.stopped.get() && self.told.replace(true)
    }

    fn add(&self, length: usize) -> io::Result<()> {
        self.out.set(self.out.get() + length as u64);
        if self.out.get() <= self.most {
            return Ok(());
        }
        self.stop();
        let limits = &self.limits;
        Err(limit(if self.most == limits.total {
            format!("more than {} bytes of content; what follows was not scanned (--max-archive-size)", self.most)
        } else {
            format!(
                "the content is more than {} times as large as the archive; what follows was not scanned",
                limits.ratio
            )
        }))
    }

    /// Reads what must be in memory as a whole: an inner archive that is not read from front to end.
    pub(super) fn hold(self: &Rc<Self>, head: &[u8], rest: &mut dyn Read) -> io::Result<Held> {
        let room = self.limits.held.saturating_sub(self.held.get());
        let mut whole = Held { bytes: head.to_vec(), counted: 0, spent: Rc::clone(self) };
        rest.take(room.saturating_sub(head.len() as u64).saturating_add(1)).read_to_end(&mut whole.bytes)?;
        if whole.bytes.len() as u64 > room {
            return Err(limit(format!(
                "an archive inside of another that must be in memory to be read, and is larger than {} bytes",
                self.limits.held
            )));
        }
        whole.counted = whole.bytes.len() as u64;
        self.held.set(self.held.get() + whole.counted);
        Ok(whole)
    }
}

/// An inner archive in memory.
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    counted: u64,
    spent: Rc<Spent>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.spent.held.set(self.spent.held.get() - self.counted);
    }
}

/// Counts what a decoder takes in.
pub(super) struct Taken<R> {
    pub(super) inner: R,
    pub(super) count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Taken<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count.set(self.count.get() + length as u64);
        Ok(length)
    }
}

/// A decoder's output, within bounds; its errors say what is wrong.
pub(super) struct Metered<R> {
    pub(super) inner: R,
    pub(super) spent: Rc<Spent>,
    pub(super) method: &'static str,
    /// What the decoder took in.
    pub(super) taken: Rc<Cell<u64>>,
    pub(super) out: u64,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer).map_err(|error| decoding(self.method, error))?;
        self.out += length as u64;
        let limits = &self.spent.limits;
        if self.out > limits.free.saturating_add(self.taken.get().saturating_mul(limits.ratio)) {
            let ratio = limits.ratio;
            return Err(limit(format!(
                "more than {ratio} times as large as its compressed form; what follows was not scanned"
            )));
        }
        self.spent.add(length)?;
        Ok(length)
    }
}
