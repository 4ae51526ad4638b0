//! The commands of the ceremony, on real files.

use clap::Parser;
use sp_core::{ed25519, sr25519, Pair};
use specie_chain_spec::{ceremony::Contribution, Definition};
use specie_node_service::{
    ceremony::{CONTRIBUTION, KEYS, NODE_KEY, SESSION_KEYS},
    cli::{Cli, Subcommand},
};
use specie_primitives::{BankId, Institution, Role};
use specie_wallet::Keystore;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

const PLAN: &str = r#"[network]
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

[[bank]]
number = 1
name = "Bank A"

[[bank]]
number = 2
name = "Bank B"

[[bank]]
number = 3
name = "Bank C"
"#;

const PASSWORD: &str = "correct horse";
/// Folders of the issuer's people and node, then those of three banks.
const FOLDERS: [&str; 9] = ["one", "two", "seat-1", "seat-2", "seat-3", "rest", "a", "b", "c"];

/// A folder of one test, with a plan and a password file in it.
struct Table {
    folder: PathBuf,
}

impl Table {
    fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ceremony-{test}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("plan.toml"), PLAN).unwrap();
        fs::write(folder.join("password"), format!("{PASSWORD}\n")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Runs a subcommand of `ceremony`; what it says, or why it fails.
    fn run(&self, args: &[&str]) -> Result<String, String> {
        let cli =
            Cli::try_parse_from([&["specie-node", "ceremony"], args].concat()).map_err(|error| error.to_string())?;
        let Some(Subcommand::Ceremony(command)) = cli.subcommand else { panic!("not ceremony") };
        let mut out = Vec::new();
        // The program leaves out what the SDK puts before a text that explains itself.
        let plain = |error: sc_cli::Error| error.to_string().trim_start_matches("Invalid input: ").to_owned();
        command.run(&mut out).map_err(plain)?;
        Ok(String::from_utf8(out).unwrap())
    }

    fn prepare(&self, institution: &str, name: &str, more: &[&str]) -> Result<String, String> {
        let (plan, out, password) = (self.path("plan.toml"), self.path(name), self.path("password"));
        let args = ["prepare", "--network", &plan, "--institution", institution, "--out", &out];
        self.run(&[&args[..], &["--password-file", &password], more].concat())
    }

    /// Everybody's keys: the issuer's people apart from each other, three banks. Gives the contributions' files.
    fn prepare_all(&self) -> Vec<String> {
        let node = ["--make", "validator", "--address", "/dns/node.example/tcp/30333"];
        let rest = ["supervising", "admitting", "operating", "registry"];
        let rest: Vec<_> = rest.iter().flat_map(|what| ["--make", what]).chain(node).collect();
        let bank = [&["--make", "account"], &node[..]].concat();
        for (institution, name, make) in [
            ("issuer", "one", &["--make", "issuing"][..]),
            ("issuer", "two", &["--make", "issuing"]),
            ("issuer", "seat-1", &["--make", "committee"]),
            ("issuer", "seat-2", &["--make", "committee"]),
            ("issuer", "seat-3", &["--make", "committee"]),
            ("issuer", "rest", &rest),
            ("1", "a", &bank),
            ("Bank B", "b", &bank),
            ("Bank C", "c", &bank),
        ] {
            let said = self.prepare(institution, name, make).unwrap();
            assert!(said.contains(&self.contribution(name).fingerprint()), "{said}");
        }
        FOLDERS.map(|name| self.path(&format!("{name}/{CONTRIBUTION}"))).into()
    }

    fn contribution(&self, name: &str) -> Contribution {
        Contribution::from_file(&self.folder.join(name).join(CONTRIBUTION)).unwrap()
    }

    fn collect(&self, contributions: &[String], out: &str) -> Result<String, String> {
        let (plan, out) = (self.path("plan.toml"), self.path(out));
        let files: Vec<_> = contributions.iter().map(String::as_str).collect();
        self.run(&[&["collect", "--network", &plan, "--out", &out], &files[..]].concat())
    }

    fn verify(&self, definition: &str, mine: &[&str]) -> Result<String, String> {
        self.verify_with("plan.toml", &FOLDERS, definition, mine, &[])
    }

    /// Verifies with a plan and the contributions of some folders.
    fn verify_with(
        &self,
        plan: &str,
        all: &[&str],
        definition: &str,
        mine: &[&str],
        more: &[&str],
    ) -> Result<String, String> {
        let (plan, definition) = (self.path(plan), self.path(definition));
        let all: Vec<_> = all.iter().map(|name| self.path(&format!("{name}/{CONTRIBUTION}"))).collect();
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        let mine: Vec<_> = mine.iter().map(|name| self.path(name)).collect();
        let mine: Vec<_> = mine.iter().flat_map(|path| ["--mine", path.as_str()]).collect();
        let start = ["verify", definition.as_str(), "--network", plan.as_str(), "--all"];
        self.run(&[&start[..], &all[..], &mine[..], more].concat())
    }
}

