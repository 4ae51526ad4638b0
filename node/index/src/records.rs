//! The record of every movement: what it is found by, and how it is read page by page.
//!
//! | table | key | value |
//! |---|---|---|
//! | `records` | place | [`Entry`] |
//! | `blocks` | number of a block in which something moved | its hash, its time |
//! | `by_owner` | owner, on a side or concerned ‖ place | kind |
//! | `by_bank` | bank ‖ place | kind |
//! | `by_coin` | coin ‖ place | kind |
//! | `by_batch` | batch ‖ place | ranges of that batch that moved |
//! | `by_order` | order ‖ place | kind |
//!
//! A *place* is the number of a block ‖ the movement's place among those of the block: the order of places is the order
//! in which things happened, and a place never changes. A coin that has not left the vaults yet moves in ranges of any
//! size, which are looked for batch by batch.
//!
//! A page ends when it is full, or when it has cost enough: however rare what is asked for is, an answer takes bounded
//! time, and its cursor goes on where it ended.

use crate::store::{coin_key, head_of, suffix, Flatten, Gap, Head, Store, StoreError};
use codec::{Decode, Encode};
use redb::{ReadTransaction, TableDefinition, WriteTransaction};
use specie_primitives::{
    flow::{Flow, FlowKind},
    orders::ExecutedOrders,
    BankId, BlockNumber, CoinId, CoinRange, Hash, OrderId, OwnerId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    iter::Peekable,
};

/// Rows that one page looks at, those that do not fit included.
pub const MAX_VISITED: usize = 10_000;
/// Bytes of records after which a page ends.
pub const MAX_BYTES: usize = 1 << 20;
/// Bytes read after which a page ends, those of what does not fit included.
pub const MAX_READ: usize = 16 << 20;

const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");
const BLOCKS: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("blocks");
const BY_OWNER: TableDefinition<'_, &[u8; 32], u8> = TableDefinition::new("by_owner");
const BY_BANK: TableDefinition<'_, &[u8; 12], u8> = TableDefinition::new("by_bank");
const BY_COIN: TableDefinition<'_, &[u8; 16], u8> = TableDefinition::new("by_coin");
const BY_BATCH: TableDefinition<'_, &[u8; 12], &[u8]> = TableDefinition::new("by_batch");
const BY_ORDER: TableDefinition<'_, &[u8; 40], u8> = TableDefinition::new("by_order");

/// A movement as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Entry {
    /// Hash of the extrinsic, if the block's body was at hand.
    pub extrinsic: Option<Hash>,
    /// What happened.
    pub flow: Flow,
}

/// What moved in one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Number of the block.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Hash,
    /// When it was made, in milliseconds since 1970.
    pub time_ms: u64,
    /// The movements in their order.
    pub entries: Vec<Entry>,
    /// Orders that were executed in it.
    pub executed: ExecutedOrders,
}

/// A movement with its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Number of its block.
    pub block: BlockNumber,
    /// Hash of its block.
    pub hash: Hash,
    /// When that was made, in milliseconds since 1970.
    pub time_ms: u64,
    /// Place among the movements of the block.
    pub place: u32,
    /// The movement.
    pub entry: Entry,
}

/// Which end of time comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum Order {
    /// The last block.
    #[default]
    Newest,
    /// The first block.
    Oldest,
}

/// Which movements are asked for: those that meet every condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Query {
    /// The coin moved.
    pub coin: Option<CoinId>,
    /// The owner is on one side, or concerned.
    pub owner: Option<OwnerId>,
    /// The bank is on one side.
    pub bank: Option<BankId>,
    /// It was executed with this order.
    pub order_id: Option<OrderId>,
    /// Of these kinds; of any if there is none.
    pub kinds: Vec<FlowKind>,
    /// Not before this block.
    pub from_block: Option<BlockNumber>,
    /// Not after this block.
    pub to_block: Option<BlockNumber>,
    /// Not before this time, in milliseconds since 1970.
    pub from_ms: Option<u64>,
    /// Not after this time, in milliseconds since 1970.
    pub to_ms: Option<u64>,
    /// What comes first.
    pub order: Order,
}

/// Where a page ended, and of which question: place ‖ hash of the [`Query`].
pub type Cursor = [u8; 16];

/// A part of the answer to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How far the index has come.
    pub head: Head,
    /// Blocks of the period whose movements are not known, ascending.
    pub unknown: Vec<Gap>,
    /// The movements. A page may have fewer than were asked for, or none, and still have a cursor.
    pub records: Vec<Record>,
    /// Where to go on, if there is more.
    pub cursor: Option<Cursor>,
}

