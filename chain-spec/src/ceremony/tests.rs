//! What a ceremony takes, and every way to cheat it that a file allows.

use super::{
    collect, compare, compare_whole, AccountKey, Contribution, Duty, KeyProof, Plan, Signature, Use, ValidatorKeys,
    MAX_FILE,
};
use crate::Definition;
use codec::Encode;
use sc_service::config::MultiaddrWithPeerId;
use sp_core::{ed25519, sr25519, Blake2Hasher, Hasher, Pair};
use specie_primitives::{AccountId, BankId, Institution, Role};

const PLAN: &str = r#"# Notes of the issuer: these stay out of the definition.
[network]
name = "Specie Test"
id = "specie_test"
type = "live"
network_id = 77
owner_id_key = "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919"
symbol = "SPC"
decimals = 2
ss58_prefix = 42
denominations = [100, 500]
session_length = 600
quota = 100
quota_window = 10

[limits]
rebind_delay = 77

[limits.phone]
per_day = 1000

[[bank]]
number = 2
name = "Bank B"

[[bank]]
number = 1
name = "Bank A"

[[bank]]
number = 3
name = "Bank C"
"#;

const ISSUER: Institution = Institution::Issuer;
const A: Institution = Institution::Bank(BankId(1));
const B: Institution = Institution::Bank(BankId(2));
const C: Institution = Institution::Bank(BankId(3));

/// A network that a contribution is made for.
const HERE: (&str, u32) = ("specie_test", 77);
const ELSEWHERE: (&str, u32) = ("specie_rehearsal", 78);

fn plan() -> Plan {
    Plan::parse("plan.toml", PLAN).unwrap()
}

fn sr(name: &str) -> sr25519::Pair {
    sr25519::Pair::from_seed(&Blake2Hasher::hash(name.as_bytes()).0)
}

fn ed(name: &str) -> ed25519::Pair {
    ed25519::Pair::from_seed(&Blake2Hasher::hash(name.as_bytes()).0)
}

fn node(name: &str) -> MultiaddrWithPeerId {
    let peer = sc_network::PeerId::from_ed25519(&ed(name).public().0).unwrap();
    format!("/dns/{name}.example/tcp/30333/p2p/{peer}").parse().unwrap()
}

/// An account's key, by the name of its secret.
fn account(network: (&str, u32), institution: Institution, duty: Duty, name: &str) -> AccountKey {
    let pair = sr(name);
    let payload = KeyProof::new(network.0, network.1, institution, duty.purpose(), pair.public().0);
    AccountKey { duty, account: pair.public().into(), proof: pair.sign(&payload.encode()).0 }
}

/// A validator's keys, by the name of its secrets.
fn validator(network: (&str, u32), institution: Institution, name: &str) -> ValidatorKeys {
    let (account, aura) = (sr(&format!("{name}-account")), sr(&format!("{name}-aura")));
    let (grandpa, node_key) = (ed(&format!("{name}-grandpa")), ed(name));
    let unproven: Signature = [0; 64];
    let mut keys = ValidatorKeys {
        account: account.public().into(),
        account_proof: unproven,
        aura: aura.public(),
        aura_proof: unproven,
        grandpa: grandpa.public(),
        grandpa_proof: unproven,
        node: node(name),
        node_proof: unproven,
    };
    let payload = |purpose: Use, key| KeyProof::new(network.0, network.1, institution, purpose, key).encode();
    keys.account_proof = account.sign(&payload(keys.purpose(), account.public().0)).0;
    keys.aura_proof = aura.sign(&payload(Use::Aura(keys.account.clone()), aura.public().0)).0;
    keys.grandpa_proof = grandpa.sign(&payload(Use::Grandpa(keys.account.clone()), grandpa.public().0)).0;
    keys.node_proof = node_key.sign(&payload(keys.node_purpose(), node_key.public().0)).0;
    keys
}

