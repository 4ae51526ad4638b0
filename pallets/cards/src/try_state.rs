//! The cards' full scan.

use crate::pallet::*;
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::{traits::Purses, BankId, CardNumber, CardState, OwnerClass, OwnerId, OwnerStatus};

impl<T: Config> Pallet<T> {
    /// Checks I1 to I6.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut blank = BTreeMap::<BankId, u32>::new();
        let mut purses = BTreeSet::<OwnerId>::new();
        let mut bound = BTreeSet::<(OwnerId, CardNumber)>::new();
        let mut cards = 0usize;
        for (card, record) in Cards::<T>::iter() {
            cards = cards.saturating_add(1);
            ensure!(card < NextCard::<T>::get(), "cards: a number not yet given");
            ensure!(NumberOf::<T>::get(&record.key) == Some(card), "I1: a card's key is another's");
            let lost = matches!(record.state, CardState::Lost { .. });
            ensure!(
                record.purse.is_some() == (lost || record.state == CardState::InUse),
                "I2: a purse too many or few"
            );
            if record.state == CardState::Blank {
                let count = blank.entry(record.bank).or_default();
                *count = count.saturating_add(1);
            }
            let Some(purse) = record.purse else { continue };
            let facts = T::Purses::facts(purse).ok_or("I2: a card's purse is not there")?;
            ensure!(CardOf::<T>::get(purse) == Some(card), "I2: a purse is another card's");
            ensure!(facts.key == record.key, "I2: another key signs for a card's purse");
            ensure!(facts.status != OwnerStatus::Closed, "I2: a card's purse is closed");
            ensure!(!lost || facts.status != OwnerStatus::Active, "I3: the purse of a lost card is active");
            let holder = record.holder.map(T::Purses::facts);
            let stopped = matches!(&holder, Some(Some(holder)) if holder.status != OwnerStatus::Active);
            ensure!(!stopped || facts.status != OwnerStatus::Active, "I3: a card pays for a holder that does not");
            let expected = match holder {
                Some(holder) => {
                    holder.ok_or("I4: a holder is not there").map(|holder| (holder.class, holder.person))?
                },
                None => (OwnerClass::AnonymousCard, None),
            };
            let expected = if expected.0.is_verified() { expected } else { (OwnerClass::AnonymousCard, None) };
            ensure!((facts.class, facts.person) == expected, "I5: a purse does not count for its holder");
            purses.insert(purse);
            bound.extend(record.holder.map(|holder| (holder, card)));
        }
        ensure!(NumberOf::<T>::iter().count() == cards, "I1: a key of no card");
        ensure!(CardOf::<T>::iter().count() == purses.len(), "I2: a card of no purse");
        for purse in T::Purses::all() {
            let closed = T::Purses::facts(purse).is_some_and(|facts| facts.status == OwnerStatus::Closed);
            ensure!(closed != purses.contains(&purse), "I2: an open purse without a card");
        }
        let listed: alloc::vec::Vec<_> = CardsOf::<T>::iter()
            .flat_map(|(holder, cards)| cards.into_iter().map(move |card| (holder, card)))
            .collect();
        ensure!(listed.len() == bound.len(), "I4: a holder's list has too many or too few");
        ensure!(listed.into_iter().collect::<BTreeSet<_>>() == bound, "I4: a holder's list differs");
        ensure!(CardsOf::<T>::iter_values().all(|cards| !cards.is_empty()), "I4: a list of nothing");
        let counted = Undelivered::<T>::iter().filter(|(_, count)| *count > 0).collect::<BTreeMap<_, _>>();
        ensure!(counted == blank, "I6: blank cards are not those counted");
        Ok(())
    }
}
