//! Every rule of a definition, with the line that its error names.

use crate::{
    builder, from_definition_file, from_definition_str, is_known_key, local_definition, properties, Definition,
    DefinitionErrors, LocalNetwork, Position, MAX_COMMITTEE, MAX_VALIDATORS,
};
use sc_service::ChainType;
use sp_core::{crypto::Ss58Codec, ed25519, sr25519, Blake2Hasher, Hasher, Pair};
use specie_primitives::{
    people::OWNER_ACCOUNT_TAG, AccountId, BankId, ClassLimits, Denomination, Institution, OwnerClass, OwnerIdKey, Role,
};
use specie_runtime::genesis::{self, NetworkGenesis};
use std::path::Path;

/// A small network for tests.
const LOCAL: &str = r#"[network]
name = "Test"
id = "test"
type = "local"
network_id = 7
symbol = "SPC"
decimals = 2
ss58_prefix = 42
denominations = [100, 500]
session_length = 30
quota = 200
quota_window = 60
boot_nodes = []
owner_id_key = "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919"
[issuer]
issuing = ["//Issuing//1", "//Issuing//2"]
supervising = ["//Supervising//1"]
admitting = ["//Admitting//1"]
operating = ["//Operating//1"]
registry = ["//Registry//1"]
committee = ["//Committee//1", "//Committee//2", "//Committee//3"]

[[bank]]
number = 1
name = "Bank A"
account = "//BankA"

[[bank]]
number = 2
name = "Bank B"
account = "//BankB"

[[bank]]
number = 3
name = "Bank C"
account = "//BankC"

[[validator]]
institution = "issuer"
account = "//Validator//0"
aura = "//Validator//0//aura"
grandpa = "//Validator//0//grandpa"

[[validator]]
institution = 1
account = "//Validator//1"
aura = "//Validator//1//aura"
grandpa = "//Validator//1//grandpa"

[[validator]]
institution = 2
account = "//Validator//2"
aura = "//Validator//2//aura"
grandpa = "//Validator//2//grandpa"

[[validator]]
institution = 3
account = "//Validator//3"
aura = "//Validator//3//aura"
grandpa = "//Validator//3//grandpa"
"#;

/// The key of owner ids in there.
const OWNER_ID_KEY: &str = "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919";

/// A key of which the tests alone know the secret.
fn own_account(name: &str) -> String {
    sr25519::Pair::from_seed(&Blake2Hasher::hash(name.as_bytes()).0).public().to_ss58check()
}

fn own_grandpa(name: &str) -> String {
    hex_key(ed25519::Pair::from_seed(&Blake2Hasher::hash(name.as_bytes()).0).public().0)
}

fn hex_key(key: [u8; 32]) -> String {
    format!("0x{}", hex::encode(key))
}

fn development_account(uri: &str) -> AccountId {
    sr25519::Pair::from_string(uri, None).expect("a development URI").public().into()
}

/// The same network, live: every development URI becomes a key of its own.
fn live() -> String {
    let parts: Vec<&str> = LOCAL.split('"').collect();
    let parts: Vec<String> = parts
        .into_iter()
        .map(|part| match part {
            "local" => "live".to_owned(),
            uri if uri.starts_with("//") && uri.ends_with("//grandpa") => own_grandpa(uri),
            uri if uri.starts_with("//") => own_account(uri),
            other => other.to_owned(),
        })
        .collect();
    parts.join("\"")
}

/// Replaces what stands in the text exactly once.
#[track_caller]
fn edit(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} must stand in the text once");
    text.replace(from, to)
}

#[track_caller]
fn problems(text: &str) -> Vec<(usize, String)> {
    let errors = Definition::parse("test.toml", text).expect_err("the definition is wrong");
    let place = |position: Option<Position>| position.expect("a mistake in the text has a place").line;
    errors.problems.into_iter().map(|problem| (place(problem.position), problem.message)).collect()
}

/// Asserts that there is exactly one problem, in this line, and that its message contains this.
#[track_caller]
fn refused(text: &str, line: usize, message: &str) {
    let problems = problems(text);
    let [(at, is)] = problems.as_slice() else { panic!("expected one problem, found {problems:#?}") };
    assert_eq!(*at, line, "{is}");
    assert!(is.contains(message), "{is:?} does not say {message:?}");
}

/// [`refused`] for the local network with one edit.
#[track_caller]
fn refuses(from: &str, to: &str, line: usize, message: &str) {
    refused(&edit(LOCAL, from, to), line, message);
}

fn repeated(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect()
}

mod content {
    use super::*;

