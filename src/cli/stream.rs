//! A reader that an interrupt ends, though nothing comes in.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::scan::Progress;

const CHUNK: usize = 1 << 18;
/// How often the interrupt is looked for while nothing comes in.
const TICK: Duration = Duration::from_millis(50);

/// Reads in a thread of its own, so that the run can stop while a read waits.
pub(crate) struct Interruptible {
    chunks: Receiver<io::Result<Vec<u8>>>,
    progress: Arc<Progress>,
    chunk: Vec<u8>,
    used: usize,
}

impl Interruptible {
    pub(crate) fn new(mut source: impl Read + Send + 'static, progress: &Arc<Progress>) -> Self {
        let (send, chunks) = sync_channel(4);
        std::thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                match source.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(length) => chunk.truncate(length),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => {
                        let _ = send.send(Err(error));
                        return;
                    }
                }
                if send.send(Ok(chunk)).is_err() {
                    return;
                }
            }
        });
        Self { chunks, progress: Arc::clone(progress), chunk: Vec::new(), used: 0 }
    }
}

impl Read for Interruptible {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.used == self.chunk.len() {
            if self.progress.stop.load(Ordering::Relaxed) {
                return Ok(0);
            }
            match self.chunks.recv_timeout(TICK) {
                Ok(chunk) => (self.chunk, self.used) = (chunk?, 0),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        let length = buffer.len().min(self.chunk.len() - self.used);
        buffer[..length].copy_from_slice(&self.chunk[self.used..self.used + length]);
        self.used += length;
        Ok(length)
    }
}
