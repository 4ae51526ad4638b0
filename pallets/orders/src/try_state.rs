//! The orders' full scan.

use crate::{pallet::*, types::Entry};
use alloc::collections::BTreeSet;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::traits::Owners;

impl<T: Config> Pallet<T> {
    /// Checks I2 and I5, and that what was executed in this block is remembered.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let done = Done::<T>::iter().map(|(order, record)| (record.valid_until, Entry { order, cancelled_by: None }));
        let cancelled =
            Cancelled::<T>::iter().map(|(order, owner, until)| (until, Entry { order, cancelled_by: Some(owner) }));
        let known: BTreeSet<_> = done.chain(cancelled).collect();
        let due: BTreeSet<_> = Due::<T>::iter().map(|(until, entry, ())| (until, entry)).collect();
        ensure!(known == due, "I2: what is due is not what is remembered");
        let first = due.first().map_or(u32::MAX, |(until, _)| *until);
        ensure!(first >= ForgottenTo::<T>::get(), "I2: something was not forgotten");
        ensure!(ForgottenTo::<T>::get() <= Self::clock(), "I2: forgotten before its last block");
        ensure!(
            Processors::<T>::iter_keys().all(|owner| T::Owners::ensure_payable(owner).is_ok()),
            "I5: a processor is closed or nobody"
        );
        let latest = Latest::<T>::get();
        ensure!(latest.iter().all(|order| Done::<T>::contains_key(order)), "I1: executed and not remembered");
        ensure!(latest.iter().collect::<BTreeSet<_>>().len() == latest.len(), "I1: executed twice");
        Ok(())
    }
}
