//! A bank and owners that are not its own: it can neither register them once more nor do anything to them. Every call
//! that names an owner is listed, and tried by a bank that may not make it.

use super::{
    cards, instruments, joint,
    supervision::{hold, person, release, REGISTRY, SUPERVISOR},
    *,
};
use codec::Encode;
use pallet_identity::Error as IdentityError;
use scale_info::{form::PortableForm, MetaType, PortableRegistry, Registry, TypeDef};
use specie_primitives::{
    identity::{ClassProof, RebindProof},
    limits::DAY_MS,
    ChangeFrom, PickupClaim, PickupId, PickupReceiver, Reason,
};
use std::collections::BTreeSet;

/// The bank that may not.
const FOREIGN: &str = "//BankB";
const BANK_C: BankId = BankId(3);
/// Stands for the key that a wallet derives from a pickup code.
const CODE: &str = "//the code";

/// A call that names an owner.
struct Attempt {
    call: RuntimeCall,
    /// Makes that it could succeed.
    ready: fn(),
    /// Who may make it, so that it is not for another reason that the bank may not.
    by: Option<&'static str>,
    /// Why the bank may not.
    error: DispatchError,
}

fn attempt(call: impl Into<RuntimeCall>, ready: fn(), by: &'static str, error: impl Into<DispatchError>) -> Attempt {
    Attempt { call: call.into(), ready, by: Some(by), error: error.into() }
}

fn nothing() {}

fn ann() -> OwnerId {
    owner("ann")
}

/// Empty, and a customer of bank A.
fn cid() -> OwnerId {
    owner("cid")
}

fn request() -> pallet_identity::Call<Runtime> {
    let (key, expiry) = (account("//new"), System::block_number() + 100);
    let proof = RebindProof::new(System::block_hash(0), ann(), BANK_A, key.clone(), expiry);
    let signature = pair("//new").sign(&proof.encode());
    pallet_identity::Call::request_rebind { owner: ann(), key, expiry, signature }
}

fn suspended() {
    assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: ann() }));
}

fn requested() {
    assert_ok!(call("//BankA", request()));
}

fn waited() {
    requested();
    assert_ok!(call(SUPERVISOR, pallet_identity::Call::approve_rebind { owner: ann(), key: account("//new") }));
    start_block(System::block_number() + pallet_identity::RebindDelay::<Runtime>::get());
}

fn objected() {
    requested();
    assert_ok!(call("//ann", pallet_identity::Call::object {}));
}

fn offered() {
    let expiry = System::block_number() + 100;
    assert_ok!(call("//ann", pallet_identity::Call::move_to { bank: BANK_C, expiry }));
}

fn left() {
    let leave = pallet_pickup::Call::deposit_for {
        payee: owner("nobody"),
        claim_key: pair(CODE).public(),
        coins: coins_of("ann")[..1].to_vec().try_into().expect("one"),
        expires: System::block_number() + 1_000,
    };
    assert_ok!(call("//ann", leave));
}

fn change_of_class() -> pallet_identity::Call<Runtime> {
    let (class, person, expiry) = (OwnerClass::Person, Some(PersonTag([7; 32])), System::block_number() + 1);
    let proof = ClassProof::new(System::block_hash(0), ann(), BANK_A, class, person, expiry);
    let consent = Some(pallet_identity::Consent { expiry, signature: pair("//ann").sign(&proof.encode()) });
    pallet_identity::Call::change_class { owner: ann(), class, person, consent }
}

/// A registration of somebody new at a bank, with a key of its own.
fn registration(name: &str, bank: BankId, key: &str) -> pallet_identity::Call<Runtime> {
    let (owner, class, expiry) = (owner(name), OwnerClass::Phone, System::block_number() + 100);
    let proof = RegistrationProof::new(System::block_hash(0), owner, bank, account(key), class, expiry);
    let signature = pair(key).sign(&proof.encode());
    pallet_identity::Call::register { owner, key: account(key), class, person: None, expiry, signature }
}

fn collection() -> pallet_pickup::Call<Runtime> {
    let receiver = PickupReceiver::Custody { bank: BANK_A, owner: ann() };
    let claim = PickupClaim::new(System::block_hash(0), PickupId(0), receiver);
    let signature = pair(CODE).sign(&claim.encode());
    pallet_pickup::Call::claim_at_bank { pickup: PickupId(0), receiver, signature }
}

