//! How coins change hands.

use crate::{pallet::*, types::*, weights::WeightInfo};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, weights::Weight, BoundedVec};
use sp_runtime::{DispatchError, DispatchResult};
use specie_primitives::{
    bounds,
    change::{widened, ChangePayment},
    total_value,
    traits::{CoinPayments, Coinage, Holdings, Limits, Owners, Register, Stoppable, Vaults, Watch},
    Balance, ChangeFrom, CoinId, CoinRange, CoinRef, Counts, Denomination, Holder, OwnerId, Selection, VaultId,
    MAX_FRESH_PER_CALL,
};

type CoinList = BoundedVec<CoinRef, bounds::CoinsPerCall>;

/// What is counted apart in the books.
#[derive(PartialEq, Eq)]
enum Place {
    Owners,
    Waiting,
    Vaults,
}

impl Place {
    fn of(holder: Holder) -> Self {
        match holder {
            Holder::Owner(_) => Self::Owners,
            Holder::Pickup(_) => Self::Waiting,
            Holder::Vault(_) => Self::Vaults,
        }
    }
}

impl<T: Config> Pallet<T> {
    fn ensure_may_pay(from: OwnerId, to: OwnerId) -> DispatchResult {
        ensure!(from != to, Error::<T>::SameOwner);
        T::Owners::ensure_payable(to)
    }

    pub(crate) fn do_transfer(from: OwnerId, to: OwnerId, coins: CoinList) -> DispatchResult {
        Self::ensure_may_pay(from, to)?;
        let value = total_value(&Self::hand_over(Holder::Owner(from), Holder::Owner(to), &coins)?);
        T::Limits::payment(from, to, value)?;
        Self::deposit_event(Event::Transferred { from, to, value, coins });
        T::Watch::payment(from, to, value);
        Ok(())
    }

    pub(crate) fn do_exchange(owner: OwnerId, at: ChangeFrom, give: CoinList, take: Selection) -> DispatchResult {
        Self::change(owner, at, &give, &[(owner, &take)]).map(drop)
    }

    pub(crate) fn do_transfer_with_change(
        from: OwnerId,
        to: OwnerId,
        coins: CoinList,
        at: ChangeFrom,
        give: CoinList,
        pay: Selection,
        change: Selection,
    ) -> DispatchResult {
        Self::ensure_may_pay(from, to)?;
        let own = match coins.is_empty() {
            true => 0,
            false => total_value(&Self::hand_over(Holder::Owner(from), Holder::Owner(to), &coins)?),
        };
        let mut take = alloc::vec![(to, &pay)];
        // All that is given may go to the payee.
        if !change.is_empty() {
            take.push((from, &change));
        }
        let (paid, made) = Self::change(from, at, &give, &take)?.into_iter().next().ok_or(Error::<T>::NoCoins)?;
        let value = own.checked_add(paid).ok_or(Error::<T>::CounterOutOfRange)?;
        T::Limits::payment(from, to, value)?;
        let coins = coins.iter().map(|coin| coin.coin).chain(made).collect();
        Self::deposit_event(Event::TransferredWithChange { from, to, value, coins });
        T::Watch::payment(from, to, value);
        Ok(())
    }

    /// Takes coins of an owner and gives others of the same value. Gives the value and the coins of each part.
    fn change(
        owner: OwnerId,
        at: ChangeFrom,
        give: &[CoinRef],
        take: &[(OwnerId, &Selection)],
    ) -> Result<Vec<(Balance, Vec<CoinId>)>, DispatchError> {
        match at {
            ChangeFrom::Vault(bank) => T::Vaults::exchange(bank, owner, give, take),
            ChangeFrom::Issuer => Self::recoin(owner, give, take),
        }
    }

