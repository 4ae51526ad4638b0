//! Holds, alerts and mandates in the shipped runtime, and every way around them.

mod alerts;
mod around;
mod holds;
mod mandates;
mod pickups;
mod random;

use super::*;
use pallet_supervision::{Call as Supervise, Error as SupervisionError, Hold};
use specie_primitives::{OwnerStatus, Reason, SuspendedBy, Target};

pub type SupervisionEvent = pallet_supervision::Event<Runtime>;

pub const SUPERVISOR: &str = "//Supervising//1";
pub const REGISTRY: &str = "//Registry//1";

pub fn hold(targets: impl IntoIterator<Item = Target>, until: Option<BlockNumber>) -> Supervise<Runtime> {
    hold_for(targets, Reason::Inquiry, until)
}

pub fn hold_for(
    targets: impl IntoIterator<Item = Target>,
    reason: Reason,
    until: Option<BlockNumber>,
) -> Supervise<Runtime> {
    Supervise::hold { targets: list(targets), reason, until }
}

pub fn release(targets: impl IntoIterator<Item = Target>) -> Supervise<Runtime> {
    Supervise::release { targets: list(targets) }
}

fn list(targets: impl IntoIterator<Item = Target>) -> pallet_supervision::Targets {
    targets.into_iter().collect::<Vec<_>>().try_into().expect("few")
}

pub fn person(name: &str) -> Target {
    Target::Owner(owner(name))
}

pub fn piece(coin: &CoinRef) -> Target {
    Target::Coin(coin.coin)
}

pub fn record(target: Target) -> Option<Hold> {
    pallet_supervision::Holds::<Runtime>::get(target)
}

pub fn status(name: &str) -> OwnerStatus {
    pallet_identity::Owners::<Runtime>::get(owner(name)).expect("registered").status
}

/// Lets an account act for a key, as far as proxies go.
pub fn add_proxy(of: &str, delegate: &str) {
    let add = pallet_proxy::Call::add_proxy {
        delegate: sp_runtime::MultiAddress::Id(account(delegate)),
        proxy_type: crate::configs::InstitutionProxy::Any,
        delay: 0,
    };
    assert_ok!(call(of, add));
}

/// What a proxy's call comes to.
pub fn through(delegate: &str, real: &str, inner: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    let real = sp_runtime::MultiAddress::Id(account(real));
    System::reset_events();
    assert_ok!(call(
        delegate,
        pallet_proxy::Call::proxy { real, force_proxy_type: None, call: Box::new(inner.into()) }
    ));
    proxied()
}

/// Fails unless nobody but this key may make a call, alone or wrapped.
#[track_caller]
pub fn only(allowed: &[&str], made: impl Into<RuntimeCall>) {
    let made = made.into();
    let others = [
        "//Issuing//1",
        SUPERVISOR,
        REGISTRY,
        "//Admitting//1",
        "//Operating//1",
        "//Committee//1",
        "//BankA",
        "//ann",
    ];
    for other in others.iter().filter(|other| !allowed.contains(other)) {
        refused(other, made.clone(), DispatchError::BadOrigin);
        let batch = pallet_utility::Call::batch_all { calls: vec![made.clone()] };
        refused(other, batch, DispatchError::BadOrigin);
    }
    // An account derived from the right key is another account.
    let multisig = pallet_multisig::Call::as_multi_threshold_1 {
        other_signatories: vec![account("//other")],
        call: Box::new(made.clone()),
    };
    let right = allowed.first().expect("somebody may");
    refused(right, multisig, DispatchError::BadOrigin);
    let derived = pallet_utility::Call::as_derivative { index: 0, call: Box::new(made.clone()) };
    refused(right, derived, DispatchError::BadOrigin);
    for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
        assert_eq!(made.clone().dispatch(origin).map_err(|error| error.error), Err(DispatchError::BadOrigin));
    }
}
