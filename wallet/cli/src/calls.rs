//! Calls as named values: they are encoded by the metadata of the connected node, so that a runtime upgrade that keeps
//! names and meanings needs no new wallet.

use specie_primitives::{
    instruments::{HolderRule, InstrumentKind},
    limits::CalendarChange,
    payment_codes::SmallAmounts,
    AccountId, Balance, BankId, CardNumber, ChangeFrom, ChangePolicy, ClassLimits, CoinId, CoinRef, Denomination,
    InstrumentId, Lot, OrderId, OwnerClass, OwnerId, PersonTag, PickupId, PickupReceiver, QueuePolicy, Reason, Role,
    Selection, SigningRule, Target, Terms, TransferId,
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

/// Yes or no.
pub fn flag(flag: bool) -> Value {
    Value::bool(flag)
}

/// A face value.
pub fn denomination(denomination: Denomination) -> Value {
    Value::u128(denomination.0.into())
}

/// A role of the issuer.
pub fn role(role: Role) -> Value {
    Value::unnamed_variant(format!("{role:?}"), [])
}

/// A class of owners.
pub fn class(class: OwnerClass) -> Value {
    Value::unnamed_variant(format!("{class:?}"), [])
}

/// The person behind an owner, if there is one.
pub fn person(person: Option<PersonTag>) -> Value {
    option(person.map(|tag| Value::from_bytes(tag.0)))
}

/// Limits of a class.
pub fn limits(limits: &ClassLimits) -> Value {
    let ClassLimits { per_payment, per_day, balance } = *limits;
    let fields = [("per_payment", per_payment), ("per_day", per_day), ("balance", balance)];
    Value::named_composite(fields.map(|(name, limit)| (name, option(limit.map(amount)))))
}

/// A calendar.
pub fn calendar(changes: &[CalendarChange]) -> Value {
    list(changes.iter().map(|change| {
        let offset = Value::i128(change.offset_minutes.into());
        Value::named_composite([("from_ms", Value::u128(change.from_ms.into())), ("offset_minutes", offset)])
    }))
}

/// Something or nothing.
pub fn option(value: Option<Value>) -> Value {
    match value {
        Some(value) => Value::unnamed_variant("Some", [value]),
        None => Value::unnamed_variant("None", []),
    }
}

/// What the supervisor holds, or somebody traces.
pub fn target(target: &Target) -> Value {
    match target {
        Target::Owner(id) => Value::unnamed_variant("Owner", [owner(*id)]),
        Target::Coin(id) => Value::unnamed_variant("Coin", [coin(*id)]),
        Target::Bank(id) => Value::unnamed_variant("Bank", [bank(*id)]),
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

/// Where coins are changed.
pub fn change_from(at: ChangeFrom) -> Value {
    match at {
        ChangeFrom::Vault(of) => Value::unnamed_variant("Vault", [bank(of)]),
        ChangeFrom::Issuer => Value::unnamed_variant("Issuer", []),
    }
}

/// For whom a bank changes coins.
pub fn change_policy(policy: ChangePolicy) -> Value {
    Value::unnamed_variant(format!("{policy:?}"), [])
}

/// A payment that waits to be picked up.
pub fn pickup(pickup: PickupId) -> Value {
    Value::u128(pickup.0.into())
}

/// What a bank does with transfers that its reserve does not cover.
pub fn queue_policy(policy: QueuePolicy) -> Value {
    Value::unnamed_variant(format!("{policy:?}"), [])
}

/// A transfer that waits for a bank's reserve.
pub fn transfer(transfer: TransferId) -> Value {
    Value::u128(transfer.0.into())
}

/// A card.
pub fn card(card: CardNumber) -> Value {
    Value::u128(card.0.into())
}

/// A bill, a voucher or a security.
pub fn instrument(instrument: InstrumentId) -> Value {
    number(instrument.0)
}

/// What an institution promises.
pub fn terms(terms: &Terms) -> Value {
    let kind = match terms.kind {
        InstrumentKind::Bill => "Bill",
        InstrumentKind::Voucher => "Voucher",
        InstrumentKind::Security => "Security",
    };
    let holders = match terms.holders {
        HolderRule::Anyone => "Anyone",
        HolderRule::Customers => "Customers",
        HolderRule::Listed => "Listed",
    };
    Value::named_composite([
        ("kind", Value::unnamed_variant(kind, [])),
        ("name", bytes(&terms.name)),
        ("symbol", bytes(&terms.symbol)),
        ("decimals", Value::u128(terms.decimals.into())),
        ("reference", Value::from_bytes(terms.reference.as_bytes())),
        ("holders", Value::unnamed_variant(holders, [])),
        ("transferable", Value::bool(terms.transferable)),
        ("most", amount(terms.most)),
        ("matures", option(terms.matures.map(number))),
    ])
}

/// An order's name.
pub fn order(order: OrderId) -> Value {
    Value::from_bytes(order.0)
}

/// Signed orders, as they travel.
pub fn orders(documents: &[Vec<u8>]) -> Value {
    list(documents.iter().map(|document| bytes(document)))
}

/// Small amounts of a class, or that there are none.
pub fn small_amounts(amounts: Option<&SmallAmounts>) -> Value {
    let fields = |of: &SmallAmounts| [("per_payment", amount(of.per_payment)), ("per_day", amount(of.per_day))];
    option(amounts.map(|amounts| Value::named_composite(fields(amounts))))
}

/// Managers of a joint account, and how many of them must sign.
pub fn rule(rule: &SigningRule) -> Value {
    let managers = list(rule.managers.iter().map(|manager| owner(*manager)));
    Value::named_composite([("managers", managers), ("threshold", number(rule.threshold.into()))])
}

/// Signatures of several.
pub fn signatures(signatures: &[[u8; 64]]) -> Value {
    list(signatures.iter().map(Value::from_bytes))
}

/// Who gets what was picked up.
pub fn receiver(receiver: PickupReceiver) -> Value {
    match receiver {
        PickupReceiver::Owner(of) => Value::unnamed_variant("Owner", [owner(of)]),
        PickupReceiver::Custody { bank: at, owner: of } => {
            Value::named_variant("Custody", [("bank", bank(at)), ("owner", owner(of))])
        },
        PickupReceiver::Counter { bank: at, receipt } => {
            Value::named_variant("Counter", [("bank", bank(at)), ("receipt", Value::u128(receipt.into()))])
        },
    }
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
                ("class", class(OwnerClass::Phone)),
                ("person", person(None)),
                ("expiry", number(7)),
                ("signature", Value::from_bytes([5u8; 64])),
            ],
        );
        arrives(&sent, 21, 0, (OwnerId([1; 24]), &key, OwnerClass::Phone, None::<PersonTag>, 7u32, [5u8; 64]));
        let sent = call("Custody", "credit", [("owner", owner(OwnerId([1; 24]))), ("amount", amount(u128::MAX))]);
        arrives(&sent, 25, 0, (OwnerId([1; 24]), u128::MAX));
    }

    #[test]
    fn holds_and_mandates_arrive_as_meant() {
        let all = [Target::Owner(OwnerId([1; 24])), Target::Coin(coin(7).coin), Target::Bank(BankId(3))];
        for targets in [&all[..], &all[..1], &all[1..2]] {
            for until in [None, Some(7u32)] {
                let arguments = [
                    ("targets", list(targets.iter().map(target))),
                    ("reason", reason(Reason::Stolen)),
                    ("until", option(until.map(number))),
                ];
                let sent = call("Supervision", "hold", arguments);
                arrives(&sent, 31, 0, (targets.to_vec(), Reason::Stolen, until));
            }
            let sent = call("Supervision", "release", [("targets", list(targets.iter().map(target)))]);
            arrives(&sent, 31, 1, targets.to_vec());
        }
        let sent = call(
            "Supervision",
            "trace",
            [("mandate", number(2)), ("target", target(&all[1])), ("query", Value::from_bytes([5u8; 32]))],
        );
        arrives(&sent, 31, 6, (2u32, all[1], [5u8; 32]));
    }

    #[test]
    fn certificates_and_items_arrive_as_meant() {
        for length in [1, 2, 187, 188] {
            let certificate = vec![7u8; length];
            let arguments = [("certificate", bytes(&certificate)), ("possession", bytes(&[5; 65]))];
            arrives(&call("Certificates", "publish_bank", arguments), 30, 2, (&certificate, vec![5u8; 65]));
        }
        let (item, reason) = (Value::from_bytes([9u8; 16]), Value::unnamed_variant("Convicted", []));
        let sent = call("Certificates", "revoke_item", [("item", item), ("reason", reason), ("since", number(7))]);
        arrives(&sent, 30, 5, ([9u8; 16], 4u8, 7u32));
        let arguments = [
            ("registry", Value::u128(u64::MAX.into())),
            ("number", number(3)),
            ("hash", Value::from_bytes([1u8; 32])),
            ("entries", number(4)),
        ];
        arrives(&call("Certificates", "anchor_digest", arguments), 30, 6, (u64::MAX, 3u32, [1u8; 32], 4u32));
        let sent = call("Certificates", "replace_root", [("key", bytes(&[1; 33])), ("known_until", number(7))]);
        arrives(&sent, 30, 0, (vec![1u8; 33], 7u32));
    }

    #[test]
    fn classes_limits_and_calendars_arrive_as_meant() {
        let tag = PersonTag([7; 32]);
        for (of, who) in OwnerClass::ALL.into_iter().zip([None, None, Some(tag), Some(tag)]) {
            let consent = Value::named_composite([("expiry", number(9)), ("signature", Value::from_bytes([5u8; 64]))]);
            let sent = call(
                "Identity",
                "change_class",
                [
                    ("owner", owner(OwnerId([1; 24]))),
                    ("class", class(of)),
                    ("person", person(who)),
                    ("consent", option(Some(consent))),
                ],
            );
            arrives(&sent, 21, 5, (OwnerId([1; 24]), of, who, Some((9u32, [5u8; 64]))));
            for some in [None, Some(u128::MAX)] {
                let of_class = ClassLimits { per_payment: some, per_day: Some(0), balance: None };
                let sent = call("Limits", "set_limits", [("class", class(of)), ("limits", limits(&of_class))]);
                arrives(&sent, 18, 0, (of, of_class));
            }
        }
        for length in [1, 2, 64] {
            let change = |number: u64| CalendarChange { from_ms: number << 40, offset_minutes: -60 };
            let changes: Vec<_> = (0..length).map(change).collect();
            arrives(&call("Limits", "set_calendar", [("changes", calendar(&changes))]), 18, 1, changes);
        }
        let key = AccountId::new([9; 32]);
        let sent = call(
            "Identity",
            "decide_rebind",
            [("owner", owner(OwnerId([1; 24]))), ("key", account(&key)), ("uphold", Value::bool(true))],
        );
        arrives(&sent, 21, 9, (OwnerId([1; 24]), &key, true));
        arrives(&call("Identity", "object", []), 21, 8, ());
    }

    #[test]
    fn change_arrives_as_meant() {
        let lot = |value, count| Lot { denomination: Denomination(value), count };
        let chosen = |lots: Vec<Lot>| Selection { fresh: lots.try_into().unwrap(), coins: Default::default() };
        let (pay, change, none) = (chosen(vec![lot(500, 1)]), chosen(vec![lot(100, 5), lot(200, 1)]), chosen(vec![]));
        let (to, give) = (OwnerId([3; 24]), vec![coin(4)]);
        for at in [ChangeFrom::Vault(BankId(7)), ChangeFrom::Issuer] {
            let arguments = [("at", change_from(at)), ("give", coins(&give)), ("take", selection(&pay))];
            arrives(&call("Ownership", "exchange", arguments), 24, 1, (at, &give, &pay));
            for (own, back) in [(vec![], &none), (vec![coin(1), coin(2)], &change)] {
                let arguments = [
                    ("to", owner(to)),
                    ("coins", coins(&own)),
                    ("at", change_from(at)),
                    ("give", coins(&give)),
                    ("pay", selection(&pay)),
                    ("change", selection(back)),
                ];
                let sent = call("Ownership", "transfer_with_change", arguments);
                arrives(&sent, 24, 2, (to, own, at, &give, &pay, back));
            }
        }
        for policy in [ChangePolicy::Nobody, ChangePolicy::OwnCustomers, ChangePolicy::Anyone] {
            arrives(&call("Vault", "set_change", [("policy", change_policy(policy))]), 23, 4, policy);
        }
    }

    #[test]
    fn transfers_of_custody_arrive_as_meant() {
        let to = OwnerId([3; 24]);
        for until in [None, Some(7u32)] {
            let arguments = [
                ("from_bank", bank(BankId(1))),
                ("to_bank", bank(BankId(2))),
                ("to", owner(to)),
                ("amount", amount(u128::MAX)),
                ("expires", option(until.map(number))),
            ];
            arrives(&call("Custody", "transfer", arguments), 25, 4, (BankId(1), BankId(2), to, u128::MAX, until));
        }
        let id = TransferId(u64::MAX);
        let arguments = [("bank", bank(BankId(1))), ("transfer", transfer(id))];
        arrives(&call("Custody", "cancel_transfer", arguments), 25, 5, (BankId(1), id));
        for policy in [QueuePolicy::Refuse, QueuePolicy::Overtake, QueuePolicy::InOrder] {
            arrives(&call("Custody", "set_queue", [("policy", queue_policy(policy))]), 25, 6, policy);
        }
        arrives(&call("Custody", "prioritise", [("transfer", transfer(id))]), 25, 7, id);
        arrives(&call("Custody", "settle", []), 25, 8, ());
    }

    #[test]
    fn pickups_arrive_as_meant() {
        let (payee, key) = (OwnerId([3; 24]), AccountId::new([9; 32]));
        for named in [vec![coin(1)], vec![coin(1), coin(2)]] {
            let arguments = [
                ("payee", owner(payee)),
                ("claim_key", account(&key)),
                ("coins", coins(&named)),
                ("expires", number(1_000)),
            ];
            arrives(&call("Pickup", "deposit_for", arguments), 28, 0, (payee, &key, named, 1_000u32));
        }
        let (id, signature) = (PickupId(u64::MAX), [5u8; 64]);
        let arguments = [("pickup", pickup(id)), ("signature", Value::from_bytes(signature))];
        arrives(&call("Pickup", "claim_registered", arguments), 28, 1, (id, signature));
        let bank = BankId(2);
        for to in [
            PickupReceiver::Owner(payee),
            PickupReceiver::Custody { bank, owner: payee },
            PickupReceiver::Counter { bank, receipt: u64::MAX },
        ] {
            let arguments =
                [("pickup", pickup(id)), ("receiver", receiver(to)), ("signature", Value::from_bytes(signature))];
            arrives(&call("Pickup", "claim_at_bank", arguments), 28, 2, (id, to, signature));
        }
        arrives(&call("Pickup", "refund", [("pickup", pickup(id))]), 28, 3, id);
    }

    #[test]
    fn orders_arrive_as_meant() {
        for documents in [vec![vec![7u8; 215]], vec![vec![1u8]], vec![vec![7u8; 215], vec![8u8; 1_000], vec![]]] {
            arrives(&call("Orders", "submit", [("orders", orders(&documents))]), 40, 0, documents);
        }
        let id = OrderId([9; 32]);
        let sent = call("Orders", "cancel", [("order", order(id)), ("valid_until", number(7))]);
        arrives(&sent, 40, 1, (id, 7u32));
        let who = OwnerId([3; 24]);
        arrives(&call("Orders", "admit_processor", [("owner", owner(who))]), 40, 2, who);
        arrives(&call("Orders", "dismiss_processor", [("owner", owner(who))]), 40, 3, who);
    }

    #[test]
    fn escrows_arrive_as_meant() {
        let id = OrderId([9; 32]);
        let sent = call("Escrow", "release", [("escrow", order(id)), ("amount", amount(u128::MAX))]);
        arrives(&sent, 41, 0, (id, u128::MAX));
        arrives(&call("Escrow", "dispute", [("escrow", order(id))]), 41, 1, id);
        arrives(&call("Escrow", "conclude", [("escrow", order(id))]), 41, 2, id);
        let arguments = [("escrow", order(id)), ("to_payee", amount(7)), ("reason", reason(Reason::CourtOrder))];
        arrives(&call("Escrow", "decide", arguments), 41, 3, (id, 7u128, Reason::CourtOrder));
    }

    #[test]
    fn answers_and_small_amounts_arrive_as_meant() {
        let id = OrderId([9; 32]);
        arrives(&call("Codes", "confirm", [("payment", order(id))]), 43, 0, id);
        arrives(&call("Codes", "refuse", [("payment", order(id))]), 43, 1, id);
        arrives(&call("Codes", "use_small_amounts", [("on", flag(true))]), 43, 2, true);
        for amounts in [None, Some(SmallAmounts { per_payment: 1, per_day: u128::MAX })] {
            let arguments = [("class", class(OwnerClass::Phone)), ("amounts", small_amounts(amounts.as_ref()))];
            arrives(&call("Codes", "set_small_amounts", arguments), 43, 3, (OwnerClass::Phone, amounts));
        }
    }

    #[test]
    fn instruments_arrive_as_meant() {
        let (id, who) = (InstrumentId(7), OwnerId([3; 24]));
        for (kind, holders, matures) in [
            (InstrumentKind::Bill, HolderRule::Anyone, None),
            (InstrumentKind::Voucher, HolderRule::Customers, Some(7)),
            (InstrumentKind::Security, HolderRule::Listed, Some(u32::MAX)),
        ] {
            let made = Terms {
                kind,
                name: b"Bill 7".to_vec().try_into().unwrap(),
                symbol: b"B".to_vec().try_into().unwrap(),
                decimals: 2,
                reference: [9; 32].into(),
                holders,
                transferable: kind == InstrumentKind::Bill,
                most: u64::MAX.into(),
                matures,
            };
            arrives(&call("Instruments", "define", [("terms", terms(&made))]), 44, 0, made);
        }
        let units = || [("instrument", instrument(id)), ("to", owner(who)), ("amount", amount(u128::MAX))];
        arrives(&call("Instruments", "issue", units()), 44, 1, (id, who, u128::MAX));
        arrives(&call("Instruments", "transfer", units()), 44, 2, (id, who, u128::MAX));
        let back = [("instrument", instrument(id)), ("amount", amount(9))];
        arrives(&call("Instruments", "redeem", back), 44, 3, (id, 9u128));
        let holder = || [("instrument", instrument(id)), ("owner", owner(who))];
        arrives(&call("Instruments", "list", holder()), 44, 4, (id, who));
        arrives(&call("Instruments", "unlist", holder()), 44, 5, (id, who));
        for agent in [None, Some(who)] {
            let arguments = [("instrument", instrument(id)), ("agent", option(agent.map(owner)))];
            arrives(&call("Instruments", "set_agent", arguments), 44, 6, (id, agent));
        }
        for (name, place) in [("pause", 7), ("resume", 8), ("close", 9)] {
            arrives(&call("Instruments", name, [("instrument", instrument(id))]), 44, place, id);
        }
    }

    #[test]
    fn joint_accounts_arrive_as_meant() {
        let account = OwnerId([9; 24]);
        for count in [2, 3, 16] {
            let managers: Vec<_> = (0..count).map(|id| OwnerId([id; 24])).collect();
            let of = SigningRule { managers: managers.clone().try_into().unwrap(), threshold: 2 };
            let signed = vec![[5u8; 64]; usize::from(count)];
            let arguments = [
                ("account", owner(account)),
                ("class", class(OwnerClass::Phone)),
                ("person", person(None)),
                ("rule", rule(&of)),
                ("expiry", number(7)),
                ("signatures", signatures(&signed)),
            ];
            let meant = (account, OwnerClass::Phone, None::<PersonTag>, &managers, 2u8, 7u32, &signed);
            arrives(&call("Joint", "open", arguments), 42, 0, meant);
            let arguments = [
                ("account", owner(account)),
                ("rule", rule(&of)),
                ("expiry", number(7)),
                ("signatures", signatures(&signed[..1])),
            ];
            let meant = (account, &managers, 2u8, 7u32, signed[..1].to_vec());
            arrives(&call("Joint", "propose", arguments), 42, 1, meant);
        }
        for (place, name) in [(2, "withdraw"), (3, "object")] {
            arrives(&call("Joint", name, [("account", owner(account))]), 42, place, account);
        }
        let arguments = [("account", owner(account)), ("proposal", number(7)), ("objections", number(3))];
        arrives(&call("Joint", "approve", arguments), 42, 4, (account, 7u32, 3u8));
        let sent = call("Joint", "reject", [("account", owner(account)), ("proposal", number(7))]);
        arrives(&sent, 42, 5, (account, 7u32));
    }

    #[test]
    fn cards_arrive_as_meant() {
        let (key, bank_of, number_of) = (AccountId::new([9; 32]), BankId(2), CardNumber(u64::MAX));
        for count in [1, 2, 64] {
            let made = || Value::named_composite([("key", account(&key)), ("loss_key", account(&key))]);
            let arguments = [("bank", bank(bank_of)), ("cards", list((0..count).map(|_| made())))];
            arrives(&call("Cards", "personalise", arguments), 36, 0, (bank_of, vec![(&key, &key); count]));
        }
        arrives(&call("Cards", "withdraw", [("card", card(number_of))]), 36, 1, number_of);
        let signature = || Value::from_bytes([5u8; 64]);
        let arguments = [("card", card(number_of)), ("expiry", number(7)), ("signature", signature())];
        arrives(&call("Cards", "hand_out", arguments), 36, 2, (number_of, 7u32, [5u8; 64]));
        let arguments = [
            ("card", card(number_of)),
            ("holder", owner(OwnerId([3; 24]))),
            ("expiry", number(7)),
            ("signature", signature()),
            ("consent", signature()),
        ];
        arrives(&call("Cards", "bind", arguments), 36, 3, (number_of, OwnerId([3; 24]), 7u32, [5u8; 64], [5u8; 64]));
        arrives(&call("Cards", "report_lost", [("card", card(number_of))]), 36, 4, number_of);
        arrives(&call("Cards", "found", [("card", card(number_of))]), 36, 5, number_of);
        let arguments = [
            ("lost", card(number_of)),
            ("new", card(CardNumber(1))),
            ("expiry", number(7)),
            ("signature", signature()),
            ("evidence", signature()),
        ];
        arrives(&call("Cards", "replace", arguments), 36, 6, (number_of, CardNumber(1), 7u32, [5u8; 64], [5u8; 64]));
        arrives(
            &call("Cards", "set_allowance", [("bank", bank(bank_of)), ("most", number(7))]),
            36,
            7,
            (bank_of, 7u32),
        );
    }

    #[test]
    fn proposals_wrap_calls() {
        let resume = call("Audit", "resume", [("reason", bytes(b"counted again"))]);
        let enact = call("Participants", "enact", [("call", resume.into_value())]);
        arrives(&enact, 20, 11, (200u8, 0u8, b"counted again".to_vec()));
    }
}
