//! Orders as people hand them on: signed, written as text that fits into a QR code, and read back. Byte for byte they are
//! specified in `docs/protocol/orders.md`.

use crate::{base32, card, keys::verify_wrapped, Keypair};
use codec::{Decode, DecodeAll, Encode};
use sp_core::sr25519::Signature;
use specie_primitives::{
    cards::is_purse,
    orders::{ExecutionProof, OrderSignature, MAX_SIGNATURES, ORDER_TAG},
    AccountId, Hash, Order, OrderId, SignedOrder,
};
use std::collections::BTreeMap;

/// In front of an order that is written as text.
pub const PREFIX: &str = "SPECIE-ORDER:";

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
    #[error("party {0} signed the order already: hand it to whoever else is to sign it, or submit it")]
    Signed(usize),
    /// More signatures than an order has.
    #[error("an order has at most {MAX_SIGNATURES} signatures")]
    Full,
    /// Two documents of different orders.
    #[error("these are different orders, {0} and {1}: only copies of one order are joined")]
    Different(OrderId, OrderId),
    /// A proof that proves nothing.
    #[error("the proof does not lead from the order to the block's header")]
    NotProven,
}

/// An order in text: [`PREFIX`], then its bytes in base 32 without padding.
pub fn to_text(order: &SignedOrder) -> String {
    format!("{PREFIX}{}", base32::encode(&order.encode()))
}

/// Reads a text, in which white space and the size of letters mean nothing.
pub fn read_text(text: &str) -> Result<SignedOrder, OrderError> {
    let text: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    let text = text.to_ascii_uppercase();
    let signs = text.strip_prefix(PREFIX).ok_or(OrderError::Prefix)?;
    let bytes = base32::decode(signs).map_err(|error| match error {
        base32::Error::Sign(place) => OrderError::Sign(place),
        base32::Error::Filling => OrderError::Unreadable,
    })?;
    SignedOrder::read(&bytes).ok_or(OrderError::Unreadable)
}

/// The bytes that the network takes.
pub fn to_bytes(order: &SignedOrder) -> Vec<u8> {
    order.encode()
}

/// An order that nobody has signed.
pub fn unsigned(order: Order) -> SignedOrder {
    SignedOrder { order, signatures: Default::default() }
}

/// Signs an order for the party at this place, of which this is the present key. A signature that stands there and is not
/// this key's, since it is of a key that was replaced or was damaged, gives way.
pub fn sign_order(document: &mut SignedOrder, party: usize, key: &Keypair) -> Result<(), OrderError> {
    sign_in_seat(document, party, 0, key)
}

/// Signs an order in a seat of the joint account at this place, which belongs to a manager with this key; else the same.
pub fn sign_in_seat(document: &mut SignedOrder, party: usize, seat: u8, key: &Keypair) -> Result<(), OrderError> {
    let signature = key.sign(&payload(document));
    enter(document, party, seat, signature, &key.account())
}

/// Enters a signature of the party at this place with its present key: a card's over [`payload`], ed25519, or somebody else's.
pub fn add_signature(
    document: &mut SignedOrder,
    party: usize,
    signature: [u8; 64],
    key: &AccountId,
) -> Result<(), OrderError> {
    enter(document, party, 0, signature, key)
}

fn enter(
    document: &mut SignedOrder,
    party: usize,
    seat: u8,
    signature: [u8; 64],
    key: &AccountId,
) -> Result<(), OrderError> {
    if party >= document.order.parties.len() {
        return Err(OrderError::NoParty(party));
    }
    let place = u8::try_from(party).map_err(|_| OrderError::NoParty(party))?;
    if is_signed_in_seat(document, party, seat, key) == Some(true) {
        return Err(OrderError::Signed(party));
    }
    let mut signatures = document.signatures.to_vec();
    signatures.retain(|signed| (signed.party, signed.seat) != (place, seat));
    signatures.push(OrderSignature { party: place, seat, signature: Signature::from_raw(signature) });
    put(document, signatures)
}

/// Puts signatures into a document, in their order.
fn put(document: &mut SignedOrder, mut signatures: Vec<OrderSignature>) -> Result<(), OrderError> {
    signatures.sort_by_key(|signed| (signed.party, signed.seat));
    document.signatures = signatures.try_into().map_err(|_| OrderError::Full)?;
    Ok(())
}

/// What is signed.
pub fn payload(document: &SignedOrder) -> Vec<u8> {
    document.order.encode()
}

