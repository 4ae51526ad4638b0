//! From contributions to the definition that everybody signs off.

use super::{
    contribution::{Contribution, Duty, Hex, InstitutionField},
    plan::Plan,
};
use crate::{
    definition::{Definition, InstitutionName},
    errors::{DefinitionErrors, Problem},
    DECIMALS, SS58_PREFIX, SYMBOL,
};
use sc_service::ChainType;
use specie_primitives::{AccountId, Denomination, Institution};
use std::{
    collections::HashMap,
    fmt::{self, Write},
};

/// Why no definition was made: every reason, each with the file that it is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refused {
    /// One line each; never empty.
    pub problems: Vec<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

/// The definition that a plan and contributions make, as a text; the order of the contributions makes no difference. Each
/// comes with the name of its file. All problems are reported at once.
pub fn collect(plan: &Plan, contributions: &[(String, Contribution)]) -> Result<String, Refused> {
    let mut problems = Vec::new();
    for (file, contribution) in contributions {
        check_place(plan, file, contribution, &mut problems);
    }
    check_unused(contributions, &mut problems);
    // With keys missing or doubtful, what the definition says of the rest would only add to the noise.
    if problems.is_empty() {
        check_complete(plan, contributions, &mut problems);
    }
    if !problems.is_empty() {
        return Err(Refused { problems });
    }
    let mut sorted: Vec<_> = contributions.iter().map(|(_, contribution)| contribution).collect();
    sorted.sort_by_cached_key(|contribution| (contribution.institution, contribution.text()));
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, plan, &sorted);
    match Definition::parse("the definition", &text) {
        Ok(_) => Ok(text),
        Err(errors) => Err(Refused { problems: in_words(&errors, &text) }),
    }
}

/// Whether a contribution is for this network and from an institution of it.
fn check_place(plan: &Plan, file: &str, contribution: &Contribution, problems: &mut Vec<String>) {
    let (id, number) = (plan.id(), plan.network_id());
    if (contribution.network.as_str(), contribution.network_id) != (id, number) {
        problems.push(format!(
            "{file}: this was made for the network {} (network {}), not for {id} (network {number}): its holder must make \
             new keys with this network's plan",
            contribution.network, contribution.network_id
        ));
    }
    if !plan.has(contribution.institution) {
        let institution = InstitutionName(contribution.institution);
        problems.push(format!("{file}: {institution} is not in the plan"));
    }
}

/// Whether every key and every node is there once.
fn check_unused(contributions: &[(String, Contribution)], problems: &mut Vec<String>) {
    let mut used: HashMap<[u8; 32], String> = HashMap::new();
    let mut texts: HashMap<String, &str> = HashMap::new();
    for (file, contribution) in contributions {
        if let Some(other) = texts.insert(contribution.text(), file) {
            problems.push(format!("{file}: this is the same contribution as {other}; leave one out"));
            continue;
        }
        for (key, what) in keys(contribution) {
            let here = format!("{what} of {}", InstitutionName(contribution.institution));
            match used.get(&key) {
                Some(other) => problems.push(format!(
                    "{file}: the key of {here} is already {other}: each key is used once, for one purpose"
                )),
                None => {
                    used.insert(key, format!("{here} in {file}"));
                },
            }
        }
    }
}

/// Every key of a contribution, and what it is.
fn keys(contribution: &Contribution) -> Vec<([u8; 32], String)> {
    let mut keys = Vec::new();
    for account in &contribution.accounts {
        keys.push((account.account.clone().into(), format!("`{}`", account.duty.name())));
    }
    for validator in &contribution.validators {
        keys.push((validator.account.clone().into(), "a validator's account".into()));
        keys.push((validator.aura.0, "a validator's `aura`".into()));
        keys.push((validator.grandpa.0, "a validator's `grandpa`".into()));
        keys.extend(validator.node_key().map(|key| (key, "a validator's node".into())));
    }
    keys
}

/// Whether somebody is still missing, or there twice.
fn check_complete(plan: &Plan, contributions: &[(String, Contribution)], problems: &mut Vec<String>) {
    for duty in Duty::all().filter(|duty| duty.is_of(Institution::Issuer)) {
        if holders(contributions, Institution::Issuer, duty).is_empty() {
            problems.push(format!("nobody contributed a key of `{}` yet", duty.name()));
        }
    }
    for (bank, name) in &plan.banks {
        match holders(contributions, Institution::Bank(*bank), Duty::Bank).as_slice() {
            [] => problems.push(format!("bank {bank} ({name}) contributed no account yet")),
            [_] => {},
            [(one, _), (other, _), ..] => {
                problems.push(format!(
                    "bank {bank} ({name}) contributed two accounts, in {one} and in {other}; it has one"
                ));
            },
        }
    }
}

/// Accounts with a duty, and the files that they are in.
fn holders(contributions: &[(String, Contribution)], of: Institution, duty: Duty) -> Vec<(&str, &AccountId)> {
    let of_it = contributions.iter().filter(|(_, contribution)| contribution.institution == of);
    of_it
        .flat_map(|(file, contribution)| contribution.accounts.iter().map(move |account| (file.as_str(), account)))
        .filter(|(_, account)| account.duty == duty)
        .map(|(file, account)| (file, &account.account))
        .collect()
}

