//! How coins come to wait, and how they go.

use crate::{pallet::*, types::Pickup};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{ensure, traits::Get, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::sr25519::{Public, Signature};
use sp_runtime::{
    traits::{SaturatedConversion, Verify, Zero},
    DispatchError, DispatchResult,
};
use specie_primitives::{
    api::PickupCursor,
    books::{raise, PickupFlows},
    bounds, total_value,
    traits::{self, CustodyDesk, Holdings, Limits, Owners, Register, Standstill, Vaults, Watch},
    Balance, BankId, BlockNumber, CoinId, CoinRef, Hash, Holder, OwnerId, PickupClaim, PickupId, PickupReceiver,
};

impl<T: Config> Pallet<T> {
    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Blocks in which payments ran. It never goes back, so no stop makes what expired good again.
    fn running() -> BlockNumber {
        Self::now().saturating_sub(T::Standstill::stood_still())
    }

    /// Last block in which a pickup can be collected, if payments go on now.
    pub fn last_block(record: &Pickup) -> BlockNumber {
        record.expires.saturating_add(T::Standstill::stood_still())
    }

    /// Hash of the first block, which every claim names.
    fn genesis_hash() -> Hash {
        frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
    }

    pub(crate) fn do_deposit(
        payer: OwnerId,
        payee: OwnerId,
        claim_key: Public,
        mut coins: BoundedVec<CoinRef, bounds::CoinsPerPickup>,
        expires: BlockNumber,
    ) -> DispatchResult {
        ensure!(payer != payee, Error::<T>::SameOwner);
        let now = Self::now();
        ensure!(expires >= now.saturating_add(T::MinLife::get()), Error::<T>::ExpiryTooSoon);
        ensure!(expires <= now.saturating_add(T::MaxLife::get()), Error::<T>::ExpiryTooFar);
        let pickup = NextPickup::<T>::get();
        NextPickup::<T>::put(PickupId(pickup.0.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?));
        let value = total_value(&T::Register::hand_over(Holder::Owner(payer), Holder::Pickup(pickup), &coins)?);
        for coin in coins.iter_mut() {
            coin.revision = coin.revision.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?;
        }
        OfPayer::<T>::try_mutate(payer, |open| open.try_push(pickup)).map_err(|_| Error::<T>::TooManyPickups)?;
        ForPayee::<T>::insert(payee, pickup, ());
        T::Limits::sent(payer, value)?;
        Self::count(|flows| raise(&mut flows.deposited, value))?;
        let names = names(&coins);
        let last = expires.saturating_sub(T::Standstill::stood_still());
        Pickups::<T>::insert(pickup, Pickup { payer, payee, claim_key, value, coins, expires: last });
        Self::deposit_event(Event::Deposited { pickup, payer, payee, value, coins: names, expires });
        T::Watch::payment(payer, payee, value);
        Ok(())
    }

    pub(crate) fn do_claim_registered(owner: OwnerId, pickup: PickupId, signature: &Signature) -> DispatchResult {
        let record = Self::open(pickup)?;
        ensure!(record.payee == owner, Error::<T>::NotPayee);
        Self::ensure_none_held(&record)?;
        let receiver = PickupReceiver::Owner(owner);
        if !Self::is_signed(&record, pickup, receiver, signature) {
            return Self::note_wrong(pickup, receiver);
        }
        T::Register::hand_over(Holder::Pickup(pickup), Holder::Owner(owner), &record.coins)?;
        // Payer and payee may be one person: first the one, then the other.
        T::Limits::given(record.payer, record.value)?;
        T::Limits::received(owner, record.value)?;
        Self::finish_claim(pickup, record, receiver)
    }

    pub(crate) fn do_claim_at_bank(
        bank: BankId,
        pickup: PickupId,
        receiver: PickupReceiver,
        signature: &Signature,
    ) -> DispatchResult {
        let record = Self::open(pickup)?;
        ensure!(receiver.bank() == Some(bank), Error::<T>::WrongReceiver);
        Self::ensure_none_held(&record)?;
        if let PickupReceiver::Custody { owner, .. } = receiver {
            T::Owners::ensure_payable(owner)?;
            ensure!(!T::Owners::is_held(owner), Error::<T>::OwnerHeld);
        }
        if !Self::is_signed(&record, pickup, receiver, signature) {
            return Self::note_wrong(pickup, receiver);
        }
        T::Limits::given(record.payer, record.value)?;
        match receiver {
            PickupReceiver::Custody { owner, .. } => {
                let value = T::Vaults::collect(bank, pickup, &record.coins, false)?;
                T::Custody::credit_paid_in(bank, owner, value)?;
                T::Limits::received(owner, value)?;
            },
            PickupReceiver::Counter { .. } | PickupReceiver::Owner(_) => {
                T::Vaults::collect(bank, pickup, &record.coins, true)?;
            },
        }
        Self::finish_claim(pickup, record, receiver)
    }

    pub(crate) fn do_refund(pickup: PickupId) -> DispatchResult {
        let record = Pickups::<T>::get(pickup).ok_or(Error::<T>::UnknownPickup)?;
        ensure!(Self::running() > record.expires, Error::<T>::NotExpired);
        let Pickup { payer, payee, value, .. } = record;
        T::Register::hand_over(Holder::Pickup(pickup), Holder::Owner(payer), &record.coins)?;
        let coins = Self::forget(pickup, record);
        Self::count(|flows| raise(&mut flows.refunded, value))?;
        Self::deposit_event(Event::Refunded { pickup, payer, value, coins, payee });
        Ok(())
    }

    /// A pickup whose last block has not passed.
    fn open(pickup: PickupId) -> Result<Pickup, DispatchError> {
        let record = Pickups::<T>::get(pickup).ok_or(Error::<T>::UnknownPickup)?;
        ensure!(Self::running() <= record.expires, Error::<T>::Expired);
        Ok(record)
    }

    /// What waits is the payer's until somebody takes it, and the payee gets nothing while it is held.
    fn ensure_none_held(record: &Pickup) -> DispatchResult {
        ensure!(![record.payer, record.payee].into_iter().any(T::Owners::is_held), Error::<T>::OwnerHeld);
        Ok(())
    }

    fn is_signed(record: &Pickup, pickup: PickupId, receiver: PickupReceiver, signature: &Signature) -> bool {
        let claim = PickupClaim::new(Self::genesis_hash(), pickup, receiver);
        signature.verify(claim.encode().as_slice(), &record.claim_key)
    }

    /// An outcome, not an error: an error would undo it.
    fn note_wrong(pickup: PickupId, receiver: PickupReceiver) -> DispatchResult {
        let tries = WrongTries::<T>::get(pickup).saturating_add(1);
        WrongTries::<T>::insert(pickup, tries);
        Self::deposit_event(Event::WrongCode { pickup, receiver, tries });
        Ok(())
    }

    fn finish_claim(pickup: PickupId, record: Pickup, receiver: PickupReceiver) -> DispatchResult {
        let Pickup { payer, payee, value, .. } = record;
        let coins = Self::forget(pickup, record);
        Self::count(|flows| raise(&mut flows.claimed, value))?;
        Self::deposit_event(Event::Claimed { pickup, receiver, value, coins, payer, payee });
        Ok(())
    }

    /// Removes what is known of a pickup and gives the names of its coins.
    fn forget(pickup: PickupId, record: Pickup) -> Vec<CoinId> {
        Pickups::<T>::remove(pickup);
        ForPayee::<T>::remove(record.payee, pickup);
        WrongTries::<T>::remove(pickup);
        OfPayer::<T>::mutate_exists(record.payer, |open| {
            let mut left = open.take().unwrap_or_default();
            left.retain(|other| *other != pickup);
            *open = (!left.is_empty()).then_some(left);
        });
        names(&record.coins)
    }

    /// What an owner left and then what waits for it, after a place and at most `limit`; and the place to go on from.
    /// Whatever is there all the time is given once, although others come and go between two pages.
    pub fn page(owner: OwnerId, after: Option<PickupCursor>, limit: u32) -> (Vec<PickupId>, Option<PickupCursor>) {
        let left = OfPayer::<T>::get(owner).into_iter().filter(|pickup| match after {
            None => true,
            Some(PickupCursor::Left(last)) => *pickup > last,
            Some(PickupCursor::Waiting(_)) => false,
        });
        let waiting = match after {
            Some(PickupCursor::Waiting(last)) => {
                ForPayee::<T>::iter_key_prefix_from(owner, ForPayee::<T>::hashed_key_for(owner, last))
            },
            Some(PickupCursor::Left(_)) | None => ForPayee::<T>::iter_key_prefix(owner),
        };
        let mut all = left.map(PickupCursor::Left).chain(waiting.map(PickupCursor::Waiting));
        let page: Vec<_> = all.by_ref().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
        let more = all.next().and(page.last().copied());
        (page.into_iter().map(PickupCursor::pickup).collect(), more)
    }

    fn count(change: impl FnOnce(&mut PickupFlows) -> Option<()>) -> DispatchResult {
        Flows::<T>::try_mutate(|flows| change(flows).ok_or_else(|| Error::<T>::CounterOutOfRange.into()))
    }
}

fn names(coins: &[CoinRef]) -> Vec<CoinId> {
    coins.iter().map(|coin| coin.coin).collect()
}

impl<T: Config> traits::Pickups for Pallet<T> {
    fn flows() -> PickupFlows {
        Flows::<T>::get()
    }
}

impl<T: Config> Holdings for Pallet<T> {
    fn ensure_nothing_held(owner: OwnerId) -> DispatchResult {
        // They may come back.
        ensure!(!OfPayer::<T>::contains_key(owner), Error::<T>::PickupsLeft);
        Ok(())
    }

    /// What waits is the payer's until somebody takes it.
    fn held(owner: OwnerId) -> Balance {
        let open = OfPayer::<T>::get(owner);
        open.into_iter().filter_map(Pickups::<T>::get).fold(0, |sum, record| sum.saturating_add(record.value))
    }
}
