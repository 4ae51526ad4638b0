//! Other managers of the joint account.

use super::*;
use pallet_joint::Error as JointError;
use specie_primitives::SigningRule;

/// Three of the four that have keys.
const SETS: [[usize; 3]; 5] = [[0, 1, 2], [0, 1, 3], [1, 2, 3], [3, 2, 0], [2, 1, 0]];

/// Mostly a sound set, with the consent of those who are new.
pub fn make_managers(world: &World, payer: usize, [set, _, threshold, odd]: Dice, _: &[Written]) -> Draft {
    let mut managers = SETS[set as usize % SETS.len()].to_vec();
    let mut threshold = 1 + threshold % 3;
    match odd {
        0 => managers.truncate(1),
        1 => managers[2] = managers[0],
        2 => managers[2] = JOINT,
        3 => threshold = 4 * (threshold % 2),
        _ => {},
    }
    let account = if odd == 4 { payer } else { JOINT };
    let newcomers = managers.iter().copied().filter(|who| !world.managers.contains(who) && *who != JOINT);
    let parties = [account].into_iter().chain(newcomers.skip(usize::from(odd == 5))).take(4).collect();
    let managers: Vec<_> = managers.iter().map(|who| owner(NAMES[*who])).collect();
    let rule = SigningRule { managers: managers.try_into().expect("few"), threshold: threshold as u8 };
    Draft { parties, action: Action::SetManagers { rule } }
}

pub fn act_managers(world: &mut World, asked: &Asked, action: &Action) -> Option<Result<(), DispatchError>> {
    let Action::SetManagers { rule } = action else { return None };
    let managers: Vec<_> = rule.managers.iter().map(|manager| World::place(*manager)).collect();
    Some(set_managers(world, asked, managers, rule.threshold))
}

fn set_managers(world: &mut World, asked: &Asked, managers: Vec<usize>, threshold: u8) -> Result<(), DispatchError> {
    ensure!(asked.payer == JOINT, JointError::<Runtime>::UnknownAccount);
    let is_other = managers != world.managers || threshold != world.threshold;
    ensure!(is_other, JointError::<Runtime>::SameManagers);
    ensure!(managers.len() >= 2, JointError::<Runtime>::TooFewManagers);
    let is_once = |who: &usize| managers.iter().filter(|other| *other == who).count() == 1;
    ensure!(managers.iter().all(is_once), JointError::<Runtime>::ManagerTwice);
    ensure!((1..=managers.len()).contains(&usize::from(threshold)), JointError::<Runtime>::BadThreshold);
    let mut newcomers = Vec::new();
    for who in &managers {
        ensure!(*who != JOINT, JointError::<Runtime>::ManagerIsJoint);
        if !world.managers.contains(who) {
            ensure!(!world.is_stopped[*who], JointError::<Runtime>::ManagerNotActive);
            newcomers.push(*who);
        }
    }
    ensure!(newcomers == asked.parties[1..], JointError::<Runtime>::ConsentMissing);
    (world.managers, world.threshold) = (managers, threshold);
    world.version += 1;
    Ok(())
}
