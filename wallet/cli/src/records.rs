//! The record of what moved, as a node keeps it: reading it page by page, and what it looks like.

use crate::{app::App, client::BlockRef, output, vaults};
use anyhow::{bail, Context, Result};
use serde::{Deserialize, Serialize};
use specie_primitives::{
    flow::{FlowKind, Party},
    Balance, BankId, BlockNumber, CoinId, CoinRange, Holder, Institution, InstrumentId, OrderId, OwnerId, PickupId,
    VaultId,
};
use specie_wallet::Money;
use subxt::rpcs::client::rpc_params;

/// Records that one page has at most.
pub const PAGE: u32 = 1_000;

/// A movement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Number of its block.
    pub block: BlockNumber,
    /// Place among the movements of the block.
    pub place: u32,
    /// When the block was made, in milliseconds since 1970.
    pub time_ms: u64,
    /// Hash of the block.
    pub hash: String,
    /// Place of the extrinsic in the block; nothing for what the block itself did.
    pub extrinsic: Option<u32>,
    /// Hash of the extrinsic, if the node knows it.
    pub extrinsic_hash: Option<String>,
    /// What kind of movement.
    pub kind: FlowKind,
    /// Value in minor units.
    pub value: Balance,
    /// Where it came from.
    pub from: Party,
    /// Where it went.
    pub to: Party,
    /// Coins that moved.
    pub coins: Vec<CoinId>,
    /// Coins that moved and never left a vault before.
    pub ranges: Vec<CoinRange>,
    /// Owners on neither side whom it concerns: the payer and the payee of coins that wait.
    pub others: Vec<OwnerId>,
    /// The order that was executed with it, if it was one.
    pub order: Option<OrderId>,
}

impl Record {
    /// Where it stands in the order of things.
    pub fn position(&self) -> (BlockNumber, u32) {
        (self.block, self.place)
    }

    /// Date and time of its block in UTC.
    pub fn time(&self) -> String {
        output::utc(self.time_ms)
    }

    /// How an owner's coins and its custody accounts change, each with its sign. A withdrawal moves both; what only
    /// concerns the owner moves neither and is in brackets.
    pub fn changes(&self, owner: OwnerId, money: &Money) -> [String; 2] {
        // Of an instrument neither moves.
        let side = |party: &Party| match party {
            Party::Coins(Holder::Owner(whose)) if *whose == owner => [true, false],
            Party::Custody(_, whose) if *whose == owner => [false, true],
            _ => [false, false],
        };
        let (from, to) = (side(&self.from), side(&self.to));
        if from == [false; 2] && to == [false; 2] {
            return [format!("({})", self.shown(money)), String::new()];
        }
        [0, 1].map(|place| match (from[place], to[place]) {
            (false, false) => String::new(),
            (true, false) => format!("-{}", money.show(self.value)),
            (false, true) => format!("+{}", money.show(self.value)),
            // From one bank to another.
            (true, true) => format!("±{}", money.show(self.value)),
        })
    }

    /// The value in words: money, or units of an instrument.
    pub fn shown(&self, money: &Money) -> String {
        match self.instrument() {
            Some(_) => format!("{} units", self.value),
            None => money.show(self.value),
        }
    }

    /// The instrument whose units moved.
    pub fn instrument(&self) -> Option<InstrumentId> {
        self.from.instrument().or(self.to.instrument())
    }

    /// The pickup that coins came to or left.
    pub fn pickup(&self) -> Option<PickupId> {
        match (&self.from, &self.to) {
            (Party::Coins(Holder::Pickup(pickup)), _) | (_, Party::Coins(Holder::Pickup(pickup))) => Some(*pickup),
            _ => None,
        }
    }

    /// How many coins moved.
    pub fn count(&self) -> u64 {
        let ranges = self.ranges.iter().fold(0u64, |sum, range| sum.saturating_add(range.count.into()));
        ranges.saturating_add(self.coins.len() as u64)
    }
}

