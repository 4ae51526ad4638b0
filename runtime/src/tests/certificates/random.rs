//! Random documents in random order: every scan passes, a refused call changes nothing, and nothing that is known gets
//! older or comes back.

use super::*;
use proptest::prelude::*;
use specie_primitives::Institution;

/// One call; keys are numbered from zero.
#[derive(Clone, Debug)]
enum Step {
    /// Kind of institution, number of its key, serial, thousands of seconds until it ends.
    Publish(u8, u8, u8, i8),
    /// Batch, seconds since, whether its count is right.
    Certify(u8, u8, bool),
    /// Serial of a device's certificate, whether another bank sends it.
    Revoke(u8, bool),
    /// First byte of an item, or a key of a kind.
    RevokeItem(u8),
    /// Number, entries.
    Announce(u8, u8),
    /// Number of the new root key, blocks for which the old one is known.
    Replace(u8, u8),
    /// Blocks that pass.
    Wait(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..4, 0u8..3, 0u8..12, -3i8..9).prop_map(|(kind, key, serial, end)| Step::Publish(kind, key, serial, end)),
        3 => (0u8..3, 0u8..200, any::<bool>()).prop_map(|(batch, ago, right)| Step::Certify(batch, ago, right)),
        3 => (0u8..8, any::<bool>()).prop_map(|(serial, other)| Step::Revoke(serial, other)),
        1 => (0u8..8).prop_map(Step::RevokeItem),
        2 => (0u8..9, 0u8..6).prop_map(|(number, entries)| Step::Announce(number, entries)),
        1 => (0u8..3, 0u8..9).prop_map(|(key, blocks)| Step::Replace(key, blocks)),
        2 => (1u8..6).prop_map(Step::Wait),
    ]
}

/// Ed25519 keys of each kind, and P-256 keys for the last number.
fn secret(kind: u8, number: u8) -> Secret {
    match number {
        2 => Secret::p256(kind + 40),
        _ => Secret::Ed25519(ed25519::Pair::from_seed(&[kind * 8 + number + 1; 32])),
    }
}

/// The root that is current: its number is kept here.
fn take(step: &Step, root: &mut u8) -> Result<(), DispatchError> {
    const KINDS: [Kind; 4] = [Kind::Root, Kind::Issuing, Kind::Registry, Kind::Bank];
    let above = secret(0, *root);
    match *step {
        Step::Publish(kind, number, serial, end) => {
            let holder = if kind == 0 { secret(0, *root) } else { secret(kind, number) };
            let end = i64::from(NOW) + i64::from(end) * 1_000;
            let not_after = u32::try_from(end).expect("in range");
            let not_before = (NOW - 5_000).min(not_after);
            let kind = KINDS[usize::from(kind)];
            let body = Body { serial: serial.into(), not_before, not_after, ..body(kind, &above, holder.key()) };
            match kind {
                Kind::Bank => call("//BankA", publish_bank(body, &above, &holder)),
                _ => call(REGISTRY, publish(body, &above)),
            }
        },
        Step::Certify(batch, ago, right) => {
            let issuing = secret(1, batch);
            let Some(minted) = pallet_issuance::Batches::<Runtime>::get(u32::from(batch)) else { return Ok(()) };
            let batch = Batch {
                genesis: network(),
                batch: batch.into(),
                denomination: minted.denomination.0,
                count: minted.count + u32::from(!right),
                seed: Seed(minted.seed),
                signed_at: NOW - u32::from(ago),
                issuer: issuing.key().id(),
            };
            let certificate = BatchCertificate::new(batch, issuing.sign(&batch.payload())).expect("a certificate");
            call(ISSUING, Call::certify_batch { certificate: BoundedVec::truncate_from(certificate.encode()) })
        },
        Step::Revoke(serial, other) => {
            let bank = secret(3, serial % 3);
            let device = Body { serial: serial.into(), ..body(Kind::Device, &bank, secret(9, 0).key()) };
            let sender = if other { "//BankB" } else { "//BankA" };
            call(sender, Call::revoke { certificate: signed(device, &bank), reason: RevocationReason::Lost })
        },
        Step::RevokeItem(byte) => {
            let item = if byte == 7 { item_of(secret(1, 2).key()) } else { RevokedItem([byte; 16]) };
            call(REGISTRY, revoke_item(item))
        },
        Step::Announce(number, entries) => {
            let (registry, hash) = (u64::from(number) % 4, Hash::repeat_byte(number));
            call(REGISTRY, Call::anchor_digest { registry, number: number.into(), hash, entries: entries.into() })
        },
        Step::Replace(number, blocks) => {
            let key = BoundedVec::truncate_from(secret(0, number).key().encode());
            let known_until = System::block_number() + u32::from(blocks);
            crate::tests::governance::enact(Call::replace_root { key, known_until })?;
            *root = number;
            Ok(())
        },
        Step::Wait(blocks) => {
            start_block(System::block_number() + u32::from(blocks));
            Ok(())
        },
    }
}

/// What may only grow: certificates' serials by key, times of batches, revocations, and the last anchor.
fn standing() -> (Vec<(Vec<u8>, u64)>, Vec<Option<u32>>, u32, Option<(u64, u32)>) {
    let certificates = Certificates::bank_certificates(BANK_A);
    let mut serials: Vec<_> = certificates
        .iter()
        .filter_map(|bytes| Certificate::decode(&bytes.0).ok())
        .map(|one| ([one.body().subject.encode(), one.body().issuer.0.to_vec()].concat(), one.body().serial))
        .collect();
    serials.sort();
    let signed =
        (0..3).map(|batch| pallet_certificates::BatchSignatures::<Runtime>::get(batch).map(|one| one.signed_at));
    let list = Certificates::revocations(0, 1);
    (serials, signed.collect(), list.total, list.digest.map(|last| (last.registry, last.number)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_gets_older(steps in prop::collection::vec(step(), 1..60)) {
        run_now(|_| {
            mint(TEN, 10);
            mint(HUNDRED, 5);
            // A root of which this test has every secret, with what hangs on it.
            let key = BoundedVec::truncate_from(secret(0, 0).key().encode());
            assert_ok!(crate::tests::governance::enact(Call::replace_root { key, known_until: 0 }));
            let mut root = 0;
            for kind in 0..4 {
                assert_ok!(take(&Step::Publish(kind, 0, 1, 5), &mut root));
            }
            for step in steps {
                let (before, state) = (standing(), sp_io::storage::root(sp_runtime::StateVersion::V1));
                let taken = take(&step, &mut root);
                if taken.is_err() && !matches!(step, Step::Replace(..)) {
                    let now = sp_io::storage::root(sp_runtime::StateVersion::V1);
                    assert_eq!(state, now, "refused, yet the state changed: {step:?}");
                }
                let after = standing();
                for (key, serial) in &before.0 {
                    let now = after.0.iter().find(|(of, _)| of == key);
                    assert!(now.is_none_or(|(_, now)| now >= serial), "{step:?} brought an old certificate back");
                }
                assert!(before.1.iter().zip(&after.1).all(|(one, two)| one <= two), "{step:?} took a signature back");
                assert!(before.2 <= after.2 && before.3 <= after.3, "{step:?} took a revocation back");
                check_everything();
            }
            let by: u32 = pallet_certificates::RevokedBy::<Runtime>::iter_values().sum();
            assert_eq!(by, Certificates::revocations(0, 1).total);
            assert_eq!(pallet_certificates::RevokedBy::<Runtime>::get(Institution::Bank(BANK_B)), 0);
        });
    }
}
