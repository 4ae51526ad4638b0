//! The owners' full scan.

use crate::pallet::*;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::{traits::Institutions, OwnerId, OwnerStatus};

impl<T: Config> Pallet<T> {
    /// Checks I1 to I8 and I10 over every owner, bound key, request and offer.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        ensure!(!OwnerIdKey::<T>::get().is_none(), "I5: the network has no key of the function behind owner ids");
        for (owner, record) in Owners::<T>::iter() {
            if record.is_keyless(owner) {
                ensure!(!OwnerOf::<T>::contains_key(&record.key), "I10: a key is bound to a joint account");
                let asked = Rebinds::<T>::contains_key(owner) || Offers::<T>::contains_key(owner);
                ensure!(!asked, "I10: somebody asks for a key or another bank for a joint account");
            } else {
                ensure!(OwnerOf::<T>::get(&record.key) == Some(owner), "I1: an owner's current key is not bound to it");
            }
            let tagged = Self::ensure_tagged(record.class, record.person).is_ok();
            ensure!(tagged, "I6: class and tag of an owner do not go together");
        }
        for (key, owner) in OwnerOf::<T>::iter() {
            let known = Owners::<T>::contains_key(owner) || Released::<T>::contains_key(owner);
            ensure!(known, "I2: a key is bound to an unknown owner");
            ensure!(frame_system::Pallet::<T>::sufficients(&key) > 0, "I3: a bound key has no sufficient reference");
            let reserved = T::Institutions::is_institutional(&key) || OwnerId::from_account(&key).is_some();
            ensure!(!reserved, "I4: a bound key is an institution's");
        }
        let status = |owner: OwnerId| Owners::<T>::get(owner).map(|record| record.status);
        for owner in Rebinds::<T>::iter_keys() {
            let suspended = matches!(status(owner), Some(OwnerStatus::Suspended(_)));
            ensure!(suspended, "I7: the owner of a request is not suspended");
        }
        for (owner, offer) in Offers::<T>::iter() {
            let elsewhere = Owners::<T>::get(owner).is_some_and(|record| record.bank != offer.to);
            ensure!(status(owner) == Some(OwnerStatus::Active) && elsewhere, "I8: an offer that cannot be accepted");
        }
        Ok(())
    }
}
