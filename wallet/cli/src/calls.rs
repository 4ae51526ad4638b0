//! Calls as named values: they are encoded by the metadata of the connected node, so that a runtime upgrade that keeps
//! names and meanings needs no new wallet.

use specie_primitives::{
    AccountId, Balance, BankId, CoinId, CoinRef, Denomination, Lot, OwnerId, Reason, Role, Selection, Subject,
};
use subxt::{
    dynamic::{transaction, Value},
    ext::scale_value::Composite,
    transactions::DynamicPayload,
};

/// A call with named arguments.
pub type Call = DynamicPayload<Composite<()>>;

/// A call of a pallet.
pub fn call<const N: usize>(pallet: &str, name: &str, arguments: [(&str, Value); N]) -> Call {
    transaction(pallet, name, Composite::named(arguments))
}

/// An account id.
pub fn account(account: &AccountId) -> Value {
    Value::from_bytes(<AccountId as AsRef<[u8]>>::as_ref(account))
}

/// An owner id.
pub fn owner(owner: OwnerId) -> Value {
    Value::from_bytes(owner.0)
}

/// A bank's number.
pub fn bank(bank: BankId) -> Value {
    Value::u128(bank.0.into())
}

/// An amount in minor units.
pub fn amount(amount: Balance) -> Value {
    Value::u128(amount)
}

/// Any other number.
pub fn number(number: u32) -> Value {
    Value::u128(number.into())
}

/// A face value.
pub fn denomination(denomination: Denomination) -> Value {
    Value::u128(denomination.0.into())
}

/// A role of the issuer.
pub fn role(role: Role) -> Value {
    Value::unnamed_variant(format!("{role:?}"), [])
}

/// Something or nothing.
pub fn option(value: Option<Value>) -> Value {
    match value {
        Some(value) => Value::unnamed_variant("Some", [value]),
        None => Value::unnamed_variant("None", []),
    }
}

/// What the supervisor holds, or somebody traces.
pub fn subject(subject: &Subject) -> Value {
    match subject {
        Subject::Owner(id) => Value::unnamed_variant("Owner", [owner(*id)]),
        Subject::Coin(id) => Value::unnamed_variant("Coin", [coin(*id)]),
        Subject::Bank(id) => Value::unnamed_variant("Bank", [bank(*id)]),
    }
}

/// Why the supervisor acts.
pub fn reason(reason: Reason) -> Value {
    Value::unnamed_variant(format!("{reason:?}"), [])
}

fn coin(coin: CoinId) -> Value {
    Value::named_composite([("batch", number(coin.batch)), ("index", number(coin.index))])
}

/// A bounded list. The outer layer is the bound's own; a list of one would be ambiguous without it.
pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::unnamed_composite([Value::unnamed_composite(items)])
}

/// Bounded bytes.
pub fn bytes(bytes: &[u8]) -> Value {
    list(bytes.iter().map(|byte| Value::u128((*byte).into())))
}

/// Coins at their revisions.
pub fn coins(coins: &[CoinRef]) -> Value {
    let named = |one: &CoinRef| Value::named_composite([("coin", coin(one.coin)), ("revision", number(one.revision))]);
    list(coins.iter().map(named))
}

