//! The joint accounts' full scan.

use crate::pallet::*;
use alloc::collections::BTreeSet;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::{
    cards::is_purse,
    traits::{KeylessOwners, OwnerFacts},
    ManagerSet, OwnerId, OwnerStatus,
};

impl<T: Config> Pallet<T> {
    /// Checks I1 to I5.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let keyless: BTreeSet<OwnerId> = T::Owners::all().into_iter().collect();
        let accounts: BTreeSet<OwnerId> = Sets::<T>::iter_keys().collect();
        ensure!(keyless == accounts, "I1: owners without keys are not those with managers");
        let mut managed = BTreeSet::<(OwnerId, OwnerId)>::new();
        for (account, ManagerSet { rule, version }) in Sets::<T>::iter() {
            ensure!(rule.flaw().is_none(), "I2: a set that cannot be");
            ensure!(version > 0, "I2: the version of owners with keys");
            let facts = T::Owners::facts(account).ok_or("I1: an account is not there")?;
            for manager in rule.managers {
                managed.insert((manager, account));
                if facts.status != OwnerStatus::Closed {
                    let OwnerFacts { key, status, .. } =
                        T::Owners::facts(manager).ok_or("I3: a manager is not there")?;
                    ensure!(status != OwnerStatus::Closed, "I3: a manager is closed");
                    ensure!(!is_purse(manager) && key != manager.account(), "I3: a manager that cannot be one");
                }
            }
        }
        let listed: alloc::vec::Vec<_> = OfManager::<T>::iter()
            .flat_map(|(manager, accounts)| accounts.into_iter().map(move |account| (manager, account)))
            .collect();
        ensure!(listed.len() == managed.len(), "I4: a manager's list has too many or too few");
        ensure!(listed.into_iter().collect::<BTreeSet<_>>() == managed, "I4: a manager's list differs");
        ensure!(OfManager::<T>::iter_values().all(|accounts| !accounts.is_empty()), "I4: a list of nothing");
        for (account, proposal) in Proposals::<T>::iter() {
            let set = Sets::<T>::get(account).ok_or("I5: a proposal for no account")?;
            ensure!(proposal.number < NextProposal::<T>::get(), "I5: a number not yet given");
            let objections: BTreeSet<_> = proposal.objections.iter().collect();
            ensure!(objections.len() == proposal.objections.len(), "I5: an objection twice");
            ensure!(
                proposal.objections.iter().all(|manager| set.rule.seat(*manager).is_some()),
                "I5: an objection of somebody else"
            );
        }
        Ok(())
    }
}
