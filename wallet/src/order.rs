//! Orders as people hand them on: signed, written as text that fits into a QR code, and read back. Byte for byte they are
//! specified in `docs/protocol/orders.md`.

use crate::{keys::verify, Keypair};
use codec::{DecodeAll, Encode};
use sp_core::sr25519::Signature;
use specie_primitives::{
    orders::{ExecutionProof, OrderSignature, MAX_ORDER_BYTES},
    AccountId, Hash, Order, OrderId, SignedOrder,
};

/// In front of an order that is written as text.
pub const PREFIX: &str = "SPECIE-ORDER:";
/// The signs of RFC 4648, base 32: QR codes have a dense mode for them.
const SIGNS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Why something is no order, or no good one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Not such a text.
    #[error("this is no order: an order begins with {PREFIX}")]
    Prefix,
    /// A sign that does not belong there.
    #[error("sign {0} of the order does not belong into one: perhaps it was damaged on its way")]
    Sign(usize),
    /// The signs are no order.
    #[error("this is no order that this program knows: perhaps it was cut short, or is of a later version")]
    Unreadable,
    /// For another network.
    #[error("the order is for the network with first block {is:?}, this one has {wanted:?}")]
    Network {
        /// First block of its network.
        is: Hash,
        /// First block here.
        wanted: Hash,
    },
    /// There is no such party.
    #[error("the order has no party {0}")]
    NoParty(usize),
    /// It is signed already.
    #[error("party {0} signed the order already")]
    Signed(usize),
    /// A proof that proves nothing.
    #[error("the proof does not lead from the order to the block's header")]
    NotProven,
}

/// An order in text: [`PREFIX`], then its bytes in base 32 without padding.
pub fn to_text(order: &SignedOrder) -> String {
    let (mut text, mut bits, mut count) = (PREFIX.to_string(), 0u32, 0u32);
    for byte in order.encode() {
        bits = bits << 8 | u32::from(byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(sign(bits >> count));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        text.push(sign(bits << (5 - count)));
    }
    text
}

fn sign(value: u32) -> char {
    char::from(SIGNS[(value & 31) as usize])
}

/// Reads a text, in which white space and the size of letters mean nothing.
pub fn read_text(text: &str) -> Result<SignedOrder, OrderError> {
    let text: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    let text = text.to_ascii_uppercase();
    let signs = text.strip_prefix(PREFIX).ok_or(OrderError::Prefix)?;
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0u32);
    for (place, sign) in signs.bytes().enumerate() {
        let value = SIGNS.iter().position(|known| *known == sign).ok_or(OrderError::Sign(place + 1))?;
        bits = bits << 5 | value as u32;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
        if bytes.len() > MAX_ORDER_BYTES as usize {
            return Err(OrderError::Unreadable);
        }
    }
    // What is left over is the filling of the last sign.
    let order = SignedOrder::read(&bytes).filter(|_| bits == 0 && count < 5);
    order.ok_or(OrderError::Unreadable)
}

/// The bytes that the network takes.
pub fn to_bytes(order: &SignedOrder) -> Vec<u8> {
    order.encode()
}

/// An order that nobody has signed.
pub fn unsigned(order: Order) -> SignedOrder {
    SignedOrder { order, signatures: Default::default() }
}

/// Signs an order for the party at this place, which has this key of its own.
pub fn sign_order(document: &mut SignedOrder, party: usize, key: &Keypair) -> Result<(), OrderError> {
    if party >= document.order.parties.len() {
        return Err(OrderError::NoParty(party));
    }
    let place = u8::try_from(party).map_err(|_| OrderError::NoParty(party))?;
    let mut signatures = document.signatures.to_vec();
    if signatures.iter().any(|signed| signed.party == place) {
        return Err(OrderError::Signed(party));
    }
    let signature = Signature::from_raw(key.sign(&document.order.encode()));
    signatures.push(OrderSignature { party: place, seat: 0, signature });
    signatures.sort_by_key(|signed| (signed.party, signed.seat));
    document.signatures = signatures.try_into().map_err(|_| OrderError::Signed(party))?;
    Ok(())
}

/// Whether the party at this place signed with this key, raw or as wallets wrap what is not a transaction; `None` if it did
/// not sign at all.
pub fn is_signed(document: &SignedOrder, party: usize, key: &AccountId) -> Option<bool> {
    let payload = document.order.encode();
    let wrapped = [b"<Bytes>".as_slice(), &payload, b"</Bytes>"].concat();
    let signed = document.signatures.iter().find(|signed| usize::from(signed.party) == party)?;
    let holds = |message: &[u8]| verify(&signed.signature.0, message, key);
    Some(holds(&payload) || holds(&wrapped))
}

/// Fails unless an order is for the network with this first block.
pub fn ensure_network(document: &SignedOrder, wanted: Hash) -> Result<(), OrderError> {
    let is = document.order.genesis;
    if is != wanted {
        return Err(OrderError::Network { is, wanted });
    }
    Ok(())
}

/// Reads a proof that an order was executed.
pub fn read_proof(bytes: &[u8]) -> Result<ExecutionProof, OrderError> {
    ExecutionProof::decode_all(&mut &bytes[..]).map_err(|_| OrderError::NotProven)
}

