//! How payments are checked and counted.

use crate::{pallet::*, types::DayUsage};
use frame_support::{
    ensure,
    traits::{ConstU32, Time},
    BoundedVec,
};
use sp_runtime::{DispatchError, DispatchResult};
use specie_primitives::{
    api::LimitsInfo,
    limits::{day_at, day_end, is_calendar, CalendarChange, Profile, MAX_CALENDAR},
    traits::{Holdings, Limits, Profiles, Subjects},
    Balance, ClassLimits, OwnerId, Subject,
};

/// Whether an amount stays within a limit.
fn within(amount: Balance, limit: Option<Balance>) -> bool {
    limit.is_none_or(|most| amount <= most)
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_set_calendar(changes: BoundedVec<CalendarChange, ConstU32<MAX_CALENDAR>>) -> DispatchResult {
        let now = T::Time::now();
        ensure!(is_calendar(&changes, now), Error::<T>::BadCalendar);
        ensure!(day_at(&changes, now) == Self::today(), Error::<T>::DayWouldChange);
        Calendar::<T>::put(&changes);
        Self::deposit_event(Event::CalendarSet { changes });
        Ok(())
    }

    fn profile(owner: OwnerId) -> Result<Profile, Error<T>> {
        T::Profiles::profile(owner).ok_or(Error::UnknownOwner)
    }

    /// Notes the day on which an owner was last active; written once a day.
    fn note(owner: OwnerId, profile: &Profile, today: u32) {
        if profile.seen < today {
            T::Profiles::seen(owner, today);
        }
    }

    /// Counts a payment for the payer.
    fn pay(usage: &mut DayUsage, limits: &ClassLimits, value: Balance) -> Result<(), Error<T>> {
        ensure!(within(value, limits.per_payment), Error::<T>::OverPaymentLimit);
        let paid = usage.paid.checked_add(value).ok_or(Error::<T>::CounterOutOfRange)?;
        ensure!(within(paid, limits.per_day), Error::<T>::OverDailyLimit);
        usage.paid = paid;
        Ok(())
    }

    /// Counts what somebody receives.
    fn take(usage: &mut DayUsage, limits: &ClassLimits, value: Balance, over: Error<T>) -> Result<(), Error<T>> {
        let held = usage.held.checked_add(value).ok_or(Error::<T>::CounterOutOfRange)?;
        ensure!(within(held, limits.balance), over);
        usage.held = held;
        Ok(())
    }

    /// Counts what somebody gives away.
    fn give(usage: &mut DayUsage, value: Balance) -> Result<(), Error<T>> {
        usage.held = usage.held.checked_sub(value).ok_or(Error::<T>::CounterOutOfRange)?;
        Ok(())
    }

    /// Changes what is recorded of the subject behind one owner.
    fn change(
        owner: OwnerId,
        change: impl FnOnce(&mut DayUsage, &ClassLimits) -> Result<(), Error<T>>,
    ) -> DispatchResult {
        let (today, profile) = (Self::today(), Self::profile(owner)?);
        let mut usage = Usage::<T>::get(profile.subject).on(today);
        change(&mut usage, &Classes::<T>::get(profile.class))?;
        Usage::<T>::insert(profile.subject, usage);
        Self::note(owner, &profile, today);
        Ok(())
    }

    /// Limits of an owner and how far it is from them.
    pub fn info(owner: OwnerId) -> Option<LimitsInfo> {
        let Profile { class, subject, .. } = T::Profiles::profile(owner)?;
        let (day, limits) = (Self::today(), Classes::<T>::get(class));
        let usage = Usage::<T>::get(subject).on(day);
        Some(LimitsInfo {
            owner,
            class,
            limits,
            paid_today: usage.paid,
            held: usage.held,
            left: usage.left(&limits),
            day,
            day_ends_ms: day_end(&Calendar::<T>::get(), T::Time::now()),
        })
    }
}

impl<T: Config> Limits for Pallet<T> {
    fn payment(from: OwnerId, to: OwnerId, value: Balance) -> DispatchResult {
        let (today, payer, payee) = (Self::today(), Self::profile(from)?, Self::profile(to)?);
        let mut usage = Usage::<T>::get(payer.subject).on(today);
        Self::pay(&mut usage, &Classes::<T>::get(payer.class), value)?;
        // Between two owners of one person nothing changes in what that person holds.
        if payer.subject != payee.subject {
            Self::give(&mut usage, value)?;
            let mut received = Usage::<T>::get(payee.subject).on(today);
            Self::take(&mut received, &Classes::<T>::get(payee.class), value, Error::PayeeOverBalanceLimit)?;
            Usage::<T>::insert(payee.subject, received);
        }
        Usage::<T>::insert(payer.subject, usage);
        Self::note(from, &payer, today);
        Self::note(to, &payee, today);
        Ok(())
    }

    fn sent(from: OwnerId, value: Balance) -> DispatchResult {
        Self::change(from, |usage, limits| Self::pay(usage, limits, value))
    }

    fn received(owner: OwnerId, value: Balance) -> DispatchResult {
        Self::change(owner, |usage, limits| Self::take(usage, limits, value, Error::OverBalanceLimit))
    }

    fn given(owner: OwnerId, value: Balance) -> DispatchResult {
        Self::change(owner, |usage, _| Self::give(usage, value))
    }

    fn room(owner: OwnerId) -> Balance {
        let Ok(Profile { class, subject, .. }) = Self::profile(owner) else { return 0 };
        let (limits, held) = (Classes::<T>::get(class), Usage::<T>::get(subject).held);
        limits.balance.map_or(Balance::MAX, |most| most.saturating_sub(held))
    }
}

impl<T: Config> Subjects for Pallet<T> {
    fn today() -> u32 {
        day_at(&Calendar::<T>::get(), T::Time::now())
    }

    fn moved(owner: OwnerId, from: Subject, to: Subject) -> Result<(), DispatchError> {
        let (today, held) = (Self::today(), T::Holdings::held(owner));
        let mut before = Usage::<T>::get(from).on(today);
        let mut after = Usage::<T>::get(to).on(today);
        Self::give(&mut before, held)?;
        after.held = after.held.checked_add(held).ok_or(Error::<T>::CounterOutOfRange)?;
        // Who of a person's owners paid what is not recorded: all of it goes along, and all of it stays (I4).
        after.paid = after.paid.saturating_add(before.paid);
        // A calendar that was set back must not make a later day new once more.
        after.day = after.day.max(before.day);
        match from {
            // Nobody else counts for it (I2).
            Subject::Owner(_) => Usage::<T>::remove(from),
            Subject::Person(_) => Usage::<T>::insert(from, before),
        }
        Usage::<T>::insert(to, after);
        Ok(())
    }

    fn released(owner: OwnerId) {
        Usage::<T>::remove(Subject::Owner(owner));
    }
}