impl Query {
    /// The cursor behind a place.
    pub(crate) fn cursor(&self, place: u64) -> Cursor {
        ((u128::from(place) << 64) | u128::from(self.tag())).to_be_bytes()
    }

    /// The place in a cursor, if it is one of this query.
    pub(crate) fn place(&self, cursor: &Cursor) -> Option<u64> {
        let cursor = u128::from_be_bytes(*cursor);
        // The halves of the number.
        (cursor as u64 == self.tag()).then_some((cursor >> 64) as u64)
    }

    fn tag(&self) -> u64 {
        u64::from_be_bytes(sp_crypto_hashing::twox_64(&self.encode()))
    }

    fn has_kind(&self, kind: u8) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|wanted| code(*wanted) == kind)
    }

    fn is_met_by(&self, flow: &Flow) -> bool {
        self.has_kind(code(flow.kind))
            && self.coin.is_none_or(|coin| flow.moves(coin))
            && self.owner.is_none_or(|owner| flow.owners().contains(&owner))
            && self.bank.is_none_or(|bank| flow.banks().contains(&bank))
            && self.order_id.is_none_or(|order| flow.order == Some(order))
    }
}

/// A kind as it stands in the tables: its place in the encoding.
fn code(kind: FlowKind) -> u8 {
    kind.encode().first().copied().unwrap_or(u8::MAX)
}

fn first_place(block: BlockNumber) -> u64 {
    u64::from(block) << 32
}

pub(crate) fn last_place(block: BlockNumber) -> u64 {
    first_place(block) | u64::from(u32::MAX)
}

pub(crate) fn block_of(place: u64) -> BlockNumber {
    // The upper half of the number.
    (place >> 32) as BlockNumber
}

/// A key of an index.
fn key<const P: usize, const N: usize>(prefix: [u8; P], place: u64) -> [u8; N] {
    let mut key = [0; N];
    let (head, tail) = key.split_at_mut(P);
    head.copy_from_slice(&prefix);
    tail.copy_from_slice(&place.to_be_bytes());
    key
}

fn place_of(key: &[u8]) -> Result<u64, StoreError> {
    Ok(u64::from_be_bytes(suffix(key, key.len().saturating_sub(8))?))
}

/// The tables of a transaction that writes.
pub(crate) struct RecordTables<'t> {
    records: redb::Table<'t, u64, &'static [u8]>,
    blocks: redb::Table<'t, u32, &'static [u8]>,
    by_owner: redb::Table<'t, &'static [u8; 32], u8>,
    by_bank: redb::Table<'t, &'static [u8; 12], u8>,
    by_coin: redb::Table<'t, &'static [u8; 16], u8>,
    by_batch: redb::Table<'t, &'static [u8; 12], &'static [u8]>,
    by_order: redb::Table<'t, &'static [u8; 40], u8>,
}

impl<'t> RecordTables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            records: transaction.open_table(RECORDS).flat()?,
            blocks: transaction.open_table(BLOCKS).flat()?,
            by_owner: transaction.open_table(BY_OWNER).flat()?,
            by_bank: transaction.open_table(BY_BANK).flat()?,
            by_coin: transaction.open_table(BY_COIN).flat()?,
            by_batch: transaction.open_table(BY_BATCH).flat()?,
            by_order: transaction.open_table(BY_ORDER).flat()?,
        })
    }

    pub(crate) fn delete(transaction: &WriteTransaction) -> Result<(), StoreError> {
        transaction.delete_table(RECORDS).flat()?;
        transaction.delete_table(BLOCKS).flat()?;
        transaction.delete_table(BY_OWNER).flat()?;
        transaction.delete_table(BY_BANK).flat()?;
        transaction.delete_table(BY_COIN).flat()?;
        transaction.delete_table(BY_BATCH).flat()?;
        transaction.delete_table(BY_ORDER).flat()?;
        Ok(())
    }

    pub(crate) fn write(&mut self, moved: &Moved) -> Result<(), StoreError> {
        if moved.entries.is_empty() {
            return Ok(());
        }
        self.blocks.insert(moved.number, &(moved.hash, moved.time_ms).encode()[..]).flat()?;
        for (place, entry) in (first_place(moved.number)..).zip(&moved.entries) {
            self.write_entry(place, entry)?;
        }
        Ok(())
    }

    fn write_entry(&mut self, place: u64, entry: &Entry) -> Result<(), StoreError> {
        let (flow, kind) = (&entry.flow, code(entry.flow.kind));
        self.records.insert(place, &entry.encode()[..]).flat()?;
        for owner in flow.owners() {
            self.by_owner.insert(&key::<24, 32>(owner.0, place), kind).flat()?;
        }
        for bank in flow.banks() {
            self.by_bank.insert(&key::<4, 12>(bank.0.to_be_bytes(), place), kind).flat()?;
        }
        for coin in flow.coins.iter().collect::<BTreeSet<_>>() {
            self.by_coin.insert(&key::<8, 16>(coin_key(*coin), place), kind).flat()?;
        }
        let mut batches = BTreeMap::<u32, Vec<CoinRange>>::new();
        for range in &flow.ranges {
            batches.entry(range.batch).or_default().push(*range);
        }
        for (batch, ranges) in batches {
            self.by_batch.insert(&key::<4, 12>(batch.to_be_bytes(), place), &ranges.encode()[..]).flat()?;
        }
        if let Some(order) = flow.order {
            self.by_order.insert(&key::<32, 40>(order.0, place), kind).flat()?;
        }
        Ok(())
    }
}

