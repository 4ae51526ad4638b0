//! Issuance's full scan.

use crate::{pallet::*, types::*};
use alloc::collections::BTreeMap;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::Denomination;

impl<T: Config> Pallet<T> {
    /// Checks I2, and that numbers in use are below the next one.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut minted = BTreeMap::<Denomination, u64>::new();
        let mut batches = 0u32;
        for (number, Batch { denomination, count, .. }) in Batches::<T>::iter() {
            ensure!(number < NextBatch::<T>::get(), "issuance: a batch has a number not yet given");
            let sum = minted.entry(denomination).or_default();
            *sum = sum.saturating_add(count.into());
            batches = batches.saturating_add(1);
        }
        ensure!(batches == NextBatch::<T>::get(), "issuance: a batch is missing");
        for (denomination, flows) in Flows::<T>::get() {
            ensure!(
                minted.remove(&denomination).unwrap_or_default() == flows.minted,
                "I2: minted differs from the batches"
            );
            ensure!(flows.retired <= flows.minted, "issuance: more retired than minted");
        }
        ensure!(minted.is_empty(), "I2: batches of a face value that was never counted");
        ensure!(
            Proposals::<T>::count() <= <T::MaxProposals as frame_support::traits::Get<u32>>::get(),
            "issuance: too many proposals"
        );
        Ok(())
    }
}
