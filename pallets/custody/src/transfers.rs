//! How custody goes from account to account, at once or to the queue.

use crate::{pallet::*, types::*, weights::WeightInfo};
use frame_support::{
    ensure,
    storage::{transactional::with_transaction, with_storage_layer},
    traits::{fungibles::Mutate, tokens::Preservation, Get},
    weights::Weight,
};
use sp_runtime::{
    traits::{SaturatedConversion, Zero},
    DispatchError, DispatchResult, TransactionOutcome,
};
use specie_primitives::{
    books::raise,
    custody::queue_account,
    traits::{Banks, Custodians, CustodyTransfers, Limits, Owners, Standstill, Vaults, Watch},
    Balance, BankId, BlockNumber, CustodyTransfer, OwnerId, QueuePolicy, TransferId, TransferOutcome, CROWDED_QUEUE,
    MAX_QUEUED_OF_PAYER,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Blocks in which payments ran. It never goes back, so no stop makes what expired good again.
    pub(crate) fn running() -> BlockNumber {
        Self::now().saturating_sub(T::Standstill::stood_still())
    }

    pub(crate) fn do_transfer(from: OwnerId, wish: &CustodyTransfer) -> Result<TransferOutcome, DispatchError> {
        let CustodyTransfer { from_bank, to_bank, to, amount, expires } = *wish;
        ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
        ensure!(from != to || from_bank != to_bank, Error::<T>::SameAccount);
        ensure!([from_bank, to_bank].into_iter().all(T::Banks::is_active), Error::<T>::BankNotActive);
        Self::ensure_receives(from, to_bank, to)?;
        ensure!(<Self as Custodians>::balance(from_bank, from) >= amount, Error::<T>::CustodyTooLow);
        let outcome = if from_bank == to_bank {
            Self::move_within(from_bank, from, to, amount)?;
            TransferOutcome::Settled
        } else if Self::goes_at_once(from_bank, amount) {
            Self::move_between(from_bank, from, to_bank, to, amount)?;
            TransferOutcome::Settled
        } else {
            TransferOutcome::Queued(Self::enqueue(from_bank, from, to_bank, to, amount, expires)?)
        };
        // An owner's own money at another bank is a change of form: neither limits nor the supervisor look at it.
        if from != to {
            T::Watch::payment(from, to, amount);
        }
        Ok(outcome)
    }

    /// Whether an owner may get custody at a bank from somebody: see [`Error::NotCustomer`].
    pub(crate) fn ensure_receives(from: OwnerId, bank: BankId, to: OwnerId) -> DispatchResult {
        T::Owners::ensure_payable(to)?;
        ensure!(from == to || Self::is_customer(bank, to), Error::<T>::NotCustomer);
        Ok(())
    }

    fn move_within(bank: BankId, from: OwnerId, to: OwnerId, amount: Balance) -> DispatchResult {
        let (payer, payee) = (from.account(), to.account());
        T::Assets::transfer(AssetId::Custody(bank), &payer, &payee, amount, Preservation::Expendable)?;
        T::Limits::payment(from, to, amount)?;
        Self::deposit_event(Event::Transferred { from_bank: bank, from, to_bank: bank, to, amount });
        Ok(())
    }

    /// Whether the reserve covers a transfer, and nothing in the queue comes first.
    pub(crate) fn goes_at_once(bank: BankId, amount: Balance) -> bool {
        let waits = Policies::<T>::get(bank) == QueuePolicy::InOrder && Queues::<T>::contains_key(bank);
        !waits && T::Vaults::free_reserve(bank) >= amount
    }

    fn move_between(from_bank: BankId, from: OwnerId, to_bank: BankId, to: OwnerId, amount: Balance) -> DispatchResult {
        T::Vaults::settle(&[(from_bank, to_bank, amount)])?;
        Self::take(from_bank, from, amount)?;
        T::Assets::mint_into(AssetId::Custody(to_bank), &to.account(), amount)?;
        Self::count(from_bank, |flows| raise(&mut flows.sent, amount))?;
        Self::count(to_bank, |flows| raise(&mut flows.received, amount))?;
        if from != to {
            T::Limits::payment(from, to, amount)?;
        }
        Self::deposit_event(Event::Transferred { from_bank, from, to_bank, to, amount });
        Ok(())
    }

    fn enqueue(
        from_bank: BankId,
        from: OwnerId,
        to_bank: BankId,
        to: OwnerId,
        amount: Balance,
        expires: Option<BlockNumber>,
    ) -> Result<TransferId, DispatchError> {
        ensure!(Policies::<T>::get(from_bank) != QueuePolicy::Refuse, Error::<T>::ReserveTooLow);
        let expires = expires.ok_or(Error::<T>::ReserveTooLow)?;
        let now = Self::now();
        ensure!(expires > now, Error::<T>::ExpiryTooSoon);
        ensure!(expires <= now.saturating_add(T::MaxWait::get()), Error::<T>::ExpiryTooFar);
        let transfer = NextTransfer::<T>::get();
        NextTransfer::<T>::put(TransferId(transfer.0.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?));
        OfPayer::<T>::try_mutate(from, |waiting| {
            ensure!(waiting.count < MAX_QUEUED_OF_PAYER, Error::<T>::TooManyWaiting);
            waiting.count = waiting.count.saturating_add(1);
            waiting.value = waiting.value.checked_add(amount).ok_or(Error::<T>::CounterOutOfRange)?;
            Ok::<_, DispatchError>(())
        })?;
        let last = expires.saturating_sub(T::Standstill::stood_still());
        let queued = Queued { transfer, from, to_bank, to, amount, expires: last };
        Queues::<T>::try_mutate(from_bank, |queue| {
            let is_crowded = queue.len() >= CROWDED_QUEUE as usize;
            let is_first = queue.iter().all(|other| other.from != from);
            ensure!(!is_crowded || is_first, Error::<T>::TooManyWaiting);
            queue.try_push(queued).map_err(|_| Error::<T>::QueueFull)
        })?;
        let (payer, pot) = (from.account(), queue_account(from_bank));
        T::Assets::transfer(AssetId::Custody(from_bank), &payer, &pot, amount, Preservation::Expendable)?;
        Self::count(from_bank, |flows| raise(&mut flows.set_aside, amount))?;
        if from != to {
            T::Limits::sent(from, amount)?;
            // What could not settle is refused now, and looked at once more when it does.
            Self::ensure_within_limits(&queued).map_err(|_| Error::<T>::PayeeOverLimit)?;
        }
        Self::deposit_event(Event::TransferQueued { transfer, from_bank, from, to_bank, to, amount, expires });
        Ok(transfer)
    }

    /// Tells the limits that what was set aside is the payee's. Both may be one person: first the one, then the other.
    pub(crate) fn tell_limits(queued: &Queued) -> DispatchResult {
        if queued.from != queued.to {
            T::Limits::given(queued.from, queued.amount)?;
            T::Limits::received(queued.to, queued.amount)?;
        }
        Ok(())
    }

    /// Fails if the payee may not hold it now. Changes nothing.
    pub(crate) fn ensure_within_limits(queued: &Queued) -> DispatchResult {
        with_transaction(|| TransactionOutcome::Rollback(Self::tell_limits(queued)))
    }
}

impl<T: Config> CustodyTransfers for Pallet<T> {
    fn transfer(from: OwnerId, wish: &CustodyTransfer) -> Result<TransferOutcome, DispatchError> {
        // Whoever signed it in advance did not know in which block it would be made.
        let longest = Self::now().saturating_add(T::MaxWait::get());
        let wish = CustodyTransfer { expires: wish.expires.map(|expires| expires.min(longest)), ..*wish };
        with_storage_layer(|| Self::do_transfer(from, &wish))
    }

    fn weight() -> Weight {
        T::WeightInfo::transfer().saturating_add(T::Watch::weight())
    }
}