fn contribution(
    network: (&str, u32),
    institution: Institution,
    accounts: &[(Duty, &str)],
    validators: &[&str],
) -> Contribution {
    Contribution {
        network: network.0.into(),
        network_id: network.1,
        institution,
        accounts: accounts.iter().map(|(duty, name)| account(network, institution, *duty, name)).collect(),
        validators: validators.iter().map(|name| validator(network, institution, name)).collect(),
    }
}

/// Everybody's contributions: people of the issuer, its node, three banks, the committee.
fn everybody() -> Vec<(String, Contribution)> {
    let role = Duty::Role;
    let issuer = |accounts: &[(Duty, &str)]| contribution(HERE, ISSUER, accounts, &[]);
    let rest = [
        (role(Role::Supervising), "supervising"),
        (role(Role::Admitting), "admitting"),
        (role(Role::Operating), "operating"),
        (role(Role::Registry), "registry"),
    ];
    let seat = |name: &str| issuer(&[(Duty::Committee, name)]);
    let bank =
        |institution, name: &str| contribution(HERE, institution, &[(Duty::Bank, name)], &[&format!("node-{name}")]);
    let all = [
        ("issuing-1", issuer(&[(role(Role::Issuing), "issuing-1")])),
        ("issuing-2", issuer(&[(role(Role::Issuing), "issuing-2")])),
        ("rest", issuer(&rest)),
        ("node", contribution(HERE, ISSUER, &[], &["node-issuer"])),
        ("bank-a", bank(A, "a")),
        ("bank-b", bank(B, "b")),
        ("bank-c", bank(C, "c")),
        ("committee-1", seat("committee-1")),
        ("committee-2", seat("committee-2")),
        ("committee-3", seat("committee-3")),
    ];
    all.map(|(file, contribution)| (format!("{file}.toml"), contribution)).into()
}

/// Contributions as they come out of their files.
fn read_again(all: &[(String, Contribution)]) -> Vec<(String, Contribution)> {
    all.iter().map(|(file, one)| (file.clone(), Contribution::parse(file, &one.text()).unwrap())).collect()
}

/// The only problem of a contribution's text.
#[track_caller]
fn refused(text: &str) -> String {
    let errors = Contribution::parse("x.toml", text).expect_err("the contribution is wrong");
    assert_eq!(errors.problems.len(), 1, "{errors}");
    errors.to_string()
}

/// Why contributions make no definition.
#[track_caller]
fn not_collected(all: &[(String, Contribution)]) -> Vec<String> {
    collect(&plan(), all).expect_err("the contributions make no definition").problems
}

/// Replaces what stands in a text exactly once.
#[track_caller]
fn edit(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} must stand in the text once");
    text.replace(from, to)
}

#[test]
fn success_a_definition_has_every_key_and_none_else() {
    // When
    let all = read_again(&everybody());
    let text = collect(&plan(), &all).unwrap();
    // Then
    let definition = Definition::parse("made.toml", &text).unwrap();
    assert_eq!((definition.id.as_str(), definition.genesis.network_id), HERE);
    let issuing = &definition.genesis.roles[0];
    assert_eq!(issuing.0, Role::Issuing);
    let mut two: Vec<AccountId> = vec![sr("issuing-1").public().into(), sr("issuing-2").public().into()];
    two.sort_by_key(ToString::to_string);
    assert_eq!(issuing.1, two);
    assert_eq!(definition.genesis.committee.len(), 3);
    let banks: Vec<_> = definition.genesis.banks.iter().map(|bank| (bank.bank, bank.name.as_str())).collect();
    assert_eq!(banks, [(BankId(1), "Bank A"), (BankId(2), "Bank B"), (BankId(3), "Bank C")]);
    let validators: Vec<_> = definition.genesis.validators.iter().map(|one| one.institution).collect();
    assert_eq!(validators, [ISSUER, A, B, C]);
    assert_eq!(definition.genesis.limits.rebind_delay, 77);
    assert_eq!(definition.genesis.validators[1].aura, sr("node-a-aura").public());
    assert_eq!(definition.boot_nodes.len(), 4);
    assert!(!text.contains("Notes of the issuer"));
    for (_, one) in &all {
        assert!(text.contains(&one.fingerprint()));
    }
}

