//! Payment codes: what a payer or a payee shows, and the other side scans. Byte for byte they are specified in
//! `docs/protocol/codes.md`.
//!
//! A code is no order: whoever scans one says so in an order with [`Action::Code`](crate::orders::Action::Code).

use crate::{Balance, BankId, BlockNumber, Hash, OrderId, OwnerId};
use alloc::vec::Vec;
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::sr25519::Signature;
use sp_crypto_hashing::blake2_256;

/// Domain tag of what the generator of a code signs: no payload of a transaction begins with it, and no order.
pub const CODE_TAG: &[u8; 24] = b"specie/payment-code/v1\0\0";
/// Most bytes of a code without its signature.
pub const MAX_CODE_BYTES: u32 = 59;
/// Most payments that wait for a confirmation and that one owner has signed for.
pub const MAX_PENDING: u32 = 32;
/// Most blocks from a scan to the last block of a code that is signed or for one payment: for so long a stolen one is good.
pub const MAX_CODE_LIFE: BlockNumber = 600;
/// Blocks for which a payment waits for its payer's confirmation, a quarter of an hour.
pub const PENDING_LIFE: BlockNumber = 900;
/// Version of codes, in the upper half of their first byte.
const VERSION: u8 = 0x10;
/// The payee made it.
const PAYEE: u8 = 1;
/// It is for several payments.
const REUSABLE: u8 = 2;
/// It says how much.
const AMOUNT: u8 = 4;
/// It has a last block.
const END: u8 = 8;

/// A code as orders carry it.
pub type CodeBytes = BoundedVec<u8, ConstU32<MAX_CODE_BYTES>>;

/// Name of a code in one network: blake2_256 of what its generator signs, or would.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CodeId(pub [u8; 32]);

impl fmt::Debug for CodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeId({})", hex::encode(self.0))
    }
}

/// Who made a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeSide {
    /// Who pays: the payee scans it.
    Payer,
    /// Who is paid: the payer scans it.
    Payee,
}

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentCode {
    /// Who made it.
    pub side: CodeSide,
    /// Whether it is for several payments.
    pub reusable: bool,
    /// Who shows it.
    pub owner: OwnerId,
    /// The bank with the account that the money comes from or goes to.
    pub bank: BankId,
    /// Minor units; otherwise the other side says how much.
    pub amount: Option<Balance>,
    /// Last block in which it is good, by the clock of orders.
    pub until: Option<BlockNumber>,
    /// Makes two codes that are otherwise equal different.
    pub random: [u8; 8],
}

impl PaymentCode {
    /// The bytes that are shown, signed and carried.
    pub fn to_bytes(&self) -> Vec<u8> {
        let flag = |flag: u8, is_set: bool| if is_set { flag } else { 0 };
        let flags = VERSION
            | flag(PAYEE, self.side == CodeSide::Payee)
            | flag(REUSABLE, self.reusable)
            | flag(AMOUNT, self.amount.is_some())
            | flag(END, self.until.is_some());
        let mut bytes = alloc::vec![flags];
        bytes.extend_from_slice(&self.owner.0);
        bytes.extend(Compact(self.bank.0).encode());
        bytes.extend(self.amount.map(|amount| Compact(amount).encode()).unwrap_or_default());
        bytes.extend(self.until.map(|until| until.encode()).unwrap_or_default());
        bytes.extend_from_slice(&self.random);
        bytes
    }

    /// Reads a code that stands in front of other bytes, and leaves those; `None` if it is none, or not in the one form that
    /// it has.
    pub fn read_first(bytes: &mut &[u8]) -> Option<Self> {
        let before = *bytes;
        let flags = u8::decode(bytes).ok()?;
        if flags & 0xf0 != VERSION {
            return None;
        }
        let owner = OwnerId::decode(bytes).ok()?;
        let bank = BankId(Compact::<u32>::decode(bytes).ok()?.0);
        let amount = match flags & AMOUNT {
            0 => None,
            _ => Some(Compact::<Balance>::decode(bytes).ok()?.0),
        };
        let until = match flags & END {
            0 => None,
            _ => Some(BlockNumber::decode(bytes).ok()?),
        };
        let random = <[u8; 8]>::decode(bytes).ok()?;
        let side = if flags & PAYEE == 0 { CodeSide::Payer } else { CodeSide::Payee };
        let code = Self { side, reusable: flags & REUSABLE != 0, owner, bank, amount, until, random };
        before.strip_suffix(*bytes).filter(|read| *read == code.to_bytes()).map(|_| code)
    }

    /// Reads a code, and nothing behind it.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        Self::read_first(&mut rest).filter(|_| rest.is_empty())
    }
}

/// What the generator of a code signs (sr25519, raw or wrapped in `<Bytes>…</Bytes>`): tag ‖ hash of the network's first
/// block ‖ the code.
pub fn code_payload(genesis: Hash, code: &[u8]) -> Vec<u8> {
    [&CODE_TAG[..], genesis.as_bytes(), code].concat()
}

/// The name of a code.
pub fn code_id(genesis: Hash, code: &[u8]) -> CodeId {
    CodeId(blake2_256(&code_payload(genesis, code)))
}

/// What somebody who scanned a code asks for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Scan {
    /// The code, [`PaymentCode::to_bytes`].
    pub code: CodeBytes,
    /// Its generator's signature over [`code_payload`], if it signed.
    pub signature: Option<Signature>,
    /// Who scanned it.
    pub scanner: OwnerId,
    /// The bank with the scanner's account.
    pub bank: BankId,
    /// Minor units. A code that says how much needs none here, and no other one.
    pub amount: Option<Balance>,
}

