//! Orders: signed documents that ask for one action and are executed at most once. Byte for byte they are specified in
//! `docs/protocol/orders.md`.
//!
//! The id of an order is the hash of what is signed, without signatures: sr25519 signs anew with other bytes each time,
//! and a copy that was signed again is the same order.

use crate::{
    accumulator::{self, Accumulator, Path},
    bounds,
    change::ChangePayment,
    instruments::{InstrumentId, Leg},
    joint::SigningRule,
    AccountId, AtExpiry, Balance, BankId, BlockNumber, CoinRef, Hash, OwnerId, Scan, Selection,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sp_core::sr25519::Signature;
use sp_crypto_hashing::blake2_256;
use sp_runtime::DispatchError;

/// Domain tag of [`Order`]: no payload of a transaction begins with it, since no pallet has the number 115.
pub const ORDER_TAG: &[u8; 24] = b"specie/order/v1\0\0\0\0\0\0\0\0\0";
/// In front of what headers say of orders.
pub const DIGEST_TAG: &[u8; 16] = b"specie/orders/v1";
/// Most parties of an order.
pub const MAX_PARTIES: u32 = 4;
/// Most signatures of an order.
pub const MAX_SIGNATURES: u32 = 16;
/// Most bytes of an order with its signatures: 512 coins, four parties and 16 signatures take 7 459; a payment with all the
/// change that there may be 8 047.
pub const MAX_ORDER_BYTES: u32 = 8_192;
/// Most orders of one call.
pub const MAX_ORDERS_PER_CALL: u32 = 1_000;
/// Most blocks from the first to the last of an order, seven days: for so long the chain remembers what was executed.
pub const MAX_WINDOW: BlockNumber = 7 * 86_400;

/// An order with its signatures, as it travels.
pub type OrderBytes = BoundedVec<u8, ConstU32<MAX_ORDER_BYTES>>;
/// Several of them.
pub type OrderList = BoundedVec<OrderBytes, ConstU32<MAX_ORDERS_PER_CALL>>;

/// Name of an order: blake2_256 of its encoding without signatures.
///
/// Text form: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct OrderId(pub [u8; 32]);

impl OrderId {
    /// The name of what is encoded in these bytes.
    pub fn of(payload: &[u8]) -> Self {
        Self(blake2_256(payload))
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrderId({self})")
    }
}

impl core::str::FromStr for OrderId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut raw = [0u8; 32];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut raw)
            .map_err(|_| "an order is named by 64 hexadecimal digits")?;
        Ok(Self(raw))
    }
}

impl Serialize for OrderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OrderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Who hands out processing numbers, and submits the orders that bear them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Processor {
    /// A bank.
    Bank(BankId),
    /// A firm that the issuer admitted for it.
    Owner(OwnerId),
}

/// A number that a processor handed out: until it expires nobody else submits the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct Processing {
    /// Whose number.
    pub processor: Processor,
    /// The number; what it means is the processor's business.
    pub number: u64,
    /// Last block in which the order is the processor's alone; anybody may submit it after that.
    pub until: BlockNumber,
}

/// Somebody whose consent an order needs. The first one is the payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct OrderParty {
    /// The owner.
    pub owner: OwnerId,
    /// Version of the set of managers of a joint account; zero for an owner with a key of its own.
    pub version: u32,
}