/// A row of an index: where its record is, whether it may be one of those that are asked for, and how long it is.
struct Row {
    place: u64,
    fits: bool,
    bytes: usize,
}

type Rows = Box<dyn Iterator<Item = Result<Row, StoreError>>>;

/// Goes through a table in the order that is asked for.
fn ordered<I: DoubleEndedIterator + 'static>(
    rows: I,
    order: Order,
    read: impl Fn(I::Item) -> Result<Row, StoreError> + 'static,
) -> Rows {
    match order {
        Order::Newest => Box::new(rows.rev().map(read)),
        Order::Oldest => Box::new(rows.map(read)),
    }
}

/// Two sources in one order, each place once.
struct Merged {
    one: Peekable<Rows>,
    two: Peekable<Rows>,
    order: Order,
}

impl Iterator for Merged {
    type Item = Result<Row, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = |row: &Result<Row, StoreError>| row.as_ref().ok().map(|row| row.place);
        match (self.one.peek().map(place), self.two.peek().map(place)) {
            (None, _) => self.two.next(),
            (_, None) => self.one.next(),
            // An error comes first and ends everything.
            (Some(None), _) => self.one.next(),
            (_, Some(None)) => self.two.next(),
            (one, two) if one == two => match (self.one.next()?, self.two.next()?) {
                (Ok(one), Ok(two)) => {
                    Some(Ok(Row { fits: one.fits || two.fits, bytes: one.bytes.saturating_add(two.bytes), ..one }))
                },
                (Err(error), _) | (_, Err(error)) => Some(Err(error)),
            },
            (one, two) if (one < two) == (self.order == Order::Oldest) => self.one.next(),
            _ => self.two.next(),
        }
    }
}

/// The rows of places from `first` to `last` that lead to what is asked for: of the narrowest index that there is.
fn rows(transaction: &ReadTransaction, query: &Query, first: u64, last: u64) -> Result<Rows, StoreError> {
    let order = query.order;
    let asked = query.clone();
    if let Some(id) = query.order_id {
        let (low, high) = (key::<32, 40>(id.0, first), key::<32, 40>(id.0, last));
        let rows = transaction.open_table(BY_ORDER).flat()?.range::<&[u8; 40]>(&low..=&high).flat()?;
        return Ok(ordered(rows, order, move |row| {
            let (key, kind) = row.flat()?;
            Ok(Row { place: place_of(key.value())?, fits: asked.has_kind(kind.value()), bytes: 0 })
        }));
    }
    if let Some(coin) = query.coin {
        let (low, high) = (key::<8, 16>(coin_key(coin), first), key::<8, 16>(coin_key(coin), last));
        let singles = transaction.open_table(BY_COIN).flat()?.range::<&[u8; 16]>(&low..=&high).flat()?;
        let singles = ordered(singles, order, move |row| {
            let (key, kind) = row.flat()?;
            Ok(Row { place: place_of(key.value())?, fits: asked.has_kind(kind.value()), bytes: 0 })
        });
        let batch = coin.batch.to_be_bytes();
        let (low, high) = (key::<4, 12>(batch, first), key::<4, 12>(batch, last));
        let ranges = transaction.open_table(BY_BATCH).flat()?.range::<&[u8; 12]>(&low..=&high).flat()?;
        let ranges = ordered(ranges, order, move |row| {
            let (key, ranges) = row.flat()?;
            let bytes = ranges.value().len();
            let ranges = Vec::<CoinRange>::decode(&mut ranges.value())?;
            Ok(Row { place: place_of(key.value())?, fits: ranges.iter().any(|range| range.contains(coin)), bytes })
        });
        return Ok(Box::new(Merged { one: singles.peekable(), two: ranges.peekable(), order }));
    }
    if let Some(owner) = query.owner {
        let (low, high) = (key::<24, 32>(owner.0, first), key::<24, 32>(owner.0, last));
        let rows = transaction.open_table(BY_OWNER).flat()?.range::<&[u8; 32]>(&low..=&high).flat()?;
        return Ok(ordered(rows, order, move |row| {
            let (key, kind) = row.flat()?;
            Ok(Row { place: place_of(key.value())?, fits: asked.has_kind(kind.value()), bytes: 0 })
        }));
    }
    if let Some(bank) = query.bank {
        let bank = bank.0.to_be_bytes();
        let (low, high) = (key::<4, 12>(bank, first), key::<4, 12>(bank, last));
        let rows = transaction.open_table(BY_BANK).flat()?.range::<&[u8; 12]>(&low..=&high).flat()?;
        return Ok(ordered(rows, order, move |row| {
            let (key, kind) = row.flat()?;
            Ok(Row { place: place_of(key.value())?, fits: asked.has_kind(kind.value()), bytes: 0 })
        }));
    }
    let rows = transaction.open_table(RECORDS).flat()?.range(first..=last).flat()?;
    Ok(ordered(rows, order, |row| {
        let (place, _) = row.flat()?;
        Ok(Row { place: place.value(), fits: true, bytes: 0 })
    }))
}