/// Amounts that a payee may set without the payer's confirmation, if the payer signed the code. Both in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct SmallAmounts {
    /// Most that one of them is worth.
    pub per_payment: Balance,
    /// Most that all of a payer and a business day are worth together.
    pub per_day: Balance,
}

/// A payment that waits for its payer's confirmation. Nothing is set aside for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct PendingPayment {
    /// Who is to pay.
    pub payer: OwnerId,
    /// The bank with the payer's account.
    pub payer_bank: BankId,
    /// Who is to be paid.
    pub payee: OwnerId,
    /// The bank with the payee's account.
    pub payee_bank: BankId,
    /// Minor units.
    pub amount: Balance,
    /// Who signed for it, and has one place fewer for others while it waits.
    pub signer: OwnerId,
    /// Last block in which it can be confirmed, by the clock of orders.
    pub until: BlockNumber,
}

/// A payment that waits, with the order that asked for it as its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct PendingInfo {
    /// The order in which the code was scanned.
    pub payment: OrderId,
    /// Who is to pay.
    pub payer: OwnerId,
    /// The bank with the payer's account.
    pub payer_bank: BankId,
    /// Who is to be paid.
    pub payee: OwnerId,
    /// The bank with the payee's account.
    pub payee_bank: BankId,
    /// Minor units.
    pub amount: Balance,
    /// Last block in which it can be confirmed, by the clock of orders.
    pub until: BlockNumber,
}

/// What an owner's payees may take in small amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct SmallAmountsInfo {
    /// What the supervisor set for the owner's class; `None`: nothing.
    pub of_class: Option<SmallAmounts>,
    /// Whether the owner switched it off.
    pub switched_off: bool,
    /// What was taken today, in minor units.
    pub taken_today: Balance,
}

sp_api::decl_runtime_apis! {
    /// What wallets ask about payment codes.
    pub trait CodesApi {
        /// Payments that wait for a confirmation, of a payer or a payee; at most 1 000.
        fn pending(owner: OwnerId) -> Vec<PendingInfo>;
        /// Small amounts of an owner; `None` if it is not registered.
        fn small_amounts(owner: OwnerId) -> Option<SmallAmountsInfo>;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(side: CodeSide, reusable: bool, amount: Option<Balance>, until: Option<BlockNumber>) -> PaymentCode {
        PaymentCode { side, reusable, owner: OwnerId([3; 24]), bank: BankId(2), amount, until, random: [9; 8] }
    }

    fn all() -> Vec<PaymentCode> {
        let mut all = Vec::new();
        for side in [CodeSide::Payer, CodeSide::Payee] {
            for reusable in [false, true] {
                for amount in [None, Some(0), Some(63), Some(64), Some(18_600), Some(1 << 30), Some(Balance::MAX)] {
                    for until in [None, Some(0), Some(u32::MAX)] {
                        all.push(code(side, reusable, amount, until));
                    }
                }
            }
        }
        all
    }

    #[test]
    fn codes_have_the_documented_length() {
        let length = |amount, until| code(CodeSide::Payee, false, amount, until).to_bytes().len();
        assert_eq!(length(None, None), 1 + 24 + 1 + 8);
        assert_eq!(length(Some(18_600), Some(7)), 34 + 4 + 4);
        let longest =
            PaymentCode { bank: BankId(u32::MAX), ..code(CodeSide::Payer, true, Some(Balance::MAX), Some(7)) };
        assert_eq!(longest.to_bytes().len(), MAX_CODE_BYTES as usize);
        assert_eq!(code(CodeSide::Payer, false, None, None).to_bytes()[0], 0x10);
        assert_eq!(code(CodeSide::Payee, true, Some(1), Some(1)).to_bytes()[0], 0x1f);
        assert_eq!(Scan::max_encoded_len(), 1 + 59 + 65 + 24 + 4 + 17);
    }

    #[test]
    fn one_code_has_one_form() {
        for code in all() {
            let bytes = code.to_bytes();
            assert_eq!(PaymentCode::read(&bytes), Some(code));
            assert_eq!(PaymentCode::read(&[&bytes[..], &[0]].concat()), None);
            for length in 0..bytes.len() {
                assert_eq!(PaymentCode::read(&bytes[..length]), None);
            }
            let with_more = [&bytes[..], &[7; 64]].concat();
            let mut rest = &with_more[..];
            assert_eq!(PaymentCode::read_first(&mut rest), Some(code));
            assert_eq!(rest, [7; 64]);
        }
        // Another version, and a bank in more bytes than it takes.
        let good = code(CodeSide::Payee, false, None, None).to_bytes();
        assert_eq!(PaymentCode::read(&[&[0x21][..], &good[1..]].concat()), None);
        assert_eq!(PaymentCode::read(&[&good[..25], &[0x09, 0x00], &good[26..]].concat()), None);
    }

    #[test]
    fn names_differ_with_every_byte_and_network() {
        let (bytes, genesis) = (code(CodeSide::Payee, false, Some(5), Some(7)).to_bytes(), Hash::repeat_byte(1));
        let id = code_id(genesis, &bytes);
        assert_ne!(id, code_id(Hash::repeat_byte(2), &bytes));
        for place in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[place] ^= 1;
            assert_ne!(id, code_id(genesis, &altered));
        }
        // Neither an order nor a call begins like what is signed.
        assert_ne!(CODE_TAG[..8], crate::orders::ORDER_TAG[..8]);
        assert_eq!(code_payload(genesis, &bytes)[..24], CODE_TAG[..]);
    }
}