    #[test]
    fn success_definition_becomes_genesis() {
        let definition = Definition::parse("test.toml", LOCAL).expect("valid");

        assert_eq!((definition.name.as_str(), definition.id.as_str()), ("Test", "test"));
        assert_eq!(definition.chain_type, ChainType::Local);
        assert!(definition.boot_nodes.is_empty());
        let genesis = definition.genesis;
        assert_eq!(genesis.network_id, 7);
        assert_eq!(genesis.owner_id_key.to_string(), OWNER_ID_KEY);
        assert_eq!(genesis.json()["identity"]["ownerIdKey"], OWNER_ID_KEY);
        assert_eq!(genesis.session_length, 30);
        assert_eq!((genesis.quota, genesis.quota_window), (200, 60));
        assert_eq!(genesis.denominations, [Denomination(100), Denomination(500)]);
        assert!(genesis.recoinable.is_empty());
        let recoinable = LOCAL.replace("[100, 500]", "[100, 500]\nrecoinable = [100]");
        let definition = Definition::parse("test.toml", &recoinable).expect("valid");
        assert_eq!(definition.genesis.recoinable, [Denomination(100)]);
        let roles: Vec<Role> = genesis.roles.iter().map(|(role, _)| *role).collect();
        assert_eq!(roles, Role::ALL);
        assert_eq!(
            genesis.roles[0],
            (Role::Issuing, vec![development_account("//Issuing//1"), development_account("//Issuing//2")])
        );
        assert_eq!(genesis.committee.len(), 3);
        assert_eq!(genesis.root_key, None);
        assert_eq!(genesis.banks.len(), 3);
        assert_eq!(genesis.banks[1].bank, BankId(2));
        assert_eq!(genesis.banks[1].name, "Bank B");
        assert_eq!(genesis.banks[1].account, development_account("//BankB"));
        assert_eq!(genesis.validators.len(), 4);
        assert_eq!(genesis.validators[0].institution, Institution::Issuer);
        let last = &genesis.validators[3];
        assert_eq!(last.institution, Institution::Bank(BankId(3)));
        assert_eq!(last.account, development_account("//Validator//3"));
        let aura = sr25519::Pair::from_string("//Validator//3//aura", None).expect("a development URI");
        assert_eq!(last.aura, aura.public());
        let grandpa = ed25519::Pair::from_string("//Validator//3//grandpa", None).expect("a development URI");
        assert_eq!(last.grandpa, grandpa.public());
    }

    #[test]
    fn success_live_definition() {
        let definition = Definition::parse("test.toml", &live()).expect("valid");
        assert_eq!(definition.chain_type, ChainType::Live);
        assert_eq!(definition.genesis.validators.len(), 4);
    }

    #[test]
    fn success_session_keys_in_every_notation() {
        let definition = |aura: String, grandpa: String| {
            let text = edit(LOCAL, "//Validator//3//aura", &aura);
            Definition::parse("test.toml", &edit(&text, "//Validator//3//grandpa", &grandpa)).expect("valid").genesis
        };
        let aura = sr25519::Pair::from_string("//Validator//3//aura", None).expect("a development URI").public();
        let grandpa = ed25519::Pair::from_string("//Validator//3//grandpa", None).expect("a development URI").public();

        let by_hex = definition(hex_key(aura.0), hex_key(grandpa.0));
        let by_address = definition(aura.to_ss58check(), grandpa.to_ss58check());

        for genesis in [by_hex, by_address] {
            assert_eq!((genesis.validators[3].aura, genesis.validators[3].grandpa), (aura, grandpa));
        }
    }

    #[test]
    fn success_boot_nodes() {
        let node = "/dns/node.example/tcp/30333/p2p/12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD";
        let text = edit(LOCAL, "boot_nodes = []", &format!("boot_nodes = [\"{node}\"]"));
        let definition = Definition::parse("test.toml", &text).expect("valid");
        assert_eq!(definition.boot_nodes[0].to_string(), node);

        let without = edit(LOCAL, "boot_nodes = []\n", "");
        assert!(Definition::parse("test.toml", &without).expect("valid").boot_nodes.is_empty());
    }

    #[test]
    fn local_definition_is_the_runtimes_preset() {
        for validators in [1, 4, 7] {
            let definition = Definition::parse("local", &local_definition(validators)).expect("valid");
            assert_eq!(definition.genesis.json(), genesis::local_testnet(validators).json());
            assert_eq!(definition.genesis.validators.len(), validators);
        }
    }

    #[test]
    fn local_definition_takes_parameters() {
        let node = "/ip4/127.0.0.1/tcp/30333/p2p/12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD".to_owned();
        let network = LocalNetwork {
            session_length: 11,
            quota: 12,
            quota_window: 13,
            boot_nodes: vec![node.clone()],
            ..LocalNetwork::new(5)
        };
        let definition = Definition::parse("local", &network.definition()).expect("valid");
        let NetworkGenesis { session_length, quota, quota_window, validators, .. } = definition.genesis;
        assert_eq!((session_length, quota, quota_window, validators.len()), (11, 12, 13, 5));
        assert_eq!(definition.boot_nodes[0].to_string(), node);
    }

    #[test]
    fn checked_in_local_definition_is_the_generated_one() {
        assert_eq!(include_str!("../definitions/local.toml"), local_definition(4));
    }

    #[test]
    fn documented_example_is_valid() {
        let document = include_str!("../../docs/network-definition.md");
        let (_, rest) = document.split_once("```toml\n").expect("an example");
        let (example, _) = rest.split_once("```").expect("its end");
        assert!(Definition::parse("docs", example).is_ok());
    }

    #[test]
    fn checked_in_live_example_is_valid() {
        let definition = Definition::parse("live", include_str!("../definitions/live-example.toml")).expect("valid");
        assert_eq!(definition.chain_type, ChainType::Live);
    }

    #[test]
    fn chain_spec_carries_the_definition() {
        let spec = from_definition_str("test.toml", LOCAL);
        match specie_runtime::WASM_BINARY {
            Some(_) => {
                let spec = spec.expect("valid");
                assert_eq!((spec.name(), spec.id(), spec.protocol_id()), ("Test", "test", Some("test")));
                assert_eq!(spec.properties(), properties());
                let json = spec.as_json(true).expect("the runtime takes this genesis");
                assert!(json.contains("\"raw\""));
            },
            None => assert!(spec.err().expect("no code").to_string().contains("without the Wasm runtime")),
        }
    }

