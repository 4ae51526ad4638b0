//! The participants' full scan.

use crate::{pallet::*, types::*};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
    ensure,
    traits::{Contains, SortedMembers},
    BoundedVec,
};
use sp_runtime::TryRuntimeError;
use specie_primitives::{AccountId, BankId, BankStatus, Institution, OwnerId, Role};

/// Lists as one map from account to owner of the list; `None` when an account is listed twice.
fn inverted<K: Copy, S>(lists: impl Iterator<Item = (K, BoundedVec<AccountId, S>)>) -> Option<BTreeMap<AccountId, K>> {
    let mut map = BTreeMap::new();
    for (key, list) in lists {
        for account in list {
            if map.insert(account, key).is_some() {
                return None;
            }
        }
    }
    Some(map)
}

impl<T: Config> Pallet<T> {
    /// Checks I1 to I6.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_keys()?;
        Self::check_banks()?;
        Self::check_validators()?;
        Self::check_accounts()
    }

    /// I2 and I3.
    fn check_keys() -> Result<(), TryRuntimeError> {
        let roles = inverted(Roles::<T>::iter()).ok_or("I1: a key has two roles")?;
        ensure!(roles == RoleOf::<T>::iter().collect(), "I2: Roles and RoleOf differ");
        let delegates = inverted(DelegatesOf::<T>::iter()).ok_or("I1: a delegate is listed twice")?;
        ensure!(delegates == Delegates::<T>::iter().collect(), "I2: DelegatesOf and Delegates differ");
        let nominees = inverted(NomineesOf::<T>::iter()).ok_or("I1: a nominee is listed twice")?;
        ensure!(nominees == Nominees::<T>::iter().collect(), "I2: NomineesOf and Nominees differ");

        let issuing = Roles::<T>::get(Role::Issuing).len();
        ensure!(roles.is_empty() || issuing >= MIN_ISSUING_KEYS, "I3: the role issuing has fewer than two keys");
        Ok(())
    }

    /// I4.
    fn check_banks() -> Result<(), TryRuntimeError> {
        let records: BTreeMap<BankId, BankRecord> = Banks::<T>::iter().collect();
        let ids: Vec<BankId> = records.keys().copied().collect();
        ensure!(ids == BankIds::<T>::get().into_inner(), "I4: BankIds does not list every bank in order");
        let accounts: BTreeMap<AccountId, BankId> =
            records.iter().map(|(bank, record)| (record.account.clone(), *bank)).collect();
        ensure!(accounts == BankOf::<T>::iter().collect(), "I4: BankOf and the banks' accounts differ");
        let known = |bank: BankId| records.contains_key(&bank);
        ensure!(RetiredAccounts::<T>::iter_values().all(known), "I4: a retired account belongs to no bank");
        let institutions = Delegates::<T>::iter_values().chain(Nominees::<T>::iter_values());
        for institution in institutions {
            if let Institution::Bank(bank) = institution {
                let open = records.get(&bank).is_some_and(|record| record.status != BankStatus::Closed);
                ensure!(open, "I4: a delegate or nominee of a bank that is closed or unknown");
            }
        }
        Ok(())
    }

    /// I5.
    fn check_validators() -> Result<(), TryRuntimeError> {
        let validators = Validators::<T>::get();
        let accounts: BTreeMap<AccountId, Institution> = validators.iter().cloned().collect();
        ensure!(accounts.len() == validators.len(), "I5: a validator is listed twice");
        for (account, institution) in accounts {
            // That its bank is open follows from I4 for nominees.
            ensure!(
                Nominees::<T>::get(account) == Some(institution),
                "I5: a validator is not its institution's nominee"
            );
        }
        Ok(())
    }

    /// I1 and I6.
    fn check_accounts() -> Result<(), TryRuntimeError> {
        let mut accounts: Vec<AccountId> = RoleOf::<T>::iter_keys()
            .chain(BankOf::<T>::iter_keys())
            .chain(RetiredAccounts::<T>::iter_keys())
            .chain(Delegates::<T>::iter_keys())
            .chain(Nominees::<T>::iter_keys())
            .chain(T::Committee::sorted_members())
            .collect();
        let count = accounts.len();
        accounts.sort();
        accounts.dedup();
        ensure!(accounts.len() == count, "I1: an account has two capacities");
        for account in accounts {
            let owner = T::IsOwnerKey::contains(&account) || OwnerId::from_account(&account).is_some();
            ensure!(!owner, "I1: an institution's account is an owner's key");
            ensure!(Entered::<T>::contains_key(&account), "I6: an institution's account has no entry");
        }
        for account in Entered::<T>::iter_keys() {
            let providers = frame_system::Pallet::<T>::providers(&account);
            ensure!(providers > 0, "I6: an entry lost its provider reference");
        }
        Ok(())
    }
}
