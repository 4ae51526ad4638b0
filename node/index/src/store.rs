//! The index's database: one redb file, changed block by block in whole transactions.
//!
//! | table | key | value |
//! |---|---|---|
//! | `held` | holder ‖ denomination ‖ coin | revision |
//! | `coins` | coin | holder, revision, denomination |
//! | `totals` | holder | number of coins, their value in minor units |
//! | `records`, and `by_…` | see [`crate::records`] | |
//! | `orders`, and `order_…` | see [`crate::orders`] | |
//! | `meta` | `head` | [`Head`] |
//! | `meta` | `kept` | the [`Head`] of records that outlive the register while it is built anew |
//!
//! Numbers in keys are big-endian, so that the order of keys is the order of numbers. The head is written in the
//! transaction of its block: whatever a crash loses, it loses whole blocks, and those are read again.

use crate::{
    orders::OrderTables,
    records::{Moved, RecordTables},
};
use codec::{Decode, Encode};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};
use specie_primitives::{Balance, BankId, BlockNumber, CoinId, Denomination, Hash, Holder, PickupId, VaultId};
use std::path::Path;

/// Number of the layout. A file of another layout is built anew.
pub const SCHEMA: u32 = 4;
/// Memory for pages of the file, in bytes.
const CACHE_BYTES: usize = 64 << 20;

const HELD: TableDefinition<'_, &[u8], u32> = TableDefinition::new("held");
const COINS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("coins");
const TOTALS: TableDefinition<'_, &[u8], (u64, u128)> = TableDefinition::new("totals");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
const HEAD: &str = "head";
const KEPT: &str = "kept";

const HOLDER_BYTES: usize = 25;
const HELD_BYTES: usize = HOLDER_BYTES + 16;

/// What can go wrong in the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed, or its file is damaged.
    #[error("the index's database failed: {0}")]
    Database(#[from] redb::Error),
    /// A stored value does not decode.
    #[error("the index's database holds a value that does not decode")]
    Damaged(#[from] codec::Error),
    /// A key has the wrong length, or figures contradict each other.
    #[error("the index's database contradicts itself: {0}")]
    Contradiction(&'static str),
}

impl StoreError {
    /// Whether the file is of no use any more: it has to be removed and built again.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged(_) | Self::Contradiction(_) => true,
            // What redb says of a file that is not one of its own, or was cut short.
            Self::Database(redb::Error::Io(error)) => {
                matches!(error.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof)
            },
            Self::Database(error) => matches!(
                error,
                redb::Error::Corrupted(_)
                    | redb::Error::UpgradeRequired(_)
                    | redb::Error::RepairAborted
                    | redb::Error::TableTypeMismatch { .. }
                    | redb::Error::TypeDefinitionChanged { .. }
                    | redb::Error::TableIsMultimap(_)
            ),
        }
    }
}

/// redb has an error type for each step; they all become [`redb::Error`].
pub(crate) trait Flatten<T> {
    fn flat(self) -> Result<T, StoreError>;
}

impl<T, E: Into<redb::Error>> Flatten<T> for Result<T, E> {
    fn flat(self) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::Database(error.into()))
    }
}

/// How far the index has come.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Head {
    /// See [`SCHEMA`].
    pub schema: u32,
    /// First block of the network.
    pub genesis: Hash,
    /// Number of the last block in the index.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Hash,
    /// Blocks up to it whose movements are not known, ascending.
    pub unknown: Vec<Gap>,
}

impl Head {
    /// The block after which every movement is known.
    pub fn since(&self) -> BlockNumber {
        self.unknown.last().map_or(0, |gap| gap.last)
    }
}

/// Blocks whose movements are not known: they were final before the index began, and their states are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Gap {
    /// The first.
    pub first: BlockNumber,
    /// The last.
    pub last: BlockNumber,
}

/// A coin with an entry of its own in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CoinState {
    /// Who holds it.
    pub holder: Holder,
    /// How often it changed hands.
    pub revision: u32,
    /// Face value.
    pub denomination: Denomination,
}