    #[test]
    fn properties_tell_wallets_how_to_show_amounts() {
        let properties = serde_json::Value::Object(properties());
        assert_eq!(properties, serde_json::json!({"tokenSymbol": "SPC", "tokenDecimals": 2, "ss58Format": 42}));
    }

    #[test]
    fn presets_and_definitions_make_one_first_block() {
        if specie_runtime::WASM_BINARY.is_some() {
            let storage = |spec: crate::ChainSpec| {
                let json = spec.as_json(true).expect("the runtime takes this genesis");
                let spec: serde_json::Value = serde_json::from_str(&json).expect("JSON");
                spec["genesis"]["raw"].clone()
            };
            let preset = storage(crate::local_testnet().expect("there is code"));
            let definition = from_definition_str("local", &local_definition(4)).expect("valid");
            assert!(preset["top"].as_object().is_some_and(|top| !top.is_empty()));
            assert!(preset == storage(definition), "the local preset differs from its definition");
            assert!(preset != storage(crate::development().expect("there is code")));

            let live = include_str!("../definitions/live-example.toml");
            let live = from_definition_str("live", live).expect("valid");
            assert!(live.as_json(true).is_ok(), "the runtime takes a live network");
        }
    }

    #[test]
    fn missing_code_is_a_clear_error() {
        if specie_runtime::WASM_BINARY.is_none() {
            let error = builder("Test", "test", ChainType::Local).err().expect("no code");
            assert!(error.contains("without the Wasm runtime"), "{error}");
            assert_eq!(crate::development().err(), Some(error.clone()));
            assert_eq!(crate::local_testnet().err(), Some(error));
        }
    }
}

mod form {
    use super::*;

    #[test]
    fn fails_syntax_error() {
        refuses("decimals = 2", "decimals = = 2", 7, "not valid TOML");
    }

    #[test]
    fn fails_every_syntax_error_is_reported() {
        let text = edit(LOCAL, "decimals = 2", "decimals = = 2");
        let text = edit(&text, "name = \"Bank B\"", "name = Bank B");
        let lines: Vec<usize> = problems(&text).into_iter().map(|(line, _)| line).collect();
        assert!(lines.contains(&7) && lines.contains(&30), "{lines:?}");
    }

    #[test]
    fn fails_field_twice() {
        refuses("quota = 200", "quota = 200\nquota = 300", 12, "duplicate key");
    }

    #[test]
    fn fails_unknown_field() {
        refuses("quota = 200", "quota = 200\nqouta = 300", 12, "[network] has no field `qouta`");
        refuses("registry =", "treasury = []\nregistry =", 20, "[issuer] has no field `treasury`");
        refuses("name = \"Bank C\"", "name = \"Bank C\"\nlogo = 1", 36, "[[bank]] has no field `logo`");
        refuses("institution = 3", "institution = 3\nbabe = 1", 58, "[[validator]] has no field `babe`");
        refuses("[network]", "extra = 1\n[network]", 1, "the definition has no field `extra`");
    }

    #[test]
    fn fails_missing_field() {
        refuses("network_id = 7\n", "", 1, "[network] lacks the field `network_id`");
        refuses("registry = [\"//Registry//1\"]\n", "", 15, "[issuer] lacks the field `registry`");
        refuses("name = \"Bank B\"\n", "", 28, "[[bank]] lacks the field `name`");
        refuses("aura = \"//Validator//1//aura\"\n", "", 44, "[[validator]] lacks the field `aura`");
    }

    #[test]
    fn fails_missing_section() {
        let (_, rest) = LOCAL.split_once("[issuer]").expect("a section");
        refused(&format!("[issuer]{rest}"), 1, "the section [network] is missing");
        let (head, rest) = LOCAL.split_once("[issuer]").expect("a section");
        let (_, rest) = rest.split_once("[[bank]]").expect("a section");
        refused(&format!("{head}[[bank]]{rest}"), 1, "the section [issuer] is missing");
    }

    #[test]
    fn fails_section_of_the_wrong_kind() {
        let (_, rest) = LOCAL.split_once("[issuer]").expect("a section");
        refused(&format!("network = 1\n[issuer]{rest}"), 1, "`network` must be a section");
        let (head, _) = LOCAL.split_once("[[validator]]").expect("a section");
        refused(&format!("validator = 5\n{head}"), 1, "`validator` must be a list of sections");
        refused(&format!("validator = [5]\n{head}"), 1, "this must be a section");
    }

    #[test]
    fn fails_wrong_type() {
        refuses("name = \"Test\"", "name = 5", 2, "a text in quotation marks");
        refuses("session_length = 30", "session_length = \"30\"", 10, "a whole number");
        refuses("session_length = 30", "session_length = 30.5", 10, "a whole number");
        refuses("denominations = [100, 500]", "denominations = 100", 9, "a list in brackets");
        refuses(
            "issuing = [\"//Issuing//1\", \"//Issuing//2\"]",
            "issuing = \"//Issuing//1\"",
            16,
            "a list in brackets",
        );
        refuses("\"//BankA\"", "7", 26, "a text in quotation marks");
    }

