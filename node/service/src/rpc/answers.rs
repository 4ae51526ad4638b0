//! What the `specie_*` methods answer where no type of the runtime API says it. Amounts are in minor units.

use super::errors::Error;
use codec::Encode;
use serde::Serialize;
use sp_core::Bytes;
use sp_runtime::DispatchError;
use specie_index::{records, store, tail, Status};
use specie_primitives::{
    api::{NetworkInfo, PickupCursor, PickupInfo},
    flow::{FlowKind, Party},
    orders::{Outcome, Verdict},
    Balance, BlockNumber, CoinId, CoinRange, Denomination, Hash, OrderId, OwnerId,
};

/// A block by number and hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockRef {
    /// Its number.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Hash,
}

impl From<&store::Head> for BlockRef {
    fn from(head: &store::Head) -> Self {
        Self { number: head.number, hash: head.hash }
    }
}

/// `specie_network`.
#[derive(Clone, Debug, Serialize)]
pub struct Network {
    /// What the runtime says at the finalised head.
    #[serde(flatten)]
    pub info: NetworkInfo,
    /// Where the issuer's identity service is, if this node's operator says so.
    pub identity_service: Option<String>,
    /// First block.
    pub genesis: Hash,
    /// Best block.
    pub best: BlockRef,
    /// Last final block.
    pub finalized: BlockRef,
    /// How far the index is.
    pub index: IndexStatus,
}

/// State of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexState {
    /// It answers.
    Ready,
    /// It is being built or catches up.
    Building,
}

/// `specie_indexStatus`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IndexStatus {
    /// Last block in it.
    pub block: BlockRef,
    /// Every movement after this block is known.
    pub since: BlockNumber,
    /// Blocks whose movements are not known.
    pub unknown: Vec<Gap>,
    /// Whether it answers.
    pub state: IndexState,
    /// Number of coins in it.
    pub coins: u64,
}

/// Blocks from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The first.
    pub first: BlockNumber,
    /// The last.
    pub last: BlockNumber,
}

impl From<store::Gap> for Gap {
    fn from(store::Gap { first, last }: store::Gap) -> Self {
        Self { first, last }
    }
}

impl From<Status> for IndexStatus {
    fn from(status: Status) -> Self {
        Self {
            block: BlockRef { number: status.number, hash: status.hash },
            since: status.unknown.last().map_or(0, |gap| gap.last),
            unknown: status.unknown.into_iter().map(Gap::from).collect(),
            state: if status.ready { IndexState::Ready } else { IndexState::Building },
            coins: status.coins,
        }
    }
}

/// A coin in [`Holdings`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldCoin {
    /// The coin.
    pub coin: CoinId,
    /// How often it changed hands.
    pub revision: u32,
    /// Face value.
    pub denomination: Denomination,
}

/// `specie_holdings`: coins with entries of their own, by face value and name. Never-issued coins of a vault are in
/// `specie_ranges`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holdings {
    /// Final block of which this is true. A later page may be of a later block.
    pub block: BlockRef,
    /// The coins of this page.
    pub coins: Vec<HeldCoin>,
    /// Value of all coins of the holder.
    pub total: Balance,
    /// Number of all coins of the holder.
    pub count: u64,
    /// Send it to get the next page; `null` on the last one.
    pub cursor: Option<String>,
}

impl From<store::Holdings> for Holdings {
    fn from(holdings: store::Holdings) -> Self {
        let coin = |store::HeldCoin { coin, revision, denomination }| HeldCoin { coin, revision, denomination };
        Self {
            block: BlockRef::from(&holdings.head),
            coins: holdings.coins.into_iter().map(coin).collect(),
            total: holdings.total,
            count: holdings.count,
            cursor: holdings.cursor.map(hex::encode),
        }
    }
}

/// `specie_pickups`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pickups {
    /// The payments of this page.
    pub pickups: Vec<PickupInfo>,
    /// Send it to get the next page; `null` on the last one.
    pub cursor: Option<String>,
}

impl From<(Vec<PickupInfo>, Option<PickupCursor>)> for Pickups {
    fn from((pickups, cursor): (Vec<PickupInfo>, Option<PickupCursor>)) -> Self {
        Self { pickups, cursor: cursor.map(|place| hex::encode(place.encode())) }
    }
}

/// `specie_holdingsProof`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProvenHoldings {
    /// As `specie_holdings` answers.
    pub holdings: Holdings,
    /// Proof of these coins.
    pub proof: StateProof,
}

/// Nodes of the state trie of one block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateProof {
    /// The block.
    pub block: BlockRef,
    /// Root of its state, as in its header.
    pub state_root: Hash,
    /// The nodes from the root to every entry that is proven, each once.
    pub nodes: Vec<Bytes>,
}

/// `specie_tryOrder`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriedOrder {
    /// The order.
    pub order: OrderId,
    /// Name of the verdict.
    pub verdict: String,
    /// What it means.
    pub words: &'static str,
    /// The error of a pallet, if that is what it failed with.
    pub error: Option<PalletError>,
}

/// An error by its numbers, as the runtime's metadata lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PalletError {
    /// Number of the pallet.
    pub pallet: u8,
    /// Number of its error.
    pub error: u8,
}