    /// Destroys coins of an owner and makes others.
    fn recoin(
        owner: OwnerId,
        give: &[CoinRef],
        take: &[(OwnerId, &Selection)],
    ) -> Result<Vec<(Balance, Vec<CoinId>)>, DispatchError> {
        let lots = take.iter().flat_map(|(_, selection)| selection.fresh.iter());
        let number = lots.fold(0u32, |sum, lot| sum.saturating_add(lot.count));
        ensure!(number <= MAX_FRESH_PER_CALL, Error::<T>::TooManyCoins);
        let counts = Self::strike(Holder::Owner(owner), give)?;
        Self::book_out(Holder::Owner(owner), &counts, false)?;
        T::Coinage::take_change(&counts)?;
        let (value, mut sum) = (total_value(&counts), Balance::default());
        let mut parts = Vec::new();
        for (to, selection) in take {
            ensure!(selection.coins.is_empty(), Error::<T>::NotNew);
            let ranges = T::Coinage::make_change(&selection.fresh)?;
            Self::enter(&ranges, *to)?;
            let lots: Counts = selection.fresh.iter().map(|lot| (lot.denomination, lot.count.into())).collect();
            let part = total_value(&lots);
            sum = sum.checked_add(part).ok_or(Error::<T>::CounterOutOfRange)?;
            let coins = ranges
                .iter()
                .flat_map(|range| (range.start..range.end()).map(|index| CoinId { batch: range.batch, index }));
            parts.push((part, coins.collect::<Vec<_>>()));
        }
        ensure!(sum == value, Error::<T>::NotSameValue);
        let given = give.iter().map(|coin| coin.coin).collect();
        let made = parts.iter().flat_map(|(_, coins)| coins.iter().copied()).collect();
        Self::deposit_event(Event::Recoined { owner, value, given, made });
        Ok(parts)
    }

    /// Deletes coins that `holder` has at these revisions. What is counted for the holder is left to the caller.
    fn strike(holder: Holder, coins: &[CoinRef]) -> Result<Counts, DispatchError> {
        ensure!(!coins.is_empty(), Error::<T>::NoCoins);
        let mut counts = BTreeMap::new();
        for coin in coins {
            Self::held(holder, coin).map_err(|error| named_once(coins, coin, error))?;
            tally(&mut counts, Self::denomination(coin.coin)?, 1).ok_or(Error::<T>::CounterOutOfRange)?;
            Coins::<T>::remove(coin.coin);
        }
        Ok(counts.into_iter().collect())
    }

    fn denomination(coin: CoinId) -> Result<Denomination, DispatchError> {
        T::Coinage::denomination(coin.batch).ok_or_else(|| Error::<T>::UnknownCoin.into())
    }

    /// The entry of a coin that `holder` may move at this revision.
    fn held(holder: Holder, coin: &CoinRef) -> Result<CoinEntry, Error<T>> {
        let entry = Coins::<T>::get(coin.coin).ok_or(Error::<T>::UnknownCoin)?;
        ensure!(entry.holder == holder, Error::<T>::NotHolder);
        ensure!(entry.revision == coin.revision, Error::<T>::WrongRevision);
        ensure!(!entry.flags.is_held(), Error::<T>::CoinHeld);
        Ok(entry)
    }

    /// Books coins that come to a holder: purses, and what owners or pickups have together; vaults count for themselves.
    /// With `stays` they come from the same place.
    fn book_in(holder: Holder, counts: &Counts, stays: bool) -> DispatchResult {
        if let Holder::Owner(owner) = holder {
            Self::change_purse(owner, counts, |purse, coins, value| {
                Some(Purse { coins: purse.coins.checked_add(coins)?, value: purse.value.checked_add(value)? })
            })?;
        }
        if stays {
            return Ok(());
        }
        Self::change_place(Place::of(holder), counts, u64::checked_add)
    }

    /// Books coins that leave a holder. With `stays` they go to the same place.
    fn book_out(holder: Holder, counts: &Counts, stays: bool) -> DispatchResult {
        if let Holder::Owner(owner) = holder {
            Self::change_purse(owner, counts, |purse, coins, value| {
                Some(Purse { coins: purse.coins.checked_sub(coins)?, value: purse.value.checked_sub(value)? })
            })?;
        }
        if stays {
            return Ok(());
        }
        Self::change_place(Place::of(holder), counts, u64::checked_sub)
    }

