//! What the calls cost at their worst. Other pallets' share (opening a bank, moving its reserve) is measured when
//! these benchmarks run in the runtime.

use crate::{pallet::*, types::*};
use alloc::{boxed::Box, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{traits::EnsureOrigin, BoundedVec};
use frame_system::RawOrigin;
use specie_primitives::{traits::Banks as _, AccountId, BankId, BankStatus, Institution, Role};

/// An account by number.
fn fresh(number: u32) -> AccountId {
    account("participant", number, 0)
}

fn name() -> BankName {
    BoundedVec::truncate_from(alloc::vec![b'x'; 64])
}

impl<T: Config> Pallet<T> {
    /// A key of a role; one is set if there is none.
    pub fn benchmark_role_key(role: Role) -> AccountId {
        if let Some(key) = Roles::<T>::get(role).first() {
            return key.clone();
        }
        let index = Role::ALL.iter().position(|other| *other == role).unwrap_or_default() as u32;
        let keys = [0, 1].map(|number| account("role key", index, number));
        let [first, _] = keys.clone();
        Self::do_set_role_keys(role, BoundedVec::truncate_from(keys.to_vec())).expect("the keys are free");
        first
    }

    /// An active bank and its account; one is admitted if there is none.
    pub fn benchmark_bank() -> (BankId, AccountId) {
        let active = Self::all().into_iter().find(|bank| Self::is_active(*bank));
        if let Some(found) = active.and_then(|bank| Self::account(bank).map(|account| (bank, account))) {
            return found;
        }
        let (bank, account): (BankId, AccountId) = (BankId(u32::MAX), account("bank", 0, 0));
        Self::do_admit_bank(bank, name(), account.clone()).expect("the bank is new");
        (bank, account)
    }

    /// The origin of a role's key.
    fn benchmark_role(role: Role) -> RawOrigin<AccountId> {
        Self::benchmark_role_key(Role::Issuing);
        RawOrigin::Signed(Self::benchmark_role_key(role))
    }

    /// An account that bank nominated and that may validate, if session keys are not asked for.
    fn benchmark_validator(bank: BankId, number: u32) -> AccountId {
        let validator = fresh(number);
        Self::do_nominate(Institution::Bank(bank), validator.clone()).expect("the account is free");
        validator
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn admit_bank() {
        let origin = Pallet::<T>::benchmark_role(Role::Admitting);
        let bank = BankId(1_000);

        #[extrinsic_call]
        _(origin, bank, name(), fresh(0));

        assert!(Pallet::<T>::is_active(bank));
    }

    #[benchmark]
    fn suspend_bank() {
        let origin = Pallet::<T>::benchmark_role(Role::Supervising);
        let (bank, _) = Pallet::<T>::benchmark_bank();

        #[extrinsic_call]
        _(origin, bank);

        assert_eq!(Pallet::<T>::status(bank), Some(BankStatus::Suspended));
    }

    #[benchmark]
    fn reinstate_bank() -> Result<(), BenchmarkError> {
        let origin = Pallet::<T>::benchmark_role(Role::Supervising);
        let (bank, _) = Pallet::<T>::benchmark_bank();
        Pallet::<T>::suspend_bank(origin.clone().into(), bank)?;

        #[extrinsic_call]
        _(origin, bank);

        assert!(Pallet::<T>::is_active(bank));
        Ok(())
    }

    #[benchmark]
    fn close_bank() -> Result<(), BenchmarkError> {
        let origin = Pallet::<T>::benchmark_role(Role::Admitting);
        let bank = BankId(1_000);
        Pallet::<T>::do_admit_bank(bank, name(), fresh(0))?;
        for number in 0..MAX_DELEGATES {
            Pallet::<T>::do_add_delegate(Institution::Bank(bank), account("delegate", number, 0))?;
        }
        for number in 0..MAX_NOMINEES {
            Pallet::<T>::do_nominate(Institution::Bank(bank), account("nominee", number, 0))?;
        }

        #[extrinsic_call]
        _(origin, bank);

        assert_eq!(Pallet::<T>::status(bank), Some(BankStatus::Closed));
        Ok(())
    }

    #[benchmark]
    fn rotate_account() {
        let (bank, account) = Pallet::<T>::benchmark_bank();

        #[extrinsic_call]
        _(RawOrigin::Signed(account), fresh(0));

        assert_eq!(Pallet::<T>::account(bank), Some(fresh(0)));
    }

    #[benchmark]
    fn add_delegate() {
        let (_, account) = Pallet::<T>::benchmark_bank();

        #[extrinsic_call]
        _(RawOrigin::Signed(account), fresh(0));

        assert!(Delegates::<T>::contains_key(fresh(0)));
    }

    #[benchmark]
    fn remove_delegate() -> Result<(), BenchmarkError> {
        let (bank, account) = Pallet::<T>::benchmark_bank();
        Pallet::<T>::do_add_delegate(Institution::Bank(bank), fresh(0))?;

        #[extrinsic_call]
        _(RawOrigin::Signed(account), fresh(0));

        assert!(!Delegates::<T>::contains_key(fresh(0)));
        Ok(())
    }

    #[benchmark]
    fn nominate_validator() {
        let (_, account) = Pallet::<T>::benchmark_bank();

        #[extrinsic_call]
        _(RawOrigin::Signed(account), fresh(0));

        assert!(Nominees::<T>::contains_key(fresh(0)));
    }

    // Setting session keys needs the session pallet, so what is measured is an admission that stops at the missing keys,
    // after every read; the two writes are added by hand.
    #[benchmark]
    fn admit_validator() {
        let origin = Pallet::<T>::benchmark_role(Role::Admitting);
        let (bank, _) = Pallet::<T>::benchmark_bank();
        let validator = Pallet::<T>::benchmark_validator(bank, 0);

        #[block]
        {
            let _ = Pallet::<T>::admit_validator(origin.into(), validator.clone());
        }

        assert!(Nominees::<T>::contains_key(validator));
    }

    #[benchmark]
    fn remove_validator() -> Result<(), BenchmarkError> {
        let origin = Pallet::<T>::benchmark_role(Role::Admitting);
        let (bank, _) = Pallet::<T>::benchmark_bank();
        let list: Vec<_> =
            (0..MAX_NOMINEES).map(|number| (account("validator", number, 0), Institution::Bank(bank))).collect();
        let (validator, _) = list.last().cloned().ok_or("the list is not empty")?;
        Validators::<T>::put(BoundedVec::truncate_from(list));

        #[extrinsic_call]
        _(origin, validator.clone());

        assert!(!Pallet::<T>::is_validator(&validator));
        Ok(())
    }

    #[benchmark]
    fn set_role_keys(n: Linear<2, MAX_ROLE_KEYS>) -> Result<(), BenchmarkError> {
        let old: Vec<AccountId> = (0..MAX_ROLE_KEYS).map(|number| account("old key", number, 0)).collect();
        Pallet::<T>::do_set_role_keys(Role::Issuing, BoundedVec::truncate_from(old))?;
        let keys: RoleKeys = BoundedVec::truncate_from((0..n).map(fresh).collect());

        #[extrinsic_call]
        _(RawOrigin::Root, Role::Issuing, keys.clone());

        assert_eq!(Roles::<T>::get(Role::Issuing), keys);
        Ok(())
    }

    // The call within carries its own weight; here it is refused, which costs least of it.
    #[benchmark]
    fn enact() -> Result<(), BenchmarkError> {
        let origin = T::CommitteeOrigin::try_successful_origin().map_err(|_| "the committee has an origin")?;
        let call: <T as Config>::RuntimeCall = frame_system::Call::<T>::remark { remark: Vec::new() }.into();

        #[block]
        {
            let _ = Pallet::<T>::enact(origin, Box::new(call));
        }
        Ok(())
    }

    #[benchmark]
    fn withdraw_nomination() {
        let (bank, account) = Pallet::<T>::benchmark_bank();
        let validator = Pallet::<T>::benchmark_validator(bank, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(account), validator.clone());

        assert!(!Nominees::<T>::contains_key(validator));
    }

    #[benchmark]
    fn replace_account() -> Result<(), BenchmarkError> {
        let supervisor = Pallet::<T>::benchmark_role(Role::Supervising);
        let (bank, _) = Pallet::<T>::benchmark_bank();
        Pallet::<T>::suspend_bank(supervisor.into(), bank)?;

        #[extrinsic_call]
        _(RawOrigin::Root, bank, fresh(0));

        assert_eq!(Pallet::<T>::account(bank), Some(fresh(0)));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
