//! How coins and reserves move together.

use crate::{
    pallet::*,
    ranges::{self, Side},
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation},
    },
};
use sp_runtime::{traits::Zero, DispatchError, DispatchResult};
use specie_primitives::{
    books::{raise, VaultFlows},
    total_value,
    traits::{BankLifecycle, Banks, Coinage, Custodians, Owners, Register, Vaults},
    AccountId, Balance, BankId, ChangePolicy, CoinId, CoinRange, CoinRef, Counts, Denomination, Holder, Lot, OwnerId,
    PickupId, Selection, VaultId, MAX_FRESH_PER_CALL, MAX_RANGES,
};

/// What banks give back may not scatter the issue vault into more ranges of a face value; the rest of [`MAX_RANGES`] is
/// for minting, so that no bank can keep the issuer from it.
const RANGES_OF_BANKS: usize = MAX_RANGES as usize - 32;

/// Taken out of a vault: parts of its ranges by face value, and the numbers of coins, to which single ones are added.
struct Taken {
    ranges: Vec<(Denomination, Vec<CoinRange>)>,
    counts: Counts,
}

impl Taken {
    fn all_ranges(&self) -> Vec<CoinRange> {
        self.ranges.iter().flat_map(|(_, ranges)| ranges.iter().copied()).collect()
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_credit(bank: BankId, amount: Balance) -> DispatchResult {
        ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
        let account = T::Banks::account(bank).ok_or(Error::<T>::UnknownBank)?;
        ensure!(T::Banks::is_active(bank), Error::<T>::BankNotActive);
        Self::count(bank, |flows| raise(&mut flows.credited, amount))?;
        T::Currency::mint_into(&account, amount)?;
        Self::deposit_event(Event::Credited { bank, amount });
        Ok(())
    }

    pub(crate) fn do_debit(bank: BankId, amount: Balance) -> DispatchResult {
        ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
        let account = T::Banks::account(bank).ok_or(Error::<T>::UnknownBank)?;
        let left = Self::assets(bank).checked_sub(amount).ok_or(Error::<T>::ReserveTooLow)?;
        ensure!(T::Currency::balance(&account) >= amount, Error::<T>::ReserveTooLow);
        ensure!(left >= T::Custodians::owed(bank), Error::<T>::OwnFundsTooLow);
        Self::burn(&account, amount)?;
        Self::count(bank, |flows| raise(&mut flows.debited, amount))?;
        Self::deposit_event(Event::Debited { bank, amount });
        Ok(())
    }

    pub(crate) fn do_draw(bank: BankId, selection: Selection) -> DispatchResult {
        let account = T::Banks::account(bank).ok_or(Error::<T>::UnknownBank)?;
        let (value, ranges) = Self::move_between(VaultId::Issue, VaultId::Bank(bank), &selection, Side::Front)?;
        ensure!(T::Currency::balance(&account) >= value, Error::<T>::ReserveTooLow);
        Self::burn(&account, value)?;
        Self::count(bank, |flows| raise(&mut flows.drawn, value))?;
        Self::deposit_event(Event::Drawn { bank, value, coins: names(&selection.coins), ranges });
        Ok(())
    }

    pub(crate) fn do_return(bank: BankId, selection: Selection) -> DispatchResult {
        let account = T::Banks::account(bank).ok_or(Error::<T>::UnknownBank)?;
        // From the back, while owners get theirs from the front: what a bank gives back joins what it was drawn from.
        let scattered = |lot: &Lot| Ranges::<T>::decode_len(VaultId::Issue, lot.denomination).unwrap_or_default();
        let before: Vec<usize> = selection.fresh.iter().map(scattered).collect();
        let (value, ranges) = Self::move_between(VaultId::Bank(bank), VaultId::Issue, &selection, Side::Back)?;
        for (lot, before) in selection.fresh.iter().zip(before) {
            let most = before.max(RANGES_OF_BANKS);
            ensure!(scattered(lot) <= most, Error::<T>::TooManyRanges);
        }
        T::Currency::mint_into(&account, value)?;
        Self::count(bank, |flows| raise(&mut flows.returned, value))?;
        Self::deposit_event(Event::Returned { bank, value, coins: names(&selection.coins), ranges });
        Ok(())
    }

    fn burn(account: &AccountId, amount: Balance) -> DispatchResult {
        T::Currency::burn_from(account, amount, Preservation::Expendable, Precision::Exact, Fortitude::Polite)?;
        Ok(())
    }

    /// Moves coins from vault to vault. Gives their value, and those of them that were in ranges.
    fn move_between(
        from: VaultId,
        to: VaultId,
        selection: &Selection,
        side: Side,
    ) -> Result<(Balance, Vec<CoinRange>), DispatchError> {
        let mut taken = Self::take_ranges(from, selection, side)?;
        for (denomination, ranges) in &taken.ranges {
            Self::put_ranges(to, *denomination, ranges)?;
        }
        if !selection.coins.is_empty() {
            let single = T::Register::hand_over(Holder::Vault(from), Holder::Vault(to), &selection.coins)?;
            add_counts(&mut taken.counts, single).ok_or(Error::<T>::CounterOutOfRange)?;
        }
        Self::stock_down(from, &taken.counts)?;
        Self::stock_up(to, &taken.counts)?;
        Ok((total_value(&taken.counts), taken.all_ranges()))
    }

    /// Moves reserves from banks that give more than they get to the others. Nothing passes through a bank, so the order
    /// does not matter.
    fn settle_positions(positions: &BTreeMap<BankId, (Balance, Balance)>) -> DispatchResult {
        let mut takers: Vec<(BankId, Balance)> = Vec::new();
        let mut givers: Vec<(BankId, Balance)> = Vec::new();
        for (bank, (gets, gives)) in positions {
            if gives > gets {
                givers.push((*bank, gives.saturating_sub(*gets)));
            } else if gets > gives {
                takers.push((*bank, gets.saturating_sub(*gives)));
            }
        }
        for (giver, mut owes) in givers {
            let from = T::Banks::account(giver).ok_or(Error::<T>::UnknownBank)?;
            ensure!(T::Currency::balance(&from) >= owes, Error::<T>::ReserveTooLow);
            while !owes.is_zero() {
                // There is one: all give as much as all get.
                let (taker, due) = takers.pop().ok_or(Error::<T>::CounterOutOfRange)?;
                let part = owes.min(due);
                let to = T::Banks::account(taker).ok_or(Error::<T>::UnknownBank)?;
                T::Currency::transfer(&from, &to, part, Preservation::Expendable)?;
                owes = owes.checked_sub(part).ok_or(Error::<T>::CounterOutOfRange)?;
                let left = due.checked_sub(part).ok_or(Error::<T>::CounterOutOfRange)?;
                if !left.is_zero() {
                    takers.push((taker, left));
                }
            }
        }
        Ok(())
    }

    fn ensure_active(bank: BankId) -> DispatchResult {
        ensure!(T::Banks::status(bank).is_some(), Error::<T>::UnknownBank);
        ensure!(T::Banks::is_active(bank), Error::<T>::BankNotActive);
        Ok(())
    }

    fn ensure_changes_for(bank: BankId, owner: OwnerId) -> DispatchResult {
        let open = match Change::<T>::get(bank) {
            ChangePolicy::Nobody => false,
            ChangePolicy::OwnCustomers => T::Owners::bank(owner) == Some(bank),
            ChangePolicy::Anyone => true,
        };
        ensure!(open, Error::<T>::NoChange);
        Ok(())
    }

    /// Gives coins of a bank's vault to an owner. The flow is left to the caller, who knows what they are given for.
    fn give_out(bank: BankId, owner: OwnerId, selection: &Selection) -> Result<(Balance, Vec<CoinId>), DispatchError> {
        let vault = VaultId::Bank(bank);
        let mut taken = Self::take_ranges(vault, selection, Side::Front)?;
        let entered = taken.all_ranges();
        T::Register::enter(&entered, owner)?;
        if !selection.coins.is_empty() {
            let single = T::Register::hand_over(Holder::Vault(vault), Holder::Owner(owner), &selection.coins)?;
            add_counts(&mut taken.counts, single).ok_or(Error::<T>::CounterOutOfRange)?;
        }
        Self::stock_down(vault, &taken.counts)?;
        let new = entered
            .iter()
            .flat_map(|range| (range.start..range.end()).map(|index| CoinId { batch: range.batch, index }));
        Ok((total_value(&taken.counts), new.chain(names(&selection.coins)).collect()))
    }

    /// Takes coins into a bank's vault. The flow is left to the caller, who knows what they are taken for.
    fn take_in(bank: BankId, from: Holder, coins: &[CoinRef]) -> Result<Balance, DispatchError> {
        let vault = VaultId::Bank(bank);
        let counts = T::Register::hand_over(from, Holder::Vault(vault), coins)?;
        Self::stock_up(vault, &counts)?;
        Ok(total_value(&counts))
    }

    /// Takes the fresh part of a selection out of a vault's ranges. The stock is left to the caller, who knows the single coins.
    fn take_ranges(vault: VaultId, selection: &Selection, side: Side) -> Result<Taken, DispatchError> {
        ensure!(!selection.is_empty(), Error::<T>::NothingSelected);
        let mut counts = BTreeMap::new();
        let mut taken = Vec::new();
        for lot in &selection.fresh {
            ensure!(!lot.count.is_zero(), Error::<T>::BadLot);
            ensure!(counts.insert(lot.denomination, u64::from(lot.count)).is_none(), Error::<T>::BadLot);
            let parts = Ranges::<T>::try_mutate_exists(vault, lot.denomination, |stored| {
                let mut held = stored.take().unwrap_or_default().into_inner();
                let parts = ranges::take(&mut held, lot.count, side).ok_or(Error::<T>::NotEnoughCoins)?;
                if !held.is_empty() {
                    *stored = Some(held.try_into().map_err(|_| Error::<T>::TooManyRanges)?);
                }
                Ok::<_, DispatchError>(parts)
            })?;
            taken.push((lot.denomination, parts));
        }
        Ok(Taken { ranges: taken, counts: counts.into_iter().collect() })
    }

    fn put_ranges(vault: VaultId, denomination: Denomination, more: &[CoinRange]) -> DispatchResult {
        Ranges::<T>::try_mutate(vault, denomination, |stored| {
            let mut held = core::mem::take(stored).into_inner();
            for range in more {
                ranges::put(&mut held, *range).ok_or(Error::<T>::CounterOutOfRange)?;
            }
            *stored = held.try_into().map_err(|_| Error::<T>::TooManyRanges)?;
            Ok(())
        })
    }

    fn stock_up(vault: VaultId, counts: &Counts) -> DispatchResult {
        Stock::<T>::try_mutate(vault, |stock| {
            for (denomination, count) in counts {
                let before = stock.get(denomination).copied().unwrap_or_default();
                let after = before.checked_add(*count).ok_or(Error::<T>::CounterOutOfRange)?;
                stock.try_insert(*denomination, after).map_err(|_| Error::<T>::CounterOutOfRange)?;
            }
            Ok(())
        })
    }

    fn stock_down(vault: VaultId, counts: &Counts) -> DispatchResult {
        Stock::<T>::try_mutate(vault, |stock| {
            for (denomination, count) in counts {
                let before = stock.get(denomination).copied().unwrap_or_default();
                let after = before.checked_sub(*count).ok_or(Error::<T>::CounterOutOfRange)?;
                if after == 0 {
                    stock.remove(denomination);
                } else {
                    stock.try_insert(*denomination, after).map_err(|_| Error::<T>::CounterOutOfRange)?;
                }
            }
            Ok(())
        })
    }

    fn count(bank: BankId, change: impl FnOnce(&mut VaultFlows) -> Option<()>) -> DispatchResult {
        Flows::<T>::try_mutate(bank, |flows| change(flows).ok_or_else(|| Error::<T>::CounterOutOfRange.into()))
    }
}

/// Adds numbers of coins to numbers of coins; `None` on overflow.
fn add_counts(sum: &mut Counts, more: Counts) -> Option<()> {
    let mut all: BTreeMap<_, _> = core::mem::take(sum).into_iter().collect();
    for (denomination, count) in more {
        let before = all.entry(denomination).or_default();
        *before = u64::checked_add(*before, count)?;
    }
    *sum = all.into_iter().collect();
    Some(())
}

/// Whether one call may give out so many never-issued coins.
fn are_few(take: &[(OwnerId, &Selection)]) -> bool {
    let lots = take.iter().flat_map(|(_, selection)| selection.fresh.iter());
    let fresh = lots.fold(0u32, |sum, lot| sum.saturating_add(lot.count));
    fresh <= MAX_FRESH_PER_CALL
}

fn names(coins: &[CoinRef]) -> Vec<CoinId> {
    coins.iter().map(|coin| coin.coin).collect()
}

impl<T: Config> Vaults for Pallet<T> {
    fn receive_minted(range: CoinRange, denomination: Denomination) -> DispatchResult {
        Self::put_ranges(VaultId::Issue, denomination, &[range])?;
        Self::stock_up(VaultId::Issue, &alloc::vec![(denomination, range.count.into())])
    }