    fn change_purse(
        owner: OwnerId,
        counts: &Counts,
        change: impl FnOnce(Purse, u32, Balance) -> Option<Purse>,
    ) -> DispatchResult {
        let coins = counts.iter().try_fold(0u32, |sum, (_, count)| sum.checked_add(u32::try_from(*count).ok()?));
        let purse = coins
            .and_then(|coins| change(Purses::<T>::get(owner), coins, total_value(counts)))
            .ok_or(Error::<T>::CounterOutOfRange)?;
        if purse == Purse::default() {
            Purses::<T>::remove(owner);
        } else {
            Purses::<T>::insert(owner, purse);
        }
        Ok(())
    }

    fn change_place(place: Place, counts: &Counts, change: fn(u64, u64) -> Option<u64>) -> DispatchResult {
        let changed = |counter: &mut Counter| Self::change_counter(counter, counts, change);
        match place {
            Place::Owners => Circulation::<T>::try_mutate(changed),
            Place::Waiting => Waiting::<T>::try_mutate(changed),
            Place::Vaults => Ok(()),
        }
    }

    fn change_counter(counter: &mut Counter, counts: &Counts, change: fn(u64, u64) -> Option<u64>) -> DispatchResult {
        for (denomination, count) in counts {
            let before = counter.get(denomination).copied().unwrap_or_default();
            let after = change(before, *count).ok_or(Error::<T>::CounterOutOfRange)?;
            if after == 0 {
                counter.remove(denomination);
            } else {
                counter.try_insert(*denomination, after).map_err(|_| Error::<T>::CounterOutOfRange)?;
            }
        }
        Ok(())
    }
}

/// The reason that a coin was refused: when a list names it twice, it is that.
fn named_once<T: Config>(coins: &[CoinRef], coin: &CoinRef, reason: Error<T>) -> Error<T> {
    if coins.iter().filter(|other| other.coin == coin.coin).count() > 1 {
        return Error::<T>::DuplicateCoin;
    }
    reason
}

/// Adds coins of one face value.
fn tally(counts: &mut BTreeMap<Denomination, u64>, denomination: Denomination, count: u64) -> Option<()> {
    let sum = counts.entry(denomination).or_default();
    *sum = sum.checked_add(count)?;
    Some(())
}

impl<T: Config> Register for Pallet<T> {
    fn hand_over(from: Holder, to: Holder, coins: &[CoinRef]) -> Result<Counts, DispatchError> {
        ensure!(!coins.is_empty(), Error::<T>::NoCoins);
        let mut counts = BTreeMap::new();
        // Neighbours of a batch come together in most payments: one look-up serves them.
        let mut last: Option<(u32, Denomination)> = None;
        frame_support::storage::with_storage_layer(|| {
            for coin in coins {
                let entry = Self::held(from, coin).map_err(|error| named_once(coins, coin, error))?;
                let denomination = match last {
                    Some((batch, denomination)) if batch == coin.coin.batch => denomination,
                    _ => Self::denomination(coin.coin)?,
                };
                last = Some((coin.coin.batch, denomination));
                tally(&mut counts, denomination, 1).ok_or(Error::<T>::CounterOutOfRange)?;
                let revision = entry.revision.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?;
                Coins::<T>::insert(coin.coin, CoinEntry { holder: to, revision, ..entry });
            }
            let counts: Counts = core::mem::take(&mut counts).into_iter().collect();
            let stays = Place::of(from) == Place::of(to);
            Self::book_out(from, &counts, stays)?;
            Self::book_in(to, &counts, stays)?;
            Ok(counts)
        })
    }

    fn enter(ranges: &[CoinRange], to: OwnerId) -> Result<(), DispatchError> {
        let mut counts = BTreeMap::new();
        frame_support::storage::with_storage_layer(|| {
            for range in ranges {
                let denomination = T::Coinage::denomination(range.batch).ok_or(Error::<T>::UnknownCoin)?;
                tally(&mut counts, denomination, range.count.into()).ok_or(Error::<T>::CounterOutOfRange)?;
                for index in range.start..range.end() {
                    let coin = CoinId { batch: range.batch, index };
                    ensure!(!Coins::<T>::contains_key(coin), Error::<T>::AlreadyEntered);
                    Coins::<T>::insert(
                        coin,
                        CoinEntry { holder: Holder::Owner(to), revision: 0, flags: CoinFlags::default() },
                    );
                }
            }
            let counts: Counts = core::mem::take(&mut counts).into_iter().collect();
            Self::book_in(Holder::Owner(to), &counts, false)
        })
    }

