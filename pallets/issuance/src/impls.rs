//! How batches come and coins go.

use crate::{pallet::*, types::*};
use alloc::vec::Vec;
use frame_support::{
    ensure,
    traits::{Contains, Get},
    BoundedVec,
};
use sp_runtime::{
    traits::{Hash, Saturating, Zero},
    DispatchError, DispatchResult,
};
use specie_primitives::{
    books::IssuanceFlows,
    bounds, total_value,
    traits::{Coinage, Vaults},
    AccountId, CoinRange, Counts, Denomination, Lot, Selection,
};

/// Domain tag of batch seeds.
const SEED_TAG: &[u8] = b"specie/batch/v1";

impl<T: Config> Pallet<T> {
    fn ensure_mintable(denomination: Denomination, count: u32) -> DispatchResult {
        ensure!(Denominations::<T>::get().contains(&denomination), Error::<T>::DenominationNotAllowed);
        ensure!(!count.is_zero(), Error::<T>::EmptyBatch);
        ensure!(count <= T::MaxBatch::get(), Error::<T>::BatchTooLarge);
        Ok(())
    }

    fn ensure_recoinable(denomination: Denomination) -> DispatchResult {
        ensure!(Recoinable::<T>::get().contains(&denomination), Error::<T>::NotRecoinable);
        Ok(())
    }

    pub(crate) fn do_propose(
        proposer: AccountId,
        denomination: Denomination,
        count: u32,
        purpose: Purpose,
    ) -> DispatchResult {
        Self::ensure_mintable(denomination, count)?;
        ensure!(Proposals::<T>::count() < T::MaxProposals::get(), Error::<T>::TooManyProposals);
        let proposal = NextProposal::<T>::get();
        NextProposal::<T>::put(proposal.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?);
        let expires = frame_system::Pallet::<T>::block_number().saturating_add(T::ProposalLife::get());
        let record = Proposal { proposer: proposer.clone(), denomination, count, purpose, expires };
        Proposals::<T>::insert(proposal, record);
        Self::deposit_event(match purpose {
            Purpose::Vault => Event::MintProposed { proposal, proposer, denomination, count, expires },
            Purpose::Change => Event::ChangeBatchProposed { proposal, proposer, denomination, count, expires },
        });
        Ok(())
    }

    pub(crate) fn do_approve(approver: AccountId, number: u32) -> DispatchResult {
        let proposal = Proposals::<T>::get(number).ok_or(Error::<T>::UnknownProposal)?;
        ensure!(frame_system::Pallet::<T>::block_number() <= proposal.expires, Error::<T>::ProposalExpired);
        ensure!(approver != proposal.proposer, Error::<T>::SameKey);
        ensure!(T::IssuingKeys::contains(&proposal.proposer), Error::<T>::ProposerNotIssuing);
        match proposal.purpose {
            Purpose::Vault => Self::mint(proposal.denomination, proposal.count)?,
            Purpose::Change => Self::open_change_batch(proposal.denomination, proposal.count)?,
        };
        Proposals::<T>::remove(number);
        Ok(())
    }

    /// Writes the record of a new batch.
    fn new_batch(denomination: Denomination, count: u32) -> Result<u32, DispatchError> {
        Self::ensure_mintable(denomination, count)?;
        let batch = NextBatch::<T>::get();
        NextBatch::<T>::put(batch.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?);
        let parent = frame_system::Pallet::<T>::parent_hash();
        let seed = sp_runtime::traits::BlakeTwo256::hash_of(&(SEED_TAG, parent, batch)).0;
        Batches::<T>::insert(
            batch,
            Batch { denomination, count, seed, minted: frame_system::Pallet::<T>::block_number() },
        );
        Ok(batch)
    }

    /// Makes a batch and puts it into the issue vault.
    pub(crate) fn mint(denomination: Denomination, count: u32) -> Result<u32, DispatchError> {
        let batch = Self::new_batch(denomination, count)?;
        Self::count(denomination, |flows| flows.minted.checked_add(count.into()).map(|sum| flows.minted = sum))?;
        T::Vaults::receive_minted(CoinRange { batch, start: 0, count }, denomination)?;
        let value = denomination.value(count.into());
        Self::deposit_event(Event::Minted { batch, denomination, count, value });
        Ok(batch)
    }

    /// Opens a batch from which coins are made for change. The one before it gives no more.
    pub(crate) fn open_change_batch(denomination: Denomination, count: u32) -> Result<u32, DispatchError> {
        let batch = Self::new_batch(denomination, count)?;
        Issued::<T>::insert(batch, 0);
        ChangeBatch::<T>::insert(denomination, batch);
        Self::deposit_event(Event::ChangeBatchOpened { batch, denomination, count });
        Ok(batch)
    }

