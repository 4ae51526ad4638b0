//! A runtime with admission alone. Who is who is a table in the tests' hands.

use crate::{self as pallet_admission, pallet::GenesisConfig, ClassifySigner, Standing};
use frame_support::{derive_impl, parameter_types};
use sp_runtime::{BuildStorage, DispatchError};
use specie_primitives::{codes::Refusal, AccountId, BankId, BlockNumber, OwnerId};

pub type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Admission: pallet_admission,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
}

pub fn account(number: u8) -> AccountId {
    AccountId::new([number; 32])
}

/// Two owners of bank 1, one of bank 2.
pub const ANN: u8 = 1;
pub const BEN: u8 = 2;
pub const CLEO: u8 = 3;
/// One of each other standing.
pub const INSTITUTION: u8 = 11;
pub const DELEGATE: u8 = 12;
pub const VALIDATOR: u8 = 13;
pub const BANK: u8 = 14;
/// A key that was replaced.
pub const RETIRED: u8 = 21;
/// The key of a suspended owner.
pub const SUSPENDED: u8 = 22;
/// The key of a suspended owner of bank 1 that may object.
pub const OBJECTOR: u8 = 23;
/// Nobody.
pub const STRANGER: u8 = 99;

pub const EXEMPT: [u8; 4] = [INSTITUTION, DELEGATE, VALIDATOR, BANK];

/// Transactions in a window.
pub const QUOTA: u32 = 3;
/// Blocks of a window.
pub const WINDOW: BlockNumber = 10;
/// First block of the window in which tests begin.
pub const WINDOW_START: BlockNumber = 20;

parameter_types! {
    /// Whether payments stand still.
    pub static Stopped: bool = false;
}

pub struct Table;

impl ClassifySigner<AccountId, RuntimeCall> for Table {
    fn classify(who: &AccountId) -> Result<Standing, Refusal> {
        let of = |bank| Standing::Owner { owner: OwnerId([1; 24]), bank: BankId(bank) };
        let numbers: &[u8; 32] = who.as_ref();
        match numbers[0] {
            ANN | BEN => Ok(of(1)),
            CLEO => Ok(of(2)),
            INSTITUTION => Ok(Standing::Institution),
            DELEGATE => Ok(Standing::Delegate),
            VALIDATOR => Ok(Standing::Validator),
            BANK => Ok(Standing::Bank(BankId(1))),
            RETIRED => Err(Refusal::RetiredKey),
            SUSPENDED => Err(Refusal::OwnerSuspended),
            OBJECTOR => Ok(Standing::Suspended { owner: OwnerId([2; 24]), bank: BankId(1) }),
            _ => Err(Refusal::UnknownSigner),
        }
    }

    /// A remark is for everybody, the rest for institutions.
    fn allowed(_: &AccountId, standing: &Standing, call: &RuntimeCall) -> Result<(), Refusal> {
        if Stopped::get() {
            return Err(Refusal::PaymentsStopped);
        }
        let remark = matches!(call, RuntimeCall::System(frame_system::Call::remark { .. }));
        if remark || *standing == Standing::Institution {
            Ok(())
        } else {
            Err(Refusal::CallNotAllowed)
        }
    }
}

impl crate::Config for Test {
    type Signers = Table;
    type QuotaUnit = frame_support::traits::ConstU64<1_000>;
    type WeightInfo = crate::weights::SubstrateWeight<Test>;
}

/// Builds a state and checks it after the test.
pub struct ExtBuilder(pub GenesisConfig<Test>);

impl Default for ExtBuilder {
    fn default() -> Self {
        // Tests may share a thread.
        Stopped::set(false);
        Self(GenesisConfig { quota: QUOTA, bank_quota: 0, window: WINDOW, _config: Default::default() })
    }
}

impl ExtBuilder {
    pub fn quotas(quota: u32, bank_quota: u32) -> Self {
        let mut builder = Self::default();
        builder.0.quota = quota;
        builder.0.bank_quota = bank_quota;
        builder
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
        self.0.assimilate_storage(&mut storage).unwrap();
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| {
            System::set_block_number(WINDOW_START);
            for number in [ANN, BEN, CLEO, INSTITUTION, DELEGATE, VALIDATOR, BANK, RETIRED, SUSPENDED, OBJECTOR] {
                System::inc_sufficients(&account(number));
            }
        });
        ext
    }

    /// Runs a test and checks the whole state behind it.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            Admission::do_try_state().unwrap();
            test();
            Admission::do_try_state().unwrap();
        });
    }

    /// Runs a test that leaves a broken state, and checks how that is reported.
    pub fn breaks(self, message: &'static str, test: impl FnOnce()) {
        self.build().execute_with(|| {
            Admission::do_try_state().unwrap();
            test();
            assert_eq!(Admission::do_try_state(), Err(DispatchError::Other(message)));
        });
    }
}