    #[test]
    fn fails_all_problems_at_once_in_the_order_of_the_file() {
        let text = edit(LOCAL, "session_length = 30", "session_length = 0");
        let text = edit(&text, "number = 2", "number = 1");
        let text = edit(&text, "\"//Validator//2//aura\"", "\"0x12\"");
        let text = edit(&text, "name = \"Test\"", "name = \"\"\ncolour = \"blue\"");

        let lines: Vec<usize> = problems(&text).into_iter().map(|(line, _)| line).collect();

        // Bank 2 is unknown now, too, and so is its validator's institution.
        assert_eq!(lines, [2, 3, 11, 30, 52, 54]);
    }

    #[test]
    fn errors_print_as_file_line_and_column() {
        let text = edit(LOCAL, "session_length = 30", "session_length = 0");
        let text = edit(&text, "number = 2", "number = 1");
        let errors = Definition::parse("networks/test.toml", &edit(&text, "institution = 2", "institution = 1"));
        assert_eq!(
            errors.expect_err("wrong").to_string(),
            "networks/test.toml:10:18: this must be a whole number from 1 to 4294967295\n\
            networks/test.toml:29:10: bank 1 is already in line 24; every bank has a number of its own"
        );
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(Position::of("äö = 1\nü = 2", 5), Position { line: 1, column: 4 });
        assert_eq!(Position::of("äö = 1\nü = 2", 9), Position { line: 2, column: 1 });
        assert_eq!(Position::of("äö = 1\nü = 2", 99), Position { line: 2, column: 6 });
        assert_eq!(Position::of("", 0), Position { line: 1, column: 1 });
    }

    #[test]
    fn fails_file_that_cannot_be_read() {
        let errors = from_definition_file(Path::new("no/such/network.toml")).err().expect("no file");
        let DefinitionErrors { source_name, problems } = &errors;
        assert_eq!((source_name.as_str(), problems.len()), ("no/such/network.toml", 1));
        assert_eq!(problems[0].position, None);
        assert!(errors.to_string().starts_with("no/such/network.toml: the file cannot be read"), "{errors}");
    }
}

mod network {
    use super::*;

    #[test]
    fn fails_name() {
        refuses("\"Test\"", "\" \"", 2, "this name is empty");
        refuses("\"Test\"", "\"Te\\tst\"", 2, "control character");
        refuses("\"Test\"", &format!("\"{}\"", "x".repeat(65)), 2, "65 bytes; shorten it to 64");
        refuses("\"Bank A\"", &format!("\"{}\"", "ü".repeat(33)), 25, "66 bytes; shorten it to 64");
    }

    #[test]
    fn boundary_name() {
        let text = edit(LOCAL, "\"Test\"", &format!("\"{}\"", "ü".repeat(32)));
        assert_eq!(Definition::parse("test.toml", &text).expect("valid").name.len(), 64);
    }

    #[test]
    fn fails_id() {
        for id in ["", "Test", "te st", "1test", "../test", &"x".repeat(41)] {
            refuses("id = \"test\"", &format!("id = \"{id}\""), 3, "small letters");
        }
    }

    #[test]
    fn fails_type() {
        refuses("\"local\"", "\"testnet\"", 4, "\"live\", \"local\" or \"development\"");
    }

    #[test]
    fn success_development_type() {
        let definition = Definition::parse("test.toml", &edit(LOCAL, "\"local\"", "\"development\"")).expect("valid");
        assert_eq!(definition.chain_type, ChainType::Development);
    }

    #[test]
    fn fails_number_out_of_range() {
        refuses("network_id = 7", "network_id = -1", 5, "from 0 to 4294967295");
        refuses("network_id = 7", "network_id = 4_294_967_296", 5, "from 0 to 4294967295");
        refuses("session_length = 30", "session_length = 0", 10, "from 1 to 4294967295");
        refuses("quota = 200", "quota = -1", 11, "from 0 to 4294967295");
        refuses("quota_window = 60", "quota_window = 0", 12, "from 1 to 4294967295");
    }

    #[test]
    fn success_owner_id_key_with_a_prefix() {
        let text = edit(LOCAL, OWNER_ID_KEY, &format!("0x{OWNER_ID_KEY}"));
        let genesis = Definition::parse("test.toml", &text).expect("valid").genesis;
        assert_eq!(Ok(genesis.owner_id_key), OWNER_ID_KEY.parse::<OwnerIdKey>());
    }

    #[test]
    fn fails_owner_id_key() {
        let neutral = "00".repeat(32);
        for wrong in ["", "6a49", &neutral, &"ff".repeat(32), &OWNER_ID_KEY.replace('6', "7"), "//Alice"] {
            refuses(OWNER_ID_KEY, wrong, 14, "no public key of an identity service");
        }
        refuses(&format!("\"{OWNER_ID_KEY}\""), "7", 14, "a text in quotation marks");
        refuses(&format!("owner_id_key = \"{OWNER_ID_KEY}\""), "", 1, "[network] lacks the field `owner_id_key`");
    }

    #[test]
    fn success_bank_quota() {
        let bank_quota = |lines| {
            Definition::parse("test.toml", &edit(LOCAL, "quota = 200", lines)).expect("valid").genesis.bank_quota
        };
        assert_eq!(bank_quota("quota = 200"), 20_000);
        assert_eq!(bank_quota("quota = 4294967295"), u32::MAX);
        assert_eq!(bank_quota("quota = 0"), 0);
        assert_eq!(bank_quota("quota = 200\nbank_quota = 200"), 200);
        assert_eq!(bank_quota("quota = 200\nbank_quota = 0"), 0);
        assert_eq!(bank_quota("bank_quota = 1\nquota = 0"), 1);

        let genesis = Definition::parse("test.toml", LOCAL).expect("valid").genesis.json();
        assert_eq!(genesis["admission"], serde_json::json!({"quota": 200, "bankQuota": 20_000, "window": 60}));
    }

