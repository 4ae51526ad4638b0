//! Ports that nobody uses yet.

use anyhow::{ensure, Result};
use serde::{Deserialize, Serialize};
use std::{
    env,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// First port for JSON-RPC, as Substrate nodes have it.
pub const RPC: u16 = 9944;
/// First port for Prometheus.
pub const PROMETHEUS: u16 = 9615;
/// First port for other nodes.
pub const PEERS: u16 = 30333;
/// Beyond this many places the ports of Prometheus would run into those of JSON-RPC.
const PLACES: u16 = RPC - PROMETHEUS;

/// The ports of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// JSON-RPC.
    pub rpc: u16,
    /// Prometheus.
    pub prometheus: u16,
    /// Other nodes.
    pub peers: u16,
}

impl Ports {
    fn at(place: u16) -> Self {
        Self { rpc: RPC + place, prometheus: PROMETHEUS + place, peers: PEERS + place }
    }

    /// The first of these ports that somebody listens on.
    pub fn taken(&self) -> Option<u16> {
        [self.rpc, self.prometheus, self.peers].into_iter().find(|port| !is_free(*port))
    }

    /// The first block of `count` neighbouring places that are free and not in `used`.
    pub fn free_block(count: usize, used: &[Ports]) -> Result<Vec<Reserved>> {
        let mut block = Vec::new();
        for ports in (0..PLACES).map(Self::at) {
            if block.len() == count {
                break;
            }
            // Reserved before looked at: between the two, nobody who follows the same rule can begin to listen.
            match Reserved::take(ports).filter(|_| !used.contains(&ports) && ports.taken().is_none()) {
                Some(reserved) => block.push(reserved),
                None => block.clear(),
            }
        }
        ensure!(
            block.len() == count,
            "no {count} neighbouring ports are free from {RPC}, {PROMETHEUS} and {PEERS} upwards"
        );
        Ok(block)
    }
}

/// Ports that no other process of this program chooses while this value lives: from the choice until the node listens.
///
/// A lock on a file stands for them, which the system takes back however the process ends. The file itself goes with this
/// value, or stays and means nothing: after the process, only who listens has a port.
#[derive(Debug)]
pub struct Reserved {
    ports: Ports,
    lock: Option<File>,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let Some(file) = &self.lock else { return };
        let path = Self::path(self.ports);
        // Removed before it is unlocked: whoever opened it before and locks it after sees that it is not there any more.
        // Another user's file stays.
        if is_at(file, &path) {
            let _ = fs::remove_file(path);
        }
        // A program that is being started right now shares the open file for a moment: closing it would not do.
        if let Err(error) = file.unlock() {
            eprintln!("the ports from {} on stay reserved for a while: {error}", self.ports.rpc);
        }
    }
}

/// Whether an open file is the one that a path leads to.
fn is_at(file: &File, path: &Path) -> bool {
    let place = |data: fs::Metadata| (data.dev(), data.ino());
    file.metadata().is_ok_and(|open| fs::metadata(path).is_ok_and(|there| place(open) == place(there)))
}

impl Reserved {
    /// Reserves ports; `None` if somebody else has them reserved.
    pub fn take(ports: Ports) -> Option<Self> {
        /// How often a file may be removed by others between opening and locking it.
        const TRIES: usize = 16;
        let path = Self::path(ports);
        for _ in 0..TRIES {
            let Ok(file) = Self::open(&path) else { break };
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return None,
                Err(TryLockError::Error(_)) => break,
                Ok(()) if is_at(&file, &path) => return Some(Self { ports, lock: Some(file) }),
                Ok(()) => {},
            }
        }
        // Where no file can be made or locked, whoever listens first has the ports.
        Some(Self { ports, lock: None })
    }

    fn path(ports: Ports) -> PathBuf {
        env::temp_dir().join(format!("specie-ports-{}", ports.rpc))
    }

    fn open(path: &Path) -> io::Result<File> {
        // A file that another user made can be locked, but not opened for writing.
        File::open(path).or_else(|_| OpenOptions::new().create(true).append(true).open(path))
    }

    /// The ports.
    pub fn ports(&self) -> Ports {
        self.ports
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(block: &[Reserved]) -> Vec<Ports> {
        block.iter().map(Reserved::ports).collect()
    }

    #[test]
    fn a_block_leaves_out_what_others_reserved() {
        let block = Ports::free_block(4, &[]).unwrap();
        let next = Ports::free_block(2, &[]).unwrap();
        assert!(ports(&next).iter().all(|one| !ports(&block).contains(one)), "{block:?} {next:?}");
        let neighbours = ports(&block).windows(2).all(|pair| pair[0].rpc + 1 == pair[1].rpc);
        assert!(neighbours, "{block:?}");
    }

    #[test]
    fn a_block_leaves_out_what_is_used_or_listened_on() {
        let reserved = Ports::free_block(3, &[]).unwrap();
        let block = ports(&reserved);
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, block[1].rpc)).unwrap();
        assert_eq!(block[1].taken(), Some(block[1].rpc));
        drop(reserved);
        let next = ports(&Ports::free_block(1, &block[..1]).unwrap());
        assert!(!block[..2].contains(&next[0]), "{next:?}");
    }

    #[test]
    fn ports_are_free_again_when_the_reservation_ends() {
        // Far from where networks of this machine begin to look.
        let ports = Ports::at(PLACES - 1);
        let reserved = Reserved::take(ports).unwrap();
        assert!(Reserved::take(ports).is_none());
        drop(reserved);
        assert!(!Reserved::path(ports).exists());
        assert!(Reserved::take(ports).is_some());
    }

    #[test]
    fn a_file_that_was_removed_is_no_reservation() {
        // Given: somebody opens the file, and its owner lets go of it before they lock it.
        let ports = Ports::at(PLACES - 2);
        let path = Reserved::path(ports);
        let reserved = Reserved::take(ports).unwrap();
        let late = Reserved::open(&path).unwrap();
        drop(reserved);
        late.try_lock().unwrap();
        // Then: the lock is on no file, and not in the way of the next.
        assert!(!is_at(&late, &path));
        let next = Reserved::take(ports).unwrap();
        assert!(next.lock.is_some() && Reserved::take(ports).is_none());
    }
}
