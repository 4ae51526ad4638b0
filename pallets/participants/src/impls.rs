//! What the calls do, and what other pallets ask.

use crate::{pallet::*, types::*};
use alloc::vec::Vec;
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    storage::with_storage_layer,
    traits::{Contains, SortedMembers},
    BoundedVec,
};
use frame_system::RawOrigin;
use sp_runtime::{traits::Dispatchable, DispatchError};
use specie_primitives::{
    traits::{self, BankLifecycle, OnStanding, Stoppable},
    AccountId, BankId, BankStatus, Institution, OwnerId, Role, Target,
};

impl<T: Config> Pallet<T> {
    /// What an account is to the network; `None` when it is no institution's.
    pub fn capacity(account: &AccountId) -> Option<Capacity> {
        RoleOf::<T>::get(account)
            .map(Capacity::Role)
            .or_else(|| BankOf::<T>::get(account).map(Capacity::Bank))
            .or_else(|| Delegates::<T>::get(account).map(Capacity::Delegate))
            .or_else(|| Nominees::<T>::get(account).map(Capacity::Nominee))
            .or_else(|| RetiredAccounts::<T>::get(account).map(Capacity::Retired))
            .or_else(|| Self::is_committee(account).then_some(Capacity::Committee))
    }

    /// Whether an account is a member of the committee.
    pub fn is_committee(account: &AccountId) -> bool {
        T::Committee::contains(account)
    }

    /// Fails when an owner is behind the account.
    fn ensure_no_owner(account: &AccountId) -> DispatchResult {
        let owner = T::IsOwnerKey::contains(account) || OwnerId::from_account(account).is_some();
        ensure!(!owner, Error::<T>::OwnerKey);
        Ok(())
    }

    /// I1: fails unless the account is free for a capacity.
    fn ensure_free(account: &AccountId) -> DispatchResult {
        ensure!(Self::capacity(account).is_none(), Error::<T>::AccountTaken);
        Self::ensure_no_owner(account)
    }

    /// Takes an account off the lists of institutions that merely named it: nobody asked the account, so a listing must not
    /// keep it from what the issuer or its own signature makes of it. A validator's account stays.
    fn release(account: &AccountId) -> DispatchResult {
        if let Some(institution) = Delegates::<T>::get(account) {
            Self::do_remove_delegate(institution, account.clone())?;
        }
        match Nominees::<T>::get(account).filter(|_| !Self::is_validator(account)) {
            Some(institution) => Self::do_withdraw_nomination(institution, account.clone()),
            None => Ok(()),
        }
    }

    /// Gives an account its entry, once (I6).
    pub(crate) fn enter(account: &AccountId) {
        if !Entered::<T>::contains_key(account) {
            frame_system::Pallet::<T>::inc_providers(account);
            Entered::<T>::insert(account, ());
        }
    }

    pub(crate) fn do_admit_bank(bank: BankId, name: BankName, account: AccountId) -> DispatchResult {
        let text = core::str::from_utf8(&name).map_err(|_| Error::<T>::BadName)?;
        // A name is printed on terminals, which control characters steer.
        ensure!(!text.is_empty() && !text.chars().any(char::is_control), Error::<T>::BadName);
        Self::release(&account)?;
        Self::ensure_free(&account)?;
        BankIds::<T>::try_mutate(|ids| {
            let place = ids.binary_search(&bank).err().ok_or(Error::<T>::BankExists)?;
            ids.try_insert(place, bank).map_err(|_| Error::<T>::TooManyBanks)
        })?;
        Self::enter(&account);
        BankOf::<T>::insert(&account, bank);
        Banks::<T>::insert(bank, BankRecord { account: account.clone(), name, status: BankStatus::Active });
        T::Lifecycle::admitted(bank, &account)?;
        Self::deposit_event(Event::BankAdmitted { bank, account });
        Ok(())
    }

