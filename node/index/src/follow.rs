//! Keeps the index in step with the finalised chain, one small step at a time.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Opening
//!     Opening --> Following: the file belongs to this chain
//!     Opening --> Building: no file, another layout or another chain
//!     Building --> Following: the last page of the register is in
//!     Following --> Building: a state that is needed was pruned
//!     Following --> Opening: the database failed
//! ```
//!
//! Movements of blocks before the one that the index began with are added afterwards, from the youngest back, as far as
//! the node keeps states; what it does not is known as a gap. When the register is built anew on the same chain, records
//! stay and one more gap comes.
//!
//! Only finalised blocks are taken in, in order, so that no re-organisation is ever in the index (**invariant**).

use crate::{
    chain::{Chain, ChainError},
    records::{Entry, Moved},
    store::{Changes, CoinState, Gap, Head, Store, StoreError, SCHEMA},
    Index,
};
use log::{info, warn};
use specie_primitives::{
    api::CoinInfo,
    flow::{BlockFlows, Flow},
    BlockNumber, CoinId, Hash,
};
use std::{collections::BTreeSet, panic::AssertUnwindSafe};

/// Entries of the register in one page while building.
const PAGE: u32 = 4_096;
/// Blocks taken in by one step, so that a node that is told to stop can stop.
const BLOCKS_PER_STEP: u32 = 16;
/// A crash loses at most so many blocks of the index; they are read again.
const DURABLE_EVERY: BlockNumber = 32;
/// The node's own database may lose its last blocks in a crash while the index kept them; they come again.
const TOLERATED_LEAD: BlockNumber = 256;

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is more to do right now.
    More,
    /// The index is at the finalised head.
    Done,
    /// The chain cannot give what is needed yet.
    Waiting(&'static str),
}