/// What an order asks for. Numbers are never used again for something else.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Action {
    /// The payer gives coins to another owner.
    #[codec(index = 0)]
    Coins {
        /// Who is paid.
        to: OwnerId,
        /// The coins, at the revisions that they must have.
        coins: BoundedVec<CoinRef, bounds::CoinsPerCall>,
    },
    /// The payer gives custody to another owner, at the same bank or at another.
    #[codec(index = 1)]
    Custody {
        /// The bank that owes the payer.
        from_bank: BankId,
        /// The bank that owes the payee then.
        to_bank: BankId,
        /// Who is paid.
        to: OwnerId,
        /// Minor units.
        amount: Balance,
        /// Last block until which it may wait for the reserve of the payer's bank; `None`: at once or not at all.
        expires: Option<BlockNumber>,
    },
    /// Takes the payer's consent to another order back, if that was not executed.
    #[codec(index = 2)]
    Cancel {
        /// That order.
        order: OrderId,
        /// Its last block.
        valid_until: BlockNumber,
    },
    /// Sets custody of the payer aside for the payee, the second party. The order's name is the escrow's.
    #[codec(index = 3)]
    Hold {
        /// The bank that owes the payer.
        from_bank: BankId,
        /// The bank that is to owe the payee.
        to_bank: BankId,
        /// Minor units.
        amount: Balance,
        /// Last block before the outcome that both agree on.
        expires: BlockNumber,
        /// That outcome.
        at_expiry: AtExpiry,
        /// Hash of the contract, if there is one.
        reference: Option<Hash>,
    },
    /// The payer of an escrow pays the payee out of it.
    #[codec(index = 4)]
    Release {
        /// The escrow.
        escrow: OrderId,
        /// Minor units.
        amount: Balance,
    },
    /// Payer and payee of an escrow, in this order, give the payer something of it back.
    #[codec(index = 5)]
    Return {
        /// The escrow.
        escrow: OrderId,
        /// Minor units.
        amount: Balance,
    },
    /// One side of an escrow has the supervisor decide.
    #[codec(index = 6)]
    Dispute {
        /// The escrow.
        escrow: OrderId,
    },
    /// The payer, a joint account, has other managers from now on. Those who are new are the other parties, in the order of
    /// their seats.
    #[codec(index = 7)]
    SetManagers {
        /// All of them, and how many must sign.
        rule: SigningRule,
    },
    /// Somebody scanned a payment code. The scanner signs, or nobody if the generator of the code did.
    #[codec(index = 8)]
    Code(Scan),
    /// The payer confirms a payment that waits for it, or refuses it; its payee takes it back.
    #[codec(index = 9)]
    Answer {
        /// The order in which the code was scanned.
        payment: OrderId,
        /// Whether it is to be made.
        confirms: bool,
    },
    /// The payer gives units of an instrument to another owner.
    #[codec(index = 10)]
    Asset {
        /// The instrument.
        instrument: InstrumentId,
        /// Who gets them.
        to: OwnerId,
        /// How many.
        amount: Balance,
    },
    /// The two parties give each other something: both legs or none. Delivery versus payment, payment versus payment,
    /// delivery versus delivery.
    #[codec(index = 11)]
    Exchange {
        /// What the first party gives the second.
        give: Leg,
        /// What the second gives the first.
        take: Leg,
    },
    /// The payer turns custody at a bank into coins of that bank's vault.
    #[codec(index = 12)]
    Withdraw {
        /// The bank.
        bank: BankId,
        /// The coins.
        selection: Selection,
    },
    /// The payer pays coins into a bank's vault, for custody there.
    #[codec(index = 13)]
    Deposit {
        /// The bank.
        bank: BankId,
        /// The coins, at the revisions that they must have.
        coins: BoundedVec<CoinRef, bounds::CoinsPerCall>,
    },
    /// The payer gives coins to another owner, some of them changed on the way.
    #[codec(index = 14)]
    CoinsWithChange(ChangePayment),
    /// The payer gives units of an instrument back for nothing: they are no more.
    #[codec(index = 15)]
    Redeem {
        /// The instrument.
        instrument: InstrumentId,
        /// How many.
        amount: Balance,
    },
}

impl Action {
    /// How many parties must consent, at least.
    pub fn parties(&self) -> usize {
        match self {
            Self::Coins { .. } | Self::Custody { .. } | Self::Cancel { .. } => 1,
            Self::Hold { .. } | Self::Return { .. } => 2,
            Self::Release { .. } | Self::Dispute { .. } => 1,
            Self::Asset { .. }
            | Self::Redeem { .. }
            | Self::Withdraw { .. }
            | Self::Deposit { .. }
            | Self::CoinsWithChange(_)
            | Self::Code(_)
            | Self::Answer { .. }
            | Self::SetManagers { .. } => 1,
            Self::Exchange { .. } => 2,
        }
    }

    /// Whether so many parties consent: exactly those that must, but for a scan that nobody signed and
    /// for managers who are new.
    pub fn takes(&self, parties: usize) -> bool {
        match self {
            Self::Code(_) => parties <= self.parties(),
            Self::SetManagers { .. } => parties >= self.parties(),
            _ => parties == self.parties(),
        }
    }

    /// Who scanned a code, for an order that nobody signs but the code's generator.
    pub fn unsigned_scanner(&self) -> Option<OwnerId> {
        match self {
            Self::Code(scan) => Some(scan.scanner),
            _ => None,
        }
    }
}

