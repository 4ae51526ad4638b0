//! Joint accounts: owners that have no key. Their managers sign, see the pallet `joint`.

use crate::{pallet::*, types::OwnerRecord};
use alloc::vec::Vec;
use frame_support::{dispatch::DispatchResult, ensure};
use sp_core::sr25519::Signature;
use specie_primitives::{
    traits::{self, OwnerFacts},
    AccountId, BankId, BlockNumber, OwnerClass, OwnerId, PersonTag,
};

impl<T: Config> Pallet<T> {
    /// Fails for a joint account, which gets no key and is not released (I10).
    pub(crate) fn ensure_keyed(owner: OwnerId, record: &OwnerRecord) -> Result<(), Error<T>> {
        ensure!(!record.is_keyless(owner), Error::<T>::JointAccount);
        Ok(())
    }
}

impl<T: Config> traits::KeylessOwners for Pallet<T> {
    fn facts(owner: OwnerId) -> Option<OwnerFacts> {
        <Self as traits::Purses>::facts(owner)
    }

    fn is_keyless(owner: OwnerId) -> bool {
        Owners::<T>::get(owner).is_some_and(|record| record.is_keyless(owner))
    }

    fn open(owner: OwnerId, bank: BankId, class: OwnerClass, person: Option<PersonTag>) -> DispatchResult {
        Self::ensure_no_purse(owner)?;
        Self::ensure_new(owner, class, person)?;
        let key = owner.account();
        Self::insert(owner, bank, key.clone(), class, person);
        Self::deposit_event(Event::Registered { owner, bank, key, class });
        Ok(())
    }

    fn owner_of(key: &AccountId) -> Option<OwnerId> {
        let owner = OwnerOf::<T>::get(key)?;
        (Owners::<T>::get(owner)?.key == *key).then_some(owner)
    }

    fn is_signed(owner: OwnerId, message: &[u8], signature: &Signature) -> bool {
        <Self as traits::Signatures>::is_signed(owner, message, signature)
    }

    fn ensure_timely(expiry: BlockNumber) -> DispatchResult {
        Pallet::<T>::ensure_timely(expiry)
    }

    fn delay() -> BlockNumber {
        RebindDelay::<T>::get()
    }

    fn all() -> Vec<OwnerId> {
        let keyless = |(owner, record): (OwnerId, OwnerRecord)| record.is_keyless(owner).then_some(owner);
        Owners::<T>::iter().filter_map(keyless).collect()
    }
}
