//! What becomes of transfers that wait.

use crate::{
    netting::{self, Transfer},
    pallet::*,
    types::*,
    weights::WeightInfo,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use frame_support::{
    defensive, ensure,
    storage::{transactional::with_transaction, with_storage_layer},
    traits::{
        fungibles::Mutate,
        tokens::{Fortitude, Precision, Preservation},
        Get,
    },
    weights::Weight,
};
use sp_runtime::{DispatchError, DispatchResult, TransactionOutcome};
use specie_primitives::{
    books::raise,
    custody::{queue_account, ReturnReason},
    traits::{Banks, Owners, Standstill, Vaults},
    BankId, BankStatus, OwnerId, QueuePolicy, TransferId, MAX_NETTED, MAX_QUEUED,
};

/// What a look at a transfer finds.
enum Fate {
    /// Only the reserve holds it up.
    Ready,
    /// A bank is stopped, which may end.
    Waits,
    /// It never settles.
    Returns(ReturnReason),
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_cancel(
        bank: BankId,
        transfer: TransferId,
        owner: Option<OwnerId>,
        at: Option<BankId>,
    ) -> DispatchResult {
        let queue = Queues::<T>::get(bank);
        let queued = queue.iter().find(|queued| queued.transfer == transfer).ok_or(Error::<T>::UnknownTransfer)?;
        let reason = if owner == Some(queued.from) {
            ReturnReason::ByPayer
        } else if at == Some(bank) {
            ReturnReason::ByBank
        } else {
            ensure!(Self::running() > queued.expires, Error::<T>::NotYours);
            ReturnReason::Expired
        };
        Self::give_back(bank, queued, reason)
    }

    pub(crate) fn do_prioritise(bank: BankId, transfer: TransferId) -> DispatchResult {
        Queues::<T>::try_mutate_exists(bank, |stored| {
            let queue = stored.as_mut().ok_or(Error::<T>::UnknownTransfer)?;
            let place = queue.iter().position(|queued| queued.transfer == transfer);
            let place = place.ok_or(Error::<T>::UnknownTransfer)?;
            // Those before it move up by one.
            queue.get_mut(..=place).ok_or(Error::<T>::UnknownTransfer)?.rotate_right(1);
            Ok::<_, Error<T>>(())
        })?;
        Self::deposit_event(Event::Prioritised { bank, transfer });
        Ok(())
    }

    /// As much of [`Pallet::settle_heads`] as there is room for. Gives what it used.
    pub(crate) fn settle_within(room: Weight) -> Weight {
        let (none, one) = (T::WeightInfo::settle(0), T::WeightInfo::settle(1));
        let look = T::DbWeight::get().reads(3);
        // Of the calls, none is dispatched while payments stand still; nothing but this keeps a hook from it.
        if T::Standstill::stands_still() || Queues::<T>::iter_keys().next().is_none() {
            return look;
        }
        let Some(left) = room.checked_sub(&none) else { return look };
        let most = left.checked_div_per_component(&one.saturating_sub(none)).unwrap_or_default();
        match u32::try_from(most).unwrap_or(u32::MAX).min(MAX_NETTED) {
            0 => look,
            most => T::WeightInfo::settle(Self::settle_heads(most)),
        }
    }

    /// Looks at so many transfers at most: gives back those that never settle, and settles as many of the others as the
    /// reserves of all banks together allow. Gives how many it looked at.
    pub(crate) fn settle_heads(most: u32) -> u32 {
        let heads = Self::heads(most);
        let looked = u32::try_from(heads.len()).unwrap_or(u32::MAX);
        let mut ready = Vec::new();
        for (bank, queued) in heads {
            match Self::fate(bank, &queued) {
                Fate::Ready => ready.push((bank, queued)),
                Fate::Waits => {},
                Fate::Returns(reason) => Self::end(bank, &queued, reason),
            }
        }
        let mut chosen = Self::choose(&ready);
        // Nobody holds up others with payees that may not hold all of it.
        let beyond = Self::beyond_limits(&chosen);
        if !beyond.is_empty() {
            beyond.iter().for_each(|(bank, queued)| Self::end(*bank, queued, ReturnReason::NotReceivable));
            ready.retain(|one| !beyond.contains(one));
            chosen = Self::choose(&ready);
        }
        if let Some((bank, queued)) = Self::settle_together(&chosen) {
            Self::end(bank, &queued, ReturnReason::NotReceivable);
        }
        looked
    }

    /// Those that the reserves of all banks cover together.
    fn choose(ready: &[(BankId, Queued)]) -> Vec<(BankId, Queued)> {
        let transfers: Vec<Transfer> = ready
            .iter()
            .map(|(bank, queued)| Transfer { from: *bank, to: queued.to_bank, amount: queued.amount })
            .collect();
        let reserves: BTreeMap<_, _> = transfers
            .iter()
            .flat_map(|transfer| [transfer.from, transfer.to])
            .map(|bank| (bank, T::Vaults::free_reserve(bank)))
            .collect();
        let in_order = |bank: BankId| Policies::<T>::get(bank) == QueuePolicy::InOrder;
        let chosen = netting::choose(&transfers, &reserves, in_order);
        ready.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(one, _)| *one).collect()
    }

    /// Those whose payees may hold each of them, but not all together. Changes nothing.
    fn beyond_limits(chosen: &[(BankId, Queued)]) -> Vec<(BankId, Queued)> {
        let looked = with_transaction(|| {
            let each = chosen.iter().copied();
            let beyond = each.filter(|(_, queued)| with_storage_layer(|| Self::tell_limits(queued)).is_err()).collect();
            TransactionOutcome::Rollback(Ok::<Vec<(BankId, Queued)>, DispatchError>(beyond))
        });
        looked.unwrap_or_default()
    }

    /// The first of every bank's queue, then the second of every one, and so on. What waits for a bank that is stopped comes
    /// last: a look ends somewhere, and must not end before what could settle.
    fn heads(most: u32) -> Vec<(BankId, Queued)> {
        let mut queues: Vec<_> = Queues::<T>::iter().collect();
        queues.sort_by_key(|(bank, _)| *bank);
        let places = 0..MAX_QUEUED as usize;
        let all = places.flat_map(|place| {
            queues.iter().filter_map(move |(bank, queue)| queue.get(place).map(|queued| (*bank, *queued)))
        });
        let active: BTreeSet<_> = T::Banks::all().into_iter().filter(|bank| T::Banks::is_active(*bank)).collect();
        let (now, later): (Vec<_>, Vec<_>) =
            all.partition(|(bank, queued)| active.contains(bank) && active.contains(&queued.to_bank));
        now.into_iter().chain(later).take(most as usize).collect()
    }

    fn fate(bank: BankId, queued: &Queued) -> Fate {
        if Self::running() > queued.expires {
            return Fate::Returns(ReturnReason::Expired);
        }
        // What a thief sent must not settle when the owner can pay again.
        if !T::Owners::is_active(queued.from) || T::Owners::is_held(queued.from) {
            return Fate::Returns(ReturnReason::PayerStopped);
        }
        let closed = T::Banks::status(queued.to_bank) == Some(BankStatus::Closed);
        if closed || Self::ensure_receives(queued.from, queued.to_bank, queued.to).is_err() {
            return Fate::Returns(ReturnReason::NotReceivable);
        }
        if ![bank, queued.to_bank].into_iter().all(T::Banks::is_active) {
            return Fate::Waits;
        }
        match Self::ensure_within_limits(queued) {
            Ok(()) => Fate::Ready,
            Err(_) => Fate::Returns(ReturnReason::NotReceivable),
        }
    }

    /// All of it or nothing. If not, the transfer that stood in the way.
    fn settle_together(chosen: &[(BankId, Queued)]) -> Option<(BankId, Queued)> {
        let transfers: Vec<_> = chosen.iter().map(|(bank, queued)| (*bank, queued.to_bank, queued.amount)).collect();
        let mut culprit = None;
        let settled: DispatchResult = with_storage_layer(|| {
            T::Vaults::settle(&transfers)?;
            for (bank, queued) in chosen {
                if let Err(error) = Self::pass_on(*bank, queued) {
                    culprit = Some((*bank, *queued));
                    return Err(error);
                }
            }
            Ok(())
        });
        if settled.is_err() && culprit.is_none() {
            defensive!("the reserves do not cover what was chosen by them");
        }
        culprit
    }

    /// Makes a transfer whose reserves have moved.
    fn pass_on(from_bank: BankId, queued: &Queued) -> DispatchResult {
        let Queued { transfer, from, to_bank, to, amount, .. } = *queued;
        T::Assets::burn_from(
            AssetId::Custody(from_bank),
            &queue_account(from_bank),
            amount,
            Preservation::Expendable,
            Precision::Exact,
            Fortitude::Polite,
        )?;
        T::Assets::mint_into(AssetId::Custody(to_bank), &to.account(), amount)?;
        Self::tell_limits(queued)?;
        Self::count(from_bank, |flows| {
            raise(&mut flows.settled, amount)?;
            raise(&mut flows.sent, amount)
        })?;
        Self::count(to_bank, |flows| raise(&mut flows.received, amount))?;
        Self::forget(from_bank, queued)?;
        Self::deposit_event(Event::TransferSettled { transfer, from_bank, from, to_bank, to, amount });
        Ok(())
    }

    /// Gives back what never settles. It cannot fail: the queue's account has it, and the payer had it before.
    fn end(bank: BankId, queued: &Queued, reason: ReturnReason) {
        if with_storage_layer(|| Self::give_back(bank, queued, reason)).is_err() {
            defensive!("what was set aside cannot be given back");
        }
    }

    fn give_back(from_bank: BankId, queued: &Queued, reason: ReturnReason) -> DispatchResult {
        let Queued { transfer, from, to_bank, to, amount, .. } = *queued;
        let (pot, payer) = (queue_account(from_bank), from.account());
        T::Assets::transfer(AssetId::Custody(from_bank), &pot, &payer, amount, Preservation::Expendable)?;
        Self::count(from_bank, |flows| raise(&mut flows.given_back, amount))?;
        Self::forget(from_bank, queued)?;
        Self::deposit_event(Event::TransferReturned { transfer, from_bank, from, to_bank, to, amount, reason });
        Ok(())
    }

    /// Removes what is known of a transfer.
    fn forget(bank: BankId, queued: &Queued) -> DispatchResult {
        Queues::<T>::mutate_exists(bank, |stored| {
            let mut queue = stored.take().unwrap_or_default();
            queue.retain(|other| other.transfer != queued.transfer);
            *stored = (!queue.is_empty()).then_some(queue);
        });
        OfPayer::<T>::try_mutate_exists(queued.from, |stored| {
            let Waiting { count, value } = stored.take().unwrap_or_default();
            let count = count.checked_sub(1).ok_or(Error::<T>::CounterOutOfRange)?;
            let value = value.checked_sub(queued.amount).ok_or(Error::<T>::CounterOutOfRange)?;
            *stored = (count > 0).then_some(Waiting { count, value });
            Ok(())
        })
    }
}