impl From<Outcome> for TriedOrder {
    fn from(Outcome { order, verdict }: Outcome) -> Self {
        let name = match verdict {
            Verdict::Failed(_) => "Failed".into(),
            other => format!("{other:?}"),
        };
        let error = match verdict {
            Verdict::Failed(DispatchError::Module(module)) => {
                Some(PalletError { pallet: module.index, error: module.error[0] })
            },
            _ => None,
        };
        Self { order, verdict: name, words: verdict.explain(), error }
    }
}

/// `specie_orderProof`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProvenOrder {
    /// The block in which the order was executed; `null` if it was not, or this node does not know enough to prove it.
    pub block: Option<BlockNumber>,
    /// What leads from the order to the hash over all blocks with orders, in SCALE; `null` likewise.
    pub execution: Option<Bytes>,
    /// Proof of that list of blocks in the state after the index's last block.
    pub proof: StateProof,
}

/// A movement in [`Records`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Number of its block.
    pub block: BlockNumber,
    /// Hash of its block.
    pub hash: Hash,
    /// When that was made, in milliseconds since 1970.
    pub time_ms: u64,
    /// Place among the movements of the block.
    pub place: u32,
    /// Place of the extrinsic in the block; `null` for what the block itself did.
    pub extrinsic: Option<u32>,
    /// Hash of the extrinsic; `null` also when the node did not have the block's body.
    pub extrinsic_hash: Option<Hash>,
    /// What kind of movement.
    pub kind: FlowKind,
    /// Value.
    pub value: Balance,
    /// Where it came from.
    pub from: Party,
    /// Where it went.
    pub to: Party,
    /// Coins that moved and have or had entries of their own.
    pub coins: Vec<CoinId>,
    /// Coins that moved between the issuer and vaults and had left no vault before.
    pub ranges: Vec<CoinRange>,
    /// Owners on neither side whom it concerns.
    pub others: Vec<OwnerId>,
    /// The order that was executed with it; `null` if it was none.
    pub order: Option<OrderId>,
}

/// `specie_records`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Records {
    /// Final block up to which movements are known.
    pub block: BlockRef,
    /// Blocks of the period that was asked for whose movements are not known.
    pub unknown: Vec<Gap>,
    /// The movements of this page. It may have fewer than the limit, or none, and still not be the last.
    pub records: Vec<Record>,
    /// Send it with the same query to go on; `null` when there are no more.
    pub cursor: Option<String>,
}

impl From<records::Record> for Record {
    fn from(record: records::Record) -> Self {
        let records::Record { block, hash, time_ms, place, entry: records::Entry { extrinsic, flow } } = record;
        Self {
            block,
            hash,
            time_ms,
            place,
            extrinsic: flow.extrinsic,
            extrinsic_hash: extrinsic,
            kind: flow.kind,
            value: flow.value,
            from: flow.from,
            to: flow.to,
            coins: flow.coins,
            ranges: flow.ranges,
            others: flow.others,
            order: flow.order,
        }
    }
}

impl From<records::Page> for Records {
    fn from(page: records::Page) -> Self {
        Self {
            block: BlockRef::from(&page.head),
            unknown: page.unknown.into_iter().map(Gap::from).collect(),
            records: page.records.into_iter().map(Record::from).collect(),
            cursor: page.cursor.map(hex::encode),
        }
    }
}

/// A message of `specie_subscribeRecords`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RecordsMessage {
    /// Movements.
    News(RecordNews),
    /// The last message.
    Ended {
        /// Why nothing follows.
        ended: Ended,
    },
}

/// The message of `specie_subscribeOrder`; beside it there is [`RecordsMessage::Ended`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderNews {
    /// The order.
    pub order: OrderId,
    /// Final block up to which this is known.
    pub block: BlockRef,
    /// What became of it.
    #[serde(flatten)]
    pub end: OrderEnd,
}

/// What became of an order, for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum OrderEnd {
    /// It was executed.
    Executed {
        /// In which block.
        #[serde(rename = "executed_in")]
        block: BlockNumber,
    },
    /// Parties take part no more.
    Cancelled {
        /// Which of those that the subscriber named.
        by: Vec<OwnerId>,
    },
    /// Its last block has passed.
    Expired,
}

/// What moved since the last message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordNews {
    /// Final block up to which movements are known.
    pub block: BlockRef,
    /// The movements.
    pub records: Vec<Record>,
    /// Send it with the same query to go on behind these.
    pub cursor: String,
}

/// Why a subscription ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// The code of an error.
    pub code: i32,
    /// Its words.
    pub message: String,
}

impl From<tail::News> for RecordsMessage {
    fn from(news: tail::News) -> Self {
        Self::News(RecordNews {
            block: BlockRef::from(&news.head),
            records: news.records.into_iter().map(Record::from).collect(),
            cursor: hex::encode(news.cursor),
        })
    }
}

impl From<Error> for RecordsMessage {
    fn from(error: Error) -> Self {
        Self::Ended { ended: Ended { code: error.code(), message: error.to_string() } }
    }
}
