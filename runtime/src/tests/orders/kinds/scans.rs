//! Payment codes that somebody scanned, and what comes of payments that wait.

use super::{super::model::Waiting, *};
use pallet_codes::Error as CodesError;
use specie_primitives::{
    payment_codes::{code_payload, CodeSide, MAX_CODE_LIFE, MAX_PENDING},
    PaymentCode, Scan,
};

/// Blocks for which most codes are good.
const LIFE: BlockNumber = 40;

/// Mostly a new code of somebody else, signed by it or not; now and then one that was scanned before.
pub fn make_scan(world: &World, payer: usize, dice: Dice, written: &[Written]) -> Draft {
    let [other, flags, _, _] = dice;
    let before = written.iter().rev().find_map(|written| match &written.order.action {
        Action::Code(scan) => Some(scan.clone()),
        _ => None,
    });
    let scan = match before {
        Some(scan) if flags == 6 => scan,
        _ => new_scan(world, payer, dice, written.len()),
    };
    let is_unsigned = flags % 4 == 3;
    // Somebody may sign for a scan of somebody else.
    let scanner = if flags == 0 { other as usize % NAMES.len() } else { World::place(scan.scanner) };
    Draft { parties: if is_unsigned { vec![] } else { vec![scanner] }, action: Action::Code(scan) }
}

fn new_scan(world: &World, scanner: usize, [other, flags, amount, odd]: Dice, number: usize) -> Scan {
    let generator = other as usize % NAMES.len();
    let said = Balance::from(amount) * 100;
    let (shown, said) = match amount % 4 {
        0 => (None, Some(said)),
        1 => (Some(said), Some(said + Balance::from(odd == 5))),
        _ => (Some(said), None),
    };
    let code = PaymentCode {
        side: if flags % 2 == 0 { CodeSide::Payee } else { CodeSide::Payer },
        reusable: flags > 6,
        owner: owner(NAMES[generator]),
        bank: World::bank_at(BANK_OF[generator]),
        amount: shown,
        until: match odd {
            1 => None,
            2 => Some(world.clock + 2 * MAX_CODE_LIFE),
            _ => Some(world.clock + LIFE),
        },
        random: (number as u64).to_le_bytes(),
    };
    // The joint account has no key: a manager's is not enough.
    let signer = match odd {
        0 => Some((generator + 1) % JOINT),
        3 | 4 => None,
        _ => Some(generator % JOINT),
    };
    let bytes = code.to_bytes();
    let payload = code_payload(System::block_hash(0), &bytes);
    Scan {
        code: bytes.try_into().expect("short"),
        signature: signer.map(|who| sign(&format!("//{}", NAMES[who]), &payload)),
        scanner: owner(NAMES[scanner]),
        bank: World::bank_at(BANK_OF[scanner]),
        amount: said,
    }
}

pub fn act_scan(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Code(scan) = action else { return None };
    Some(look_at_code(world, asked, scan))
}

fn look_at_code(world: &mut World, asked: &Asked, scan: &Scan) -> Result<(), DispatchError> {
    let code = PaymentCode::read(&scan.code).expect("a code");
    let (is_signed, has_signature) = (!asked.parties.is_empty(), scan.signature.is_some());
    ensure!(is_signed || has_signature, CodesError::<Runtime>::NobodySigned);
    ensure!(is_signed || !code.reusable, CodesError::<Runtime>::ScannerMustSign);
    let generator = World::place(code.owner);
    ensure!(generator != asked.payer, CodesError::<Runtime>::SameOwner);
    let by_payee = code.side == CodeSide::Payee;
    let is_address = by_payee && code.reusable && !has_signature;
    ensure!(is_address || code.until.is_some(), CodesError::<Runtime>::CodeTooLong);
    let until = code.until.unwrap_or(BlockNumber::MAX);
    ensure!(world.clock <= until, CodesError::<Runtime>::CodeExpired);
    let most = world.clock + MAX_CODE_LIFE;
    ensure!(is_address || until <= most, CodesError::<Runtime>::CodeTooLong);
    let is_same = code.amount.is_none() || scan.amount.is_none() || code.amount == scan.amount;
    ensure!(is_same, CodesError::<Runtime>::AmountDiffers);
    let amount = code.amount.or(scan.amount).unwrap_or(0);
    ensure!(amount > 0, CodesError::<Runtime>::NoAmount);
    ensure!(code.reusable || !world.used.contains(&scan.code.to_vec()), CodesError::<Runtime>::CodeUsed);
    ensure!(is_signed_by(generator, scan), CodesError::<Runtime>::BadCodeSignature);
    if !code.reusable {
        world.used.insert(scan.code.to_vec());
    }
    let (own, others) = ((asked.payer, World::bank(scan.bank)), (generator, World::bank(code.bank)));
    let (from, to) = if by_payee { (own, others) } else { (others, own) };
    ensure!(!world.is_stopped[from.0], CodesError::<Runtime>::PayerNotActive);
    // The payer signed for payee and amount, or for an amount and one payment.
    let is_for_one = has_signature && code.amount.is_some() && !code.reusable;
    if is_signed && (by_payee || is_for_one) {
        return world.send(from.0, to.0, [from.1, to.1], amount);
    }
    let signer = if is_signed { asked.payer } else { generator };
    let of_signer = world.waiting.values().filter(|waiting| waiting.signer == signer).count();
    ensure!(of_signer < MAX_PENDING as usize, CodesError::<Runtime>::TooManyPending);
    let until = world.clock + <Runtime as pallet_codes::Config>::PendingLife::get();
    let (payer, payee, banks) = (from.0, to.0, [from.1, to.1]);
    world.waiting.insert(asked.id, Waiting { payer, payee, banks, amount, signer, until });
    Ok(())
}

/// Whether a code bears no signature, or that of the key of its owner.
fn is_signed_by(generator: usize, scan: &Scan) -> bool {
    let payload = code_payload(System::block_hash(0), &scan.code);
    let is_own = |signature: &Signature| {
        let key = pair(&format!("//{}", NAMES[generator])).public();
        generator != JOINT && sr25519::Pair::verify(signature, &payload, &key)
    };
    scan.signature.as_ref().is_none_or(is_own)
}

/// Mostly by the payer.
pub fn make_answer(world: &World, payer: usize, [_, says, which, odd]: Dice, _: &[Written]) -> Draft {
    let payment = one_of(world.waiting.keys(), which);
    let by = match (odd, world.waiting.get(&payment)) {
        (0, _) | (_, None) => payer,
        (1, Some(waiting)) => waiting.payee,
        (_, Some(waiting)) => waiting.payer,
    };
    of(by, Action::Answer { payment, confirms: says % 3 != 0 })
}

pub fn act_answer(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::Answer { payment, confirms } = action else { return None };
    Some(answer(world, asked.payer, *payment, *confirms))
}

fn answer(world: &mut World, by: usize, payment: OrderId, confirms: bool) -> Result<(), DispatchError> {
    let Waiting { payer, payee, banks, amount, .. } =
        world.waiting.remove(&payment).ok_or(CodesError::<Runtime>::UnknownPayment)?;
    let may = by == payer || (by == payee && !confirms);
    ensure!(may, CodesError::<Runtime>::NotYours);
    if confirms {
        world.send(payer, payee, banks, amount)?;
    }
    Ok(())
}