/// What the identity pallet's calls come to.
fn attempts_on_identity() -> Vec<Attempt> {
    use pallet_identity::Call;
    let not_yours = || IdentityError::<Runtime>::NotYourOwner;
    let key = || account("//new");
    let a = "//BankA";
    vec![
        // With a proof that names the other bank, as it may have seen in a block or in the pool.
        attempt(registration("eve", BANK_A, "//eve"), nothing, a, IdentityError::<Runtime>::BadSignature),
        attempt(Call::suspend { owner: ann() }, nothing, a, not_yours()),
        attempt(Call::reinstate { owner: ann() }, suspended, a, not_yours()),
        attempt(Call::close { owner: cid() }, nothing, a, not_yours()),
        // The owner's consent, too, names its bank.
        attempt(change_of_class(), nothing, a, not_yours()),
        attempt(request(), nothing, a, not_yours()),
        attempt(Call::cancel_rebind { owner: ann() }, requested, a, not_yours()),
        attempt(Call::complete_rebind { owner: ann() }, waited, a, not_yours()),
        attempt(Call::accept_move { owner: ann() }, offered, "//BankC", IdentityError::<Runtime>::NoOffer),
        attempt(
            Call::decide_rebind { owner: ann(), key: key(), uphold: false },
            objected,
            SUPERVISOR,
            DispatchError::BadOrigin,
        ),
        attempt(Call::approve_rebind { owner: ann(), key: key() }, requested, SUPERVISOR, DispatchError::BadOrigin),
        attempt(Call::assign { owner: ann(), bank: BANK_B }, nothing, SUPERVISOR, DispatchError::BadOrigin),
    ]
}

/// What the calls come to that move money.
fn attempts_on_money() -> Vec<Attempt> {
    let coins = || coins_of("ann")[..1].to_vec();
    let transfer = pallet_ownership::Call::transfer { to: cid(), coins: coins().try_into().expect("one") };
    let with_change = pallet_ownership::Call::transfer_with_change {
        to: cid(),
        coins: Default::default(),
        at: ChangeFrom::Vault(BANK_A),
        give: vec![coins_of("ann")[10]].try_into().expect("one"),
        pay: fresh(&[(TEN, 6)]),
        change: fresh(&[(TEN, 4)]),
    };
    let leave = pallet_pickup::Call::deposit_for {
        payee: cid(),
        claim_key: pair(CODE).public(),
        coins: coins().try_into().expect("one"),
        expires: System::block_number() + 1_000,
    };
    let credit = pallet_custody::Call::credit { owner: ann(), amount: 1_000 };
    let send = pallet_custody::Call::transfer {
        from_bank: BANK_A,
        to_bank: BANK_A,
        to: owner("ben"),
        amount: 1_000,
        expires: None,
    };
    vec![
        attempt(transfer, nothing, "//ann", DispatchError::BadOrigin),
        attempt(with_change, nothing, "//ann", DispatchError::BadOrigin),
        attempt(leave, nothing, "//ann", DispatchError::BadOrigin),
        attempt(collection(), left, "//BankA", pallet_pickup::Error::<Runtime>::WrongReceiver),
        attempt(send, nothing, "//ann", DispatchError::BadOrigin),
        attempt(credit, nothing, "//BankA", pallet_custody::Error::<Runtime>::NotCustomer),
        attempt(
            pallet_custody::Call::debit { owner: ann(), amount: 1_000 },
            nothing,
            "//BankA",
            pallet_custody::Error::<Runtime>::CustodyTooLow,
        ),
    ]
}

fn held() {
    assert_ok!(call(SUPERVISOR, hold([person("ann")], None)));
}

fn opened() -> pallet_supervision::Call<Runtime> {
    pallet_supervision::Call::open_mandate {
        target: person("ann"),
        reason: Reason::Inquiry,
        authority: Hash::repeat_byte(7),
        until: System::block_number() + 100,
    }
}

fn confirmed() {
    assert_ok!(call(SUPERVISOR, opened()));
    assert_ok!(call(REGISTRY, pallet_supervision::Call::confirm_mandate { mandate: 0 }));
}

/// What the supervisor's calls come to.
fn attempts_on_supervision() -> Vec<Attempt> {
    let trace = pallet_supervision::Call::trace { mandate: 0, target: person("ann"), query: Hash::repeat_byte(8) };
    let never = DispatchError::BadOrigin;
    vec![
        attempt(hold([person("ann")], None), nothing, SUPERVISOR, never),
        attempt(release([person("ann")]), held, SUPERVISOR, never),
        attempt(opened(), nothing, SUPERVISOR, never),
        attempt(trace, confirmed, SUPERVISOR, never),
    ]
}

/// A card of bank A, and somebody whom that bank verified.
fn personalised() {
    assert_ok!(call(REGISTRY, cards::personalise(BANK_A, &[0])));
    assert_ok!(register_as("//BankA", BANK_A, "dora", "//dora", OwnerClass::Person, Some(PersonTag([8; 32]))));
}

