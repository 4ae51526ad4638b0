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
    traits::{Institutions, OnStanding, Owners, Profiles, Stoppable, Watch},
    AccountId, Balance, BlockNumber, Hash, OwnerId, Reason, Role, Subject, Target,
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
type Ends = BTreeMap<BlockNumber, BTreeSet<Target>>;

fn note(ends: &mut Ends, target: Target, hold: &Hold) {
    if let Some(until) = hold.until {
        ends.entry(end(until)).or_default().insert(target);
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    fn stop(target: Target) -> Result<bool, DispatchError> {
        match target {
            Target::Owner(owner) => T::Owners::stop(owner),
            Target::Coin(coin) => T::Coins::stop(coin),
            Target::Bank(bank) => T::Banks::stop(bank),
        }
    }

    fn resume(target: Target, bank_too: bool) -> DispatchResult {
        match target {
            Target::Owner(owner) => T::Owners::resume(owner, bank_too),
            Target::Coin(coin) => T::Coins::resume(coin, bank_too),
            Target::Bank(bank) => T::Banks::resume(bank, bank_too),
        }
    }

    fn along(target: Target) -> Vec<Target> {
        match target {
            Target::Owner(owner) => T::Owners::along(owner).into_iter().map(Target::Owner).collect(),
            Target::Coin(_) | Target::Bank(_) => Vec::new(),
        }
    }

    /// What is named, and what goes along with it. What is held by an act of its own does not.
    fn with_along(targets: Targets, also: impl Fn(Option<u32>) -> bool) -> Result<Targets, Error<T>> {
        let mut all = targets.clone();
        for target in targets {
            let act = Holds::<T>::get(target).map(|hold| hold.act);
            for other in Self::along(target) {
                let its = Holds::<T>::get(other).map(|hold| hold.act);
                if (its == act || also(its)) && !all.contains(&other) {
                    all.try_push(other).map_err(|_| Error::<T>::TooManyCards)?;
                }
            }
        }
        Ok(all)
    }

    fn next_act() -> u32 {
        NextAct::<T>::mutate(number)
    }

    fn unschedule(ends: Ends) {
        for (end, gone) in ends {
            let mut due = Expiries::<T>::take(end);
            due.retain(|target| !gone.contains(target));
            if !due.is_empty() {
                Expiries::<T>::insert(end, due);
            }
        }
    }

    pub(crate) fn do_hold(
        by: AccountId,
        targets: Targets,
        reason: Reason,
        until: Option<BlockNumber>,
    ) -> DispatchResult {
        let since = Self::now();
        ensure!(!targets.is_empty(), Error::<T>::NothingNamed);
        ensure!(targets.iter().collect::<BTreeSet<_>>().len() == targets.len(), Error::<T>::NamedTwice);
        ensure!(reason != Reason::Unstated, Error::<T>::NoReason);
        ensure!(until.is_none_or(|until| until >= since), Error::<T>::ExpiryPassed);
        let targets = Self::with_along(targets, |act| act.is_none())?;
        let (act, mut ends) = (Self::next_act(), Ends::new());
        for target in &targets {
            let bank_too = match Holds::<T>::get(target) {
                Some(hold) => {
                    note(&mut ends, *target, &hold);
                    hold.bank_too
                },
                None => Self::stop(*target)?,
            };
            Holds::<T>::insert(target, Hold { act, reason, since, until, bank_too });
        }
        Self::unschedule(ends);
        if let Some(until) = until {
            Expiries::<T>::try_mutate(end(until), |due| {
                targets.iter().try_for_each(|target| due.try_push(*target).map_err(|_| Error::<T>::TooManyExpiries))
            })?;
        }
        Self::deposit_event(Event::Held { act, by: Some(by), targets, reason, until });
        Ok(())
    }

    pub(crate) fn do_release(by: AccountId, targets: Targets) -> DispatchResult {
        ensure!(!targets.is_empty(), Error::<T>::NothingNamed);
        ensure!(targets.iter().all(|target| Holds::<T>::contains_key(target)), Error::<T>::NotHeld);
        let targets = Self::with_along(targets, |_| false)?;
        let mut ends = Ends::new();
        for target in &targets {
            let hold = Holds::<T>::take(target).ok_or(Error::<T>::NotHeld)?;
            Self::resume(*target, hold.bank_too)?;
            note(&mut ends, *target, &hold);
        }
        Self::unschedule(ends);
        Self::deposit_event(Event::Released { act: Self::next_act(), by: Some(by), targets });
        Ok(())
    }

    /// Releases what was held until the block before `now`. Gives how much that was.
    pub(crate) fn expire(now: BlockNumber) -> u32 {
        let targets = Expiries::<T>::take(now);
        for target in &targets {
            let resumed = Holds::<T>::take(target).map(|hold| Self::resume(*target, hold.bank_too));
            if resumed != Some(Ok(())) {
                defensive!("I2: an expiry without a hold");
            }
        }
        let count = u32::try_from(targets.len()).unwrap_or(u32::MAX);
        if count > 0 {
            Self::deposit_event(Event::Expired { targets });
        }
        count
    }

    pub(crate) fn do_open_mandate(
        by: AccountId,
        target: Target,
        reason: Reason,
        authority: Hash,
        until: BlockNumber,
    ) -> DispatchResult {
        let opened = Self::now();
        ensure!(!matches!(target, Target::Bank(_)), Error::<T>::NotTraceable);
        ensure!(reason != Reason::Unstated, Error::<T>::NoReason);
        ensure!(until >= opened, Error::<T>::ExpiryPassed);
        ensure!(until <= opened.saturating_add(T::MaxMandateLife::get()), Error::<T>::MandateTooLong);
        let mandate = NextMandate::<T>::get();
        NextMandate::<T>::put(mandate.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?);
        let opened_by = by.clone();
        let record = Mandate {
            target,
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
        Self::deposit_event(Event::MandateOpened { mandate, by, target, reason, authority, until });
        Ok(())
    }

    /// A mandate that is not over, confirmed or not.
    fn standing_mandate(number: u32) -> Result<Mandate, DispatchError> {
        let mandate = Mandates::<T>::get(number).ok_or(Error::<T>::UnknownMandate)?;
        ensure!(mandate.closed.is_none(), Error::<T>::MandateClosed);
        ensure!(Self::now() <= mandate.until, Error::<T>::MandateExpired);
        Ok(mandate)
    }

    /// The mandate that allows to trace a target now: whatever traces asks here.
    fn mandate_for(number: u32, target: Target) -> Result<Mandate, DispatchError> {
        let mandate = Self::standing_mandate(number)?;
        ensure!(mandate.target == target, Error::<T>::ForeignMandate);
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

    pub(crate) fn do_trace(by: AccountId, number: u32, target: Target, query: Hash) -> DispatchResult {
        let mandate = Self::mandate_for(number, target)?;
        ensure!(mandate.traces < T::MaxTraces::get(), Error::<T>::TooManyTraces);
        let traces = mandate.traces.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?;
        Mandates::<T>::insert(number, Mandate { traces, ..mandate });
        let trace = NextTrace::<T>::get();
        NextTrace::<T>::put(trace.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?);
        Traces::<T>::insert(trace, Trace { mandate: number, query, by: by.clone(), block: Self::now() });
        Self::deposit_event(Event::Traced { trace, mandate: number, by, query });
        Ok(())
    }

    /// Holds in force in the order of their storage keys, after the one on this target, at most `limit`.
    pub fn page(after: Option<Target>, limit: u32) -> Vec<HoldInfo> {
        let holds = match after {
            Some(target) => Holds::<T>::iter_from(Holds::<T>::hashed_key_for(target)),
            None => Holds::<T>::iter(),
        };
        let info = |(target, Hold { act, reason, since, until, bank_too })| HoldInfo {
            target,
            act,
            reason,
            since,
            until,
            bank_too,
        };
        holds.take(usize::try_from(limit).unwrap_or(usize::MAX)).map(info).collect()
    }
}

impl<T: Config> Pallet<T> {
    /// Holds what another pallet stopped.
    fn note_stopped(act: u32, target: Target, bank_too: bool) {
        let (reason, until) = (Reason::Unstated, None);
        Holds::<T>::insert(target, Hold { act, reason, since: Self::now(), until, bank_too });
        let targets = BoundedVec::truncate_from(alloc::vec![target]);
        Self::deposit_event(Event::Held { act, by: None, targets, reason, until });
    }

    /// The act by which an owner is held.
    fn act_on(owner: OwnerId) -> Option<u32> {
        Holds::<T>::get(Target::Owner(owner)).map(|hold| hold.act)
    }
}

impl<T: Config> OnStanding for Pallet<T> {
    fn stopped(target: Target, bank_too: bool) {
        Self::note_stopped(Self::next_act(), target, bank_too);
    }

    fn stopped_along(purse: OwnerId, holder: OwnerId, bank_too: bool) {
        let act = Self::act_on(holder).unwrap_or_else(Self::next_act);
        Self::note_stopped(act, Target::Owner(purse), bank_too);
    }

    fn resumed(target: Target) {
        // Its bank alone may have stopped it.
        let Some(hold) = Holds::<T>::take(target) else { return };
        let mut ends = Ends::new();
        note(&mut ends, target, &hold);
        Self::unschedule(ends);
        let targets = BoundedVec::truncate_from(alloc::vec![target]);
        Self::deposit_event(Event::Released { act: Self::next_act(), by: None, targets });
    }

    fn bank_stops(owner: OwnerId) -> bool {
        Holds::<T>::mutate(Target::Owner(owner), |hold| match hold {
            Some(hold) => !core::mem::replace(&mut hold.bank_too, true),
            None => false,
        })
    }

    fn bank_resumes(owner: OwnerId) {
        Holds::<T>::mutate_extant(Target::Owner(owner), |hold| hold.bank_too = false);
    }

    fn is_apart(purse: OwnerId, holder: OwnerId) -> bool {
        Self::act_on(purse).is_some_and(|act| Self::act_on(holder) != Some(act))
    }
}

impl<T: Config> Watch for Pallet<T> {
    fn payment(from: OwnerId, to: OwnerId, value: Balance) {
        let Some(thresholds) = Thresholds::<T>::get() else { return };
        // Coins may be left for somebody who is not registered; that alone is not suspicious.
        let blocked = thresholds.blocked && T::Owners::bank(to).is_some() && !T::Owners::is_active(to);
        let payment = Payment { payee: PayeeTag::of(to), value, blocked };
        let behind = T::Owners::profile(from).map_or(Subject::Owner(from), |profile| profile.subject);
        let alerts = Patterns::<T>::mutate(behind, |pattern| pattern.observe(&thresholds, Self::now(), &payment));
        for (kind, measure) in alerts {
            let alert = NextAlert::<T>::mutate(number);
            Self::deposit_event(Event::Alerted { alert, owner: from, kind, measure, payee: to, value });
        }
    }

    fn weight() -> Weight {
        T::WeightInfo::payment()
    }
}