    fn change_status(bank: BankId, from: BankStatus, to: BankStatus, otherwise: Error<T>) -> DispatchResult {
        Banks::<T>::try_mutate(bank, |record| {
            let record = record.as_mut().ok_or(Error::<T>::UnknownBank)?;
            ensure!(record.status == from, otherwise);
            record.status = to;
            Ok(())
        })
    }

    pub(crate) fn do_suspend_bank(bank: BankId) -> DispatchResult {
        Self::change_status(bank, BankStatus::Active, BankStatus::Suspended, Error::<T>::BankNotActive)?;
        Self::deposit_event(Event::BankSuspended { bank });
        Ok(())
    }

    pub(crate) fn do_reinstate_bank(bank: BankId) -> DispatchResult {
        Self::change_status(bank, BankStatus::Suspended, BankStatus::Active, Error::<T>::BankNotSuspended)?;
        Self::deposit_event(Event::BankReinstated { bank });
        Ok(())
    }

    pub(crate) fn do_close_bank(bank: BankId) -> DispatchResult {
        let institution = Institution::Bank(bank);
        let mut record = Banks::<T>::get(bank).ok_or(Error::<T>::UnknownBank)?;
        ensure!(record.status != BankStatus::Closed, Error::<T>::BankClosed);
        ensure!(!Validators::<T>::get().iter().any(|(_, of)| *of == institution), Error::<T>::ValidatorsLeft);
        T::Lifecycle::ensure_empty(bank, &record.account)?;
        for delegate in DelegatesOf::<T>::take(institution) {
            Delegates::<T>::remove(delegate);
        }
        for nominee in NomineesOf::<T>::take(institution) {
            Nominees::<T>::remove(nominee);
        }
        record.status = BankStatus::Closed;
        Banks::<T>::insert(bank, record);
        T::Supervision::resumed(Target::Bank(bank));
        Self::deposit_event(Event::BankClosed { bank });
        Ok(())
    }

    pub(crate) fn do_rotate_account(bank: BankId, new: AccountId) -> DispatchResult {
        Self::ensure_free(&new)?;
        let mut record = Banks::<T>::get(bank).ok_or(Error::<T>::UnknownBank)?;
        let old = core::mem::replace(&mut record.account, new.clone());
        Self::enter(&new);
        Banks::<T>::insert(bank, record);
        BankOf::<T>::remove(&old);
        BankOf::<T>::insert(&new, bank);
        RetiredAccounts::<T>::insert(&old, bank);
        T::Lifecycle::account_rotated(bank, &old, &new)?;
        Self::deposit_event(Event::AccountRotated { bank, old, new });
        Ok(())
    }

    pub(crate) fn do_replace_account(bank: BankId, new: AccountId) -> DispatchResult {
        let status = <Self as traits::Banks>::status(bank).ok_or(Error::<T>::UnknownBank)?;
        ensure!(status == BankStatus::Suspended, Error::<T>::BankNotSuspended);
        Self::release(&new)?;
        Self::do_rotate_account(bank, new)
    }

    pub(crate) fn do_add_delegate(institution: Institution, delegate: AccountId) -> DispatchResult {
        Self::ensure_free(&delegate)?;
        DelegatesOf::<T>::try_mutate(institution, |list| list.try_push(delegate.clone()))
            .map_err(|_| Error::<T>::TooManyDelegates)?;
        Delegates::<T>::insert(&delegate, institution);
        Self::enter(&delegate);
        Self::deposit_event(Event::DelegateAdded { institution, delegate });
        Ok(())
    }

    pub(crate) fn do_remove_delegate(institution: Institution, delegate: AccountId) -> DispatchResult {
        ensure!(Delegates::<T>::get(&delegate) == Some(institution), Error::<T>::NotDelegate);
        Delegates::<T>::remove(&delegate);
        DelegatesOf::<T>::mutate(institution, |list| list.retain(|other| *other != delegate));
        Self::deposit_event(Event::DelegateRemoved { institution, delegate });
        Ok(())
    }

