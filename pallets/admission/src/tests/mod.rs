//! A file for each extension, one for the calls, one for the full scan.

mod admit;
mod calls;
mod check_nonce;
mod try_state;

use crate::{mock::*, pallet::*, types::*, Admit, CheckNonce};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchInfo};
use sp_runtime::{
    traits::{DispatchTransaction, TransactionExtension, TxBaseImplication},
    transaction_validity::{
        InvalidTransaction, TransactionSource::External, TransactionValidityError, ValidTransaction,
    },
    DispatchError,
};
use specie_primitives::{codes::Refusal, traits::KeyRotation, BankId, Nonce};

/// A call for everybody.
fn remark() -> RuntimeCall {
    frame_system::Call::remark { remark: vec![] }.into()
}

/// A call for institutions.
fn kill() -> RuntimeCall {
    frame_system::Call::kill_storage { keys: vec![] }.into()
}

fn signed(number: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(number))
}

fn refused<T>(refusal: Refusal) -> Result<T, TransactionValidityError> {
    Err(refusal.into())
}