    fn destroy(selection: &Selection) -> Result<(Counts, Vec<CoinRange>), DispatchError> {
        with_storage_layer(|| {
            let mut taken = Self::take_ranges(VaultId::Issue, selection, Side::Front)?;
            if !selection.coins.is_empty() {
                let single = T::Register::remove(&selection.coins)?;
                add_counts(&mut taken.counts, single).ok_or(Error::<T>::CounterOutOfRange)?;
            }
            Self::stock_down(VaultId::Issue, &taken.counts)?;
            let ranges = taken.all_ranges();
            Ok((taken.counts, ranges))
        })
    }

    fn pay_out(bank: BankId, owner: OwnerId, selection: &Selection) -> Result<(Balance, Vec<CoinId>), DispatchError> {
        Self::ensure_active(bank)?;
        ensure!(are_few(&[(owner, selection)]), Error::<T>::TooManyCoins);
        with_storage_layer(|| {
            let (value, coins) = Self::give_out(bank, owner, selection)?;
            Self::count(bank, |flows| raise(&mut flows.paid_out, value))?;
            Ok((value, coins))
        })
    }

    fn pay_in(bank: BankId, owner: OwnerId, coins: &[CoinRef]) -> Result<Balance, DispatchError> {
        Self::ensure_active(bank)?;
        with_storage_layer(|| {
            let value = Self::take_in(bank, Holder::Owner(owner), coins)?;
            Self::count(bank, |flows| raise(&mut flows.paid_in, value))?;
            Ok(value)
        })
    }

