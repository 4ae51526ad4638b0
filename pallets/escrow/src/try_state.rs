//! The escrows' full scan.

use crate::{pallet::*, types::*};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::{books::EscrowFlows, traits::Banks, Balance, BankId, BlockNumber, OrderId, OwnerId};

impl<T: Config> Pallet<T> {
    /// Checks I1 (escrows against flows; the audit compares these with the pots) to I4.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut rests = BTreeMap::<BankId, Balance>::new();
        let mut of_payers = BTreeMap::<OwnerId, Open>::new();
        let mut of_payees = BTreeMap::<OwnerId, Balance>::new();
        let mut of_owners = BTreeSet::<(OwnerId, OrderId)>::new();
        let mut due = BTreeSet::<(BlockNumber, OrderId)>::new();
        for (escrow, record) in Escrows::<T>::iter() {
            let rest = record.rest();
            let gone = record.paid.checked_add(record.returned);
            ensure!(
                gone.and_then(|gone| gone.checked_add(rest)) == Some(record.amount),
                "I4: parts differ from the whole"
            );
            ensure!(rest > 0, "I4: an escrow with nothing left");
            ensure!(record.payer != record.payee, "I4: an escrow with one side");
            ensure!(record.due >= record.expires && record.look >= record.due, "I3: an escrow is looked at too early");
            let of_bank = rests.entry(record.from_bank).or_default();
            *of_bank = of_bank.saturating_add(rest);
            let of_payer = of_payers.entry(record.payer).or_default();
            of_payer.count = of_payer.count.saturating_add(1);
            of_payer.value = of_payer.value.saturating_add(rest);
            let of_payee = of_payees.entry(record.payee).or_default();
            *of_payee = of_payee.saturating_add(rest);
            of_owners.extend([(record.payer, escrow), (record.payee, escrow)]);
            for bank in [record.from_bank, record.to_bank] {
                ensure!(T::Banks::status(bank).is_some(), "escrow: a bank that never was");
            }
            due.insert((record.look, escrow));
        }
        for bank in T::Banks::all() {
            let EscrowFlows { held, paid, returned } = Flows::<T>::get(bank);
            let of_flows = paid.checked_add(returned).and_then(|gone| held.checked_sub(gone));
            ensure!(of_flows == Some(rests.get(&bank).copied().unwrap_or_default()), "I1: flows differ from escrows");
        }
        ensure!(OfPayer::<T>::iter().collect::<BTreeMap<_, _>>() == of_payers, "I2: a payer's count differs");
        ensure!(OfPayee::<T>::iter().collect::<BTreeMap<_, _>>() == of_payees, "I2: a payee's sum differs");
        let listed: BTreeSet<_> = OfOwner::<T>::iter_keys().collect();
        ensure!(listed == of_owners, "I2: an owner's list differs");
        let listed: BTreeSet<_> = Due::<T>::iter_keys().collect();
        ensure!(listed == due, "I3: what is due differs");
        let looked_to = LookedTo::<T>::get();
        ensure!(listed.iter().all(|(block, _)| *block >= looked_to), "I3: something is due that nobody looks at");
        Ok(())
    }
}
