//! Tests of the index: the database by itself, and the follower on a chain made up for the purpose.

mod chain;
mod follow;
mod orders;
mod records;
mod store;
mod tail;

use crate::{
    records::{Cursor, Entry, Moved, Order, Page, Query},
    store::{CoinState, Head, Store, SCHEMA},
};
use specie_primitives::{
    flow::{Flow, FlowKind, Party},
    orders::ExecutedOrders,
    BankId, BlockNumber, CoinId, Denomination, Hash, Holder, OwnerId, VaultId,
};

const ANN: OwnerId = OwnerId([1; 24]);
const BEN: OwnerId = OwnerId([2; 24]);
const VAULT: Holder = Holder::Vault(VaultId::Bank(BankId(1)));
const GENESIS: Hash = Hash::zero();

fn coin(index: u32) -> CoinId {
    CoinId { batch: 1, index }
}

fn held(holder: Holder, revision: u32, denomination: u64) -> CoinState {
    CoinState { holder, revision, denomination: Denomination(denomination) }
}

fn hash(number: BlockNumber) -> Hash {
    Hash::from_low_u64_be(number.into())
}

fn head(number: BlockNumber) -> Head {
    Head { schema: SCHEMA, genesis: GENESIS, number, hash: hash(number), unknown: Vec::new() }
}

fn payment(from: OwnerId, to: OwnerId, coins: &[u32]) -> Flow {
    Flow {
        extrinsic: Some(1),
        kind: FlowKind::Transferred,
        value: 10,
        from: Party::Coins(Holder::Owner(from)),
        to: Party::Coins(Holder::Owner(to)),
        coins: coins.iter().copied().map(coin).collect(),
        ranges: Vec::new(),
        others: Vec::new(),
        order: None,
    }
}

/// When a block was made.
fn time(number: BlockNumber) -> u64 {
    1_000_000 + u64::from(number) * 1_000
}

fn moved(number: BlockNumber, flows: impl IntoIterator<Item = Flow>) -> Moved {
    let entry = |flow| Entry { extrinsic: Some(hash(1_000)), flow };
    let entries = flows.into_iter().map(entry).collect();
    Moved { number, hash: hash(number), time_ms: time(number), entries, executed: ExecutedOrders::default() }
}

fn of(owner: OwnerId) -> Query {
    Query { owner: Some(owner), ..Query::default() }
}

/// A page of a query that the store can answer.
fn page(store: &Store, query: &Query, behind: Option<&Cursor>, limit: usize) -> Page {
    store.records(query, behind, limit).unwrap().unwrap().unwrap()
}
