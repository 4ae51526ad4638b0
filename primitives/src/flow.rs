//! What moved, in a form that stays the same when the runtime's events change: the node's index is fed with it.

use crate::{
    Balance, BankId, CoinId, CoinRange, Holder, Institution, InstrumentId, OrderId, OwnerId, TransferId, VaultId,
};
use alloc::{collections::BTreeSet, vec::Vec};
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What moved in one block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BlockFlows {
    /// When the block was made, in milliseconds since 1970.
    pub time_ms: u64,
    /// Its movements, in their order.
    pub flows: Vec<Flow>,
}

/// One movement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Flow {
    /// Place of the extrinsic in its block; `None` for what the block itself did.
    pub extrinsic: Option<u32>,
    /// What kind of movement.
    pub kind: FlowKind,
    /// Value in minor units; of an instrument, its units.
    pub value: Balance,
    /// Where it came from.
    pub from: Party,
    /// Where it went.
    pub to: Party,
    /// Coins that have or had entries of their own in the register, with whoever holds them now unknown here.
    pub coins: Vec<CoinId>,
    /// Coins that had left no vault before, and did not leave one now.
    pub ranges: Vec<CoinRange>,
    /// Owners on neither side whom it concerns: who left coins that are picked up, and for whom they wait.
    pub others: Vec<OwnerId>,
    /// The order that was executed with it, if it was one.
    pub order: Option<OrderId>,
}

impl Flow {
    /// Whether the coin is one of those that moved.
    pub fn moves(&self, coin: CoinId) -> bool {
        self.coins.contains(&coin) || self.ranges.iter().any(|range| range.contains(coin))
    }

    /// The owners on its sides and the others whom it concerns, each once.
    pub fn owners(&self) -> BTreeSet<OwnerId> {
        self.from.owner().into_iter().chain(self.to.owner()).chain(self.others.iter().copied()).collect()
    }

    /// The banks on its sides, each once.
    pub fn banks(&self) -> BTreeSet<BankId> {
        self.from.bank().into_iter().chain(self.to.bank()).collect()
    }
}

/// A side of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Outside: the issuer's books, from which value comes and to which it goes.
    Issuer,
    /// A bank's reserve account.
    Reserve(BankId),
    /// A holder of coins.
    Coins(Holder),
    /// An owner's account at a bank.
    Custody(BankId, OwnerId),
    /// A bank's customers and their cash, outside the network.
    Counter(BankId),
    /// Custody at a bank that is set aside for a transfer until the bank has the reserve.
    Queue(BankId, TransferId),
    /// Custody at a bank that is in escrow.
    Escrow(BankId, OrderId),
    /// An owner's units of an instrument.
    Units(InstrumentId, OwnerId),
    /// The institution that defined an instrument: units come from it and go back to it.
    Promise(InstrumentId, Institution),
}

impl Party {
    /// The owner on this side, if it is one.
    pub fn owner(&self) -> Option<OwnerId> {
        match self {
            Self::Coins(Holder::Owner(owner)) | Self::Custody(_, owner) | Self::Units(_, owner) => Some(*owner),
            _ => None,
        }
    }

    /// The bank on this side, if there is one: its reserve, its vault, its counter, or an account that it keeps.
    pub fn bank(&self) -> Option<BankId> {
        match self {
            Self::Reserve(bank) | Self::Custody(bank, _) | Self::Counter(bank) | Self::Queue(bank, _) => Some(*bank),
            Self::Escrow(bank, _) => Some(*bank),
            Self::Coins(Holder::Vault(VaultId::Bank(bank))) | Self::Promise(_, Institution::Bank(bank)) => Some(*bank),
            _ => None,
        }
    }

    /// The instrument on this side, if it is units of one.
    pub fn instrument(&self) -> Option<InstrumentId> {
        match self {
            Self::Units(instrument, _) | Self::Promise(instrument, _) => Some(*instrument),
            _ => None,
        }
    }
}

/// Kinds of movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowKind {
    /// The issuer created coins in the issue vault.
    Minted,
    /// The issuer destroyed coins of the issue vault.
    Retired,
    /// The issuer credited a bank's reserve.
    Credited,
    /// The issuer debited a bank's reserve.
    Debited,
    /// A bank took coins against its reserve.
    Drawn,
    /// A bank gave coins back for its reserve.
    Returned,
    /// A bank credited an owner's custody account.
    OwnerCredited,
    /// A bank debited an owner's custody account at the owner's counter.
    OwnerDebited,
    /// An owner took coins out of custody.
    Withdrawn,
    /// An owner paid coins into custody.
    Deposited,
    /// Coins went from owner to owner.
    Transferred,
    /// An owner's coins went to a bank's vault, and others of the same value came back.
    Exchanged,
    /// An owner's coins were destroyed, and others of the same value made.
    Recoined,
    /// A payer left coins for somebody to pick up.
    Left,
    /// Somebody picked them up.
    PickedUp,
    /// Nobody did, and they went back to the payer.
    Refunded,
    /// Custody went from account to account; between banks reserves moved with it.
    Sent,
    /// Custody was set aside for a transfer that waits for the bank's reserve.
    Queued,
    /// The transfer was made; reserves moved with it.
    Settled,
    /// It was not, and the payer has its custody again.
    GivenBack,
    /// Custody was set aside in an escrow.
    Escrowed,
    /// The payee got it out of an escrow; between banks reserves moved with it.
    EscrowPaid,
    /// The payer got it back out of an escrow.
    EscrowReturned,
    /// An institution issued units of an instrument to an owner.
    Issued,
    /// An owner gave units back to the institution.
    Redeemed,
    /// Units went from owner to owner.
    UnitsMoved,
}