/// What a bank comes to that binds cards to customers of others.
fn attempts_on_cards() -> Vec<Attempt> {
    let bind = cards::bind(0, BANK_A, "dora", "//dora");
    vec![attempt(bind, personalised, "//BankA", pallet_cards::Error::<Runtime>::NotYourCard)]
}

fn admitted() {
    assert_ok!(call("//Admitting//1", pallet_orders::Call::admit_processor { owner: ann() }));
}

/// What the calls about processors come to.
fn attempts_on_orders() -> Vec<Attempt> {
    let (admit, dismiss) = (
        pallet_orders::Call::admit_processor { owner: ann() },
        pallet_orders::Call::dismiss_processor { owner: ann() },
    );
    vec![
        attempt(admit, nothing, "//Admitting//1", DispatchError::BadOrigin),
        attempt(dismiss, admitted, "//Admitting//1", DispatchError::BadOrigin),
    ]
}

/// Ann and Ben of bank A have a joint account there.
fn joined() {
    assert_ok!(call("//BankA", joint::open(&["ann", "ben"], 2, BANK_A)));
}

/// Cid is to sign with Ann from now on.
fn proposed() {
    joined();
    assert_ok!(call("//BankA", joint::propose(&["ann", "cid"], 2, &["cid"], BANK_A)));
}

fn proposed_long_ago() {
    proposed();
    start_block(System::block_number() + pallet_identity::RebindDelay::<Runtime>::get());
}

/// What the calls about joint accounts come to.
fn attempts_on_joint_accounts() -> Vec<Attempt> {
    use pallet_joint::{Call, Error};
    let account = owner("pot");
    let proposal = joint::proposal(&["ann", "cid"], 2, &["cid"], BANK_A, 1);
    vec![
        // With signatures that name the other bank, as it may have seen them in a block or in the pool.
        attempt(joint::open(&["ann", "ben"], 2, BANK_A), nothing, "//BankA", Error::<Runtime>::BadSignature),
        attempt(proposal, joined, "//BankA", Error::<Runtime>::NotYourAccount),
        attempt(Call::withdraw { account }, proposed, "//BankA", Error::<Runtime>::NotYourAccount),
        attempt(Call::object { account }, proposed, "//ann", DispatchError::BadOrigin),
        attempt(
            Call::approve { account, proposal: 0, objections: 0 },
            proposed_long_ago,
            SUPERVISOR,
            DispatchError::BadOrigin,
        ),
        attempt(Call::reject { account, proposal: 0 }, proposed, SUPERVISOR, DispatchError::BadOrigin),
    ]
}

fn defined() {
    assert_ok!(call("//BankA", instruments::define(instruments::bill())));
}

fn issued() {
    defined();
    assert_ok!(call("//BankA", instruments::issue(0, "ann", 100)));
}

fn listed() {
    defined();
    assert_ok!(call("//BankA", instruments::list(0, "ann")));
}

/// What the calls about instruments come to.
fn attempts_on_instruments() -> Vec<Attempt> {
    use pallet_instruments::{Call, Error};
    let not_yours = || Error::<Runtime>::NotYours;
    let (instrument, a) = (instruments::id(0), "//BankA");
    vec![
        attempt(instruments::issue(0, "ann", 100), defined, a, not_yours()),
        attempt(instruments::give(0, "ben", 100), issued, "//ann", DispatchError::BadOrigin),
        attempt(instruments::list(0, "ann"), defined, a, not_yours()),
        attempt(Call::unlist { instrument, owner: ann() }, listed, a, not_yours()),
        attempt(Call::set_agent { instrument, agent: Some(ann()) }, defined, a, not_yours()),
    ]
}

fn attempts() -> impl Iterator<Item = Attempt> {
    // Every bank may release an id, but of nobody who is there or holds anything: so Ann's bank may not either.
    let dormant = Attempt {
        call: pallet_identity::Call::release { owner: ann() }.into(),
        ready: nothing,
        by: None,
        error: IdentityError::<Runtime>::NotDormant.into(),
    };
    let all = [
        attempts_on_identity(),
        attempts_on_money(),
        attempts_on_supervision(),
        attempts_on_cards(),
        attempts_on_orders(),
        attempts_on_joint_accounts(),
        attempts_on_instruments(),
        vec![dormant],
    ];
    all.into_iter().flatten()
}

/// Customers of bank A: Ann and Ben, and Cid, who has nothing.
fn customers() {
    with_money();
    assert_ok!(register("//BankA", BANK_A, "cid"));
}

