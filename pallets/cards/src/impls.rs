//! What the calls do, and what other pallets ask.

use crate::{pallet::*, types::Card};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
    ensure,
    traits::{ConstU32, EnsureOrigin, Get},
    BoundedVec,
};
use frame_system::pallet_prelude::{BlockNumberFor, OriginFor};
use sp_core::{ed25519, sr25519};
use sp_runtime::{
    traits::{SaturatedConversion, Verify, Zero},
    DispatchError, DispatchResult,
};
use specie_certificates::{Algorithm, PublicKey};
use specie_primitives::{
    cards::{is_purse, purse_id, HandOut, NewCard, Replacement, Reporter, MAX_CARDS_PER_CALL},
    traits::{self, Banks, Holdings, OwnerFacts, Purses, Standstill},
    AccountId, Balance, BankId, BlockNumber, CardNumber, CardState, Hash, OwnerClass, OwnerId, OwnerStatus,
};

/// Whether a key may sign. Anybody could make signatures of a point of small order.
fn is_sound(algorithm: Algorithm, key: &AccountId) -> bool {
    let mut bytes = Vec::from([algorithm as u8]);
    bytes.extend_from_slice(key.as_ref());
    PublicKey::decode(&bytes).is_ok()
}

fn is_card_signed(key: &AccountId, message: &[u8], signature: &ed25519::Signature) -> bool {
    signature.verify(message, &ed25519::Public::from_raw(*key.as_ref()))
}

impl<T: Config> Pallet<T> {
    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Hash of the first block, which everything that is signed names.
    fn genesis_hash() -> Hash {
        frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
    }

    fn card(card: CardNumber) -> Result<Card, Error<T>> {
        Cards::<T>::get(card).ok_or(Error::<T>::UnknownCard)
    }

    /// The clock of waiting times: blocks, without those in which payments stood still.
    fn running() -> BlockNumber {
        Self::now().saturating_sub(T::Standstill::stood_still())
    }

    fn allowance(bank: BankId) -> u32 {
        Allowances::<T>::get(bank).unwrap_or_else(T::UsualAllowance::get)
    }

    /// One blank card less at a bank.
    fn take_blank(bank: BankId) -> DispatchResult {
        Undelivered::<T>::try_mutate(bank, |blank| {
            *blank = blank.checked_sub(1).ok_or(Error::<T>::CounterOutOfRange)?;
            Ok(())
        })
    }

    pub(crate) fn do_personalise(
        bank: BankId,
        cards: BoundedVec<NewCard, ConstU32<MAX_CARDS_PER_CALL>>,
    ) -> DispatchResult {
        ensure!(!cards.is_empty(), Error::<T>::NoCards);
        ensure!(T::Banks::is_active(bank), Error::<T>::BankNotActive);
        let first = NextCard::<T>::get();
        let (mut next, mut count) = (first, 0u32);
        for NewCard { key, loss_key } in cards {
            let sound = is_sound(Algorithm::Ed25519, &key) && is_sound(Algorithm::Sr25519, &loss_key);
            ensure!(sound, Error::<T>::BadKey);
            ensure!(!NumberOf::<T>::contains_key(&key), Error::<T>::KeyTaken);
            T::Purses::ensure_unbound(&key)?;
            NumberOf::<T>::insert(&key, next);
            let card = Card { key, loss_key, bank, state: CardState::Blank, purse: None, holder: None };
            Cards::<T>::insert(next, card);
            next = CardNumber(next.0.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?);
            count = count.checked_add(1).ok_or(Error::<T>::CounterOutOfRange)?;
        }
        let blank = Undelivered::<T>::get(bank).checked_add(count).ok_or(Error::<T>::CounterOutOfRange)?;
        ensure!(blank <= Self::allowance(bank), Error::<T>::OverAllowance);
        Undelivered::<T>::insert(bank, blank);
        NextCard::<T>::put(next);
        Self::deposit_event(Event::Personalised { bank, first, count });
        Ok(())
    }