/// What one block changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Coins that moved, each once, with their state after the block; `None` if it has no entry any more.
    pub coins: Vec<(CoinId, Option<CoinState>)>,
    /// What moved.
    pub moved: Moved,
}

/// A coin that a holder has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldCoin {
    /// The coin.
    pub coin: CoinId,
    /// How often it changed hands.
    pub revision: u32,
    /// Face value.
    pub denomination: Denomination,
}

/// A part of what a holder has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// Block of which this is true.
    pub head: Head,
    /// Coins, by face value and name.
    pub coins: Vec<HeldCoin>,
    /// Value of all coins of the holder in minor units.
    pub total: Balance,
    /// Number of all coins of the holder.
    pub count: u64,
    /// Where to go on, if there is more.
    pub cursor: Option<HoldingsCursor>,
}

/// Place in a holder's coins: denomination ‖ coin.
pub type HoldingsCursor = [u8; HELD_BYTES - HOLDER_BYTES];

/// The database.
pub struct Store {
    database: Database,
}

impl Store {
    /// Opens the file, or makes it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::builder().set_cache_size(CACHE_BYTES).create(path).flat()?;
        let store = Self { database };
        // Reading fails on tables that do not exist.
        store.write(Durability::Immediate, |_| Ok(()))?;
        Ok(store)
    }

    /// How far it has come; `None` before it was built to the end once.
    pub fn head(&self) -> Result<Option<Head>, StoreError> {
        head(&self.read()?, HEAD)
    }

    /// How far the records go that [`Store::keep_records`] kept.
    pub fn kept(&self) -> Result<Option<Head>, StoreError> {
        head(&self.read()?, KEPT)
    }

    /// Number of coins in it.
    pub fn coins(&self) -> Result<u64, StoreError> {
        self.read()?.open_table(COINS).flat()?.len().flat()
    }

    /// Empties it.
    pub fn clear(&self) -> Result<(), StoreError> {
        let transaction = self.database.begin_write().flat()?;
        delete_register(&transaction)?;
        RecordTables::delete(&transaction)?;
        OrderTables::delete(&transaction)?;
        transaction.delete_table(META).flat()?;
        transaction.commit().flat()?;
        self.write(Durability::Immediate, |_| Ok(()))
    }

    /// Empties it but for the records, which go as far as `head`.
    pub fn keep_records(&self, head: &Head) -> Result<(), StoreError> {
        let transaction = self.database.begin_write().flat()?;
        delete_register(&transaction)?;
        {
            let mut meta = transaction.open_table(META).flat()?;
            meta.remove(HEAD).flat()?;
            meta.insert(KEPT, &head.encode()[..]).flat()?;
        }
        transaction.commit().flat()?;
        self.write(Durability::Immediate, |_| Ok(()))
    }

    /// Takes in a page of the register. With the last page comes the head; until then there is none.
    pub fn load(&self, page: &[(CoinId, CoinState)], head: Option<&Head>) -> Result<(), StoreError> {
        self.write(Durability::Immediate, |tables| {
            for (coin, state) in page {
                tables.put(*coin, Some(*state))?;
            }
            head.map_or(Ok(()), |head| tables.set_head(head))
        })
    }

    /// Takes in a block. Unless `durable`, a crash may undo it together with the blocks since the last durable one.
    pub fn apply(&self, head: &Head, changes: &Changes, durable: bool) -> Result<(), StoreError> {
        let durability = if durable { Durability::Immediate } else { Durability::None };
        self.write(durability, |tables| {
            for (coin, state) in &changes.coins {
                tables.put(*coin, *state)?;
            }
            tables.write(&changes.moved)?;
            tables.set_head(head)
        })
    }

    /// Takes in what moved in an earlier block, one that was not known.
    pub fn apply_past(&self, head: &Head, moved: &Moved, durable: bool) -> Result<(), StoreError> {
        let durability = if durable { Durability::Immediate } else { Durability::None };
        self.write(durability, |tables| {
            tables.write(moved)?;
            tables.set_head(head)
        })
    }

    /// Up to `limit` coins of a holder behind the cursor. `None` before the index was built.
    pub fn holdings(
        &self,
        holder: Holder,
        after: Option<&HoldingsCursor>,
        limit: usize,
    ) -> Result<Option<Holdings>, StoreError> {
        let transaction = self.read()?;
        let Some(head) = head(&transaction, HEAD)? else { return Ok(None) };
        let prefix = holder_key(holder);
        let (count, total) =
            transaction.open_table(TOTALS).flat()?.get(&prefix[..]).flat()?.map_or((0, 0), |sums| sums.value());
        let held = transaction.open_table(HELD).flat()?;
        let first = [&prefix[..], after.map_or(&[0; 16][..], |after| &after[..])].concat();
        let last = [&prefix[..], &[u8::MAX; 16]].concat();
        let mut coins = Vec::new();
        let mut cursor = None;
        for row in held.range(&first[..]..=&last[..]).flat()? {
            let (key, revision) = row.flat()?;
            let place: HoldingsCursor = suffix(key.value(), HOLDER_BYTES)?;
            if Some(&place) == after {
                continue;
            }
            if coins.len() == limit {
                cursor = coins.last().map(|last: &HeldCoin| held_place(last.denomination, last.coin));
                break;
            }
            let (denomination, coin) = place.split_at(8);
            let denomination = Denomination(u64::from_be_bytes(suffix(denomination, 0)?));
            coins.push(HeldCoin { coin: coin_of(coin)?, revision: revision.value(), denomination });
        }
        Ok(Some(Holdings { head, coins, total, count, cursor }))
    }

    /// A consistent view of everything.
    pub(crate) fn read(&self) -> Result<redb::ReadTransaction, StoreError> {
        self.database.begin_read().flat()
    }

    /// Runs a change as one transaction.
    fn write(
        &self,
        durability: Durability,
        change: impl FnOnce(&mut Tables<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin_write().flat()?;
        transaction.set_durability(durability).flat()?;
        {
            let mut tables = Tables {
                held: transaction.open_table(HELD).flat()?,
                coins: transaction.open_table(COINS).flat()?,
                totals: transaction.open_table(TOTALS).flat()?,
                records: RecordTables::open(&transaction)?,
                orders: OrderTables::open(&transaction)?,
                meta: transaction.open_table(META).flat()?,
            };
            change(&mut tables)?;
        }
        transaction.commit().flat()
    }
}