#[test]
fn the_order_of_contributions_makes_no_difference() {
    let mut all = everybody();
    let text = collect(&plan(), &all).unwrap();
    for _ in 0..all.len() {
        all.rotate_left(1);
        all.swap(0, 3);
        assert_eq!(collect(&plan(), &all).unwrap(), text);
    }
    // What the files are called makes none either, nor what a plan says in comments and in which order.
    let renamed: Vec<_> = all.iter().enumerate().map(|(n, (_, one))| (format!("{n}"), one.clone())).collect();
    assert_eq!(collect(&plan(), &renamed).unwrap(), text);
}

#[test]
fn a_file_has_one_spelling_and_one_fingerprint() {
    let one = contribution(HERE, A, &[(Duty::Bank, "a")], &["node-a"]);
    let text = one.text();
    assert_eq!(Contribution::parse("x.toml", &text).unwrap(), one);
    let fingerprint = one.fingerprint();
    assert_eq!(fingerprint.split(' ').map(str::len).collect::<Vec<_>>(), [4; 8]);
    assert_ne!(contribution(HERE, A, &[(Duty::Bank, "a")], &[]).fingerprint(), fingerprint);
    assert!(one.to_string().contains(&fingerprint));
    // Sorted, whatever order they were made in.
    let role = Duty::Role(Role::Registry);
    let three = [(Duty::Committee, "y"), (role, "x"), (Duty::Role(Role::Issuing), "z")];
    let mut turned = three;
    turned.reverse();
    assert_eq!(contribution(HERE, ISSUER, &three, &[]).text().lines().count(), 5 + 3 * 5);
    let keys = |all: &[(Duty, &str)]| {
        let text = contribution(HERE, ISSUER, all, &[]).text();
        text.lines().filter(|line| line.starts_with("key")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(keys(&three), keys(&turned));
}

#[test]
fn fails_on_anything_beside_keys_and_proofs() {
    let text = contribution(HERE, A, &[(Duty::Bank, "a")], &["node-a"]).text();
    let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    for changed in [
        format!("{text}# {phrase}\n"),
        format!("{text}\n"),
        edit(&text, "version = 1\n", &format!("version = 1 # {phrase}\n")),
        text.replace('\n', "\r\n"),
        text.trim_end().to_owned(),
        text.replace("duty = ", "duty  = "),
    ] {
        let error = refused(&changed);
        assert!(error.contains("as the ceremony writes it"), "{error}");
        assert!(!error.contains("sausage"), "{error}");
    }
    // A field that nobody reads, a phrase where a key belongs, a secret where a public key belongs.
    let error = refused(&edit(&text, "duty = \"account\"\n", "duty = \"account\"\nsecret = \"sausage\"\n"));
    assert!(error.contains("has no field `secret`") && !error.contains("sausage"), "{error}");
    let key = format!("key = \"{}\"", contribution(HERE, A, &[(Duty::Bank, "a")], &[]).accounts[0].account);
    let error = refused(&edit(&text, &key, &format!("key = \"{phrase}\"")));
    assert!(error.contains("looks like a secret phrase") && !error.contains("sausage"), "{error}");
    let seed = format!("0x{}", hex::encode(Blake2Hasher::hash(b"a").0));
    let error = refused(&edit(&text, &key, &format!("key = \"{seed}\"")));
    assert!(!error.contains(&seed), "{error}");
}

#[test]
fn fails_on_an_altered_key_or_proof() {
    // Given
    let one = contribution(HERE, A, &[(Duty::Bank, "a")], &["node-a"]);
    let other = contribution(HERE, A, &[(Duty::Bank, "z")], &["node-z"]);
    let (text, z) = (one.text(), &other.validators[0]);
    let hex = |bytes: &[u8]| hex::encode(bytes);
    let (mine, validator) = (&one.accounts[0], &one.validators[0]);
    // When: another's genuine key, with or without its proof, takes the place of one. Then: each key that the change
    // concerns is named.
    for (from, to) in [
        (mine.account.to_string(), other.accounts[0].account.to_string()),
        (hex(&mine.proof), hex(&other.accounts[0].proof)),
        (hex(&validator.aura_proof), hex(&z.aura_proof)),
        (hex(&validator.grandpa_proof), hex(&validator.node_proof)),
    ] {
        let error = refused(&edit(&text, &from, &to));
        assert!(error.contains("does not hold for bank 1 on specie_test (network 77)"), "{error}");
    }
    for (from, to) in [
        (hex(&validator.aura.0), hex(&z.aura.0)),
        (hex(&validator.grandpa.0), hex(&z.grandpa.0)),
        (validator.node.to_string(), z.node.to_string()),
        ("/tcp/30333/".to_owned(), "/tcp/30334/".to_owned()),
    ] {
        // The validator's account vouches for it as well.
        let errors = Contribution::parse("x.toml", &edit(&text, &from, &to)).unwrap_err();
        assert_eq!(errors.problems.len(), 2, "{errors}");
        assert!(errors.problems.iter().all(|problem| problem.message.contains("does not hold for bank 1")), "{errors}");
    }
    // And: keys of two validators of one bank cannot be paired anew, although every one of them is proven.
    let mut mixed = one.clone();
    (mixed.validators[0].grandpa, mixed.validators[0].grandpa_proof) = (z.grandpa, z.grandpa_proof);
    assert_eq!(Contribution::parse("x.toml", &mixed.text()).unwrap_err().problems.len(), 2);
}

#[test]
fn fails_under_another_institutions_name() {
    let text = contribution(HERE, A, &[(Duty::Bank, "a")], &["node-a"]).text();
    let errors = Contribution::parse("x.toml", &edit(&text, "institution = 1", "institution = 2")).unwrap_err();
    assert_eq!(errors.problems.len(), 5);
    assert!(errors.problems.iter().all(|problem| problem.message.contains("does not hold for bank 2")), "{errors}");
    // An account is a bank's, a role's key the issuer's.
    let error = refused(&contribution(HERE, ISSUER, &[(Duty::Bank, "a")], &[]).text());
    assert!(error.contains("the issuer has no `account`"), "{error}");
    let error = refused(&contribution(HERE, A, &[(Duty::Role(Role::Issuing), "a")], &[]).text());
    assert!(error.contains("bank 1 has no `issuing`"), "{error}");
    // A role's key does not become another role's.
    let text = contribution(HERE, ISSUER, &[(Duty::Role(Role::Registry), "a")], &[]).text();
    let error = refused(&edit(&text, "\"registry\"", "\"issuing\""));
    assert!(error.contains("does not hold for the issuer"), "{error}");
    let error = refused(&edit(&text, "\"registry\"", "\"counting\""));
    assert!(error.contains("no such duty"), "{error}");
}

#[test]
fn fails_on_another_network() {
    // Given: a contribution to the rehearsal.
    let mut all = everybody();
    all[4].1 = contribution(ELSEWHERE, A, &[(Duty::Bank, "a")], &["node-a"]);
    // Then
    let problems = not_collected(&all);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].starts_with(
            "bank-a.toml: this was made for the network specie_rehearsal (network 78), not for specie_test"
        ),
        "{problems:?}"
    );
    // And: renaming the network in the file does not help.
    let text = all[4].1.text();
    let renamed = edit(&edit(&text, "\"specie_rehearsal\"", "\"specie_test\""), "network_id = 78", "network_id = 77");
    assert_eq!(Contribution::parse("x.toml", &renamed).unwrap_err().problems.len(), 5);
}