    fn exchange(
        bank: BankId,
        owner: OwnerId,
        give: &[CoinRef],
        take: &[(OwnerId, &Selection)],
    ) -> Result<Vec<(Balance, Vec<CoinId>)>, DispatchError> {
        Self::ensure_active(bank)?;
        Self::ensure_changes_for(bank, owner)?;
        ensure!(are_few(take), Error::<T>::TooManyCoins);
        with_storage_layer(|| {
            let given = Self::take_in(bank, Holder::Owner(owner), give)?;
            let mut parts = Vec::new();
            let mut taken = Balance::zero();
            for (to, selection) in take {
                let part = Self::give_out(bank, *to, selection)?;
                taken = taken.checked_add(part.0).ok_or(Error::<T>::CounterOutOfRange)?;
                parts.push(part);
            }
            ensure!(taken == given, Error::<T>::NotSameValue);
            Self::count(bank, |flows| {
                raise(&mut flows.exchanged_in, given)?;
                raise(&mut flows.exchanged_out, taken)
            })?;
            let coins = parts.iter().flat_map(|(_, coins)| coins.iter().copied()).collect();
            Self::deposit_event(Event::Exchanged { bank, owner, value: given, given: names(give), taken: coins });
            Ok(parts)
        })
    }

    fn collect(bank: BankId, pickup: PickupId, coins: &[CoinRef], cash: bool) -> Result<Balance, DispatchError> {
        Self::ensure_active(bank)?;
        with_storage_layer(|| {
            let value = Self::take_in(bank, Holder::Pickup(pickup), coins)?;
            Self::count(bank, |flows| raise(if cash { &mut flows.cashed } else { &mut flows.paid_in }, value))?;
            Ok(value)
        })
    }