/// Why a step failed. The next one tries again.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder or the file cannot be used.
    #[error("the index's files cannot be used: {0}")]
    Files(#[from] std::io::Error),
    /// The chain did not answer.
    #[error("the chain did not answer: {0}")]
    Chain(#[from] ChainError),
    /// The database's code gave up.
    #[error("the index's database panicked; its file is taken for damaged")]
    Panicked,
}

/// An index that is being built.
struct Building {
    head: Head,
    after: Option<Vec<u8>>,
    loaded: u64,
}

/// Told of every block that the index took in, with what moved in it.
pub type OnBlock = Box<dyn Fn(BlockNumber, &[Entry]) + Send>;

/// Feeds the index.
pub struct Follower<C: Chain> {
    chain: C,
    index: Index,
    on_block: OnBlock,
    building: Option<Building>,
    /// Whether movements of earlier blocks may still be had.
    past: bool,
}

impl<C: Chain> Follower<C> {
    /// Starts with whatever is on disk.
    pub fn new(chain: C, index: Index, on_block: OnBlock) -> Self {
        Self { chain, index, on_block, building: None, past: true }
    }

    /// Does a bounded piece of work. After an error everything begins again from what is on disk.
    pub fn step(&mut self) -> Result<Step, StepError> {
        let result = {
            // The node's panic hook would end the process; a damaged index must not.
            let _guard = sp_panic_handler::AbortGuard::force_unwind();
            std::panic::catch_unwind(AssertUnwindSafe(|| self.try_step())).unwrap_or(Err(StepError::Panicked))
        };
        if let Err(error) = &result {
            self.index.set_ready(false);
            self.stop_building();
            let damaged = match error {
                StepError::Store(error) => error.is_damage(),
                StepError::Panicked => true,
                StepError::Files(_) | StepError::Chain(_) => false,
            };
            if !matches!(error, StepError::Chain(_)) {
                self.index.close();
            }
            if damaged {
                self.index.discard_file()?;
            }
        }
        result
    }

    fn try_step(&mut self) -> Result<Step, StepError> {
        let store = match self.index.store() {
            Some(store) => store,
            None => self.index.open()?,
        };
        if self.building.is_some() {
            return self.build(&store);
        }
        let genesis = self.chain.genesis();
        let (number, hash) = self.chain.finalized();
        let Some(head) = store.head()?.filter(|head| head.genesis == genesis) else {
            return self.begin(&store, "there is none of this network", number, hash);
        };
        if head.number > number {
            self.index.set_ready(false);
            return if head.number - number <= TOLERATED_LEAD {
                Ok(Step::Waiting("the node finalises blocks again that the index knows already"))
            } else {
                self.begin(&store, "the node's chain was rolled back", number, hash)
            };
        }
        if !self.has(&head)? {
            return self.begin(&store, "it followed another chain, or its last block is gone", number, hash);
        }
        match self.follow(&store, head, number, hash)? {
            Step::Done => {
                self.index.set_ready(true);
                self.look_back(&store)
            },
            step => Ok(step),
        }
    }

    /// Whether the block that an index ends with is one of the chain's.
    fn has(&self, head: &Head) -> Result<bool, StepError> {
        Ok(head.genesis == self.chain.genesis() && self.chain.block(head.number)? == Some(head.hash))
    }

    /// Takes in the next blocks up to the finalised head.
    fn follow(&mut self, store: &Store, mut head: Head, number: BlockNumber, hash: Hash) -> Result<Step, StepError> {
        let last = number.min(head.number.saturating_add(BLOCKS_PER_STEP));
        while head.number < last {
            let next = head.number.saturating_add(1);
            let block = match self.chain.block(next)? {
                Some(block) if self.chain.has_state(block) => block,
                _ if self.chain.is_syncing() => {
                    // On a node that prunes, the chain may run away while syncing: building now would be in vain.
                    self.index.set_ready(false);
                    return Ok(Step::Waiting(
                        "states that the index needs were pruned; it is built anew after syncing",
                    ));
                },
                _ => {
                    store.keep_records(&head)?;
                    return self.begin(store, "states that it needs are not there", number, hash);
                },
            };
            head = Head { number: next, hash: block, ..head };
            self.take_in(store, &head)?;
        }
        Ok(if head.number < number { Step::More } else { Step::Done })
    }

    fn take_in(&mut self, store: &Store, head: &Head) -> Result<(), StepError> {
        let moved = self.moved(head.number, head.hash)?;
        let coins: BTreeSet<CoinId> = moved.entries.iter().flat_map(|entry| entry.flow.coins.iter().copied()).collect();
        let mut changes = Changes { coins: Vec::new(), moved };
        for coin in coins {
            changes.coins.push((coin, self.chain.coin(head.hash, coin)?.as_ref().and_then(state)));
        }
        store.apply(head, &changes, head.number % DURABLE_EVERY == 0)?;
        (self.on_block)(head.number, &changes.moved.entries);
        Ok(())
    }

    /// What moved in a block, with the hashes of its extrinsics.
    fn moved(&self, number: BlockNumber, hash: Hash) -> Result<Moved, StepError> {
        let BlockFlows { time_ms, flows } = self.chain.flows(hash)?;
        let extrinsics = match flows.iter().any(|flow| flow.extrinsic.is_some()) {
            true => self.chain.extrinsics(hash)?.unwrap_or_default(),
            false => Vec::new(),
        };
        let entry = |flow: Flow| {
            let place = flow.extrinsic.and_then(|place| usize::try_from(place).ok());
            Entry { extrinsic: place.and_then(|place| extrinsics.get(place).copied()), flow }
        };
        let executed = self.chain.executed(hash)?;
        Ok(Moved { number, hash, time_ms, entries: flows.into_iter().map(entry).collect(), executed })
    }

    /// Takes in the last blocks before those that are known, as far as their states are at hand.
    fn look_back(&mut self, store: &Store) -> Result<Step, StepError> {
        if !self.past {
            return Ok(Step::Done);
        }
        let Some(mut head) = store.head()? else { return Ok(Step::Done) };
        for _ in 0..BLOCKS_PER_STEP {
            let Some(moved) = self.last_unknown(&head) else {
                self.past = false;
                info!(target: "specie", "🗂  Movements are known after block #{}", head.since());
                return Ok(Step::Done);
            };
            if let Some(gap) = head.unknown.last_mut().filter(|gap| gap.first < moved.number) {
                gap.last = moved.number.saturating_sub(1);
            } else {
                head.unknown.pop();
            }
            store.apply_past(&head, &moved, moved.number % DURABLE_EVERY == 0)?;
        }
        Ok(Step::More)
    }

    /// What moved in the last block of which it is not known yet, if the chain can tell. That it cannot is no failure of
    /// the index: the block may even be of a runtime that gave other answers.
    fn last_unknown(&self, head: &Head) -> Option<Moved> {
        let number = head.unknown.last()?.last;
        let block = self.chain.block(number).ok()??;
        self.chain.has_state(block).then(|| self.moved(number, block).ok()).flatten()
    }

    /// Begins to build the index from the register at the finalised head.
    fn begin(&mut self, store: &Store, why: &str, number: BlockNumber, hash: Hash) -> Result<Step, StepError> {
        self.index.set_ready(false);
        let kept = match store.kept()? {
            Some(kept) if kept.number <= number && self.has(&kept)? => Some(kept),
            _ => None,
        };
        let (known, mut unknown) = kept.as_ref().map_or((0, Vec::new()), |kept| (kept.number, kept.unknown.clone()));
        if known < number {
            unknown.push(Gap { first: known.saturating_add(1), last: number });
        }
        let head = Head { schema: SCHEMA, genesis: self.chain.genesis(), number, hash, unknown };
        if !self.chain.has_state(hash) || self.chain.pin(hash).is_err() {
            return Ok(Step::Waiting("the state of the finalised head is not there yet"));
        }
        self.past = true;
        // From here on the block is unpinned when building ends, however it ends.
        self.building = Some(Building { head, after: None, loaded: 0 });
        info!(target: "specie", "🗂  Building the coin index at block #{number}: {why}");
        match kept {
            Some(kept) => store.keep_records(&kept)?,
            None => store.clear()?,
        }
        Ok(Step::More)
    }

    /// Takes in the next page of the register.
    fn build(&mut self, store: &Store) -> Result<Step, StepError> {
        let Some(building) = self.building.as_mut() else { return Ok(Step::More) };
        let (coins, more) = self.chain.register_page(building.head.hash, building.after.take(), PAGE)?;
        let page: Vec<_> = coins.iter().filter_map(|info| Some((info.coin, state(info)?))).collect();
        store.load(&page, more.is_none().then_some(&building.head))?;
        building.loaded = building.loaded.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
        building.after = more;
        if building.after.is_none() {
            let (number, coins) = (building.head.number, building.loaded);
            (self.on_block)(number, &[]);
            self.stop_building();
            info!(target: "specie", "🗂  The coin index is built: {coins} coins at block #{number}");
        }
        Ok(Step::More)
    }

    fn stop_building(&mut self) {
        if let Some(building) = self.building.take() {
            self.chain.unpin(building.head.hash);
        }
    }
}

impl<C: Chain> Drop for Follower<C> {
    fn drop(&mut self) {
        self.stop_building();
    }
}

/// What the index keeps of a coin; `None` for one that lies in a range and has no entry.
fn state(info: &CoinInfo) -> Option<CoinState> {
    Some(CoinState { holder: info.holder, revision: info.revision?, denomination: info.denomination })
}

/// Says once what an index waits for, and every error once until it changes.
#[derive(Default)]
pub struct Reporter(Option<String>);

impl Reporter {
    /// Looks at the outcome of a step.
    pub fn report(&mut self, outcome: &Result<Step, StepError>) {
        let text = match outcome {
            Ok(Step::More) => return,
            Ok(Step::Done) => None,
            Ok(Step::Waiting(what)) => Some((*what).to_owned()),
            Err(error) => Some(error.to_string()),
        };
        if self.0 == text {
            return;
        }
        match &text {
            Some(text) if outcome.is_err() => warn!(target: "specie", "🗂  The coin index will try again: {text}"),
            Some(text) => info!(target: "specie", "🗂  The coin index waits: {text}"),
            None => info!(target: "specie", "🗂  The coin index follows the finalised chain"),
        }
        self.0 = text;
    }
}