/// What an owner is and has, wherever it is.
fn facts(name: &str) -> (pallet_identity::OwnerRecord, [Balance; 3], Vec<CoinRef>, usize) {
    let record = pallet_identity::Owners::<Runtime>::get(owner(name)).expect("registered");
    let waiting = pallet_pickup::OfPayer::<Runtime>::get(owner(name)).len();
    let at = [BANK_A, BANK_B, BANK_C].map(|bank| custody(bank, name));
    (record, at, coins_of(name), waiting)
}

/// Runs something, and undoes it.
fn undone(what: impl FnOnce()) {
    let outcome = frame_support::storage::transactional::with_transaction(|| {
        what();
        sp_runtime::TransactionOutcome::Rollback(Ok::<(), DispatchError>(()))
    });
    assert_ok!(outcome);
}

#[test]
fn a_bank_can_do_nothing_to_another_banks_owner() {
    run(|| {
        customers();
        for Attempt { call: tried, ready, by, error } in attempts() {
            undone(|| {
                ready();
                if let Some(by) = by {
                    undone(|| assert_eq!(call(by, tried.clone()), Ok(()), "{by} may do it: {tried:?}"));
                }
                refused(FOREIGN, tried, error);
            });
        }
    });
}

/// Whether a type, or anything in it, is an owner id. Calls within calls are checked when they are made.
fn names_owner(types: &PortableRegistry, id: u32, calls: u32, seen: &mut BTreeSet<u32>) -> bool {
    if id == calls || !seen.insert(id) {
        return false;
    }
    let ty = types.resolve(id).expect("registered");
    if ty.path.ident().as_deref() == Some("OwnerId") {
        return true;
    }
    let within: Vec<u32> = match &ty.type_def {
        TypeDef::Composite(composite) => composite.fields.iter().map(|field| field.ty.id).collect(),
        TypeDef::Variant(variants) => fields_of(variants).map(|field| field.ty.id).collect(),
        TypeDef::Sequence(sequence) => vec![sequence.type_param.id],
        TypeDef::Array(array) => vec![array.type_param.id],
        TypeDef::Tuple(tuple) => tuple.fields.iter().map(|field| field.id).collect(),
        TypeDef::Compact(compact) => vec![compact.type_param.id],
        TypeDef::Primitive(_) | TypeDef::BitSequence(_) => Vec::new(),
    };
    within.into_iter().any(|id| names_owner(types, id, calls, seen))
}

fn fields_of(
    variants: &scale_info::TypeDefVariant<PortableForm>,
) -> impl Iterator<Item = &scale_info::Field<PortableForm>> {
    variants.variants.iter().flat_map(|variant| &variant.fields)
}

/// Every call of the runtime with an owner id among its arguments, as `Pallet.call`.
fn calls_that_name_owners() -> BTreeSet<String> {
    let mut registry = Registry::new();
    let calls = registry.register_type(&MetaType::new::<RuntimeCall>()).id;
    let types = PortableRegistry::from(registry);
    let variants = |id: u32| match &types.resolve(id).expect("registered").type_def {
        TypeDef::Variant(variants) => variants.variants.clone(),
        other => panic!("not an enumeration: {other:?}"),
    };
    let mut found = BTreeSet::new();
    for pallet in variants(calls) {
        for call in variants(pallet.fields[0].ty.id) {
            let names = call.fields.iter().any(|field| names_owner(&types, field.ty.id, calls, &mut BTreeSet::new()));
            if names {
                found.insert(format!("{}.{}", pallet.name, call.name));
            }
        }
    }
    found
}

#[test]
fn every_call_that_names_an_owner_is_tried() {
    use frame_support::traits::GetCallMetadata;
    run(|| {
        customers();
        let tried: BTreeSet<String> = attempts()
            .map(|attempt| {
                let metadata = attempt.call.get_call_metadata();
                format!("{}.{}", metadata.pallet_name, metadata.function_name)
            })
            .collect();
        let there = calls_that_name_owners();
        let missing: Vec<_> = there.difference(&tried).collect();
        assert!(missing.is_empty(), "say what becomes of these when a foreign bank makes them: {missing:?}");
        let gone: Vec<_> = tried.difference(&there).collect();
        assert!(gone.is_empty(), "these are tried and name no owner: {gone:?}");
    });
}