/// One document with the signatures of two copies of one order. Where both have one in a place it is the first copy's, unless
/// only the other one is of the present key of whoever signs there, which `key_of` tells for a party and a seat.
pub fn join(
    first: &SignedOrder,
    second: &SignedOrder,
    key_of: impl Fn(usize, u8) -> Option<AccountId>,
) -> Result<SignedOrder, OrderError> {
    if first.order != second.order {
        return Err(OrderError::Different(first.order.id(), second.order.id()));
    }
    let place = |signed: &OrderSignature| (signed.party, signed.seat);
    let is_good = |signed: &OrderSignature| {
        key_of(signed.party.into(), signed.seat).is_some_and(|key| is_by(first, signed, &key))
    };
    let mut all: BTreeMap<_, _> = first.signatures.iter().map(|signed| (place(signed), signed.clone())).collect();
    for other in second.signatures.iter() {
        let stays = all.get(&place(other)).is_some_and(|signed| is_good(signed) || !is_good(other));
        if !stays {
            all.insert(place(other), other.clone());
        }
    }
    let mut joined = first.clone();
    put(&mut joined, all.into_values().collect())?;
    Ok(joined)
}

/// Whether the party at this place signed with this key, raw or as wallets wrap what is not a transaction, or raw with this
/// card, if it is a purse; `None` if it did not sign at all.
pub fn is_signed(document: &SignedOrder, party: usize, key: &AccountId) -> Option<bool> {
    is_signed_in_seat(document, party, 0, key)
}

/// The same for a manager in a seat of the joint account at this place.
pub fn is_signed_in_seat(document: &SignedOrder, party: usize, seat: u8, key: &AccountId) -> Option<bool> {
    document.of_party(party).find(|signed| signed.seat == seat).map(|signed| is_by(document, signed, key))
}

