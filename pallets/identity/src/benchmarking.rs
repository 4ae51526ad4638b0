//! What the calls cost at their worst. A proof is signed inside the benchmark, by a key that the keystore makes.

use crate::pallet::*;
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get};
use frame_system::RawOrigin;
use sp_core::{crypto::KeyTypeId, sr25519::Signature};
use specie_primitives::{
    identity::RotationProof, AccountId, BankId, BlockNumber, OwnerId, OwnerStatus, RegistrationProof,
};

/// Keys that benchmarks sign with.
const KEYS: KeyTypeId = KeyTypeId(*b"spbm");

fn new_key() -> (sp_core::sr25519::Public, AccountId) {
    let public = sp_io::crypto::sr25519_generate(KEYS, None);
    (public, AccountId::new(public.0))
}

/// A wrapped proof is checked twice, so it costs most.
fn sign(public: &sp_core::sr25519::Public, proof: &impl Encode) -> Signature {
    let message = [b"<Bytes>".as_slice(), &proof.encode(), b"</Bytes>"].concat();
    sp_io::crypto::sr25519_sign(KEYS, public, &message).expect("the keystore made the key")
}

impl<T: Config> Pallet<T> {
    /// An active owner and its key; the same one at every call.
    pub fn benchmark_owner(bank: BankId) -> (OwnerId, AccountId) {
        let (owner, key): (OwnerId, AccountId) = (OwnerId([0xbe; 24]), account("owner", 0, 0));
        if !Owners::<T>::contains_key(owner) {
            Self::bind_new(owner, bank, key.clone()).expect("the owner is new");
        }
        (owner, key)
    }
}

/// The origin of a bank, and that bank.
fn bank<T: Config>() -> Result<(T::RuntimeOrigin, BankId), BenchmarkError> {
    let origin = T::BankOrigin::try_successful_origin().map_err(|_| "a bank has an origin")?;
    let bank = T::BankOrigin::ensure_origin(origin.clone()).map_err(|_| "that origin is a bank's")?;
    Ok((origin, bank))
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register() -> Result<(), BenchmarkError> {
        let (origin, bank) = bank::<T>()?;
        let (owner, expiry): (_, BlockNumber) = (OwnerId([1; 24]), T::MaxProofAge::get());
        let (public, key) = new_key();
        let proof = RegistrationProof::new(Pallet::<T>::genesis_hash(), owner, bank, key.clone(), expiry);
        let signature = sign(&public, &proof);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner, key.clone(), expiry, signature);

        assert_eq!(OwnerOf::<T>::get(key), Some(owner));
        Ok(())
    }

    #[benchmark]
    fn rotate() -> Result<(), BenchmarkError> {
        let (owner, old) = Pallet::<T>::benchmark_owner(BankId(0));
        let expiry: BlockNumber = T::MaxProofAge::get();
        let (public, key) = new_key();
        let proof = RotationProof::new(Pallet::<T>::genesis_hash(), owner, key.clone(), expiry);
        let signature = sign(&public, &proof);

        #[extrinsic_call]
        _(RawOrigin::Signed(old), key.clone(), expiry, signature);

        assert_eq!(Pallet::<T>::active_owner(&key), Some(owner));
        Ok(())
    }

    #[benchmark]
    fn suspend() -> Result<(), BenchmarkError> {
        let (origin, bank) = bank::<T>()?;
        let (owner, _) = Pallet::<T>::benchmark_owner(bank);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner);

        assert!(Owners::<T>::get(owner).is_some_and(|record| record.status != OwnerStatus::Active));
        Ok(())
    }

    #[benchmark]
    fn reinstate() -> Result<(), BenchmarkError> {
        let (origin, bank) = bank::<T>()?;
        let (owner, _) = Pallet::<T>::benchmark_owner(bank);
        Pallet::<T>::suspend(origin.clone(), owner)?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner);

        assert!(Owners::<T>::get(owner).is_some_and(|record| record.status == OwnerStatus::Active));
        Ok(())
    }

    #[benchmark]
    fn close() -> Result<(), BenchmarkError> {
        let (origin, bank) = bank::<T>()?;
        let (owner, _) = Pallet::<T>::benchmark_owner(bank);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner);

        assert!(Owners::<T>::get(owner).is_some_and(|record| record.status == OwnerStatus::Closed));
        Ok(())
    }
}
