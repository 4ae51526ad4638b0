//! How custody and coins turn into each other.

use crate::{pallet::*, types::*, weights::WeightInfo};
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{
        fungibles::{Create, Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation},
    },
    weights::Weight,
    BoundedVec,
};
use sp_runtime::{traits::Zero, DispatchResult};
use specie_primitives::{
    books::{raise, CustodyFlows},
    bounds,
    custody::queue_account,
    escrow::escrow_account,
    traits::{BankLifecycle, Banks, Custodians, CustodyDesk, CustodyForms, Holdings, Limits, Owners, Vaults},
    AccountId, Balance, BankId, CoinRef, OwnerId, Selection,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_credit(bank: BankId, owner: OwnerId, amount: Balance) -> DispatchResult {
        ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
        T::Owners::ensure_payable(owner)?;
        ensure!(Self::is_customer(bank, owner), Error::<T>::NotCustomer);
        let owed = Self::owed(bank).checked_add(amount).ok_or(Error::<T>::CounterOutOfRange)?;
        ensure!(T::Vaults::assets(bank) >= owed, Error::<T>::OwnFundsTooLow);
        T::Limits::received(owner, amount)?;
        T::Assets::mint_into(AssetId::Custody(bank), &owner.account(), amount)?;
        Self::count(bank, |flows| raise(&mut flows.owner_credits, amount))?;
        Self::deposit_event(Event::Credited { bank, owner, amount });
        Ok(())
    }

    pub(crate) fn is_customer(bank: BankId, owner: OwnerId) -> bool {
        T::Owners::bank(owner) == Some(bank) || !<Self as Custodians>::balance(bank, owner).is_zero()
    }

    pub(crate) fn do_debit(bank: BankId, owner: OwnerId, amount: Balance) -> DispatchResult {
        ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
        ensure!(!T::Owners::is_held(owner), Error::<T>::OwnerHeld);
        Self::take(bank, owner, amount)?;
        T::Limits::given(owner, amount)?;
        Self::count(bank, |flows| raise(&mut flows.owner_debits, amount))?;
        Self::deposit_event(Event::Debited { bank, owner, amount });
        Ok(())
    }

    pub(crate) fn do_withdraw(owner: OwnerId, bank: BankId, selection: Selection) -> DispatchResult {
        with_storage_layer(|| {
            let (value, coins) = T::Vaults::pay_out(bank, owner, &selection)?;
            Self::take(bank, owner, value)?;
            Self::count(bank, |flows| raise(&mut flows.paid_out, value))?;
            Self::deposit_event(Event::Withdrawn { bank, owner, value, coins });
            Ok(())
        })
    }

    pub(crate) fn do_deposit(
        owner: OwnerId,
        bank: BankId,
        coins: BoundedVec<CoinRef, bounds::CoinsPerCall>,
    ) -> DispatchResult {
        let value = T::Vaults::pay_in(bank, owner, &coins)?;
        Self::credit_paid_in(bank, owner, value)?;
        let coins = coins.iter().map(|coin| coin.coin).collect();
        Self::deposit_event(Event::Deposited { bank, owner, value, coins });
        Ok(())
    }

    pub(crate) fn take(bank: BankId, owner: OwnerId, amount: Balance) -> DispatchResult {
        ensure!(<Self as Custodians>::balance(bank, owner) >= amount, Error::<T>::CustodyTooLow);
        T::Assets::burn_from(
            AssetId::Custody(bank),
            &owner.account(),
            amount,
            Preservation::Expendable,
            Precision::Exact,
            Fortitude::Polite,
        )?;
        Ok(())
    }

    pub(crate) fn count(bank: BankId, change: impl FnOnce(&mut CustodyFlows) -> Option<()>) -> DispatchResult {
        Flows::<T>::try_mutate(bank, |flows| change(flows).ok_or_else(|| Error::<T>::CounterOutOfRange.into()))
    }
}

impl<T: Config> Custodians for Pallet<T> {
    fn owed(bank: BankId) -> Balance {
        T::Assets::total_issuance(AssetId::Custody(bank))
    }

    fn flows(bank: BankId) -> CustodyFlows {
        Flows::<T>::get(bank)
    }

    fn balance(bank: BankId, owner: OwnerId) -> Balance {
        T::Assets::balance(AssetId::Custody(bank), &owner.account())
    }

    fn set_aside(bank: BankId) -> Balance {
        T::Assets::balance(AssetId::Custody(bank), &queue_account(bank))
    }

    fn escrowed(bank: BankId) -> Balance {
        T::Assets::balance(AssetId::Custody(bank), &escrow_account(bank))
    }
}

impl<T: Config> CustodyDesk for Pallet<T> {
    fn credit_paid_in(bank: BankId, owner: OwnerId, value: Balance) -> DispatchResult {
        T::Assets::mint_into(AssetId::Custody(bank), &owner.account(), value)?;
        Self::count(bank, |flows| raise(&mut flows.paid_in, value))
    }
}

impl<T: Config> CustodyForms for Pallet<T> {
    fn withdraw(owner: OwnerId, bank: BankId, selection: Selection) -> DispatchResult {
        Self::do_withdraw(owner, bank, selection)
    }

    fn deposit(owner: OwnerId, bank: BankId, coins: BoundedVec<CoinRef, bounds::CoinsPerCall>) -> DispatchResult {
        with_storage_layer(|| Self::do_deposit(owner, bank, coins))
    }

    fn withdraw_weight(selection: &Selection) -> Weight {
        T::WeightInfo::withdraw(counted(selection))
    }

    fn deposit_weight(coins: u32) -> Weight {
        T::WeightInfo::deposit(coins)
    }
}

impl<T: Config> Holdings for Pallet<T> {
    fn ensure_nothing_held(owner: OwnerId) -> DispatchResult {
        let empty = T::Banks::all().into_iter().all(|bank| <Self as Custodians>::balance(bank, owner).is_zero());
        ensure!(empty, Error::<T>::CustodyLeft);
        // They may come back.
        ensure!(!OfPayer::<T>::contains_key(owner), Error::<T>::TransfersWaiting);
        Ok(())
    }

    /// What is set aside is the payer's until the transfer settles.
    fn held(owner: OwnerId) -> Balance {
        let balances = T::Banks::all().into_iter().map(|bank| <Self as Custodians>::balance(bank, owner));
        balances.fold(OfPayer::<T>::get(owner).value, Balance::saturating_add)
    }
}

impl<T: Config> BankLifecycle for Pallet<T> {
    fn admitted(bank: BankId, account: &AccountId) -> DispatchResult {
        // Sufficient: an owner's account exists by this balance alone. Minimum balance: one minor unit.
        T::Assets::create(AssetId::Custody(bank), account.clone(), true, 1)
    }

    fn ensure_empty(bank: BankId, _: &AccountId) -> DispatchResult {
        ensure!(Self::owed(bank).is_zero(), Error::<T>::BankOwes);
        Ok(())
    }

    fn account_rotated(_: BankId, _: &AccountId, _: &AccountId) -> DispatchResult {
        // The asset's administrator is never consulted: no call of the assets pallet is open to anybody.
        Ok(())
    }
}
