//! A runtime with owners alone; two banks and a supervisor are fixed accounts.

use crate::{self as pallet_identity, pallet::GenesisConfig};
use codec::Encode;
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU32, EnsureOrigin},
};
use frame_system::RawOrigin;
use sp_core::{
    sr25519::{Pair, Signature},
    Pair as _,
};
use sp_runtime::{BuildStorage, DispatchError};
use specie_primitives::{
    identity::{OwnerIdKey, RebindProof, RotationProof},
    traits::{Banks, Holdings, Institutions, Standstill, Subjects},
    AccountId, Balance, BankId, BankStatus, BlockNumber, Hash, OwnerClass, OwnerId, PersonTag, RegistrationProof, Role,
    Subject,
};

pub type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Identity: pallet_identity,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
}

pub const BANK_1: BankId = BankId(1);
pub const BANK_2: BankId = BankId(2);
/// How many blocks ahead a proof may expire.
pub const MAX_PROOF_AGE: BlockNumber = 100;
/// Block in which tests begin.
pub const START: BlockNumber = 10;

/// The account of a bank.
pub fn bank_account(bank: BankId) -> AccountId {
    AccountId::new([u8::try_from(bank.0).unwrap(); 32])
}

/// The account of the supervisor.
pub fn supervisor_account() -> AccountId {
    AccountId::new([50; 32])
}

parameter_types! {
    /// Banks that are active.
    pub static ActiveBanks: Vec<BankId> = vec![];
    /// Accounts besides these that are an institution's.
    pub static Institutional: Vec<AccountId> = vec![];
    /// Owners that hold something, and how much.
    pub static Holders: Vec<(OwnerId, Balance)> = vec![];
    /// The business day.
    pub static Today: u32 = 0;
    /// Blocks in which payments stood still.
    pub static StoodStill: BlockNumber = 0;
    /// What was told about subjects.
    pub static Moves: Vec<(OwnerId, Subject, Subject)> = vec![];
}

pub struct ActiveBank;

impl EnsureOrigin<RuntimeOrigin> for ActiveBank {
    type Success = BankId;

    fn try_origin(origin: RuntimeOrigin) -> Result<BankId, RuntimeOrigin> {
        let signer = frame_system::ensure_signed(origin.clone()).map_err(|_| origin.clone())?;
        ActiveBanks::get().into_iter().find(|bank| bank_account(*bank) == signer).ok_or(origin)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
        ActiveBanks::set(vec![BANK_1]);
        Ok(RawOrigin::Signed(bank_account(BANK_1)).into())
    }
}

pub struct Supervisor;

impl EnsureOrigin<RuntimeOrigin> for Supervisor {
    type Success = ();

    fn try_origin(origin: RuntimeOrigin) -> Result<(), RuntimeOrigin> {
        match frame_system::ensure_signed(origin.clone()) {
            Ok(signer) if signer == supervisor_account() => Ok(()),
            _ => Err(origin),
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
        Ok(RawOrigin::Signed(supervisor_account()).into())
    }
}

pub struct ListedBanks;

impl Banks for ListedBanks {
    fn status(bank: BankId) -> Option<BankStatus> {
        ActiveBanks::get().contains(&bank).then_some(BankStatus::Active)
    }

    fn account(bank: BankId) -> Option<AccountId> {
        Some(bank_account(bank))
    }

    fn bank_of(account: &AccountId) -> Option<BankId> {
        Self::all().into_iter().find(|bank| bank_account(*bank) == *account)
    }

    fn all() -> Vec<BankId> {
        ActiveBanks::get()
    }
}

pub struct Listed;

impl Institutions for Listed {
    fn is_institutional(account: &AccountId) -> bool {
        Institutional::get().contains(account)
    }

    fn release(_: &AccountId) -> Result<(), DispatchError> {
        Ok(())
    }

    fn role(_: &AccountId) -> Option<Role> {
        None
    }
}

pub struct Purses;

impl Holdings for Purses {
    fn ensure_nothing_held(owner: OwnerId) -> Result<(), DispatchError> {
        if Self::held(owner) > 0 {
            return Err(DispatchError::Other("something is held"));
        }
        Ok(())
    }

    fn held(owner: OwnerId) -> Balance {
        Holders::get().into_iter().filter(|(holder, _)| *holder == owner).map(|(_, amount)| amount).sum()
    }
}

pub struct Counters;

impl Subjects for Counters {
    fn today() -> u32 {
        Today::get()
    }

    fn moved(owner: OwnerId, from: Subject, to: Subject) -> Result<(), DispatchError> {
        Moves::mutate(|moves| moves.push((owner, from, to)));
        Ok(())
    }

    fn released(_: OwnerId) {}
}

pub struct Stops;

impl Standstill for Stops {
    fn stood_still() -> BlockNumber {
        StoodStill::get()
    }

