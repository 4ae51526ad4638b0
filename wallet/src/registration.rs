//! Signatures with which a key proves that its holder wants to be an owner.

use crate::Keypair;
use codec::Encode;
use specie_primitives::{
    identity::{ClassProof, RebindProof, RotationProof},
    BankId, BlockNumber, Hash, OwnerClass, OwnerId, PersonTag, RegistrationProof,
};

/// The key's consent to be registered for `owner` of this class by `bank`, valid up to block `expiry`: a signature over
/// the SCALE encoding of [`RegistrationProof`], 64 bytes.
pub fn registration(
    key: &Keypair,
    genesis: Hash,
    owner: OwnerId,
    bank: BankId,
    class: OwnerClass,
    expiry: BlockNumber,
) -> [u8; 64] {
    key.sign(&RegistrationProof::new(genesis, owner, bank, key.account(), class, expiry).encode())
}

/// The current key's consent to another class, valid up to block `expiry`: a signature over the SCALE encoding of
/// [`ClassProof`], 64 bytes.
pub fn class_change(
    key: &Keypair,
    genesis: Hash,
    owner: OwnerId,
    bank: BankId,
    class: OwnerClass,
    person: Option<PersonTag>,
    expiry: BlockNumber,
) -> [u8; 64] {
    key.sign(&ClassProof::new(genesis, owner, bank, class, person, expiry).encode())
}

/// The new key's consent to stand for `owner`, whose key was lost, valid up to block `expiry`: a signature over the SCALE
/// encoding of [`RebindProof`], 64 bytes.
pub fn rebinding(key: &Keypair, genesis: Hash, owner: OwnerId, bank: BankId, expiry: BlockNumber) -> [u8; 64] {
    key.sign(&RebindProof::new(genesis, owner, bank, key.account(), expiry).encode())
}

/// The new key's consent to stand for `owner`, valid up to block `expiry`: a signature over the SCALE encoding of
/// [`RotationProof`], 64 bytes.
pub fn rotation(key: &Keypair, genesis: Hash, owner: OwnerId, expiry: BlockNumber) -> [u8; 64] {
    key.sign(&RotationProof::new(genesis, owner, key.account(), expiry).encode())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::verify;

    #[test]
    fn proofs_hold_for_their_own_facts_only() {
        let key = Keypair::from_uri("//Ann").unwrap();
        let (genesis, owner, account) = (Hash::repeat_byte(1), OwnerId([2; 24]), key.account());
        let (phone, firm, tag) = (OwnerClass::Phone, OwnerClass::Firm, Some(PersonTag([6; 32])));
        let proof = registration(&key, genesis, owner, BankId(3), phone, 4);
        let payload =
            |bank, class, expiry| RegistrationProof::new(genesis, owner, bank, account.clone(), class, expiry).encode();
        assert!(verify(&proof, &payload(BankId(3), phone, 4), &account));
        assert!(!verify(&proof, &payload(BankId(4), phone, 4), &account));
        assert!(!verify(&proof, &payload(BankId(3), firm, 4), &account));
        assert!(!verify(&proof, &payload(BankId(3), phone, 5), &account));

        let proof = rotation(&key, genesis, owner, 4);
        assert!(verify(&proof, &RotationProof::new(genesis, owner, account.clone(), 4).encode(), &account));
        assert!(!verify(&proof, &payload(BankId(3), phone, 4), &account));

        let proof = class_change(&key, genesis, owner, BankId(3), firm, tag, 4);
        let payload = |class, person| ClassProof::new(genesis, owner, BankId(3), class, person, 4).encode();
        assert!(verify(&proof, &payload(firm, tag), &account));
        assert!(!verify(&proof, &payload(OwnerClass::Person, tag), &account));
        assert!(!verify(&proof, &payload(firm, None), &account));

        let proof = rebinding(&key, genesis, owner, BankId(3), 4);
        let payload = |bank| RebindProof::new(genesis, owner, bank, account.clone(), 4).encode();
        assert!(verify(&proof, &payload(BankId(3)), &account) && !verify(&proof, &payload(BankId(4)), &account));
    }
}
