//! What must survive a restart: who asked how much, and which requests were answered. One redb file.

use crate::limits::{Limit, Payer, Used};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};
use specie_identity_client::wire::{SignedRequest, WINDOW};
use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// Number of the layout; a file of another is refused.
const LAYOUT: u64 = 1;
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// By [`Payer::row`]: [`Used`].
const USED: TableDefinition<'_, &[u8], (u64, u64, u64)> = TableDefinition::new("used");
/// Time (u64, big-endian), asker and nonce of what was answered, in the order of time.
const ANSWERED: TableDefinition<'_, &[u8], ()> = TableDefinition::new("answered");
/// Time between two sweeps of [`USED`] in milliseconds.
const SWEEP: u64 = 60 * 60 * 1000;

/// What can go wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Written by another version.
    #[error("the state file has layout {0}, this version reads {LAYOUT}")]
    Layout(u64),
    /// The database or the disk. A file that another process has open is one case.
    #[error(transparent)]
    Database(#[from] redb::Error),
}

/// redb has an error type for each step; they all become [`redb::Error`].
trait Flatten<T> {
    fn flat(self) -> Result<T, StoreError>;
}

impl<T, E: Into<redb::Error>> Flatten<T> for Result<T, E> {
    fn flat(self) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::Database(error.into()))
    }
}

/// Whether a request may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, and was charged.
    Granted,
    /// It was answered before.
    Replayed,
    /// Milliseconds to wait, `None` for ever.
    OverLimit(Option<u64>),
}

/// The file.
pub struct Store {
    database: Database,
    swept: AtomicU64,
}

impl Store {
    /// Opens the file, or makes it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::create(path).flat()?;
        let transaction = database.begin_write().flat()?;
        {
            let mut meta = transaction.open_table(META).flat()?;
            let layout = meta.get("layout").flat()?.map(|layout| layout.value());
            match layout {
                None => meta.insert("layout", LAYOUT).flat()?.map_or((), drop),
                Some(LAYOUT) => {},
                Some(other) => return Err(StoreError::Layout(other)),
            }
            transaction.open_table(USED).flat()?;
            transaction.open_table(ANSWERED).flat()?;
        }
        transaction.commit().flat()?;
        Ok(Self { database, swept: AtomicU64::new(0) })
    }

    /// Charges `count` evaluations to all payers, or to none, and remembers the request; on the disk when this returns.
    /// `now` is in milliseconds since 1970.
    pub fn admit(
        &self,
        request: &SignedRequest,
        charges: &[(Payer, Limit)],
        count: u32,
        now: u64,
    ) -> Result<Admission, StoreError> {
        let mut transaction = self.database.begin_write().flat()?;
        transaction.set_durability(Durability::Immediate).flat()?;
        let admission = {
            let mut answered = transaction.open_table(ANSWERED).flat()?;
            let mut used = transaction.open_table(USED).flat()?;
            if answered.insert(&row(request)[..], ()).flat()?.is_some() {
                Admission::Replayed
            } else {
                // Older requests are refused for their time.
                let horizon = (now / 1000).saturating_sub(WINDOW).to_be_bytes();
                answered.retain_in(..&horizon[..], |_, ()| false).flat()?;
                if self.swept.load(Ordering::Relaxed).saturating_add(SWEEP) <= now {
                    used.retain(|_, (minute, day, at)| Used { minute, day, at }.forgotten_at() > now).flat()?;
                }
                charge(&mut used, charges, count, now)?
            }
        };
        if admission == Admission::Granted {
            transaction.commit().flat()?;
            if self.swept.load(Ordering::Relaxed).saturating_add(SWEEP) <= now {
                self.swept.store(now, Ordering::Relaxed);
            }
        } else {
            transaction.abort().flat()?;
        }
        Ok(admission)
    }

    /// Number of payers and of answered requests that are remembered.
    pub fn sizes(&self) -> Result<(u64, u64), StoreError> {
        use redb::ReadableTableMetadata;
        let transaction = self.database.begin_read().flat()?;
        let used = transaction.open_table(USED).flat()?.len().flat()?;
        Ok((used, transaction.open_table(ANSWERED).flat()?.len().flat()?))
    }
}

