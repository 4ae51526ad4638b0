//! A chain that does what a test says.

use super::*;
use crate::chain::{Chain, ChainError};
use parking_lot::Mutex;
use specie_primitives::{api::CoinInfo, flow::BlockFlows};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Everything a test may change.
#[derive(Default)]
pub struct World {
    /// First block.
    pub genesis: Hash,
    /// Finalised head.
    pub finalized: BlockNumber,
    /// The register after each block.
    pub states: BTreeMap<BlockNumber, BTreeMap<CoinId, CoinState>>,
    /// What moved in each block.
    pub flows: BTreeMap<BlockNumber, Vec<Flow>>,
    /// Orders executed in each block.
    pub orders: BTreeMap<BlockNumber, ExecutedOrders>,
    /// Blocks whose state is gone.
    pub pruned: BTreeSet<BlockNumber>,
    /// Blocks whose body is gone.
    pub bodiless: BTreeSet<BlockNumber>,
    /// Whether the node is far behind.
    pub syncing: bool,
    /// Number of pins.
    pub pins: i32,
    /// Runtime calls fail.
    pub broken: bool,
    /// Blocks whose runtime answers something else.
    pub unreadable: BTreeSet<BlockNumber>,
    /// Added to the hashes of blocks from this number on, so that they are another chain's.
    pub fork: Option<BlockNumber>,
}

/// A handle on the world; clones share it.
#[derive(Clone, Default)]
pub struct TestChain(pub Arc<Mutex<World>>);

impl TestChain {
    /// A chain whose first block has these coins.
    pub fn with(coins: &[(CoinId, CoinState)]) -> Self {
        let chain = Self::default();
        chain.0.lock().states.insert(0, coins.iter().copied().collect());
        chain
    }

    /// Adds a final block.
    pub fn add(&self, coins: &[(CoinId, Option<CoinState>)], flows: Vec<Flow>) -> BlockNumber {
        let mut world = self.0.lock();
        let mut state = world.states[&world.finalized].clone();
        for (coin, new) in coins {
            match new {
                Some(new) => state.insert(*coin, *new),
                None => state.remove(coin),
            };
        }
        world.finalized += 1;
        let number = world.finalized;
        world.states.insert(number, state);
        world.flows.insert(number, flows);
        number
    }

    fn number(&self, block: Hash) -> BlockNumber {
        block.to_low_u64_be() as BlockNumber
    }
}

fn name(world: &World, number: BlockNumber) -> Hash {
    let mut name = hash(number);
    if world.fork.is_some_and(|from| number >= from) {
        name.0[0] = 1;
    }
    name
}

fn info(coin: CoinId, state: &CoinState) -> CoinInfo {
    CoinInfo {
        coin,
        denomination: state.denomination,
        revision: Some(state.revision),
        holder: state.holder,
        held: false,
    }
}

impl Chain for TestChain {
    fn genesis(&self) -> Hash {
        self.0.lock().genesis
    }

    fn finalized(&self) -> (BlockNumber, Hash) {
        let world = self.0.lock();
        (world.finalized, name(&world, world.finalized))
    }

    fn block(&self, number: BlockNumber) -> Result<Option<Hash>, ChainError> {
        let world = self.0.lock();
        Ok((number <= world.finalized).then(|| name(&world, number)))
    }

    fn has_state(&self, block: Hash) -> bool {
        !self.0.lock().pruned.contains(&self.number(block))
    }

    fn pin(&self, _: Hash) -> Result<(), ChainError> {
        self.0.lock().pins += 1;
        Ok(())
    }

    fn unpin(&self, _: Hash) {
        self.0.lock().pins -= 1;
    }

    fn is_syncing(&self) -> bool {
        self.0.lock().syncing
    }

    fn flows(&self, block: Hash) -> Result<BlockFlows, ChainError> {
        let world = self.0.lock();
        if world.broken {
            return Err("broken".into());
        }
        let number = self.number(block);
        if world.unreadable.contains(&number) {
            return Err("another answer".into());
        }
        Ok(BlockFlows { time_ms: time(number), flows: world.flows.get(&number).cloned().unwrap_or_default() })
    }

    fn executed(&self, block: Hash) -> Result<ExecutedOrders, ChainError> {
        Ok(self.0.lock().orders.get(&self.number(block)).cloned().unwrap_or_default())
    }

    fn coin(&self, block: Hash, coin: CoinId) -> Result<Option<CoinInfo>, ChainError> {
        Ok(self.0.lock().states[&self.number(block)].get(&coin).map(|state| info(coin, state)))
    }

    fn register_page(
        &self,
        block: Hash,
        after: Option<Vec<u8>>,
        _: u32,
    ) -> Result<(Vec<CoinInfo>, Option<Vec<u8>>), ChainError> {
        // Two coins a page, whatever was asked for. The key is the place in the register.
        let world = self.0.lock();
        let state = &world.states[&self.number(block)];
        let from = after.map_or(0, |after| usize::from(after[0]));
        let page = state.iter().skip(from).take(2).map(|(coin, state)| info(*coin, state)).collect();
        Ok((page, (from + 2 < state.len()).then(|| vec![from as u8 + 2])))
    }

    fn extrinsics(&self, block: Hash) -> Result<Option<Vec<Hash>>, ChainError> {
        let number = self.number(block);
        let there = !self.0.lock().bodiless.contains(&number);
        Ok(there.then(|| vec![hash(number + 1_000), hash(number + 2_000)]))
    }
}
