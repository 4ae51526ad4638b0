//! Institutions, owners, and what each may do.

use crate::{
    AccountId, Admission, Audit, Balances, BlockNumber, Cards, Custody, Escrow, Identity, Instruments, Joint, Limits,
    Orders, Ownership, Participants, Pickup, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, Supervision, System,
    Timestamp, Vault,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    instances::Instance1,
    parameter_types,
    traits::{ConstU128, ConstU32, Contains, Get, InstanceFilter, NeverEnsureOrigin, SortedMembers},
    weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use pallet_collective::{DefaultVote, EnsureProportionAtLeast, MemberCount};
use pallet_participants::{EnsureBank, EnsureRole, Issuing, Registry, Supervising};
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;
use specie_primitives::{
    certificates::{BatchFacts, Batches},
    traits::Institutions,
    Role,
};

/// A key with the issuing role.
pub type IssuingOrigin = EnsureRole<Runtime, Issuing>;
/// The account of an active bank.
pub type BankOrigin = EnsureBank<Runtime>;
/// The current key of an active owner.
pub type OwnerOrigin = pallet_identity::EnsureOwner<Runtime>;

/// Keys that have the issuing role now.
pub struct IssuingKeys;

impl Contains<AccountId> for IssuingKeys {
    fn contains(key: &AccountId) -> bool {
        Participants::role(key) == Some(Role::Issuing)
    }
}

parameter_types! {
    /// Three days for a motion of the committee.
    pub const MotionDuration: BlockNumber = 3 * 86_400;
    /// A motion may use half a block.
    pub MaxMotionWeight: Weight = super::BLOCK_WEIGHT / 2;
    /// 2 ms of a block: some twenty coins. A payment of 512 coins counts as sixteen transactions.
    pub const QuotaUnit: u64 = 2 * WEIGHT_REF_TIME_PER_MILLIS;
    /// An hour from the proof of a key to its registration.
    pub const MaxProofAge: BlockNumber = 3_600;
    /// A mandate to trace lasts a year at most.
    pub const MaxMandateLife: BlockNumber = 365 * 86_400;
}

/// Members of the committee.
pub struct CommitteeMembers;

impl SortedMembers<AccountId> for CommitteeMembers {
    fn sorted_members() -> alloc::vec::Vec<AccountId> {
        pallet_collective::Members::<Runtime, Instance1>::get()
    }
}

/// Who does not vote says no. The collective's usual rules take a prime member's vote for that of the silent: with one,
/// a single member could carry a motion by waiting.
pub struct SilenceIsNo;

impl DefaultVote for SilenceIsNo {
    fn default_vote(_: Option<bool>, _: MemberCount, _: MemberCount, _: MemberCount) -> bool {
        false
    }
}

impl pallet_collective::Config<Instance1> for Runtime {
    type RuntimeOrigin = RuntimeOrigin;
    type Proposal = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type MotionDuration = MotionDuration;
    type MaxProposals = ConstU32<32>;
    type MaxMembers = ConstU32<{ pallet_participants::MAX_COMMITTEE }>;
    type DefaultVote = SilenceIsNo;
    type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
    type SetMembersOrigin = frame_system::EnsureRoot<AccountId>;
    type MaxProposalWeight = MaxMotionWeight;
    type DisapproveOrigin = NeverEnsureOrigin<()>;
    type KillOrigin = NeverEnsureOrigin<()>;
    type Consideration = ();
}

/// What the committee may have dispatched as root: these calls, no wrappers. Root bypasses call filters, so this
/// list is all that stands between a vote and the whole state.
pub struct EnactableCalls;

impl Contains<RuntimeCall> for EnactableCalls {
    fn contains(call: &RuntimeCall) -> bool {
        matches!(
            call,
            RuntimeCall::System(frame_system::Call::authorize_upgrade { .. })
                | RuntimeCall::Grandpa(pallet_grandpa::Call::note_stalled { .. })
                | RuntimeCall::Committee(pallet_collective::Call::set_members { .. })
                | RuntimeCall::Participants(
                    pallet_participants::Call::set_role_keys { .. } | pallet_participants::Call::replace_account { .. }
                )
                | RuntimeCall::Issuance(
                    pallet_issuance::Call::set_denominations { .. } | pallet_issuance::Call::set_recoinable { .. }
                )
                | RuntimeCall::Admission(
                    pallet_admission::Call::set_quota { .. } | pallet_admission::Call::set_bank_quota { .. }
                )
                | RuntimeCall::Audit(pallet_audit::Call::resume { .. })
                | RuntimeCall::Certificates(pallet_certificates::Call::replace_root { .. })
                | RuntimeCall::Identity(pallet_identity::Call::set_recovery { .. })
        )
    }
}

/// Whether a validator's session keys are set.
pub struct HasSessionKeys;

impl Contains<AccountId> for HasSessionKeys {
    fn contains(account: &AccountId) -> bool {
        pallet_session::NextKeys::<Runtime>::contains_key(account)
    }
}

/// Whether a key is or was bound to an owner.
pub struct IsOwnerKey;

impl Contains<AccountId> for IsOwnerKey {
    fn contains(key: &AccountId) -> bool {
        pallet_identity::OwnerOf::<Runtime>::contains_key(key)
    }
}

impl pallet_participants::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type CommitteeOrigin = EnsureProportionAtLeast<AccountId, Instance1, 2, 3>;
    type Committee = CommitteeMembers;
    type EnactableCalls = EnactableCalls;
    type Lifecycle = (Vault, Custody, Instruments);
    type HasSessionKeys = HasSessionKeys;
    type IsOwnerKey = IsOwnerKey;
    type Supervision = Supervision;
    type WeightInfo = pallet_participants::weights::SubstrateWeight<Runtime>;
}