    pub(crate) fn do_retire(selection: Selection) -> DispatchResult {
        ensure!(!selection.is_empty(), Error::<T>::NothingSelected);
        let (counts, ranges) = T::Vaults::destroy(&selection)?;
        for (denomination, count) in &counts {
            Self::count(*denomination, |flows| flows.retired.checked_add(*count).map(|sum| flows.retired = sum))?;
        }
        let coins = selection.coins.iter().map(|coin| coin.coin).collect();
        Self::deposit_event(Event::Retired { value: total_value(&counts), coins, ranges });
        Ok(())
    }

    pub(crate) fn do_set_denominations(policy: BoundedVec<Denomination, bounds::Denominations>) -> DispatchResult {
        let ascending = policy.iter().zip(policy.iter().skip(1)).all(|(low, high)| low < high);
        ensure!(ascending && !policy.contains(&Denomination(0)), Error::<T>::DenominationsNotAscending);
        // Counters of face values that were dropped stay, and every counter has room in the books.
        let known = Flows::<T>::get();
        let added = policy.iter().filter(|denomination| !known.contains_key(denomination)).count();
        let most = <bounds::Denominations as Get<u32>>::get();
        ensure!(
            known.len().saturating_add(added) <= most.try_into().unwrap_or(usize::MAX),
            Error::<T>::TooManyDenominations
        );
        // A face value that is dropped is not made any more, in any way.
        Recoinable::<T>::mutate(|faces| faces.retain(|face| policy.contains(face)));
        Denominations::<T>::put(policy);
        Ok(())
    }

    pub(crate) fn do_set_recoinable(faces: BoundedVec<Denomination, bounds::Denominations>) -> DispatchResult {
        let ascending = faces.iter().zip(faces.iter().skip(1)).all(|(low, high)| low < high);
        ensure!(ascending, Error::<T>::DenominationsNotAscending);
        let policy = Denominations::<T>::get();
        ensure!(faces.iter().all(|face| policy.contains(face)), Error::<T>::DenominationNotAllowed);
        Recoinable::<T>::put(faces);
        Ok(())
    }

    /// Takes the next names of a face value's batch for change.
    fn next_change(lot: &Lot) -> Result<CoinRange, DispatchError> {
        let batch = ChangeBatch::<T>::get(lot.denomination).ok_or(Error::<T>::NoChangeBatch)?;
        let record = Batches::<T>::get(batch).ok_or(Error::<T>::NoChangeBatch)?;
        let start = Issued::<T>::get(batch).ok_or(Error::<T>::NoChangeBatch)?;
        let end = start.checked_add(lot.count).filter(|end| *end <= record.count);
        Issued::<T>::insert(batch, end.ok_or(Error::<T>::ChangeBatchUsedUp)?);
        Ok(CoinRange { batch, start, count: lot.count })
    }

    /// Changes the flows of one face value.
    fn count(denomination: Denomination, change: impl FnOnce(&mut IssuanceFlows) -> Option<()>) -> DispatchResult {
        Flows::<T>::try_mutate(|all| {
            let mut flows = all.get(&denomination).copied().unwrap_or_default();
            change(&mut flows).ok_or(Error::<T>::CounterOutOfRange)?;
            all.try_insert(denomination, flows).map_err(|_| Error::<T>::TooManyDenominations)?;
            Ok(())
        })
    }
}

impl<T: Config> Coinage for Pallet<T> {
    fn denomination(batch: u32) -> Option<Denomination> {
        Batches::<T>::get(batch).map(|batch| batch.denomination)
    }

    fn is_allowed(denomination: Denomination) -> bool {
        Denominations::<T>::get().contains(&denomination)
    }

    fn flows() -> Vec<(Denomination, IssuanceFlows)> {
        Flows::<T>::get().into_iter().collect()
    }

    fn make_change(lots: &[Lot]) -> Result<Vec<CoinRange>, DispatchError> {
        ensure!(!lots.is_empty(), Error::<T>::NothingSelected);
        let mut made = Vec::new();
        for lot in lots {
            Self::ensure_recoinable(lot.denomination)?;
            ensure!(!lot.count.is_zero(), Error::<T>::EmptyBatch);
            made.push(Self::next_change(lot)?);
            let count = lot.count.into();
            Self::count(lot.denomination, |flows| flows.change_in.checked_add(count).map(|sum| flows.change_in = sum))?;
        }
        Ok(made)
    }

    fn take_change(counts: &Counts) -> DispatchResult {
        for (denomination, count) in counts {
            Self::ensure_recoinable(*denomination)?;
            Self::count(*denomination, |flows| flows.change_out.checked_add(*count).map(|sum| flows.change_out = sum))?;
        }
        Ok(())
    }
}