    pub(crate) fn do_withdraw(card: CardNumber) -> DispatchResult {
        let record = Self::card(card)?;
        match (record.state, record.purse) {
            (CardState::Blank, _) => Self::take_blank(record.bank)?,
            (CardState::InUse | CardState::Lost { .. }, Some(purse)) => {
                T::Purses::close(purse)?;
                CardOf::<T>::remove(purse);
                if let Some(holder) = record.holder {
                    CardsOf::<T>::mutate_exists(holder, |cards| {
                        let mut left = cards.take().unwrap_or_default();
                        left.retain(|other| *other != card);
                        *cards = (!left.is_empty()).then_some(left);
                    });
                }
            },
            _ => return Err(Error::<T>::NotInUse.into()),
        }
        Cards::<T>::insert(card, Card { state: CardState::Withdrawn, purse: None, ..record });
        Self::deposit_event(Event::Withdrawn { card });
        Ok(())
    }

    pub(crate) fn do_hand_out(
        bank: BankId,
        card: CardNumber,
        to: Option<(OwnerId, sr25519::Signature)>,
        expiry: BlockNumber,
        signature: &ed25519::Signature,
    ) -> DispatchResult {
        T::Purses::ensure_timely(expiry)?;
        let record = Self::card(card)?;
        ensure!(record.bank == bank, Error::<T>::NotYourCard);
        ensure!(record.state == CardState::Blank, Error::<T>::NotBlank);
        let (key, holder) = (record.key.clone(), to.as_ref().map(|(holder, _)| *holder));
        let payload = HandOut::new(Self::genesis_hash(), card, key.clone(), bank, holder, expiry).encode();
        ensure!(is_card_signed(&key, &payload, signature), Error::<T>::BadSignature);
        let (class, person) = match to {
            None => (OwnerClass::AnonymousCard, None),
            Some((holder, consent)) => {
                let facts = Self::holder_of(bank, holder)?;
                ensure!(T::Purses::is_signed(holder, &payload, &consent), Error::<T>::BadConsent);
                CardsOf::<T>::try_mutate(holder, |cards| cards.try_push(card)).map_err(|_| Error::<T>::TooManyCards)?;
                (facts.class, facts.person)
            },
        };
        let purse = purse_id(T::NetworkId::get(), &key);
        T::Purses::open(purse, bank, key, class, person)?;
        Self::take_blank(bank)?;
        CardOf::<T>::insert(purse, card);
        Cards::<T>::insert(card, Card { state: CardState::InUse, purse: Some(purse), holder, ..record });
        Self::deposit_event(Event::HandedOut { card, bank, purse, holder });
        Ok(())
    }

    /// An owner to whom this bank may bind a card.
    fn holder_of(bank: BankId, holder: OwnerId) -> Result<OwnerFacts, Error<T>> {
        let facts = T::Purses::facts(holder).ok_or(Error::<T>::UnknownHolder)?;
        ensure!(facts.bank == bank, Error::<T>::NotYourHolder);
        ensure!(facts.status == OwnerStatus::Active, Error::<T>::HolderNotActive);
        // The purse of a card that is bound to a person is of that person's class.
        ensure!(facts.class.is_verified() && !is_purse(holder), Error::<T>::HolderNotVerified);
        Ok(facts)
    }

    fn ensure_holder_active(holder: OwnerId) -> Result<(), Error<T>> {
        let active = T::Purses::facts(holder).is_some_and(|facts| facts.status == OwnerStatus::Active);
        ensure!(active, Error::<T>::HolderNotActive);
        Ok(())
    }

    /// Who speaks of a loss: the bank that looks after the purse, or the holder.
    fn reporter(origin: OriginFor<T>, record: &Card, purse: OwnerId) -> Result<Reporter, DispatchError> {
        let (reporter, own) = match T::BankOrigin::try_origin(origin) {
            Ok(bank) => (Reporter::Bank, T::Purses::facts(purse).is_some_and(|facts| facts.bank == bank)),
            Err(origin) => (Reporter::Holder, record.holder == Some(T::OwnerOrigin::ensure_origin(origin)?)),
        };
        ensure!(own, Error::<T>::NotYourCard);
        Ok(reporter)
    }

    pub(crate) fn do_report_lost(origin: OriginFor<T>, card: CardNumber) -> DispatchResult {
        let record = Self::card(card)?;
        let purse = record.purse.filter(|_| record.state == CardState::InUse).ok_or(Error::<T>::NotInUse)?;
        let by = Self::reporter(origin, &record, purse)?;
        T::Purses::stop(purse)?;
        let ready = Self::running().saturating_add(T::Purses::delay());
        Cards::<T>::insert(card, Card { state: CardState::Lost { by, since: Self::now(), ready }, ..record });
        Self::deposit_event(Event::ReportedLost { card, purse, by });
        Ok(())
    }

