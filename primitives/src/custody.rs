//! Transfers between custody accounts, and those that wait for a bank's reserve.

use crate::{AccountId, Balance, BankId, BlockNumber, OwnerId};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Number of a transfer that waits or waited for a bank's reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransferId(pub u64);

impl fmt::Display for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an owner asks for: custody at one bank becomes custody of somebody at another, or at the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct CustodyTransfer {
    /// The bank that owes the payer.
    pub from_bank: BankId,
    /// The bank that is to owe the payee.
    pub to_bank: BankId,
    /// The payee; the payer itself between its own accounts.
    pub to: OwnerId,
    /// Minor units.
    pub amount: Balance,
    /// Last block until which it may wait for the reserve of the payer's bank; `None`: at once or not at all.
    pub expires: Option<BlockNumber>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferOutcome {
    /// The payee has it.
    Settled,
    /// It is set aside and waits.
    Queued(TransferId),
}

/// What a bank does with transfers to other banks that its reserve does not cover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueuePolicy {
    /// They are refused. Those that wait already go on waiting.
    #[default]
    Refuse,
    /// They wait, and others that the reserve covers overtake them.
    Overtake,
    /// They wait, and nothing overtakes them that the reserve alone holds up.
    InOrder,
}

/// Why a transfer that waited went back to its payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// The payer cancelled it.
    ByPayer,
    /// The payer's bank did.
    ByBank,
    /// Its last block passed.
    Expired,
    /// The payee may not receive it there any more, or not so much.
    NotReceivable,
    /// The payer may not pay any more: its bank or the supervisor stopped it.
    PayerStopped,
}

/// First eight bytes of the accounts of [`queue_account`]; no key of a wallet is ever admitted under it.
pub const QUEUE_ACCOUNT_TAG: [u8; 8] = *b"sp/queue";

/// The account that holds what waits at a bank: tag ‖ bank, little-endian ‖ zeros. The bank owes it as it owes owners.
pub fn queue_account(bank: BankId) -> AccountId {
    let mut raw = [0u8; 32];
    raw[..8].copy_from_slice(&QUEUE_ACCOUNT_TAG);
    raw[8..12].copy_from_slice(&bank.0.to_le_bytes());
    AccountId::new(raw)
}

/// A transfer that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct QueuedInfo {
    /// Its number.
    pub transfer: TransferId,
    /// The bank whose reserve it waits for.
    pub from_bank: BankId,
    /// Who pays.
    pub from: OwnerId,
    /// The bank that is to owe the payee.
    pub to_bank: BankId,
    /// Who is paid.
    pub to: OwnerId,
    /// Minor units.
    pub amount: Balance,
    /// Last block in which it settles, if payments do not stand still from now on; after it the payer gets it back.
    pub expires: BlockNumber,
}

/// What waits at a bank, and what it is waiting for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct QueueInfo {
    /// The bank.
    pub bank: BankId,
    /// What it does with transfers that its reserve does not cover.
    pub policy: QueuePolicy,
    /// Its reserve without what is held.
    pub free_reserve: Balance,
    /// Value of what waits.
    pub set_aside: Balance,
    /// What waits, first the one that is next.
    pub transfers: Vec<QueuedInfo>,
}

sp_api::decl_runtime_apis! {
    /// What banks and owners ask about transfers that wait.
    pub trait CustodyApi {
        /// The queue of a bank; `None` when there never was one.
        fn queue(bank: BankId) -> Option<QueueInfo>;
        /// What waits of an owner, by bank and place.
        fn queued(owner: OwnerId) -> Vec<QueuedInfo>;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_nobodys_account() {
        let (one, two) = (queue_account(BankId(1)), queue_account(BankId(2)));
        assert_ne!(one, two);
        assert_eq!([one, two].map(|account| OwnerId::from_account(&account)), [None, None]);
        assert_ne!(QUEUE_ACCOUNT_TAG, crate::people::OWNER_ACCOUNT_TAG);
    }

    #[test]
    fn policies_keep_their_codes() {
        let all = [QueuePolicy::Refuse, QueuePolicy::Overtake, QueuePolicy::InOrder];
        assert_eq!(all.map(|policy| policy.encode()), [0u8, 1, 2].map(|code| alloc::vec![code]));
        assert_eq!(QueuePolicy::default(), QueuePolicy::Refuse);
    }
}
