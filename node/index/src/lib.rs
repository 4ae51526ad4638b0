//! The index: who holds which coins, and everything that moved, as of the last finalised block.
//!
//! The chain's state is laid out for payments, not for questions such as "which coins does this owner hold" or "where was
//! this coin last week": the index answers those. It is not part of consensus, may be deleted at any time and is then built again. It lives in
//! `<base path>/chains/<chain id>/specie-index/`.
//!
//! [`follow`] feeds it from finalised blocks, [`store`] is its database, [`records`] the part of it that tells what
//! moved, [`tail`] reads that on and on, [`orders`] where orders were executed, [`chain`] what it needs of the node. No type of
//! a running node is in here, so that this crate compiles and is tested without one.
//! An error in here never stops the node: it is logged and tried again.

pub mod chain;
pub mod follow;
pub mod orders;
pub mod records;
pub mod store;
pub mod tail;
#[cfg(test)]
mod tests;

use parking_lot::{Condvar, Mutex, RwLock};
use specie_primitives::{BlockNumber, Hash};
use std::{
    fs, io,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    time::Duration,
};
use store::{Gap, Store, StoreError};

/// Folder of the index in a chain's folder.
pub const FOLDER: &str = "specie-index";
/// File of the index in its folder.
const FILE: &str = "index.redb";
/// Questions that are answered at the same time: those who ask may slow each other down, not the node.
pub const AT_ONCE: usize = 8;
/// Time that a question waits for its turn.
const TURN: Duration = Duration::from_secs(2);

/// How far the index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Last block in it; the first block of the network before it was built.
    pub number: BlockNumber,
    /// That block's hash.
    pub hash: Hash,
    /// Blocks up to it whose movements are not known, ascending.
    pub unknown: Vec<Gap>,
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
    /// Too many others ask.
    #[error("too many questions to the index at once")]
    Busy,
    /// Its database failed.
    #[error("{0}")]
    Failed(String),
}

struct Shared {
    folder: PathBuf,
    genesis: Hash,
    ready: AtomicBool,
    store: RwLock<Option<Arc<Store>>>,
    turns: Turns,
}

/// Lets in so many at a time.
#[derive(Default)]
struct Turns {
    inside: Mutex<usize>,
    left: Condvar,
}

/// A turn, until it is dropped.
struct Turn<'t>(&'t Turns);

impl Turns {
    fn take(&self) -> Option<Turn<'_>> {
        let mut inside = self.inside.lock();
        let late = self.left.wait_while_for(&mut inside, |inside| *inside >= AT_ONCE, TURN).timed_out();
        if late && *inside >= AT_ONCE {
            return None;
        }
        *inside = inside.saturating_add(1);
        Some(Turn(self))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut inside = self.0.inside.lock();
        *inside = inside.saturating_sub(1);
        self.0.left.notify_one();
    }
}

/// Access to the index for everybody who asks.
#[derive(Clone)]
pub struct Index(Arc<Shared>);

impl Index {
    /// The index of the chain with this first block, in a folder of its own. Opens nothing yet.
    pub fn new(folder: PathBuf, genesis: Hash) -> Self {
        let (ready, store) = (AtomicBool::new(false), RwLock::new(None));
        Self(Arc::new(Shared { folder, genesis, ready, store, turns: Turns::default() }))
    }

    /// How far it is.
    pub fn status(&self) -> Status {
        let asked = self.attempt(|store| Ok((store.head()?, store.coins()?)));
        let (head, coins) = asked.unwrap_or((None, 0));
        let ready = self.0.ready.load(Ordering::Acquire) && head.is_some();
        match head {
            Some(head) => Status { number: head.number, hash: head.hash, unknown: head.unknown, ready, coins },
            None => Status { number: 0, hash: self.0.genesis, unknown: Vec::new(), ready, coins },
        }
    }

    /// Asks the database, if the index is ready.
    pub fn ask<T>(&self, question: impl FnOnce(&Store) -> Result<Option<T>, StoreError>) -> Result<T, Unanswered> {
        if !self.0.ready.load(Ordering::Acquire) {
            return Err(Unanswered::Building);
        }
        let _turn = self.0.turns.take().ok_or(Unanswered::Busy)?;
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