    pub(crate) fn do_nominate(institution: Institution, account: AccountId) -> DispatchResult {
        Self::ensure_free(&account)?;
        NomineesOf::<T>::try_mutate(institution, |list| list.try_push(account.clone()))
            .map_err(|_| Error::<T>::TooManyNominees)?;
        Nominees::<T>::insert(&account, institution);
        Self::enter(&account);
        Self::deposit_event(Event::ValidatorNominated { institution, account });
        Ok(())
    }

    pub(crate) fn do_withdraw_nomination(institution: Institution, account: AccountId) -> DispatchResult {
        ensure!(Nominees::<T>::get(&account) == Some(institution), Error::<T>::NotNominated);
        ensure!(!Self::is_validator(&account), Error::<T>::StillValidator);
        Nominees::<T>::remove(&account);
        NomineesOf::<T>::mutate(institution, |list| list.retain(|other| *other != account));
        Self::deposit_event(Event::NominationWithdrawn { institution, account });
        Ok(())
    }

    /// Whether an account is in the list of validators.
    pub fn is_validator(account: &AccountId) -> bool {
        Validators::<T>::get().iter().any(|(validator, _)| validator == account)
    }

    pub(crate) fn do_admit_validator(account: AccountId) -> DispatchResult {
        let institution = Nominees::<T>::get(&account).ok_or(Error::<T>::NotNominated)?;
        if let Institution::Bank(bank) = institution {
            ensure!(<Self as traits::Banks>::is_active(bank), Error::<T>::BankNotActive);
        }
        ensure!(!Self::is_validator(&account), Error::<T>::AlreadyValidator);
        ensure!(T::HasSessionKeys::contains(&account), Error::<T>::KeysMissing);
        Validators::<T>::try_mutate(|list| list.try_push((account.clone(), institution)))
            .map_err(|_| Error::<T>::TooManyValidators)?;
        ValidatorsChanged::<T>::put(true);
        Self::deposit_event(Event::ValidatorAdmitted { institution, account });
        Ok(())
    }

    pub(crate) fn do_remove_validator(account: AccountId) -> DispatchResult {
        let institution = Validators::<T>::try_mutate(|list| {
            let place = list.iter().position(|(validator, _)| *validator == account).ok_or(Error::<T>::NotValidator)?;
            ensure!(list.len() > 1, Error::<T>::LastValidator);
            Ok::<_, DispatchError>(list.remove(place).1)
        })?;
        ValidatorsChanged::<T>::put(true);
        Self::deposit_event(Event::ValidatorRemoved { institution, account });
        Ok(())
    }

    pub(crate) fn do_set_role_keys(role: Role, keys: RoleKeys) -> DispatchResult {
        ensure!(role != Role::Issuing || keys.len() >= MIN_ISSUING_KEYS, Error::<T>::TooFewKeys);
        let mut sorted = keys.to_vec();
        sorted.sort();
        sorted.dedup();
        ensure!(sorted.len() == keys.len(), Error::<T>::DuplicateKey);
        for key in Roles::<T>::take(role) {
            RoleOf::<T>::remove(key);
        }
        for key in &keys {
            Self::release(key)?;
            Self::ensure_free(key)?;
            RoleOf::<T>::insert(key, role);
            Self::enter(key);
        }
        Roles::<T>::insert(role, &keys);
        Self::deposit_event(Event::RoleKeysSet { role, keys });
        Ok(())
    }

    pub(crate) fn do_enact(call: <T as Config>::RuntimeCall) -> DispatchResult {
        ensure!(T::EnactableCalls::contains(&call), Error::<T>::NotEnactable);
        let before = T::Committee::sorted_members();
        // A call that makes a committee which cannot decide or breaks I1 fails as a whole.
        let result = with_storage_layer(|| {
            call.dispatch(RawOrigin::Root.into()).map_err(|failure| failure.error)?;
            Self::enter_committee(&before, &T::Committee::sorted_members())
        });
        Self::deposit_event(Event::Enacted { result });
        Ok(())
    }

