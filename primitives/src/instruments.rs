//! Instruments: bills, vouchers and securities that a bank or the issuer defines, and owners hold in units.

use crate::{bounds, Balance, BankId, BlockNumber, CoinRef, Hash, Institution, OwnerId};
use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Most bytes of a name.
pub const MAX_NAME: u32 = 64;
/// Most bytes of a symbol.
pub const MAX_SYMBOL: u32 = 12;
/// Most digits behind the point.
pub const MAX_DECIMALS: u8 = 12;
/// Most units that an instrument ever has, issued altogether: every amount of them is a plain number wherever it is written.
pub const MAX_UNITS: Balance = (1 << 64) - 1;
/// Most instruments of one institution at a time.
pub const MAX_INSTRUMENTS: u32 = 1_024;
/// Most coins of a leg, so that an exchange of coins for coins is no longer than any other order.
pub const MAX_COINS_PER_LEG: u32 = 128;

/// What balances besides coins are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub enum AssetId {
    /// Money that a bank owes.
    Custody(BankId),
    /// Units of the instrument with this number.
    Other(u32),
}

/// Number of an instrument. It is never used again for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstrumentId(pub u32);

impl InstrumentId {
    /// What balances of its units are of.
    pub fn asset(self) -> AssetId {
        AssetId::Other(self.0)
    }
}

impl fmt::Display for InstrumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an instrument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentKind {
    /// A promise to pay on a day.
    Bill,
    /// A right to goods or services.
    Voucher,
    /// A bond, a share.
    Security,
}

/// Who may hold units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderRule {
    /// Any owner.
    Anyone,
    /// Owners whom the bank looks after that defined it.
    Customers,
    /// Owners whom the institution listed that defined it.
    Listed,
}

/// What an institution promises. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Terms {
    /// What it is.
    pub kind: InstrumentKind,
    /// Its name, UTF-8.
    pub name: BoundedVec<u8, ConstU32<MAX_NAME>>,
    /// How amounts of it are marked: ASCII letters and digits, a letter first.
    pub symbol: BoundedVec<u8, ConstU32<MAX_SYMBOL>>,
    /// Digits behind the point of an amount: a unit is the least that there is of it.
    pub decimals: u8,
    /// Hash of the document with all terms.
    pub reference: Hash,
    /// Who may hold it.
    pub holders: HolderRule,
    /// Whether holders pass it on to each other, or only back.
    pub transferable: bool,
    /// Most units at a time.
    pub most: Balance,
    /// Last block in which units are issued and passed on; after it they only go back. Nothing for no end.
    pub matures: Option<BlockNumber>,
}

impl Terms {
    /// Whether they can be shown to people and counted.
    pub fn are_sound(&self) -> bool {
        let counted = self.decimals <= MAX_DECIMALS && (1..=MAX_UNITS).contains(&self.most);
        counted && is_text(&self.name) && is_symbol(&self.symbol)
    }
}

/// Text that people see as it is: it is there, steers no terminal and has no signs that do not show.
fn is_text(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_ok_and(|text| {
        let (first, last) = (text.chars().next(), text.chars().next_back());
        let is_edge = |sign: Option<char>| sign.is_some_and(|sign| !sign.is_whitespace());
        is_edge(first) && is_edge(last) && !text.chars().any(|sign| sign.is_control() || is_hidden(sign))
    })
}

/// Signs that leave no trace of their own, turn the direction of writing, break lines or mean something else to everybody: with
/// them two names that look the same would differ.
fn is_hidden(sign: char) -> bool {
    matches!(
        sign,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{10ffff}'
    )
}

/// Behind an amount it cannot be taken for more digits of it.
fn is_symbol(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.iter().all(u8::is_ascii_alphanumeric)
}

