//! The owners' full scan.

use crate::pallet::*;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::{traits::Institutions, OwnerId};

impl<T: Config> Pallet<T> {
    /// Checks I1 to I4 over every owner and every bound key, and I5.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        ensure!(!OwnerIdKey::<T>::get().is_none(), "I5: the network has no key of the function behind owner ids");
        for (owner, record) in Owners::<T>::iter() {
            ensure!(OwnerOf::<T>::get(&record.key) == Some(owner), "I1: an owner's current key is not bound to it");
        }
        for (key, owner) in OwnerOf::<T>::iter() {
            ensure!(Owners::<T>::contains_key(owner), "I2: a key is bound to an unknown owner");
            ensure!(frame_system::Pallet::<T>::sufficients(&key) > 0, "I3: a bound key has no sufficient reference");
            let reserved = T::Institutions::is_institutional(&key) || OwnerId::from_account(&key).is_some();
            ensure!(!reserved, "I4: a bound key is an institution's");
        }
        Ok(())
    }
}
