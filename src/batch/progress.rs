//! A progress bar on a terminal: bytes read of all bytes, rows a second, time left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Job;

/// A bar that redraws itself until it is finished.
pub struct Bar {
    stop: Arc<AtomicBool>,
    painter: Option<JoinHandle<()>>,
}

/// Starts the bar; nothing is drawn unless the batch wants it.
pub fn start(job: &Job<'_>) -> Bar {
    let stop = Arc::new(AtomicBool::new(false));
    if !job.request.progress {
        return Bar { stop, painter: None };
    }
    let watch = job.watch.clone();
    let bar = ProgressBar::new(watch.progress().bytes_total);
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {percent:>3} %  {msg}  {eta} left") {
        bar.set_style(style);
    }
    let stopped = Arc::clone(&stop);
    let painter = std::thread::spawn(move || {
        let started = Instant::now();
        while !stopped.load(Ordering::Relaxed) {
            let progress = watch.progress();
            let read = progress.rows;
            let rate = read as f64 / started.elapsed().as_secs_f64().max(1e-9);
            bar.set_position(progress.bytes_read);
            bar.set_message(format!("{read} rows, {:.1} million rows/s", rate / 1e6));
            std::thread::park_timeout(Duration::from_millis(100));
        }
        bar.finish_and_clear();
    });
    Bar { stop, painter: Some(painter) }
}

impl Bar {
    /// Takes the bar away.
    pub fn finish(self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(painter) = self.painter {
            painter.thread().unpark();
            // A painter that panicked has cost nothing but the picture.
            let _ = painter.join();
        }
    }
}
