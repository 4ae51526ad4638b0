//! What is compared, and the first block of each.

use crate::population::{Population, COINS};
use anyhow::{anyhow, Result};
use pallet_supervision::{AlertThresholds, Structuring};
use serde_json::Value;
use sp_core::storage::{well_known_keys, Storage};
use sp_runtime::BuildStorage;
use specie_primitives::{Balance, BankId, ClassLimits, Denomination, Lot, OwnerClass};
use specie_runtime::{
    genesis::{local_testnet, Opening},
    RuntimeCall, RuntimeGenesisConfig,
};

/// Face value of every coin, in minor units.
const FACE: Denomination = Denomination(1_000);
/// More than anybody pays or holds here, in minor units.
const PLENTY: Balance = 1_000_000_000_000;

/// A runtime and what is set in it.
#[derive(Clone)]
pub struct Configuration {
    /// Its name in reports.
    pub name: String,
    /// Its Wasm, compressed or not.
    pub code: Vec<u8>,
    /// Whether payments are counted.
    pub counts: bool,
    /// Whether every class has limits.
    pub limits: bool,
    /// Whether thresholds of alerts are set.
    pub alerts: bool,
}

impl Configuration {
    /// All of them, the one that the others are compared to first.
    pub fn all(variant: Option<Vec<u8>>, shipped: &[u8]) -> Vec<Self> {
        let of = |name: &str, limits, alerts| Self {
            name: name.to_owned(),
            code: shipped.to_vec(),
            counts: true,
            limits,
            alerts,
        };
        let without = variant.map(|code| Self { code, counts: false, ..of("without-limits", false, false) });
        let shipped =
            [of("limits-unset", false, false), of("limits-set", true, false), of("limits-and-alerts", true, true)];
        without.into_iter().chain(shipped).collect()
    }

    /// The state of the first block: three banks, whose owners have their coins already.
    pub fn genesis(&self, population: &Population) -> Result<Storage> {
        let mut network = local_testnet(1);
        let limits = ClassLimits { per_payment: Some(PLENTY), per_day: Some(PLENTY), balance: Some(PLENTY) };
        network.limits.classes =
            if self.limits { OwnerClass::ALL.map(|class| (class, limits)).to_vec() } else { Vec::new() };
        // Counted as ever, and never used up.
        network.bank_quota = u32::MAX;
        network.opening = opening(population);
        let mut config = serde_json::to_value(RuntimeGenesisConfig::default())?;
        merge(&mut config, network.json());
        let config: RuntimeGenesisConfig = serde_json::from_value(config)?;
        let mut storage = config.build_storage().map_err(|error| anyhow!("the first block: {error}"))?;
        storage.top.insert(well_known_keys::CODE.to_vec(), self.code.clone());
        Ok(storage)
    }

    /// What the supervising role does in the second block. A remark takes the place of thresholds, so that the chains
    /// have as many blocks.
    pub fn set_up(&self) -> RuntimeCall {
        if !self.alerts {
            return frame_system::Call::remark { remark: Vec::new() }.into();
        }
        // Everything is counted, and no alert is raised: that is what nearly all payments meet.
        let thresholds = AlertThresholds {
            window: 3_600,
            structuring: Some(Structuring { from: 900, below: PLENTY, payments: u32::MAX }),
            payments: Some(u32::MAX),
            value: Some(PLENTY),
            payees: Some(pallet_supervision::MAX_PAYEES),
            blocked: true,
        };
        pallet_supervision::Call::set_thresholds { thresholds: Some(thresholds) }.into()
    }
}

fn opening(population: &Population) -> Opening {
    let lots = |count: u32| vec![Lot { denomination: FACE, count }];
    let mut opening = Opening::default();
    let (mut coins, value) = ([0u32; 3], FACE.value(COINS.into()));
    for person in population.people() {
        let bank = person.bank();
        opening.owners.push((person.id, bank, person.key(), person.class, person.tag));
        opening.custody.push((person.id, bank, value));
        opening.withdrawals.push((person.id, bank, lots(COINS)));
        coins[bank.0 as usize - 1] += COINS;
    }
    for (bank, coins) in (1u32..).map(BankId).zip(coins) {
        if coins > 0 {
            opening.credits.push((bank, FACE.value(coins.into()) * 2));
            opening.draws.push((bank, lots(coins)));
        }
    }
    opening.mints.push((FACE, coins.iter().sum()));
    opening
}

fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            patch.into_iter().for_each(|(key, value)| merge(into.entry(key).or_insert(Value::Null), value));
        },
        (into, patch) => *into = patch,
    }
}
