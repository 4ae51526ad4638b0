//! What the calls do, and what other pallets ask.

use crate::{pallet::*, types::OwnerRecord};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{EnsureOrigin, Get},
};
use frame_system::pallet_prelude::{BlockNumberFor, OriginFor};
use sp_core::{
    ed25519,
    sr25519::{Public, Signature},
};
use sp_runtime::{
    traits::{SaturatedConversion, Verify, Zero},
    DispatchError,
};
use specie_primitives::{
    cards::is_purse,
    identity::RotationProof,
    limits::Profile,
    traits::{self, Cards, Holdings, Institutions, KeyRotation, OnStanding, Stoppable, Subjects},
    AccountId, BankId, BlockNumber, Hash, OwnerClass, OwnerId, OwnerStatus, PersonTag, RegistrationProof, Subject,
    SuspendedBy, Target,
};

/// Whether a signature is the key's over a message, as it is or wrapped as wallets wrap what is not a transaction.
pub(crate) fn signed(message: &[u8], key: &AccountId, signature: &Signature) -> bool {
    let key = Public::from_raw(*key.as_ref());
    let wrapped = || -> Vec<u8> { [b"<Bytes>".as_slice(), message, b"</Bytes>".as_slice()].concat() };
    signature.verify(message, &key) || signature.verify(wrapped().as_slice(), &key)
}

/// Whether a card's signature is the key's over a message as it is. ZIP-215, as everywhere.
fn signed_by_card(message: &[u8], key: &AccountId, signature: &Signature) -> bool {
    ed25519::Signature::from_raw(signature.0).verify(message, &ed25519::Public::from_raw(*key.as_ref()))
}

impl<T: Config> Pallet<T> {
    /// The owner that a signer pays for: its key is current, and the owner is active.
    pub fn active_owner(signer: &AccountId) -> Option<OwnerId> {
        let owner = OwnerOf::<T>::get(signer)?;
        let record = Owners::<T>::get(owner)?;
        (record.key == *signer && record.status == OwnerStatus::Active).then_some(owner)
    }

    /// Hash of the first block, which every proof names.
    pub fn genesis_hash() -> Hash {
        frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
    }

    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    pub(crate) fn ensure_timely(expiry: BlockNumber) -> DispatchResult {
        let now = Self::now();
        ensure!(expiry >= now, Error::<T>::ProofExpired);
        ensure!(expiry <= now.saturating_add(T::MaxProofAge::get()), Error::<T>::ExpiryTooFar);
        Ok(())
    }

    /// Fails unless a key that signs for it may be bound.
    pub(crate) fn ensure_free(key: &AccountId) -> DispatchResult {
        ensure!(!OwnerOf::<T>::contains_key(key), Error::<T>::KeyAlreadyBound);
        // The key signs for this, and nobody asked it before listing it elsewhere.
        T::Institutions::release(key)?;
        let reserved = T::Institutions::is_institutional(key) || OwnerId::from_account(key).is_some();
        ensure!(!reserved, Error::<T>::KeyNotForOwners);
        Ok(())
    }

    /// Binds a key to an owner for good, and gives its account a nonce for good (I1 to I4).
    pub(crate) fn bind(key: &AccountId, owner: OwnerId) -> DispatchResult {
        Self::ensure_free(key)?;
        OwnerOf::<T>::insert(key, owner);
        frame_system::Pallet::<T>::inc_sufficients(key);
        Ok(())
    }

    /// Enters an owner that is no card's purse with its first key.
    pub(crate) fn bind_new(
        owner: OwnerId,
        bank: BankId,
        key: AccountId,
        class: OwnerClass,
        person: Option<PersonTag>,
    ) -> DispatchResult {
        Self::ensure_no_purse(owner)?;
        Self::enter(owner, bank, key, class, person)
    }

    /// Enters an owner with its first key.
    pub(crate) fn enter(
        owner: OwnerId,
        bank: BankId,
        key: AccountId,
        class: OwnerClass,
        person: Option<PersonTag>,
    ) -> DispatchResult {
        Self::ensure_new(owner, class, person)?;
        Self::bind(&key, owner)?;
        Self::insert(owner, bank, key, class, person);
        Ok(())
    }

    /// Fails unless an id is free, and class and tag go together.
    pub(crate) fn ensure_new(owner: OwnerId, class: OwnerClass, person: Option<PersonTag>) -> Result<(), Error<T>> {
        ensure!(!Owners::<T>::contains_key(owner), Error::<T>::AlreadyRegistered);
        Self::ensure_tagged(class, person)
    }