/// A side of a movement, for people.
pub fn party(party: &Party) -> String {
    match party {
        Party::Issuer => "issuer".into(),
        Party::Reserve(bank) => format!("reserve of bank {bank}"),
        Party::Coins(holder) => vaults::place(holder),
        Party::Custody(bank, owner) => format!("custody of {owner} at bank {bank}"),
        Party::Counter(bank) => format!("counter of bank {bank}"),
        Party::Queue(bank, transfer) => format!("transfer {transfer} that waits at bank {bank}"),
        Party::Escrow(bank, escrow) => format!("escrow {escrow} at bank {bank}"),
        Party::Units(instrument, owner) => format!("instrument {instrument} of {owner}"),
        Party::Promise(instrument, Institution::Issuer) => format!("instrument {instrument} at the issuer"),
        Party::Promise(instrument, Institution::Bank(bank)) => format!("instrument {instrument} at bank {bank}"),
    }
}

/// A side of a movement in three columns: what it is, the bank, the owner.
pub fn columns(party: &Party) -> (&'static str, Option<BankId>, Option<OwnerId>) {
    let what = match party {
        Party::Issuer => "issuer",
        Party::Reserve(_) => "reserve",
        Party::Coins(Holder::Owner(_)) => "owner",
        Party::Coins(Holder::Vault(VaultId::Issue)) => "issue_vault",
        Party::Coins(Holder::Vault(VaultId::Bank(_))) => "bank_vault",
        Party::Coins(Holder::Pickup(_)) => "pickup",
        Party::Custody(..) => "custody",
        Party::Counter(_) => "counter",
        Party::Queue(..) => "queue",
        Party::Escrow(..) => "escrow",
        Party::Units(..) => "units",
        Party::Promise(..) => "promise",
    };
    (what, party.bank(), party.owner())
}

/// Which movements are asked for, as the node takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Query {
    /// The coin moved.
    pub coin: Option<CoinId>,
    /// The owner is on one side, or concerned.
    pub owner: Option<OwnerId>,
    /// The bank is on one side.
    pub bank: Option<BankId>,
    /// It was executed with this order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// Of these kinds; of any if there is none.
    pub kinds: Vec<FlowKind>,
    /// Not before this block.
    pub from_block: Option<BlockNumber>,
    /// Not after this block.
    pub to_block: Option<BlockNumber>,
    /// Not before this time, in milliseconds since 1970.
    pub from_ms: Option<u64>,
    /// Not after this time.
    pub to_ms: Option<u64>,
    /// What comes first.
    pub order: Order,
}

/// Which end of time comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The last block.
    #[default]
    Newest,
    /// The first block.
    Oldest,
}

/// Blocks from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The first.
    pub first: BlockNumber,
    /// The last.
    pub last: BlockNumber,
}

/// A page of `specie_records`.
#[derive(Clone, Debug, Deserialize)]
pub struct Page {
    /// Block up to which movements are known.
    pub block: BlockRef,
    /// Blocks of the period whose movements are not known.
    pub unknown: Vec<Gap>,
    /// The movements.
    pub records: Vec<Record>,
    /// Where to go on.
    pub cursor: Option<String>,
}

/// What a node says to a query.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// Block up to which movements are known.
    pub block: BlockRef,
    /// Blocks of the period whose movements are not known.
    pub unknown: Vec<Gap>,
    /// The movements.
    pub records: Vec<Record>,
}

/// One page.
pub async fn page(app: &App, query: &Query, cursor: Option<&str>, limit: u32) -> Result<Page> {
    app.client().await?.request("specie_records", rpc_params![query, cursor, limit]).await
}

/// The first `limit` movements. Pages may be short, or empty, before the last one.
pub async fn read(app: &App, query: &Query, limit: usize) -> Result<Answer> {
    let size = |have: usize| u32::try_from(limit.saturating_sub(have)).unwrap_or(PAGE).clamp(1, PAGE);
    let Page { block, unknown, mut records, mut cursor } = page(app, query, None, size(0)).await?;
    while let Some(from) = cursor.take().filter(|_| records.len() < limit) {
        let next = page(app, query, Some(&from), size(records.len())).await?;
        records.extend(next.records);
        cursor = next.cursor;
    }
    records.truncate(limit);
    Ok(Answer { block, unknown, records })
}

