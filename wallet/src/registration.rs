//! Signatures with which a key proves that its holder wants to be an owner.

use crate::Keypair;
use codec::Encode;
use specie_primitives::{identity::RotationProof, BankId, BlockNumber, Hash, OwnerId, RegistrationProof};

/// The key's consent to be registered for `owner` by `bank`, valid up to block `expiry`: a signature over the SCALE
/// encoding of [`RegistrationProof`], 64 bytes.
pub fn registration(key: &Keypair, genesis: Hash, owner: OwnerId, bank: BankId, expiry: BlockNumber) -> [u8; 64] {
    key.sign(&RegistrationProof::new(genesis, owner, bank, key.account(), expiry).encode())
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
        let proof = registration(&key, genesis, owner, BankId(3), 4);
        let payload = |bank, expiry| RegistrationProof::new(genesis, owner, bank, account.clone(), expiry).encode();
        assert!(verify(&proof, &payload(BankId(3), 4), &account));
        assert!(!verify(&proof, &payload(BankId(4), 4), &account));
        assert!(!verify(&proof, &payload(BankId(3), 5), &account));

        let proof = rotation(&key, genesis, owner, 4);
        assert!(verify(&proof, &RotationProof::new(genesis, owner, account.clone(), 4).encode(), &account));
        assert!(!verify(&proof, &payload(BankId(3), 4), &account));
    }
}