    /// Writes the record of an owner that is new.
    pub(crate) fn insert(owner: OwnerId, bank: BankId, key: AccountId, class: OwnerClass, person: Option<PersonTag>) {
        let record = OwnerRecord {
            bank,
            key,
            status: OwnerStatus::Active,
            registered: Self::now(),
            class,
            person,
            seen: T::Subjects::today(),
            consent: 0,
            rotated: None,
        };
        Owners::<T>::insert(owner, record);
    }

    pub(crate) fn do_register(
        bank: BankId,
        owner: OwnerId,
        key: AccountId,
        class: OwnerClass,
        person: Option<PersonTag>,
        expiry: BlockNumber,
        signature: &Signature,
    ) -> DispatchResult {
        Self::ensure_timely(expiry)?;
        Self::bind_new(owner, bank, key.clone(), class, person)?;
        let proof = RegistrationProof::new(Self::genesis_hash(), owner, bank, key.clone(), class, expiry);
        ensure!(signed(&proof.encode(), &key, signature), Error::<T>::BadSignature);
        Self::deposit_event(Event::Registered { owner, bank, key, class });
        Ok(())
    }

    pub(crate) fn do_rotate(
        owner: OwnerId,
        new: AccountId,
        expiry: BlockNumber,
        signature: &Signature,
    ) -> DispatchResult {
        Self::ensure_timely(expiry)?;
        Self::ensure_no_purse(owner)?;
        Self::note_rotation(owner)?;
        Self::bind(&new, owner)?;
        let proof = RotationProof::new(Self::genesis_hash(), owner, new.clone(), expiry);
        ensure!(signed(&proof.encode(), &new, signature), Error::<T>::BadSignature);
        let old = Self::replace_key(owner, &new)?;
        // Whoever had the old key may have made it.
        Offers::<T>::remove(owner);
        Self::deposit_event(Event::Rotated { owner, old, new });
        Ok(())
    }

    /// Every key stays in the state for good, so an owner binds one a day at most. Local time may bring an hour of the day
    /// before again.
    fn note_rotation(owner: OwnerId) -> DispatchResult {
        let today = T::Subjects::today();
        Owners::<T>::try_mutate(owner, |record| {
            let record = record.as_mut().ok_or(Error::<T>::UnknownOwner)?;
            ensure!(record.rotated.is_none_or(|day| day < today), Error::<T>::RotatedToday);
            record.rotated = Some(today);
            Ok(())
        })
    }

    /// Makes a bound key the current one. Gives the one before.
    pub(crate) fn replace_key(owner: OwnerId, new: &AccountId) -> Result<AccountId, DispatchError> {
        let old = Owners::<T>::try_mutate(owner, |record| {
            let record = record.as_mut().ok_or(Error::<T>::UnknownOwner)?;
            record.seen = record.seen.max(T::Subjects::today());
            Ok::<_, DispatchError>(core::mem::replace(&mut record.key, new.clone()))
        })?;
        T::Rotation::key_rotated(&old, new);
        Ok(old)
    }

    /// Fails for a card's purse, which goes with its card (I9).
    pub(crate) fn ensure_no_purse(owner: OwnerId) -> Result<(), Error<T>> {
        ensure!(!is_purse(owner), Error::<T>::CardPurse);
        Ok(())
    }

    /// The record of an owner that this bank registered. No card's purse is one.
    pub(crate) fn of_bank(bank: BankId, owner: OwnerId) -> Result<OwnerRecord, Error<T>> {
        let record = Owners::<T>::get(owner).ok_or(Error::<T>::UnknownOwner)?;
        Self::ensure_no_purse(owner)?;
        ensure!(record.bank == bank, Error::<T>::NotYourOwner);
        Ok(record)
    }

    /// Who asks to suspend, reinstate or change the class: the supervisor, or the bank that registered the owner.
    pub(crate) fn ensure_overseer(origin: OriginFor<T>, owner: OwnerId) -> Result<SuspendedBy, DispatchError> {
        let origin = match T::SupervisorOrigin::try_origin(origin) {
            Ok(_) => return Ok(SuspendedBy::Supervisor),
            Err(origin) => origin,
        };
        let bank = T::BankOrigin::ensure_origin(origin)?;
        Self::of_bank(bank, owner)?;
        Ok(SuspendedBy::Bank)
    }

    /// Changes an owner's standing and gives what it was.
    fn change_status(
        owner: OwnerId,
        change: impl FnOnce(OwnerStatus) -> Result<OwnerStatus, Error<T>>,
    ) -> Result<OwnerStatus, DispatchError> {
        Owners::<T>::try_mutate(owner, |record| {
            let record = record.as_mut().ok_or(Error::<T>::UnknownOwner)?;
            let status = change(record.status)?;
            Ok(core::mem::replace(&mut record.status, status))
        })
    }