/// What is signed (sr25519, the SCALE encoding, raw or wrapped in `<Bytes>…</Bytes>`). Blocks are counted without those in
/// which payments stood still, so that a stop shifts every deadline.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Order {
    /// [`ORDER_TAG`].
    pub tag: [u8; 24],
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// Makes two orders that are otherwise equal different.
    pub random: [u8; 16],
    /// First block in which it may be executed.
    pub valid_from: BlockNumber,
    /// Last block in which it may be executed.
    pub valid_until: BlockNumber,
    /// The number that a processor handed out for it, if one did.
    pub processing: Option<Processing>,
    /// Who must sign, the payer first.
    pub parties: BoundedVec<OrderParty, ConstU32<MAX_PARTIES>>,
    /// What for.
    pub action: Action,
}

impl Order {
    /// An order of one owner with a key of its own, which anybody may submit.
    pub fn new(
        genesis: Hash,
        random: [u8; 16],
        (valid_from, valid_until): (BlockNumber, BlockNumber),
        payer: OwnerId,
        action: Action,
    ) -> Self {
        let parties = BoundedVec::truncate_from(alloc::vec![OrderParty { owner: payer, version: 0 }]);
        Self { tag: *ORDER_TAG, genesis, random, valid_from, valid_until, processing: None, parties, action }
    }

    /// Its name.
    pub fn id(&self) -> OrderId {
        OrderId::of(&self.encode())
    }

    /// Who pays; `None` if it names nobody, and is executed by nobody.
    pub fn payer(&self) -> Option<OwnerId> {
        self.parties.first().map(|party| party.owner)
    }
}

/// A signature over an order. 66 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct OrderSignature {
    /// Place of the party.
    pub party: u8,
    /// Place in the set of managers of a joint account; zero for an owner with a key of its own.
    pub seat: u8,
    /// By that key.
    pub signature: Signature,
}

/// An order as it travels: whoever holds it may submit it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SignedOrder {
    /// The order.
    pub order: Order,
    /// Ascending by party and seat, each once.
    pub signatures: BoundedVec<OrderSignature, ConstU32<MAX_SIGNATURES>>,
}

impl SignedOrder {
    /// Reads what travelled; `None` if it is no order, or has more bytes than one.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Self::decode_all(&mut &bytes[..]).ok()
    }

    /// Whether all signatures are in places of parties, in order and each once, and every party has one: an owner with a
    /// key in its one place, a joint account in seats of managers. How many it needs is for the network to say.
    pub fn is_complete(&self) -> bool {
        let place = |signed: &OrderSignature| (signed.party, signed.seat);
        let ascending = self.signatures.windows(2).all(|pair| match pair {
            [one, other] => place(one) < place(other),
            _ => true,
        });
        let known = self.signatures.iter().all(|signed| {
            let party = self.order.parties.get(usize::from(signed.party));
            party.is_some_and(|party| party.version != 0 || signed.seat == 0)
        });
        ascending && known && (0..self.order.parties.len()).all(|party| self.of_party(party).next().is_some())
    }

    /// Signatures for the party at this place.
    pub fn of_party(&self, party: usize) -> impl Iterator<Item = &OrderSignature> + Clone {
        self.signatures.iter().filter(move |signed| usize::from(signed.party) == party)
    }
}

/// What came of an order. Numbers are never used again for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Verdict {
    /// It was executed.
    #[codec(index = 0)]
    Executed,
    /// The bytes are no order, or of a version or action that this network does not know.
    #[codec(index = 1)]
    Unreadable,
    /// It is for another network.
    #[codec(index = 2)]
    OtherNetwork,
    /// Its last block comes before its first one, or so long after it that nobody remembers it for as long.
    #[codec(index = 3)]
    BadWindow,
    /// Its first block has not come.
    #[codec(index = 4)]
    NotYet,
    /// Its last block has passed.
    #[codec(index = 5)]
    Expired,
    /// It was executed before.
    #[codec(index = 6)]
    AlreadyExecuted,
    /// A party took its consent back.
    #[codec(index = 7)]
    Cancelled,
    /// It is another processor's until the number expires.
    #[codec(index = 8)]
    OtherProcessor,
    /// The parties are not those that such an action needs.
    #[codec(index = 9)]
    WrongParties,
    /// A party may not pay: unknown, suspended, held or closed.
    #[codec(index = 10)]
    PartyNotActive,
    /// A signature is missing, too many, in the wrong place or not the party's.
    #[codec(index = 11)]
    BadSignature,
    /// The network knows such actions but does not execute them yet.
    #[codec(index = 12)]
    Unsupported,
    /// It was refused as the same call of the payer would have been.
    #[codec(index = 13)]
    Failed(DispatchError),
    /// A party is a joint account with other managers, or another threshold, than those it was signed for; or it is none.
    #[codec(index = 16)]
    OtherManagers,
    /// A manager who signed is suspended or closed.
    #[codec(index = 17)]
    ManagerNotActive,
}