    #[test]
    fn fails_bank_quota() {
        refuses("quota = 200", "quota = 200\nbank_quota = -1", 12, "from 0 to 4294967295");
        refuses("quota = 200", "quota = 200\nbank_quota = \"200\"", 12, "a whole number");
        refuses("quota = 200", "quota = 200\nbank_quota = 199", 12, "less than one alone (200, line 11); raise it");
        refuses("quota = 200", "bank_quota = 1\nquota = 200", 11, "less than one alone (200, line 12); raise it");
        // A wrong quota is one mistake, whatever stands beside it.
        refuses("quota = 200", "quota = -1\nbank_quota = 100", 11, "from 0 to 4294967295");
    }

    #[test]
    fn success_limits() {
        let limits = |text: &str| Definition::parse("test.toml", text).expect("valid").genesis.limits;
        // Left out, on both kinds of networks.
        assert_eq!(limits(LOCAL), genesis::usual_limits(false));
        assert_eq!(limits(&live()), genesis::usual_limits(true));
        let section = "[limits]\nday_offset = -60\ndormancy_days = 0\nrebind_delay = 1\nrebind_approval_value = 0\n\
                       phone = { per_payment = 5, balance = 0 }\n[limits.person]\n\n[issuer]";
        let read = limits(&edit(LOCAL, "[issuer]", section));
        assert_eq!((read.day_offset, read.dormancy_days, read.rebind_delay), (-60, 0, 1));
        assert_eq!(read.rebind_approval_value, 0);
        let phone = ClassLimits { per_payment: Some(5), per_day: None, balance: Some(0) };
        let usual = genesis::usual_limits(false).classes;
        let expected = usual.into_iter().map(|(class, usual)| match class {
            OwnerClass::Phone => (class, phone),
            OwnerClass::Person => (class, ClassLimits::default()),
            _ => (class, usual),
        });
        assert_eq!(read.classes, expected.collect::<Vec<_>>());

        let genesis = Definition::parse("test.toml", &edit(LOCAL, "[issuer]", section)).expect("valid").genesis.json();
        assert_eq!(genesis["limits"]["offsetMinutes"], -60);
        let phone = serde_json::json!({"per_payment": 5, "per_day": null, "balance": 0});
        assert_eq!(genesis["limits"]["classes"][1], serde_json::json!(["phone", phone]));
        assert_eq!(genesis["identity"]["rebindDelay"], 1);
    }

    #[test]
    fn fails_limits() {
        let wrong = |line: &str, message: &str| {
            refuses("[issuer]", &format!("[limits]\n{line}\n[issuer]"), 16, message);
        };
        wrong("day_offset = 841", "from -840 to 840");
        wrong("day_offset = \"CET\"", "from -840 to 840");
        wrong("dormancy_days = -1", "from 0 to 4294967295");
        wrong("rebind_delay = 0", "from 1 to 4294967295");
        wrong("rebind_approval_value = 1.5", "a whole number");
        wrong("card = {}", "[limits] has no field `card`");
        wrong("phone = 5", "`phone` must be a section");
        wrong("phone = { per_week = 5 }", "[limits.phone] has no field `per_week`");
        wrong("phone = { balance = -5 }", "from 0 to 9223372036854775807");
        refuses("[network]", "limits = 3\n[network]", 1, "`limits` must be a section");
    }

    #[test]
    fn success_numbers_as_toml_writes_them() {
        let text = edit(LOCAL, "session_length = 30", "session_length = +1_000");
        let text = edit(&text, "quota = 200", "quota = 0xff");
        let genesis = Definition::parse("test.toml", &text).expect("valid").genesis;
        assert_eq!((genesis.session_length, genesis.quota), (1_000, 255));
    }

    #[test]
    fn fails_what_the_runtime_fixes() {
        refuses("\"SPC\"", "\"EUR\"", 6, "the runtime fixes this to \"SPC\"");
        refuses("decimals = 2", "decimals = 12", 7, "the runtime fixes this to 2");
        refuses("ss58_prefix = 42", "ss58_prefix = 0", 8, "the runtime fixes this to 42");
    }

    #[test]
    fn fails_denominations() {
        refuses("[100, 500]", "[]", 9, "must be a face value");
        refuses("[100, 500]", "[0, 500]", 9, "from 1 to");
        refuses("[100, 500]", "[100, 100]", 9, "stands here twice");
        refuses("[100, 500]", "[500,\n100]", 10, "smaller than the one before");
        let many = repeated(17, |index| format!("{},\n", index + 1));
        refuses("[100, 500]", &format!("[\n{many}]"), 26, "more than 16 face values");
        let with = |recoinable: &str| format!("[100, 500]\nrecoinable = {recoinable}");
        refuses("[100, 500]", &with("[100, 200]"), 10, "200 is not among the denominations");
        refuses("[100, 500]", &with("[500, 100]"), 10, "smaller than the one before");
    }

    #[test]
    fn fails_boot_nodes() {
        let node = "\"/ip4/127.0.0.1/tcp/30333/p2p/12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD\"";
        refuses("boot_nodes = []", "boot_nodes = [\"node.example\"]", 13, "no address of a node");
        refuses("boot_nodes = []", "boot_nodes = [\"/ip4/127.0.0.1/tcp/30333\"]", 13, "no address of a node");
        refuses("boot_nodes = []", &format!("boot_nodes = [\n{node},\n{node}]"), 15, "stands here twice");
    }
}

