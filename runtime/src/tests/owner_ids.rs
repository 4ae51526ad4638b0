//! The key that owner ids come from, and the owners of the presets.

use super::*;
use codec::Encode;
use specie_prf::{Hardened, Key};
use specie_primitives::{api::runtime_decl_for_specie_api::SpecieApi, identity, NormalisedIdentity, OwnerIdKey};

#[test]
fn the_presets_have_the_development_key_and_its_owner_ids() {
    let key = Key::development().expect("a key");
    assert_eq!(genesis::DEVELOPMENT_OWNER_ID_KEY, OwnerIdKey(key.public().to_bytes()));
    for (name, owner) in [("ann", genesis::ANN), ("ben", genesis::BEN)] {
        let identity = NormalisedIdentity::guess(name).expect("an alias");
        let hardened = Hardened::new(identity.as_bytes(), genesis::LOCAL_NETWORK_ID).expect("32 MiB");
        let output = key.output(&hardened).expect("an element");
        assert_eq!(identity::owner_id(genesis::LOCAL_NETWORK_ID, output.as_bytes()), owner, "{name}");
    }
}

#[test]
fn wallets_are_told_the_key() {
    run(|| assert_eq!(Runtime::network().owner_id_key, genesis::DEVELOPMENT_OWNER_ID_KEY));
}

#[test]
fn fails_replacing_the_key() {
    run(|| {
        let item = pallet_identity::OwnerIdKey::<Runtime>::hashed_key().to_vec();
        let set = frame_system::Call::<Runtime>::set_storage { items: vec![(item, OwnerIdKey([9; 32]).encode())] };
        refused("//Committee//1", set.clone(), frame_system::Error::<Runtime>::CallFiltered);
        assert!(governance::enact(set).is_err());
        assert_eq!(pallet_identity::OwnerIdKey::<Runtime>::get(), genesis::DEVELOPMENT_OWNER_ID_KEY);
    });
}
