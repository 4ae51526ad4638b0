//! What the `specie_*` methods answer where no type of the runtime API says it. Amounts are in minor units.

use codec::Encode;
use serde::Serialize;
use specie_index::{store, Status};
use specie_primitives::{
    api::{NetworkInfo, PickupCursor, PickupInfo},
    flow::{FlowKind, Party},
    Balance, BlockNumber, CoinId, Denomination, Hash,
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
    /// Block whose state it began with: movements are known from the block after it.
    pub since: BlockNumber,
    /// Whether it answers.
    pub state: IndexState,
    /// Number of coins in it.
    pub coins: u64,
}

impl From<Status> for IndexStatus {
    fn from(status: Status) -> Self {
        Self {
            block: BlockRef { number: status.number, hash: status.hash },
            since: status.since,
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

/// A movement in [`History`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Movement {
    /// Number of its block.
    pub block: BlockNumber,
    /// Hash of its block.
    pub hash: Hash,
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
    /// Coins that moved.
    pub coins: Vec<CoinId>,
}

/// `specie_history`: newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct History {
    /// The movements of this page.
    pub entries: Vec<Movement>,
    /// Send it to get older movements; `null` when there are none.
    pub cursor: Option<String>,
    /// Movements are known from the block after this one. Zero means all of them.
    pub since: BlockNumber,
}

impl From<store::History> for History {
    fn from(history: store::History) -> Self {
        let movement = |(block, entry): (BlockNumber, store::Entry)| Movement {
            block,
            hash: entry.block,
            extrinsic: entry.flow.extrinsic,
            extrinsic_hash: entry.extrinsic,
            kind: entry.flow.kind,
            value: entry.flow.value,
            from: entry.flow.from,
            to: entry.flow.to,
            coins: entry.flow.coins,
        };
        Self {
            entries: history.entries.into_iter().map(movement).collect(),
            cursor: history.cursor.map(hex::encode),
            since: history.head.since,
        }
    }
}
