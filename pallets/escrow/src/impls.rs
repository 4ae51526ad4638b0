//! How custody is set aside, and how payer, payee and supervisor move it on.

use crate::{pallet::*, types::*, weights::WeightInfo};
use core::marker::PhantomData;
use frame_support::{
    ensure,
    storage::{transactional::with_transaction, with_storage_layer},
    traits::Get,
    weights::Weight,
};
use sp_runtime::{
    traits::{SaturatedConversion, Zero},
    DispatchError, DispatchResult, TransactionOutcome,
};
use specie_primitives::{
    books::{raise, EscrowFlows},
    escrow::{EscrowEnd, EscrowStep},
    traits::{self, Banks, EscrowOrders, EscrowPots, Holdings, Limits, Owners, Standstill, Watch},
    AccountId, Balance, BankId, BankStatus, BlockNumber, EscrowTerms, OrderId, OwnerId, Reason, MAX_ESCROWS_OF_PAYER,
};

impl<T: Config> Pallet<T> {
    /// Blocks in which payments ran: the clock of orders. It never goes back, so no stop makes what expired good again.
    pub(crate) fn running() -> BlockNumber {
        let now: BlockNumber = frame_system::Pallet::<T>::block_number().saturated_into();
        now.saturating_sub(T::Standstill::stood_still())
    }

    pub(crate) fn open(escrow: OrderId) -> Result<Escrow, DispatchError> {
        Escrows::<T>::get(escrow).ok_or_else(|| Error::<T>::UnknownEscrow.into())
    }

    fn do_hold(escrow: OrderId, payer: OwnerId, payee: OwnerId, terms: &EscrowTerms) -> DispatchResult {
        let EscrowTerms { from_bank, to_bank, amount, expires, at_expiry, reference } = *terms;
        ensure!(payer != payee, Error::<T>::SameOwner);
        ensure!(!T::Owners::is_held(payer), Error::<T>::OwnerHeld);
        T::Owners::ensure_payable(payee)?;
        ensure!(!Escrows::<T>::contains_key(escrow), Error::<T>::EscrowExists);
        let now = Self::running();
        ensure!(expires > now, Error::<T>::ExpiryTooSoon);
        ensure!(expires <= now.saturating_add(T::MaxLife::get()), Error::<T>::ExpiryTooFar);
        ensure!([from_bank, to_bank].into_iter().all(T::Banks::is_active), Error::<T>::BankNotActive);
        T::Pots::fill(from_bank, payer, amount)?;
        T::Limits::sent(payer, amount)?;
        // What could not be paid is refused now, and looked at once more when it is.
        Self::ensure_within_limits(payer, payee, amount).map_err(|_| Error::<T>::PayeeOverLimit)?;
        Self::count(from_bank, |flows| raise(&mut flows.held, amount))?;
        let record = Escrow {
            payer,
            from_bank,
            payee,
            to_bank,
            amount,
            paid: 0,
            returned: 0,
            expires,
            at_expiry,
            reference,
            disputes: Disputes::default(),
            due: expires,
            look: expires,
        };
        Self::remember(escrow, &record)?;
        Self::deposit_event(Event::Held {
            escrow,
            from_bank,
            payer,
            to_bank,
            payee,
            amount,
            expires,
            at_expiry,
            reference,
        });
        T::Watch::payment(payer, payee, amount);
        Ok(())
    }

    pub(crate) fn do_release(payer: OwnerId, escrow: OrderId, amount: Balance) -> DispatchResult {
        let record = Self::open(escrow)?;
        ensure!(record.payer == payer, Error::<T>::NotPayer);
        ensure!(!T::Owners::is_held(payer), Error::<T>::OwnerHeld);
        let bank = Self::bank_of_payee(&record);
        ensure!([record.from_bank, bank].into_iter().all(T::Banks::is_active), Error::<T>::BankNotActive);
        Self::pay(escrow, record, bank, amount, EscrowEnd::Released)
    }

    /// The bank that is to owe the payee. An escrow keeps no bank from closing that has no other part in it: strangers could name
    /// any bank for years.
    pub(crate) fn bank_of_payee(record: &Escrow) -> BankId {
        match T::Banks::status(record.to_bank) {
            Some(BankStatus::Closed) => record.from_bank,
            _ => record.to_bank,
        }
    }

    fn do_return(payer: OwnerId, payee: OwnerId, escrow: OrderId, amount: Balance) -> DispatchResult {
        let record = Self::open(escrow)?;
        ensure!((record.payer, record.payee) == (payer, payee), Error::<T>::NotParties);
        Self::give_back(escrow, record, amount, EscrowEnd::Agreed)
    }