/// The tables of a transaction that writes.
struct Tables<'t> {
    held: redb::Table<'t, &'static [u8], u32>,
    coins: redb::Table<'t, &'static [u8], &'static [u8]>,
    totals: redb::Table<'t, &'static [u8], (u64, u128)>,
    records: RecordTables<'t>,
    orders: OrderTables<'t>,
    meta: redb::Table<'t, &'static str, &'static [u8]>,
}

impl Tables<'_> {
    /// Takes in what moved in a block, and the orders that were executed.
    fn write(&mut self, moved: &Moved) -> Result<(), StoreError> {
        self.records.write(moved)?;
        self.orders.write(moved.number, &moved.executed)
    }

    /// Sets a coin's state, whatever it was.
    fn put(&mut self, coin: CoinId, state: Option<CoinState>) -> Result<(), StoreError> {
        let key = coin_key(coin);
        let old = match self.coins.get(&key[..]).flat()? {
            Some(value) => Some(CoinState::decode(&mut value.value())?),
            None => None,
        };
        if let Some(old) = old {
            self.held.remove(&held_key(coin, &old)[..]).flat()?;
            self.count(&old, false)?;
        }
        match state {
            Some(new) => {
                self.coins.insert(&key[..], &new.encode()[..]).flat()?;
                self.held.insert(&held_key(coin, &new)[..], new.revision).flat()?;
                self.count(&new, true)?;
            },
            None => {
                self.coins.remove(&key[..]).flat()?;
            },
        }
        Ok(())
    }

    /// Counts a coin in or out of its holder's totals.
    fn count(&mut self, coin: &CoinState, comes: bool) -> Result<(), StoreError> {
        const SUMS: StoreError = StoreError::Contradiction("a holder's totals");
        let key = holder_key(coin.holder);
        let value = coin.denomination.value(1);
        let (count, total) = self.totals.get(&key[..]).flat()?.map_or((0, 0), |sums| sums.value());
        let (count, total) = if comes {
            (count.checked_add(1), total.checked_add(value))
        } else {
            (count.checked_sub(1), total.checked_sub(value))
        };
        match (count.ok_or(SUMS)?, total.ok_or(SUMS)?) {
            (0, 0) => self.totals.remove(&key[..]).flat()?.map_or((), drop),
            sums => self.totals.insert(&key[..], sums).flat()?.map_or((), drop),
        }
        Ok(())
    }

    fn set_head(&mut self, head: &Head) -> Result<(), StoreError> {
        self.meta.insert(HEAD, &head.encode()[..]).flat()?;
        self.meta.remove(KEPT).flat()?;
        Ok(())
    }
}