mod keys {
    use super::*;

    #[test]
    fn fails_address() {
        let address = own_account("somebody");
        let mistyped = format!("{}{}", &address[..address.len() - 1], if address.ends_with('a') { 'b' } else { 'a' });
        let account = |text: &str, message: &str| refuses("//BankB", text, 31, message);
        account(&mistyped, "checksum of this address is wrong");
        account(&address[..20], "this address is");
        account("Bank B's account", "looks like a secret phrase");
        account("0OIl", "no SS58 address");
        account("", "this address is not of a 32-byte key");
    }

    #[test]
    fn fails_address_of_another_network() {
        let address = AccountId::from([7; 32]).to_ss58check_with_version(0u16.into());
        refuses("//BankB", &address, 31, "a network with prefix 0; write it with prefix 42");
    }

    #[test]
    fn fails_account_in_hexadecimal() {
        refuses("//BankB", &hex_key([7; 32]), 31, "write an account as an SS58 address");
    }

    #[test]
    fn fails_account_that_no_key_has() {
        refuses("//BankB", &AccountId::from([0; 32]).to_ss58check(), 31, "all-zero key");
        let mut owner = [1; 32];
        owner[..8].copy_from_slice(&OWNER_ACCOUNT_TAG);
        refuses("//BankB", &AccountId::from(owner).to_ss58check(), 31, "stands for an owner");
    }

    #[test]
    fn fails_session_key() {
        refuses("//Validator//1//aura", "0x1234", 47, "64 hexadecimal digits");
        refuses("//Validator//1//aura", &format!("0x{}", "zz".repeat(32)), 47, "64 hexadecimal digits");
        refuses("//Validator//1//aura", &hex_key([0; 32]), 47, "all-zero key");
        refuses("//Validator//1//aura", &hex_key([0xff; 32]), 47, "no sr25519 public key");
        let mut small_order = [0; 32];
        small_order[0] = 1;
        refuses("//Validator//1//grandpa", &hex_key(small_order), 48, "no ed25519 public key");
    }

    #[test]
    fn fails_development_uri_that_cannot_be_derived() {
        // Soft derivation does not exist for ed25519.
        refuses("//Validator//1//grandpa", "//Validator/1", 48, "cannot be derived");
    }

    #[test]
    fn secrets_are_never_repeated() {
        let phrase = sp_core::crypto::DEV_PHRASE;
        let problems = problems(&edit(LOCAL, "//BankB", phrase));
        assert_eq!(problems.len(), 1);
        assert!(!problems[0].1.contains("bottom"), "{problems:?}");
    }

    #[test]
    fn fails_key_used_twice() {
        let already = |from: &str, to: &str, line: usize, message: &str| refuses(from, to, line, message);
        already("//Issuing//2", "//Issuing//1", 16, "already a key of `issuing` in line 16");
        already("//Supervising//1", "//Issuing//1", 17, "already a key of `issuing` in line 16");
        already("//Committee//1", "//Registry//1", 21, "already a key of `registry` in line 20");
        already("//Committee//3", "//Committee//2", 21, "already a member of `committee` in line 21");
        already("//BankA", "//Admitting//1", 26, "already a key of `admitting` in line 18");
        already("//BankC", "//BankA", 36, "already the account of bank 1 in line 26");
    }

    #[test]
    fn fails_validators_key_used_twice() {
        let already = |from: &str, to: &str, line: usize, message: &str| refuses(from, to, line, message);
        already("\"//Validator//2\"", "\"//BankB\"", 52, "already the account of bank 2 in line 31");
        already("\"//Validator//2\"", "\"//Validator//1\"", 52, "already `account` of validator 2 in line 46");
        already("//Validator//2//aura", "//Validator//1//aura", 53, "already `aura` of validator 2 in line 47");
        already("//Validator//2//aura", "//Validator//2", 53, "already `account` of validator 3 in line 52");
        already(
            "//Validator//3//grandpa",
            "//Validator//1//grandpa",
            60,
            "already `grandpa` of validator 2 in line 48",
        );
    }

    #[test]
    fn one_key_in_two_notations_is_one_key() {
        let address = development_account("//BankA").to_ss58check();
        refuses("//BankC", &address, 36, "already the account of bank 1 in line 26");
    }
}

mod issuer {
    use super::*;

    /// The local network with a root key in line 22.
    fn with_root(key: &str) -> String {
        edit(LOCAL, "\"//Committee//3\"]\n", &format!("\"//Committee//3\"]\nroot_key = \"{key}\"\n"))
    }

    #[test]
    fn success_root_key() {
        let root = |text: &str| Definition::parse("test.toml", text).expect("valid").genesis.root_key.map(|key| key.0);
        let own = ed25519::Pair::from_seed(&[7; 32]).public();
        let written = format!("0x01{}", hex::encode(own.0));
        assert_eq!(root(&with_root(&written)), Some([vec![1], own.0.to_vec()].concat()));
        assert_eq!(root(&with_root("//Root")), genesis::local_testnet(4).root_key.map(|key| key.0));
        let p256 = "0203209c317b637935dd3da1c54f63495dfb31f97d293df085710320595c9aacb83f";
        assert_eq!(root(&with_root(&format!("0x{p256}"))).map(hex::encode), Some(p256.to_owned()));
    }