#[test]
fn fails_on_a_key_that_is_there_twice() {
    // In one file: as one duty, as two, and two keys for what takes two people.
    let issuing = Duty::Role(Role::Issuing);
    let errors =
        Contribution::parse("x.toml", &contribution(HERE, ISSUER, &[(issuing, "a"); 2], &[]).text()).unwrap_err();
    assert!(errors
        .problems
        .iter()
        .any(|problem| problem.message.contains("this key is already a key of `issuing` in line")));
    let error = refused(&contribution(HERE, ISSUER, &[(issuing, "a"), (Duty::Committee, "a")], &[]).text());
    assert!(error.contains("this key is already a key of `issuing` in line"), "{error}");
    let error = refused(&contribution(HERE, ISSUER, &[(issuing, "a"), (issuing, "b")], &[]).text());
    assert!(error.contains("a holder has one key of `issuing`"), "{error}");
    // In two files, with a good proof each: one person with two jobs.
    let mut all = everybody();
    all[1].1 = contribution(HERE, ISSUER, &[(Duty::Role(Role::Issuing), "issuing-1")], &[]);
    let problems = not_collected(&all);
    assert_eq!(problems.len(), 1, "{problems:?}");
    let said =
        "issuing-2.toml: the key of `issuing` of the issuer is already `issuing` of the issuer in issuing-1.toml";
    assert!(problems[0].starts_with(said), "{problems:?}");
    let mut all = everybody();
    all[5].1 = contribution(HERE, B, &[(Duty::Bank, "a")], &["node-b"]);
    let problems = not_collected(&all);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("bank-b.toml: the key of `account` of bank 2 is already"), "{problems:?}");
    assert!(problems[0].contains("of bank 1 in bank-a.toml"), "{problems:?}");
    // One machine for two banks.
    all[5].1 = contribution(HERE, B, &[(Duty::Bank, "b")], &["node-a"]);
    assert_eq!(not_collected(&all).len(), 4);
    // The same file twice.
    let mut all = everybody();
    all.push(("copy.toml".into(), all[6].1.clone()));
    assert_eq!(not_collected(&all), ["copy.toml: this is the same contribution as bank-c.toml; leave one out"]);
}

