//! The index: who holds which coins, and what happened to whom, as of the last finalised block.
//!
//! The chain's state is laid out for payments, not for questions such as "which coins does this owner hold": the
//! index answers those. It is not part of consensus, may be deleted at any time and is then built again. It lives in
//! `<base path>/chains/<chain id>/specie-index/`.
//!
//! [`follow`] feeds it from finalised blocks, [`store`] is its database, [`chain`] what it needs of the node. No type of
//! a running node is in here, so that this crate compiles and is tested without one.
//! An error in here never stops the node: it is logged and tried again.

pub mod chain;
pub mod follow;
pub mod store;
#[cfg(test)]
mod tests;

use parking_lot::RwLock;
use specie_primitives::{BlockNumber, Hash};
use std::{
    fs, io,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
};
use store::{Store, StoreError};

/// Folder of the index in a chain's folder.
pub const FOLDER: &str = "specie-index";
/// File of the index in its folder.
const FILE: &str = "index.redb";

/// How far the index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Last block in it; the first block of the network before it was built.
    pub number: BlockNumber,
    /// That block's hash.
    pub hash: Hash,
    /// Block whose state it began with. The history holds the movements of later blocks.
    pub since: BlockNumber,
    /// Whether it can be asked.
    pub ready: bool,
    /// Number of coins in it.
    pub coins: u64,
}

/// Why the index has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// It is being built, or catches up.
    #[error("the index is still building")]
    Building,
    /// Its database failed.
    #[error("{0}")]
    Failed(String),
}

struct Shared {
    folder: PathBuf,
    genesis: Hash,
    ready: AtomicBool,
    store: RwLock<Option<Arc<Store>>>,
}

/// Access to the index for everybody who asks.
#[derive(Clone)]
pub struct Index(Arc<Shared>);

impl Index {
    /// The index of the chain with this first block, in a folder of its own. Opens nothing yet.
    pub fn new(folder: PathBuf, genesis: Hash) -> Self {
        Self(Arc::new(Shared { folder, genesis, ready: AtomicBool::new(false), store: RwLock::new(None) }))
    }

    /// How far it is.
    pub fn status(&self) -> Status {
        let asked = self.attempt(|store| Ok((store.head()?, store.coins()?)));
        let (head, coins) = asked.unwrap_or((None, 0));
        let ready = self.0.ready.load(Ordering::Acquire) && head.is_some();
        match head {
            Some(head) => Status { number: head.number, hash: head.hash, since: head.since, ready, coins },
            None => Status { number: 0, hash: self.0.genesis, since: 0, ready, coins },
        }
    }

    /// Asks the database, if the index is ready.
    pub fn ask<T>(&self, question: impl FnOnce(&Store) -> Result<Option<T>, StoreError>) -> Result<T, Unanswered> {
        if !self.0.ready.load(Ordering::Acquire) {
            return Err(Unanswered::Building);
        }
        self.attempt(question)?.ok_or(Unanswered::Building)
    }

    fn attempt<T>(&self, question: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, Unanswered> {
        let store = self.store().ok_or(Unanswered::Building)?;
        // As in the follower: a damaged file must not end the node.
        let _guard = sp_panic_handler::AbortGuard::force_unwind();
        std::panic::catch_unwind(AssertUnwindSafe(|| question(&store)))
            .map_err(|_| Unanswered::Failed("the index's database panicked".into()))?
            .map_err(|error| Unanswered::Failed(error.to_string()))
    }

    fn set_ready(&self, ready: bool) {
        self.0.ready.store(ready, Ordering::Release);
    }

    fn store(&self) -> Option<Arc<Store>> {
        self.0.store.read().clone()
    }

    /// Opens the database.
    fn open(&self) -> Result<Arc<Store>, follow::StepError> {
        fs::create_dir_all(&self.0.folder)?;
        let store = Arc::new(Store::open(&self.file())?);
        *self.0.store.write() = Some(store.clone());
        Ok(store)
    }

    fn close(&self) {
        *self.0.store.write() = None;
    }

    fn discard_file(&self) -> io::Result<()> {
        match fs::remove_file(self.file()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn file(&self) -> PathBuf {
        self.0.folder.join(FILE)
    }
}

/// The index's folder in the folder of a chain.
pub fn folder(chain_folder: &Path) -> PathBuf {
    chain_folder.join(FOLDER)
}
