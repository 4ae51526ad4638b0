//! What the calls cost, and the extensions' own work. Classifying a signer is the runtime's code, and is measured there.

use crate::{pallet::*, types::*};
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use specie_primitives::{AccountId, BankId};

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_quota() {
        #[extrinsic_call]
        _(RawOrigin::Root, 100, 600);

        assert_eq!((Quota::<T>::get(), Window::<T>::get()), (100, 600));
    }

    #[benchmark]
    fn set_bank_quota() {
        Window::<T>::put(600);

        #[extrinsic_call]
        _(RawOrigin::Root, 100);

        assert_eq!(BankQuota::<T>::get(), 100);
    }

    #[benchmark]
    fn admit() {
        let who: AccountId = account("signer", 0, 0);

        #[block]
        {
            let _ = T::Signers::classify(&who);
        }
    }

    #[benchmark]
    fn count_use() -> Result<(), BenchmarkError> {
        let who: AccountId = account("signer", 0, 0);
        let bank = BankId(1);
        Window::<T>::put(600);
        Quota::<T>::put(100);
        BankQuota::<T>::put(100);

        #[block]
        {
            Pallet::<T>::check_quota(&who, Some(bank), 0, 1).map_err(|_| "there is room")?;
            Pallet::<T>::count_use(&who, Some(bank), 0, 1).map_err(|_| "there is room")?;
        }

        assert!(QuotaOf::<T>::contains_key(who));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
