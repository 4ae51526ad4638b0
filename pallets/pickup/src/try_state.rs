//! The pickups' full scan.

use crate::pallet::*;
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use specie_primitives::{total_value, traits::Register, Balance, CoinId, Holder, OwnerId, PickupId};

impl<T: Config> Pallet<T> {
    /// Checks I1 to I3.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut held = BTreeMap::<PickupId, BTreeSet<CoinId>>::new();
        T::Register::scan(|coin, holder| {
            if let Holder::Pickup(pickup) = holder {
                held.entry(pickup).or_default().insert(coin);
            }
        });
        let mut value = Balance::default();
        let (mut of_payers, mut for_payees) = (BTreeSet::<(OwnerId, PickupId)>::new(), BTreeSet::new());
        for (pickup, record) in Pickups::<T>::iter() {
            ensure!(pickup < NextPickup::<T>::get(), "pickup: a number not yet given");
            let coins = record.coins.iter().map(|coin| coin.coin).collect::<BTreeSet<_>>();
            ensure!(!coins.is_empty() && coins.len() == record.coins.len(), "I1: no coins, or one of them twice");
            ensure!(held.remove(&pickup) == Some(coins), "I1: a pickup's coins are not held by it");
            value = value.saturating_add(record.value);
            of_payers.insert((record.payer, pickup));
            for_payees.insert((record.payee, pickup));
        }
        ensure!(held.is_empty(), "I1: coins are held by a pickup that is not there");
        ensure!(value == total_value(&T::Register::waiting()), "I2: records differ from what waits");
        let flows = Flows::<T>::get();
        let gone = flows.claimed.checked_add(flows.refunded);
        ensure!(gone.and_then(|gone| flows.deposited.checked_sub(gone)) == Some(value), "I2: flows differ");

        let listed = OfPayer::<T>::iter().flat_map(|(payer, open)| open.into_iter().map(move |one| (payer, one)));
        let listed: alloc::vec::Vec<_> = listed.collect();
        ensure!(listed.len() == of_payers.len(), "I3: a payer's list has too many or too few");
        ensure!(listed.into_iter().collect::<BTreeSet<_>>() == of_payers, "I3: a payer's list differs");
        let listed: BTreeSet<_> = ForPayee::<T>::iter().map(|(payee, pickup, ())| (payee, pickup)).collect();
        ensure!(listed == for_payees, "I3: a payee's list differs");
        ensure!(
            WrongTries::<T>::iter_keys().all(|pickup| Pickups::<T>::contains_key(pickup)),
            "pickup: tries of one that is gone"
        );
        Ok(())
    }
}
