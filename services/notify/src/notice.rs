//! What is sent: movements with ids that stay the same, in an order that stays the same.

use serde::{Deserialize, Serialize, Serializer};
use specie_primitives::{
    flow::{FlowKind, Party},
    Balance, BankId, BlockNumber, CoinId, CoinRange, Hash, OrderId, OwnerId,
};
use std::collections::BTreeSet;

/// Version of the body.
const VERSION: u32 = 1;
/// Bytes of the network's first block in an id.
const OF_NETWORK: usize = 8;

/// A movement, as nodes tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Number of its block.
    pub block: BlockNumber,
    /// Hash of its block.
    pub hash: Hash,
    /// When that was made, in milliseconds since 1970.
    pub time_ms: u64,
    /// Place among the movements of the block.
    pub place: u32,
    /// Place of the extrinsic in the block.
    pub extrinsic: Option<u32>,
    /// Hash of the extrinsic, if the node knows it.
    pub extrinsic_hash: Option<Hash>,
    /// What kind of movement.
    pub kind: FlowKind,
    /// Value in minor units: a number from nodes, and decimal digits as text to receivers, since it may exceed 53 bits.
    #[serde(serialize_with = "as_text")]
    pub value: Balance,
    /// Where it came from.
    pub from: Party,
    /// Where it went.
    pub to: Party,
    /// Coins that moved and have or had entries of their own.
    pub coins: Vec<CoinId>,
    /// Coins that moved and had left no vault before.
    pub ranges: Vec<CoinRange>,
    /// Owners on neither side whom it concerns.
    pub others: Vec<OwnerId>,
    /// The order that was executed with it, if it was one.
    pub order: Option<OrderId>,
}

fn as_text<S: Serializer>(value: &Balance, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// A place in the order of movements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Number of the block.
    pub block: BlockNumber,
    /// Place among the movements of the block.
    pub place: u32,
}

impl Place {
    /// The first of a block.
    pub fn first_of(block: BlockNumber) -> Self {
        Self { block, place: 0 }
    }
}

impl Record {
    /// Where it stands.
    pub fn at(&self) -> Place {
        Place { block: self.block, place: self.place }
    }

    /// The first place behind it.
    pub fn behind(&self) -> Place {
        match self.place.checked_add(1) {
            Some(place) => Place { place, ..self.at() },
            None => Place::first_of(self.block.saturating_add(1)),
        }
    }

    /// The owners whom it concerns.
    pub fn owners(&self) -> BTreeSet<OwnerId> {
        self.from.owner().into_iter().chain(self.to.owner()).chain(self.others.iter().copied()).collect()
    }

    /// The banks on its sides.
    pub fn banks(&self) -> BTreeSet<BankId> {
        self.from.bank().into_iter().chain(self.to.bank()).collect()
    }
}

/// The name of a movement's notice: the same from every sender, at every attempt.
pub fn id(genesis: Hash, at: Place) -> String {
    let network = genesis.as_bytes().get(..OF_NETWORK).unwrap_or_default();
    format!("{}-{}-{}", hex::encode(network), at.block, at.place)
}

#[derive(Serialize)]
struct Notice<'a> {
    id: String,
    // Others may come.
    #[serde(rename = "type")]
    kind: &'static str,
    record: &'a Record,
}

#[derive(Serialize)]
struct Body<'a> {
    version: u32,
    network: Hash,
    endpoint: &'a str,
    notices: Vec<Notice<'a>>,
}

/// The body of a request to an endpoint; without records it only says that somebody is there.
pub fn body(genesis: Hash, endpoint: &str, records: &[Record]) -> Vec<u8> {
    let notice = |record| Notice { id: id(genesis, Record::at(record)), kind: "record", record };
    let notices = records.iter().map(notice).collect();
    serde_json::to_vec(&Body { version: VERSION, network: genesis, endpoint, notices }).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::{json, Value};
    use specie_primitives::Holder;

    /// See the name.
    pub const ANN: OwnerId = OwnerId([1; 24]);
    /// See the name.
    pub const BEN: OwnerId = OwnerId([2; 24]);

    /// An owner's coins.
    pub fn coins(owner: OwnerId) -> Party {
        Party::Coins(Holder::Owner(owner))
    }

    /// A movement of 1.86 in block 7.
    pub fn record(kind: FlowKind, from: Party, to: Party) -> Record {
        Record {
            block: 7,
            hash: Hash::repeat_byte(7),
            time_ms: 1_709_164_800_000,
            place: 3,
            extrinsic: Some(1),
            extrinsic_hash: None,
            kind,
            value: 186,
            from,
            to,
            coins: vec![CoinId { batch: 1, index: 2 }],
            ranges: vec![],
            others: vec![],
            order: Some(OrderId([9; 32])),
        }
    }

    #[test]
    fn a_body_is_what_the_specification_says() {
        let genesis = Hash::repeat_byte(0xab);
        let sent: Value =
            serde_json::from_slice(&body(genesis, "core", &[record(FlowKind::Transferred, coins(ANN), coins(BEN))]))
                .unwrap();
        let expected = json!({
            "version": 1,
            "network": format!("0x{}", "ab".repeat(32)),
            "endpoint": "core",
            "notices": [{
                "id": "abababababababab-7-3",
                "type": "record",
                "record": {
                    "block": 7, "hash": format!("0x{}", "07".repeat(32)), "time_ms": 1_709_164_800_000_u64, "place": 3,
                    "extrinsic": 1, "extrinsic_hash": null, "kind": "transferred", "value": "186",
                    "from": { "coins": { "owner": ANN } }, "to": { "coins": { "owner": BEN } },
                    "coins": ["1-2"], "ranges": [], "others": [],
                    "order": "09".repeat(32)
                }
            }]
        });
        assert_eq!(sent, expected);
    }

    #[test]
    fn values_are_read_whole() {
        let mut text =
            serde_json::to_string(&record(FlowKind::Minted, Party::Issuer, Party::Reserve(BankId(1)))).unwrap();
        text = text.replace("\"186\"", &u128::MAX.to_string());
        let read: Record = serde_json::from_str(&text).unwrap();
        assert_eq!(read.value, u128::MAX);
        assert!(serde_json::to_string(&read).unwrap().contains(&format!("\"{}\"", u128::MAX)));
    }

    #[test]
    fn places_follow_each_other() {
        let mut record = record(FlowKind::Minted, Party::Issuer, Party::Issuer);
        assert_eq!((record.at(), record.behind()), (Place { block: 7, place: 3 }, Place { block: 7, place: 4 }));
        record.place = u32::MAX;
        assert_eq!(record.behind(), Place::first_of(8));
        assert!(record.at() < record.behind());
    }
}