/// Whether a signature of an order is of this key.
fn is_by(document: &SignedOrder, signed: &OrderSignature, key: &AccountId) -> bool {
    let (payload, party) = (payload(document), document.order.parties.get(usize::from(signed.party)));
    match party.is_some_and(|party| is_purse(party.owner)) {
        true => card::verify(&signed.signature.0, &payload, key),
        false => verify_wrapped(&signed.signature.0, &payload, key),
    }
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

/// The order of this name somewhere in these bytes. Whatever stands around it, no other order has that name.
pub fn find(bytes: &[u8], name: OrderId) -> Option<Order> {
    let mut places = (0..bytes.len()).filter_map(|place| bytes.get(place..).filter(|rest| rest.starts_with(ORDER_TAG)));
    places.find_map(|mut rest| Order::decode(&mut rest).ok().filter(|order| order.id() == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use specie_primitives::{
        accumulator::{Accumulator, Path},
        change::{ChangePart, ChangePayment},
        orders::{self, block_entry, Action, OrderParty, Processing},
        AtExpiry, BankId, BlockNumber, ChangeFrom, CoinId, CoinRef, Denomination, InstrumentId, Leg, Lot, OwnerId,
        Selection, SigningRule,
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
        CoinsWithChange(ChangeFields),
        SetManagers { managers: Vec<OwnerId>, threshold: u8 },
        Asset { instrument: InstrumentId, to: OwnerId, amount: String },
        Redeem { instrument: InstrumentId, amount: String },
        Exchange { give: LegFields, take: LegFields },
        Withdraw { bank: BankId, fresh: Vec<(u64, u32)>, coins: Vec<(u32, u32, u32)> },
        Deposit { bank: BankId, coins: Vec<(u32, u32, u32)> },
    }

    #[derive(Deserialize)]
    struct ChangeFields {
        to: OwnerId,
        coins: Vec<(u32, u32, u32)>,
        at: ChangeFrom,
        give: Vec<(u32, u32, u32)>,
        pay: PartFields,
        change: PartFields,
    }

    #[derive(Deserialize)]
    struct PartFields {
        fresh: Vec<(u64, u32)>,
        coins: Vec<(u32, u32, u32)>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum LegFields {
        Coins(Vec<(u32, u32, u32)>),
        Custody { from_bank: BankId, to_bank: BankId, amount: String },
        Units { instrument: InstrumentId, amount: String },
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
        seat: u8,
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

    fn references(coins: Vec<(u32, u32, u32)>) -> Vec<CoinRef> {
        let coin = |(batch, index, revision)| CoinRef { coin: CoinId { batch, index }, revision };
        coins.into_iter().map(coin).collect()
    }

    fn part(PartFields { fresh, coins }: PartFields) -> ChangePart {
        let lot = |(face, count)| Lot { denomination: Denomination(face), count };
        let fresh: Vec<_> = fresh.into_iter().map(lot).collect();
        ChangePart { fresh: fresh.try_into().unwrap(), coins: references(coins).try_into().unwrap() }
    }

    fn leg(fields: LegFields) -> Leg {
        match fields {
            LegFields::Coins(coins) => Leg::Coins(references(coins).try_into().unwrap()),
            LegFields::Custody { from_bank, to_bank, amount } => {
                Leg::Custody { from_bank, to_bank, amount: amount.parse().unwrap() }
            },
            LegFields::Units { instrument, amount } => Leg::Units { instrument, amount: amount.parse().unwrap() },
        }
    }

    fn action(fields: ActionFields) -> Action {
        match fields {
            ActionFields::Coins { to, coins } => Action::Coins { to, coins: references(coins).try_into().unwrap() },
            ActionFields::Asset { instrument, to, amount } => {
                Action::Asset { instrument, to, amount: amount.parse().unwrap() }
            },
            ActionFields::Redeem { instrument, amount } => {
                Action::Redeem { instrument, amount: amount.parse().unwrap() }
            },
            ActionFields::Exchange { give, take } => Action::Exchange { give: leg(give), take: leg(take) },
            ActionFields::Withdraw { bank, fresh, coins } => {
                let lot = |(face, count)| Lot { denomination: Denomination(face), count };
                let fresh = fresh.into_iter().map(lot).collect::<Vec<_>>().try_into().unwrap();
                Action::Withdraw { bank, selection: Selection { fresh, coins: references(coins).try_into().unwrap() } }
            },
            ActionFields::Deposit { bank, coins } => {
                Action::Deposit { bank, coins: references(coins).try_into().unwrap() }
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
            ActionFields::CoinsWithChange(ChangeFields { to, coins, at, give, pay, change }) => {
                Action::CoinsWithChange(ChangePayment {
                    to,
                    coins: references(coins).try_into().unwrap(),
                    at,
                    give: references(give).try_into().unwrap(),
                    pay: part(pay),
                    change: part(change),
                })
            },
            ActionFields::SetManagers { managers, threshold } => {
                Action::SetManagers { rule: SigningRule { managers: managers.try_into().unwrap(), threshold } }
            },
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
            for (of, signed) in read.signatures.iter().zip(signatures) {
                let key: [u8; 32] = hex::decode(&signed.key).unwrap().try_into().unwrap();
                let is_good = is_signed_in_seat(&read, signed.party, signed.seat, &AccountId::new(key));
                assert_eq!(is_good, Some(true), "{name}");
                assert_eq!((usize::from(of.party), of.seat), (signed.party, signed.seat), "{name}");
                assert_eq!(hex::encode(of.signature.0), signed.signature, "{name}");
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
    fn an_order_is_found_by_its_name_whatever_stands_around_it() {
        let document = signed(2);
        let id = document.order.id();
        let around = [&[7; 9][..], ORDER_TAG, &to_bytes(&document), ORDER_TAG].concat();
        assert_eq!(find(&around, id), Some(document.order));
        assert_eq!((find(&around, OrderId([7; 32])), find(&[], id)), (None, None));
        // With another random number it is another one.
        let mut altered = around;
        altered[9 + 24 + 24 + 32] ^= 1;
        assert_eq!(find(&altered, id), None);
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
    fn what_is_not_of_the_present_key_gives_way() {
        // Given: copies that a former key signed, that were damaged, and that the present key signed.
        let (former, present) = (Keypair::from_uri("//Ann").unwrap(), Keypair::from_uri("//Ann//2").unwrap());
        let by = |key: &Keypair| {
            let mut document = unsigned(order(1));
            sign_order(&mut document, 0, key).unwrap();
            document
        };
        let (old, good) = (by(&former), by(&present));
        let mut damaged = good.clone();
        damaged.signatures[0].signature.0[7] ^= 1;

        // Then: whoever has the present key signs in place of what is no signature of it, and once.
        for document in [&old, &damaged] {
            let mut document = document.clone();
            sign_order(&mut document, 0, &present).unwrap();
            assert_eq!((document.signatures.len(), is_signed(&document, 0, &present.account())), (1, Some(true)));
            assert_eq!(sign_order(&mut document, 0, &present), Err(OrderError::Signed(0)));
        }
        // And: the good one of two copies is kept, whichever comes first.
        let key_of = |_: usize, _: u8| Some(present.account());
        for bad in [&old, &damaged] {
            assert_eq!(join(bad, &good, key_of), Ok(good.clone()));
            assert_eq!(join(&good, bad, key_of), Ok(good.clone()));
        }
        // Of two that are bad, or of nobody knows whom, it is the first.
        assert_eq!(join(&old, &damaged, key_of), Ok(old.clone()));
        assert_eq!(join(&old, &good, |_, _| None), Ok(old.clone()));
    }

    #[test]
    fn a_card_signs_for_its_purse_and_for_nobody_else() {
        use crate::card::{Card, FileCard};
        // Given: orders of a purse and of a person.
        let folder = tempfile::tempdir().unwrap();
        let card = FileCard::create(&folder.path().join("card"), "2718").unwrap();
        let ann = Keypair::from_uri("//Ann").unwrap();
        let of_person = order(1);
        let purse = specie_primitives::cards::purse_id(7, card.account());
        let parties = vec![OrderParty { owner: purse, version: 0 }].try_into().unwrap();
        let of_purse = Order { parties, ..of_person.clone() };

        // Then: each signature counts where it belongs.
        for (order, by_card, by_key) in [(of_purse, true, false), (of_person, false, true)] {
            let mut document = unsigned(order);
            let signature = card.sign(&payload(&document)).unwrap();
            assert_eq!(add_signature(&mut document, 1, signature, card.account()), Err(OrderError::NoParty(1)));
            add_signature(&mut document, 0, signature, card.account()).unwrap();
            assert!(document.is_complete());
            assert_eq!(is_signed(&document, 0, card.account()), Some(by_card));
            // One that does not count can be made good.
            let again = add_signature(&mut document, 0, signature, card.account());
            assert_eq!(again, if by_card { Err(OrderError::Signed(0)) } else { Ok(()) });
            assert_eq!(document.signatures.len(), 1);
            let mut document = unsigned(document.order);
            sign_order(&mut document, 0, &ann).unwrap();
            assert_eq!(is_signed(&document, 0, &ann.account()), Some(by_key));
            assert_eq!(read_text(&to_text(&document)), Ok(document));
        }
    }

    #[test]
    fn managers_sign_in_their_seats_and_copies_are_joined() {
        let keys = ["//Ann", "//Ben", "//Cid"].map(|uri| Keypair::from_uri(uri).unwrap());
        let mut of_all = order(1);
        of_all.parties[0].version = 3;
        let copy = |seats: &[u8]| {
            let mut document = unsigned(of_all.clone());
            for seat in seats {
                sign_in_seat(&mut document, 0, *seat, &keys[usize::from(*seat)]).unwrap();
            }
            document
        };
        let seats = |document: &SignedOrder| -> Vec<u8> { document.of_party(0).map(|signed| signed.seat).collect() };
        let (one, two) = (copy(&[2]), copy(&[1, 0]));
        assert_eq!((seats(&one), seats(&two)), (vec![2], vec![0, 1]));
        let key_of = |_: usize, seat: u8| keys.get(usize::from(seat)).map(Keypair::account);
        let joined = join(&one, &two, key_of).unwrap();
        assert_eq!(seats(&joined), [0, 1, 2]);
        assert!(joined.is_complete() && joined.order == of_all);
        for (seat, key) in (0u8..).zip(&keys) {
            assert_eq!(is_signed_in_seat(&joined, 0, seat, &key.account()), Some(true));
            assert_eq!(is_signed_in_seat(&joined, 0, seat, &keys[usize::from((seat + 1) % 3)].account()), Some(false));
        }
        assert_eq!(is_signed_in_seat(&one, 0, 0, &keys[0].account()), None);
        // What both have is there once, as the first copy has it.
        let again = join(&copy(&[2]), &joined, key_of).unwrap();
        assert_eq!(seats(&again), [0, 1, 2]);
        assert_eq!(join(&joined, &one, key_of), Ok(joined.clone()));
        assert_eq!(sign_in_seat(&mut joined.clone(), 0, 1, &keys[1]), Err(OrderError::Signed(0)));
        let other = unsigned(order(2));
        let different = OrderError::Different(joined.order.id(), other.order.id());
        assert_eq!(join(&joined, &other, key_of), Err(different));
        let mut full = unsigned(of_all.clone());
        for seat in 0..16 {
            sign_in_seat(&mut full, 0, seat, &keys[0]).unwrap();
        }
        assert_eq!(sign_in_seat(&mut full, 0, 16, &keys[0]), Err(OrderError::Full));
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
