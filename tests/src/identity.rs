//! The identity service of a local network: one process beside the nodes, with the key of test networks.

use crate::process::{self, tail, ProcessId};
use anyhow::{bail, Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Its name beside those of nodes.
pub const NAME: &str = "identity";
/// Its log, in its folder.
pub const LOG: &str = "log";
/// Time for it to listen after it was started.
const READY: Duration = Duration::from_secs(60);
/// How often its log is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(20);

/// The service, as it is kept between two calls of the tool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityService {
    /// Its process, if it was started and not stopped since.
    pub process: Option<ProcessId>,
    /// Where it listens: a free port at its first start, the same one ever after.
    address: Option<SocketAddr>,
}

impl IdentityService {
    /// Whether its process runs.
    pub fn is_alive(&self) -> bool {
        self.process.is_some_and(|process| process.is_alive())
    }

    /// Where it is, once it was started.
    pub fn url(&self) -> Option<String> {
        self.address.map(|address| format!("http://{address}"))
    }

    /// Starts it and waits until it listens. `node` says who may ask; it may come later.
    pub fn start(&mut self, program: &Path, folder: &Path, node: &str, detached: bool) -> Result<()> {
        fs::create_dir_all(folder)?;
        let log = folder.join(LOG);
        let log_start = fs::metadata(&log).map_or(0, |log| log.len());
        let listen = self.address.unwrap_or((Ipv4Addr::LOCALHOST, 0).into()).to_string();
        let state = folder.join("state.redb").display().to_string();
        let args = ["serve", "--dev", "--json", "--node", node, "--state", &state, "--listen", &listen];
        let cannot = || format!("{NAME} cannot start");
        let process = process::start(program, &args.map(String::from), &log, detached).with_context(cannot)?;
        let address = wait_until_serving(&log, log_start, process).with_context(cannot);
        if address.is_err() {
            process.kill()?;
        }
        *self = Self { process: Some(process), address: Some(address?) };
        Ok(())
    }
}

/// The address that its event `serving` names.
fn wait_until_serving(log: &Path, log_start: u64, process: ProcessId) -> Result<SocketAddr> {
    let start = Instant::now();
    loop {
        // Looked at before the log: what it says last is read all the same.
        let over = !process.is_alive() || start.elapsed() > READY;
        if let Some(address) = serving(&tail(log, log_start, usize::MAX)) {
            return address.parse().with_context(|| format!("{NAME} names an address that is none: {address}"));
        }
        if over {
            bail!("it does not listen; its log ends:\n{}", tail(log, log_start, 10));
        }
        thread::sleep(LOOK);
    }
}

/// The address in the last event `serving` of a log.
fn serving(log: &str) -> Option<String> {
    let mut events = log.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let last = events.find(|event| event["event"] == "serving")?;
    last["address"].as_str().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_comes_from_the_log() {
        let warning = r#"{"event":"the node does not answer","level":"warn"}"#;
        let event = r#"{"event":"serving","address":"127.0.0.1:7"}"#;
        assert_eq!(serving(&format!("{warning}\n{event}\n")).as_deref(), Some("127.0.0.1:7"));
        // Not written to its end yet.
        assert_eq!(serving(&format!("{warning}\n{}", &event[..20])), None);
    }

    #[test]
    fn a_program_that_does_not_serve_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut service = IdentityService::default();
        // Knows no such options.
        let error = service.start(Path::new("/bin/sleep"), folder.path(), "http://127.0.0.1:1", true).unwrap_err();
        assert!(format!("{error:#}").starts_with("identity cannot start"), "{error:#}");
        assert_eq!(service, IdentityService::default());
    }
}
