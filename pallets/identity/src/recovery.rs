//! Another key after a loss, and another bank.

use crate::{
    impls::signed,
    pallet::*,
    types::{Objection, Offer, Rebind},
};
use codec::Encode;
use frame_support::{dispatch::DispatchResult, ensure};
use sp_core::sr25519::Signature;
use sp_runtime::DispatchError;
use specie_primitives::{
    api::RecoveryInfo,
    identity::RebindProof,
    traits::{Banks, Cards, Holdings, Standstill},
    AccountId, Balance, BankId, BlockNumber, OwnerId, OwnerStatus, SuspendedBy,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_request_rebind(
        bank: BankId,
        owner: OwnerId,
        key: AccountId,
        expiry: BlockNumber,
        signature: &Signature,
    ) -> DispatchResult {
        let record = Self::of_bank(bank, owner)?;
        Self::ensure_keyed(owner, &record)?;
        ensure!(!Rebinds::<T>::contains_key(owner), Error::<T>::RebindPending);
        match record.status {
            OwnerStatus::Active => Self::do_suspend(owner, SuspendedBy::Bank)?,
            OwnerStatus::Suspended(SuspendedBy::Bank) => {},
            OwnerStatus::Suspended(SuspendedBy::Supervisor) => return Err(Error::<T>::SuspendedBySupervisor.into()),
            OwnerStatus::Closed => return Err(Error::<T>::OwnerClosed.into()),
        }
        Self::ensure_timely(expiry)?;
        Self::ensure_free(&key)?;
        let proof = RebindProof::new(Self::genesis_hash(), owner, bank, key.clone(), expiry);
        ensure!(signed(&proof.encode(), &key, signature), Error::<T>::BadSignature);
        let ready = Self::running().saturating_add(RebindDelay::<T>::get());
        let rebind = Rebind { key: key.clone(), ready, objection: Objection::None, approved: false };
        Rebinds::<T>::insert(owner, rebind);
        let ready = Self::first_block(ready);
        Self::deposit_event(Event::RebindRequested { owner, bank, key, ready });
        Ok(())
    }

    /// Blocks in which payments ran. It never goes back.
    fn running() -> BlockNumber {
        Self::now().saturating_sub(T::Standstill::stood_still())
    }

    /// First block in which a request can be completed that is ready after so many, if payments go on now.
    fn first_block(ready: BlockNumber) -> BlockNumber {
        ready.saturating_add(T::Standstill::stood_still())
    }

    /// Ends a request, if there is one, without a new key.
    pub(crate) fn drop_rebind(owner: OwnerId) {
        if let Some(Rebind { key, .. }) = Rebinds::<T>::take(owner) {
            Self::deposit_event(Event::RebindCancelled { owner, key });
        }
    }

    pub(crate) fn do_cancel_rebind(bank: BankId, owner: OwnerId) -> DispatchResult {
        Self::of_bank(bank, owner)?;
        ensure!(Rebinds::<T>::contains_key(owner), Error::<T>::NoRebind);
        Self::drop_rebind(owner);
        Ok(())
    }

    /// Whether the current key of an owner may object now.
    pub fn may_object(owner: OwnerId) -> bool {
        Rebinds::<T>::get(owner).is_some_and(|rebind| rebind.objection == Objection::None)
    }

    pub(crate) fn do_object(signer: &AccountId) -> DispatchResult {
        let owner = OwnerOf::<T>::get(signer).ok_or(DispatchError::BadOrigin)?;
        let record = Owners::<T>::get(owner).ok_or(DispatchError::BadOrigin)?;
        ensure!(record.key == *signer, DispatchError::BadOrigin);
        let key = Rebinds::<T>::try_mutate(owner, |rebind| {
            let rebind = rebind.as_mut().ok_or(Error::<T>::NoRebind)?;
            ensure!(rebind.objection == Objection::None, Error::<T>::AlreadyObjected);
            rebind.objection = Objection::Raised;
            Ok::<_, DispatchError>(rebind.key.clone())
        })?;
        Self::deposit_event(Event::RebindObjected { owner, key });
        Ok(())
    }

    /// The request for this key. Whoever decides names the key: the bank may have asked for another meanwhile.
    fn rebind_to(owner: OwnerId, key: &AccountId) -> Result<Rebind, Error<T>> {
        let rebind = Rebinds::<T>::get(owner).ok_or(Error::<T>::NoRebind)?;
        ensure!(rebind.key == *key, Error::<T>::OtherKey);
        Ok(rebind)
    }

    pub(crate) fn do_decide_rebind(owner: OwnerId, key: AccountId, uphold: bool) -> DispatchResult {
        let rebind = Self::rebind_to(owner, &key)?;
        ensure!(rebind.objection == Objection::Raised, Error::<T>::NoObjection);
        if uphold {
            Rebinds::<T>::remove(owner);
        } else {
            Rebinds::<T>::insert(owner, Rebind { objection: Objection::Overruled, ..rebind });
        }
        Self::deposit_event(Event::RebindDecided { owner, key, upheld: uphold });
        Ok(())
    }

    pub(crate) fn do_approve_rebind(owner: OwnerId, key: AccountId) -> DispatchResult {
        let rebind = Self::rebind_to(owner, &key)?;
        ensure!(!rebind.approved, Error::<T>::AlreadyApproved);
        Rebinds::<T>::insert(owner, Rebind { approved: true, ..rebind });
        Self::deposit_event(Event::RebindApproved { owner, key });
        Ok(())
    }

    pub(crate) fn do_complete_rebind(bank: BankId, owner: OwnerId) -> DispatchResult {
        let record = Self::of_bank(bank, owner)?;
        let rebind = Rebinds::<T>::take(owner).ok_or(Error::<T>::NoRebind)?;
        ensure!(Self::running() >= rebind.ready, Error::<T>::TooEarly);
        ensure!(rebind.objection != Objection::Raised, Error::<T>::ObjectionPending);
        ensure!(record.status == OwnerStatus::Suspended(SuspendedBy::Bank), Error::<T>::SuspendedBySupervisor);
        let free = rebind.approved || !Self::needs_approval(Self::within_reach(owner));
        ensure!(free, Error::<T>::ApprovalMissing);
        Self::bind(&rebind.key, owner)?;
        let old = Self::replace_key(owner, &rebind.key)?;
        Self::do_reinstate(owner, SuspendedBy::Bank)?;
        Self::deposit_event(Event::Rebound { owner, old, new: rebind.key });
        Ok(())
    }

    /// What another key would get hold of: with it the bank replaces the owner's cards at once. What is on joint accounts that
    /// the owner manages is told as held by it.
    fn within_reach(owner: OwnerId) -> Balance {
        let cards = T::Cards::purses(owner).into_iter().map(T::Holdings::held);
        cards.fold(T::Holdings::held(owner), Balance::saturating_add)
    }

    fn needs_approval(held: Balance) -> bool {
        held > RebindApprovalValue::<T>::get()
    }

    /// Every request that waits.
    pub fn recoveries() -> impl Iterator<Item = RecoveryInfo> {
        Rebinds::<T>::iter().filter_map(|(owner, rebind)| {
            let (record, held) = (Owners::<T>::get(owner)?, Self::within_reach(owner));
            Some(RecoveryInfo {
                owner,
                bank: record.bank,
                old: record.key,
                new: rebind.key,
                ready: Self::first_block(rebind.ready),
                objected: rebind.objection == Objection::Raised,
                approved: rebind.approved,
                needs_approval: Self::needs_approval(held),
                held,
            })
        })
    }

    pub(crate) fn do_move_to(owner: OwnerId, bank: BankId, expiry: BlockNumber) -> DispatchResult {
        Self::ensure_timely(expiry)?;
        Self::ensure_no_purse(owner)?;
        let record = Owners::<T>::get(owner).ok_or(Error::<T>::UnknownOwner)?;
        ensure!(record.bank != bank, Error::<T>::SameBank);
        Offers::<T>::insert(owner, Offer { to: bank, expiry });
        Self::deposit_event(Event::MoveOffered { owner, to: bank, expiry });
        Ok(())
    }

    pub(crate) fn do_accept_move(bank: BankId, owner: OwnerId) -> DispatchResult {
        ensure!(Owners::<T>::contains_key(owner), Error::<T>::UnknownOwner);
        let offer = Offers::<T>::take(owner).filter(|offer| offer.to == bank && offer.expiry >= Self::now());
        ensure!(offer.is_some(), Error::<T>::NoOffer);
        let from = Owners::<T>::try_mutate(owner, |record| {
            let record = record.as_mut().ok_or(Error::<T>::UnknownOwner)?;
            Ok::<_, DispatchError>(core::mem::replace(&mut record.bank, bank))
        })?;
        Self::deposit_event(Event::Moved { owner, from, to: bank });
        Self::move_purses(owner, bank);
        Ok(())
    }

    /// The cards of a holder go with it.
    fn move_purses(holder: OwnerId, bank: BankId) {
        for purse in T::Cards::purses(holder) {
            let Some(from) = Owners::<T>::get(purse).map(|record| record.bank).filter(|from| *from != bank) else {
                continue;
            };
            Owners::<T>::mutate_extant(purse, |record| record.bank = bank);
            Self::deposit_event(Event::Moved { owner: purse, from, to: bank });
        }
    }

    pub(crate) fn do_assign(owner: OwnerId, bank: BankId) -> DispatchResult {
        let from = Owners::<T>::get(owner).ok_or(Error::<T>::UnknownOwner)?.bank;
        ensure!(T::Banks::is_active(bank), Error::<T>::BankNotActive);
        ensure!(from != bank, Error::<T>::SameBank);
        Owners::<T>::mutate_extant(owner, |record| record.bank = bank);
        Offers::<T>::remove(owner);
        Self::drop_rebind(owner);
        Self::deposit_event(Event::Moved { owner, from, to: bank });
        Self::move_purses(owner, bank);
        Ok(())
    }

    /// Whether rules of recovery are at least as strict as those in force.
    pub(crate) fn is_stricter(delay: BlockNumber, approval_value: Balance, dormancy_days: u32) -> bool {
        let days = DormancyDays::<T>::get();
        let longer = dormancy_days == 0 || (days > 0 && dormancy_days >= days);
        delay >= RebindDelay::<T>::get() && approval_value <= RebindApprovalValue::<T>::get() && longer
    }
}
