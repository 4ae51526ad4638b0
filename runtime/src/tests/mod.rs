//! Tests of the runtime as it ships: real pallets, real filters, no mocks.
//!
//! Every test runs inside [`run`], which ends with the full scans of all pallets and the audit.

mod audit;
mod cards;
mod certificates;
mod change;
mod codes;
mod escrow;
mod foreign_owners;
mod governance;
mod instruments;
mod joint;
mod limits;
mod limits_detours;
mod limits_random;
mod money;
mod orders;
mod owner_ids;
mod owner_ids_attack;
mod people;
mod pickup;
mod random;
mod records;
mod recovery;
mod standstill;
mod supervision;
mod transactions;
mod transfers;

use crate::{genesis, *};
use frame_support::{assert_ok, traits::Hooks};
use sp_core::{sr25519, Pair};
use sp_runtime::{traits::Dispatchable, BuildStorage, DispatchError, ModuleError};
use specie_primitives::{
    identity::{ClassProof, RotationProof},
    BankId, CoinId, CoinRef, Denomination, Holder, Lot, OwnerClass, OwnerId, PersonTag, RegistrationProof, Selection,
    VaultId,
};

/// Bank A of the local network.
pub const BANK_A: BankId = BankId(1);
/// Bank B of the local network.
pub const BANK_B: BankId = BankId(2);
/// Face values in minor units.
pub const TEN: Denomination = Denomination(1_000);
/// See [`TEN`].
pub const HUNDRED: Denomination = Denomination(10_000);

pub fn pair(uri: &str) -> sr25519::Pair {
    sr25519::Pair::from_string(uri, None).expect("a development URI")
}

pub fn account(uri: &str) -> AccountId {
    pair(uri).public().into()
}

pub fn owner(name: &str) -> OwnerId {
    specie_primitives::identity::owner_id(genesis::LOCAL_NETWORK_ID, &sp_io::hashing::blake2_256(name.as_bytes()))
}

/// The local network of four validators and three banks before its first block.
pub fn network() -> sp_io::TestExternalities {
    let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("serialises");
    merge(&mut config, genesis::local_testnet(4).json());
    let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a genesis configuration");
    config.build_storage().expect("builds").into()
}

/// Runs a test on the local network, and all scans after it.
pub fn run(test: impl FnOnce()) {
    network().execute_with(|| {
        start_block(1);
        test();
        check_everything();
    });
}

fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
    match (into, patch) {
        (serde_json::Value::Object(into), serde_json::Value::Object(patch)) => {
            patch.into_iter().for_each(|(key, value)| merge(into.entry(key).or_insert(serde_json::Value::Null), value));
        },
        (into, patch) => *into = patch,
    }
}

/// Starts a block: its number, and the hooks of our own pallets.
pub fn start_block(number: BlockNumber) {
    System::set_block_number(number);
    System::reset_events();
    Supervision::on_initialize(number);
    Instruments::on_initialize(number);
    Orders::on_initialize(number);
    Audit::on_initialize(number);
}

/// Every scan of every pallet, and the equalities.
pub fn check_everything() {
    assert_ok!(pallet_participants::Pallet::<Runtime>::do_try_state());
    assert_ok!(pallet_identity::Pallet::<Runtime>::do_try_state());
    assert_ok!(pallet_admission::Pallet::<Runtime>::do_try_state());
    assert_ok!(Limits::do_try_state());
    assert_ok!(Issuance::do_try_state());
    assert_ok!(Vault::do_try_state());
    assert_ok!(Ownership::do_try_state());
    assert_ok!(Custody::do_try_state());
    assert_ok!(Certificates::do_try_state());
    assert_ok!(Pickup::do_try_state());
    assert_ok!(Cards::do_try_state());
    assert_ok!(Supervision::do_try_state());
    assert_ok!(Orders::do_try_state());
    assert_ok!(Escrow::do_try_state());
    assert_ok!(Joint::do_try_state());
    assert_ok!(Codes::do_try_state());
    assert_ok!(Instruments::do_try_state());
    assert_ok!(Audit::do_try_state());
}

/// Dispatches as the key of this URI, with the runtime's filter.
pub fn call(uri: &str, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    // As Executive does: an error undoes everything.
    frame_support::storage::with_storage_layer(|| {
        call.into().dispatch(RuntimeOrigin::signed(account(uri))).map(|_| ()).map_err(|error| error.error)
    })
}

/// Asserts that a call is refused with this error and changes nothing.
#[track_caller]
pub fn refused(uri: &str, refused: impl Into<RuntimeCall>, error: impl Into<DispatchError>) {
    let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
    let mut expected = error.into();
    if let DispatchError::Module(ModuleError { message, .. }) = &mut expected {
        *message = None;
    }
    let mut got = call(uri, refused).expect_err("the call must be refused");
    if let DispatchError::Module(ModuleError { message, .. }) = &mut got {
        *message = None;
    }
    assert_eq!(got, expected);
    assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1), "a refused call changed the state");
}

pub fn fresh(lots: &[(Denomination, u32)]) -> Selection {
    let fresh: Vec<_> =
        lots.iter().map(|(denomination, count)| Lot { denomination: *denomination, count: *count }).collect();
    Selection { fresh: fresh.try_into().expect("few"), coins: Default::default() }
}

pub fn singles(coins: Vec<CoinRef>) -> Selection {
    Selection { fresh: Default::default(), coins: coins.try_into().expect("few") }
}

