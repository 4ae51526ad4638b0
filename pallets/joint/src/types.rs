//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{joint::ManagerList, BankId, BlockNumber, SigningRule};

/// Other managers that a bank proposed for a joint account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Proposal {
    /// Its number: whoever decides names it, since the bank may have proposed others meanwhile.
    pub number: u32,
    /// Whose it is: it dies when another bank looks after the account.
    pub bank: BankId,
    /// Block in which it was made: whoever is registered later did not consent to it.
    pub made: BlockNumber,
    /// The managers to be.
    pub rule: SigningRule,
    /// First block in which it can be approved, counted without those in which payments stood still.
    pub ready: BlockNumber,
    /// Managers who object.
    pub objections: ManagerList,
}
