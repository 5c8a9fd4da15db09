//! A bar on a terminal for scans that take long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::scan::Progress;

/// A scan shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_millis(700);
const TICK: Duration = Duration::from_millis(120);

/// The bar and the thread that moves it.
pub(crate) struct Bar {
    thread: Option<(JoinHandle<()>, Arc<AtomicBool>)>,
}

impl Bar {
    /// Starts one where a person watches.
    pub(crate) fn start(progress: &Arc<Progress>, quiet: bool) -> Self {
        if quiet || !super::watched() {
            return Self { thread: None };
        }
        let (progress, done) = (Arc::clone(progress), Arc::new(AtomicBool::new(false)));
        let over = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            std::thread::park_timeout(PATIENCE);
            if over.load(Ordering::Relaxed) {
                return;
            }
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
                bar.set_style(style);
            }
            while !over.load(Ordering::Relaxed) {
                let bytes = HumanBytes(progress.bytes.load(Ordering::Relaxed));
                bar.set_message(format!("{} files, {bytes}", progress.files.load(Ordering::Relaxed)));
                bar.tick();
                std::thread::park_timeout(TICK);
            }
            bar.finish_and_clear();
        });
        Self { thread: Some((thread, done)) }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        if let Some((thread, done)) = self.thread {
            done.store(true, Ordering::Relaxed);
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
