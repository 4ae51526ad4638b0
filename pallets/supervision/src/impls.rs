//! What the calls do, and what other pallets ask and tell.

use crate::{
    pallet::*,
    pattern::{PayeeTag, Payment},
    types::*,
    weights::WeightInfo,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use frame_support::{defensive, ensure, traits::Get, weights::Weight, BoundedVec};
use sp_runtime::{traits::SaturatedConversion, DispatchError, DispatchResult};
use specie_primitives::{
    api::HoldInfo,
    traits::{Institutions, OnStanding, Owners, Stoppable, Watch},
    AccountId, Balance, BlockNumber, Hash, OwnerId, Reason, Role, Subject,
};

/// The first block in which something held until then goes on.
fn end(until: BlockNumber) -> BlockNumber {
    until.saturating_add(1)
}

/// Takes a number. After four billion of them they come again, in later blocks.
fn number(next: &mut u32) -> u32 {
    let number = *next;
    *next = number.wrapping_add(1);
    number
}

/// Holds to be taken off [`Expiries`], by block.
type Ends = BTreeMap<BlockNumber, BTreeSet<Subject>>;

fn note(ends: &mut Ends, subject: Subject, hold: &Hold) {
    if let Some(until) = hold.until {
        ends.entry(end(until)).or_default().insert(subject);
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    fn stop(subject: Subject) -> Result<bool, DispatchError> {
        match subject {
            Subject::Owner(owner) => T::Owners::stop(owner),
            Subject::Coin(coin) => T::Coins::stop(coin),
            Subject::Bank(bank) => T::Banks::stop(bank),
        }
    }

    fn resume(subject: Subject, bank_too: bool) -> DispatchResult {
        match subject {
            Subject::Owner(owner) => T::Owners::resume(owner, bank_too),
            Subject::Coin(coin) => T::Coins::resume(coin, bank_too),
            Subject::Bank(bank) => T::Banks::resume(bank, bank_too),
        }
    }

    fn next_act() -> u32 {
        NextAct::<T>::mutate(number)
    }

    fn unschedule(ends: Ends) {
        for (end, gone) in ends {
            let mut due = Expiries::<T>::take(end);
            due.retain(|subject| !gone.contains(subject));
            if !due.is_empty() {
                Expiries::<T>::insert(end, due);
            }
        }
    }

    pub(crate) fn do_hold(
        by: AccountId,
        subjects: Subjects,
        reason: Reason,
        until: Option<BlockNumber>,
    ) -> DispatchResult {
        let since = Self::now();
        ensure!(!subjects.is_empty(), Error::<T>::NothingNamed);
        ensure!(subjects.iter().collect::<BTreeSet<_>>().len() == subjects.len(), Error::<T>::NamedTwice);
        ensure!(reason != Reason::Unstated, Error::<T>::NoReason);
        ensure!(until.is_none_or(|until| until >= since), Error::<T>::ExpiryPassed);
        let (act, mut ends) = (Self::next_act(), Ends::new());
        for subject in &subjects {
            let bank_too = match Holds::<T>::get(subject) {
                Some(hold) => {
                    note(&mut ends, *subject, &hold);
                    hold.bank_too
                },
                None => Self::stop(*subject)?,
            };
            Holds::<T>::insert(subject, Hold { act, reason, since, until, bank_too });
        }
        Self::unschedule(ends);
        if let Some(until) = until {
            Expiries::<T>::try_mutate(end(until), |due| {
                subjects.iter().try_for_each(|subject| due.try_push(*subject).map_err(|_| Error::<T>::TooManyExpiries))
            })?;
        }
        Self::deposit_event(Event::Held { act, by: Some(by), subjects, reason, until });
        Ok(())
    }

    pub(crate) fn do_release(by: AccountId, subjects: Subjects) -> DispatchResult {
        ensure!(!subjects.is_empty(), Error::<T>::NothingNamed);
        let mut ends = Ends::new();
        for subject in &subjects {
            let hold = Holds::<T>::take(subject).ok_or(Error::<T>::NotHeld)?;
            Self::resume(*subject, hold.bank_too)?;
            note(&mut ends, *subject, &hold);
        }
        Self::unschedule(ends);
        Self::deposit_event(Event::Released { act: Self::next_act(), by: Some(by), subjects });
        Ok(())
    }

    /// Releases what was held until the block before `now`. Gives how much that was.
    pub(crate) fn expire(now: BlockNumber) -> u32 {
        let subjects = Expiries::<T>::take(now);
        for subject in &subjects {
            let resumed = Holds::<T>::take(subject).map(|hold| Self::resume(*subject, hold.bank_too));
            if resumed != Some(Ok(())) {
                defensive!("I2: an expiry without a hold");
            }
        }
        let count = u32::try_from(subjects.len()).unwrap_or(u32::MAX);
        if count > 0 {
            Self::deposit_event(Event::Expired { subjects });
        }
        count
    }

    pub(crate) fn do_open_mandate(
        by: AccountId,
        subject: Subject,
        reason: Reason,
        authority: Hash,
        until: BlockNumber,
    ) -> DispatchResult {
        let opened = Self::now();
        ensure!(!matches!(subject, Subject::Bank(_)), Error::<T>::NotTraceable);
        ensure!(reason != Reason::Unstated, Error::<T>::NoReason);
        ensure!(until >= opened, Error::<T>::ExpiryPassed);
        ensure!(until <= opened.saturating_add(T::MaxMandateLife::get()), Error::<T>::MandateTooLong);
        let mandate = NextMandate::<T>::get();
        NextMandate::<T>::put(mandate.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?);
        let opened_by = by.clone();
        let record = Mandate {
            subject,
            reason,
            authority,
            opened_by,
            opened,
            until,
            confirmed_by: None,
            closed: None,
            traces: 0,
        };
        Mandates::<T>::insert(mandate, record);
        Self::deposit_event(Event::MandateOpened { mandate, by, subject, reason, authority, until });
        Ok(())
    }

    /// A mandate that is not over, confirmed or not.
    fn standing_mandate(number: u32) -> Result<Mandate, DispatchError> {
        let mandate = Mandates::<T>::get(number).ok_or(Error::<T>::UnknownMandate)?;
        ensure!(mandate.closed.is_none(), Error::<T>::MandateClosed);
        ensure!(Self::now() <= mandate.until, Error::<T>::MandateExpired);
        Ok(mandate)
    }

    /// The mandate that allows to trace a subject now: whatever traces asks here.
    fn mandate_for(number: u32, subject: Subject) -> Result<Mandate, DispatchError> {
        let mandate = Self::standing_mandate(number)?;
        ensure!(mandate.subject == subject, Error::<T>::ForeignMandate);
        ensure!(mandate.confirmed_by.is_some(), Error::<T>::MandateNotConfirmed);
        Ok(mandate)
    }

    pub(crate) fn do_confirm_mandate(by: AccountId, number: u32) -> DispatchResult {
        let mandate = Self::standing_mandate(number)?;
        ensure!(mandate.confirmed_by.is_none(), Error::<T>::AlreadyConfirmed);
        // Keys change roles: one that opened a mandate may be a registry key by now.
        ensure!(mandate.opened_by != by, Error::<T>::SameKey);
        let opener = T::Institutions::role(&mandate.opened_by);
        ensure!(opener == Some(Role::Supervising), Error::<T>::OpenerNotSupervising);
        Mandates::<T>::insert(number, Mandate { confirmed_by: Some(by.clone()), ..mandate });
        Self::deposit_event(Event::MandateConfirmed { mandate: number, by });
        Ok(())
    }

    pub(crate) fn do_close_mandate(by: AccountId, number: u32) -> DispatchResult {
        let mandate = Self::standing_mandate(number)?;
        Mandates::<T>::insert(number, Mandate { closed: Some(Self::now()), ..mandate });
        Self::deposit_event(Event::MandateClosed { mandate: number, by });
        Ok(())
    }

    pub(crate) fn do_trace(by: AccountId, number: u32, subject: Subject, query: Hash) -> DispatchResult {
        let mandate = Self::mandate_for(number, subject)?;
        ensure!(mandate.traces < T::MaxTraces::get(), Error::<T>::TooManyTraces);
        let traces = mandate.traces.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?;
        Mandates::<T>::insert(number, Mandate { traces, ..mandate });
        let trace = NextTrace::<T>::get();
        NextTrace::<T>::put(trace.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?);
        Traces::<T>::insert(trace, Trace { mandate: number, query, by: by.clone(), block: Self::now() });
        Self::deposit_event(Event::Traced { trace, mandate: number, by, query });
        Ok(())
    }

    /// Holds in force in the order of their storage keys, after the one on this subject, at most `limit`.
    pub fn page(after: Option<Subject>, limit: u32) -> Vec<HoldInfo> {
        let holds = match after {
            Some(subject) => Holds::<T>::iter_from(Holds::<T>::hashed_key_for(subject)),
            None => Holds::<T>::iter(),
        };
        let info = |(subject, Hold { act, reason, since, until, bank_too })| HoldInfo {
            subject,
            act,
            reason,
            since,
            until,
            bank_too,
        };
        holds.take(usize::try_from(limit).unwrap_or(usize::MAX)).map(info).collect()
    }
}

impl<T: Config> OnStanding for Pallet<T> {
    fn stopped(subject: Subject, bank_too: bool) {
        let (act, reason, until) = (Self::next_act(), Reason::Unstated, None);
        Holds::<T>::insert(subject, Hold { act, reason, since: Self::now(), until, bank_too });
        let subjects = BoundedVec::truncate_from(alloc::vec![subject]);
        Self::deposit_event(Event::Held { act, by: None, subjects, reason, until });
    }

    fn resumed(subject: Subject) {
        // Its bank alone may have stopped it.
        let Some(hold) = Holds::<T>::take(subject) else { return };
        let mut ends = Ends::new();
        note(&mut ends, subject, &hold);
        Self::unschedule(ends);
        let subjects = BoundedVec::truncate_from(alloc::vec![subject]);
        Self::deposit_event(Event::Released { act: Self::next_act(), by: None, subjects });
    }

    fn bank_stops(owner: OwnerId) -> bool {
        Holds::<T>::mutate(Subject::Owner(owner), |hold| match hold {
            Some(hold) => !core::mem::replace(&mut hold.bank_too, true),
            None => false,
        })
    }
}

impl<T: Config> Watch for Pallet<T> {
    fn payment(from: OwnerId, to: OwnerId, value: Balance) {
        let Some(thresholds) = Thresholds::<T>::get() else { return };
        let blocked = thresholds.blocked && !T::Owners::is_active(to);
        let payment = Payment { payee: PayeeTag::of(to), value, blocked };
        let alerts = Patterns::<T>::mutate(from, |pattern| pattern.observe(&thresholds, Self::now(), &payment));
        for (kind, measure) in alerts {
            let alert = NextAlert::<T>::mutate(number);
            Self::deposit_event(Event::Alerted { alert, owner: from, kind, measure, payee: to, value });
        }
    }

    fn weight() -> Weight {
        T::WeightInfo::payment()
    }
}