/// What is not known, for people; nothing if everything is.
pub fn warn(unknown: &[Gap]) -> Option<String> {
    let gaps: Vec<_> = unknown.iter().map(|gap| format!("{} to {}", gap.first, gap.last)).collect();
    (!gaps.is_empty()).then(|| format!("This node does not know what moved in blocks {}.", gaps.join(", ")))
}

/// An end of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A block.
    Block(BlockNumber),
    /// A second, or a day, in milliseconds since 1970: when it begins and ends.
    Time(u64, u64),
}

impl std::str::FromStr for When {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(block) = text.parse() {
            return Ok(Self::Block(block));
        }
        let (begin, length) = output::read_utc(text).with_context(|| {
            format!("'{text}' is neither a block nor a time: 1041, 2026-11-21, 2026-11-21T18:09:12Z")
        })?;
        Ok(Self::Time(begin, begin.saturating_add(length.saturating_sub(1))))
    }
}

impl Query {
    /// Only what happened between these, both included.
    pub fn within(mut self, from: Option<When>, to: Option<When>) -> Result<Self> {
        match from {
            Some(When::Block(block)) => self.from_block = Some(block),
            Some(When::Time(begin, _)) => self.from_ms = Some(begin),
            None => {},
        }
        match to {
            Some(When::Block(block)) => self.to_block = Some(block),
            Some(When::Time(_, end)) => self.to_ms = Some(end),
            None => {},
        }
        let empty = |from: Option<u64>, to: Option<u64>| matches!((from, to), (Some(from), Some(to)) if from > to);
        if empty(self.from_ms, self.to_ms) || empty(self.from_block.map(u64::from), self.to_block.map(u64::from)) {
            bail!("the period ends before it begins");
        }
        Ok(self)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use specie_primitives::{OrderId, TransferId};

    /// See the name.
    pub const ANN: OwnerId = OwnerId([1; 24]);
    /// See the name.
    pub const BEN: OwnerId = OwnerId([2; 24]);

    /// A movement of 186.00 in block 7.
    pub fn record(kind: FlowKind, from: Party, to: Party) -> Record {
        Record {
            block: 7,
            place: 0,
            time_ms: 1_709_164_800_000,
            hash: "0x07".into(),
            extrinsic: Some(1),
            extrinsic_hash: Some("0xab".into()),
            kind,
            value: 18_600,
            from,
            to,
            coins: vec![],
            ranges: vec![],
            others: vec![],
            order: None,
        }
    }

    #[test]
    fn every_movement_has_its_sign() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let (coins, bank) = (|owner| Party::Coins(Holder::Owner(owner)), BankId(1));
        let (custody, vault) = (Party::Custody(bank, ANN), Party::Coins(Holder::Vault(VaultId::Bank(bank))));
        let waiting = Party::Coins(Holder::Pickup(PickupId(7)));
        let queue = Party::Queue(bank, TransferId(7));
        let escrow = Party::Escrow(bank, OrderId([7; 32]));
        let (plus, minus) = ("+186.00 SPC", "-186.00 SPC");
        let units = |owner| Party::Units(InstrumentId(7), owner);
        let promise = Party::Promise(InstrumentId(7), Institution::Bank(bank));
        for (kind, from, to, expected) in [
            (FlowKind::Transferred, coins(ANN), coins(BEN), [minus, ""]),
            (FlowKind::Transferred, coins(BEN), coins(ANN), [plus, ""]),
            (FlowKind::Withdrawn, custody, coins(ANN), [plus, minus]),
            (FlowKind::Deposited, coins(ANN), custody, [minus, plus]),
            (FlowKind::OwnerCredited, Party::Counter(bank), custody, ["", plus]),
            (FlowKind::OwnerDebited, custody, Party::Counter(bank), ["", minus]),
            (FlowKind::Deposited, coins(ANN), vault, [minus, ""]),
            (FlowKind::Transferred, custody, Party::Custody(BankId(2), ANN), ["", "±186.00 SPC"]),
            (FlowKind::Sent, custody, Party::Custody(BankId(2), BEN), ["", minus]),
            (FlowKind::Queued, custody, queue, ["", minus]),
            (FlowKind::Settled, queue, Party::Custody(BankId(2), BEN), ["(186.00 SPC)", ""]),
            (FlowKind::Settled, queue, Party::Custody(BankId(2), ANN), ["", plus]),
            (FlowKind::GivenBack, queue, custody, ["", plus]),
            (FlowKind::Escrowed, custody, escrow, ["", minus]),
            (FlowKind::EscrowPaid, escrow, Party::Custody(BankId(2), BEN), ["(186.00 SPC)", ""]),
            (FlowKind::EscrowReturned, escrow, custody, ["", plus]),
            (FlowKind::Exchanged, coins(ANN), vault, [minus, ""]),
            (FlowKind::Recoined, Party::Issuer, coins(ANN), [plus, ""]),
            (FlowKind::Left, coins(ANN), waiting, [minus, ""]),
            (FlowKind::Left, coins(BEN), waiting, ["(186.00 SPC)", ""]),
            (FlowKind::PickedUp, waiting, Party::Counter(bank), ["(186.00 SPC)", ""]),
            (FlowKind::PickedUp, waiting, custody, ["", plus]),
            (FlowKind::Refunded, waiting, coins(ANN), [plus, ""]),
            (FlowKind::UnitsMoved, units(ANN), units(BEN), ["(18600 units)", ""]),
            (FlowKind::Issued, promise, units(ANN), ["(18600 units)", ""]),
        ] {
            let record = record(kind, from, to);
            assert_eq!(record.changes(ANN, &money), expected, "{record:?}");
        }
    }

