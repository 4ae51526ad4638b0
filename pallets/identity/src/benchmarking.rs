//! What the calls cost at their worst. A proof is signed inside the benchmark, by a key that the keystore makes.

use crate::{pallet::*, types::Consent};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get};
use frame_system::RawOrigin;
use sp_core::{crypto::KeyTypeId, sr25519::Signature};
use specie_primitives::{
    identity::{ClassProof, RebindProof, RotationProof},
    traits::Subjects,
    AccountId, BankId, BlockNumber, OwnerClass, OwnerId, OwnerStatus, PersonTag, RegistrationProof,
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
            Self::bind_new(owner, bank, key.clone(), OwnerClass::Phone, None).expect("the owner is new");
        }
        (owner, key)
    }
}

/// The person behind owners of verified classes.
const PERSON: PersonTag = PersonTag([0xee; 32]);

/// An owner whose current key the keystore has.
fn signing_owner<T: Config>(bank: BankId) -> (OwnerId, sp_core::sr25519::Public) {
    let (owner, (public, key)) = (OwnerId([0xbf; 24]), new_key());
    Pallet::<T>::bind_new(owner, bank, key, OwnerClass::Phone, None).expect("the owner is new");
    (owner, public)
}

/// A request for another key that waits, at its bank.
fn requested<T: Config>() -> Result<(T::RuntimeOrigin, OwnerId, AccountId), BenchmarkError> {
    let (origin, bank) = bank::<T>()?;
    let (owner, _) = Pallet::<T>::benchmark_owner(bank);
    let (public, key) = new_key();
    let expiry: BlockNumber = T::MaxProofAge::get();
    let proof = RebindProof::new(Pallet::<T>::genesis_hash(), owner, bank, key.clone(), expiry);
    Pallet::<T>::request_rebind(origin.clone(), owner, key.clone(), expiry, sign(&public, &proof))?;
    Ok((origin, owner, key))
}

fn supervisor<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
    T::SupervisorOrigin::try_successful_origin().map_err(|_| "the supervisor has an origin".into())
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
        let (class, person) = (OwnerClass::Person, Some(PERSON));
        let proof = RegistrationProof::new(Pallet::<T>::genesis_hash(), owner, bank, key.clone(), class, expiry);
        let signature = sign(&public, &proof);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner, key.clone(), class, person, expiry, signature);

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

    #[benchmark]
    fn change_class() -> Result<(), BenchmarkError> {
        let (origin, bank) = bank::<T>()?;
        let (owner, public) = signing_owner::<T>(bank);
        let (class, person, expiry): (_, _, BlockNumber) = (OwnerClass::Person, Some(PERSON), T::MaxProofAge::get());
        let proof = ClassProof::new(Pallet::<T>::genesis_hash(), owner, bank, class, person, expiry);
        let consent = Some(Consent { expiry, signature: sign(&public, &proof) });

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner, class, person, consent);

        assert!(Owners::<T>::get(owner).is_some_and(|record| record.class == class));
        Ok(())
    }

    #[benchmark]
    fn request_rebind() -> Result<(), BenchmarkError> {
        let (origin, bank) = bank::<T>()?;
        let (owner, _) = Pallet::<T>::benchmark_owner(bank);
        let (public, key) = new_key();
        let expiry: BlockNumber = T::MaxProofAge::get();
        let proof = RebindProof::new(Pallet::<T>::genesis_hash(), owner, bank, key.clone(), expiry);
        let signature = sign(&public, &proof);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner, key, expiry, signature);

        assert!(Rebinds::<T>::contains_key(owner));
        Ok(())
    }

    #[benchmark]
    fn cancel_rebind() -> Result<(), BenchmarkError> {
        let (origin, owner, _) = requested::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner);

        assert!(!Rebinds::<T>::contains_key(owner));
        Ok(())
    }

    #[benchmark]
    fn object() -> Result<(), BenchmarkError> {
        let (_, owner, _) = requested::<T>()?;
        let (_, key) = Pallet::<T>::benchmark_owner(BankId(0));

        #[extrinsic_call]
        _(RawOrigin::Signed(key));

        assert!(!Pallet::<T>::may_object(owner));
        Ok(())
    }

    #[benchmark]
    fn decide_rebind() -> Result<(), BenchmarkError> {
        let (_, owner, key) = requested::<T>()?;
        let (_, old) = Pallet::<T>::benchmark_owner(BankId(0));
        Pallet::<T>::object(RawOrigin::Signed(old).into())?;
        let origin = supervisor::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner, key, true);

        assert!(!Rebinds::<T>::contains_key(owner));
        Ok(())
    }

    #[benchmark]
    fn approve_rebind() -> Result<(), BenchmarkError> {
        let (_, owner, key) = requested::<T>()?;
        let origin = supervisor::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner, key);

        assert!(Rebinds::<T>::get(owner).is_some_and(|rebind| rebind.approved));
        Ok(())
    }

    #[benchmark]
    fn complete_rebind() -> Result<(), BenchmarkError> {
        let (origin, owner, key) = requested::<T>()?;
        Rebinds::<T>::mutate_extant(owner, |rebind| rebind.ready = 0);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner);

        assert_eq!(Pallet::<T>::active_owner(&key), Some(owner));
        Ok(())
    }

    #[benchmark]
    fn move_to() -> Result<(), BenchmarkError> {
        let (owner, key) = Pallet::<T>::benchmark_owner(BankId(0));

        #[extrinsic_call]
        _(RawOrigin::Signed(key), BankId(u32::MAX), T::MaxProofAge::get());

        assert!(Offers::<T>::contains_key(owner));
        Ok(())
    }

    #[benchmark]
    fn accept_move() -> Result<(), BenchmarkError> {
        let (origin, bank) = bank::<T>()?;
        let (owner, key) = Pallet::<T>::benchmark_owner(BankId(u32::MAX));
        Pallet::<T>::move_to(RawOrigin::Signed(key).into(), bank, T::MaxProofAge::get())?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner);

        assert!(Owners::<T>::get(owner).is_some_and(|record| record.bank == bank));
        Ok(())
    }

    #[benchmark]
    fn release() -> Result<(), BenchmarkError> {
        let (origin, bank) = bank::<T>()?;
        let (owner, _) = Pallet::<T>::benchmark_owner(bank);
        Pallet::<T>::close(origin.clone(), owner)?;
        // A business day lies behind whatever the clock says.
        DormancyDays::<T>::put(1u32);
        let today = T::Subjects::today();
        if today == 0 {
            return Err(BenchmarkError::Skip);
        }
        Owners::<T>::mutate_extant(owner, |record| record.seen = 0);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner);

        assert!(Released::<T>::contains_key(owner));
        Ok(())
    }

    #[benchmark]
    fn assign() -> Result<(), BenchmarkError> {
        let (_, bank) = bank::<T>()?;
        let (owner, _) = Pallet::<T>::benchmark_owner(BankId(u32::MAX));
        let origin = supervisor::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, owner, bank);

        assert!(Owners::<T>::get(owner).is_some_and(|record| record.bank == bank));
        Ok(())
    }

    #[benchmark]
    fn set_recovery() -> Result<(), BenchmarkError> {
        let origin = supervisor::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, BlockNumber::MAX, 0, 0);

        assert_eq!(RebindDelay::<T>::get(), BlockNumber::MAX);
        Ok(())
    }
}