    /// Checks a committee that a call changed, and enters its new members. The collective itself takes any list, even
    /// an empty one, after which nobody could enact anything any more.
    fn enter_committee(before: &[AccountId], now: &[AccountId]) -> DispatchResult {
        if now == before {
            return Ok(());
        }
        let count = u32::try_from(now.len()).unwrap_or(u32::MAX);
        ensure!(count >= MIN_COMMITTEE, Error::<T>::CommitteeTooSmall);
        ensure!(count <= MAX_COMMITTEE, Error::<T>::CommitteeTooLarge);
        ensure!(now.iter().zip(now.iter().skip(1)).all(|(one, next)| one < next), Error::<T>::DuplicateKey);
        now.iter().filter(|member| !before.contains(member)).try_for_each(Self::enter_committee_member)
    }

    fn enter_committee_member(member: &AccountId) -> DispatchResult {
        Self::release(member)?;
        let free = matches!(Self::capacity(member), None | Some(Capacity::Committee));
        ensure!(free, Error::<T>::AccountTaken);
        Self::ensure_no_owner(member)?;
        Self::enter(member);
        Ok(())
    }

    pub(crate) fn build_genesis(config: &GenesisConfig<T>) -> DispatchResult {
        NetworkId::<T>::put(config.network_id);
        SessionLength::<T>::put(config.session_length);
        for (role, keys) in &config.roles {
            ensure!(Roles::<T>::get(role).is_empty(), "a role is listed twice");
            let keys = BoundedVec::try_from(keys.clone()).map_err(|_| Error::<T>::TooManyKeys)?;
            Self::do_set_role_keys(*role, keys)?;
        }
        let without_issuing = Roles::<T>::get(Role::Issuing).is_empty();
        ensure!(config.roles.is_empty() || !without_issuing, Error::<T>::TooFewKeys);
        for member in &config.committee {
            Self::enter_committee_member(member)?;
        }
        for (bank, name, account) in &config.banks {
            let name = BoundedVec::try_from(name.clone().into_bytes()).map_err(|_| Error::<T>::BadName)?;
            Self::do_admit_bank(*bank, name, account.clone())?;
        }
        for (account, institution) in &config.validators {
            if let Institution::Bank(bank) = institution {
                ensure!(Banks::<T>::contains_key(bank), Error::<T>::UnknownBank);
            }
            Self::do_nominate(*institution, account.clone())?;
            Self::do_admit_validator(account.clone())?;
        }
        // The session pallet starts with these validators; that is no change.
        ValidatorsChanged::<T>::kill();
        Ok(())
    }
}

impl<T: Config> traits::Banks for Pallet<T> {
    fn status(bank: BankId) -> Option<BankStatus> {
        Banks::<T>::get(bank).map(|record| record.status)
    }

    fn account(bank: BankId) -> Option<AccountId> {
        Banks::<T>::get(bank).map(|record| record.account)
    }

    fn bank_of(account: &AccountId) -> Option<BankId> {
        BankOf::<T>::get(account)
    }

    fn all() -> Vec<BankId> {
        BankIds::<T>::get().into_inner()
    }
}

impl<T: Config> Stoppable<BankId> for Pallet<T> {
    fn stop(bank: BankId) -> Result<bool, DispatchError> {
        Self::do_suspend_bank(bank).map(|()| false)
    }

    fn resume(bank: BankId, _: bool) -> DispatchResult {
        Self::do_reinstate_bank(bank)
    }

    fn all_stopped() -> Vec<BankId> {
        let suspended = Banks::<T>::iter().filter(|(_, record)| record.status == BankStatus::Suspended);
        suspended.map(|(bank, _)| bank).collect()
    }
}

impl<T: Config> traits::Institutions for Pallet<T> {
    fn is_institutional(account: &AccountId) -> bool {
        Self::capacity(account).is_some()
    }

    fn release(account: &AccountId) -> DispatchResult {
        Self::release(account)
    }

    fn role(account: &AccountId) -> Option<Role> {
        RoleOf::<T>::get(account)
    }
}