#[test]
fn fails_while_somebody_is_missing_and_says_who() {
    for (missing, said) in [
        (0, "`issuing` needs at least 2 keys"),
        (2, "nobody contributed a key of `registry` yet"),
        (3, "a live network needs at least 4 validators, here are 3"),
        (6, "bank 3 (Bank C) contributed no account yet"),
    ] {
        let mut all = everybody();
        all.remove(missing);
        let problems = not_collected(&all);
        assert!(problems.iter().any(|problem| problem.contains(said)), "{problems:?}");
    }
    let mut all = everybody();
    all.push(("more.toml".into(), contribution(HERE, A, &[(Duty::Bank, "more")], &[])));
    let problems = not_collected(&all);
    assert!(
        problems[0].contains("bank 1 (Bank A) contributed two accounts, in bank-a.toml and in more.toml"),
        "{problems:?}"
    );
    all.pop();
    all.push(("d.toml".into(), contribution(HERE, Institution::Bank(BankId(4)), &[(Duty::Bank, "d")], &[])));
    assert_eq!(not_collected(&all), ["d.toml: bank 4 is not in the plan"]);
}

#[test]
fn fails_when_an_institution_could_stop_finality() {
    let mut all = everybody();
    all.push(("second.toml".into(), contribution(HERE, A, &[], &["node-second"])));
    let problems = not_collected(&all);
    assert!(
        problems.iter().any(|problem| problem.contains("bank 1 has 2 of 5 validators, a third or more")),
        "{problems:?}"
    );
}