#[test]
fn the_bank_that_an_owner_left_can_do_nothing_to_it() {
    run(|| {
        customers();
        offered();
        assert_ok!(call("//BankC", pallet_identity::Call::accept_move { owner: ann() }));
        let not_yours = || IdentityError::<Runtime>::NotYourOwner;
        use pallet_identity::Call;
        let calls = [Call::suspend { owner: ann() }, Call::close { owner: ann() }, change_of_class(), request()];
        for tried in calls {
            refused("//BankA", tried, not_yours());
        }
        // What it owes Ann is hers still.
        let owed = custody(BANK_A, "ann");
        assert!(owed > 0);
        let selection = fresh(&[(TEN, 1)]);
        assert_ok!(call("//ann", pallet_custody::Call::withdraw { bank: BANK_A, selection }));
        assert_eq!(custody(BANK_A, "ann"), owed - 1_000);
    });
}

#[test]
fn two_banks_do_not_register_one_identity() {
    run(|| {
        let taken = || IdentityError::<Runtime>::AlreadyRegistered;
        assert_ok!(call("//BankA", registration("dot", BANK_A, "//dot")));
        let before = facts("dot");
        // Neither another bank nor the same, whatever the key.
        refused("//BankB", registration("dot", BANK_B, "//dot2"), taken());
        refused("//BankB", registration("dot", BANK_B, "//dot"), taken());
        refused("//BankA", registration("dot", BANK_A, "//dot2"), taken());
        assert_eq!(facts("dot"), before);
        // Nor when the owner is suspended, or has left for good.
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("dot") }));
        refused("//BankB", registration("dot", BANK_B, "//dot2"), taken());
        assert_ok!(call("//BankA", pallet_identity::Call::close { owner: owner("dot") }));
        refused("//BankB", registration("dot", BANK_B, "//dot2"), taken());
        refused("//BankA", registration("dot", BANK_A, "//dot2"), taken());
    });
}

#[test]
fn of_two_registrations_in_one_block_the_first_holds() {
    use super::transactions::signed;
    run(|| {
        let transactions = [("//BankB", BANK_B, "//dot2"), ("//BankA", BANK_A, "//dot")]
            .map(|(uri, bank, key)| signed(uri, System::account_nonce(account(uri)), registration("dot", bank, key)));
        let outcomes = transactions.map(|transaction| Executive::apply_extrinsic(transaction).expect("valid"));
        let taken = DispatchError::from(IdentityError::<Runtime>::AlreadyRegistered);
        let [first, second] = outcomes.map(|outcome| outcome.map_err(without_message));
        assert_eq!((first, second), (Ok(()), Err(without_message(taken))));
        let record = pallet_identity::Owners::<Runtime>::get(owner("dot")).expect("registered");
        assert_eq!((record.bank, record.key), (BANK_B, account("//dot2")));
        // The other bank's key is nobody's.
        assert!(!pallet_identity::OwnerOf::<Runtime>::contains_key(account("//dot")));
    });
}

/// The same as it comes out of a block, where nobody writes the name of an error.
fn without_message(error: DispatchError) -> DispatchError {
    match error {
        DispatchError::Module(ModuleError { index, error, .. }) => {
            DispatchError::Module(ModuleError { index, error, message: None })
        },
        other => other,
    }
}

#[test]
fn of_two_registrations_after_a_release_one_holds() {
    run(|| {
        limits::at(20_000 * DAY_MS);
        assert_ok!(call("//BankA", registration("dot", BANK_A, "//dot")));
        let days = u64::from(pallet_identity::DormancyDays::<Runtime>::get());
        let release = || pallet_identity::Call::release { owner: owner("dot") };
        refused("//BankB", release(), IdentityError::<Runtime>::NotDormant);
        limits::at((20_000 + days) * DAY_MS);
        assert_ok!(call("//BankB", release()));
        // Who had it has it no more, and its key is bound for good.
        refused(
            "//BankA",
            pallet_identity::Call::suspend { owner: owner("dot") },
            IdentityError::<Runtime>::UnknownOwner,
        );
        refused("//BankB", registration("dot", BANK_B, "//dot"), IdentityError::<Runtime>::KeyAlreadyBound);
        // Both banks want it in the same block.
        assert_ok!(call("//BankB", registration("dot", BANK_B, "//dot2")));
        refused("//BankA", registration("dot", BANK_A, "//dot3"), IdentityError::<Runtime>::AlreadyRegistered);
        refused("//BankA", release(), IdentityError::<Runtime>::NotDormant);
        refused(
            "//BankA",
            pallet_identity::Call::close { owner: owner("dot") },
            IdentityError::<Runtime>::NotYourOwner,
        );
        let record = pallet_identity::Owners::<Runtime>::get(owner("dot")).expect("registered");
        assert_eq!((record.bank, record.key), (BANK_B, account("//dot2")));
    });
}
