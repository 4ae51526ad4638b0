//! Custody sent from account to account: reserves that move with it, transfers that wait for them, and every way to send
//! what one does not have, or where one should not.

mod direct;
mod queue;
mod random;
mod stops;

use super::*;
use frame_support::weights::Weight;
use pallet_custody::{Call as Custodial, Error as CustodyError, Event as CustodyEvent, OfPayer, Queued, Queues};
use specie_primitives::{
    books::{CustodyFlows, VaultFlows},
    custody::ReturnReason,
    traits::{Custodians, Vaults},
    QueuePolicy, TransferId,
};

/// Bank C of the local network.
pub const BANK_C: BankId = BankId(3);
/// The three banks, and an owner that each looks after.
pub const BANKS: [(&str, BankId, &str); 3] =
    [("//BankA", BANK_A, "ann"), ("//BankB", BANK_B, "ben"), ("//BankC", BANK_C, "cid")];
/// What each of these owners has in custody, and each bank in reserve.
pub const ALL: Balance = 100_000;
/// Blocks for which transfers wait here.
pub const WAIT: BlockNumber = 100;

/// Ann, Ben and Cid with [`ALL`] at banks A, B and C, which have as much in reserve; and Dot, a customer of A with nothing.
pub fn with_banks() {
    mint(HUNDRED, 1_000);
    for (uri, bank, name) in BANKS {
        assert_ok!(call("//Issuing//1", pallet_vault::Call::credit { bank, amount: ALL }));
        assert_ok!(register(uri, bank, name));
        assert_ok!(call(uri, Custodial::credit { owner: owner(name), amount: ALL }));
    }
    assert_ok!(register("//BankA", BANK_A, "dot"));
}

/// Turns all reserves into coins of the banks' vaults.
pub fn without_reserves() {
    for (uri, ..) in BANKS {
        assert_ok!(call(uri, pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, 10)]) }));
    }
    assert_eq!(reserves(), [0; 3]);
}

/// As [`with_banks`], with nothing in reserve, and with banks that let transfers wait.
pub fn with_queues(policy: QueuePolicy) {
    with_banks();
    without_reserves();
    for (uri, ..) in BANKS {
        assert_ok!(call(uri, Custodial::set_queue { policy }));
    }
}

/// The issuer gives a bank reserve.
pub fn give_reserve(bank: BankId, amount: Balance) {
    assert_ok!(call("//Issuing//1", pallet_vault::Call::credit { bank, amount }));
}

pub fn reserves() -> [Balance; 3] {
    BANKS.map(|(_, bank, _)| Vault::free_reserve(bank))
}

/// A transfer that does not wait.
pub fn send(from_bank: BankId, to_bank: BankId, to: &str, amount: Balance) -> Custodial<Runtime> {
    Custodial::transfer { from_bank, to_bank, to: owner(to), amount, expires: None }
}

/// The same, if need be until [`WAIT`] blocks from now.
pub fn send_or_wait(from_bank: BankId, to_bank: BankId, to: &str, amount: Balance) -> Custodial<Runtime> {
    let expires = Some(System::block_number() + WAIT);
    Custodial::transfer { from_bank, to_bank, to: owner(to), amount, expires }
}

pub fn cancel(bank: BankId, transfer: u64) -> Custodial<Runtime> {
    Custodial::cancel_transfer { bank, transfer: TransferId(transfer) }
}

/// A block's end with room.
pub fn idle() {
    Custody::on_idle(System::block_number(), Weight::MAX);
}

/// Numbers of what waits at a bank, in their order.
pub fn waiting(bank: BankId) -> Vec<u64> {
    Queues::<Runtime>::get(bank).iter().map(|queued: &Queued| queued.transfer.0).collect()
}

/// What is set aside at each bank.
pub fn set_aside() -> [Balance; 3] {
    BANKS.map(|(_, bank, _)| <Custody as Custodians>::set_aside(bank))
}

pub fn custody_flows(bank: BankId) -> CustodyFlows {
    pallet_custody::Flows::<Runtime>::get(bank)
}

pub fn vault_flows(bank: BankId) -> VaultFlows {
    pallet_vault::Flows::<Runtime>::get(bank)
}

/// Transfers that went back in this block, and why.
pub fn returned() -> Vec<(u64, ReturnReason)> {
    let back = |event: RuntimeEvent| match event {
        RuntimeEvent::Custody(CustodyEvent::TransferReturned { transfer, reason, .. }) => Some((transfer.0, reason)),
        _ => None,
    };
    System::events().into_iter().filter_map(|record| back(record.event)).collect()
}

/// Transfers that settled in this block.
pub fn settled() -> Vec<u64> {
    let made = |event: RuntimeEvent| match event {
        RuntimeEvent::Custody(CustodyEvent::TransferSettled { transfer, .. }) => Some(transfer.0),
        _ => None,
    };
    System::events().into_iter().filter_map(|record| made(record.event)).collect()
}