    fn settle(transfers: &[(BankId, BankId, Balance)]) -> DispatchResult {
        with_storage_layer(|| {
            // What each bank gets, and what it gives.
            let mut positions = BTreeMap::<BankId, (Balance, Balance)>::new();
            for (from, to, amount) in transfers {
                Self::ensure_active(*from)?;
                Self::ensure_active(*to)?;
                Self::count(*from, |flows| raise(&mut flows.interbank_out, *amount))?;
                Self::count(*to, |flows| raise(&mut flows.interbank_in, *amount))?;
                let (gets, _) = positions.entry(*to).or_default();
                *gets = gets.checked_add(*amount).ok_or(Error::<T>::CounterOutOfRange)?;
                let (_, gives) = positions.entry(*from).or_default();
                *gives = gives.checked_add(*amount).ok_or(Error::<T>::CounterOutOfRange)?;
            }
            Self::settle_positions(&positions)
        })
    }

    fn assets(bank: BankId) -> Balance {
        Self::reserve(bank).saturating_add(total_value(&Self::stock(VaultId::Bank(bank))))
    }

    fn stock(vault: VaultId) -> Counts {
        Stock::<T>::get(vault).into_iter().collect()
    }

    fn flows(bank: BankId) -> VaultFlows {
        Flows::<T>::get(bank)
    }

