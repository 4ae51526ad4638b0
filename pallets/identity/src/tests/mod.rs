//! A file for each group of calls.

mod classes;
mod close;
mod genesis;
mod moves;
mod random;
mod rebind;
mod register;
mod release;
mod rotate;
mod suspend;
mod try_state;

use crate::{mock::*, pallet::*, Consent, EnsureOwner, Objection, Offer, OwnerRecord, Rebind};
use codec::Encode;
use frame_support::{
    assert_noop, assert_ok, dispatch::DispatchResult, storage::with_storage_layer, traits::EnsureOrigin,
};
use sp_core::Pair as _;
use sp_runtime::DispatchError;
use specie_primitives::{
    traits::Owners as _, AccountId, BankId, BlockNumber, Hash, OwnerClass, OwnerId, OwnerStatus, PersonTag, Subject,
    SuspendedBy,
};

fn happened(event: Event<Test>) {
    assert_eq!(System::events().pop().unwrap().event, event.into());
}

fn status(owner: OwnerId) -> OwnerStatus {
    Owners::<Test>::get(owner).unwrap().status
}

/// The owner that a key is or was bound to, and whether the key is its current one.
fn binding(key: &AccountId) -> Option<(OwnerId, bool)> {
    let owner = OwnerOf::<Test>::get(key)?;
    Some((owner, Owners::<Test>::get(owner).unwrap().key == *key))
}

/// The owner for which a key may act.
fn acts_for(name: &str) -> Option<OwnerId> {
    EnsureOwner::<Test>::try_origin(signed(key(name))).ok()
}