fn delete_register(transaction: &redb::WriteTransaction) -> Result<(), StoreError> {
    transaction.delete_table(HELD).flat()?;
    transaction.delete_table(COINS).flat()?;
    transaction.delete_table(TOTALS).flat()?;
    Ok(())
}

/// The head of the register, if it was built.
pub(crate) fn head_of(transaction: &redb::ReadTransaction) -> Result<Option<Head>, StoreError> {
    head(transaction, HEAD)
}

fn head(transaction: &redb::ReadTransaction, which: &str) -> Result<Option<Head>, StoreError> {
    match transaction.open_table(META).flat()?.get(which).flat()? {
        // The schema's number comes first in every layout: what follows is read only if it is ours.
        Some(value) if u32::decode(&mut value.value())? == SCHEMA => Ok(Some(Head::decode(&mut value.value())?)),
        _ => Ok(None),
    }
}

/// Kind, then the name, filled up with zeros.
fn holder_key(holder: Holder) -> [u8; HOLDER_BYTES] {
    let mut key = [0; HOLDER_BYTES];
    match holder {
        Holder::Owner(owner) => key[1..].copy_from_slice(&owner.0),
        Holder::Vault(VaultId::Issue) => key[0] = 1,
        Holder::Vault(VaultId::Bank(BankId(bank))) => {
            key[0] = 2;
            key[1..5].copy_from_slice(&bank.to_be_bytes());
        },
        Holder::Pickup(PickupId(pickup)) => {
            key[0] = 3;
            key[1..9].copy_from_slice(&pickup.to_be_bytes());
        },
    }
    key
}

pub(crate) fn coin_key(coin: CoinId) -> [u8; 8] {
    ((u64::from(coin.batch) << 32) | u64::from(coin.index)).to_be_bytes()
}

fn coin_of(key: &[u8]) -> Result<CoinId, StoreError> {
    let (batch, index) = key.split_at_checked(4).ok_or(KEY_LENGTH)?;
    Ok(CoinId { batch: u32::from_be_bytes(suffix(batch, 0)?), index: u32::from_be_bytes(suffix(index, 0)?) })
}

fn held_place(denomination: Denomination, coin: CoinId) -> HoldingsCursor {
    let mut place = [0; 16];
    place[..8].copy_from_slice(&denomination.0.to_be_bytes());
    place[8..].copy_from_slice(&coin_key(coin));
    place
}

fn held_key(coin: CoinId, state: &CoinState) -> [u8; HELD_BYTES] {
    let mut key = [0; HELD_BYTES];
    key[..HOLDER_BYTES].copy_from_slice(&holder_key(state.holder));
    key[HOLDER_BYTES..].copy_from_slice(&held_place(state.denomination, coin));
    key
}

pub(crate) const KEY_LENGTH: StoreError = StoreError::Contradiction("the length of a key");

/// The last `N` bytes of a key that has `start` bytes before them.
pub(crate) fn suffix<const N: usize>(key: &[u8], start: usize) -> Result<[u8; N], StoreError> {
    key.get(start..).and_then(|rest| rest.try_into().ok()).ok_or(KEY_LENGTH)
}
