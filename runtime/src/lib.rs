//! The runtime of a Specie network: pallets, types and their configuration.
//!
//! Pallets are listed in [`runtime`]; how they are configured stands in [`configs`] by theme; what the node and
//! wallets may ask stands in [`apis`]; [`genesis`] makes the first block's state from a network's definition.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]
// What the macros of the SDK make of our items carries no documentation.
#![allow(missing_docs)]

#[cfg(feature = "std")]
#[allow(dead_code)]
mod wasm {
    include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
}
#[cfg(feature = "std")]
pub use wasm::{WASM_BINARY, WASM_BINARY_BLOATY};

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod flows;
pub mod genesis;
pub mod signers;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use sp_runtime::{generic, impl_opaque_keys, traits::BlakeTwo256, MultiAddress, MultiSignature};
use sp_version::RuntimeVersion;

pub use apis::RuntimeApi;
pub use specie_primitives::{AccountId, Balance, BlockNumber, Hash, Nonce, MILLISECS_PER_BLOCK};

/// Signature of an extrinsic: sr25519, ed25519 or ecdsa.
pub type Signature = MultiSignature;
/// How an extrinsic names an account.
pub type Address = MultiAddress<AccountId, ()>;
/// Block header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// Block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// What every signed extrinsic carries. Admission stands before the nonce check, so that it speaks first.
pub type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    pallet_admission::Admit<Runtime>,
    pallet_admission::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);
/// Extrinsic.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a signer signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Types that the node uses without knowing what an extrinsic says.
pub mod opaque {
    use super::*;

    /// Extrinsic as bytes.
    pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;
    /// Block header.
    pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
    /// Block of opaque extrinsics.
    pub type Block = generic::Block<Header, UncheckedExtrinsic>;
}

impl_opaque_keys! {
    /// Keys of a validator: block production and finality.
    pub struct SessionKeys {
        /// Aura, sr25519.
        pub aura: Aura,
        /// GRANDPA, ed25519.
        pub grandpa: Grandpa,
    }
}

/// Version of this runtime. The attribute takes literals only, hence four of them.
#[cfg(not(any(feature = "upgrade-test", feature = "without-limits", feature = "large-blocks")))]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("specie"),
    impl_name: alloc::borrow::Cow::Borrowed("specie-node"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// The next version, for the upgrade test.
#[cfg(all(feature = "upgrade-test", not(any(feature = "without-limits", feature = "large-blocks"))))]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("specie"),
    impl_name: alloc::borrow::Cow::Borrowed("specie-node"),
    authoring_version: 1,
    spec_version: 2,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// A runtime for benchmarks. No network whose runtime has another name can be upgraded to it.
#[cfg(all(feature = "without-limits", not(feature = "large-blocks")))]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("specie-without-limits"),
    impl_name: alloc::borrow::Cow::Borrowed("specie-node"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// Another runtime for benchmarks.
#[cfg(feature = "large-blocks")]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("specie-large-blocks"),
    impl_name: alloc::borrow::Cow::Borrowed("specie-node"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// Digits behind the decimal point of an amount.
pub const DECIMALS: u8 = 2;
/// Name of the currency, unless the network's definition says otherwise.
pub const SYMBOL: &str = "SPC";
/// Prefix of addresses.
pub const SS58_PREFIX: u16 = 42;

/// Executes blocks.
pub type Executive =
    frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

/// The pallets. Hooks run in the order of the indices: the audit is last.
#[frame_support::runtime]
pub mod runtime {
    /// The runtime.
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type Aura = pallet_aura;
    #[runtime::pallet_index(3)]
    pub type Grandpa = pallet_grandpa;
    // Before the participants, who admit no validator whose keys are not set.
    #[runtime::pallet_index(4)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(5)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(6)]
    pub type Assets = pallet_assets;
    #[runtime::pallet_index(7)]
    pub type Committee = pallet_collective<Instance1>;
    #[runtime::pallet_index(8)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(9)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(10)]
    pub type Proxy = pallet_proxy;

    // Before owners and money, whose first block counts already.
    #[runtime::pallet_index(18)]
    pub type Limits = pallet_limits;
    #[runtime::pallet_index(19)]
    pub type Admission = pallet_admission;
    #[runtime::pallet_index(20)]
    pub type Participants = pallet_participants;
    #[runtime::pallet_index(21)]
    pub type Identity = pallet_identity;
    #[runtime::pallet_index(22)]
    pub type Issuance = pallet_issuance;
    #[runtime::pallet_index(23)]
    pub type Vault = pallet_vault;
    #[runtime::pallet_index(24)]
    pub type Ownership = pallet_ownership;
    #[runtime::pallet_index(25)]
    pub type Custody = pallet_custody;
    #[runtime::pallet_index(30)]
    pub type Certificates = pallet_certificates;
    #[runtime::pallet_index(28)]
    pub type Pickup = pallet_pickup;
    #[runtime::pallet_index(36)]
    pub type Cards = pallet_cards;

    #[runtime::pallet_index(31)]
    pub type Supervision = pallet_supervision;

    #[runtime::pallet_index(40)]
    pub type Orders = pallet_orders;
    #[runtime::pallet_index(41)]
    pub type Escrow = pallet_escrow;
    #[runtime::pallet_index(42)]
    pub type Joint = pallet_joint;
    #[runtime::pallet_index(43)]
    pub type Codes = pallet_codes;
    #[runtime::pallet_index(44)]
    pub type Instruments = pallet_instruments;

    #[runtime::pallet_index(200)]
    pub type Audit = pallet_audit;
}
