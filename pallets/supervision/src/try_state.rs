//! Supervision's full scan.

use crate::{pallet::*, types::Hold};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;
use specie_primitives::{traits::Stoppable, BlockNumber, Target};

impl<T: Config> Pallet<T> {
    /// Checks I1 to I3. I4 holds by the types.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let holds: BTreeMap<Target, Hold> = Holds::<T>::iter().collect();
        let owners = T::Owners::all_stopped().into_iter().map(Target::Owner);
        let coins = T::Coins::all_stopped().into_iter().map(Target::Coin);
        let banks = T::Banks::all_stopped().into_iter().map(Target::Bank);
        let stopped: BTreeSet<Target> = owners.chain(coins).chain(banks).collect();
        ensure!(holds.keys().copied().collect::<BTreeSet<_>>() == stopped, "I1: holds differ from what is stopped");

        let mut due = BTreeSet::<(BlockNumber, Target)>::new();
        for (end, targets) in Expiries::<T>::iter() {
            ensure!(!targets.is_empty(), "I2: a block without expiries");
            ensure!(end > Self::now(), "I2: an expiry was passed over");
            for target in targets {
                ensure!(due.insert((end, target)), "I2: an expiry is listed twice");
            }
        }
        let ends = holds.iter().filter_map(|(target, hold)| Some((hold.until?.saturating_add(1), *target)));
        ensure!(ends.collect::<BTreeSet<_>>() == due, "I2: expiries differ from the holds");
        ensure!(holds.values().all(|hold| hold.act < NextAct::<T>::get()), "an act is not numbered");

        let mut uses = BTreeMap::<u32, u32>::new();
        for (number, trace) in Traces::<T>::iter() {
            ensure!(number < NextTrace::<T>::get(), "I3: a use is not numbered");
            let count = uses.entry(trace.mandate).or_default();
            *count = count.saturating_add(1);
        }
        for (number, mandate) in Mandates::<T>::iter() {
            ensure!(number < NextMandate::<T>::get(), "I3: a mandate is not numbered");
            ensure!(mandate.confirmed_by.as_ref() != Some(&mandate.opened_by), "I3: one key opened and confirmed");
            ensure!(mandate.traces <= T::MaxTraces::get(), "I3: a mandate was used too often");
            let used = uses.remove(&number).unwrap_or_default();
            ensure!(used == mandate.traces, "I3: uses differ from the mandate's count");
            ensure!(used == 0 || mandate.confirmed_by.is_some(), "I3: a mandate was used before it was confirmed");
        }
        ensure!(uses.is_empty(), "I3: a use without a mandate");
        Ok(())
    }
}