/// What `verify` ends with when nothing is wrong: without the runtime in it, this program makes no first block.
#[track_caller]
fn verified(result: Result<String, String>) {
    match (specie_runtime::WASM_BINARY, result) {
        (Some(_), Ok(said)) => assert!(said.contains("FIRST BLOCK  0x"), "{said}"),
        (None, Err(why)) => assert!(why.contains("built without the Wasm runtime"), "{why}"),
        (_, other) => panic!("{other:?}"),
    }
}

/// Every secret below a folder, however it is written there.
fn secrets(folder: &Path) -> Vec<String> {
    let mut secrets = vec![PASSWORD.to_owned()];
    let mut note = |phrase: String| {
        secrets.push(hex::encode(sr25519::Pair::from_phrase(&phrase, None).unwrap().1));
        secrets.push(phrase);
    };
    let store = Keystore::new(folder.join(KEYS));
    for name in store.names().unwrap() {
        note(store.open(&name, PASSWORD).unwrap().secret.clone());
    }
    for entry in fs::read_dir(folder.join(SESSION_KEYS)).into_iter().flatten() {
        note(serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap());
    }
    secrets.extend(fs::read_to_string(folder.join(NODE_KEY)).ok());
    secrets
}

#[test]
fn success_a_ceremony_ends_with_one_definition() {
    // Given
    let table = Table::new("success");
    let mut files = table.prepare_all();
    // When
    let said = table.collect(&files, "net.toml").unwrap();
    // Then: it has what was handed in.
    assert!(said.contains(&table.contribution("two").fingerprint()), "{said}");
    let text = fs::read_to_string(table.path("net.toml")).unwrap();
    let definition = Definition::parse("net.toml", &text).unwrap();
    let bank = &table.contribution("a");
    assert_eq!(bank.institution, Institution::Bank(BankId(1)));
    assert_eq!(definition.genesis.banks[0].account, bank.accounts[0].account);
    let validator = definition.genesis.validators.iter().find(|one| one.institution == bank.institution).unwrap();
    assert_eq!((validator.aura, validator.grandpa), (bank.validators[0].aura, bank.validators[0].grandpa));
    assert_eq!(
        definition.genesis.roles[0],
        (Role::Issuing, {
            let mut two = ["one", "two"].map(|name| table.contribution(name).accounts[0].account.clone());
            two.sort_by_key(ToString::to_string);
            two.to_vec()
        })
    );
    assert_eq!(table.contribution("rest").accounts.len(), 4);
    // And: the same bytes in whatever order, but over nothing that is there.
    files.reverse();
    table.collect(&files, "again.toml").unwrap();
    assert_eq!(fs::read_to_string(table.path("again.toml")).unwrap(), text);
    let error = table.collect(&files, "net.toml").unwrap_err();
    assert!(error.contains("could not write") && error.contains("net.toml"), "{error}");
    // And: everybody finds the own keys, the issuer's people with each other's files.
    let others: Vec<_> = FOLDERS[1..6].iter().map(|name| format!("{name}/{CONTRIBUTION}")).collect();
    let issuer: Vec<_> = ["one"].into_iter().chain(others.iter().map(String::as_str)).collect();
    verified(table.verify("net.toml", &issuer));
    ["a", "b", "c"].iter().for_each(|name| verified(table.verify("net.toml", &[name])));
    let error = table.verify("net.toml", &["one"]).unwrap_err();
    assert!(error.contains("in none of the files given"), "{error}");
}