/// Hashes and times of blocks, one look-up each.
struct Blocks {
    table: redb::ReadOnlyTable<u32, &'static [u8]>,
    last: Option<(BlockNumber, Hash, u64)>,
}

impl Blocks {
    fn get(&mut self, number: BlockNumber) -> Result<(Hash, u64), StoreError> {
        if let Some((_, hash, time)) = self.last.filter(|(last, ..)| *last == number) {
            return Ok((hash, time));
        }
        let value = self.table.get(number).flat()?.ok_or(StoreError::Contradiction("a record without a block"))?;
        let (hash, time) = <(Hash, u64)>::decode(&mut value.value())?;
        self.last = Some((number, hash, time));
        Ok((hash, time))
    }

    /// The first block from `first` up to, but without, `end` in which something is known to have moved.
    fn first_in(&self, first: BlockNumber, end: BlockNumber) -> Result<Option<BlockNumber>, StoreError> {
        match self.table.range(first..end).flat()?.next() {
            Some(row) => Ok(Some(row.flat()?.0.value())),
            None => Ok(None),
        }
    }

    /// The first block behind all those before `end` in which something is known to have moved before that time.
    fn not_before(&mut self, time_ms: u64, end: BlockNumber) -> Result<BlockNumber, StoreError> {
        let (mut low, mut high) = (0, end);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.first_in(middle, high)? {
                Some(number) if self.get(number)?.1 < time_ms => low = number.saturating_add(1),
                _ => high = middle,
            }
        }
        Ok(low)
    }

    /// The blocks of the query's period, both ends included; nothing if it is empty. Times are known of blocks in which
    /// something moved: others are in it if they may be.
    fn period(&mut self, query: &Query, head: BlockNumber) -> Result<Option<(BlockNumber, BlockNumber)>, StoreError> {
        let mut first = query.from_block.unwrap_or(0);
        let mut last = query.to_block.unwrap_or(head).min(head);
        let end = head.saturating_add(1);
        if let Some(time) = query.from_ms {
            first = first.max(self.not_before(time, end)?);
        }
        if let Some(later) = query.to_ms.and_then(|time| time.checked_add(1)) {
            let behind = self.not_before(later, end)?;
            if let Some(too_late) = self.first_in(behind, end)? {
                last = last.min(too_late.saturating_sub(1));
            }
        }
        Ok((first <= last).then_some((first, last)))
    }
}

/// A cursor of another query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor belongs to another query")]
pub struct ForeignCursor;

impl Store {
    /// Up to `limit` movements that meet the query, behind the cursor. `None` before the index was built.
    pub fn records(
        &self,
        query: &Query,
        behind: Option<&Cursor>,
        limit: usize,
    ) -> Result<Option<Result<Page, ForeignCursor>>, StoreError> {
        self.page(query, behind, limit, MAX_BYTES)
    }

