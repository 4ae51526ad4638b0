//! Cards: an ed25519 key in a secure element, with a purse of its own. What is signed about them, byte for byte, stands in
//! `docs/protocol/cards.md`.

use crate::{AccountId, BankId, BlockNumber, Hash, OwnerId};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Domain tag of [`purse_id`].
pub const CARD_TAG: &[u8] = b"specie/card/v1";
/// First eight bytes of every purse's owner id: nobody registers such an id, and none of the calls that a bank has for
/// owners takes one.
pub const PURSE_TAG: [u8; 8] = *b"sp/card/";
/// Domain tag of [`HandOut`].
pub const HAND_OUT_TAG: &[u8; 24] = b"specie/card-handout/v1\0\0";
/// Domain tag of [`Replacement`].
pub const REPLACEMENT_TAG: &[u8; 24] = b"specie/card-replace/v1\0\0";
/// Most cards that one call personalises.
pub const MAX_CARDS_PER_CALL: u32 = 64;
/// Most cards of one holder.
pub const MAX_CARDS_PER_HOLDER: u32 = 8;
/// Most numbers that are looked at for one page of a bank's cards.
pub const MAX_CARDS_LOOKED_AT: u64 = 10_000;

/// Number of a card, in the order of personalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CardNumber(pub u64);

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The owner id of the purse that a card opens when it is handed out: [`PURSE_TAG`], then the first 16 bytes of
/// `blake2_256("specie/card/v1" ‖ network id (u32, little-endian) ‖ the card's key)`.
pub fn purse_id(network: u32, key: &AccountId) -> OwnerId {
    let hash = sp_crypto_hashing::blake2_256(&[CARD_TAG, &network.to_le_bytes(), key.as_ref()].concat());
    let mut id = [0; 24];
    id[..8].copy_from_slice(&PURSE_TAG);
    id[8..].copy_from_slice(&hash[..16]);
    OwnerId(id)
}

/// Whether an owner id is a card's purse.
pub fn is_purse(owner: OwnerId) -> bool {
    owner.0.starts_with(&PURSE_TAG)
}

/// A card that the issuer made.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct NewCard {
    /// Its ed25519 key.
    pub key: AccountId,
    /// The sr25519 key of the loss code that comes with it, sealed: neither the bank nor the chain knows the code.
    pub loss_key: AccountId,
}

/// Who reported a loss. Nobody else takes the report back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reporter {
    /// The bank that looks after the card.
    Bank,
    /// The holder, with its own key.
    Holder,
}

/// Where a card is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// Made, and not handed out.
    Blank,
    /// Its key signs for its purse.
    InUse,
    /// It was reported lost: its purse pays nothing.
    Lost {
        /// By whom.
        by: Reporter,
        /// In which block.
        since: BlockNumber,
        /// First block in which an anonymous card can be replaced, by the clock that stands still with payments.
        ready: BlockNumber,
    },
    /// Another card has its purse. Its key signs for nobody any more.
    Replaced {
        /// That card.
        by: CardNumber,
    },
    /// The issuer took it back.
    Withdrawn,
}

/// What a card signs when it is handed out (ed25519, the SCALE encoding, raw); the holder's current key signs the same
/// (sr25519), if there is a holder. 24 + 32 + 8 + 32 + 4 + 1 or 25 + 4 = 105 or 129 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct HandOut {
    /// [`HAND_OUT_TAG`].
    pub tag: [u8; 24],
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The card.
    pub card: CardNumber,
    /// Its key.
    pub key: AccountId,
    /// The bank that hands it out.
    pub bank: BankId,
    /// For whom; nobody for an anonymous card.
    pub holder: Option<OwnerId>,
    /// Last block in which it may be used.
    pub expiry: BlockNumber,
}

impl HandOut {
    /// The payload for these facts.
    pub fn new(
        genesis: Hash,
        card: CardNumber,
        key: AccountId,
        bank: BankId,
        holder: Option<OwnerId>,
        expiry: BlockNumber,
    ) -> Self {
        Self { tag: *HAND_OUT_TAG, genesis, card, key, bank, holder, expiry }
    }
}

/// What the new card signs (ed25519, the SCALE encoding, raw) when it takes a lost one's place, and with it the loss key of
/// an anonymous card or the current key of the holder (sr25519). It names the new card and the bank: whoever sees it on its
/// way can do nothing else with it. 24 + 32 + 8 + 8 + 32 + 4 + 4 = 112 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Replacement {
    /// [`REPLACEMENT_TAG`].
    pub tag: [u8; 24],
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The card that was lost.
    pub lost: CardNumber,
    /// The card that takes its place.
    pub new: CardNumber,
    /// The key of that card.
    pub key: AccountId,
    /// The bank that replaces it.
    pub bank: BankId,
    /// Last block in which it may be used.
    pub expiry: BlockNumber,
}

impl Replacement {
    /// The payload for these facts.
    pub fn new(
        genesis: Hash,
        lost: CardNumber,
        new: CardNumber,
        key: AccountId,
        bank: BankId,
        expiry: BlockNumber,
    ) -> Self {
        Self { tag: *REPLACEMENT_TAG, genesis, lost, new, key, bank, expiry }
    }
}

/// A card as the network knows it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct CardInfo {
    /// Its number.
    pub card: CardNumber,
    /// Its key.
    pub key: AccountId,
    /// The key of its loss code.
    pub loss_key: AccountId,
    /// The bank that looks after it; of one that is not in use, the bank that it was made for.
    pub bank: BankId,
    /// Where it is in its life.
    pub state: CardState,
    /// The owner id of its purse, while it has one.
    pub purse: Option<OwnerId>,
    /// The owner that it is bound to; nobody if it is anonymous.
    pub holder: Option<OwnerId>,
    /// First block in which it can be replaced with its loss code, once it was reported lost; without meaning for a card
    /// with a holder.
    pub ready: Option<BlockNumber>,
}

/// Whose cards are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardsOf {
    /// Those that were made for a bank.
    Bank(BankId),
    /// Those that are bound to an owner now.
    Holder(OwnerId),
}

/// A page of cards, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct CardsPage {
    /// The cards.
    pub cards: Vec<CardInfo>,
    /// The number to go on from, unless this was all.
    pub cursor: Option<CardNumber>,
}

sp_api::decl_runtime_apis! {
    /// What wallets and banks ask about cards.
    pub trait CardsApi {
        /// A card.
        fn card(card: CardNumber) -> Option<CardInfo>;
        /// The card with a key.
        fn card_with_key(key: AccountId) -> Option<CardInfo>;
        /// Cards from a number on: at most `limit`.
        fn cards(of: CardsOf, from: CardNumber, limit: u32) -> CardsPage;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_have_the_documented_length() {
        let (key, bank, genesis) = (AccountId::new([1; 32]), BankId(1), Hash::zero());
        let hand_out = |holder| HandOut::new(genesis, CardNumber(7), key.clone(), bank, holder, 9).encode().len();
        assert_eq!((hand_out(None), hand_out(Some(OwnerId([2; 24])))), (105, 129));
        let replacement = Replacement::new(genesis, CardNumber(7), CardNumber(8), key.clone(), bank, 9);
        assert_eq!(replacement.encode().len(), 112);
    }

    #[test]
    fn purses_differ_by_network_and_key_and_are_told_from_owners() {
        let (one, two) = (AccountId::new([1; 32]), AccountId::new([2; 32]));
        let purse = purse_id(1, &one);
        assert!(is_purse(purse) && purse != purse_id(2, &one) && purse != purse_id(1, &two));
        assert!(!is_purse(crate::identity::owner_id(1, &[7; 32])));
    }
}