    pub(crate) fn do_found(origin: OriginFor<T>, card: CardNumber) -> DispatchResult {
        let record = Self::card(card)?;
        let (CardState::Lost { by, .. }, Some(purse)) = (record.state, record.purse) else {
            return Err(Error::<T>::NotLost.into());
        };
        ensure!(Self::reporter(origin, &record, purse)? == by, Error::<T>::OtherReporter);
        if let Some(holder) = record.holder {
            Self::ensure_holder_active(holder)?;
        }
        Cards::<T>::insert(card, Card { state: CardState::InUse, ..record });
        T::Purses::resume(purse)?;
        Self::deposit_event(Event::Found { card, purse });
        Ok(())
    }

    pub(crate) fn do_replace(
        bank: BankId,
        lost: CardNumber,
        new: CardNumber,
        expiry: BlockNumber,
        signature: &ed25519::Signature,
        evidence: &sr25519::Signature,
    ) -> DispatchResult {
        T::Purses::ensure_timely(expiry)?;
        let (old, fresh) = (Self::card(lost)?, Self::card(new)?);
        let (CardState::Lost { ready, .. }, Some(purse)) = (old.state, old.purse) else {
            return Err(Error::<T>::NotLost.into());
        };
        let own = T::Purses::facts(purse).is_some_and(|facts| facts.bank == bank);
        ensure!(own && fresh.bank == bank, Error::<T>::NotYourCard);
        ensure!(fresh.state == CardState::Blank, Error::<T>::NotBlank);
        let key = fresh.key.clone();
        let payload = Replacement::new(Self::genesis_hash(), lost, new, key.clone(), bank, expiry).encode();
        ensure!(is_card_signed(&key, &payload, signature), Error::<T>::BadSignature);
        let shown = match old.holder {
            Some(holder) => {
                Self::ensure_holder_active(holder)?;
                T::Purses::is_signed(holder, &payload, evidence)
            },
            None => {
                ensure!(Self::running() >= ready, Error::<T>::TooEarly);
                evidence.verify(payload.as_slice(), &sr25519::Public::from_raw(*old.loss_key.as_ref()))
            },
        };
        ensure!(shown, Error::<T>::BadEvidence);
        T::Purses::rekey(purse, &key)?;
        Self::take_blank(bank)?;
        let holder = old.holder;
        if let Some(holder) = holder {
            CardsOf::<T>::mutate(holder, |cards| {
                cards.iter_mut().filter(|card| **card == lost).for_each(|card| *card = new);
            });
        }
        Cards::<T>::insert(lost, Card { state: CardState::Replaced { by: new }, purse: None, ..old });
        Cards::<T>::insert(new, Card { state: CardState::InUse, purse: Some(purse), holder, ..fresh });
        CardOf::<T>::insert(purse, new);
        T::Purses::resume(purse)?;
        Self::deposit_event(Event::Replaced { lost, new, purse });
        Ok(())
    }
}

impl<T: Config> traits::Cards for Pallet<T> {
    fn purses(holder: OwnerId) -> Vec<OwnerId> {
        let cards = CardsOf::<T>::get(holder).into_iter();
        cards.filter_map(|card| Cards::<T>::get(card)?.purse).collect()
    }

    fn is_lost(purse: OwnerId) -> bool {
        let state = CardOf::<T>::get(purse).and_then(Cards::<T>::get).map(|card| card.state);
        matches!(state, Some(CardState::Lost { .. }))
    }

    fn holder(purse: OwnerId) -> Option<OwnerId> {
        CardOf::<T>::get(purse).and_then(Cards::<T>::get)?.holder
    }
}

impl<T: Config> Holdings for Pallet<T> {
    fn ensure_nothing_held(owner: OwnerId) -> DispatchResult {
        // What is in their purses is that owner's.
        ensure!(!CardsOf::<T>::contains_key(owner), Error::<T>::CardsLeft);
        Ok(())
    }

    /// Purses are owners, and hold for themselves.
    fn held(_: OwnerId) -> Balance {
        0
    }
}