    /// What keeps a card's purse suspended when nobody else does: the card is lost, or the holder is not active.
    fn stop_of_purse(purse: OwnerId) -> Option<Error<T>> {
        if T::Cards::is_lost(purse) {
            return Some(Error::CardLost);
        }
        let holder = T::Cards::holder(purse)?;
        (!<Self as traits::Owners>::is_active(holder)).then_some(Error::OwnerSuspended)
    }

    /// Suspends an owner. Says whether its bank had done so already.
    pub(crate) fn suspend_by(owner: OwnerId, by: SuspendedBy) -> Result<bool, DispatchError> {
        use OwnerStatus::*;
        let before = Self::change_status(owner, |status| match (status, by) {
            (Closed, _) => Err(Error::OwnerClosed),
            (Active, _) | (Suspended(SuspendedBy::Bank), SuspendedBy::Supervisor) => Ok(Suspended(by)),
            // A loss report must not get lost because the supervisor holds the owner for a while.
            (Suspended(SuspendedBy::Supervisor), SuspendedBy::Bank) if T::Supervision::bank_stops(owner) => Ok(status),
            (Suspended(_), _) => Err(Error::AlreadySuspended),
        })?;
        // A thief may have made it.
        Offers::<T>::remove(owner);
        Self::deposit_event(Event::Suspended { owner, by });
        Ok(before == Suspended(SuspendedBy::Bank))
    }

    pub(crate) fn do_suspend(owner: OwnerId, by: SuspendedBy) -> DispatchResult {
        let mut stopped = alloc::vec![(Target::Owner(owner), Self::suspend_by(owner, by)?)];
        for purse in T::Cards::purses(owner) {
            // One that is suspended already stays so.
            if let Ok(bank_too) = Self::suspend_by(purse, by) {
                stopped.push((Target::Owner(purse), bank_too));
            }
        }
        if by == SuspendedBy::Supervisor {
            // One act, so that what is released is all of it.
            T::Supervision::stopped(&stopped);
        }
        Ok(())
    }

    pub(crate) fn do_reinstate(owner: OwnerId, by: SuspendedBy) -> DispatchResult {
        let mut purses = T::Cards::purses(owner);
        // One that the supervisor holds for a reason of its own is held on.
        purses.retain(|purse| !T::Supervision::is_apart(Target::Owner(*purse), Target::Owner(owner)));
        Self::reinstate_one(owner, by)?;
        for purse in purses {
            // One whose card is lost stays suspended, and so does one that a higher side suspended.
            let _ = Self::reinstate_one(purse, by);
        }
        Ok(())
    }

    pub(crate) fn reinstate_one(owner: OwnerId, by: SuspendedBy) -> DispatchResult {
        use OwnerStatus::*;
        let stop = Self::stop_of_purse(owner);
        let stays = stop.is_some();
        let keyless = <Self as traits::KeylessOwners>::is_keyless(owner);
        Self::change_status(owner, |status| match (status, by) {
            (Closed, SuspendedBy::Bank) => Err(Error::OwnerClosed),
            (Closed, SuspendedBy::Supervisor) if is_purse(owner) => Err(Error::CardPurse),
            // Its managers may be closed, or somebody else by now.
            (Closed, SuspendedBy::Supervisor) if keyless => Err(Error::JointAccount),
            (Active, _) => Err(Error::NotSuspended),
            (Suspended(SuspendedBy::Supervisor), SuspendedBy::Bank) => Err(Error::SuspendedBySupervisor),
            // The loss report goes on, and with it what it did; and no card pays for a holder that does not.
            (Suspended(SuspendedBy::Supervisor), SuspendedBy::Supervisor) if stays => Ok(Suspended(SuspendedBy::Bank)),
            (Suspended(SuspendedBy::Bank), _) => stop.map_or(Ok(Active), Err),
            // A bank may have closed it in error, and nobody could register it for years.
            (Suspended(_), _) | (Closed, SuspendedBy::Supervisor) => Ok(Active),
        })?;
        Self::drop_rebind(owner);
        if by == SuspendedBy::Supervisor {
            T::Supervision::resumed(Target::Owner(owner));
        }
        Self::deposit_event(match stays {
            true => Event::Suspended { owner, by: SuspendedBy::Bank },
            false => Event::Reinstated { owner, by },
        });
        Ok(())
    }

    pub(crate) fn do_close(bank: BankId, owner: OwnerId) -> DispatchResult {
        Self::of_bank(bank, owner)?;
        Self::close_one(owner)
    }

