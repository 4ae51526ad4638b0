//! Joint accounts: owners without a key, for which a number of their managers sign. Byte for byte what managers sign is
//! specified in `docs/protocol/joint.md`.

use crate::{orders::MAX_SIGNATURES, BankId, BlockNumber, Hash, OwnerClass, OwnerId};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::sr25519::Signature;

/// Domain tag of [`Opening`].
pub const OPENING_TAG: &[u8; 24] = b"specie/joint/open/v1\0\0\0\0";
/// Domain tag of [`Replacement`].
pub const REPLACEMENT_TAG: &[u8; 24] = b"specie/joint/replace/v1\0";
/// Most managers of a joint account: all of them can sign one order.
pub const MAX_MANAGERS: u32 = MAX_SIGNATURES;
/// Most joint accounts that one owner manages, those that were closed with them.
pub const MAX_MANAGED: u32 = 16;

/// Managers in the order of their seats.
pub type ManagerList = BoundedVec<OwnerId, ConstU32<MAX_MANAGERS>>;
/// Signatures in the order of those who are to sign.
pub type SignatureList = BoundedVec<Signature, ConstU32<MAX_MANAGERS>>;

/// Why there can be no such set of managers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetFlaw {
    /// A joint account has two managers at least.
    TooFew,
    /// One of them is named twice.
    Twice,
    /// No signature is needed, or more than there are managers.
    BadThreshold,
}

/// Managers and how many of them must sign.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SigningRule {
    /// The managers; a manager's place, from zero, is its seat.
    pub managers: ManagerList,
    /// So many of them must sign.
    pub threshold: u8,
}

impl SigningRule {
    /// What is wrong with it, if anything is.
    pub fn flaw(&self) -> Option<SetFlaw> {
        let Self { managers, threshold } = self;
        let is_twice = |place: usize| managers.iter().take(place).any(|other| managers.get(place) == Some(other));
        if managers.len() < 2 {
            Some(SetFlaw::TooFew)
        } else if (0..managers.len()).any(is_twice) {
            Some(SetFlaw::Twice)
        } else if *threshold == 0 || usize::from(*threshold) > managers.len() {
            Some(SetFlaw::BadThreshold)
        } else {
            None
        }
    }

    /// The seat of a manager.
    pub fn seat(&self, manager: OwnerId) -> Option<u8> {
        let seat = self.managers.iter().position(|one| *one == manager)?;
        u8::try_from(seat).ok()
    }

    /// Managers of a new rule that are none of this one, in the order of their new seats: they must consent.
    pub fn newcomers(&self, new: &Self) -> Vec<OwnerId> {
        new.managers.iter().copied().filter(|manager| self.seat(*manager).is_none()).collect()
    }
}

/// Who signs for a joint account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ManagerSet {
    /// How many of whom.
    pub rule: SigningRule,
    /// Rises with every change, from one on. Orders name it, so that what was signed before a change dies with it.
    pub version: u32,
}

/// What every manager signs (sr25519, the SCALE encoding, raw or wrapped in `<Bytes>…</Bytes>`) before a bank opens a joint
/// account. 24 + 32 + 24 + 4 + 1 + 1 + 24 n + 1 + 4 bytes for n managers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Opening {
    /// [`OPENING_TAG`].
    pub tag: [u8; 24],
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The owner to be.
    pub account: OwnerId,
    /// The bank that opens it.
    pub bank: BankId,
    /// Its class.
    pub class: OwnerClass,
    /// Its managers.
    pub rule: SigningRule,
    /// Last block in which it may be used.
    pub expiry: BlockNumber,
}

impl Opening {
    /// The payload for these facts.
    pub fn new(
        genesis: Hash,
        account: OwnerId,
        bank: BankId,
        class: OwnerClass,
        rule: SigningRule,
        expiry: BlockNumber,
    ) -> Self {
        Self { tag: *OPENING_TAG, genesis, account, bank, class, rule, expiry }
    }
}

/// What those sign who are to become managers of a joint account whose managers cannot be reached, when its bank proposes
/// them. 24 + 32 + 24 + 4 + 4 + 1 + 24 n + 1 + 4 bytes for n managers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Replacement {
    /// [`REPLACEMENT_TAG`].
    pub tag: [u8; 24],
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The joint account.
    pub account: OwnerId,
    /// The bank that proposes.
    pub bank: BankId,
    /// Version of the present set.
    pub version: u32,
    /// The managers to be, with those that stay.
    pub rule: SigningRule,
    /// Last block in which it may be used to propose.
    pub expiry: BlockNumber,
}

