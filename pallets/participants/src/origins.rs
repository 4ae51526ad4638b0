//! Origins that other pallets ask for: a role's key, an active bank, an institution.

use crate::pallet::*;
use core::marker::PhantomData;
use frame_support::traits::EnsureOrigin;
use frame_system::RawOrigin;
use specie_primitives::{traits::Banks as _, AccountId, BankId, Institution, Role};

/// A role as a type, for [`EnsureRole`].
pub trait RoleMarker {
    /// The role.
    const ROLE: Role;
}

macro_rules! role_markers {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl RoleMarker for $name {
                const ROLE: Role = Role::$name;
            }
        )*
    };
}

role_markers! {
    /// [`Role::Issuing`].
    Issuing,
    /// [`Role::Supervising`].
    Supervising,
    /// [`Role::Admitting`].
    Admitting,
    /// [`Role::Operating`].
    Operating,
    /// [`Role::Registry`].
    Registry,
}

/// Lets a signer pass for whom `judge` finds something; anybody else keeps the origin they came with.
fn judge_signer<T: Config, S>(
    origin: T::RuntimeOrigin,
    judge: impl FnOnce(&AccountId) -> Option<S>,
) -> Result<S, T::RuntimeOrigin> {
    origin.into().and_then(|raw| match raw {
        RawOrigin::Signed(who) => judge(&who).ok_or_else(|| RawOrigin::Signed(who).into()),
        other => Err(other.into()),
    })
}

/// A key of the role `R`. Success: that key.
pub struct EnsureRole<T, R>(PhantomData<(T, R)>);

impl<T: Config, R: RoleMarker> EnsureOrigin<T::RuntimeOrigin> for EnsureRole<T, R> {
    type Success = AccountId;

    fn try_origin(origin: T::RuntimeOrigin) -> Result<Self::Success, T::RuntimeOrigin> {
        judge_signer::<T, _>(origin, |who| (RoleOf::<T>::get(who) == Some(R::ROLE)).then(|| who.clone()))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<T::RuntimeOrigin, ()> {
        Ok(RawOrigin::Signed(Pallet::<T>::benchmark_role_key(R::ROLE)).into())
    }
}

/// The account of an active bank. Success: the bank.
pub struct EnsureBank<T>(PhantomData<T>);

impl<T: Config> EnsureOrigin<T::RuntimeOrigin> for EnsureBank<T> {
    type Success = BankId;

    fn try_origin(origin: T::RuntimeOrigin) -> Result<Self::Success, T::RuntimeOrigin> {
        judge_signer::<T, _>(origin, |who| BankOf::<T>::get(who).filter(|bank| Pallet::<T>::is_active(*bank)))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<T::RuntimeOrigin, ()> {
        Ok(RawOrigin::Signed(Pallet::<T>::benchmark_bank().1).into())
    }
}

/// The account of an active bank, or any key of the issuer. Success: the institution.
pub struct EnsureInstitution<T>(PhantomData<T>);

impl<T: Config> EnsureOrigin<T::RuntimeOrigin> for EnsureInstitution<T> {
    type Success = Institution;

    fn try_origin(origin: T::RuntimeOrigin) -> Result<Self::Success, T::RuntimeOrigin> {
        match EnsureBank::<T>::try_origin(origin) {
            Ok(bank) => Ok(Institution::Bank(bank)),
            Err(origin) => {
                judge_signer::<T, _>(origin, |who| RoleOf::<T>::contains_key(who).then_some(Institution::Issuer))
            },
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<T::RuntimeOrigin, ()> {
        EnsureBank::<T>::try_successful_origin()
    }
}

/// The account of an active bank, or a key of the role operating. Success: the institution whose nodes it runs.
pub struct EnsureOperator<T>(PhantomData<T>);

impl<T: Config> EnsureOrigin<T::RuntimeOrigin> for EnsureOperator<T> {
    type Success = Institution;

    fn try_origin(origin: T::RuntimeOrigin) -> Result<Self::Success, T::RuntimeOrigin> {
        match EnsureBank::<T>::try_origin(origin) {
            Ok(bank) => Ok(Institution::Bank(bank)),
            Err(origin) => EnsureRole::<T, Operating>::try_origin(origin).map(|_| Institution::Issuer),
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<T::RuntimeOrigin, ()> {
        EnsureBank::<T>::try_successful_origin()
    }
}
