//! The real program as a daemon on a port of its own: asked over sockets, killed, stopped, started again.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A daemon.
pub struct Daemon {
    pub child: Child,
    pub address: String,
    /// What it logs, line by line.
    lines: Mutex<Receiver<String>>,
}

/// An answer.
pub struct Told {
    pub status: u16,
    pub body: String,
}

impl Told {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

impl Daemon {
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[]).expect("an address")
    }

    /// Where another one was before.
    pub fn start_at(data: &Path, listen: &str) -> Self {
        Self::begin(data, listen, &[], &[]).expect("an address")
    }

    /// With flags and environment variables.
    pub fn start_told(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::begin(data, "127.0.0.1:0", arguments, environment).expect("an address")
    }

    /// With environment variables; `None` when it died before it listened.
    pub fn start_with(data: &Path, environment: &[(&str, &str)]) -> Option<Self> {
        Self::begin(data, "127.0.0.1:0", &[], environment)
    }

    fn begin(data: &Path, listen: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Option<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_impactd"))
            .args(["serve", "--listen", listen, "--data"])
            .arg(data)
            .args(arguments)
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let says = |line: &String| line.contains("impactd listens on");
        let Some(line) = lines.find_map(|line| line.ok().filter(says)) else {
            child.wait().expect("reaped");
            return None;
        };
        // What it logs later is read as it comes, so that it never waits for a reader.
        let (sender, read) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        let address = line.rsplit("http://").next().expect("an address").to_owned();
        Some(Self { child, address, lines: Mutex::new(read) })
    }

    /// The answer to a request; `None` when the daemon died on it.
    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<Told> {
        ask(&self.address, method, path, headers, body)
    }

    pub fn get(&self, path: &str) -> Told {
        self.ask("GET", path, "", b"").expect("an answer")
    }

    /// Asks until the answer is as wished.
    pub fn wait_for(&self, path: &str, wished: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let told = self.get(path);
            if told.status == 200 && wished(&told.json()) {
                return told.json();
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{path}: {}", told.body);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The next line of the log that holds some words.
    pub fn says(&self, words: &str) -> String {
        let lines = self.lines.lock().expect("nobody panicked");
        let line = |_| lines.recv_timeout(Duration::from_secs(60)).expect("a line of the log");
        (0..).map(line).find(|line| line.contains(words)).expect("endless")
    }

    /// The exit code, once it has ended by itself.
    pub fn ends(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status.code();
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// As if its power were cut.
    pub fn kill(self) {
        drop(self);
    }

    /// Asked to stop; how it ended.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().expect("reaped")
    }

    pub fn signal(&self, signal: &str) {
        // One that has died already cannot be signalled.
        let _ =
            Command::new("kill").args([signal, &self.child.id().to_string()]).stderr(Stdio::null()).status();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // A test that failed leaves no daemon behind; most have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request on a connection of its own; `None` when nobody answered.
pub fn ask(address: &str, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<Told> {
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some(Told { status: head.split(' ').nth(1)?.parse().ok()?, body: body.to_owned() })
}
