//! What the pallet stores, and what calls carry.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::sr25519::Signature;
use specie_primitives::{AccountId, BankId, BlockNumber, OwnerClass, OwnerId, OwnerStatus, PersonTag};

/// What the network knows about an owner.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct OwnerRecord {
    /// The bank that registered it or took it over.
    pub bank: BankId,
    /// Its current key; of a closed owner, the last one; of a joint account, its own account id, for which nobody signs.
    pub key: AccountId,
    /// Its standing.
    pub status: OwnerStatus,
    /// Block in which it was registered.
    pub registered: BlockNumber,
    /// Its class.
    pub class: OwnerClass,
    /// The person or firm behind it, if its class is verified.
    pub person: Option<PersonTag>,
    /// The last business day on which it paid, received, had something credited or debited, or got a key.
    pub seen: u32,
    /// Expiry of the last consent to a class that was used: no later one expires as early, so none is used twice.
    pub consent: BlockNumber,
    /// The last business day on which the owner itself replaced its key.
    pub rotated: Option<u32>,
}

impl OwnerRecord {
    /// Whether nobody has the owner's key: that of a joint account is its own account id.
    pub fn is_keyless(&self, owner: OwnerId) -> bool {
        self.key == owner.account()
    }
}

/// An owner's consent to a class.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Consent {
    /// Last block in which it holds.
    pub expiry: BlockNumber,
    /// The current key's, over [`ClassProof`](specie_primitives::identity::ClassProof).
    pub signature: Signature,
}

/// What the present key said to a request for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Objection {
    /// Nothing.
    None,
    /// It objected, and the supervisor has not decided.
    Raised,
    /// It objected, and the supervisor let the request go on. It is not heard again.
    Overruled,
}

/// A request for another key. The bank is the owner's: an owner with a request cannot go to another.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Rebind {
    /// The key.
    pub key: AccountId,
    /// First block in which it can be completed, counted without those in which payments stood still.
    pub ready: BlockNumber,
    /// What the present key said.
    pub objection: Objection,
    /// Whether the supervisor approved it.
    pub approved: bool,
}

/// An owner's wish to go to another bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Offer {
    /// That bank.
    pub to: BankId,
    /// Last block in which it can accept.
    pub expiry: BlockNumber,
}