    pub(crate) fn do_dispute(by: OwnerId, escrow: OrderId) -> DispatchResult {
        let (mut record, now) = (Self::open(escrow)?, Self::running());
        ensure!(now <= record.due, Error::<T>::TooLate);
        let side = match by {
            by if by == record.payer => &mut record.disputes.payer,
            by if by == record.payee => &mut record.disputes.payee,
            _ => return Err(Error::<T>::NotParties.into()),
        };
        ensure!(!*side, Error::<T>::AlreadyDisputed);
        *side = true;
        // Whoever disputes early takes nothing of the other's time by it, and whoever disputes late doubles none.
        let from = now.min(record.expires);
        Self::put_off(escrow, &mut record, from);
        Escrows::<T>::insert(escrow, record);
        Self::deposit_event(Event::Disputed { escrow, by: Some(by), due: record.due });
        Ok(())
    }

    pub(crate) fn do_decide(by: AccountId, escrow: OrderId, to_payee: Balance, reason: Reason) -> DispatchResult {
        ensure!(reason != Reason::Unstated, Error::<T>::NoReason);
        let record = Self::open(escrow)?;
        let is_held = [record.payer, record.payee].into_iter().any(T::Owners::is_held);
        ensure!(record.disputes.any() || is_held, Error::<T>::NotDisputed);
        let to_payer = record.rest().checked_sub(to_payee).ok_or(Error::<T>::AmountTooHigh)?;
        Self::deposit_event(Event::Decided { escrow, by, to_payee, to_payer, reason });
        // A decision waits for no reserve.
        let covered = T::Pots::covers(record.from_bank, record.to_bank, to_payee);
        let bank = if covered { record.to_bank } else { record.from_bank };
        Self::split(escrow, record, bank, to_payee, EscrowEnd::Decided)
    }

    /// Gives the payee so much of what is left, at this bank, and the payer the rest back.
    pub(crate) fn split(
        escrow: OrderId,
        record: Escrow,
        bank: BankId,
        to_payee: Balance,
        by: EscrowEnd,
    ) -> DispatchResult {
        let to_payer = record.rest().checked_sub(to_payee).ok_or(Error::<T>::AmountTooHigh)?;
        if !to_payee.is_zero() {
            Self::pay(escrow, record, bank, to_payee, by)?;
        }
        if !to_payer.is_zero() {
            Self::give_back(escrow, Self::open(escrow)?, to_payer, by)?;
        }
        Ok(())
    }

    /// Gives the payee a part of what is left, at this bank.
    pub(crate) fn pay(
        escrow: OrderId,
        mut record: Escrow,
        to_bank: BankId,
        amount: Balance,
        by: EscrowEnd,
    ) -> DispatchResult {
        let Escrow { payer, from_bank, payee, .. } = record;
        ensure!(amount <= record.rest(), Error::<T>::AmountTooHigh);
        T::Pots::give(from_bank, to_bank, payee, amount)?;
        Self::tell_limits(payer, payee, amount)?;
        Self::count(from_bank, |flows| raise(&mut flows.paid, amount))?;
        record.paid = record.paid.checked_add(amount).ok_or(Error::<T>::CounterOutOfRange)?;
        Self::keep_rest(escrow, &record, amount)?;
        Self::deposit_event(Event::Paid { escrow, from_bank, payer, to_bank, payee, amount, by });
        Ok(())
    }

    /// Gives the payer a part of what is left back. For the limits it has it still.
    pub(crate) fn give_back(escrow: OrderId, mut record: Escrow, amount: Balance, by: EscrowEnd) -> DispatchResult {
        let Escrow { payer, from_bank, payee, .. } = record;
        ensure!(amount <= record.rest(), Error::<T>::AmountTooHigh);
        T::Pots::give(from_bank, from_bank, payer, amount)?;
        Self::count(from_bank, |flows| raise(&mut flows.returned, amount))?;
        record.returned = record.returned.checked_add(amount).ok_or(Error::<T>::CounterOutOfRange)?;
        Self::keep_rest(escrow, &record, amount)?;
        Self::deposit_event(Event::Returned { escrow, from_bank, payer, payee, amount, by });
        Ok(())
    }

    /// Tells the limits that the payee has what the payer held. Both may be one person: first the one, then the other.
    fn tell_limits(payer: OwnerId, payee: OwnerId, amount: Balance) -> DispatchResult {
        T::Limits::given(payer, amount)?;
        T::Limits::received(payee, amount)
    }

    /// Fails if the payee may not hold it now. Changes nothing.
    pub(crate) fn ensure_within_limits(payer: OwnerId, payee: OwnerId, amount: Balance) -> DispatchResult {
        with_transaction(|| TransactionOutcome::Rollback(Self::tell_limits(payer, payee, amount)))
    }

    /// Gives the supervisor its time from this block on.
    pub(crate) fn put_off(escrow: OrderId, record: &mut Escrow, from: BlockNumber) {
        let due = record.due.max(from.saturating_add(T::DecisionTime::get()));
        record.due = due;
        Self::look_after(escrow, record, due);
    }

    /// Has an escrow looked at after another block than before.
    pub(crate) fn look_after(escrow: OrderId, record: &mut Escrow, block: BlockNumber) {
        Due::<T>::remove(record.look, escrow);
        record.look = block;
        Due::<T>::insert(block, escrow, ());
    }

