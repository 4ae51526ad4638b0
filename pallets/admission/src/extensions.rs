//! The transaction extensions.

use crate::{pallet::*, types::*, weights::WeightInfo};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{fmt, marker::PhantomData};
use frame_support::{dispatch::DispatchInfo, pallet_prelude::TransactionSource, traits::Get, weights::Weight};
use scale_info::TypeInfo;
use sp_runtime::{
    impl_tx_ext_default,
    traits::{
        AsSystemOriginSigner, DispatchInfoOf, Dispatchable, Implication, PostDispatchInfoOf, TransactionExtension,
        TransactionExtensionMetadata, ValidateResult,
    },
    transaction_validity::{TransactionValidityError, ValidTransaction},
    DispatchResult,
};
use specie_primitives::{AccountId, BankId, Nonce};

/// The runtime's call type.
type CallOf<T> = <T as frame_system::Config>::RuntimeCall;
/// The SDK's extension that ours wraps.
type SystemCheckNonce<T> = frame_system::CheckNonce<T>;

/// Admits only signers that the network knows, each with the calls that it may make. What nobody signed passes:
/// inherents and what pallets authorise themselves.
///
/// It stands before the nonce check, which answers `Payment` for keys without an account and would hide the reason.
#[derive(Encode, Decode, DecodeWithMemTracking, Clone, PartialEq, Eq, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct Admit<T>(PhantomData<T>);

impl<T> Admit<T> {
    /// The extension, which carries nothing.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Default for Admit<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Admit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admit")
    }
}

impl<T: Config + Send + Sync> TransactionExtension<CallOf<T>> for Admit<T>
where
    <CallOf<T> as Dispatchable>::RuntimeOrigin: AsSystemOriginSigner<AccountId>,
{
    const IDENTIFIER: &'static str = "Admit";
    type Implicit = ();
    type Val = ();
    type Pre = ();

    fn weight(&self, _: &CallOf<T>) -> Weight {
        T::WeightInfo::admit()
    }

    fn validate(
        &self,
        origin: <CallOf<T> as Dispatchable>::RuntimeOrigin,
        call: &CallOf<T>,
        _info: &DispatchInfoOf<CallOf<T>>,
        _len: usize,
        _self_implicit: Self::Implicit,
        _inherited_implication: &impl Implication,
        _source: TransactionSource,
    ) -> ValidateResult<Self::Val, CallOf<T>> {
        let mut validity = ValidTransaction::default();
        if let Some(who) = origin.as_system_origin_signer() {
            let standing = T::Signers::classify(who)?;
            T::Signers::allowed(who, &standing, call)?;
            // Banks have no quota: should one fill the blocks, the transaction that suspends it must come first.
            validity.priority = u64::from(standing == Standing::Institution);
        }
        Ok((validity, (), origin))
    }

    impl_tx_ext_default!(CallOf<T>; prepare);
}

/// The SDK's nonce check with quotas: same identifier, same encoding (the nonce, compact), same metadata.
///
/// Of an owner's transactions it refuses those whose nonce lies a quota or more above the account's nonce at its first
/// transaction in the window, and those for which the registering bank has no more room. A heavy call counts as several
/// transactions, so that a quota bounds execution time as well.
#[derive(Encode, Decode, DecodeWithMemTracking, Clone, PartialEq, Eq, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct CheckNonce<T>(#[codec(compact)] pub Nonce, PhantomData<T>);

impl<T> CheckNonce<T> {
    /// The extension with this nonce.
    pub fn from(nonce: Nonce) -> Self {
        Self(nonce, PhantomData)
    }
}

impl<T: Config> CheckNonce<T> {
    fn inner(&self) -> SystemCheckNonce<T> {
        SystemCheckNonce::from(self.0)
    }
}

impl<T> fmt::Debug for CheckNonce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckNonce({})", self.0)
    }
}

/// For how many transactions of a quota a call counts.
fn units<T: Config>(info: &DispatchInfo) -> u32 {
    let time = info.total_weight().ref_time();
    time.checked_div(T::QuotaUnit::get()).map_or(1, |units| u32::try_from(units).unwrap_or(u32::MAX).saturating_add(1))
}

/// From validation to preparation: the SDK's value, and whose quota counts, with the bank's if that counts, too.
pub struct NonceVal<V> {
    inner: V,
    limited: Option<(AccountId, Option<BankId>)>,
}

impl<T: Config + Send + Sync> TransactionExtension<CallOf<T>> for CheckNonce<T>
where
    CallOf<T>: Dispatchable<Info = DispatchInfo>,
    <CallOf<T> as Dispatchable>::RuntimeOrigin: AsSystemOriginSigner<AccountId> + Clone,
{
    const IDENTIFIER: &'static str = <SystemCheckNonce<T> as TransactionExtension<CallOf<T>>>::IDENTIFIER;
    type Implicit = ();
    type Val = NonceVal<<SystemCheckNonce<T> as TransactionExtension<CallOf<T>>>::Val>;
    type Pre = <SystemCheckNonce<T> as TransactionExtension<CallOf<T>>>::Pre;

    // Wallets know the SDK's type by its path.
    fn metadata() -> Vec<TransactionExtensionMetadata> {
        <SystemCheckNonce<T> as TransactionExtension<CallOf<T>>>::metadata()
    }

    fn weight(&self, call: &CallOf<T>) -> Weight {
        self.inner().weight(call).saturating_add(T::WeightInfo::count_use())
    }

    fn validate(
        &self,
        origin: <CallOf<T> as Dispatchable>::RuntimeOrigin,
        call: &CallOf<T>,
        info: &DispatchInfoOf<CallOf<T>>,
        len: usize,
        self_implicit: Self::Implicit,
        inherited_implication: &impl Implication,
        source: TransactionSource,
    ) -> ValidateResult<Self::Val, CallOf<T>> {
        let (validity, inner, origin) =
            self.inner().validate(origin, call, info, len, self_implicit, inherited_implication, source)?;
        let limited = match origin.as_system_origin_signer() {
            Some(who) => match T::Signers::classify(who)? {
                Standing::Owner { bank, .. } => Some((who.clone(), Some(bank))),
                // It objects to what this very bank does, once: the bank's other owners must not crowd it out.
                Standing::Suspended { .. } => Some((who.clone(), None)),
                Standing::Institution | Standing::Delegate | Standing::Validator | Standing::Bank(_) => None,
            },
            None => None,
        };
        if let Some((who, bank)) = &limited {
            Pallet::<T>::check_quota(who, *bank, self.0, units::<T>(info))?;
        }
        Ok((validity, NonceVal { inner, limited }, origin))
    }

    fn prepare(
        self,
        val: Self::Val,
        origin: &<CallOf<T> as Dispatchable>::RuntimeOrigin,
        call: &CallOf<T>,
        info: &DispatchInfoOf<CallOf<T>>,
        len: usize,
    ) -> Result<Self::Pre, TransactionValidityError> {
        let pre = self.inner().prepare(val.inner, origin, call, info, len)?;
        if let Some((who, bank)) = &val.limited {
            Pallet::<T>::count_use(who, *bank, self.0, units::<T>(info))?;
        }
        Ok(pre)
    }

    fn post_dispatch_details(
        pre: Self::Pre,
        info: &DispatchInfoOf<CallOf<T>>,
        post_info: &PostDispatchInfoOf<CallOf<T>>,
        len: usize,
        result: &DispatchResult,
    ) -> Result<Weight, TransactionValidityError> {
        <SystemCheckNonce<T> as TransactionExtension<CallOf<T>>>::post_dispatch_details(
            pre, info, post_info, len, result,
        )
    }
}