/// Fails unless a proof shows that an order was executed, given the hash over all orders that stands in a header which is
/// known to be final; see [`crate::finality`].
pub fn ensure_executed(order: OrderId, proof: &ExecutionProof, root: Hash) -> Result<(), OrderError> {
    match proof.root(order) == Some(root) {
        true => Ok(()),
        false => Err(OrderError::NotProven),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use specie_primitives::{
        accumulator::{Accumulator, Path},
        orders::{self, block_entry, Action, OrderParty, Processing, ORDER_TAG},
        AtExpiry, BankId, BlockNumber, CoinId, CoinRef, OwnerId,
    };

    #[derive(Deserialize)]
    struct Vectors {
        orders: Vec<OrderVector>,
        lists: Vec<ListVector>,
    }

    #[derive(Deserialize)]
    struct OrderVector {
        name: String,
        order: Fields,
        payload: String,
        id: OrderId,
        signatures: Vec<SignatureVector>,
        document: String,
        text: String,
    }

    #[derive(Deserialize)]
    struct Fields {
        genesis: Hash,
        random: String,
        valid_from: BlockNumber,
        valid_until: BlockNumber,
        processing: Option<Processing>,
        parties: Vec<OrderParty>,
        action: ActionFields,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum ActionFields {
        Coins { to: OwnerId, coins: Vec<(u32, u32, u32)> },
        Custody { from_bank: BankId, to_bank: BankId, to: OwnerId, amount: String, expires: Option<BlockNumber> },
        Cancel { order: OrderId, valid_until: BlockNumber },
        Hold(HoldFields),
        Release { escrow: OrderId, amount: String },
        Return { escrow: OrderId, amount: String },
        Dispute { escrow: OrderId },
    }

    #[derive(Deserialize)]
    struct HoldFields {
        from_bank: BankId,
        to_bank: BankId,
        amount: String,
        expires: BlockNumber,
        at_expiry: AtExpiry,
        reference: Option<Hash>,
    }

    #[derive(Deserialize)]
    struct SignatureVector {
        party: usize,
        key: String,
        signature: String,
    }

    #[derive(Deserialize)]
    struct ListVector {
        blocks: Vec<BlockVector>,
        root: String,
        digest: String,
        proofs: Vec<ProofVector>,
    }

    #[derive(Deserialize)]
    struct BlockVector {
        number: BlockNumber,
        orders: Vec<OrderId>,
    }

    #[derive(Deserialize)]
    struct ProofVector {
        place: u64,
        order: OrderId,
        proof: String,
    }

    fn action(fields: ActionFields) -> Action {
        match fields {
            ActionFields::Coins { to, coins } => {
                let coin = |(batch, index, revision)| CoinRef { coin: CoinId { batch, index }, revision };
                Action::Coins { to, coins: coins.into_iter().map(coin).collect::<Vec<_>>().try_into().unwrap() }
            },
            ActionFields::Custody { from_bank, to_bank, to, amount, expires } => {
                Action::Custody { from_bank, to_bank, to, amount: amount.parse().unwrap(), expires }
            },
            ActionFields::Cancel { order, valid_until } => Action::Cancel { order, valid_until },
            ActionFields::Hold(HoldFields { from_bank, to_bank, amount, expires, at_expiry, reference }) => {
                Action::Hold { from_bank, to_bank, amount: amount.parse().unwrap(), expires, at_expiry, reference }
            },
            ActionFields::Release { escrow, amount } => Action::Release { escrow, amount: amount.parse().unwrap() },
            ActionFields::Return { escrow, amount } => Action::Return { escrow, amount: amount.parse().unwrap() },
            ActionFields::Dispute { escrow } => Action::Dispute { escrow },
        }
    }

    #[test]
    fn test_vectors() {
        let vectors: Vectors = serde_json::from_str(include_str!("../../docs/protocol/vectors/orders.json")).unwrap();
        for OrderVector { name, order, payload, id, signatures, document, text } in vectors.orders {
            let order = Order {
                tag: *ORDER_TAG,
                genesis: order.genesis,
                random: hex::decode(order.random).unwrap().try_into().unwrap(),
                valid_from: order.valid_from,
                valid_until: order.valid_until,
                processing: order.processing,
                parties: order.parties.try_into().unwrap(),
                action: action(order.action),
            };
            assert_eq!(hex::encode(order.encode()), payload, "{name}");
            assert_eq!(order.id(), id, "{name}");
            let read = read_text(&text).unwrap();
            assert_eq!(read.order, order, "{name}");
            assert_eq!(hex::encode(to_bytes(&read)), document, "{name}");
            assert_eq!(to_text(&read), text, "{name}");
            assert_eq!(read.signatures.len(), signatures.len(), "{name}");
            for signed in signatures {
                let key: [u8; 32] = hex::decode(&signed.key).unwrap().try_into().unwrap();
                assert_eq!(is_signed(&read, signed.party, &AccountId::new(key)), Some(true), "{name}");
                let of = &read.signatures[signed.party];
                assert_eq!((usize::from(of.party), hex::encode(of.signature.0)), (signed.party, signed.signature));
            }
        }
        for ListVector { blocks, root, digest, proofs } in vectors.lists {
            let entries: Vec<_> = blocks.iter().map(|block| block_entry(block.number, &block.orders)).collect();
            let of_all = Accumulator::of(entries.iter().copied()).root();
            assert_eq!(hex::encode(of_all), root);
            assert_eq!(hex::encode(orders::digest(of_all)), digest);
            for ProofVector { place, order, proof } in proofs {
                let block = &blocks[place as usize];
                let path = Path::of(place, &entries).unwrap();
                let made = ExecutionProof::new(order, block.number, &block.orders, path).unwrap();
                assert_eq!(hex::encode(made.encode()), proof);
                assert_eq!(read_proof(&made.encode()), Ok(made.clone()));
                assert_eq!(ensure_executed(order, &made, of_all), Ok(()));
            }
        }
    }

    fn order(coins: u32) -> Order {
        let coin = |index| CoinRef { coin: CoinId { batch: 7, index }, revision: 3 };
        let coins = (0..coins).map(coin).collect::<Vec<_>>().try_into().unwrap();
        let action = Action::Coins { to: OwnerId([2; 24]), coins };
        Order::new(Hash::repeat_byte(1), [9; 16], (10, 20), OwnerId([3; 24]), action)
    }

    fn signed(coins: u32) -> SignedOrder {
        let mut document = unsigned(order(coins));
        sign_order(&mut document, 0, &Keypair::from_uri("//Ann").unwrap()).unwrap();
        document
    }

    #[test]
    fn an_order_is_read_as_it_is_written() {
        for coins in [0, 1, 2, 3, 4, 5, 512] {
            let document = signed(coins);
            let text = to_text(&document);
            assert_eq!(read_text(&text), Ok(document.clone()));
            let broken: String = text.to_lowercase().chars().flat_map(|sign| [sign, '\n']).chain([' ']).collect();
            assert_eq!(read_text(&broken), Ok(document));
        }
        // What a payment with one coin takes: 215 bytes, 344 signs and the prefix.
        assert_eq!(to_text(&signed(1)).len(), 357);
    }

    #[test]
    fn what_is_no_order_is_refused() {
        let text = to_text(&signed(1));
        assert_eq!(read_text("hello"), Err(OrderError::Prefix));
        assert_eq!(read_text(PREFIX), Err(OrderError::Unreadable));
        assert_eq!(read_text(&format!("{PREFIX}A1")), Err(OrderError::Sign(2)));
        assert_eq!(read_text(&text[..text.len() - 1]), Err(OrderError::Unreadable));
        assert_eq!(read_text(&format!("{text}A")), Err(OrderError::Unreadable));
        assert_eq!(read_text(&format!("{PREFIX}{}", "A".repeat(20_000))), Err(OrderError::Unreadable));
    }

    #[test]
    fn a_party_signs_once() {
        let (ann, ben) = (Keypair::from_uri("//Ann").unwrap(), Keypair::from_uri("//Ben").unwrap());
        let mut document = unsigned(order(1));
        assert_eq!(is_signed(&document, 0, &ann.account()), None);
        assert_eq!(sign_order(&mut document, 1, &ann), Err(OrderError::NoParty(1)));
        sign_order(&mut document, 0, &ann).unwrap();
        assert_eq!(sign_order(&mut document, 0, &ann), Err(OrderError::Signed(0)));
        assert!(document.is_complete());
        assert_eq!(is_signed(&document, 0, &ann.account()), Some(true));
        assert_eq!(is_signed(&document, 0, &ben.account()), Some(false));
        let wrapped = [b"<Bytes>".as_slice(), &document.order.encode(), b"</Bytes>"].concat();
        document.signatures[0].signature = Signature::from_raw(ann.sign(&wrapped));
        assert_eq!(is_signed(&document, 0, &ann.account()), Some(true));
        document.order.random = [8; 16];
        assert_eq!(is_signed(&document, 0, &ann.account()), Some(false));
        assert_eq!(ensure_network(&document, Hash::repeat_byte(1)), Ok(()));
        assert!(ensure_network(&document, Hash::repeat_byte(2)).is_err());
    }

    #[test]
    fn proofs_are_checked() {
        let executed = [order(1).id(), order(2).id()];
        let entries = [block_entry(3, &executed), block_entry(7, &[order(3).id()])];
        let root = Accumulator::of(entries).root();
        let proof = ExecutionProof::new(executed[1], 3, &executed, Path::of(0, &entries).unwrap()).unwrap();
        assert_eq!(ensure_executed(executed[1], &proof, root), Ok(()));
        assert_eq!(ensure_executed(executed[0], &proof, root), Err(OrderError::NotProven));
        assert_eq!(ensure_executed(executed[1], &proof, Hash::zero()), Err(OrderError::NotProven));
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_fail_otherwise(text in "\\PC{0,300}", signs in "[A-Z2-7]{0,400}") {
            let _ = read_text(&text);
            let _ = read_text(&format!("{PREFIX}{signs}"));
        }
    }
}
