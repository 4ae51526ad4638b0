//! What an institution looks for in the definition that it is asked to sign off.

use super::{
    collect::collect,
    contribution::{other_line, Contribution, Duty, ValidatorKeys},
    plan::Plan,
};
use crate::definition::{Definition, InstitutionName};
use specie_primitives::{AccountId, Institution};

/// What of an institution's contributions does not stand in a definition as it was made, and what stands there in the
/// institution's name and is in none of them; empty if all is well. Each contribution comes with the name of its file.
pub fn compare(definition: &Definition, mine: &[(String, Contribution)]) -> Vec<String> {
    let Some((_, first)) = mine.first() else { return vec!["there is nothing to compare the definition with".into()] };
    let institution = first.institution;
    let mut problems = Vec::new();
    for (file, contribution) in mine {
        let made_for = (contribution.network.as_str(), contribution.network_id);
        if made_for != (definition.id.as_str(), definition.genesis.network_id) {
            problems.push(format!(
                "{file}: these keys were made for the network {} (network {}), the definition is of {} (network {})",
                made_for.0, made_for.1, definition.id, definition.genesis.network_id
            ));
        }
        if contribution.institution != institution {
            let (this, other) = (InstitutionName(contribution.institution), InstitutionName(institution));
            problems.push(format!("{file}: these are keys of {this}, the others are of {other}; compare them apart"));
        }
        for key in &contribution.accounts {
            if !listed(definition, institution, key.duty).contains(&key.account) {
                problems.push(format!(
                    "{file}: the definition does not have {} as `{}` of {}",
                    key.account,
                    key.duty.name(),
                    InstitutionName(institution)
                ));
            }
        }
        for validator in &contribution.validators {
            compare_validator(definition, file, institution, validator, &mut problems);
        }
    }
    if problems.is_empty() {
        find_others(definition, institution, mine, &mut problems);
    }
    problems
}

/// What keeps a definition's text from being the one that a plan and all contributions make; empty if it is. Each
/// contribution comes with the name of its file.
pub fn compare_whole(text: &str, plan: &Plan, all: &[(String, Contribution)]) -> Vec<String> {
    let made = match collect(plan, all) {
        Ok(made) => made,
        Err(refused) => {
            let why =
                "this plan and these contributions make no definition: give the plan that everybody agreed to, and \
                 every contribution once";
            return [why.to_owned()].into_iter().chain(refused.problems).collect();
        },
    };
    let Some(line) = other_line(text, &made) else { return Vec::new() };
    let shown = |text: &str| match text.split('\n').nth(line.saturating_sub(1)) {
        Some(line) => format!("`{}`", line.replace('\r', "\\r")),
        None => "nothing more".to_owned(),
    };
    vec![format!(
        "the definition is not what this plan and these contributions make: in line {line} it has {}, they make {}; refuse \
         it, unless the plan is not the one that everybody agreed to or a contribution is missing here",
        shown(text),
        shown(&made)
    )]
}

/// Accounts that a definition lists for a duty.
fn listed(definition: &Definition, institution: Institution, duty: Duty) -> Vec<AccountId> {
    let genesis = &definition.genesis;
    match (duty, institution) {
        (Duty::Role(role), Institution::Issuer) => {
            genesis.roles.iter().filter(|(of, _)| *of == role).flat_map(|(_, keys)| keys.clone()).collect()
        },
        (Duty::Committee, Institution::Issuer) => genesis.committee.clone(),
        (Duty::Bank, Institution::Bank(bank)) => {
            genesis.banks.iter().filter(|one| one.bank == bank).map(|one| one.account.clone()).collect()
        },
        _ => Vec::new(),
    }
}

fn compare_validator(
    definition: &Definition,
    file: &str,
    institution: Institution,
    validator: &ValidatorKeys,
    problems: &mut Vec<String>,
) {
    let account = &validator.account;
    let Some(found) = definition.genesis.validators.iter().find(|one| one.account == *account) else {
        problems.push(format!("{file}: the definition does not have the validator {account}"));
        return;
    };
    let mut wrong = |is: bool, what: &str| {
        if !is {
            problems.push(format!("{file}: the definition has another {what} for the validator {account}"));
        }
    };
    wrong(found.institution == institution, "institution");
    wrong(found.aura == validator.aura, "`aura`");
    wrong(found.grandpa == validator.grandpa, "`grandpa`");
    if !definition.boot_nodes.contains(&validator.node) {
        problems.push(format!("{file}: the definition does not have the node {}", validator.node));
    }
}

/// Whatever stands in the institution's name and is not its own: somebody else could act for it.
fn find_others(
    definition: &Definition,
    institution: Institution,
    mine: &[(String, Contribution)],
    problems: &mut Vec<String>,
) {
    let name = InstitutionName(institution);
    let mut foreign = |what: String| {
        problems.push(format!(
            "the definition has {what} of {name}, which is in none of the files given: give the file that it is in, or \
             refuse the definition"
        ));
    };
    for duty in Duty::all() {
        let own = |account: &AccountId| {
            let mut accounts = mine.iter().flat_map(|(_, contribution)| &contribution.accounts);
            accounts.any(|key| key.duty == duty && key.account == *account)
        };
        for account in listed(definition, institution, duty).iter().filter(|account| !own(account)) {
            foreign(format!("{account} as `{}`", duty.name()));
        }
    }
    for validator in definition.genesis.validators.iter().filter(|validator| validator.institution == institution) {
        let mut own = mine.iter().flat_map(|(_, contribution)| &contribution.validators);
        if !own.any(|keys| keys.account == validator.account) {
            foreign(format!("the validator {}", validator.account));
        }
    }
}
