//! The limits' full scan.

use crate::pallet::*;
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::Time};
use sp_runtime::TryRuntimeError;
use specie_primitives::{
    limits::is_calendar,
    traits::{Holdings, Profiles},
    Balance, Subject,
};

impl<T: Config> Pallet<T> {
    /// Checks I1 to I3 over every owner and everything that is recorded.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut held = BTreeMap::<Subject, Balance>::new();
        let mut counts_for_a_person = false;
        T::Profiles::scan(|owner, subject| {
            let sum = held.entry(subject).or_default();
            *sum = sum.saturating_add(T::Holdings::held(owner));
            let own = Subject::Owner(owner);
            counts_for_a_person |= subject != own && Usage::<T>::contains_key(own);
        });
        ensure!(!counts_for_a_person, "I2: something is recorded for an owner that counts for a person");
        for (subject, usage) in Usage::<T>::iter() {
            let sum = held.remove(&subject).unwrap_or_default();
            ensure!(sum == usage.held, "I1: what is recorded as held differs from the holdings");
        }
        ensure!(held.values().all(|sum| *sum == 0), "I1: holdings of which nothing is recorded");
        ensure!(is_calendar(&Calendar::<T>::get(), T::Time::now()), "I3: no calendar is in force, or not in order");
        Ok(())
    }
}