    fn stands_still() -> bool {
        false
    }
}

impl crate::Config for Test {
    type BankOrigin = ActiveBank;
    type SupervisorOrigin = Supervisor;
    type Banks = ListedBanks;
    type Institutions = Listed;
    type Holdings = Purses;
    type Rotation = ();
    type Subjects = Counters;
    type Cards = ();
    type Supervision = ();
    type Standstill = Stops;
    type MaxProofAge = ConstU32<MAX_PROOF_AGE>;
    type WeightInfo = crate::weights::SubstrateWeight<Test>;
}

/// A key pair by name.
pub fn pair(name: &str) -> Pair {
    Pair::from_seed(&sp_io::hashing::blake2_256(name.as_bytes()))
}

/// The account of a key pair.
pub fn key(name: &str) -> AccountId {
    AccountId::new(pair(name).public().0)
}

/// An owner id by number.
pub const fn owner(number: u8) -> OwnerId {
    OwnerId([number; 24])
}

/// The key of the function; the pallet takes any.
pub const OWNER_ID_KEY: OwnerIdKey = OwnerIdKey([7; 32]);

/// The owner of the first block, registered by bank 1 with the key of "ann".
pub const ANN: OwnerId = owner(1);

/// Blocks that a request for another key waits.
pub const DELAY: BlockNumber = 20;
/// Holdings above which it needs approval.
pub const APPROVAL_VALUE: Balance = 1_000;
/// Business days until dormancy.
pub const DORMANCY: u32 = 30;
/// Somebody whom a bank verified.
pub const TAG: PersonTag = PersonTag([7; 32]);

/// For an owner of class phone.
pub fn registration(owner: OwnerId, bank: BankId, name: &str, expiry: BlockNumber) -> RegistrationProof {
    RegistrationProof::new(Identity::genesis_hash(), owner, bank, key(name), OwnerClass::Phone, expiry)
}

pub fn rebinding(owner: OwnerId, bank: BankId, name: &str, expiry: BlockNumber) -> RebindProof {
    RebindProof::new(Identity::genesis_hash(), owner, bank, key(name), expiry)
}

pub fn rotation(owner: OwnerId, name: &str, expiry: BlockNumber) -> RotationProof {
    RotationProof::new(Identity::genesis_hash(), owner, key(name), expiry)
}

pub fn sign(name: &str, proof: &impl Encode) -> Signature {
    pair(name).sign(&proof.encode())
}

pub fn signed(account: AccountId) -> RuntimeOrigin {
    RawOrigin::Signed(account).into()
}

pub fn by_bank(bank: BankId) -> RuntimeOrigin {
    signed(bank_account(bank))
}

pub fn by_supervisor() -> RuntimeOrigin {
    signed(supervisor_account())
}

/// Registers an owner by the book.
pub fn register(bank: BankId, owner: OwnerId, name: &str) -> Result<(), DispatchError> {
    let proof = registration(owner, bank, name, START);
    frame_support::storage::with_storage_layer(|| {
        Identity::register(by_bank(bank), owner, key(name), OwnerClass::Phone, None, START, sign(name, &proof))
    })
}

/// Asks for another key by the book.
pub fn request(bank: BankId, owner: OwnerId, name: &str) -> Result<(), DispatchError> {
    let expiry = System::block_number();
    let signature = sign(name, &rebinding(owner, bank, name, expiry));
    frame_support::storage::with_storage_layer(|| {
        Identity::request_rebind(by_bank(bank), owner, key(name), expiry, signature)
    })
}

/// Builds a state and checks it after the test.
pub struct ExtBuilder(pub GenesisConfig<Test>);

impl Default for ExtBuilder {
    fn default() -> Self {
        // Tests may share a thread.
        ActiveBanks::set(vec![BANK_1, BANK_2]);
        Institutional::set(vec![bank_account(BANK_1), bank_account(BANK_2), supervisor_account(), key("institution")]);
        Holders::set(vec![]);
        Today::set(0);
        StoodStill::set(0);
        Moves::set(vec![]);
        Self(GenesisConfig {
            owner_id_key: OWNER_ID_KEY,
            owners: vec![(ANN, BANK_1, key("ann"), OwnerClass::Phone, None)],
            rebind_delay: DELAY,
            rebind_approval_value: APPROVAL_VALUE,
            dormancy_days: DORMANCY,
            _config: Default::default(),
        })
    }
}

impl ExtBuilder {
    pub fn build(self) -> sp_io::TestExternalities {
        let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
        self.0.assimilate_storage(&mut storage).unwrap();
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| {
            System::set_block_number(START);
            frame_system::BlockHash::<Test>::insert(0, Hash::repeat_byte(0xab));
        });
        ext
    }

    /// Runs a test and checks the whole state behind it.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            Identity::do_try_state().unwrap();
            test();
            Identity::do_try_state().unwrap();
        });
    }

    /// Runs a test that leaves a broken state, and checks how that is reported.
    pub fn breaks(self, message: &'static str, test: impl FnOnce()) {
        self.build().execute_with(|| {
            Identity::do_try_state().unwrap();
            test();
            assert_eq!(Identity::do_try_state(), Err(DispatchError::Other(message)));
        });
    }
}
