//! Purses of cards: owners that go with their cards, and with the holders of those.

use crate::{pallet::*, types::OwnerRecord};
use alloc::vec::Vec;
use frame_support::{dispatch::DispatchResult, ensure};
use sp_core::sr25519::Signature;
use specie_primitives::{
    cards::is_purse,
    traits::{self, OwnerFacts},
    AccountId, BankId, BlockNumber, OwnerClass, OwnerId, OwnerStatus, PersonTag, SuspendedBy,
};

impl<T: Config> traits::Purses for Pallet<T> {
    fn facts(owner: OwnerId) -> Option<OwnerFacts> {
        let OwnerRecord { bank, key, status, class, person, registered, .. } = Owners::<T>::get(owner)?;
        Some(OwnerFacts { bank, key, status, class, person, registered })
    }

    fn ensure_unbound(key: &AccountId) -> DispatchResult {
        Self::ensure_free(key)
    }

    fn open(
        purse: OwnerId,
        bank: BankId,
        key: AccountId,
        class: OwnerClass,
        person: Option<PersonTag>,
    ) -> DispatchResult {
        ensure!(is_purse(purse), Error::<T>::CardPurse);
        Self::enter(purse, bank, key.clone(), class, person)?;
        Self::deposit_event(Event::Registered { owner: purse, bank, key, class });
        Ok(())
    }

    fn rekey(purse: OwnerId, key: &AccountId) -> DispatchResult {
        let record = Owners::<T>::get(purse).ok_or(Error::<T>::UnknownOwner)?;
        match record.status {
            OwnerStatus::Suspended(SuspendedBy::Bank) => {},
            OwnerStatus::Suspended(SuspendedBy::Supervisor) => return Err(Error::<T>::SuspendedBySupervisor.into()),
            OwnerStatus::Active => return Err(Error::<T>::NotSuspended.into()),
            OwnerStatus::Closed => return Err(Error::<T>::OwnerClosed.into()),
        }
        Self::bind(key, purse)?;
        let old = Self::replace_key(purse, key)?;
        Self::deposit_event(Event::Rebound { owner: purse, old, new: key.clone() });
        Ok(())
    }

    fn stop(purse: OwnerId) -> DispatchResult {
        let record = Owners::<T>::get(purse).ok_or(Error::<T>::UnknownOwner)?;
        match record.status {
            OwnerStatus::Suspended(_) => Ok(()),
            OwnerStatus::Active | OwnerStatus::Closed => Self::suspend_by(purse, SuspendedBy::Bank).map(drop),
        }
    }

    fn resume(purse: OwnerId) -> DispatchResult {
        Self::reinstate_one(purse, SuspendedBy::Bank)
    }

    fn close(purse: OwnerId) -> DispatchResult {
        Self::close_one(purse)
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
        Owners::<T>::iter_keys().filter(|owner| is_purse(*owner)).collect()
    }
}