impl Verdict {
    /// What happened and what to do.
    pub fn explain(&self) -> &'static str {
        match self {
            Self::Executed => "it was executed",
            Self::Unreadable => {
                "the bytes are no order that this network knows: perhaps they were damaged on their way"
            },
            Self::OtherNetwork => "it is for another network",
            Self::BadWindow => "its last block comes before the first one or too long after it: make another",
            Self::NotYet => "its first block has not come: submit it later",
            Self::Expired => "its last block has passed: the payer makes another",
            Self::AlreadyExecuted => "it was executed before, and never is again",
            Self::Cancelled => "a party took its consent back",
            Self::OtherProcessor => "only the processor that it names may submit it until its number expires",
            Self::WrongParties => "its parties are not those that such an action needs",
            Self::PartyNotActive => "a party is unknown, suspended, held or closed",
            Self::BadSignature => "a signature is missing, too many, or not that of the party's present key",
            Self::Unsupported => "this network does not execute such orders yet",
            Self::Failed(_) => "it was refused as the payer's own transaction would have been",
            Self::OtherManagers => {
                "a party has not the managers for which it was signed: make another, which names their present version"
            },
            Self::ManagerNotActive => "a manager who signed is suspended or closed: have others sign",
        }
    }
}

/// One line of a batch's result.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Outcome {
    /// The order; of what cannot be read, the hash of all its bytes.
    pub order: OrderId,
    /// What came of it.
    pub verdict: Verdict,
}

/// An order that was executed, while the chain remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct Executed {
    /// In which block.
    pub block: BlockNumber,
    /// Its last block: after that it is forgotten.
    pub valid_until: BlockNumber,
}

/// Orders that were executed in a block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ExecutedOrders {
    /// Place of the last block with orders up to this one in the list of such blocks, from zero; zero before the first.
    pub place: u64,
    /// The orders, as they came.
    pub orders: Vec<OrderId>,
}

/// What a block adds to the list of all blocks in which orders were executed: its number (little-endian) and the hash over
/// the names of those orders.
pub fn block_entry(block: BlockNumber, executed: &[OrderId]) -> Hash {
    let orders = Accumulator::of(executed.iter().map(|order| accumulator::entry(&order.0))).root();
    entry_of(block, orders)
}

fn entry_of(block: BlockNumber, orders: Hash) -> Hash {
    accumulator::entry(&[&block.to_le_bytes()[..], orders.as_bytes()].concat())
}

/// What the header of a block in which orders were executed says of all orders up to it, in an item of its digest of the
/// kind `Other`.
pub fn digest(root: Hash) -> Vec<u8> {
    [&DIGEST_TAG[..], root.as_bytes()].concat()
}

/// The hash in such an item; `None` if it is another one.
pub fn read_digest(item: &[u8]) -> Option<Hash> {
    let root: [u8; 32] = item.strip_prefix(DIGEST_TAG)?.try_into().ok()?;
    Some(root.into())
}

/// What shows that an order was executed, for good: it leads to the hash in the header of a later block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ExecutionProof {
    /// The block in which it was executed.
    pub block: BlockNumber,
    /// From the order to the hash over that block's.
    pub in_block: Path,
    /// From the block to the hash over all blocks.
    pub in_chain: Path,
}

impl ExecutionProof {
    /// The proof for an order of a block, from the block's orders and the path of its entry.
    pub fn new(order: OrderId, block: BlockNumber, executed: &[OrderId], in_chain: Path) -> Option<Self> {
        let place = executed.iter().position(|other| *other == order)?;
        let entries: Vec<Hash> = executed.iter().map(|order| accumulator::entry(&order.0)).collect();
        Some(Self { block, in_block: Path::of(u64::try_from(place).ok()?, &entries)?, in_chain })
    }