#[test]
fn an_institution_finds_its_keys_or_is_told_which_are_not_there() {
    // Given
    let all = everybody();
    let text = collect(&plan(), &all).unwrap();
    let definition = |text: &str| Definition::parse("made.toml", text).unwrap();
    let bank = &all[4..5];
    assert!(compare(&definition(&text), bank).is_empty());
    let issuer: Vec<_> = all.iter().filter(|(_, one)| one.institution == ISSUER).cloned().collect();
    assert!(compare(&definition(&text), &issuer).is_empty());
    // When: the collector puts a key of his own in the place of one.
    let keys = &bank[0].1.validators[0];
    let thief = validator(HERE, A, "thief");
    for (from, to, said) in [
        (bank[0].1.accounts[0].account.to_string(), sr("thief").public().to_string(), "as `account` of bank 1"),
        (keys.account.to_string(), thief.account.to_string(), "does not have the validator"),
        (hex::encode(keys.aura.0), hex::encode(thief.aura.0), "another `aura`"),
        (hex::encode(keys.grandpa.0), hex::encode(thief.grandpa.0), "another `grandpa`"),
        (keys.node.to_string(), thief.node.to_string(), "does not have the node"),
    ] {
        // Then
        let problems = compare(&definition(&edit(&text, &from, &to)), bank);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("bank-a.toml: ") && problems[0].contains(said), "{problems:?}");
    }
    // When: he adds one in the institution's name.
    let mut more = all.clone();
    let role = Duty::Role(Role::Issuing);
    more.push(("x.toml".into(), contribution(HERE, ISSUER, &[(role, "thief")], &[])));
    let text = collect(&plan(), &more).unwrap();
    let problems = compare(&definition(&text), &issuer);
    assert!(
        problems.len() == 1 && problems[0].contains("as `issuing` of the issuer, which is in none"),
        "{problems:?}"
    );
    // And: who does not give all files of the institution is told of the others.
    assert!(compare(&definition(&text), &all[..1]).len() > 1);
    assert!(compare(&definition(&text), &all[3..5]).iter().any(|problem| problem.contains("compare them apart")));
    assert_eq!(compare(&definition(&text), &[]).len(), 1);
    let other = [("r.toml".to_owned(), contribution(ELSEWHERE, A, &[(Duty::Bank, "a")], &["node-a"]))];
    assert!(compare(&definition(&text), &other)[0].contains("made for the network specie_rehearsal"));
}

#[test]
fn whatever_is_not_of_the_plan_or_a_contribution_is_found() {
    // Given
    let mut all = everybody();
    let text = collect(&plan(), &all).unwrap();
    all.rotate_left(3);
    assert!(compare_whole(&text, &plan(), &all).is_empty());
    // When: the collector changes what no institution has a key in. Then: the line is told, as it is and as it must be.
    let said = "the definition is not what this plan and these contributions make: in line ";
    for (from, to) in [
        ("owner_id_key = \"6a49", "owner_id_key = \"7b50"),
        ("denominations = [100, 500]", "denominations = [100, 500, 1000]"),
        ("\nquota = 100 ", "\nquota = 101 "),
        ("rebind_delay = 77", "rebind_delay = 1"),
        ("name = \"Bank A\"", "name = \"Bank Z\""),
    ] {
        let problems = compare_whole(&edit(&text, from, to), &plan(), &all);
        assert_eq!(problems.len(), 1, "{problems:?}");
        let (is, must) = problems[0].strip_prefix(said).unwrap().split_once(", they make ").unwrap();
        assert!(is.contains(to.trim()) && must.contains(from.trim()), "{problems:?}");
    }
    let added = edit(&text, "[issuer]\n", "[issuer]\nroot_key = \"0x00\"\n");
    assert!(compare_whole(&added, &plan(), &all)[0].contains("it has `root_key = \"0x00\"`, they make `"));
    let problems = compare_whole(&text.replace('\n', "\r\n"), &plan(), &all);
    assert!(problems[0].starts_with(&format!("{said}1 it has `#")) && problems[0].contains("\\r`"), "{problems:?}");
    let problems = compare_whole(text.trim_end(), &plan(), &all);
    assert!(problems[0].contains("it has nothing more, they make ``"), "{problems:?}");
    // And: another plan makes another definition, and a part of the contributions none or another.
    let other = Plan::parse("plan.toml", &edit(PLAN, "quota = 100", "quota = 101")).unwrap();
    assert!(compare_whole(&text, &other, &all)[0].starts_with(said));
    let mut more = all.clone();
    more.push(("x.toml".into(), contribution(HERE, ISSUER, &[(Duty::Committee, "x")], &[])));
    assert!(compare_whole(&text, &plan(), &more)[0].starts_with(said));
    let problems = compare_whole(&text, &plan(), &everybody()[..9]);
    assert!(problems.len() > 1 || problems[0].starts_with(said), "{problems:?}");
    let problems = compare_whole(&text, &plan(), &everybody()[..2]);
    assert!(problems.len() > 1 && problems[0].contains("every contribution once"), "{problems:?}");
}