    pub(crate) fn close_one(owner: OwnerId) -> DispatchResult {
        use OwnerStatus::*;
        Self::change_status(owner, |status| match status {
            Closed => Err(Error::OwnerClosed),
            Suspended(SuspendedBy::Supervisor) => Err(Error::SuspendedBySupervisor),
            Active | Suspended(SuspendedBy::Bank) => Ok(Closed),
        })?;
        T::Holdings::ensure_nothing_held(owner)?;
        Offers::<T>::remove(owner);
        Self::drop_rebind(owner);
        Self::deposit_event(Event::Closed { owner });
        Ok(())
    }
}

impl<T: Config> Stoppable<OwnerId> for Pallet<T> {
    fn stop(owner: OwnerId) -> Result<bool, DispatchError> {
        Self::suspend_by(owner, SuspendedBy::Supervisor)
    }

    fn resume(owner: OwnerId, bank_too: bool) -> DispatchResult {
        use OwnerStatus::*;
        // No bank stops a purse but with its card or its holder, as they are now: what was when the hold began is over.
        let bank_too = if is_purse(owner) { Self::stop_of_purse(owner).is_some() } else { bank_too };
        Self::change_status(owner, |status| match status {
            Suspended(SuspendedBy::Supervisor) if bank_too => Ok(Suspended(SuspendedBy::Bank)),
            Suspended(SuspendedBy::Supervisor) => Ok(Active),
            _ => Err(Error::NotSuspended),
        })?;
        Self::deposit_event(match bank_too {
            true => Event::Suspended { owner, by: SuspendedBy::Bank },
            false => Event::Reinstated { owner, by: SuspendedBy::Supervisor },
        });
        if !bank_too {
            for purse in T::Cards::purses(owner) {
                // One whose own hold ended before waited for its holder; one that is lost or held stays suspended.
                let _ = Self::reinstate_one(purse, SuspendedBy::Bank);
            }
        }
        Ok(())
    }

    fn along(owner: OwnerId) -> Vec<OwnerId> {
        let mut purses = T::Cards::purses(owner);
        purses.retain(|purse| Owners::<T>::get(purse).is_some_and(|record| record.status != OwnerStatus::Closed));
        purses
    }

    fn all_stopped() -> Vec<OwnerId> {
        let stopped = OwnerStatus::Suspended(SuspendedBy::Supervisor);
        Owners::<T>::iter().filter(|(_, record)| record.status == stopped).map(|(owner, _)| owner).collect()
    }
}

impl<T: Config> traits::Owners for Pallet<T> {
    fn ensure_payable(owner: OwnerId) -> DispatchResult {
        let record = Owners::<T>::get(owner).ok_or(Error::<T>::UnknownOwner)?;
        ensure!(record.status != OwnerStatus::Closed, Error::<T>::OwnerClosed);
        Ok(())
    }

    fn is_active(owner: OwnerId) -> bool {
        Owners::<T>::get(owner).is_some_and(|record| record.status == OwnerStatus::Active)
    }

    fn is_held(owner: OwnerId) -> bool {
        let stopped = OwnerStatus::Suspended(SuspendedBy::Supervisor);
        let held = |owner: OwnerId| Owners::<T>::get(owner).is_some_and(|record| record.status == stopped);
        // What is on the cards of somebody who is held is held, too, even if a hold of the card's own has ended.
        held(owner) || (is_purse(owner) && T::Cards::holder(owner).is_some_and(held))
    }

    fn bank(owner: OwnerId) -> Option<BankId> {
        Owners::<T>::get(owner).map(|record| record.bank)
    }

    fn released(owner: OwnerId) -> Option<BlockNumber> {
        Released::<T>::get(owner)
    }
}

impl<T: Config> traits::Signatures for Pallet<T> {
    fn is_signed(owner: OwnerId, message: &[u8], signature: &Signature) -> bool {
        // What an owner id says of the curve, and not the signature: no key counts on another curve than its own.
        let signed = if is_purse(owner) { signed_by_card } else { signed };
        // Whoever tries long enough finds a key whose account begins like those of owners.
        let holds = |record: OwnerRecord| !record.is_keyless(owner) && signed(message, &record.key, signature);
        Owners::<T>::get(owner).is_some_and(holds)
    }
}

impl<T: Config> traits::Profiles for Pallet<T> {
    fn profile(owner: OwnerId) -> Option<Profile> {
        let OwnerRecord { class, person, seen, .. } = Owners::<T>::get(owner)?;
        Some(Profile { class, subject: Subject::of(owner, person), seen })
    }

    fn seen(owner: OwnerId, day: u32) {
        Owners::<T>::mutate_extant(owner, |record| record.seen = record.seen.max(day));
    }

    fn scan(mut visit: impl FnMut(OwnerId, Subject)) {
        Owners::<T>::iter().for_each(|(owner, record)| visit(owner, Subject::of(owner, record.person)));
    }
}