    /// The hash that the header must have if the order was executed there; `None` if the proof is none.
    pub fn root(&self, order: OrderId) -> Option<Hash> {
        let orders = self.in_block.root(accumulator::entry(&order.0))?;
        self.in_chain.root(entry_of(self.block, orders))
    }
}

/// What the network says about an order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct OrderInfo {
    /// The order.
    pub order: OrderId,
    /// Where it was executed, if it was and the chain remembers it.
    pub executed: Option<Executed>,
    /// Owners who took back their consent to it.
    pub cancelled_by: Vec<OwnerId>,
    /// The present block by the clock of orders.
    pub now: BlockNumber,
}

sp_api::decl_runtime_apis! {
    /// What wallets and processors ask about orders.
    pub trait OrdersApi {
        /// The present block by the clock of orders, which stands still with payments.
        fn order_clock() -> BlockNumber;
        /// An order.
        fn order(order: OrderId) -> OrderInfo;
        /// Which of these owners, as many as an order has parties, take no part in an order any more.
        fn cancelled_by(order: OrderId, owners: Vec<OwnerId>) -> Vec<OwnerId>;
        /// Orders that were executed in the block whose state this is.
        fn executed_orders() -> ExecutedOrders;
        /// What would come of an order if this account submitted it alone now. Nothing changes.
        fn try_order(order: Vec<u8>, submitter: AccountId) -> Outcome;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{change::ChangePart, ChangeFrom, CoinId, Denomination, Lot};
    use codec::Compact;

    fn coins(count: u32) -> Action {
        let coin = |index| CoinRef { coin: CoinId { batch: 7, index }, revision: 3 };
        Action::Coins { to: OwnerId([2; 24]), coins: BoundedVec::truncate_from((0..count).map(coin).collect()) }
    }

    fn order(action: Action) -> Order {
        Order::new(Hash::repeat_byte(1), [9; 16], (10, 20), OwnerId([3; 24]), action)
    }

    fn signed(order: Order, places: &[(u8, u8)]) -> SignedOrder {
        let one = |(party, seat): &(u8, u8)| OrderSignature {
            party: *party,
            seat: *seat,
            signature: Signature::from_raw([5; 64]),
        };
        SignedOrder { order, signatures: BoundedVec::truncate_from(places.iter().map(one).collect()) }
    }

    #[test]
    fn orders_have_the_documented_length() {
        // 24 + 32 + 16 + 4 + 4 + 1 + 1 + 28 and the action.
        assert_eq!(order(coins(1)).encode().len(), 110 + 1 + 24 + 1 + 12);
        for (expires, length) in [(None, 1), (Some(7), 5)] {
            let (from_bank, to_bank, to) = (BankId(1), BankId(2), OwnerId([2; 24]));
            let custody = Action::Custody { from_bank, to_bank, to, amount: Balance::MAX, expires };
            assert_eq!(order(custody).encode().len(), 110 + 1 + 4 + 4 + 24 + 16 + length);
        }
        let cancel = Action::Cancel { order: OrderId([1; 32]), valid_until: 7 };
        assert_eq!(order(cancel).encode().len(), 110 + 1 + 32 + 4);
        for (reference, length) in [(None, 1), (Some(Hash::repeat_byte(3)), 33)] {
            let (from_bank, to_bank, at_expiry) = (BankId(1), BankId(2), AtExpiry::Return);
            let hold = Action::Hold { from_bank, to_bank, amount: 7, expires: 9, at_expiry, reference };
            assert_eq!(order(hold).encode().len(), 110 + 1 + 4 + 4 + 16 + 4 + 1 + length);
        }
        let escrow = OrderId([1; 32]);
        for of_escrow in [Action::Release { escrow, amount: 7 }, Action::Return { escrow, amount: 7 }] {
            assert_eq!(order(of_escrow).encode().len(), 110 + 1 + 32 + 16);
        }
        assert_eq!(order(Action::Dispute { escrow }).encode().len(), 110 + 1 + 32);
        let coin = CoinRef { coin: CoinId { batch: 7, index: 1 }, revision: 3 };
        let part = || ChangePart {
            fresh: BoundedVec::truncate_from(alloc::vec![Lot { denomination: Denomination(100), count: 3 }]),
            coins: BoundedVec::default(),
        };
        let with_change = ChangePayment {
            to: OwnerId([2; 24]),
            coins: BoundedVec::default(),
            at: ChangeFrom::Vault(BankId(1)),
            give: BoundedVec::truncate_from(alloc::vec![coin]),
            pay: part(),
            change: part(),
        };
        let length = 110 + 1 + 24 + 1 + 5 + (1 + 12) + 2 * (1 + 12 + 1);
        assert_eq!(order(Action::CoinsWithChange(with_change)).encode().len(), length);
        let asset = Action::Asset { instrument: InstrumentId(7), to: OwnerId([2; 24]), amount: 1 };
        assert_eq!(order(asset).encode().len(), 110 + 1 + 4 + 24 + 16);
        let redeem = Action::Redeem { instrument: InstrumentId(7), amount: 1 };
        assert_eq!(order(redeem).encode().len(), 110 + 1 + 4 + 16);
        let units = || Leg::Units { instrument: InstrumentId(7), amount: 1 };
        assert_eq!(order(Action::Exchange { give: units(), take: units() }).encode().len(), 110 + 1 + 21 + 21);
        let withdraw = Action::Withdraw { bank: BankId(1), selection: Selection::default() };
        assert_eq!(order(withdraw).encode().len(), 110 + 1 + 4 + 1 + 1);
        let deposit = Action::Deposit { bank: BankId(1), coins: Default::default() };
        assert_eq!(order(deposit).encode().len(), 110 + 1 + 4 + 1);
        assert_eq!(signed(order(coins(1)), &[(0, 0)]).encode().len(), 148 + 1 + 66);
        let number = |processor| Processing { processor, number: 1, until: 2 }.encode().len();
        assert_eq!((number(Processor::Bank(BankId(1))), number(Processor::Owner(OwnerId([1; 24])))), (17, 37));
        assert!(SignedOrder::max_encoded_len() <= MAX_ORDER_BYTES as usize, "{}", SignedOrder::max_encoded_len());
    }

    #[test]
    fn the_name_is_that_of_what_is_signed() {
        let order = order(coins(1));
        let (one, two) = (signed(order.clone(), &[(0, 0)]), signed(order.clone(), &[]));
        assert_ne!(one.encode(), two.encode());
        assert_eq!(one.order.id(), two.order.id());
        assert_ne!(Order { random: [8; 16], ..order.clone() }.id(), order.id());
        let text = order.id().to_string();
        assert_eq!((text.len(), text.parse()), (64, Ok(order.id())));
        assert!("ab".parse::<OrderId>().is_err());
    }

    #[test]
    fn one_order_has_one_encoding() {
        let order = signed(order(coins(1)), &[(0, 0)]);
        let good = order.encode();
        assert_eq!(SignedOrder::read(&good), Some(order));
        assert_eq!(SignedOrder::read(&[&good[..], &[0]].concat()), None);
        assert_eq!(SignedOrder::read(&good[..good.len() - 1]), None);
        // An unknown action, and a number of parties in more bytes than it takes.
        let place = 24 + 32 + 16 + 8 + 1;
        let mut unknown = good.clone();
        unknown[place + 1 + 28] = u8::MAX;
        assert_eq!(SignedOrder::read(&unknown), None);
        assert_eq!(&good[place..=place], Compact(1u32).encode());
        let long = [&good[..place], &[0x05, 0x00], &good[place + 1..]].concat();
        assert_eq!(SignedOrder::read(&long), None);
    }

    #[test]
    fn a_proof_leads_from_an_order_to_a_header() {
        let block = |number: u32| -> Vec<OrderId> {
            (0..number).map(|place| OrderId::of(&[number.to_le_bytes(), place.to_le_bytes()].concat())).collect()
        };
        let entries: Vec<Hash> = (1..=9).map(|number| block_entry(number, &block(number))).collect();
        let root = Accumulator::of(entries.iter().copied()).root();
        assert_eq!(read_digest(&digest(root)), Some(root));
        assert_eq!((read_digest(b"specie/orders/v1"), read_digest(&[0; 48])), (None, None));
        for number in 1..=9 {
            for order in block(number) {
                let in_chain = || Path::of(u64::from(number) - 1, &entries).expect("it is there");
                let proof = ExecutionProof::new(order, number, &block(number), in_chain()).expect("it is there");
                assert_eq!(proof.root(order), Some(root));
                assert_ne!(proof.root(OrderId([7; 32])), Some(root));
                assert_ne!(ExecutionProof { block: number + 1, ..proof }.root(order), Some(root));
                assert_eq!(ExecutionProof::new(OrderId([7; 32]), number, &block(number), in_chain()), None);
            }
        }
    }

    #[test]
    fn only_a_scan_takes_no_party() {
        let scan = Scan {
            code: Default::default(),
            signature: None,
            scanner: OwnerId([4; 24]),
            bank: BankId(1),
            amount: None,
        };
        let (scan, answer) = (Action::Code(scan), Action::Answer { payment: OrderId([1; 32]), confirms: true });
        assert!(scan.takes(0) && scan.takes(1) && !scan.takes(2));
        assert_eq!((scan.unsigned_scanner(), answer.unsigned_scanner()), (Some(OwnerId([4; 24])), None));
        for action in [answer, coins(1)] {
            assert!(!action.takes(0) && action.takes(1) && !action.takes(2));
        }
        // 110 bytes without the action, and 28 fewer without a party.
        let mut order = order(scan);
        assert_eq!(order.encode().len(), 110 + 1 + 1 + 1 + 24 + 4 + 1);
        order.parties = Default::default();
        assert_eq!((order.encode().len(), order.payer()), (82 + 32, None));
        assert!(signed(order.clone(), &[]).is_complete() && !signed(order, &[(0, 0)]).is_complete());
    }

    #[test]
    fn every_party_signs_once_in_its_place() {
        let complete = |places: &[(u8, u8)]| signed(order(coins(1)), places).is_complete();
        assert!(complete(&[(0, 0)]));
        for places in [&[][..], &[(1, 0)], &[(0, 1)], &[(0, 0), (0, 0)], &[(0, 0), (1, 0)]] {
            assert!(!complete(places), "{places:?}");
        }
        let mut two = order(coins(1));
        two.parties = BoundedVec::truncate_from(alloc::vec![OrderParty { owner: OwnerId([1; 24]), version: 0 }; 2]);
        assert!(signed(two.clone(), &[(0, 0), (1, 0)]).is_complete());
        assert!(!signed(two.clone(), &[(1, 0), (0, 0)]).is_complete() && !signed(two, &[(0, 0)]).is_complete());
    }

    #[test]
    fn managers_sign_in_their_seats() {
        let party = |id, version| OrderParty { owner: OwnerId([id; 24]), version };
        let mut of = order(coins(1));
        of.parties = BoundedVec::truncate_from(alloc::vec![party(1, 3), party(2, 0)]);
        let complete = |places: &[(u8, u8)]| signed(of.clone(), places).is_complete();
        for places in [&[(0, 0), (1, 0)][..], &[(0, 4), (1, 0)], &[(0, 0), (0, 2), (0, 255), (1, 0)]] {
            assert!(complete(places), "{places:?}");
        }
        for places in [
            &[(0, 0)][..],
            &[(1, 0)],
            &[(0, 1), (0, 1), (1, 0)],
            &[(0, 2), (0, 1), (1, 0)],
            &[(0, 0), (1, 1)],
            &[(0, 0), (1, 0), (2, 0)],
        ] {
            assert!(!complete(places), "{places:?}");
        }
        let two = signed(of.clone(), &[(0, 1), (0, 3), (1, 0)]);
        assert_eq!((two.of_party(0).count(), two.of_party(1).count(), two.of_party(2).count()), (2, 1, 0));
    }

    #[test]
    fn new_managers_are_further_parties() {
        let managers = BoundedVec::truncate_from((0..16).map(|id| OwnerId([id; 24])).collect());
        let change = Action::SetManagers { rule: SigningRule { managers, threshold: 9 } };
        assert_eq!(order(change.clone()).encode().len(), 110 + 1 + 1 + 16 * 24 + 1);
        assert_eq!([0, 1, 4].map(|parties| change.takes(parties)), [false, true, true]);
        assert_eq!([0, 1, 2].map(|parties| coins(1).takes(parties)), [false, true, false]);
        assert_eq!(Verdict::OtherManagers.encode(), [16]);
        assert_eq!(Verdict::ManagerNotActive.encode(), [17]);
    }
}