impl pallet_identity::Config for Runtime {
    type BankOrigin = BankOrigin;
    type SupervisorOrigin = EnsureRole<Runtime, Supervising>;
    type Banks = Participants;
    type Institutions = Participants;
    type Holdings = (Ownership, Custody, Pickup, Cards, EscrowReach, Instruments, Joint, Orders);
    type Rotation = Admission;
    type Subjects = Limits;
    type Cards = Cards;
    type Supervision = Supervision;
    type Standstill = Audit;
    type MaxProofAge = MaxProofAge;
    type WeightInfo = pallet_identity::weights::SubstrateWeight<Runtime>;
}

/// Escrows in what another key would get hold of: those for an owner, too.
type EscrowReach = pallet_escrow::Reach<Runtime>;

/// Number of the network.
pub struct NetworkNumber;

impl Get<u32> for NetworkNumber {
    fn get() -> u32 {
        pallet_participants::NetworkId::<Runtime>::get()
    }
}

impl pallet_cards::Config for Runtime {
    type RegistryOrigin = EnsureRole<Runtime, Registry>;
    type SupervisorOrigin = EnsureRole<Runtime, Supervising>;
    type BankOrigin = BankOrigin;
    type OwnerOrigin = OwnerOrigin;
    type Banks = Participants;
    type Purses = Identity;
    type Standstill = Audit;
    type NetworkId = NetworkNumber;
    type UsualAllowance = ConstU32<10_000>;
    type WeightInfo = pallet_cards::weights::SubstrateWeight<Runtime>;
}

impl pallet_joint::Config for Runtime {
    type BankOrigin = BankOrigin;
    type SupervisorOrigin = EnsureRole<Runtime, Supervising>;
    type Owners = Identity;
    type Holdings = (Ownership, Custody, Pickup, EscrowReach);
    type Standstill = Audit;
    type WeightInfo = pallet_joint::weights::SubstrateWeight<Runtime>;
}

/// The batches that the issuer may certify.
pub struct Minted;

impl Batches for Minted {
    fn facts(batch: u32) -> Option<BatchFacts> {
        let pallet_issuance::Batch { denomination, count, seed, .. } = pallet_issuance::Batches::<Runtime>::get(batch)?;
        Some(BatchFacts { denomination, count, seed })
    }
}

impl pallet_certificates::Config for Runtime {
    type IssuingOrigin = IssuingOrigin;
    type RegistryOrigin = EnsureRole<Runtime, Registry>;
    type BankOrigin = BankOrigin;
    type Batches = Minted;
    type Time = crate::Timestamp;
    type WeightInfo = pallet_certificates::weights::SubstrateWeight<Runtime>;
}

impl pallet_limits::Config for Runtime {
    type SupervisorOrigin = EnsureRole<Runtime, Supervising>;
    type Profiles = Identity;
    type Holdings = (Ownership, Custody, Pickup, Escrow);
    type Time = Timestamp;
    type WeightInfo = pallet_limits::weights::SubstrateWeight<Runtime>;
}

impl pallet_supervision::Config for Runtime {
    type SupervisorOrigin = EnsureRole<Runtime, Supervising>;
    type RegistryOrigin = EnsureRole<Runtime, Registry>;
    type Institutions = Participants;
    type Owners = Identity;
    type Coins = Ownership;
    type Banks = Participants;
    type MaxMandateLife = MaxMandateLife;
    type MaxTraces = ConstU32<1_000>;
    type WeightInfo = pallet_supervision::weights::SubstrateWeight<Runtime>;
}

impl pallet_admission::Config for Runtime {
    type Signers = crate::signers::Signers;
    type QuotaUnit = QuotaUnit;
    type WeightInfo = pallet_admission::weights::SubstrateWeight<Runtime>;
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = crate::OriginCaller;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = ConstU128<0>;
    type DepositFactor = ConstU128<0>;
    type MaxSignatories = ConstU32<16>;
    type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
    type BlockNumberProvider = System;
}

/// What an institution lets a proxy do for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum InstitutionProxy {
    /// Whatever the institution itself may do, but for what takes several people.
    #[default]
    Any,
    /// Custody and vault: a bank's daily business.
    Money,
    /// Registering and looking after owners.
    Owners,
}

/// Minting and mandates take two people and a motion most of the committee. With a proxy one person would sign for several.
fn takes_several(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::Committee(_)
            | RuntimeCall::Issuance(
                pallet_issuance::Call::propose_mint { .. }
                    | pallet_issuance::Call::propose_change_batch { .. }
                    | pallet_issuance::Call::approve_mint { .. }
            )
            | RuntimeCall::Supervision(
                pallet_supervision::Call::open_mandate { .. } | pallet_supervision::Call::confirm_mandate { .. }
            )
    )
}

impl InstanceFilter<RuntimeCall> for InstitutionProxy {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => !takes_several(call),
            Self::Money => matches!(
                call,
                RuntimeCall::Custody(_)
                    | RuntimeCall::Vault(_)
                    | RuntimeCall::Pickup(_)
                    | RuntimeCall::Orders(_)
                    | RuntimeCall::Instruments(_)
            ),
            Self::Owners => matches!(call, RuntimeCall::Identity(_) | RuntimeCall::Cards(_) | RuntimeCall::Joint(_)),
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        *self == Self::Any || self == other
    }
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = InstitutionProxy;
    type ProxyDepositBase = ConstU128<0>;
    type ProxyDepositFactor = ConstU128<0>;
    type MaxProxies = ConstU32<16>;
    type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
    type MaxPending = ConstU32<16>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = ConstU128<0>;
    type AnnouncementDepositFactor = ConstU128<0>;
    type BlockNumberProvider = System;
}