    fn remove(coins: &[CoinRef]) -> Result<Counts, DispatchError> {
        frame_support::storage::with_storage_layer(|| Self::strike(Holder::Vault(VaultId::Issue), coins))
    }

    fn in_circulation() -> Counts {
        Circulation::<T>::get().into_iter().collect()
    }

    fn waiting() -> Counts {
        Waiting::<T>::get().into_iter().collect()
    }

    fn scan(mut visit: impl FnMut(CoinId, Holder)) {
        Coins::<T>::iter().for_each(|(coin, entry)| visit(coin, entry.holder));
    }
}

impl<T: Config> CoinPayments for Pallet<T> {
    fn pay(from: OwnerId, to: OwnerId, coins: CoinList) -> DispatchResult {
        Self::do_transfer(from, to, coins)
    }

    fn pay_with_change(from: OwnerId, payment: ChangePayment) -> DispatchResult {
        let ChangePayment { to, coins, at, give, pay, change } = payment;
        let (coins, give) = (widened(coins), widened(give));
        Self::do_transfer_with_change(from, to, coins, at, give, pay.into(), change.into())
    }

    fn weight(coins: u32) -> Weight {
        T::WeightInfo::transfer(coins).saturating_add(T::Watch::weight())
    }

    fn weight_with_change(payment: &ChangePayment) -> Weight {
        let ChangePayment { coins, give, pay, change, .. } = payment.clone();
        let named = u32::try_from(coins.len().saturating_add(give.len())).unwrap_or(u32::MAX);
        let taken = counted(&[&Selection::from(pay), &Selection::from(change)]);
        T::WeightInfo::exchange(named.saturating_add(taken)).saturating_add(T::Watch::weight())
    }
}

impl<T: Config> Holdings for Pallet<T> {
    fn ensure_nothing_held(owner: OwnerId) -> DispatchResult {
        ensure!(Purses::<T>::get(owner).coins == 0, Error::<T>::CoinsLeft);
        Ok(())
    }

    fn held(owner: OwnerId) -> Balance {
        Purses::<T>::get(owner).value
    }
}

impl<T: Config> Pallet<T> {
    fn mark(coin: CoinId, held: bool) -> DispatchResult {
        Coins::<T>::try_mutate(coin, |entry| {
            let entry = entry.as_mut().ok_or(Error::<T>::UnknownCoin)?;
            entry.flags = entry.flags.with_held(held);
            Ok(())
        })
    }
}

/// Coins in a vault's range have no entry and are in nobody's hands: they cannot be stopped one by one.
impl<T: Config> Stoppable<CoinId> for Pallet<T> {
    fn stop(coin: CoinId) -> Result<bool, DispatchError> {
        Self::mark(coin, true).map(|()| false)
    }

    fn resume(coin: CoinId, _: bool) -> DispatchResult {
        Self::mark(coin, false)
    }

    fn all_stopped() -> Vec<CoinId> {
        Coins::<T>::iter().filter(|(_, entry)| entry.flags.is_held()).map(|(coin, _)| coin).collect()
    }
}

impl<T: Config> Pallet<T> {
    /// Entries after a raw storage key in ascending order of keys, at most `limit`, and the key to go on from.
    pub fn page(after: Option<Vec<u8>>, limit: u32) -> (Vec<(CoinId, CoinEntry)>, Option<Vec<u8>>) {
        let mut entries = match after {
            Some(key) => Coins::<T>::iter_from(key),
            None => Coins::<T>::iter(),
        };
        let page: Vec<_> = entries.by_ref().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
        let more = (u32::try_from(page.len()) == Ok(limit)).then(|| entries.last_raw_key().to_vec());
        (page, more)
    }
}
