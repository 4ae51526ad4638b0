//! Cards: their life, the money in their purses, and every way for banks, finders and holders to cheat.

mod attacks;
mod holders;
mod life;
mod random;

use super::*;
use codec::Encode;
use pallet_cards::{Call, Error as CardsError};
use pallet_identity::Error as IdentityError;
use sp_core::ed25519;
use specie_primitives::{
    cards::{purse_id, CardInfo, CardNumber, CardState, HandOut, NewCard, Replacement, Reporter},
    traits::Owners,
};

const REGISTRY: &str = "//Registry//1";
const TAG: PersonTag = PersonTag([9; 32]);

/// The key in the secure element of the card that these tests personalise with this number.
pub fn element(card: u64) -> ed25519::Pair {
    ed25519::Pair::from_seed(&sp_io::hashing::blake2_256(&card.to_le_bytes()))
}

fn key_of(card: u64) -> AccountId {
    AccountId::new(element(card).public().0)
}

/// Stands for the key that a wallet derives from the loss code.
pub fn loss(card: u64) -> sr25519::Pair {
    pair(&format!("//loss//{card}"))
}

/// The purse that a card opens.
pub fn purse(card: u64) -> OwnerId {
    purse_id(genesis::LOCAL_NETWORK_ID, &key_of(card))
}

pub fn personalise(bank: BankId, cards: &[u64]) -> Call<Runtime> {
    let made = |card: &u64| NewCard { key: key_of(*card), loss_key: loss(*card).public().into() };
    Call::personalise { bank, cards: cards.iter().map(made).collect::<Vec<_>>().try_into().expect("few") }
}

fn expiry() -> BlockNumber {
    System::block_number() + 100
}

/// What a card signs to be handed out.
fn handed(genesis: Hash, card: u64, bank: BankId, holder: Option<OwnerId>) -> Vec<u8> {
    HandOut::new(genesis, CardNumber(card), key_of(card), bank, holder, expiry()).encode()
}

pub fn hand_out(card: u64, bank: BankId) -> Call<Runtime> {
    let signature = element(card).sign(&handed(System::block_hash(0), card, bank, None));
    Call::hand_out { card: CardNumber(card), expiry: expiry(), signature }
}

pub fn bind(card: u64, bank: BankId, holder: &str, key: &str) -> Call<Runtime> {
    let payload = handed(System::block_hash(0), card, bank, Some(owner(holder)));
    let (signature, consent) = (element(card).sign(&payload), pair(key).sign(&payload));
    Call::bind { card: CardNumber(card), holder: owner(holder), expiry: expiry(), signature, consent }
}

pub fn lost(card: u64) -> Call<Runtime> {
    Call::report_lost { card: CardNumber(card) }
}

fn found(card: u64) -> Call<Runtime> {
    Call::found { card: CardNumber(card) }
}

fn withdraw(card: u64) -> Call<Runtime> {
    Call::withdraw { card: CardNumber(card) }
}

/// A replacement, with evidence by this key.
pub fn replace(lost: u64, new: u64, bank: BankId, evidence: &sr25519::Pair) -> Call<Runtime> {
    let (lost, card) = (CardNumber(lost), CardNumber(new));
    let payload = Replacement::new(System::block_hash(0), lost, card, key_of(new), bank, expiry()).encode();
    let (signature, evidence) = (element(new).sign(&payload), evidence.sign(&payload));
    Call::replace { lost, new: card, expiry: expiry(), signature, evidence }
}

/// Dispatches as a card.
fn by_card(card: u64, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    frame_support::storage::with_storage_layer(|| {
        let origin = RuntimeOrigin::signed(key_of(card));
        call.into().dispatch(origin).map(|_| ()).map_err(|error| error.error)
    })
}

pub fn coins_in(purse: OwnerId) -> Vec<CoinRef> {
    held(Holder::Owner(purse))
}

fn transfer(to: OwnerId, coins: Vec<CoinRef>) -> pallet_ownership::Call<Runtime> {
    pallet_ownership::Call::transfer { to, coins: coins.try_into().expect("few") }
}

/// Ann puts so many tens on a card.
pub fn load(card: u64, tens: usize) {
    assert_ok!(call("//ann", transfer(purse(card), coins_of("ann")[..tens].to_vec())));
}

fn info(card: u64) -> CardInfo {
    Cards::info(CardNumber(card)).expect("personalised")
}

/// Goes on to the block in which a loss that was reported now has waited long enough.
pub fn wait() {
    start_block(System::block_number() + pallet_identity::RebindDelay::<Runtime>::get());
}

/// Money, Cid, who is verified, and five cards: 0 to 3 at bank A, of which 0 is in use, with five tens, and 4 at bank B.
pub fn with_cards() {
    with_money();
    assert_ok!(register_as("//BankA", BANK_A, "cid", "//cid", OwnerClass::Person, Some(TAG)));
    assert_ok!(call(REGISTRY, personalise(BANK_A, &[0, 1, 2, 3])));
    assert_ok!(call(REGISTRY, personalise(BANK_B, &[4])));
    assert_ok!(call("//BankA", hand_out(0, BANK_A)));
    load(0, 5);
}
