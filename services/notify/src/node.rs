//! The record of movements, from whichever of a bank's nodes answers.

use crate::{
    http::{HttpError, Peer},
    notice::{Place, Record},
    wanted::Query,
};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::{json, Value};
use specie_primitives::{BankId, BlockNumber, Hash, OwnerId};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long a node may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of an answer at most: a page has about one megabyte of records, some more as text.
const MOST: usize = 16 << 20;
/// Records of a page.
const PAGE: u32 = 1_000;
/// How long a node may know no new block before another one is asked.
const STALE: Duration = Duration::from_secs(30);
/// How long it is taken for true which bank looks after an owner.
const FRESH: Duration = Duration::from_secs(60);
/// Owners whose banks are remembered at most.
const REMEMBERED: usize = 100_000;

/// Why a node has no answer.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// It was not reached.
    #[error("{0}: {1}")]
    Http(String, #[source] HttpError),
    /// It answers something else.
    #[error("{0}: no answer to {1} that this version understands")]
    Answer(String, &'static str),
    /// It refuses: its words may repeat what was asked, and this is logged.
    #[error("{0}: {1} failed with code {2}")]
    Refused(String, &'static str, i64),
    /// It belongs to another network.
    #[error("{0}: its network begins with block {1:?}, and not {2:?}")]
    Network(String, Hash, Hash),
    /// It does not know everything.
    #[error("{0}: it does not know what moved in blocks {1} to {2}; name another node, or begin at a later block")]
    Gap(String, BlockNumber, BlockNumber),
}

/// A page of `specie_records`.
#[derive(Clone, Debug, Deserialize)]
pub struct Page {
    /// Block up to which movements are known.
    pub block: BlockRef,
    /// Blocks whose movements are not known.
    unknown: Vec<Gap>,
    /// The movements.
    pub records: Vec<Record>,
    /// Where to go on, if there is more.
    pub cursor: Option<String>,
}

/// A block, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct BlockRef {
    /// The number.
    pub number: BlockNumber,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Gap {
    first: BlockNumber,
    last: BlockNumber,
}

#[derive(Deserialize)]
struct Network {
    genesis: Hash,
}

#[derive(Deserialize)]
struct IndexStatus {
    block: BlockRef,
}

#[derive(Deserialize)]
struct Owner {
    bank: BankId,
}

#[derive(Deserialize)]
struct RpcAnswer<T> {
    result: Option<T>,
    error: Option<RpcError>,
}

#[derive(Deserialize)]
struct RpcError {
    code: i64,
}

/// The nodes that may be asked, and the one that is.
pub struct Nodes {
    peers: Arc<Vec<Peer>>,
    current: usize,
    /// First block of the network that the current node belongs to, once that is known.
    genesis: Option<Hash>,
    /// First block of the network that all of them must belong to.
    expected: Option<Hash>,
    /// The last block that the current node was seen with, and since when.
    seen: Option<(BlockNumber, Instant)>,
    banks: HashMap<OwnerId, (Instant, Option<BankId>)>,
}

impl Nodes {
    /// Asks the first of these nodes; each must belong to the network with this first block, or to the first one's.
    pub fn new(peers: Arc<Vec<Peer>>, expected: Option<Hash>) -> Self {
        Self { peers, current: 0, genesis: None, expected, seen: None, banks: HashMap::new() }
    }

    /// Gives the current node up for the next one.
    pub fn leave(&mut self) {
        self.current = self.current.saturating_add(1);
        (self.genesis, self.seen) = (None, None);
    }

    /// First block of the network.
    pub async fn network(&mut self) -> Result<Hash, NodeError> {
        if let Some(genesis) = self.genesis {
            return Ok(genesis);
        }
        const METHOD: &str = "specie_network";
        let network: Option<Network> = self.call(METHOD, json!([])).await?;
        let Network { genesis } = network.ok_or_else(|| NodeError::Answer(self.name(), METHOD))?;
        let expected = *self.expected.get_or_insert(genesis);
        if genesis != expected {
            return Err(NodeError::Network(self.name(), genesis, expected));
        }
        self.genesis = Some(genesis);
        Ok(genesis)
    }

    /// The last block that the node's index has.
    pub async fn head(&mut self) -> Result<BlockNumber, NodeError> {
        const METHOD: &str = "specie_indexStatus";
        self.network().await?;
        let status: Option<IndexStatus> = self.call(METHOD, json!([])).await?;
        Ok(status.ok_or_else(|| NodeError::Answer(self.name(), METHOD))?.block.number)
    }

    /// A page of what a query brings, for somebody who has seen everything before `next`.
    pub async fn page(&mut self, query: &Query, cursor: Option<&str>, next: Place) -> Result<Page, NodeError> {
        const METHOD: &str = "specie_records";
        self.network().await?;
        let page: Option<Page> = self.call(METHOD, json!([query, cursor, PAGE])).await?;
        let page = page.ok_or_else(|| NodeError::Answer(self.name(), METHOD))?;
        match page.unknown.iter().find(|gap| gap.last >= next.block) {
            // It may be filled in later, and what is in it would be passed over.
            Some(gap) => Err(NodeError::Gap(self.name(), gap.first, gap.last)),
            None => Ok(page),
        }
    }

    /// Remembers how far the current node is. False if it stands still, so that another one may be further.
    pub fn advances(&mut self, head: BlockNumber) -> bool {
        match self.seen {
            Some((last, since)) if head <= last => since.elapsed() < STALE || self.peers.len() < 2,
            _ => {
                self.seen = Some((head, Instant::now()));
                true
            },
        }
    }

    /// The bank that looks after an owner now, or a moment ago.
    pub async fn bank_of(&mut self, owner: OwnerId) -> Result<Option<BankId>, NodeError> {
        if let Some((_, bank)) = self.banks.get(&owner).filter(|(at, _)| at.elapsed() < FRESH) {
            return Ok(*bank);
        }
        let found: Option<Owner> = self.call("specie_owner", json!([owner])).await?;
        let bank = found.map(|owner| owner.bank);
        if self.banks.len() >= REMEMBERED {
            self.banks.clear();
        }
        self.banks.insert(owner, (Instant::now(), bank));
        Ok(bank)
    }

    /// The current node's address.
    pub fn name(&self) -> String {
        self.peer().map(ToString::to_string).unwrap_or_default()
    }

    fn peer(&self) -> Option<&Peer> {
        self.peers.get(self.current.checked_rem(self.peers.len())?)
    }

    async fn call<T: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<Option<T>, NodeError> {
        let unreadable = || NodeError::Answer(self.name(), method);
        let peer = self.peer().ok_or_else(unreadable)?;
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string().into_bytes();
        let answer = peer.post(&[], body, MOST, PATIENCE).await.map_err(|error| NodeError::Http(self.name(), error))?;
        let answer: RpcAnswer<T> = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        match answer.error {
            Some(error) => Err(NodeError::Refused(self.name(), method, error.code)),
            None => Ok(answer.result),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_take_turns_and_one_that_stands_still_is_left() {
        let peers = Arc::new(vec![Peer::new("http://a:1", None).unwrap(), Peer::new("http://b:2", None).unwrap()]);
        let mut nodes = Nodes::new(peers, None);
        assert_eq!(nodes.name(), "http://a:1");
        assert!(nodes.advances(7) && nodes.advances(7) && nodes.advances(8));
        let long_ago = Instant::now().checked_sub(STALE).unwrap();
        nodes.seen = Some((8, long_ago));
        assert!(!nodes.advances(8) && !nodes.advances(3) && nodes.advances(9));
        nodes.leave();
        assert_eq!((nodes.name(), nodes.seen), ("http://b:2".into(), None));
        nodes.leave();
        assert_eq!(nodes.name(), "http://a:1");
        // Where there is no other one, it is waited for.
        let mut alone = Nodes::new(Arc::new(vec![Peer::new("http://a:1", None).unwrap()]), None);
        alone.seen = Some((8, long_ago));
        assert!(alone.advances(8));
    }

    #[tokio::test]
    async fn fails_with_the_name_of_a_node_that_is_not_there() {
        let peers = Arc::new(vec![Peer::new("http://127.0.0.1:1", None).unwrap()]);
        let error = Nodes::new(peers, None).head().await.unwrap_err();
        assert!(
            matches!(&error, NodeError::Http(..)) && error.to_string().starts_with("http://127.0.0.1:1: "),
            "{error}"
        );
    }
}
