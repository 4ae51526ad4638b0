//! The ceremony, for once in full: four institutions in four folders make their keys, only public parts meet, everybody
//! verifies the definition, and a network runs on it. And everything that somebody at the table could try.

use anyhow::{anyhow, ensure, Context, Result};
use sp_core::{sr25519, Pair};
use specie_primitives::{AccountId, Hash};
use specie_testnet::{
    authors::{wait_for_block_by, AuraKey},
    cli::{Cli, Receipt},
    network::{find_built, Given, Peers},
    payments::{ensure_agreement, ensure_balanced},
    ports::{Ports, Reserved},
    rpc::bytes,
    search::{copy_folder, Needles},
    Options, TestNetwork,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What everybody has before the ceremony.
const PLAN: &str = r#"[network]
name = "Specie Ceremony"
id = "specie_ceremony"
type = "live"
network_id = 4711
owner_id_key = "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919"
symbol = "SPC"
decimals = 2
ss58_prefix = 42
denominations = [100, 500, 10000]
session_length = 30
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
/// Institutions, the names of their validators, and what they make beside those. The issuer's people sit at different
/// desks: each has a folder and a password.
const INSTITUTIONS: [(&str, &str, &[(&str, &[&str])]); 4] = [
    (
        "issuer",
        "issuer",
        &[
            ("issuing-1", &["issuing"]),
            ("issuing-2", &["issuing"]),
            ("offices", &["supervising", "admitting", "operating", "registry"]),
            ("committee-1", &["committee"]),
            ("committee-2", &["committee"]),
            ("committee-3", &["committee"]),
        ],
    ),
    ("1", "bank-a", &[("desk", &["account"])]),
    ("2", "bank-b", &[("desk", &["account"])]),
    ("3", "bank-c", &[("desk", &["account"])]),
];
/// Where an institution's validator keeps its keys.
const MACHINE: &str = "machine";
/// Blocks that must become final.
const FINAL: u32 = 5;
/// Blocks of which one must be made by a validator whose turn comes every fourth time.
const TURNS: u32 = 40;
/// What two people mint: face value in units, in minor units, and how many.
const MINTED: (&str, u128, &str) = ("100", 10_000, "20");

/// A folder in which one person or machine made keys.
struct Desk {
    institution: &'static str,
    name: String,
    folder: PathBuf,
    password: String,
}

impl Desk {
    /// What it hands in.
    fn contribution(&self) -> PathBuf {
        self.folder.join("contribution.toml")
    }
}

/// The place where contributions meet, and the folders of those who made them.
struct Table {
    folder: PathBuf,
    program: PathBuf,
    desks: Vec<Desk>,
}

impl Table {
    /// Runs the program to its end; `password` is known to it alone.
    fn run(&self, password: &str, args: &[&str]) -> Result<Output> {
        let mut command = Command::new(&self.program);
        command.args(args).env("SPECIE_PASSWORD", password);
        command.output().with_context(|| format!("could not start {}", self.program.display()))
    }

    /// Runs what must succeed, and gives what it says.
    fn done(&self, args: &[&str]) -> Result<String> {
        let output = self.run("", args)?;
        ensure!(output.status.success(), "{}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Makes keys for an institution.
    fn prepare(
        &mut self,
        plan: &str,
        (institution, owner): (&'static str, &str),
        name: &str,
        more: &[&str],
    ) -> Result<()> {
        let folder = self.folder.join(owner).join(name);
        // Nobody has another's password.
        let password = format!("password of {name} of {owner}");
        let out = folder.display().to_string();
        let args = ["ceremony", "prepare", "--network", plan, "--institution", institution, "--out", &out];
        let output = self.run(&password, &[&args[..], more].concat())?;
        ensure!(output.status.success(), "{name} of {owner}: {}", String::from_utf8_lossy(&output.stderr));
        self.desks.push(Desk { institution, name: format!("{owner}-{name}"), folder, password });
        Ok(())
    }

    fn desk(&self, name: &str) -> Result<&Desk> {
        self.desks.iter().find(|desk| desk.name == name).with_context(|| format!("there is no desk {name}"))
    }

    /// Collects files of the table.
    fn collect(&self, files: &[String], out: &str) -> Result<Output> {
        let (plan, out) = (self.path("plan.toml"), self.path(out));
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        self.run("", &[&["ceremony", "collect", "--network", &plan, "--out", &out], &files[..]].concat())
    }

    /// Checks that files make no definition, for a reason that somebody can act on.
    fn refused(&self, attack: &str, files: &[String], reasons: &[&str]) -> Result<()> {
        let output = self.collect(files, "refused.toml")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(!output.status.success(), "{attack}: a definition was made");
        ensure!(!self.folder.join("refused.toml").exists(), "{attack}: refused, but a definition is there");
        for reason in reasons {
            ensure!(said.contains(reason), "{attack}: refused, but not with '{reason}': {said}");
        }
        Ok(())
    }

    /// A desk's contribution where all meet.
    fn handed_in(&self, desk: &Desk) -> String {
        self.path(&format!("table/{}.toml", desk.name))
    }

    /// The call that verifies a definition, without `--mine`.
    fn verify_args(&self, definition: &str) -> Vec<String> {
        let mut args: Vec<String> = ["ceremony", "verify", definition, "--network"].map(String::from).into();
        args.extend([self.path("plan.toml"), "--all".into()]);
        args.extend(self.desks.iter().map(|desk| self.handed_in(desk)));
        args
    }

    /// What an institution finds in the definition: the hash of the first block. `--mine` are all folders of it.
    fn verify(&self, institution: &str, spec: Option<&str>) -> Result<Hash> {
        let mut args = self.verify_args(&self.path("network.toml"));
        for desk in self.desks.iter().filter(|desk| desk.institution == institution) {
            args.extend(["--mine".to_owned(), desk.folder.display().to_string()]);
        }
        args.extend(spec.iter().flat_map(|spec| ["--spec".to_owned(), (*spec).to_owned()]));
        let said = self.done(&args.iter().map(String::as_str).collect::<Vec<_>>())?;
        let line = said.lines().find_map(|line| line.trim().strip_prefix("FIRST BLOCK"));
        let hash = line.with_context(|| format!("no first block in '{said}'"))?.trim();
        Ok(serde_json::from_value(hash.into())?)
    }
}

/// Everybody prepares, on machines of which nobody sees the others'.
fn prepare(folder: &Path, ports: &[Reserved]) -> Result<Table> {
    let mut table = Table { folder: folder.to_owned(), program: find_built("specie-node")?, desks: Vec::new() };
    let plan = table.path("plan.toml");
    fs::write(&plan, PLAN)?;
    for ((institution, name, desks), ports) in INSTITUTIONS.into_iter().zip(ports) {
        for (desk, duties) in desks {
            let make: Vec<_> = duties.iter().flat_map(|duty| ["--make", duty]).collect();
            table.prepare(&plan, (institution, name), desk, &make)?;
        }
        let address = format!("/ip4/127.0.0.1/tcp/{}", ports.ports().peers);
        table.prepare(&plan, (institution, name), MACHINE, &["--make", "validator", "--address", &address])?;
    }
    Ok(table)
}

/// Brings the contributions, and nothing else, to one place; gives their files.
fn hand_in(table: &Table) -> Result<Vec<String>> {
    fs::create_dir_all(table.folder.join("table"))?;
    let mut files = Vec::new();
    for desk in &table.desks {
        let file = table.handed_in(desk);
        fs::copy(desk.contribution(), &file)?;
        files.push(file);
    }
    Ok(files)
}

/// Every secret of a desk: its password, phrases and seeds.
fn secrets(table: &Table, desk: &Desk) -> Result<Vec<(String, Vec<u8>)>> {
    let mut secrets = vec![(format!("password of {}", desk.name), desk.password.clone().into_bytes())];
    let mut note = |what: &str, phrase: String| -> Result<()> {
        let (_, seed) = sr25519::Pair::from_phrase(&phrase, None).map_err(|error| anyhow!("{error:?}"))?;
        secrets.push((format!("seed of {what} of {}", desk.name), seed.to_vec()));
        secrets.push((format!("phrase of {what} of {}", desk.name), phrase.into_bytes()));
        Ok(())
    };
    let specie = find_built("specie")?;
    for entry in fs::read_dir(desk.folder.join("keys"))? {
        let file = entry?.path();
        let name = file.file_stem().and_then(|name| name.to_str()).context("a key without a name")?;
        // As their holder reads them, with the password.
        let mut command = Command::new(&specie);
        command.arg("--json").arg("--keystore").arg(desk.folder.join("keys")).args(["key", "export", name]);
        let output = command.env("SPECIE_PASSWORD", &desk.password).output()?;
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        note(name, answer["secret"].as_str().with_context(|| format!("{name}: {answer}"))?.to_owned())?;
    }
    if desk.name.ends_with(MACHINE) {
        for entry in fs::read_dir(desk.folder.join("keystore"))? {
            note("a session key", serde_json::from_slice(&fs::read(entry?.path())?)?)?;
        }
        let key = fs::read_to_string(desk.folder.join("node-key"))?;
        secrets.push((format!("node key of {}", desk.name), hex::decode(key.trim())?));
    }
    ensure!(secrets.len() > 2, "{} has no secrets in {}", desk.name, table.folder.display());
    Ok(secrets)
}

/// Checks that nothing below a folder holds a secret, after one was found that was put there.
fn ensure_without_secrets(folder: &Path, secrets: &[(String, Vec<u8>)]) -> Result<()> {
    let needles = Needles::new(secrets.iter().map(|(name, secret)| (name.as_str(), secret)))?;
    let copy = tempfile::tempdir()?;
    copy_folder(folder, copy.path())?;
    for (number, (name, secret)) in secrets.iter().enumerate() {
        // Behind what is there, as it is or in digits.
        let written = if number % 2 == 0 { secret.clone() } else { hex::encode(secret).into_bytes() };
        let canary = copy.path().join("canary");
        fs::write(&canary, [b"# canary ", &written[..]].concat())?;
        let found = needles.find_in_files(&canary)?;
        ensure!(found.iter().any(|found| found.name == *name), "the search is blind: it does not find {name}");
    }
    ensure!(!needles.find_in_files(copy.path())?.is_empty(), "the search does not go through folders");
    let found = needles.find_in_files(folder)?;
    ensure!(found.is_empty(), "secrets are below {}: {found:#?}", folder.display());
    Ok(())
}

/// What somebody at the table could do to contributions; each is refused with a reason.
fn attack(table: &mut Table, files: &[String]) -> Result<()> {
    let read = |name: &str| fs::read_to_string(table.path(&format!("table/{name}.toml")));
    let replaced = |name: &str, text: &str| -> Result<Vec<String>> {
        let (honest, forged) = (table.path(&format!("table/{name}.toml")), table.path("forged.toml"));
        fs::write(&forged, text)?;
        Ok(files.iter().map(|file| if *file == honest { forged.clone() } else { file.clone() }).collect())
    };
    let (a, b) = (read("bank-a-desk")?, read("bank-b-desk")?);
    let key = |text: &str| -> Result<String> {
        let line = text.lines().find_map(|line| line.strip_prefix("key = "));
        Ok(line.context("a contribution without a key")?.to_owned())
    };
    let one = "does not hold for bank 1 on specie_ceremony (network 4711)";
    table.refused(
        "another's key",
        &replaced("bank-a-desk", &a.replace(&key(&a)?, &key(&b)?))?,
        &["forged.toml:9:", one],
    )?;
    let own = sr25519::Pair::from_seed(&[7; 32]).public();
    let own = format!("\"{}\"", AccountId::from(own));
    table.refused("a key of the forger's", &replaced("bank-a-desk", &a.replace(&key(&a)?, &own))?, &[one])?;
    let machine = read("bank-a-machine")?;
    let moved = machine.replace("/ip4/127.0.0.1/", "/ip4/192.0.2.1/");
    table.refused("another address", &replaced("bank-a-machine", &moved)?, &[one])?;

    let renamed = a.replace("institution = 1", "institution = 2");
    let two = "does not hold for bank 2 on specie_ceremony";
    table.refused("another institution's name", &replaced("bank-b-desk", &renamed)?, &[two])?;
    let promoted = read("issuer-committee-1")?.replace("\"committee\"", "\"issuing\"");
    table.refused("another role", &replaced("issuer-committee-1", &promoted)?, &["does not hold for the issuer"])?;

    let issuing = read("issuer-issuing-1")?;
    let block = issuing.split_once("\n\n").context("a contribution without a section")?.1.to_owned();
    let doubled = format!("{issuing}\n{block}");
    table.refused(
        "a key twice",
        &replaced("issuer-issuing-1", &doubled)?,
        &["this key is already a key of `issuing`"],
    )?;
    let again = replaced("issuer-issuing-2", &issuing)?;
    table.refused("one person as two", &again, &["this is the same contribution as"])?;
    let more = [files, &files[..1]].concat();
    table.refused("a file twice", &more, &["this is the same contribution as"])?;

    let told = format!("{a}# the safe opens with 4711\n");
    table.refused("a note in a file", &replaced("bank-a-desk", &told)?, &["as the ceremony writes it"])?;
    let rest: Vec<_> = files.iter().filter(|file| !file.contains("issuing-2")).cloned().collect();
    table.refused("one issuing key", &rest, &["`issuing` needs at least 2 keys"])?;
    let rest: Vec<_> = files.iter().filter(|file| !file.contains("bank-c-desk")).cloned().collect();
    table.refused("a missing bank", &rest, &["bank 3 (Bank C) contributed no account yet"])?;

    // The rehearsal's contributions, as they are and renamed.
    let rehearsal =
        PLAN.replace("\"specie_ceremony\"", "\"specie_rehearsal\"").replace("network_id = 4711", "network_id = 4712");
    let plan = table.path("rehearsal.toml");
    fs::write(&plan, rehearsal)?;
    table.prepare(&plan, ("1", "rehearsal"), "desk", &["--make", "account"])?;
    let desk = table.desks.pop().context("nobody rehearsed")?;
    let old = fs::read_to_string(desk.contribution())?;
    let replaced = |text: &str| -> Result<Vec<String>> {
        let (honest, forged) = (table.path("table/bank-a-desk.toml"), table.path("forged.toml"));
        fs::write(&forged, text)?;
        Ok(files.iter().map(|file| if *file == honest { forged.clone() } else { file.clone() }).collect())
    };
    let said = "made for the network specie_rehearsal (network 4712), not for specie_ceremony (network 4711)";
    table.refused("another network", &replaced(&old)?, &[said])?;
    let renamed = old.replace("specie_rehearsal", "specie_ceremony").replace("network_id = 4712", "network_id = 4711");
    table.refused("another network's proofs", &replaced(&renamed)?, &[one])?;
    Ok(())
}

/// What the collector could do to the definition; everybody notices.
fn forge_definition(table: &Table) -> Result<()> {
    let honest = fs::read_to_string(table.path("network.toml"))?;
    let desk = fs::read_to_string(table.desk("bank-a-desk")?.contribution())?;
    let key = desk.lines().find_map(|line| line.strip_prefix("key = ")).context("no key")?.trim_matches('"');
    let own = AccountId::from(sr25519::Pair::from_seed(&[7; 32]).public()).to_string();
    ensure!(honest.contains(key), "the definition does not have {key}");
    let forged = table.path("forged-network.toml");
    fs::write(&forged, honest.replace(key, &own))?;
    // What a bank is told that finds a definition wrong.
    let refusal = |bank: &str, definition: &str, spec: &[&str]| -> Result<String> {
        let mut args = table.verify_args(definition);
        for name in ["desk", MACHINE] {
            args.extend(["--mine".to_owned(), table.desk(&format!("{bank}-{name}"))?.folder.display().to_string()]);
        }
        args.extend(spec.iter().map(|arg| (*arg).to_owned()));
        let output = table.run("", &args.iter().map(String::as_str).collect::<Vec<_>>())?;
        ensure!(!output.status.success(), "{bank} notices nothing: {}", args.join(" "));
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let said = refusal("bank-a", &forged, &[])?;
    ensure!(said.contains("as `account` of bank 1"), "bank A does not notice its account: {said}");
    // Others see nothing wrong with their own keys, but that plan and contributions make another definition.
    let other = "the definition is not what this plan and these contributions make";
    let said = refusal("bank-b", &forged, &[])?;
    ensure!(said.contains(other) && said.contains(&own), "bank B does not notice bank A's account: {said}");
    // And a chain spec of it is not the one of the definition that everybody signed off.
    let spec = table.path("forged.json");
    table.done(&["network-spec", &forged, "--raw", "--output", &spec])?;
    let said = refusal("bank-b", &table.path("network.toml"), &["--spec", &spec])?;
    ensure!(said.contains("made of another definition"), "{said}");

    // A line in which nobody has a key: an identity service of the collector's would know every owner.
    let line = PLAN.lines().find(|line| line.starts_with("owner_id_key")).context("no owner id key")?;
    let own = format!("owner_id_key = \"{}\"", hex::encode(sr25519::Pair::from_seed(&[7; 32]).public().0));
    ensure!(honest.contains(line), "the definition does not have {line}");
    fs::write(&forged, honest.replace(line, &own))?;
    let said = refusal("bank-b", &forged, &[])?;
    ensure!(said.contains(other) && said.contains(&own) && said.contains(line), "{said}");

    // A chain spec that begins with the right block, and goes on with another runtime.
    let mut spec: serde_json::Value = serde_json::from_slice(&fs::read(table.path("spec.json"))?)?;
    spec["codeSubstitutes"] = serde_json::json!({ "1": "0x00" });
    let file = table.path("substituted.json");
    fs::write(&file, spec.to_string())?;
    let said = refusal("bank-b", &table.path("network.toml"), &["--spec", &file])?;
    ensure!(said.contains("it differs in `codeSubstitutes`;"), "{said}");
    Ok(())
}

#[tokio::test]
async fn institutions_make_a_network_without_showing_each_other_a_secret() -> Result<()> {
    // Given: everybody's keys, made apart from each other.
    let place = tempfile::Builder::new().prefix("specie-ceremony-").tempdir()?;
    let ports = Ports::free_block(INSTITUTIONS.len(), &[])?;
    let mut table = prepare(place.path(), &ports)?;
    let mut files = hand_in(&table)?;

    // When: only contributions meet. Then: they make one definition, whatever their order.
    let output = table.collect(&files, "network.toml")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    files.reverse();
    let output = table.collect(&files, "again.toml")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    ensure!(
        fs::read(table.path("network.toml"))? == fs::read(table.path("again.toml"))?,
        "the order makes a difference"
    );

    // And: attacks at the table are refused.
    attack(&mut table, &files)?;

    // And: everybody finds the own keys and the same first block, in the chain spec that is handed out as well.
    let spec = table.path("spec.json");
    table.done(&["network-spec", &table.path("network.toml"), "--raw", "--output", &spec])?;
    let mut first = None;
    for (institution, name, _) in INSTITUTIONS {
        let found = table.verify(institution, Some(&spec)).with_context(|| format!("{name} does not verify"))?;
        let agreed = *first.get_or_insert(found);
        ensure!(found == agreed, "{name} finds the first block {found:?}, another {agreed:?}");
    }
    let first = first.context("nobody verified")?;
    forge_definition(&table)?;

    // And: no secret is in anything that left its folder.
    let mut all = Vec::new();
    for desk in &table.desks {
        all.extend(secrets(&table, desk)?);
    }
    for file in ["network.toml", "spec.json", "plan.toml"] {
        fs::copy(table.path(file), table.folder.join("table").join(file))?;
    }
    ensure_without_secrets(&table.folder.join("table"), &all)?;

    // When: each starts its node with its own keys and the others' addresses from the chain spec.
    let given = INSTITUTIONS.into_iter().zip(ports).map(|((_, name, _), ports)| Given {
        name: name.to_owned(),
        folder: table.folder.join(name).join(MACHINE),
        ports,
    });
    let options = Options { detached: false, ..TestNetwork::options() };
    let mut network = TestNetwork::create_given(&options, Path::new(&spec), given.collect())?;
    for name in network.names(|_| true) {
        // The addresses are this machine's, which a live network's nodes do not take for others'.
        network.start_with(&name, &Peers::BootNodes, &["--allow-private-ip"])?;
    }

    // Then: blocks become final, and every validator makes some.
    network.wait_for_finalized(FINAL).await?;
    let rpc = network.rpc("issuer").await?;
    ensure!(rpc.hash_of(0).await? == Some(first), "the network begins with another block than {first:?}");
    for (_, name, _) in INSTITUTIONS {
        let text = fs::read_to_string(table.desk(&format!("{name}-{MACHINE}"))?.contribution())?;
        let aura = text.lines().find_map(|line| line.strip_prefix("aura = ")).context("no aura key")?;
        let aura = bytes(aura.trim_matches('"'))?;
        let aura: AuraKey = aura.try_into().map_err(|_| anyhow!("{name}: an aura key is no key"))?;
        wait_for_block_by(&rpc, aura, 0, TURNS).await.with_context(|| format!("{name} makes no blocks"))?;
    }

    // And: two people mint, each with the key from the own desk; one person cannot.
    let cli = |name: &str| -> Result<Cli> {
        let desk = table.desk(name)?;
        Ok(Cli::of(&network, &desk.folder.join("keys"), &desk.password))
    };
    let (one, two) = (cli("issuer-issuing-1")?, cli("issuer-issuing-2")?);
    let (face, minor, count) = MINTED;
    let proposed: Receipt = one.run(rpc.url(), Some("issuing"), &["issuer", "propose-mint", face, count]).await?;
    let proposal = proposed.data["proposal"].to_string();
    let proposal = proposal.trim_matches('"');
    let approve = ["issuer", "approve-mint", proposal];
    let refusal = one.refused(rpc.url(), "issuing", &approve).await?;
    ensure!(refusal.reason() == "Issuance.SameKey", "one person minted, or something else went wrong: {refusal:?}");
    let refusal = cli("issuer-offices")?.refused(rpc.url(), "admitting", &approve).await?;
    ensure!(refusal.reason() == "BadOrigin", "another department minted, or something else went wrong: {refusal:?}");
    ensure!(rpc.supply(None).await?.coins == 0, "there are coins before anybody approved");
    let minted: Receipt = two.run(rpc.url(), Some("issuing"), &approve).await?;
    network.wait_for_finalized(minted.block).await?;
    let report = rpc.supply(Some(minted.block_hash)).await?;
    ensure!(report.coins == minor * count.parse::<u128>()? && report.issue_vault == report.coins, "{report:#?}");

    // And: a bank does its work with the account from its desk.
    let credit = ["issuer", "credit", "1", "5000"];
    one.run::<Receipt>(rpc.url(), Some("issuing"), &credit).await?;
    let draw = ["bank", "draw", "--lots", "100x5"];
    let drawn: Receipt = cli("bank-a-desk")?.run(rpc.url(), Some("account"), &draw).await?;
    network.wait_for_finalized(drawn.block).await?;
    ensure_balanced(&network).await?;
    ensure_agreement(&network).await?;

    // And: what the nodes wrote holds no secret but the machine's own keys, where they were put.
    network.stop_all()?;
    for node in network.nodes() {
        ensure_without_secrets(&network.folder(&node.name).join("data"), &all)?;
        let log = tempfile::tempdir()?;
        fs::copy(&node.log, log.path().join("log"))?;
        ensure_without_secrets(log.path(), &all)?;
    }
    network.passed();
    Ok(())
}