/// One side of an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Leg {
    /// Coins, at the revisions that they must have.
    #[codec(index = 0)]
    Coins(BoundedVec<CoinRef, bounds::CoinsPerLeg>),
    /// Custody. It never waits for reserves.
    #[codec(index = 1)]
    Custody {
        /// The bank that owes who gives.
        from_bank: BankId,
        /// The bank that owes who takes then.
        to_bank: BankId,
        /// Minor units.
        amount: Balance,
    },
    /// Units of an instrument.
    #[codec(index = 2)]
    Units {
        /// The instrument.
        instrument: InstrumentId,
        /// How many.
        amount: Balance,
    },
}

impl Leg {
    /// Whether the other leg gives the same thing back: one of the coins, custody of the same banks, the same instrument.
    pub fn is_undone_by(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Coins(give), Self::Coins(take)) => {
                give.iter().any(|coin| take.iter().any(|other| other.coin == coin.coin))
            },
            (
                Self::Custody { from_bank, to_bank, .. },
                Self::Custody { from_bank: other_from, to_bank: other_to, .. },
            ) => (from_bank, to_bank) == (other_from, other_to),
            (Self::Units { instrument, .. }, Self::Units { instrument: other, .. }) => instrument == other,
            _ => false,
        }
    }
}

/// Units of an instrument since it was defined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct InstrumentFlows {
    /// Issued to owners.
    pub issued: Balance,
    /// Given back by owners.
    pub redeemed: Balance,
}

/// What the books know about an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct InstrumentBooks {
    /// The instrument.
    pub instrument: InstrumentId,
    /// What its pallet counted.
    pub flows: InstrumentFlows,
    /// Units in all accounts, as the pallet of accounts counts them.
    pub supply: Balance,
}

/// Why units stand still, if they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct Paused {
    /// The institution stopped them that defined the instrument. They still go back for nothing.
    pub by_institution: bool,
    /// The supervisor did.
    pub by_supervisor: bool,
}

/// An instrument as the network knows it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct InstrumentInfo {
    /// Its number.
    pub instrument: InstrumentId,
    /// Who defined it.
    pub institution: Institution,
    /// What it is.
    pub kind: InstrumentKind,
    /// Its name.
    pub name: String,
    /// How amounts of it are marked.
    pub symbol: String,
    /// Digits behind the point.
    pub decimals: u8,
    /// Hash of the document with all terms.
    pub reference: Hash,
    /// Who may hold it.
    pub holders: HolderRule,
    /// Whether holders pass it on to each other.
    pub transferable: bool,
    /// Most units at a time.
    pub most: Balance,
    /// Last block in which units are issued and passed on, if payments do not stand still from now on.
    pub matures: Option<BlockNumber>,
    /// The owner through whom the institution sells units and takes them back for payment.
    pub agent: Option<OwnerId>,
    /// Who stopped it.
    pub paused: Paused,
    /// Units issued and given back.
    pub flows: InstrumentFlows,
    /// Units in all accounts.
    pub supply: Balance,
}

/// Instruments, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct InstrumentsPage {
    /// The instruments. A page may have fewer than were asked for, or none.
    pub instruments: Vec<InstrumentInfo>,
    /// Number to go on from.
    pub cursor: Option<InstrumentId>,
}

/// Units of one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct UnitsInfo {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The owner.
    pub owner: OwnerId,
    /// How many.
    pub amount: Balance,
}

