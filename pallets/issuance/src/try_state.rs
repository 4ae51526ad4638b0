//! Issuance's full scan.

use crate::{pallet::*, types::*};
use alloc::collections::BTreeMap;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::Denomination;

impl<T: Config> Pallet<T> {
    /// Checks I2, and that numbers in use are below the next one.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let (mut minted, mut changed) = (BTreeMap::<Denomination, u64>::new(), BTreeMap::<Denomination, u64>::new());
        let mut batches = 0u32;
        for (number, Batch { denomination, count, .. }) in Batches::<T>::iter() {
            ensure!(number < NextBatch::<T>::get(), "issuance: a batch has a number not yet given");
            let (counts, made) = match Issued::<T>::get(number) {
                Some(issued) => {
                    ensure!(issued <= count, "I2: a batch for change issued more than its count");
                    (&mut changed, issued)
                },
                None => (&mut minted, count),
            };
            let sum = counts.entry(denomination).or_default();
            *sum = sum.saturating_add(made.into());
            batches = batches.saturating_add(1);
        }
        ensure!(batches == NextBatch::<T>::get(), "issuance: a batch is missing");
        for (denomination, batch) in ChangeBatch::<T>::iter() {
            let of = Batches::<T>::get(batch).map(|batch| batch.denomination);
            let open = of == Some(denomination) && Issued::<T>::contains_key(batch);
            ensure!(open, "issuance: a batch for change under a wrong face value");
        }
        for (denomination, flows) in Flows::<T>::get() {
            ensure!(
                minted.remove(&denomination).unwrap_or_default() == flows.minted,
                "I2: minted differs from the batches"
            );
            ensure!(
                changed.remove(&denomination).unwrap_or_default() == flows.change_in,
                "I2: made for change differs from the batches"
            );
            let (gone, made) = (flows.retired.checked_add(flows.change_out), flows.minted.checked_add(flows.change_in));
            ensure!(gone.zip(made).is_some_and(|(gone, made)| gone <= made), "issuance: more gone than made");
        }
        changed.retain(|_, count| *count > 0);
        ensure!(minted.is_empty() && changed.is_empty(), "I2: batches of a face value that was never counted");
        ensure!(
            Proposals::<T>::count() <= <T::MaxProposals as frame_support::traits::Get<u32>>::get(),
            "issuance: too many proposals"
        );
        Ok(())
    }
}
