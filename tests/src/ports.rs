//! Ports that nobody uses yet.

use anyhow::{bail, Result};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, TcpListener};

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

    /// The first block of `count` free places, none of them in `used`.
    pub fn free_block(count: usize, used: &[Ports]) -> Result<Vec<Ports>> {
        let count = u16::try_from(count)?;
        let mut first = 0;
        while first + count <= PLACES {
            let blocked = |place: &u16| used.contains(&Self::at(*place)) || Self::at(*place).taken().is_some();
            match (first..first + count).rev().find(blocked) {
                None => return Ok((first..first + count).map(Self::at).collect()),
                Some(place) => first = place + 1,
            }
        }
        bail!("no {count} neighbouring ports are free from {RPC}, {PROMETHEUS} and {PEERS} upwards")
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_leaves_out_what_is_used() {
        let block = Ports::free_block(4, &[]).unwrap();
        let next = Ports::free_block(2, &block).unwrap();
        assert!(next.iter().all(|ports| !block.contains(ports)));

        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, block[1].rpc)).unwrap();
        assert_eq!(block[1].taken(), Some(block[1].rpc));
        assert!(!Ports::free_block(4, &[]).unwrap().contains(&block[1]));
    }
}
