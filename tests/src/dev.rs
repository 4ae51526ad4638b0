//! The publicly known keys of development and local networks.

use crate::authors::AuraKey;
use sp_core::{ed25519, sr25519, Pair};
use specie_primitives::{AccountId, BankId, Institution, Role};

/// Banks of a local network, with the name and the key of each.
pub const BANKS: [(BankId, &str, &str); 3] =
    [(BankId(1), "Bank A", "//BankA"), (BankId(2), "Bank B", "//BankB"), (BankId(3), "Bank C", "//BankC")];

/// Keys of the issuer's roles.
pub const ROLES: [(Role, &str); 6] = [
    (Role::Issuing, "//Issuing//1"),
    (Role::Issuing, "//Issuing//2"),
    (Role::Supervising, "//Supervising//1"),
    (Role::Admitting, "//Admitting//1"),
    (Role::Operating, "//Operating//1"),
    (Role::Registry, "//Registry//1"),
];

/// Keys of the committee's members.
pub const COMMITTEE: [&str; 3] = ["//Committee//1", "//Committee//2", "//Committee//3"];

/// The key of a bank.
pub fn bank_key(bank: BankId) -> &'static str {
    BANKS.iter().find(|(of, ..)| *of == bank).map_or("//Unknown", |(_, _, key)| key)
}

/// Key of a validator's account; its session keys hang below it.
pub fn validator_key(index: usize) -> String {
    format!("//Validator//{index}")
}

/// Who runs a validator: the issuer the first, then one bank after the other.
pub fn institution(index: usize) -> Institution {
    match index.checked_sub(1) {
        None => Institution::Issuer,
        Some(rest) => Institution::Bank(BANKS[rest % BANKS.len()].0),
    }
}

/// Name of a validator's node: `issuer`, `bank-a`, `bank-b`, `bank-c`, `bank-a-2` …
pub fn validator_name(index: usize) -> String {
    match index.checked_sub(1) {
        None => "issuer".into(),
        Some(rest) => {
            let name = BANKS[rest % BANKS.len()].1.to_lowercase().replace(' ', "-");
            match rest / BANKS.len() {
                0 => name,
                round => format!("{name}-{}", round + 1),
            }
        },
    }
}

/// The account of a development key such as `//BankA`.
///
/// # Panics
///
/// If `uri` is not a secret key's URI.
pub fn account(uri: &str) -> AccountId {
    sr25519::Pair::from_string(uri, None).expect("a development key's URI").public().into()
}

/// The public key with which a validator makes blocks, unless it has set others since.
pub fn aura_key(index: usize) -> AuraKey {
    let uri = format!("{}//aura", validator_key(index));
    sr25519::Pair::from_string(&uri, None).expect("a development key's URI").public().0
}

/// The files of a validator's keystore, name and contents: the node reads its session keys from them.
pub fn session_key_files(index: usize) -> [(String, String); 2] {
    let aura = format!("{}//aura", validator_key(index));
    let grandpa = format!("{}//grandpa", validator_key(index));
    let grandpa_public = ed25519::Pair::from_string(&grandpa, None).expect("a development key's URI").public();
    [
        (format!("{}{}", hex::encode("aura"), hex::encode(aura_key(index))), format!("{aura:?}")),
        (format!("{}{}", hex::encode("gran"), hex::encode(grandpa_public)), format!("{grandpa:?}")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validators_are_named_after_who_runs_them() {
        let names: Vec<_> = (0..6).map(validator_name).collect();
        assert_eq!(names, ["issuer", "bank-a", "bank-b", "bank-c", "bank-a-2", "bank-b-2"]);
        assert_eq!(institution(0), Institution::Issuer);
        assert_eq!(institution(5), Institution::Bank(BankId(2)));
    }
}
