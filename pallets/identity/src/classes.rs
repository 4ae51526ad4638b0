//! Classes, the person behind an owner, and ids that become free.

use crate::{
    impls::signed,
    pallet::*,
    types::{Consent, OwnerRecord},
};
use codec::Encode;
use frame_support::{dispatch::DispatchResult, ensure};
use specie_primitives::{
    identity::ClassProof,
    traits::{Cards, Holdings, Subjects},
    BankId, OwnerClass, OwnerId, OwnerStatus, PersonTag, Subject, SuspendedBy,
};

impl<T: Config> Pallet<T> {
    /// I6.
    pub(crate) fn ensure_tagged(class: OwnerClass, person: Option<PersonTag>) -> Result<(), Error<T>> {
        match (class.is_verified(), person.is_some()) {
            (true, false) => Err(Error::TagMissing),
            (false, true) => Err(Error::TagNotAllowed),
            _ => Ok(()),
        }
    }

    pub(crate) fn do_change_class(
        owner: OwnerId,
        by: SuspendedBy,
        class: OwnerClass,
        person: Option<PersonTag>,
        consent: Option<Consent>,
    ) -> DispatchResult {
        Self::ensure_tagged(class, person)?;
        Self::ensure_no_purse(owner)?;
        let before = Owners::<T>::get(owner).ok_or(Error::<T>::UnknownOwner)?;
        ensure!(before.status != OwnerStatus::Closed, Error::<T>::OwnerClosed);
        ensure!((before.class, before.person) != (class, person), Error::<T>::SameClass);
        let mut record = OwnerRecord { class, person, ..before.clone() };
        match by {
            SuspendedBy::Supervisor => {
                ensure!(class < before.class, Error::<T>::NotLower);
                // Who stands behind an owner is for banks to find out.
                let kept = before.person.filter(|_| class.is_verified());
                ensure!(person == kept, Error::<T>::TagNotAllowed);
            },
            SuspendedBy::Bank => {
                Self::ensure_keyed(owner, &before)?;
                ensure!(before.status == OwnerStatus::Active, Error::<T>::OwnerSuspended);
                let Consent { expiry, signature } = consent.ok_or(Error::<T>::ConsentMissing)?;
                Self::ensure_timely(expiry)?;
                ensure!(expiry > before.consent, Error::<T>::ConsentUsed);
                let proof = ClassProof::new(Self::genesis_hash(), owner, before.bank, class, person, expiry);
                ensure!(signed(&proof.encode(), &before.key, &signature), Error::<T>::BadSignature);
                record.consent = expiry;
                record.seen = before.seen.max(T::Subjects::today());
            },
        }
        Self::reclass(owner, before, record, by)?;
        // The cards of somebody who is not verified any more are worth what anonymous ones are.
        let (class, person) = if class.is_verified() { (class, person) } else { (OwnerClass::AnonymousCard, None) };
        for purse in T::Cards::purses(owner) {
            let before = Owners::<T>::get(purse).ok_or(Error::<T>::UnknownOwner)?;
            if (before.class, before.person) != (class, person) {
                let record = OwnerRecord { class, person, ..before.clone() };
                Self::reclass(purse, before, record, by)?;
            }
        }
        Ok(())
    }

    /// Enters another class or person, and has what is counted go along.
    fn reclass(owner: OwnerId, before: OwnerRecord, record: OwnerRecord, by: SuspendedBy) -> DispatchResult {
        let (from, to) = (Subject::of(owner, before.person), Subject::of(owner, record.person));
        let class = record.class;
        Owners::<T>::insert(owner, record);
        if from != to {
            T::Subjects::moved(owner, from, to)?;
        }
        Self::deposit_event(Event::ClassChanged { owner, from: before.class, to: class, by });
        Ok(())
    }

    pub(crate) fn do_release(bank: BankId, owner: OwnerId) -> DispatchResult {
        let record = Owners::<T>::get(owner).ok_or(Error::<T>::UnknownOwner)?;
        Self::ensure_no_purse(owner)?;
        Self::ensure_keyed(owner, &record)?;
        ensure!(record.status != OwnerStatus::Suspended(SuspendedBy::Supervisor), Error::<T>::SuspendedBySupervisor);
        ensure!(!Rebinds::<T>::contains_key(owner), Error::<T>::RebindPending);
        let days = DormancyDays::<T>::get();
        let dormant = days > 0 && T::Subjects::today() >= record.seen.saturating_add(days);
        ensure!(dormant, Error::<T>::NotDormant);
        T::Holdings::ensure_nothing_held(owner)?;
        Owners::<T>::remove(owner);
        Offers::<T>::remove(owner);
        Released::<T>::insert(owner, Self::now());
        T::Subjects::released(owner);
        Self::deposit_event(Event::Released { owner, by: bank });
        Ok(())
    }
}