    fn reserve(bank: BankId) -> Balance {
        T::Banks::account(bank).map(|account| T::Currency::total_balance(&account)).unwrap_or_default()
    }

    fn free_reserve(bank: BankId) -> Balance {
        T::Banks::account(bank).map(|account| T::Currency::balance(&account)).unwrap_or_default()
    }

    fn native_issuance() -> Balance {
        T::Currency::total_issuance()
    }
}

impl<T: Config> BankLifecycle for Pallet<T> {
    fn admitted(_: BankId, _: &AccountId) -> DispatchResult {
        Ok(())
    }

    fn ensure_empty(bank: BankId, _: &AccountId) -> DispatchResult {
        ensure!(Self::assets(bank).is_zero() && Self::stock(VaultId::Bank(bank)).is_empty(), Error::<T>::NotEmpty);
        Ok(())
    }

    fn account_rotated(_: BankId, old: &AccountId, new: &AccountId) -> DispatchResult {
        let reserve = T::Currency::balance(old);
        if !reserve.is_zero() {
            T::Currency::transfer(old, new, reserve, Preservation::Expendable)?;
        }
        Ok(())
    }
}

impl<T: Config> Pallet<T> {
    /// Whether any vault has the coin in a range.
    pub fn range_holder(coin: CoinId) -> Option<VaultId> {
        let denomination = T::Coinage::denomination(coin.batch)?;
        let banks = T::Banks::all().into_iter().map(VaultId::Bank);
        core::iter::once(VaultId::Issue)
            .chain(banks)
            .find(|vault| Ranges::<T>::get(vault, denomination).iter().any(|range| range.contains(coin)))
    }
}
