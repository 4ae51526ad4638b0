//! Custody's full scan.

use crate::{pallet::*, types::*};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::fungibles::Inspect};
use sp_runtime::TryRuntimeError;
use specie_primitives::{
    books::CustodyFlows,
    traits::{Banks, Custodians, Vaults},
    Balance, BankId,
};

impl<T: Config> Pallet<T> {
    /// Checks I1 (flows against supply), I2, I4 and I5.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        for bank in T::Banks::all() {
            let owed = Self::owed(bank);
            let flows = Flows::<T>::get(bank);
            let of_flows = flows
                .owner_credits
                .saturating_add(flows.paid_in)
                .saturating_add(flows.received)
                .checked_sub(flows.owner_debits.saturating_add(flows.paid_out).saturating_add(flows.sent));
            ensure!(of_flows == Some(owed), "M4: custody differs from its flows");
            ensure!(T::Vaults::assets(bank) >= owed, "M6: a bank owes more than it has");
            ensure!(T::Assets::asset_exists(AssetId::Custody(bank)), "custody: a bank without an asset");
        }
        Self::check_queues()
    }

    fn check_queues() -> Result<(), TryRuntimeError> {
        let (mut numbers, mut of_payers) = (BTreeSet::new(), BTreeMap::<_, Waiting>::new());
        for (bank, queue) in Queues::<T>::iter() {
            ensure!(!queue.is_empty(), "custody: an empty queue");
            ensure!(T::Banks::status(bank).is_some(), "custody: a queue without a bank");
            for queued in queue {
                ensure!(queued.transfer < NextTransfer::<T>::get(), "custody: a number not yet given");
                ensure!(numbers.insert(queued.transfer), "custody: a transfer waits twice");
                ensure!(queued.amount > 0 && queued.to_bank != bank, "custody: a transfer with nothing to wait for");
                let of_payer = of_payers.entry(queued.from).or_default();
                of_payer.count = of_payer.count.saturating_add(1);
                of_payer.value = of_payer.value.saturating_add(queued.amount);
            }
        }
        let counted: BTreeMap<_, _> = OfPayer::<T>::iter().collect();
        ensure!(counted == of_payers, "I5: a payer's count differs from the queues");
        for bank in T::Banks::all() {
            let of_queue = Queues::<T>::get(bank).iter().fold(0, |sum, queued| queued.amount.saturating_add(sum));
            ensure!(of_queue == <Self as Custodians>::set_aside(bank), "I4: what is set aside differs from the queue");
            let CustodyFlows { set_aside, settled, given_back, .. } = Flows::<T>::get(bank);
            let of_flows = set_aside.checked_sub(settled.saturating_add(given_back));
            ensure!(of_flows == Some(of_queue), "M7: what is set aside differs from its flows");
        }
        Ok(())
    }

    /// Checks that the accounts named sum up to what the bank owes; for tests, which know every account.
    pub fn check_accounts(bank: BankId, balances: impl Iterator<Item = Balance>) -> Result<(), TryRuntimeError> {
        let sum = balances.fold(0, Balance::saturating_add);
        ensure!(sum == Self::owed(bank), "I1: custody accounts differ from the supply");
        Ok(())
    }
}
