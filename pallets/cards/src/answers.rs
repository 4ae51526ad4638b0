//! What wallets and banks ask.

use crate::{pallet::*, types::Card};
use alloc::vec::Vec;
use specie_primitives::{
    cards::{CardInfo, CardsOf as Whose, CardsPage, MAX_CARDS_LOOKED_AT},
    traits::{Purses, Standstill},
    AccountId, CardNumber, CardState,
};

impl<T: Config> Pallet<T> {
    /// A card.
    pub fn info(card: CardNumber) -> Option<CardInfo> {
        let Card { key, loss_key, bank, state, purse, holder } = Cards::<T>::get(card)?;
        let bank = purse.and_then(T::Purses::facts).map_or(bank, |facts| facts.bank);
        let ready = match state {
            CardState::Lost { ready, .. } => Some(ready.saturating_add(T::Standstill::stood_still())),
            _ => None,
        };
        Some(CardInfo { card, key, loss_key, bank, state, purse, holder, ready })
    }

    /// The card with a key.
    pub fn info_of(key: &AccountId) -> Option<CardInfo> {
        Self::info(NumberOf::<T>::get(key)?)
    }

    /// Cards of a bank or a holder from a number on. So many numbers are looked at that a page may have fewer cards than
    /// asked for, or none, and still not be the last.
    pub fn page(of: Whose, from: CardNumber, limit: u32) -> CardsPage {
        let bank = match of {
            Whose::Holder(owner) => {
                let mut numbers = CardsOf::<T>::get(owner).into_inner();
                numbers.sort();
                let cards = numbers.into_iter().filter(|card| *card >= from).filter_map(Self::info).collect();
                return CardsPage { cards, cursor: None };
            },
            Whose::Bank(bank) => bank,
        };
        let next = NextCard::<T>::get().0;
        let end = from.0.saturating_add(MAX_CARDS_LOOKED_AT).min(next);
        let (mut cards, mut left, mut number) = (Vec::new(), limit, from.0);
        while number < end && left > 0 {
            let card = CardNumber(number);
            if Cards::<T>::get(card).is_some_and(|record| record.bank == bank) {
                cards.extend(Self::info(card));
                left = left.saturating_sub(1);
            }
            number = number.saturating_add(1);
        }
        CardsPage { cards, cursor: (number < next).then_some(CardNumber(number)) }
    }
}
