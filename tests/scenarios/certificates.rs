//! Certificates on a running network: coins, banks, devices and revocations, by the command line; everything that leaves the
//! network is checked without it, by the command line and by a second implementation in another language.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::Hash;
use specie_testnet::{
    certificates::{Certificates, ISSUING, PUBLISHER, REGISTRY, ROOT},
    cli::{Cli, Receipt},
    rpc::PROGRESS,
    TestNetwork,
};
use std::{fs, path::Path, process::Command};

/// The bank's note key and a device of its customer's.
const NOTE_KEY: &str = "//Certificate//BankA";
const DEVICE: &str = "//Certificate//Device";
/// An owner id; nobody needs to be registered for a certificate.
const OWNER: &str = "111111111111111111111111111111111111111111111111";
/// A key with the issuing role, and the account of bank A.
const ISSUER: &str = "//Issuing//1";
const BANK: &str = "//BankA";

/// The second implementation's verdict on files, given the root key alone.
fn second_opinion(root_key: &str, files: &[String]) -> Result<(bool, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/verify_certificates.py");
    let output = Command::new("python3").arg(script).args(["--root", root_key]).args(files).output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

#[tokio::test]
async fn certificates_are_checked_without_the_network() -> Result<()> {
    // Given: a network whose issuer has minted two batches and certifies its keys.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let rpc = network.rpc("issuer").await?;
    let cli = Cli::new(&network);
    let genesis: Hash = rpc.hash_of(0).await?.context("no first block")?;
    for (face, count) in [("100", "500"), ("5", "90000")] {
        let args = ["issuer", "mint", face, count, "--second-key", "//Issuing//2"];
        let _: Receipt = cli.run(rpc.url(), Some(ISSUER), &args).await?;
    }
    let desk = Certificates::new(&cli, rpc.url()).await?;
    desk.publish_issuer(genesis).await?;
    let (root, issuing, registry) = (desk.file("root.cert"), desk.file("issuing.cert"), desk.file("registry.cert"));

    // When: the issuer certifies its batches. Then: who has no issuing role, or signs with another key, does not.
    let certify =
        |key: &'static str| ["batch", "0", "1", "--issuing", &issuing, "--issuing-key", key].map(String::from);
    let args = certify(ISSUING);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    ensure!(desk.refused(BANK, &args).await?.reason() == "BadOrigin", "a bank certified a batch");
    let stranger = certify("//Stranger");
    let stranger: Vec<&str> = stranger.iter().map(String::as_str).collect();
    ensure!(desk.refused(ISSUER, &stranger).await?.message.contains("but the certificate is of"), "another key signed");
    let _: Receipt = desk.online(Some(ISSUER), &args).await?;

    // Then: a coin is checked offline, with the root key and nothing else.
    let coin = desk.file("coin.json");
    let shown: Value = desk.online(None, &["coin", "1-89999", "--export", &coin]).await?;
    ensure!(shown["denomination"] == 500 && shown["revocations"] == "not checked", "{shown}");
    let checked: Value = desk.offline(None, &["coin", "verify", &coin, "--root", desk.root_key()]).await?;
    ensure!(checked == shown, "online {shown}, offline {checked}");
    let other: Value = desk.offline(None, &["root", "show", "//Other"]).await?;
    let other = other["key"].as_str().context("no key")?;
    let refused = desk.refused_offline(&["coin", "verify", &coin, "--root", other]).await?;
    ensure!(refused.message.contains("not the trusted root"), "{refused:?}");
    let text = fs::read_to_string(&coin)?.replace("1-89999", "1-89998");
    let forged = desk.file("forged.json");
    fs::write(&forged, text)?;
    let refused = desk.refused_offline(&["coin", "verify", &forged, "--root", desk.root_key()]).await?;
    ensure!(refused.message.contains("serial"), "{refused:?}");
    let beyond = desk.refused("//Nobody", &["coin", "1-90000"]).await?;
    ensure!(beyond.message.contains("no coin with this index"), "{beyond:?}");

    // When: the root certifies the bank's note key and the bank publishes that. Then: another bank cannot.
    let bank = ["bank", "issue", NOTE_KEY, "--issuer", &root, "--bank", "1", "--days", "700"];
    let bank = desk.issue(ROOT, &bank, "bank.cert").await?;
    let publish = ["publish", &bank, "--note-key", NOTE_KEY];
    let refused = desk.refused("//BankB", &publish).await?;
    ensure!(refused.reason() == "Certificates.WrongBank", "{refused:?}");
    let _: Receipt = desk.online(Some(BANK), &publish).await?;
    let device = ["device", "issue", DEVICE, "--issuer", &bank, "--owner", OWNER, "--hops", "5", "--days", "365"];
    let device = desk.issue(NOTE_KEY, &device, "device.cert").await?;
    let owner = ["owner", "issue", "//Ann", "--issuer", &bank, "--owner", OWNER, "--days", "365"];
    let owner = desk.issue(NOTE_KEY, &owner, "owner.cert").await?;

    // And: a renewal takes the old one's place; the old one does not come back.
    let renewal = ["bank", "renew", &bank, "--issuer", &root, "--days", "800"];
    let renewed = desk.issue(ROOT, &renewal, "bank-2.cert").await?;
    let _: Receipt = desk.online(Some(BANK), &["publish", &renewed, "--note-key", NOTE_KEY]).await?;
    let refused = desk.refused(BANK, &publish).await?;
    ensure!(refused.reason() == "Certificates.NotNewer", "{refused:?}");
    let listed: Vec<String> = rpc.request("specie_bankCertificates", json!([1])).await?;
    ensure!(listed == [format!("0x{}", hex::encode(fs::read(&renewed)?))], "{listed:?}");

    // When: everything that is needed is collected, with an empty digest. Then: all of it holds, without the network.
    let make = |number: &str, out: &str| {
        ["digest", "make", "--registry", &registry, "--number", number, "--out", out].map(String::from)
    };
    let first = desk.file("1.digest");
    let args = make("1", &first);
    let _: Value = desk.online(Some(REGISTRY), &args.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let batch = export_batch(&desk, &coin)?;
    let chain =
        [root.clone(), issuing.clone(), registry.clone(), renewed.clone(), device.clone(), owner.clone(), batch];
    let with = |digest: &String| [&chain[..], std::slice::from_ref(digest), std::slice::from_ref(&coin)].concat();
    verify(&desk, &with(&first)).await?;
    let (fine, text) = second_opinion(desk.root_key(), &with(&first))?;
    ensure!(fine, "the second implementation disagrees: {text}");

    // When: the bank revokes its device, and the registry announces the next digest.
    let refused = desk.refused("//BankB", &["revoke", &device, "--reason", "lost"]).await?;
    ensure!(refused.reason() == "Certificates.WrongBank", "{refused:?}");
    let revoked: Receipt = desk.online(Some(BANK), &["revoke", &device, "--reason", "lost"]).await?;
    rpc.wait_for_finalized(revoked.block, PROGRESS).await?;
    let second = desk.file("2.digest");
    let args = make("2", &second);
    let _: Value = desk.online(Some(REGISTRY), &args.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let announce = |file: &str| ["digest", "announce", file, "--registry", &registry].map(String::from);
    for (file, fine) in [(&second, true), (&first, false), (&second, false)] {
        let args = announce(file);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        if fine {
            let _: Receipt = desk.online(Some(PUBLISHER), &args).await?;
        } else {
            let refused = desk.refused(PUBLISHER, &args).await?;
            ensure!(refused.reason() == "Certificates.NotNewer", "{refused:?}");
        }
    }
    let certificates = format!("{root},{registry}");
    let newer = ["digest", "verify", &second, "--certificates", &certificates, "--root", desk.root_key()];
    let _: Value = desk.offline(None, &[&newer[..], &["--held", &first]].concat()).await?;
    let older = ["digest", "verify", &first, "--certificates", &certificates, "--root", desk.root_key()];
    let refused = desk.refused_offline(&[&older[..], &["--held", &second]].concat()).await?;
    ensure!(refused.message.contains("not newer"), "a digest was rolled back: {refused:?}");

    // Then: the device is refused, and nothing else is; both implementations say so.
    let refused = desk.refused_offline(&verify_args(&desk, &with(&second))).await?;
    ensure!(refused.message.contains("device.cert") && refused.message.contains("Revoked"), "{refused:?}");
    ensure!(refused.message.contains("1 of 9 files"), "{refused:?}");
    let (fine, text) = second_opinion(desk.root_key(), &with(&second))?;
    ensure!(!fine && text.contains("device.cert: Revoked") && text.contains("1 of 9"), "{text}");

    // And: an altered bit is found by both.
    let mut bytes = fs::read(&renewed)?;
    // The end of its validity.
    bytes[54] ^= 1;
    let altered = desk.file("altered.cert");
    fs::write(&altered, bytes)?;
    let files = [root.clone(), altered];
    let refused = desk.refused_offline(&verify_args(&desk, &files)).await?;
    ensure!(refused.message.contains("BadSignature"), "{refused:?}");
    let (fine, text) = second_opinion(desk.root_key(), &files)?;
    ensure!(!fine && text.contains("altered.cert: BadSignature"), "{text}");

    // When: the committee replaces the root key at once. Then: the old root's certificates are refused; one member alone
    // could not do it; coins that it certified are still checked with its key.
    let new: Value = desk.offline(None, &["root", "show", "//Root//2"]).await?;
    let new = new["key"].as_str().context("no key")?;
    let replace = ["replace-root", new, "--known-until", "0"];
    let enact = |keys: &'static str| [&["committee", "enact", "--keys", keys][..], &replace].concat();
    cli.refused(rpc.url(), ROOT, &enact("//Committee//1")).await?;
    let _: Value = cli.run(rpc.url(), None, &enact("//Committee//1,//Committee//2")).await?;
    let last = ["bank", "renew", &renewed, "--issuer", &root, "--days", "900"];
    let last = desk.issue(ROOT, &last, "bank-3.cert").await?;
    let refused = desk.refused(BANK, &["publish", &last, "--note-key", NOTE_KEY]).await?;
    ensure!(refused.reason() == "Certificates.UnknownRoot", "{refused:?}");
    let again: Value = desk.offline(None, &["coin", "verify", &coin, "--root", desk.root_key()]).await?;
    ensure!(again == shown, "{again}");
    network.passed();
    Ok(())
}

fn verify_args<'a>(desk: &'a Certificates, files: &'a [String]) -> Vec<&'a str> {
    let files = files.iter().map(String::as_str);
    ["verify"].into_iter().chain(files).chain(["--root", desk.root_key()]).collect()
}

async fn verify(desk: &Certificates, files: &[String]) -> Result<()> {
    let answer: Value = desk.offline(None, &verify_args(desk, files)).await?;
    let verdicts = answer["files"].as_array().context("no verdicts")?;
    ensure!(verdicts.len() == files.len() && verdicts.iter().all(|one| one["verdict"] == "Ok"), "{answer}");
    Ok(())
}

/// Writes the batch's certificate of an exported coin to a file of its own.
fn export_batch(desk: &Certificates, coin: &str) -> Result<String> {
    let proof: Value = serde_json::from_str(&fs::read_to_string(coin)?)?;
    let bytes = hex::decode(proof["batch"].as_str().context("no batch")?.trim_start_matches("0x"))?;
    let file = desk.file("batch.cert");
    fs::write(&file, bytes)?;
    Ok(file)
}
