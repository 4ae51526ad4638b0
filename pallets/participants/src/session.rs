//! How the list of validators reaches the consensus: at session boundaries, and only when it changed.

use crate::pallet::*;
use alloc::vec::Vec;
use core::marker::PhantomData;
use sp_runtime::traits::Convert;
use specie_primitives::AccountId;

/// Index of a session.
type SessionIndex = u32;

impl<T: Config> Pallet<T> {
    fn validator_accounts() -> Vec<AccountId> {
        Validators::<T>::get().into_iter().map(|(account, _)| account).collect()
    }
}

impl<T: Config> pallet_session::SessionManager<AccountId> for Pallet<T> {
    // An answer moves GRANDPA's set id even when the list is the old one: so there is none without a change.
    fn new_session(_: SessionIndex) -> Option<Vec<AccountId>> {
        ValidatorsChanged::<T>::take().then(Self::validator_accounts)
    }

    // The session pallet builds its genesis before this pallet has one: it then takes the validators from its own.
    fn new_session_genesis(_: SessionIndex) -> Option<Vec<AccountId>> {
        Some(Self::validator_accounts()).filter(|list| !list.is_empty())
    }

    fn start_session(_: SessionIndex) {}

    fn end_session(_: SessionIndex) {}
}

/// A nominee's account is its validator id; nobody else can set session keys.
pub struct ValidatorIdOf<T>(PhantomData<T>);

impl<T: Config> Convert<AccountId, Option<AccountId>> for ValidatorIdOf<T> {
    fn convert(account: AccountId) -> Option<AccountId> {
        Nominees::<T>::contains_key(&account).then_some(account)
    }
}
