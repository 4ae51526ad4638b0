//! A file for each group of calls.

mod account;
mod banks;
mod delegates;
mod enact;
mod genesis;
mod random;
mod roles;
mod session;
mod try_state;
mod validators;

use crate::{mock::*, pallet::*, types::*};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use sp_runtime::DispatchError;
use specie_primitives::{
    traits::{Banks as _, Institutions as _},
    AccountId, BankId, BankStatus, Institution, OwnerId, Role,
};

const BANK_1: BankId = BankId(1);
const BANK_2: BankId = BankId(2);
const OF_BANK_1: Institution = Institution::Bank(BANK_1);

fn name(text: &str) -> BankName {
    BoundedVec::try_from(text.as_bytes().to_vec()).unwrap()
}

fn status(bank: BankId) -> Option<BankStatus> {
    Participants::status(bank)
}

fn last_event() -> RuntimeEvent {
    System::events().pop().unwrap().event
}

fn happened(event: Event<Test>) {
    assert_eq!(last_event(), event.into());
}

/// Accounts that have a capacity already, and the error that each gives.
fn taken() -> Vec<(AccountId, Error<Test>)> {
    vec![
        (account(ISSUING[0]), Error::AccountTaken),
        (account(OTHER_BANK), Error::AccountTaken),
        (account(MEMBERS[1]), Error::AccountTaken),
        (account(VALIDATOR), Error::AccountTaken),
        (account(OWNER), Error::OwnerKey),
        (OwnerId([7; 24]).account(), Error::OwnerKey),
    ]
}

/// Every signer but the ones listed, and nobody at all, is turned away.
fn refuses_all_but(allowed: &[u8], mut call: impl FnMut(RuntimeOrigin) -> frame_support::dispatch::DispatchResult) {
    for number in [ISSUING[0], SUPERVISING, ADMITTING, OPERATING, BANK, MEMBERS[0], VALIDATOR, ENACTOR, OWNER, 77] {
        if !allowed.contains(&number) {
            assert_noop!(call(signed(number)), DispatchError::BadOrigin);
        }
    }
    assert_noop!(call(RuntimeOrigin::none()), DispatchError::BadOrigin);
}