    #[test]
    fn fails_root_key() {
        let refused_root = |key: &str, message: &str| refused(&with_root(key), 22, message);
        refused_root("0x01", "this is no root key");
        refused_root("root", "a root key is 0x and hexadecimal digits");
        refused_root("bottom drive obey", "looks like a secret phrase");
        // The identity: everybody can sign for it.
        refused_root(&format!("0x0101{}", "00".repeat(31)), "small order");
        let account = development_account("//Anybody");
        refused_root(&format!("0x03{}", hex::encode::<[u8; 32]>(account.into())), "ed25519 (01) or P-256 (02)");
        refused(&with_root("//Validator//3//grandpa"), 61, "already `root_key` in line 22");
    }

    #[test]
    fn fails_root_key_that_everybody_knows_on_a_live_network() {
        let with = |key: &str| {
            let last = format!("\"{}\"]\n", own_account("//Committee//3"));
            edit(&live(), &last, &format!("{last}root_key = \"{key}\"\n"))
        };
        refused(&with("//Root"), 22, "development URIs are known to everybody");
        let known = ed25519::Pair::from_string("//Root", None).expect("a development URI").public();
        refused(&with(&format!("0x01{}", hex::encode(known.0))), 22, "(//Root)");
    }

    #[test]
    fn fails_too_few_keys() {
        refuses(", \"//Issuing//2\"", "", 16, "`issuing` needs at least 2 keys");
        for (role, line) in [("Supervising", 17), ("Admitting", 18), ("Operating", 19), ("Registry", 20)] {
            refuses(&format!("\"//{role}//1\""), "", line, "needs at least 1 keys");
        }
    }

    #[test]
    fn fails_too_many_keys() {
        let many = repeated(17, |index| format!("\"//Supervising//{index}\",\n"));
        refuses("[\"//Supervising//1\"]", &format!("[\n{many}]"), 34, "at most 16 keys");
    }

    #[test]
    fn fails_committee() {
        refuses(", \"//Committee//3\"", "", 21, "at least 3 members");
        refuses("[\"//Committee//1\", \"//Committee//2\", \"//Committee//3\"]", "[]", 21, "at least 3 members");
        let many = repeated(MAX_COMMITTEE, |index| format!("\"//Member//{index}\",\n"));
        let text = edit(LOCAL, "[\"//Committee//1\", \"//Committee//2\", \"//Committee//3\"]", &format!("[\n{many}]"));
        assert!(Definition::parse("test.toml", &text).is_ok());
        let line = 21 + 1 + MAX_COMMITTEE;
        refused(
            &edit(&text, "\"//Member//0\"", "\"//Member//x\",\n\"//Member//0\""),
            line,
            "the committee has at most",
        );
    }
}

#[test]
fn bounds_are_the_runtimes() {
    use frame_support::{instances::Instance1, traits::Get};
    type MaxMembers = <specie_runtime::Runtime as pallet_collective::Config<Instance1>>::MaxMembers;
    assert_eq!(MAX_COMMITTEE, <MaxMembers as Get<u32>>::get() as usize);
}

mod banks {
    use super::*;

    fn with_banks(count: usize) -> String {
        let bank = |index: usize| {
            format!("\n[[bank]]\nnumber = {0}\nname = \"Bank {0}\"\naccount = \"//Bank//{0}\"\n", index + 4)
        };
        format!("{LOCAL}{}", repeated(count - 3, bank))
    }

    #[test]
    fn fails_number_twice() {
        let text = edit(LOCAL, "number = 2", "number = 1");
        refused(&edit(&text, "institution = 2", "institution = 1"), 29, "bank 1 is already in line 24");
    }

    #[test]
    fn boundary_number_of_banks() {
        let definition = Definition::parse("test.toml", &with_banks(64)).expect("valid");
        assert_eq!(definition.genesis.banks.len(), 64);
        refused(&with_banks(65), 62 + 61 * 5, "at most 64 banks");
    }

    #[test]
    fn success_no_banks() {
        let (head, rest) = LOCAL.split_once("[[bank]]").expect("a section");
        let (_, rest) = rest.split_once("[[validator]]").expect("a section");
        let (first, _) = rest.split_once("[[validator]]").expect("a section");
        let definition = Definition::parse("test.toml", &format!("{head}[[validator]]{first}")).expect("valid");
        assert!(definition.genesis.banks.is_empty());
        assert_eq!(definition.genesis.validators.len(), 1);
    }
}

mod validators {
    use super::*;

    #[test]
    fn fails_institution() {
        refuses("institution = 3", "institution = 9", 57, "there is no bank 9");
        refuses("institution = \"issuer\"", "institution = \"Issuer\"", 39, "\"issuer\" or the number of a bank");
        refuses("institution = 3", "institution = [3]", 57, "\"issuer\" or the number of a bank");
    }

    #[test]
    fn fails_none() {
        let (head, _) = LOCAL.split_once("[[validator]]").expect("a section");
        refused(head, 1, "there is no [[validator]]");
        refused(&format!("validator = []\n{head}"), 1, "there is no [[validator]]");
    }

    /// A local network in which the issuer runs one validator of four.
    fn with_validators(count: usize) -> String {
        let mut text = LocalNetwork::new(1).definition();
        for index in 1..count {
            let institution = ["\"issuer\"", "1", "2", "3"][index % 4];
            let uri = format!("//Validator//{index}");
            text += &format!(
                "\n[[validator]]\ninstitution = {institution}\naccount = \"{uri}\"\naura = \"{uri}//aura\"\n\
                grandpa = \"{uri}//grandpa\"\n"
            );
        }
        text
    }

