//! Processes that outlive the tool that started them.

use anyhow::{bail, Context, Result};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How often a process is looked at while somebody waits for its end.
const LOOK: Duration = Duration::from_millis(50);

/// A process by its number and the moment it began, so that a recycled number is not taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    /// The number.
    pub pid: u32,
    /// Clock ticks between the start of the machine and that of the process.
    pub started: u64,
}

/// What a process can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End in order.
    Terminate,
    /// End now, with no chance to do anything.
    Kill,
}

impl ProcessId {
    /// The process that has this number now.
    pub fn of(pid: u32) -> Option<Self> {
        // The name, in brackets, may hold anything; the third field of all follows it.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let (state, threads, started) = (fields.first()?, fields.get(17)?, fields.get(19)?);
        // The main thread may be over while others still hold the process's ports and files.
        let over = matches!(*state, "Z" | "X") && threads.parse::<u32>().ok()? <= 1;
        Some(Self { pid, started: started.parse().ok()? }).filter(|_| !over)
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        Self::of(self.pid) == Some(*self)
    }

    /// Sends a signal; nothing happens to a process that has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        if !self.is_alive() {
            return Ok(());
        }
        let name = match signal {
            Signal::Terminate => "TERM",
            Signal::Kill => "KILL",
        };
        // The shell's own `kill`: the system call is not to be had without unsafe code.
        let status = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.pid)).status()?;
        if !status.success() && self.is_alive() {
            bail!("could not send SIG{name} to process {}", self.pid);
        }
        Ok(())
    }

    /// Waits for its end; false if it still runs after `limit`.
    pub fn wait_gone(&self, limit: Duration) -> bool {
        let start = Instant::now();
        while self.is_alive() {
            if start.elapsed() > limit {
                return false;
            }
            thread::sleep(LOOK);
        }
        true
    }

    /// Ends it: in order if it does so within `patience`, by force otherwise.
    pub fn stop(&self, patience: Duration) -> Result<()> {
        self.signal(Signal::Terminate)?;
        if !self.wait_gone(patience) {
            self.kill()?;
        }
        Ok(())
    }

    /// Ends it by force and waits until it is gone.
    pub fn kill(&self) -> Result<()> {
        self.signal(Signal::Kill)?;
        if !self.wait_gone(Duration::from_secs(30)) {
            bail!("process {} does not end", self.pid);
        }
        Ok(())
    }
}

/// Starts a program with everything it says appended to `log`. A detached one gets a process group of its own: what
/// ends the caller's group, such as Ctrl-C, leaves it running.
pub fn start(program: &Path, args: &[String], log: &Path, detached: bool) -> Result<ProcessId> {
    let output =
        OpenOptions::new().create(true).append(true).open(log).with_context(|| format!("{}", log.display()))?;
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    if detached {
        command.process_group(0);
    }
    let mut child = command.spawn().with_context(|| format!("could not start {}", program.display()))?;
    let id = ProcessId::of(child.id())
        .with_context(|| format!("{} ended at once; see {}", program.display(), log.display()))?;
    // Collects the exit status, so that a process that ended does not linger in the table.
    thread::spawn(move || child.wait());
    Ok(id)
}

/// The last lines of a log behind its first `from` bytes, as many as there are up to `count`.
pub fn tail(log: &Path, from: u64, count: usize) -> String {
    const LONGEST: u64 = 64 * 1024;
    let read = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        // A log that is shorter by now was begun anew.
        let from = if from > length { 0 } else { from };
        file.seek(SeekFrom::Start(length.saturating_sub(LONGEST).max(from)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_begins_where_it_should() {
        let log = tempfile::NamedTempFile::new().unwrap();
        fs::write(log.path(), "one\ntwo\nthree\nfour\n").unwrap();
        assert_eq!(tail(log.path(), 0, 2), "three\nfour");
        assert_eq!(tail(log.path(), 8, 9), "three\nfour");
        assert_eq!(tail(log.path(), 19, 9), "");
        assert_eq!(tail(log.path(), 99, 1), "four");
        assert_eq!(tail(Path::new("/nowhere"), 0, 1), "");
    }

    #[test]
    fn a_process_lives_until_it_is_killed() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let id = start(Path::new("/bin/sleep"), &["60".into()], log.path(), true).unwrap();
        assert!(id.is_alive());
        id.kill().unwrap();
        assert!(!id.is_alive());
        id.signal(Signal::Kill).unwrap();
    }

    #[test]
    fn a_recycled_number_is_another_process() {
        let me = ProcessId::of(std::process::id()).unwrap();
        assert!(me.is_alive());
        assert!(!ProcessId { started: me.started + 1, ..me }.is_alive());
    }
}