    fn remember(escrow: OrderId, record: &Escrow) -> DispatchResult {
        OfPayer::<T>::try_mutate(record.payer, |open| {
            ensure!(open.count < MAX_ESCROWS_OF_PAYER, Error::<T>::TooManyEscrows);
            open.count = open.count.saturating_add(1);
            open.value = open.value.checked_add(record.amount).ok_or(Error::<T>::CounterOutOfRange)?;
            Ok::<_, DispatchError>(())
        })?;
        OfPayee::<T>::try_mutate(record.payee, |value| {
            *value = value.checked_add(record.amount).ok_or(Error::<T>::CounterOutOfRange)?;
            Ok::<_, DispatchError>(())
        })?;
        for owner in [record.payer, record.payee] {
            OfOwner::<T>::insert(owner, escrow, ());
        }
        Due::<T>::insert(record.look, escrow, ());
        Escrows::<T>::insert(escrow, record);
        Ok(())
    }

    /// Writes what is left of an escrow after so much went out of it, or forgets it if that is nothing.
    fn keep_rest(escrow: OrderId, record: &Escrow, gone: Balance) -> DispatchResult {
        let is_over = record.rest().is_zero();
        OfPayer::<T>::try_mutate_exists(record.payer, |stored| {
            let Open { count, value } = stored.take().unwrap_or_default();
            let count = count.checked_sub(u32::from(is_over)).ok_or(Error::<T>::CounterOutOfRange)?;
            let value = value.checked_sub(gone).ok_or(Error::<T>::CounterOutOfRange)?;
            *stored = (count > 0).then_some(Open { count, value });
            Ok::<_, DispatchError>(())
        })?;
        OfPayee::<T>::try_mutate_exists(record.payee, |stored| {
            let value = stored.take().unwrap_or_default().checked_sub(gone).ok_or(Error::<T>::CounterOutOfRange)?;
            *stored = (value > 0).then_some(value);
            Ok::<_, DispatchError>(())
        })?;
        if !is_over {
            Escrows::<T>::insert(escrow, record);
            return Ok(());
        }
        for owner in [record.payer, record.payee] {
            OfOwner::<T>::remove(owner, escrow);
        }
        Due::<T>::remove(record.look, escrow);
        Escrows::<T>::remove(escrow);
        Ok(())
    }

    fn count(bank: BankId, change: impl FnOnce(&mut EscrowFlows) -> Option<()>) -> DispatchResult {
        Flows::<T>::try_mutate(bank, |flows| change(flows).ok_or_else(|| Error::<T>::CounterOutOfRange.into()))
    }
}

impl<T: Config> EscrowOrders for Pallet<T> {
    fn hold(escrow: OrderId, payer: OwnerId, payee: OwnerId, terms: &EscrowTerms) -> DispatchResult {
        with_storage_layer(|| Self::do_hold(escrow, payer, payee, terms))
    }

    fn release(payer: OwnerId, escrow: OrderId, amount: Balance) -> DispatchResult {
        with_storage_layer(|| Self::do_release(payer, escrow, amount))
    }

    fn give_back(payer: OwnerId, payee: OwnerId, escrow: OrderId, amount: Balance) -> DispatchResult {
        with_storage_layer(|| Self::do_return(payer, payee, escrow, amount))
    }

    fn dispute(by: OwnerId, escrow: OrderId) -> DispatchResult {
        with_storage_layer(|| Self::do_dispute(by, escrow))
    }

    fn weight(step: EscrowStep) -> Weight {
        match step {
            EscrowStep::Hold => T::WeightInfo::hold().saturating_add(T::Watch::weight()),
            EscrowStep::Release => T::WeightInfo::release(),
            EscrowStep::Return => T::WeightInfo::give_back(),
            EscrowStep::Dispute => T::WeightInfo::dispute(),
        }
    }
}

impl<T: Config> traits::Escrows for Pallet<T> {
    fn flows(bank: BankId) -> EscrowFlows {
        Flows::<T>::get(bank)
    }
}

impl<T: Config> Holdings for Pallet<T> {
    fn ensure_nothing_held(owner: OwnerId) -> DispatchResult {
        // Neither side leaves: what is left may come to the one or the other.
        ensure!(OfOwner::<T>::iter_key_prefix(owner).next().is_none(), Error::<T>::EscrowsOpen);
        Ok(())
    }

    /// What is in escrow is the payer's until the payee gets it.
    fn held(owner: OwnerId) -> Balance {
        OfPayer::<T>::get(owner).value
    }
}

/// What somebody with an owner's key gets hold of. With a payee's key a bank that is in league with the payer agrees on giving all
/// of it back.
pub struct Reach<T>(PhantomData<T>);

impl<T: Config> Holdings for Reach<T> {
    fn ensure_nothing_held(owner: OwnerId) -> DispatchResult {
        Pallet::<T>::ensure_nothing_held(owner)
    }

    fn held(owner: OwnerId) -> Balance {
        Pallet::<T>::held(owner).saturating_add(OfPayee::<T>::get(owner))
    }
}