/// What is taken out of a vault.
pub fn selection(selection: &Selection) -> Value {
    let lot = |lot: &Lot| {
        Value::named_composite([("denomination", denomination(lot.denomination)), ("count", number(lot.count))])
    };
    Value::named_composite([("fresh", list(selection.fresh.iter().map(lot))), ("coins", coins(&selection.coins))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::{Decode, Encode};
    use specie_runtime::{Runtime, RuntimeCall};
    use std::sync::Arc;
    use subxt::{
        config::substrate::{SpecVersionForRange, SubstrateConfig},
        OfflineClient,
    };

    /// Asserts that the present runtime reads a call as these arguments of the call with this place in its pallet.
    fn arrives(sent: &Call, pallet: u8, place: u8, arguments: impl Encode) {
        let metadata = Runtime::metadata_at_version(15).unwrap();
        let metadata = subxt::Metadata::decode(&mut &metadata[..]).unwrap();
        let version = SpecVersionForRange { block_range: 0..u64::MAX, spec_version: 0, transaction_version: 0 };
        let config = SubstrateConfig::builder()
            .set_metadata_for_spec_versions([(0, Arc::new(metadata))])
            .set_spec_version_for_block_ranges([version])
            .build();
        let client = OfflineClient::new_with_config(config).at_block(0u64).unwrap();
        let data = client.transactions().call_data(sent).unwrap();
        assert_eq!(data, (pallet, place, arguments).encode());
        let read = RuntimeCall::decode(&mut &data[..]).unwrap();
        assert_eq!(read.encode(), data);
    }

    fn coin(index: u32) -> CoinRef {
        CoinRef { coin: CoinId { batch: 7, index }, revision: index + 1 }
    }

    #[test]
    fn lists_of_every_length_arrive_as_meant() {
        for length in [0, 1, 2, 3, 512] {
            let (to, named) = (OwnerId([3; 24]), (0..length).map(coin).collect::<Vec<_>>());
            let sent = call("Ownership", "transfer", [("to", owner(to)), ("coins", coins(&named))]);
            arrives(&sent, 24, 0, (to, named));
        }
        for length in [0, 1, 2, 16] {
            let values: Vec<Denomination> = (1..=length).map(Denomination).collect();
            let sent = call(
                "Issuance",
                "set_denominations",
                [("denominations", list(values.iter().copied().map(denomination)))],
            );
            arrives(&sent, 22, 4, values);
        }
    }

    #[test]
    fn selections_arrive_as_meant() {
        let lot = |value, count| Lot { denomination: Denomination(value), count };
        for (fresh, named) in [
            (vec![lot(u64::MAX, u32::MAX)], vec![]),
            (vec![], vec![coin(1)]),
            (vec![lot(1, 2), lot(3, 4)], vec![coin(1), coin(2)]),
        ] {
            let chosen = Selection { fresh: fresh.try_into().unwrap(), coins: named.try_into().unwrap() };
            arrives(&call("Vault", "draw", [("selection", selection(&chosen))]), 23, 2, &chosen);
            let sent = call("Custody", "withdraw", [("bank", bank(BankId(1))), ("selection", selection(&chosen))]);
            arrives(&sent, 25, 2, (BankId(1), &chosen));
        }
    }

    #[test]
    fn names_keys_and_roles_arrive_as_meant() {
        let key = AccountId::new([9; 32]);
        let name = |name: &str| {
            let arguments = [("bank", bank(BankId(2))), ("name", bytes(name.as_bytes())), ("account", account(&key))];
            call("Participants", "admit_bank", arguments)
        };
        arrives(&name("Bank A"), 20, 0, (BankId(2), b"Bank A".to_vec(), &key));
        arrives(&name("A"), 20, 0, (BankId(2), b"A".to_vec(), &key));
        for of in Role::ALL {
            for keys in [vec![key.clone()], vec![key.clone(), AccountId::new([8; 32])]] {
                let sent = call(
                    "Participants",
                    "set_role_keys",
                    [("role", role(of)), ("keys", list(keys.iter().map(account)))],
                );
                arrives(&sent, 20, 10, (of, keys));
            }
        }
        let sent = call(
            "Identity",
            "register",
            [
                ("owner", owner(OwnerId([1; 24]))),
                ("key", account(&key)),
                ("expiry", number(7)),
                ("signature", Value::from_bytes([5u8; 64])),
            ],
        );
        arrives(&sent, 21, 0, (OwnerId([1; 24]), &key, 7u32, [5u8; 64]));
        let sent = call("Custody", "credit", [("owner", owner(OwnerId([1; 24]))), ("amount", amount(u128::MAX))]);
        arrives(&sent, 25, 0, (OwnerId([1; 24]), u128::MAX));
    }

    #[test]
    fn holds_and_mandates_arrive_as_meant() {
        let all = [Subject::Owner(OwnerId([1; 24])), Subject::Coin(coin(7).coin), Subject::Bank(BankId(3))];
        for subjects in [&all[..], &all[..1], &all[1..2]] {
            for until in [None, Some(7u32)] {
                let arguments = [
                    ("subjects", list(subjects.iter().map(subject))),
                    ("reason", reason(Reason::Stolen)),
                    ("until", option(until.map(number))),
                ];
                let sent = call("Supervision", "hold", arguments);
                arrives(&sent, 30, 0, (subjects.to_vec(), Reason::Stolen, until));
            }
            let sent = call("Supervision", "release", [("subjects", list(subjects.iter().map(subject)))]);
            arrives(&sent, 30, 1, subjects.to_vec());
        }
        let sent = call(
            "Supervision",
            "trace",
            [("mandate", number(2)), ("subject", subject(&all[1])), ("query", Value::from_bytes([5u8; 32]))],
        );
        arrives(&sent, 30, 6, (2u32, all[1], [5u8; 32]));
    }

    #[test]
    fn proposals_wrap_calls() {
        let resume = call("Audit", "resume", [("reason", bytes(b"counted again"))]);
        let enact = call("Participants", "enact", [("call", resume.into_value())]);
        arrives(&enact, 20, 11, (200u8, 0u8, b"counted again".to_vec()));
    }
}