sp_api::decl_runtime_apis! {
    /// What wallets, banks and the supervisor ask about instruments.
    pub trait InstrumentsApi {
        /// An instrument.
        fn instrument(instrument: InstrumentId) -> Option<InstrumentInfo>;
        /// Instruments from this number on, ascending; so many numbers are looked at.
        fn instruments(from: InstrumentId, limit: u32) -> InstrumentsPage;
        /// What an owner holds, ascending after an instrument, at most `limit`.
        fn units(owner: OwnerId, after: Option<InstrumentId>, limit: u32) -> Vec<UnitsInfo>;
        /// Who holds an instrument, in the order of the storage keys, after an owner, at most `limit`.
        fn instrument_holders(instrument: InstrumentId, after: Option<OwnerId>, limit: u32) -> Vec<UnitsInfo>;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CoinId;

    fn terms(name: &[u8], symbol: &[u8], decimals: u8, most: Balance) -> Terms {
        Terms {
            kind: InstrumentKind::Bill,
            name: BoundedVec::truncate_from(name.to_vec()),
            symbol: BoundedVec::truncate_from(symbol.to_vec()),
            decimals,
            reference: Hash::zero(),
            holders: HolderRule::Anyone,
            transferable: true,
            most,
            matures: None,
        }
    }

    #[test]
    fn terms_are_shown_and_counted_or_refused() {
        assert!(terms("Schatzwechsel Nº 7".as_bytes(), b"T7", MAX_DECIMALS, MAX_UNITS).are_sound());
        for bad in [
            terms(b"", b"T7", 2, 1),
            terms(b"  ", b"T7", 2, 1),
            terms(b"Bill", b"", 2, 1),
            terms(b"Bi\x1b[2Jll", b"T7", 2, 1),
            terms(b"Bill\n", b"T7", 2, 1),
            terms(b" Bill", b"T7", 2, 1),
            terms(b"Bill ", b"T7", 2, 1),
            terms("Bill\u{200b}".as_bytes(), b"T7", 2, 1),
            terms("Bill \u{202e}7".as_bytes(), b"T7", 2, 1),
            terms("Bi\u{ad}ll".as_bytes(), b"T7", 2, 1),
            terms("Bill\u{2028}7".as_bytes(), b"T7", 2, 1),
            terms("Bill\u{e0041}".as_bytes(), b"T7", 2, 1),
            terms("\u{3164}".as_bytes(), b"T7", 2, 1),
            // Five of them would be shown as five thousand of money.
            terms(b"Bill", b"000 SPC", 2, 1),
            terms(b"Bill", b"7T", 2, 1),
            terms(b"Bill", b"T 7", 2, 1),
            terms(b"Bill", b".T7", 2, 1),
            terms(b"Bill", "\u{405}PC".as_bytes(), 2, 1),
            terms(&[0xff, 0xfe], b"T7", 2, 1),
            terms(b"Bill", b"T7", MAX_DECIMALS + 1, 1),
            terms(b"Bill", b"T7", 2, 0),
            terms(b"Bill", b"T7", 2, MAX_UNITS + 1),
        ] {
            assert!(!bad.are_sound(), "{bad:?}");
        }
    }

    #[test]
    fn legs_have_the_documented_length() {
        let coin = CoinRef { coin: CoinId { batch: 7, index: 1 }, revision: 3 };
        let coins = Leg::Coins(BoundedVec::truncate_from(alloc::vec![coin]));
        let custody = Leg::Custody { from_bank: BankId(1), to_bank: BankId(2), amount: 7 };
        let units = Leg::Units { instrument: InstrumentId(7), amount: 7 };
        assert_eq!([coins, custody, units].map(|leg| leg.encode().len()), [1 + 1 + 12, 1 + 4 + 4 + 16, 1 + 4 + 16]);
    }

    #[test]
    fn what_comes_back_as_it_went_is_no_exchange() {
        let coins = |index, revision| {
            let coin = CoinRef { coin: CoinId { batch: 7, index }, revision };
            Leg::Coins(BoundedVec::truncate_from(alloc::vec![coin]))
        };
        let custody = |from, to, amount| Leg::Custody { from_bank: BankId(from), to_bank: BankId(to), amount };
        let units = |number, amount| Leg::Units { instrument: InstrumentId(number), amount };
        // Whatever the revision or the amount.
        assert!(coins(1, 3).is_undone_by(&coins(1, 4)) && !coins(1, 3).is_undone_by(&coins(2, 3)));
        assert!(custody(1, 1, 5).is_undone_by(&custody(1, 1, 6)) && !custody(1, 2, 5).is_undone_by(&custody(2, 1, 5)));
        assert!(units(1, 5).is_undone_by(&units(1, 6)) && !units(1, 5).is_undone_by(&units(2, 5)));
        assert!(!coins(1, 3).is_undone_by(&custody(1, 1, 5)) && !units(1, 5).is_undone_by(&coins(1, 3)));
    }
}
