//! The program as its users run it, with nobody to ask and nobody to tell.

use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

const CONFIG: &str = "\
nodes = ['http://127.0.0.1:1']
state = 'state'
metrics = '127.0.0.1:PORT'
[[endpoint]]
name = 'core'
url = 'http://127.0.0.1:1/notices'
secrets = ['core.secret']
bank = 1
";

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_specie-notify"));
    command.current_dir(folder).args(arguments).arg("--json").stdin(Stdio::null()).env_clear();
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn said(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// The name of a failure.
fn code(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(!output.status.success(), "{output:?}");
    said(&output)["error"]["code"].as_str().unwrap().to_owned()
}

/// A folder with a secret and a configuration; gives the port for metrics, too.
fn folder() -> (tempfile::TempDir, u16) {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    fs::write(folder.path().join("notify.toml"), CONFIG.replace("PORT", &port.to_string())).unwrap();
    assert!(run(folder.path(), &["secret", "core.secret"]).status.success());
    (folder, port)
}

/// A running program; killed with the test.
struct Running {
    child: Child,
    events: BufReader<ChildStderr>,
}

impl Running {
    fn start(folder: &Path) -> Self {
        let mut child = command(folder, &["run"]).stdout(Stdio::inherit()).stderr(Stdio::piped()).spawn().unwrap();
        let events = BufReader::new(child.stderr.take().unwrap());
        let mut running = Self { child, events };
        running.wait_for("started");
        running
    }

    fn wait_for(&mut self, event: &str) {
        loop {
            let mut line = String::new();
            assert!(self.events.read_line(&mut line).unwrap() > 0, "it ended without {event}");
            let said: Value = serde_json::from_str(&line).unwrap();
            if said["event"] == event {
                return;
            }
        }
    }

    /// SIGTERM; gives what was logged since.
    fn stop(mut self) -> String {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        let mut log = String::new();
        self.events.read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_waits_for_nodes_has_metrics_and_stops() {
    let (folder, port) = folder();
    let folder = folder.path();
    let mut running = Running::start(folder);
    running.wait_for("a node cannot be used");
    // The state is taken.
    assert_eq!(code(folder, &["run"]), "state");
    let metrics = get(port, "/metrics");
    assert!(metrics.starts_with("HTTP/1.1 200") && metrics.contains("specie_notify_failures{endpoint=\"core\"}"));
    assert!(get(port, "/health").ends_with("ok\n"));
    assert!(get(port, "/").starts_with("HTTP/1.1 404"));
    let log = running.stop();
    assert!(log.contains("SIGTERM") && log.trim_end().ends_with('}') && log.contains("\"stopped\""), "{log}");
    // Nothing was begun, so that it will begin with what comes next then.
    let status = said(&run(folder, &["status", "--refused"]));
    assert!(status["head"].is_null() && status["endpoints"][0]["progress"].is_null(), "{status}");
    assert_eq!(status["refused"], serde_json::json!([]));
}

#[test]
fn what_is_wrong_has_a_name() {
    let (folder, port) = folder();
    let folder = folder.path();
    assert_eq!(code(folder, &["run", "--config", "none.toml"]), "config");
    assert_eq!(code(folder, &["secret", "core.secret"]), "secret");
    let taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    assert_eq!(code(folder, &["run"]), "address");
    drop(taken);
    fs::write(folder.join("state"), "{}x").unwrap();
    assert_eq!(code(folder, &["run"]), "state");
    fs::write(folder.join("core.secret"), "short").unwrap();
    assert_eq!(code(folder, &["check"]), "config");
}

#[test]
fn a_check_says_which_node_is_not_there() {
    let (folder, _) = folder();
    let output = run(folder.path(), &["check", "--greet"]);
    assert!(!output.status.success());
    let findings = said(&output);
    let bad: Vec<_> = findings.as_array().unwrap().iter().filter(|finding| finding["ok"] == false).collect();
    let names: Vec<_> = bad.iter().map(|finding| finding["what"].as_str().unwrap()).collect();
    assert_eq!(names, ["node http://127.0.0.1:1", "endpoint core"]);
}