/// Problems of a definition that nobody has on paper: with the line that each is about.
fn in_words(errors: &DefinitionErrors, text: &str) -> Vec<String> {
    let words = |problem: &Problem| {
        let line = problem.position.and_then(|position| text.lines().nth(position.line.checked_sub(1)?));
        match line {
            Some(line) => format!("the definition would have a mistake at `{}`: {}", line.trim(), problem.message),
            None => format!("the definition would have a mistake: {}", problem.message),
        }
    };
    errors.problems.iter().map(words).collect()
}

fn write(out: &mut String, plan: &Plan, contributions: &[&Contribution]) -> fmt::Result {
    let head = &plan.head;
    let values = |list: &[Denomination]| {
        let values: Vec<String> = list.iter().map(|Denomination(value)| value.to_string()).collect();
        values.join(", ")
    };
    let validators = || contributions.iter().flat_map(|contribution| &contribution.validators);
    let mut boot_nodes: Vec<String> = head.boot_nodes.iter().map(ToString::to_string).collect();
    boot_nodes.extend(validators().map(|validator| validator.node.to_string()));
    boot_nodes.sort();
    boot_nodes.dedup();
    writeln!(
        out,
        "# A network's definition, made of contributions; docs/ceremony.md tells how. Do not edit it: verify it."
    )?;
    writeln!(out, "# Fingerprints of the contributions:")?;
    for contribution in contributions {
        let institution = InstitutionName(contribution.institution).to_string();
        writeln!(out, "#   {institution:<10}  {}", contribution.fingerprint())?;
    }
    writeln!(out, "\n[network]")?;
    writeln!(out, "name = {}", quoted(&head.name))?;
    writeln!(out, "id = {}", quoted(&head.id))?;
    writeln!(out, "type = \"{}\"", type_name(&head.chain_type))?;
    writeln!(out, "network_id = {}", head.network_id)?;
    writeln!(out, "owner_id_key = \"{}\"", head.owner_id_key)?;
    writeln!(out, "symbol = \"{SYMBOL}\"")?;
    writeln!(out, "decimals = {DECIMALS}")?;
    writeln!(out, "ss58_prefix = {SS58_PREFIX}")?;
    writeln!(out, "denominations = [{}] # minor units", values(&head.denominations))?;
    writeln!(out, "recoinable = [{}] # minor units; owners may have these made anew", values(&head.recoinable))?;
    writeln!(out, "session_length = {} # blocks", head.session_length)?;
    writeln!(out, "quota = {} # transactions of one owner in a window; 0 for no limit", head.quota)?;
    writeln!(out, "bank_quota = {} # the same of all owners of a bank together", head.bank_quota)?;
    writeln!(out, "quota_window = {} # blocks", head.quota_window)?;
    write_list(out, "boot_nodes", boot_nodes.into_iter())?;

    let accounts = |institution, duty| {
        let of_it = contributions.iter().filter(move |contribution| contribution.institution == institution);
        let accounts = of_it.flat_map(|contribution| &contribution.accounts);
        let mut found: Vec<_> =
            accounts.filter(|account| account.duty == duty).map(|account| account.account.to_string()).collect();
        found.sort();
        found
    };
    if let Some(limits) = &plan.limits {
        write!(out, "\n{limits}")?;
    }
    writeln!(out, "\n[issuer]")?;
    for duty in Duty::all().filter(|duty| duty.is_of(Institution::Issuer)) {
        write_list(out, duty.name(), accounts(Institution::Issuer, duty).into_iter())?;
    }
    if let Some(key) = &plan.root_key {
        writeln!(out, "root_key = {}", quoted(key))?;
    }
    for (bank, name) in &plan.banks {
        writeln!(out, "\n[[bank]]")?;
        writeln!(out, "number = {bank}")?;
        writeln!(out, "name = {}", quoted(name))?;
        for account in accounts(Institution::Bank(*bank), Duty::Bank) {
            writeln!(out, "account = \"{account}\"")?;
        }
    }
    let mut rows: Vec<_> = contributions
        .iter()
        .flat_map(|contribution| contribution.validators.iter().map(|validator| (contribution.institution, validator)))
        .collect();
    rows.sort_by(|one, other| (one.0, &one.1.account).cmp(&(other.0, &other.1.account)));
    for (institution, validator) in rows {
        writeln!(out, "\n[[validator]]")?;
        writeln!(out, "institution = {}", InstitutionField(institution))?;
        writeln!(out, "account = \"{}\"", validator.account)?;
        writeln!(out, "aura = \"{}\"", Hex(&validator.aura.0))?;
        writeln!(out, "grandpa = \"{}\"", Hex(&validator.grandpa.0))?;
    }
    Ok(())
}

/// A list of texts, each on a line of its own: a changed line shows which.
fn write_list(out: &mut String, field: &str, items: impl Iterator<Item = String>) -> fmt::Result {
    writeln!(out, "{field} = [")?;
    for item in items {
        writeln!(out, "    {},", quoted(&item))?;
    }
    writeln!(out, "]")
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn type_name(chain_type: &ChainType) -> &'static str {
    match chain_type {
        ChainType::Live => "live",
        ChainType::Local => "local",
        // A definition knows no others.
        ChainType::Development | ChainType::Custom(_) => "development",
    }
}