    #[test]
    fn coins_that_wait_have_a_place_of_their_own() {
        let waiting = Party::Coins(Holder::Pickup(PickupId(7)));
        assert_eq!((party(&waiting).as_str(), columns(&waiting)), ("pickup 7", ("pickup", None, None)));
        let pickup = |from, to| record(FlowKind::Transferred, from, to).pickup();
        let ann = Party::Coins(Holder::Owner(ANN));
        assert_eq!((pickup(ann, waiting), pickup(waiting, ann)), (Some(PickupId(7)), Some(PickupId(7))));
        assert_eq!(pickup(ann, Party::Issuer), None);
    }

    #[test]
    fn ends_of_a_period_are_blocks_days_or_seconds() {
        let read = |text: &str| text.parse::<When>().unwrap();
        assert_eq!(read("1041"), When::Block(1_041));
        let day = 1_709_164_800_000;
        assert_eq!(read("2024-02-29"), When::Time(day, day + 86_399_999));
        assert_eq!(read("2024-02-29T00:00:01Z"), When::Time(day + 1_000, day + 1_999));
        for bad in ["", "-1", "2024-02-30", "yesterday", "2024-02-29T25:00:00Z", "2024-02-29T00:00:00"] {
            assert!(bad.parse::<When>().is_err(), "{bad}");
        }
        let query = Query::default().within(Some(read("2024-02-29")), Some(read("2024-02-29"))).unwrap();
        assert_eq!((query.from_ms, query.to_ms), (Some(day), Some(day + 86_399_999)));
        let query = Query::default().within(Some(read("7")), Some(read("9"))).unwrap();
        assert_eq!((query.from_block, query.to_block), (Some(7), Some(9)));
        assert!(Query::default().within(Some(read("9")), Some(read("7"))).is_err());
    }

    #[test]
    fn queries_are_written_as_the_node_reads_them() {
        let query = Query { kinds: vec![FlowKind::OwnerCredited], bank: Some(BankId(1)), ..Query::default() };
        let value = serde_json::to_value(query).unwrap();
        assert_eq!(value["kinds"], serde_json::json!(["owner_credited"]));
        assert_eq!((&value["bank"], &value["order"]), (&1.into(), &"newest".into()));
        assert!(value["coin"].is_null() && value.get("order_id").is_none());
        let query = Query { order_id: Some(OrderId([9; 32])), ..Query::default() };
        assert_eq!(serde_json::to_value(query).unwrap()["order_id"], "09".repeat(32));
    }

    #[test]
    fn gaps_are_told() {
        assert_eq!(warn(&[]), None);
        let text = warn(&[Gap { first: 1, last: 9 }, Gap { first: 20, last: 20 }]).unwrap();
        assert!(text.contains("1 to 9, 20 to 20"), "{text}");
    }
}
