//! A runtime with the participants alone; whoever they ask answers as a test says.

use crate::{self as pallet_participants, pallet::GenesisConfig};
use frame_support::{
    derive_impl, parameter_types,
    storage::unhashed,
    traits::{Contains, Get, SortedMembers},
};
use frame_system::EnsureSignedBy;
use sp_runtime::{BuildStorage, DispatchError};
use specie_primitives::{traits::BankLifecycle, AccountId, BankId, Institution, Role};

pub type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Participants: pallet_participants,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
}

/// An account that is nobody yet.
pub fn account(number: u8) -> AccountId {
    AccountId::new([number; 32])
}

pub const ISSUING: [u8; 2] = [1, 2];
pub const SUPERVISING: u8 = 3;
pub const ADMITTING: u8 = 4;
pub const OPERATING: u8 = 5;
/// Account of bank 1.
pub const BANK: u8 = 11;
/// Account of bank 2.
pub const OTHER_BANK: u8 = 12;
/// Members of the committee.
pub const MEMBERS: [u8; 3] = [21, 22, 23];
/// Validator of the issuer.
pub const VALIDATOR: u8 = 31;
/// Validator of bank 1.
pub const BANK_VALIDATOR: u8 = 32;
/// Who may enact, in place of a collective's origin.
pub const ENACTOR: u8 = 20;
/// The key of an owner.
pub const OWNER: u8 = 99;

/// Where the committee is kept once a call changed it.
pub const COMMITTEE_KEY: &[u8] = b":committee";

parameter_types! {
    pub static KeysSet: Vec<AccountId> = vec![];
    pub static OwnerKeys: Vec<AccountId> = vec![];
    pub static Told: Vec<(&'static str, BankId, AccountId)> = vec![];
    pub static SomethingLeft: bool = false;
    pub static LifecycleFails: bool = false;
    pub Enactor: AccountId = account(ENACTOR);
}

pub struct Listed<L>(core::marker::PhantomData<L>);

impl<L: Get<Vec<AccountId>>> Contains<AccountId> for Listed<L> {
    fn contains(account: &AccountId) -> bool {
        L::get().contains(account)
    }
}

pub struct Members;

impl SortedMembers<AccountId> for Members {
    fn sorted_members() -> Vec<AccountId> {
        unhashed::get(COMMITTEE_KEY).unwrap_or_else(|| MEMBERS.map(account).to_vec())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn add(_: &AccountId) {}
}

pub struct OneEnactor;

impl SortedMembers<AccountId> for OneEnactor {
    fn sorted_members() -> Vec<AccountId> {
        vec![Enactor::get()]
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn add(_: &AccountId) {}
}

/// Remembers what it was told.
pub struct Keeper;

impl Keeper {
    fn note(what: &'static str, bank: BankId, account: &AccountId) -> Result<(), DispatchError> {
        Told::mutate(|told| told.push((what, bank, account.clone())));
        if LifecycleFails::get() {
            return Err(DispatchError::Other("the keeper fails"));
        }
        Ok(())
    }
}

impl BankLifecycle for Keeper {
    fn admitted(bank: BankId, account: &AccountId) -> Result<(), DispatchError> {
        Self::note("admitted", bank, account)
    }

    fn ensure_empty(_: BankId, _: &AccountId) -> Result<(), DispatchError> {
        if SomethingLeft::get() {
            return Err(DispatchError::Other("something is left"));
        }
        Ok(())
    }

    fn account_rotated(bank: BankId, old: &AccountId, new: &AccountId) -> Result<(), DispatchError> {
        Self::note("rotated from", bank, old)?;
        Self::note("rotated to", bank, new)
    }
}

/// Changes of roles, and what a test needs to change the committee.
pub struct Enactable;

impl Contains<RuntimeCall> for Enactable {
    fn contains(call: &RuntimeCall) -> bool {
        matches!(
            call,
            RuntimeCall::Participants(crate::Call::set_role_keys { .. })
                | RuntimeCall::System(frame_system::Call::set_storage { .. })
        )
    }
}

impl crate::Config for Test {
    type RuntimeCall = RuntimeCall;
    type CommitteeOrigin = EnsureSignedBy<OneEnactor, AccountId>;
    type Committee = Members;
    type EnactableCalls = Enactable;
    type Lifecycle = Keeper;
    type HasSessionKeys = Listed<KeysSet>;
    type IsOwnerKey = Listed<OwnerKeys>;
    type Supervision = ();
    type WeightInfo = crate::weights::SubstrateWeight<Test>;
}

/// Builds a state and checks it after the test.
pub struct ExtBuilder(pub GenesisConfig<Test>);

impl Default for ExtBuilder {
    fn default() -> Self {
        // Tests may share a thread.
        Told::set(vec![]);
        SomethingLeft::set(false);
        LifecycleFails::set(false);
        KeysSet::set(vec![account(VALIDATOR), account(BANK_VALIDATOR)]);
        OwnerKeys::set(vec![account(OWNER)]);
        Self(GenesisConfig {
            network_id: 7,
            session_length: 10,
            roles: vec![
                (Role::Issuing, ISSUING.map(account).to_vec()),
                (Role::Supervising, vec![account(SUPERVISING)]),
                (Role::Admitting, vec![account(ADMITTING)]),
                (Role::Operating, vec![account(OPERATING)]),
            ],
            banks: vec![(BankId(2), "Bank B".into(), account(OTHER_BANK)), (BankId(1), "Bank A".into(), account(BANK))],
            validators: vec![
                (account(VALIDATOR), Institution::Issuer),
                (account(BANK_VALIDATOR), Institution::Bank(BankId(1))),
            ],
            committee: MEMBERS.map(account).to_vec(),
            _config: Default::default(),
        })
    }
}

impl ExtBuilder {
    pub fn build(self) -> sp_io::TestExternalities {
        let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
        self.0.assimilate_storage(&mut storage).unwrap();
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| System::set_block_number(1));
        ext
    }

    /// Runs a test and checks the whole state behind it.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            Participants::do_try_state().unwrap();
            test();
            Participants::do_try_state().unwrap();
        });
    }

    /// Runs a test that leaves a broken state, and checks how that is reported.
    pub fn breaks(self, message: &'static str, test: impl FnOnce()) {
        self.build().execute_with(|| {
            Participants::do_try_state().unwrap();
            test();
            assert_eq!(Participants::do_try_state(), Err(DispatchError::Other(message)));
        });
    }
}

pub fn signed(number: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(number))
}

pub fn root() -> RuntimeOrigin {
    RuntimeOrigin::root()
}
