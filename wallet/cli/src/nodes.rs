//! Which node is asked: the first of those given that answers and keeps up with the chain, and another one when it goes
//! away.

use crate::failure::{self, Failure};
use anyhow::{bail, Context, Result};
use serde::{de::DeserializeOwned, Deserialize};
use specie_primitives::{BlockNumber, Hash};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    future::Future,
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use subxt::{
    backend::LegacyBackend,
    config::substrate::SubstrateConfig,
    rpcs::{
        client::{rpc_params, RpcClient, RpcParams},
        Error as RpcError,
    },
    OnlineClient,
};
use tokio::time::{sleep, timeout};

/// How long one node may take to accept a connection before the next one is tried.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a node may say nothing before it is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(10);
/// Pause before nodes that went away are tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// A node whose last final block is older is used only if no other one is further.
const BEHIND_MS: u64 = 60_000;
/// Where the state has the time of a block: twox_128("Timestamp") ‖ twox_128("Now").
const TIME_KEY: &str = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";

/// A connection to one node.
#[derive(Clone)]
pub struct Link {
    /// Where the node is.
    pub address: String,
    /// For requests.
    pub rpc: RpcClient,
    /// For the state.
    pub api: OnlineClient<SubstrateConfig>,
}

/// A header, of which the number is read.
#[derive(Deserialize)]
pub struct Header {
    number: String,
}

impl Header {
    /// The number.
    pub fn number(&self) -> Result<BlockNumber> {
        BlockNumber::from_str_radix(self.number.trim_start_matches("0x"), 16)
            .context("the node sent a bad block number")
    }
}

/// How far a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Progress {
    /// Its last final block.
    number: BlockNumber,
    /// When that was made, in milliseconds since 1970.
    time_ms: u64,
}

impl Progress {
    fn keeps_up(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.time_ms) <= BEHIND_MS
    }
}

impl Link {
    async fn open(address: &str) -> Result<Self> {
        if !is_address(address) {
            bail!("this is no address of a node, write ws://host:port");
        }
        let rpc = RpcClient::from_insecure_url(address).await?;
        let backend = Arc::new(LegacyBackend::builder().build(rpc.clone()));
        let api = OnlineClient::<SubstrateConfig>::from_backend(backend).await?;
        Ok(Self { address: address.into(), rpc, api })
    }

    /// Hash of its network's first block.
    pub fn genesis(&self) -> Hash {
        Hash::from(self.api.genesis_hash().0)
    }

    /// Asks this node.
    pub async fn request<T: DeserializeOwned>(&self, method: &str, params: RpcParams) -> Result<T> {
        self.rpc.request(method, params).await.map_err(|error| unanswered(method, error))
    }

    /// Whether the node still answers.
    pub async fn is_there(&self) -> bool {
        matches!(timeout(CONNECT, self.request::<String>("system_chain", rpc_params![])).await, Ok(Ok(_)))
    }

    /// Waits for something that the node does, for as long as it is there; `None` when it is not.
    pub async fn while_there<T>(&self, doing: impl Future<Output = T>) -> Option<T> {
        let mut doing = pin!(doing);
        loop {
            match timeout(SILENCE, doing.as_mut()).await {
                Ok(done) => return Some(done),
                Err(_) if self.is_there().await => {},
                Err(_) => return None,
            }
        }
    }

    async fn progress(&self) -> Result<Progress> {
        let hash: String = self.request("chain_getFinalizedHead", rpc_params![]).await?;
        let header: Header = self.request("chain_getHeader", rpc_params![&hash]).await?;
        let time: Option<String> = self.request("state_getStorage", rpc_params![TIME_KEY, &hash]).await?;
        let time_ms = time.as_deref().and_then(little_endian).unwrap_or_default();
        Ok(Progress { number: header.number()?, time_ms })
    }
}

/// The nodes that a command may ask, and the one that it asks.
pub struct Nodes {
    addresses: Vec<String>,
    link: RefCell<Link>,
    /// Those that went away meanwhile.
    left: RefCell<BTreeSet<String>>,
    genesis: Hash,
}

impl Nodes {
    /// Connects to the first of these that answers and keeps up.
    pub async fn connect(addresses: &[String]) -> Result<Self> {
        let link = choose(addresses, None).await?;
        let genesis = link.genesis();
        Ok(Self { addresses: addresses.to_vec(), link: RefCell::new(link), left: RefCell::default(), genesis })
    }

    /// The node that is asked now.
    pub fn link(&self) -> Link {
        self.link.borrow().clone()
    }

    /// Hash of the network's first block.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// Asks the node; another one, from the start, if it goes away meanwhile. What is asked must be safe to ask twice.
    pub async fn ask<T>(&self, ask: impl AsyncFn(Link) -> Result<T>) -> Result<T> {
        loop {
            let link = self.link();
            let error = match link.while_there(ask(link.clone())).await {
                Some(Ok(answer)) => return Ok(answer),
                Some(Err(error)) if link.is_there().await => return Err(error),
                Some(Err(error)) => error,
                None => Failure::new(failure::NODE, format!("the node {} says nothing any more", link.address)).into(),
            };
            if !self.leave(&link).await {
                return Err(error);
            }
        }
    }

    /// Gives a node up for another one of the same network, which is told. False if there is no other.
    pub async fn leave(&self, gone: &Link) -> bool {
        if self.link.borrow().address != gone.address {
            return true;
        }
        self.left.borrow_mut().insert(gone.address.clone());
        let others = self.others();
        if others.is_empty() {
            return false;
        }
        let Ok(link) = choose(&others, Some(self.genesis)).await else { return false };
        eprintln!("note: the node {} went away, going on with {}", gone.address, link.address);
        *self.link.borrow_mut() = link;
        true
    }

