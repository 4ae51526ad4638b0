//! The part of the index that tells where orders were executed, and proves it after the chain forgot them.
//!
//! | table | key | value |
//! |---|---|---|
//! | `orders` | name of an order | place of its block in the list of blocks with orders |
//! | `order_blocks` | that place | number of the block, its orders |
//! | `order_nodes` | level, number | a hash of that list, see [`specie_primitives::accumulator`] |
//!
//! Blocks come in any order, since those before the index began are added afterwards: a hash over two others is worked out as
//! soon as both are there.

use crate::store::{head_of, Flatten, Head, Store, StoreError};
use codec::{Decode, Encode};
use redb::{ReadableTable, TableDefinition, WriteTransaction};
use specie_primitives::{
    accumulator::{node, Path},
    orders::{block_entry, ExecutedOrders, ExecutionProof},
    BlockNumber, Hash, OrderId,
};

const ORDERS: TableDefinition<'_, &[u8; 32], u64> = TableDefinition::new("orders");
const BLOCKS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("order_blocks");
const NODES: TableDefinition<'_, (u32, u64), &[u8; 32]> = TableDefinition::new("order_nodes");

/// What is known of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The last block in the index: the proof leads to the list of blocks as it is after it.
    pub head: Head,
    /// Where the order was executed; nothing if it was not, or in a block that this node does not know enough about.
    pub proof: Option<ExecutionProof>,
}

/// Where an order was executed, without a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The last block in the index.
    pub head: Head,
    /// The block; nothing if it was not executed, or in a block that this node does not know.
    pub executed: Option<BlockNumber>,
}

/// The tables of a transaction that writes.
pub(crate) struct OrderTables<'t> {
    orders: redb::Table<'t, &'static [u8; 32], u64>,
    blocks: redb::Table<'t, u64, &'static [u8]>,
    nodes: redb::Table<'t, (u32, u64), &'static [u8; 32]>,
}

impl<'t> OrderTables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            orders: transaction.open_table(ORDERS).flat()?,
            blocks: transaction.open_table(BLOCKS).flat()?,
            nodes: transaction.open_table(NODES).flat()?,
        })
    }

    pub(crate) fn delete(transaction: &WriteTransaction) -> Result<(), StoreError> {
        transaction.delete_table(ORDERS).flat()?;
        transaction.delete_table(BLOCKS).flat()?;
        transaction.delete_table(NODES).flat()?;
        Ok(())
    }

    /// Takes in what was executed in a block.
    pub(crate) fn write(&mut self, block: BlockNumber, executed: &ExecutedOrders) -> Result<(), StoreError> {
        let ExecutedOrders { place, orders } = executed;
        if orders.is_empty() {
            return Ok(());
        }
        self.blocks.insert(*place, &(block, orders).encode()[..]).flat()?;
        for order in orders {
            self.orders.insert(&order.0, *place).flat()?;
        }
        let (mut level, mut number, mut hash) = (0u32, *place, block_entry(block, orders));
        loop {
            self.nodes.insert((level, number), &hash.0).flat()?;
            let Some(beside) = self.node(level, number ^ 1)? else { return Ok(()) };
            hash = if number & 1 == 1 { node(beside, hash) } else { node(hash, beside) };
            (level, number) = (level.saturating_add(1), number >> 1);
        }
    }

    fn node(&self, level: u32, number: u64) -> Result<Option<Hash>, StoreError> {
        Ok(self.nodes.get((level, number)).flat()?.map(|hash| Hash::from(*hash.value())))
    }
}

impl Store {
    /// Where an order was executed, if that is known. `None` before the index was built.
    pub fn known(&self, order: OrderId) -> Result<Option<Known>, StoreError> {
        let transaction = self.read()?;
        let Some(head) = head_of(&transaction)? else { return Ok(None) };
        let place = transaction.open_table(ORDERS).flat()?.get(&order.0).flat()?.map(|place| place.value());
        let Some(place) = place else { return Ok(Some(Known { head, executed: None })) };
        let (block, _) = block_at(&transaction.open_table(BLOCKS).flat()?, place)?;
        Ok(Some(Known { head, executed: Some(block) }))
    }

    /// Where an order was executed. `None` before the index was built.
    pub fn execution(&self, order: OrderId) -> Result<Option<Execution>, StoreError> {
        let transaction = self.read()?;
        let Some(head) = head_of(&transaction)? else { return Ok(None) };
        let blocks = transaction.open_table(BLOCKS).flat()?;
        let place = transaction.open_table(ORDERS).flat()?.get(&order.0).flat()?.map(|place| place.value());
        let last = blocks.last().flat()?.map(|(place, _)| place.value());
        let (Some(place), Some(last)) = (place, last) else { return Ok(Some(Execution { head, proof: None })) };
        let (block, orders) = block_at(&blocks, place)?;
        let (nodes, mut failure) = (transaction.open_table(NODES).flat()?, None);
        let known = |level: u32, number: u64| match nodes.get((level, number)).flat() {
            Ok(hash) => hash.map(|hash| Hash::from(*hash.value())),
            Err(error) => {
                failure = Some(error);
                None
            },
        };
        let path = Path::find(place, last.saturating_add(1), known);
        if let Some(error) = failure {
            return Err(error);
        }
        let proof = path.and_then(|path| ExecutionProof::new(order, block, &orders, path));
        Ok(Some(Execution { head, proof }))
    }
}

/// A block with the orders that were executed in it.
fn block_at(
    blocks: &redb::ReadOnlyTable<u64, &'static [u8]>,
    place: u64,
) -> Result<(BlockNumber, Vec<OrderId>), StoreError> {
    let stored = blocks.get(place).flat()?.ok_or(StoreError::Contradiction("an order without its block"))?;
    Ok(<(BlockNumber, Vec<OrderId>)>::decode(&mut stored.value())?)
}
