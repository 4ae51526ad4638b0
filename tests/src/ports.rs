//! Ports that nobody uses yet.

use anyhow::{ensure, Result};
use serde::{Deserialize, Serialize};
use std::{
    env,
    fs::{File, OpenOptions, TryLockError},
    io,
    net::{Ipv4Addr, TcpListener},
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
/// A lock on a file stands for them, which the system takes back however the process ends. The file itself stays and
/// means nothing: after the process, only who listens has a port.
#[derive(Debug)]
pub struct Reserved {
    ports: Ports,
    lock: Option<File>,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // A program that is being started right now shares the open file for a moment: closing it would not do.
        if let Some(Err(error)) = self.lock.as_ref().map(File::unlock) {
            eprintln!("the ports from {} on stay reserved for a while: {error}", self.ports.rpc);
        }
    }
}

impl Reserved {
    /// Reserves ports; `None` if somebody else has them reserved.
    pub fn take(ports: Ports) -> Option<Self> {
        let file = Self::open(ports).ok();
        match file.as_ref().map(File::try_lock) {
            Some(Err(TryLockError::WouldBlock)) => None,
            // Where no file can be made or locked, whoever listens first has the ports.
            _ => Some(Self { ports, lock: file }),
        }
    }

    fn open(ports: Ports) -> io::Result<File> {
        let path = env::temp_dir().join(format!("specie-ports-{}", ports.rpc));
        // A file that another user made can be locked, but not opened for writing.
        File::open(&path).or_else(|_| OpenOptions::new().create(true).append(true).open(&path))
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
        assert!(Reserved::take(ports).is_some());
    }
}
