//! Session keys of development networks.

use sc_service::ChainType;
use sp_core::crypto::key_types::{AURA, GRANDPA};
use sp_core::{ed25519, sr25519, Pair};
use sp_keystore::testing::MemoryKeystore;
use sp_keystore::{Keystore, KeystorePtr};
use specie_node_service::keys::{insert, missing, number};
use std::sync::Arc;

#[test]
fn success_flags_name_validators() {
    let keystore: KeystorePtr = Arc::new(MemoryKeystore::new());
    assert_eq!(missing(&keystore).len(), 2);
    insert(&keystore, ChainType::Local, "//Bob").unwrap();
    assert!(missing(&keystore).is_empty());
    let aura = sr25519::Pair::from_string("//Validator//1//aura", None).unwrap().public();
    let grandpa = ed25519::Pair::from_string("//Validator//1//grandpa", None).unwrap().public();
    assert_eq!(keystore.sr25519_public_keys(AURA), [aura]);
    assert_eq!(keystore.ed25519_public_keys(GRANDPA), [grandpa]);
    assert_eq!(number("//Alice"), Some(0));
}

#[test]
fn fails_on_live_networks_and_unknown_names() {
    let keystore: KeystorePtr = Arc::new(MemoryKeystore::new());
    assert!(insert(&keystore, ChainType::Live, "//Alice").is_err());
    assert!(insert(&keystore, ChainType::Development, "//Zoe").is_err());
    assert!(keystore.sr25519_public_keys(AURA).is_empty());
}

#[test]
fn a_missing_key_is_named_by_what_it_is_for() {
    let keystore: KeystorePtr = Arc::new(MemoryKeystore::new());
    keystore.sr25519_generate_new(AURA, None).unwrap();
    let lacks = missing(&keystore);
    assert_eq!(lacks.len(), 1);
    assert!(lacks[0].contains("gran"), "{lacks:?}");
}