#[test]
fn secrets_stay_where_they_were_made() {
    // Given
    let table = Table::new("secrets");
    let files = table.prepare_all();
    table.collect(&files, "net.toml").unwrap();
    // Then: no secret of anybody is in what is handed in or made of it.
    let public: Vec<_> =
        files.iter().chain([&table.path("net.toml")]).map(|file| fs::read_to_string(file).unwrap()).collect();
    let mut found = Vec::new();
    for name in FOLDERS {
        found.extend(secrets(&table.folder.join(name)));
    }
    // The password, 2 for each of 16 accounts' and of 8 session keys, 4 node keys.
    assert_eq!(found.len(), FOLDERS.len() + 2 * (16 + 8) + 4);
    for secret in &found {
        assert!(secret.len() > 12 && public.iter().all(|text| !text.contains(secret)));
        assert!(format!("{}# {secret}", public[0]).contains(secret), "the search finds what is there");
    }
    // And: nobody else on the machine can read them.
    for file in [format!("{KEYS}/account.json"), format!("{KEYS}/validator.json"), NODE_KEY.to_owned()] {
        let mode = fs::metadata(table.folder.join("a").join(&file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
    for entry in fs::read_dir(table.folder.join("a").join(SESSION_KEYS)).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o077, 0);
    }
    // And: the node's key is one that a node reads.
    let seed = hex::decode(fs::read_to_string(table.folder.join("a").join(NODE_KEY)).unwrap()).unwrap();
    let key = ed25519::Pair::from_seed_slice(&seed).unwrap().public();
    assert_eq!(table.contribution("a").validators[0].node_key(), Some(key.0));
}

#[test]
fn fails_before_anything_is_made() {
    let table = Table::new("refused");
    let account = &["--make", "account"][..];
    let node = ["--make", "validator", "--address", "/dns/node.example/tcp/30333"];
    let peer = "/dns/x.example/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
    for (institution, make, said) in [
        ("Bank D", account, "no institution 'Bank D'"),
        ("4", account, "no institution '4'"),
        ("issuer", account, "does not make 'account'"),
        ("1", &["--make", "issuing"], "does not make 'issuing', only: account, validator"),
        ("1", &["--make", "aura"], "does not make 'aura'"),
        ("issuer", &["--make", "issuing", "--make", "issuing"], "'issuing' is there twice"),
        ("1", &["--make", "validator"], "with --address"),
        ("1", &["--make", "account", "--address", node[3]], "--address is a validator's"),
        ("1", &[&node[..], &["--make", "validator"]].concat(), "holds one validator"),
        ("1", &["--make", "validator", "--address", "node.example:30333"], "--address must be like"),
        ("1", &["--make", "validator", "--address", peer], "--address must be like"),
        ("1", &[], "--make"),
    ] {
        let error = table.prepare(institution, "x", make).unwrap_err();
        assert!(error.contains(said), "{error}");
        assert!(!table.folder.join("x").exists(), "{said}");
    }
    fs::write(table.folder.join("password"), "\n").unwrap();
    assert!(table.prepare("1", "x", account).unwrap_err().contains("the password is empty"));
    assert!(!table.folder.join("x").exists());
    // Keys that are there stay.
    fs::write(table.folder.join("password"), PASSWORD).unwrap();
    table.prepare("1", "x", account).unwrap();
    let before = fs::read_to_string(table.path("x/contribution.toml")).unwrap();
    assert!(table.prepare("1", "x", account).unwrap_err().contains("is in use"));
    assert_eq!(fs::read_to_string(table.path("x/contribution.toml")).unwrap(), before);
}

#[test]
fn verify_names_secrets_that_are_lost() {
    // Given
    let table = Table::new("lost");
    let files = table.prepare_all();
    table.collect(&files, "net.toml").unwrap();
    let folder = table.folder.join("a");
    let lost = |said: &str| {
        let error = table.verify("net.toml", &["a"]).unwrap_err();
        assert!(error.contains(said) && error.contains("is not here"), "{error}");
    };
    // When, then
    let session_keys: Vec<_> =
        fs::read_dir(folder.join(SESSION_KEYS)).unwrap().map(|entry| entry.unwrap().path()).collect();
    for (kind, said) in [("61757261", "`aura` key"), ("6772616e", "`grandpa` key")] {
        let is = |path: &&PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(kind);
        let file = session_keys.iter().find(is).unwrap();
        let kept = fs::read(file).unwrap();
        fs::remove_file(file).unwrap();
        lost(said);
        fs::write(file, kept).unwrap();
    }
    let kept = fs::read(folder.join(NODE_KEY)).unwrap();
    fs::write(folder.join(NODE_KEY), "00".repeat(32)).unwrap();
    lost("`node` key");
    fs::write(folder.join(NODE_KEY), kept).unwrap();
    verified(table.verify("net.toml", &["a"]));
    fs::remove_file(folder.join(KEYS).join("account.json")).unwrap();
    lost(&table.contribution("a").accounts[0].account.to_string());
}

#[test]
fn mistakes_of_all_files_are_told_at_once() {
    let table = Table::new("mistakes");
    let files = table.prepare_all();
    for file in &files[..2] {
        let text = fs::read_to_string(file).unwrap();
        fs::write(file, text.replace("\"issuing\"", "\"registry\"")).unwrap();
    }
    let error = table.collect(&files, "net.toml").unwrap_err();
    assert_eq!(error.lines().count(), 2, "{error}");
    for (line, file) in error.lines().zip(&files) {
        assert!(line.starts_with(file.as_str()) && line.contains("does not hold for the issuer"), "{error}");
    }
    assert!(!table.folder.join("net.toml").exists());
    assert_eq!(table.run(&["show", &files[0]]).unwrap_err().lines().count(), 1);
    let said = table.run(&["show", &files[6]]).unwrap();
    assert!(said.contains("bank 1 on specie_test") && said.contains("FINGERPRINT"), "{said}");
}

/// Whatever the collector writes beside the institutions' keys is noticed by everybody.
#[test]
fn verify_collects_again() {
    // Given
    let table = Table::new("again");
    let files = table.prepare_all();
    table.collect(&files, "net.toml").unwrap();
    verified(table.verify("net.toml", &["a"]));
    let text = fs::read_to_string(table.path("net.toml")).unwrap();
    let said = "the definition is not what this plan and these contributions make";
    // When: the collector changes the definition. Then: bank A notices, although its keys are in it.
    let own = format!("owner_id_key = \"{}\"", hex::encode(sr25519::Pair::from_seed(&[7; 32]).public().0));
    let key = PLAN.lines().find(|line| line.starts_with("owner_id_key")).unwrap();
    for (from, to) in [
        (key, own.as_str()),
        ("\nquota = 100 ", "\nquota = 101 "),
        ("denominations = [100, 500]", "denominations = [100, 500, 1000]"),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        fs::write(table.path("edited.toml"), text.replace(from, to)).unwrap();
        let error = table.verify("edited.toml", &["a"]).unwrap_err();
        assert!(error.contains(said) && error.contains(from.trim()) && error.contains(to.trim()), "{error}");
    }
    // And: the plan and every contribution are needed.
    fs::write(table.path("other.toml"), PLAN.replace("quota = 100", "quota = 101")).unwrap();
    let error = table.verify_with("other.toml", &FOLDERS, "net.toml", &["a"], &[]).unwrap_err();
    assert!(error.contains(said), "{error}");
    let error = table.verify_with("plan.toml", &FOLDERS[..8], "net.toml", &["a"], &[]).unwrap_err();
    assert!(error.contains("every contribution once") && error.contains("bank 3 (Bank C)"), "{error}");
    let (definition, mine) = (table.path("net.toml"), table.path("a"));
    let error = table.run(&["verify", &definition, "--mine", &mine]).unwrap_err();
    assert!(error.contains("--network") && error.contains("--all"), "{error}");
}

/// A chain spec that was handed out is compared with the definition.
#[test]
fn verify_compares_chain_specs() {
    if specie_runtime::WASM_BINARY.is_none() {
        return;
    }
    let table = Table::new("blocks");
    let files = table.prepare_all();
    table.collect(&files, "net.toml").unwrap();
    let changed = fs::read_to_string(table.path("net.toml")).unwrap().replace("quota = 100", "quota = 101");
    fs::write(table.path("other.toml"), changed).unwrap();
    for (definition, spec) in [("net.toml", "net.json"), ("other.toml", "other.json")] {
        let spec = Some(table.folder.join(spec));
        let command = specie_node_service::cli::NetworkSpecCmd {
            definition: table.folder.join(definition),
            raw: true,
            output: spec,
        };
        specie_node_service::command::network_spec(&command).unwrap();
    }
    let verify =
        |spec: &str| table.verify_with("plan.toml", &FOLDERS, "net.toml", &["a"], &["--spec", &table.path(spec)]);
    assert!(verify("net.json").unwrap().contains("FIRST BLOCK"));
    let error = verify("other.json").unwrap_err();
    assert!(error.contains("it was made of another definition"), "{error}");
    // The same block may be written in short.
    let short = specie_node_service::cli::NetworkSpecCmd {
        definition: table.folder.join("net.toml"),
        raw: false,
        output: Some(table.folder.join("short.json")),
    };
    specie_node_service::command::network_spec(&short).unwrap();
    assert!(verify("short.json").unwrap().contains("FIRST BLOCK"));
    // The same block with something else after it is another network.
    let honest: serde_json::Value = serde_json::from_str(&fs::read_to_string(table.path("net.json")).unwrap()).unwrap();
    let peer = "/dns/x.example/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
    for (field, value) in [
        ("codeSubstitutes", serde_json::json!({ "1": "0x00" })),
        ("bootNodes", serde_json::json!([peer])),
        ("telemetryEndpoints", serde_json::json!([["wss://telemetry.example/submit/", 0]])),
        ("forkId", serde_json::json!("other")),
        ("badBlocks", serde_json::json!([])),
    ] {
        let mut forged = honest.clone();
        forged[field] = value;
        fs::write(table.path("forged.json"), forged.to_string()).unwrap();
        let error = verify("forged.json").unwrap_err();
        assert!(
            error.contains(&format!("is not the chain spec of the definition: it differs in `{field}`;")),
            "{error}"
        );
    }
}