fn charge(
    table: &mut redb::Table<'_, &'static [u8], (u64, u64, u64)>,
    charges: &[(Payer, Limit)],
    count: u32,
    now: u64,
) -> Result<Admission, StoreError> {
    for (payer, limit) in charges {
        let row = payer.row();
        let used = table.get(&row[..]).flat()?.map(|used| used.value()).unwrap_or_default();
        let used = Used { minute: used.0, day: used.1, at: used.2 };
        match used.charge(*limit, count, now) {
            Ok(used) => table.insert(&row[..], (used.minute, used.day, used.at)).flat()?.map_or((), drop),
            Err(wait) => return Ok(Admission::OverLimit(wait)),
        }
    }
    Ok(Admission::Granted)
}

fn row(request: &SignedRequest) -> Vec<u8> {
    [&request.time.to_be_bytes()[..], &request.asker, &request.nonce].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;
    const LIMIT: Limit = Limit { per_minute: 3, per_day: 10 };

    fn request(nonce: u8, time: u64) -> SignedRequest {
        SignedRequest {
            network: 1,
            key: [0; 32],
            asker: [1; 32],
            time: time / 1000,
            nonce: [nonce; 16],
            request: Vec::new(),
            signature: [0; 64],
        }
    }

    #[test]
    fn limits_and_answers_survive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.redb");
        let charges = [(Payer::Bank(1), LIMIT)];
        let store = Store::open(&path).unwrap();
        assert_eq!(store.admit(&request(1, NOW), &charges, 3, NOW).unwrap(), Admission::Granted);
        assert!(matches!(Store::open(&path), Err(StoreError::Database(_))), "one process at a time");
        drop(store);
        let store = Store::open(&path).unwrap();
        assert_eq!(store.admit(&request(1, NOW), &charges, 1, NOW).unwrap(), Admission::Replayed);
        assert_eq!(store.admit(&request(2, NOW), &charges, 1, NOW).unwrap(), Admission::OverLimit(Some(20_000)));
        // What was refused was not remembered.
        assert_eq!(store.admit(&request(2, NOW), &charges, 1, NOW + 20_000).unwrap(), Admission::Granted);
    }

    #[test]
    fn all_payers_are_charged_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state.redb")).unwrap();
        let narrow = Limit { per_minute: 1, per_day: 10 };
        let both = [(Payer::Owner([1; 24]), LIMIT), (Payer::OwnersOf(1), narrow)];
        assert_eq!(store.admit(&request(1, NOW), &both, 1, NOW).unwrap(), Admission::Granted);
        for nonce in 2..5 {
            assert_eq!(store.admit(&request(nonce, NOW), &both, 1, NOW).unwrap(), Admission::OverLimit(Some(60_000)));
        }
        let alone = &both[..1];
        assert_eq!(store.admit(&request(6, NOW), alone, 2, NOW).unwrap(), Admission::Granted);
        assert_eq!(store.admit(&request(7, NOW), alone, 1, NOW).unwrap(), Admission::OverLimit(Some(20_000)));
    }

    #[test]
    fn nothing_is_kept_longer_than_needed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state.redb")).unwrap();
        store.admit(&request(1, NOW), &[(Payer::Bank(1), LIMIT)], 1, NOW).unwrap();
        assert_eq!(store.sizes().unwrap(), (1, 1));
        let later = NOW + 2 * 24 * 60 * 60 * 1000;
        store.admit(&request(2, later), &[(Payer::Bank(2), LIMIT)], 1, later).unwrap();
        assert_eq!(store.sizes().unwrap(), (1, 1));
    }
}
