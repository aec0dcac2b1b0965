//! What the measurements from outside share: three simulated days, the daemon on a port of its own, a connection that
//! asks one thing at a time, and quantiles. Nothing but the standard library.

#![allow(dead_code, reason = "each measurement uses its part")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

const DATES: [&str; 3] = ["2018-01-02", "2018-01-03", "2018-01-04"];

/// Three simulated days, batched.
pub fn prepare(binary: &str, folder: &Path) {
    let mut inputs = Vec::new();
    for (seed, date) in DATES.iter().enumerate() {
        let tape = folder.join(date);
        run(
            binary,
            &["simulate", "--seed", &seed.to_string(), "--date", date, "--out", &tape.display().to_string()],
        );
        let files = std::fs::read_dir(tape.join("csv")).expect("a tape").flatten();
        inputs.extend(files.map(|f| f.path().display().to_string()));
    }
    let out = folder.join("results").display().to_string();
    let mut batch = vec!["batch", "--out", &out];
    batch.extend(inputs.iter().map(String::as_str));
    run(binary, &batch);
}

pub fn run(binary: &str, arguments: &[&str]) {
    let status = Command::new(binary).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("started").success(), "impactd {}", arguments.join(" "));
}

/// The daemon.
pub struct Daemon {
    process: Child,
    /// Where it listens.
    pub address: String,
}

impl Daemon {
    /// Starts it on the results, without a bound of requests a second.
    pub fn start(binary: &str, folder: &Path) -> Self {
        let mut process = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("results"))
            .env("IMPACTD__ACCESS__READS_PER_SECOND", "1000000")
            .env("IMPACTD__ACCESS__BATCHES_PER_SECOND", "1000000")
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(process.stderr.take().expect("its stderr")).lines();
        let told = lines.find_map(|line| line.ok()?.split("http://").nth(1).map(|a| a.trim().to_owned()));
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address: told.expect("an address") }
    }

    /// Ends it at once.
    pub fn stop(&mut self) {
        self.process.kill().expect("stopped");
        let _ = self.process.wait();
    }

    /// Asks it to stop, and waits.
    pub fn terminate(&mut self) -> ExitStatus {
        let kill = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
        self.process.wait().expect("reaped")
    }

    /// Its resident memory, MiB.
    pub fn resident_mib(&self) -> f64 {
        self.memory("VmRSS:")
    }

    /// The most it ever had since the last look.
    pub fn peak_mib(&self) -> f64 {
        let peak = self.memory("VmHWM:");
        // Five resets the peak; where that is not allowed it stays what it was.
        let _ = std::fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5");
        peak
    }

    fn memory(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("its memory");
        line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
    }
}

/// The quantile of sorted latencies, milliseconds.
pub fn at(sorted: &[Duration], share: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    let index = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len()) - 1;
    sorted[index].as_secs_f64() * 1e3
}

/// One kept-alive connection that asks one thing at a time.
pub struct Connection {
    stream: BufReader<TcpStream>,
    /// The last answer's body.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream: BufReader::new(stream), body: Vec::new() })
    }

    /// The status of a GET.
    pub fn get(&mut self, path: &str) -> u16 {
        self.ask("GET", path, "", b"").expect("answered")
    }

    /// The status of a POST.
    pub fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> u16 {
        self.ask("POST", path, &format!("content-type: {kind}\r\n"), body).expect("answered")
    }

    /// The status of a request.
    pub fn ask(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> io::Result<u16> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        let out = self.stream.get_mut();
        out.write_all(head.as_bytes())?;
        out.write_all(body)?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|s| s.parse().ok());
        let status = status.ok_or(io::ErrorKind::ConnectionReset)?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body)?;
        Ok(status)
    }
}