    /// Waits until a node of the same network answers, one that went away or another one.
    pub async fn come_back(&self) {
        loop {
            sleep(AGAIN).await;
            if let Ok(link) = choose(&self.addresses, Some(self.genesis)).await {
                self.left.borrow_mut().clear();
                *self.link.borrow_mut() = link;
                return;
            }
        }
    }

    fn others(&self) -> Vec<String> {
        let left = self.left.borrow();
        self.addresses.iter().filter(|address| !left.contains(*address)).cloned().collect()
    }
}

/// Connects to the first of these nodes that answers and keeps up; if none keeps up, to the one that is furthest. With
/// `genesis`, nodes of other networks do not count.
async fn choose(addresses: &[String], genesis: Option<Hash>) -> Result<Link> {
    let (mut reasons, mut behind) = (Vec::new(), Vec::new());
    for address in addresses {
        let reached = async {
            let link = Link::open(address).await?;
            if let Some(genesis) = genesis.filter(|genesis| *genesis != link.genesis()) {
                bail!("it is of another network, with first block {:?} and not {genesis:?}", link.genesis());
            }
            // Where there is no choice, nothing is compared.
            let progress = if addresses.len() > 1 { Some(link.progress().await?) } else { None };
            anyhow::Ok((link, progress))
        };
        match timeout(CONNECT, reached).await {
            Ok(Ok((link, Some(progress)))) if !progress.keeps_up(now_ms()) => behind.push((progress.number, link)),
            Ok(Ok((link, _))) => return Ok(link),
            Ok(Err(error)) => reasons.push(format!("{address}: {error:#}")),
            Err(_) => reasons.push(format!("{address}: no answer in {} s", CONNECT.as_secs())),
        }
    }
    // The first of those that are equally far.
    if let Some((_, link)) = behind.into_iter().rev().max_by_key(|(number, _)| *number) {
        return Ok(link);
    }
    let message = format!("no node answers, give another with --node ws://host:port\n  {}", reasons.join("\n  "));
    Err(Failure::new(failure::NODE, message).into())
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// Addresses of nodes in the order in which they are tried: each once, from options and files that separate them by commas
/// and blanks.
pub fn addresses<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut addresses = Vec::<String>::new();
    for address in texts.into_iter().flat_map(|text| text.split([',', ' ', '\t'])) {
        let address = address.trim();
        if !address.is_empty() && !addresses.iter().any(|known| known == address) {
            addresses.push(address.into());
        }
    }
    addresses
}

/// Whether a node can be at this address: `ws://host:port` or `wss://host:port`, with a path or not.
fn is_address(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("ws://").or_else(|| address.strip_prefix("wss://")) else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        // The brackets of an IPv6 address have colons of their own.
        Some((host, port)) if !port.ends_with(']') => !host.is_empty() && port.parse::<u16>().is_ok(),
        _ => !authority.is_empty(),
    }
}

/// A stored 64-bit number.
pub fn little_endian(text: &str) -> Option<u64> {
    let bytes = hex::decode(text.trim_start_matches("0x")).ok()?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

/// Why a node did not answer.
pub fn unanswered(method: &str, error: RpcError) -> anyhow::Error {
    let reason = match error {
        RpcError::User(error) => {
            let data = error.data.as_ref().map(|data| format!(": {}", data.get())).unwrap_or_default();
            format!("{}{data}", error.message)
        },
        error => error.to_string(),
    };
    Failure::new(failure::NODE, format!("the node did not answer {method}: {reason}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_nodes_have_a_scheme_and_a_host() {
        for address in ["ws://127.0.0.1:9944", "wss://node.example/rpc", "ws://[::1]:9944", "ws://[::1]", "ws://a"] {
            assert!(is_address(address), "{address}");
        }
        for address in
            ["", "127.0.0.1:9944", "localhost", "http://a:9944", "ws://", "ws://:9944", "ws://a:x", "ws://a:"]
        {
            assert!(!is_address(address), "{address}");
        }
    }

    #[test]
    fn addresses_are_tried_in_their_order_and_once() {
        let read = |texts: &[&str]| addresses(texts.iter().copied());
        assert_eq!(read(&["ws://a:1, ws://b:2", "ws://c:3,,ws://a:1"]), ["ws://a:1", "ws://b:2", "ws://c:3"]);
        assert!(read(&["", " , "]).is_empty());
    }

    #[test]
    fn stored_times_are_read() {
        assert_eq!(little_endian("0x0100000000000000"), Some(1));
        assert_eq!(little_endian("0x00"), None);
        assert_eq!(little_endian("x"), None);
    }

    #[test]
    fn a_node_keeps_up_while_its_blocks_are_young() {
        let progress = Progress { number: 7, time_ms: 1_000_000 };
        assert!(progress.keeps_up(1_000_000 + BEHIND_MS) && !progress.keeps_up(1_000_001 + BEHIND_MS));
        // A clock that is behind the network's.
        assert!(progress.keeps_up(0));
        assert!(!Progress { number: 0, time_ms: 0 }.keeps_up(1_000_000));
    }

    #[tokio::test]
    async fn every_node_that_does_not_answer_is_told() {
        let nodes = addresses(["ws://127.0.0.1:1,nonsense"]);
        let error = Nodes::connect(&nodes).await.err().unwrap().to_string();
        assert!(error.contains("ws://127.0.0.1:1: ") && error.contains("nonsense: this is no address"), "{error}");
    }
}