    /// The same, with the bytes of records after which a page ends.
    pub(crate) fn page(
        &self,
        query: &Query,
        behind: Option<&Cursor>,
        limit: usize,
        most: usize,
    ) -> Result<Option<Result<Page, ForeignCursor>>, StoreError> {
        let transaction = self.read()?;
        let Some(head) = head_of(&transaction)? else { return Ok(None) };
        let behind = match behind.map(|cursor| query.place(cursor)) {
            Some(None) => return Ok(Some(Err(ForeignCursor))),
            Some(place) => place,
            None => None,
        };
        let mut blocks = Blocks { table: transaction.open_table(BLOCKS).flat()?, last: None };
        let mut page = Page { unknown: Vec::new(), records: Vec::new(), cursor: None, head };
        let Some((first, last)) = blocks.period(query, page.head.number)? else { return Ok(Some(Ok(page))) };
        page.unknown = within(&page.head.unknown, first, last);
        let Some((first, last)) = places(query.order, first, last, behind) else { return Ok(Some(Ok(page))) };
        let records = transaction.open_table(RECORDS).flat()?;
        let mut cost = Cost::default();
        for row in rows(&transaction, query, first, last)? {
            let Row { place, fits, bytes } = row?;
            if page.records.len() == limit || cost.is_enough(most) {
                page.cursor = cost.last.map(|last| query.cursor(last));
                break;
            }
            cost.rows = cost.rows.saturating_add(1);
            cost.read = cost.read.saturating_add(bytes);
            cost.last = Some(place);
            if !fits {
                continue;
            }
            let value = records.get(place).flat()?.ok_or(StoreError::Contradiction("an index without its record"))?;
            let (length, entry) = (value.value().len(), Entry::decode(&mut value.value())?);
            cost.read = cost.read.saturating_add(length);
            if query.is_met_by(&entry.flow) {
                cost.given = cost.given.saturating_add(length);
                let block = block_of(place);
                let (hash, time_ms) = blocks.get(block)?;
                // The lower half of the place.
                page.records.push(Record { block, hash, time_ms, place: place as u32, entry });
            }
        }
        Ok(Some(Ok(page)))
    }
}

#[cfg(test)]
impl Store {
    /// Bytes of all pages of the record's tables, with what is free in them.
    pub(crate) fn record_bytes(&self) -> Result<u64, StoreError> {
        use redb::{ReadableTableMetadata, TableStats};
        let bytes = |stats: TableStats| stats.stored_bytes() + stats.metadata_bytes() + stats.fragmented_bytes();
        let transaction = self.read()?;
        Ok([
            transaction.open_table(RECORDS).flat()?.stats().flat()?,
            transaction.open_table(BLOCKS).flat()?.stats().flat()?,
            transaction.open_table(BY_OWNER).flat()?.stats().flat()?,
            transaction.open_table(BY_BANK).flat()?.stats().flat()?,
            transaction.open_table(BY_COIN).flat()?.stats().flat()?,
            transaction.open_table(BY_BATCH).flat()?.stats().flat()?,
            transaction.open_table(BY_ORDER).flat()?.stats().flat()?,
        ]
        .into_iter()
        .map(bytes)
        .sum())
    }
}

/// What a page has cost so far.
#[derive(Default)]
struct Cost {
    rows: usize,
    /// Bytes of records and ranges that were read.
    read: usize,
    /// Bytes of records that fit.
    given: usize,
    /// Place of the last row.
    last: Option<u64>,
}

impl Cost {
    /// Whether a page that may give so many bytes of records is over.
    fn is_enough(&self, most: usize) -> bool {
        self.rows >= MAX_VISITED || self.read >= MAX_READ || self.given >= most
    }
}

/// Places of the blocks from `first` to `last` that come behind a place; nothing if there are none.
fn places(order: Order, first: BlockNumber, last: BlockNumber, behind: Option<u64>) -> Option<(u64, u64)> {
    let (mut first, mut last) = (first_place(first), last_place(last));
    match (behind, order) {
        (Some(behind), Order::Newest) => last = last.min(behind.checked_sub(1)?),
        (Some(behind), Order::Oldest) => first = first.max(behind.checked_add(1)?),
        (None, _) => {},
    }
    (first <= last).then_some((first, last))
}

/// The parts of gaps that lie in a period.
fn within(gaps: &[Gap], first: BlockNumber, last: BlockNumber) -> Vec<Gap> {
    let part = |gap: &Gap| Gap { first: gap.first.max(first), last: gap.last.min(last) };
    gaps.iter().map(part).filter(|gap| gap.first <= gap.last).collect()
}
