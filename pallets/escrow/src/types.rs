//! What is known of an escrow while it is open.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{AtExpiry, Balance, BankId, BlockNumber, Hash, OwnerId};

/// Who asked the supervisor to decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Disputes {
    /// The payer.
    pub payer: bool,
    /// The payee.
    pub payee: bool,
    /// Nobody: the side that was to lose what is left was stopped.
    pub stopped: bool,
}

impl Disputes {
    /// Whether the supervisor was asked.
    pub fn any(&self) -> bool {
        self.payer || self.payee || self.stopped
    }
}

/// An escrow. Blocks are counted without those in which payments stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Escrow {
    /// Who pays.
    pub payer: OwnerId,
    /// The bank that owes what is set aside.
    pub from_bank: BankId,
    /// Who is to be paid.
    pub payee: OwnerId,
    /// The bank that is to owe the payee.
    pub to_bank: BankId,
    /// What was set aside, in minor units.
    pub amount: Balance,
    /// What of it was paid.
    pub paid: Balance,
    /// What of it went back.
    pub returned: Balance,
    /// The last block that was agreed on.
    pub expires: BlockNumber,
    /// The outcome that was agreed on for the time after it.
    pub at_expiry: AtExpiry,
    /// Hash of the contract, if there is one.
    pub reference: Option<Hash>,
    /// Who asked the supervisor.
    pub disputes: Disputes,
    /// Last block before the agreed outcome comes about, disputes considered.
    pub due: BlockNumber,
    /// After this block it is looked at next.
    pub look: BlockNumber,
}

impl Escrow {
    /// What is left of it.
    pub fn rest(&self) -> Balance {
        self.amount.saturating_sub(self.paid).saturating_sub(self.returned)
    }
}

/// What is open of one payer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Open {
    /// How many escrows.
    pub count: u32,
    /// What is left of them, in minor units.
    pub value: Balance,
}
