//! Which pallets have benchmarks, and where their benchmarks are.

use crate::*;

pub use frame_benchmarking::baseline::Pallet as Baseline;
pub use frame_system_benchmarking::{extensions::Pallet as SystemExtensions, Pallet as SystemCalls};

frame_benchmarking::define_benchmarks!(
    [frame_benchmarking, Baseline::<Runtime>]
    [frame_system, SystemCalls::<Runtime>]
    [frame_system_extensions, SystemExtensions::<Runtime>]
    [pallet_timestamp, Timestamp]
    [pallet_grandpa, Grandpa]
    [pallet_balances, Balances]
    [pallet_assets, Assets]
    [pallet_collective, Committee]
    [pallet_utility, Utility]
    [pallet_multisig, Multisig]
    [pallet_proxy, Proxy]
    [pallet_admission, Admission]
    [pallet_participants, Participants]
    [pallet_identity, Identity]
    [pallet_limits, Limits]
);

impl frame_benchmarking::baseline::Config for Runtime {}
impl frame_system_benchmarking::Config for Runtime {}