impl Replacement {
    /// The payload for these facts.
    pub fn new(
        genesis: Hash,
        account: OwnerId,
        bank: BankId,
        version: u32,
        rule: SigningRule,
        expiry: BlockNumber,
    ) -> Self {
        Self { tag: *REPLACEMENT_TAG, genesis, account, bank, version, rule, expiry }
    }
}

/// Other managers that a bank proposed, as the network tells.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct ProposalInfo {
    /// Its number.
    pub proposal: u32,
    /// The managers to be.
    pub managers: Vec<OwnerId>,
    /// So many of them are to sign.
    pub threshold: u8,
    /// First block in which it can be approved, if payments do not stand still from now on.
    pub ready: BlockNumber,
    /// Managers who object.
    pub objections: Vec<OwnerId>,
}

/// A joint account as the network knows it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct JointInfo {
    /// The account.
    pub account: OwnerId,
    /// Its managers in the order of their seats.
    pub managers: Vec<OwnerId>,
    /// So many of them must sign.
    pub threshold: u8,
    /// Version of this set.
    pub version: u32,
    /// Other managers that its bank proposed.
    pub proposal: Option<ProposalInfo>,
}

impl JointInfo {
    /// The seat of a manager.
    pub fn seat(&self, manager: OwnerId) -> Option<u8> {
        self.managers.iter().position(|one| *one == manager)?.try_into().ok()
    }
}

sp_api::decl_runtime_apis! {
    /// What managers and banks ask about joint accounts.
    pub trait JointApi {
        /// A joint account.
        fn joint_account(account: OwnerId) -> Option<JointInfo>;
        /// Those that an owner manages.
        fn joint_accounts(manager: OwnerId) -> Vec<JointInfo>;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(ids: &[u8], threshold: u8) -> SigningRule {
        let managers = BoundedVec::truncate_from(ids.iter().map(|id| OwnerId([*id; 24])).collect());
        SigningRule { managers, threshold }
    }

    #[test]
    fn rules_that_cannot_be_are_told() {
        let flaw = |ids: &[u8], threshold| rule(ids, threshold).flaw();
        for (ids, threshold) in [(&[1, 2][..], 1), (&[1, 2], 2), (&[3, 1, 2], 2)] {
            assert_eq!(flaw(ids, threshold), None);
        }
        assert_eq!((flaw(&[], 0), flaw(&[1], 1)), (Some(SetFlaw::TooFew), Some(SetFlaw::TooFew)));
        assert_eq!((flaw(&[1, 1], 1), flaw(&[1, 2, 1], 2)), (Some(SetFlaw::Twice), Some(SetFlaw::Twice)));
        for threshold in [0, 3, u8::MAX] {
            assert_eq!(flaw(&[1, 2], threshold), Some(SetFlaw::BadThreshold));
        }
    }

    #[test]
    fn a_managers_place_is_its_seat() {
        let now = rule(&[5, 7, 6], 2);
        let seats = [5, 6, 7, 8].map(|id| now.seat(OwnerId([id; 24])));
        assert_eq!(seats, [Some(0), Some(2), Some(1), None]);
        assert_eq!(now.newcomers(&rule(&[9, 7, 8], 1)), [OwnerId([9; 24]), OwnerId([8; 24])]);
        assert!(now.newcomers(&rule(&[6, 5], 1)).is_empty());
    }

    #[test]
    fn what_managers_sign_has_the_documented_length() {
        let of = |count: u8| rule(&(0..count).collect::<Vec<_>>(), 2);
        for count in [2, 3, 16] {
            let list = 24 * usize::from(count);
            let opening = Opening::new(Hash::zero(), OwnerId([1; 24]), BankId(1), OwnerClass::Firm, of(count), 9);
            assert_eq!(opening.encode().len(), 91 + list);
            let replacement = Replacement::new(Hash::zero(), OwnerId([1; 24]), BankId(1), 7, of(count), 9);
            assert_eq!(replacement.encode().len(), 94 + list);
        }
    }
}