#[test]
fn a_plan_has_no_keys_and_its_banks_are_told_apart() {
    let plan = plan();
    assert_eq!((plan.institution("issuer"), plan.institution("2")), (Some(ISSUER), Some(B)));
    assert_eq!((plan.institution("Bank C"), plan.institution("Bank D")), (Some(C), None));
    let wrong = |text: &str| Plan::parse("plan.toml", text).unwrap_err().to_string();
    assert!(
        wrong(&edit(PLAN, "number = 2\n", "number = 2\naccount = \"//BankB\"\n")).contains("has no field `account`")
    );
    assert!(wrong(&edit(PLAN, "number = 2", "number = 1")).contains("already in this plan"));
    for name in ["Bank A", "issuer", "7"] {
        assert!(wrong(&edit(PLAN, "Bank B", name)).contains("stands for somebody else"), "{name}");
    }
    assert!(wrong(&edit(PLAN, "network_id = 77", "network_id = 1")).contains("belongs to test networks"));
}

#[test]
fn fails_on_what_is_no_contribution() {
    let empty = Contribution::parse("x.toml", "").unwrap_err().to_string();
    assert!(empty.contains("lacks the field `version`"), "{empty}");
    assert!(refused(&contribution(HERE, A, &[], &[]).text()).contains("no key in this contribution"));
    let text = contribution(HERE, A, &[(Duty::Bank, "a")], &[]).text();
    assert!(refused(&edit(&text, "version = 1", "version = 2")).contains("from 1 to 1"));
    assert!(refused(&text.replace("proof = \"0x", "proof = \"")).contains("128 hexadecimal digits"));
    let folder = std::env::temp_dir().join(format!("specie-contribution-{}", std::process::id()));
    std::fs::write(&folder, vec![b'#'; MAX_FILE as usize + 1]).unwrap();
    let error = Contribution::from_file(&folder).unwrap_err().to_string();
    std::fs::remove_file(&folder).unwrap();
    assert!(error.contains("this is no contribution"), "{error}");
    assert!(Contribution::from_file(&folder).unwrap_err().to_string().contains("cannot be read"));
}

/// Keys that everybody has are nobody's own.
#[test]
fn fails_on_a_publicly_known_key() {
    let pair = sr25519::Pair::from_string("//Alice", None).unwrap();
    let payload = KeyProof::new(HERE.0, HERE.1, A, Use::Bank, pair.public().0);
    let proof = pair.sign(&payload.encode()).0;
    let alice = AccountKey { duty: Duty::Bank, account: pair.public().into(), proof };
    let one = Contribution { accounts: vec![alice], ..contribution(HERE, A, &[], &[]) };
    assert!(refused(&one.text()).contains("everybody knows the secret of this key (//Alice)"));
}