/// Coins of a holder with their revisions, ascending.
pub fn held(holder: Holder) -> Vec<CoinRef> {
    let mut coins: Vec<_> = pallet_ownership::Coins::<Runtime>::iter()
        .filter(|(_, entry)| entry.holder == holder)
        .map(|(coin, entry)| CoinRef { coin, revision: entry.revision })
        .collect();
    coins.sort();
    coins
}

pub fn coins_of(name: &str) -> Vec<CoinRef> {
    held(Holder::Owner(owner(name)))
}

pub fn stock(vault: VaultId, denomination: Denomination) -> u64 {
    use specie_primitives::traits::Vaults;
    specie_primitives::books::count_of(&Vault::stock(vault), denomination)
}

pub fn custody(bank: BankId, name: &str) -> Balance {
    use specie_primitives::traits::Custodians;
    Custody::balance(bank, owner(name))
}

/// Both issuing keys mint a batch.
pub fn mint(denomination: Denomination, count: u32) {
    let proposal = pallet_issuance::NextProposal::<Runtime>::get();
    assert_ok!(call("//Issuing//1", pallet_issuance::Call::propose_mint { denomination, count }));
    assert_ok!(call("//Issuing//2", pallet_issuance::Call::approve_mint { proposal }));
}

/// A bank registers an owner whose key has the URI `//Name`.
pub fn register(bank_uri: &str, bank: BankId, name: &str) -> Result<(), DispatchError> {
    register_with(bank_uri, bank, name, &format!("//{name}"))
}

/// The same with another key.
pub fn register_with(bank_uri: &str, bank: BankId, name: &str, key: &str) -> Result<(), DispatchError> {
    register_as(bank_uri, bank, name, key, OwnerClass::Phone, None)
}

/// The same with a class, and the person behind the owner.
pub fn register_as(
    bank_uri: &str,
    bank: BankId,
    name: &str,
    key: &str,
    class: OwnerClass,
    person: Option<PersonTag>,
) -> Result<(), DispatchError> {
    use codec::Encode;
    let (owner, key, expiry, pair) = (owner(name), account(key), System::block_number() + 100, pair(key));
    let proof = RegistrationProof::new(System::block_hash(0), owner, bank, key.clone(), class, expiry);
    let signature = pair.sign(&proof.encode());
    call(bank_uri, pallet_identity::Call::register { owner, key, class, person, expiry, signature })
}

/// A bank changes the class of an owner, which consents with the key of this URI.
pub fn change_class(
    bank_uri: &str,
    bank: BankId,
    name: &str,
    key: &str,
    class: OwnerClass,
    person: Option<PersonTag>,
) -> Result<(), DispatchError> {
    use codec::Encode;
    // Later than that of any consent before it.
    let used = pallet_identity::Owners::<Runtime>::get(owner(name)).map_or(0, |record| record.consent);
    let expiry = used.max(System::block_number()) + 1;
    let proof = ClassProof::new(System::block_hash(0), owner(name), bank, class, person, expiry);
    let consent = Some(pallet_identity::Consent { expiry, signature: pair(key).sign(&proof.encode()) });
    call(bank_uri, pallet_identity::Call::change_class { owner: owner(name), class, person, consent })
}

/// Ann and Ben at bank A, with 100 000.00 in the reserve, 20 000.00 in the vault, and Ann with ten tens and ten hundreds.
pub fn with_money() {
    assert_ok!(call("//Issuing//1", pallet_vault::Call::credit { bank: BANK_A, amount: 10_000_000 }));
    assert_ok!(call("//Issuing//1", pallet_vault::Call::credit { bank: BANK_B, amount: 10_000_000 }));
    mint(TEN, 1_000);
    mint(HUNDRED, 1_000);
    assert_ok!(call("//BankA", pallet_vault::Call::draw { selection: fresh(&[(TEN, 1_000), (HUNDRED, 100)]) }));
    assert_ok!(register("//BankA", BANK_A, "ann"));
    assert_ok!(register("//BankA", BANK_A, "ben"));
    assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: owner("ann"), amount: 500_000 }));
    assert_ok!(call(
        "//ann",
        pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(TEN, 10), (HUNDRED, 10)]) }
    ));
}

/// What came of the call that a proxy made last.
pub fn proxied() -> Result<(), DispatchError> {
    let outcome = System::events().into_iter().rev().find_map(|record| match record.event {
        RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
        _ => None,
    });
    outcome.expect("a proxy made a call")
}

/// An owner replaces its key.
pub fn rotate(name: &str, from: &str, to: &str) -> Result<(), DispatchError> {
    call(from, rotation(name, to))
}

/// The call for it, with the new key's proof.
pub fn rotation(name: &str, to: &str) -> pallet_identity::Call<Runtime> {
    use codec::Encode;
    let expiry = System::block_number() + 100;
    let proof = RotationProof::new(System::block_hash(0), owner(name), account(to), expiry);
    let signature = pair(to).sign(&proof.encode());
    pallet_identity::Call::rotate { key: account(to), expiry, signature }
}

/// Ann gives coins to Ben.
pub fn pay(coins: Vec<CoinRef>) -> pallet_ownership::Call<Runtime> {
    pallet_ownership::Call::transfer { to: owner("ben"), coins: coins.try_into().expect("few") }
}

pub fn coin(batch: u32, index: u32) -> CoinId {
    CoinId { batch, index }
}