    #[test]
    fn boundary_number_of_validators() {
        assert!(Definition::parse("test.toml", &with_validators(MAX_VALIDATORS)).is_ok());
        let text = with_validators(MAX_VALIDATORS + 1);
        let last = text.lines().count() - 4;
        assert_eq!(text.lines().nth(last - 1), Some("[[validator]]"));
        refused(&text, last, "at most 100 validators");
    }

    #[test]
    fn boundary_validators_of_one_institution() {
        let only_bank_1 = |count| with_validators(count).replace("institution = 2", "institution = 1");
        // The issuer, then 1 (bank 1), 2 (bank 1, once bank 2), 3 (bank 3), 4 (issuer), …: two of four are bank 1's.
        assert!(Definition::parse("test.toml", &only_bank_1(64)).is_ok());
        let text = only_bank_1(66);
        let last = text.lines().count() - 3;
        assert_eq!(text.lines().nth(last - 1), Some("institution = 1"));
        refused(&text, last, "bank 1 has 33 validators, the most is 32");
    }
}

mod live_network {
    use super::*;

    #[test]
    fn fails_fewer_than_four_validators() {
        let text = live();
        let (text, _) = text.rsplit_once("[[validator]]").expect("a section");
        refused(text, 51, "at least 4 validators, here are 3");
    }

    #[test]
    fn fails_institution_with_a_third() {
        // Two of four, then two of six: exactly a third.
        let text = edit(&live(), "institution = 3", "institution = 2");
        refused(&text, 57, "bank 2 has 2 of 4 validators, a third or more: it can stop finality");
        let more = |text: &str, institution: &str, name: &str| {
            let (account, aura) = (own_account(name), own_account(&format!("{name} aura")));
            let grandpa = own_grandpa(name);
            format!(
                "{text}\n[[validator]]\ninstitution = {institution}\naccount = \"{account}\"\n\
                aura = \"{aura}\"\ngrandpa = \"{grandpa}\"\n"
            )
        };
        let six = more(&more(&live(), "\"issuer\"", "e"), "1", "f");
        let lines: Vec<usize> = problems(&six).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [63, 69]);
        let seven = more(&six, "2", "g");
        assert!(Definition::parse("test.toml", &seven).is_ok(), "two of seven are less than a third");
    }

    #[test]
    fn fails_number_of_test_networks() {
        refused(&edit(&live(), "network_id = 7", "network_id = 1"), 5, "belongs to test networks");
    }

    #[test]
    fn fails_the_development_key_of_owner_ids() {
        let development = genesis::DEVELOPMENT_OWNER_ID_KEY.to_string();
        for spelling in [development.clone(), format!("0x{}", development.to_uppercase())] {
            let text = edit(&live(), OWNER_ID_KEY, &spelling);
            refused(&text, 14, "everybody has the secret of the development key");
        }
    }

    #[test]
    fn local_networks_are_free_of_these_rules() {
        assert!(Definition::parse("local", &local_definition(1)).is_ok());
    }

    #[test]
    fn fails_development_uri() {
        let text = edit(&live(), &own_account("//BankB"), "//BankB");
        refused(&text, 31, "development URIs are known to everybody");
    }

    #[test]
    fn fails_known_keys() {
        for uri in ["", "//Alice", "//Ferdie//stash", "//BankB", "//Validator//77", "//Ann", "//5", "//Issuing//2"] {
            let uri = format!("{}{uri}", sp_core::crypto::DEV_PHRASE);
            let text = edit(&live(), &own_account("//BankB"), &development_account(&uri).to_ss58check());
            refused(&text, 31, "everybody knows the secret of this key");
        }
    }

    #[test]
    fn fails_known_session_keys() {
        let aura = development_account("//Alice").to_ss58check();
        refused(&edit(&live(), &own_account("//Validator//1//aura"), &aura), 47, "(//Alice)");
        for uri in ["//Alice", "//Validator//1//grandpa", "//Bob//grandpa"] {
            let grandpa = ed25519::Pair::from_string(uri, None).expect("a development URI").public();
            let text = edit(&live(), &own_grandpa("//Validator//1//grandpa"), &hex_key(grandpa.0));
            refused(&text, 48, &format!("({uri})"));
        }
    }

    #[test]
    fn every_key_of_the_presets_is_known() {
        for genesis in [genesis::development(), genesis::local_testnet(64)] {
            let roles = genesis.roles.iter().flat_map(|(_, keys)| keys);
            let accounts = roles.chain(&genesis.committee).chain(genesis.banks.iter().map(|bank| &bank.account));
            let mut keys: Vec<[u8; 32]> = accounts.map(|account| account.clone().into()).collect();
            for validator in &genesis.validators {
                keys.extend([validator.account.clone().into(), validator.aura.0, validator.grandpa.0]);
            }
            assert!(keys.iter().all(is_known_key));
        }
    }

    #[test]
    fn keyring_of_the_sdk_is_known() {
        assert!(sp_keyring::Sr25519Keyring::iter().all(|key| is_known_key(&key.public().0)));
        assert!(sp_keyring::Ed25519Keyring::iter().all(|key| is_known_key(&key.public().0)));
        let own = sr25519::Pair::from_seed(&Blake2Hasher::hash(b"own").0);
        assert!(!is_known_key(&own.public().0));
    }
}
