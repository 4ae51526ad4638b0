//! `specie certificate digest …`: the revocation list for devices.

use super::{chain::revoked_row, files, key_of, now, Trusted};
use crate::{
    app::App,
    calls,
    client::{hex, Client},
    output,
};
use anyhow::{bail, Context, Result};
use clap::Subcommand;
use rand::{rngs::OsRng, RngCore};
use serde_json::json;
use specie_certificates::{
    Accepted, Certificate, Document as _, Edition, Entry, Genesis, Item, KeyId, Kind, List, Reason, Salt, Signature,
    Signed, EDITION_LEN, ENTRY_LEN, FALSE_POSITIVE_BITS, SIGNATURE_LEN,
};
use specie_primitives::certificates::{DigestAnchor, HexBytes, RevocationInfo, RevocationsInfo, RootKeysInfo};
use specie_wallet::certificates::{Document, NotProven};
use std::path::{Path, PathBuf};
use subxt::{
    config::{substrate::BlakeTwo256, Hasher},
    dynamic::Value,
    rpcs::client::rpc_params,
};

/// Revocations of one request.
const PAGE: u32 = 10_000;
/// Salts that are tried until no institution is hit by chance.
const TRIES: u32 = 16;

/// Digests.
#[derive(Subcommand)]
pub enum Digest {
    /// Make and sign a digest of the chain's list; --key is the registry's certificate key.
    Make {
        /// Certificate of the registry key.
        #[arg(long, value_name = "FILE")]
        registry: PathBuf,
        /// Number of the edition; by default the one after the last that was announced.
        #[arg(long)]
        number: Option<u32>,
        /// Hours until the next edition is due.
        #[arg(long, default_value_t = 24)]
        hours: u32,
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Announce a digest on the chain, so that nobody can be given an older one; a key with the registry role signs.
    Announce {
        /// The digest.
        file: PathBuf,
        /// Certificate of the registry key.
        #[arg(long, value_name = "FILE")]
        registry: PathBuf,
    },
    /// The chain's list of revocations and the digest that was announced last. Nobody signs.
    List {
        /// Show what follows this number.
        #[arg(long, default_value_t = 0)]
        after: u32,
    },
    /// What a digest has, its sizes, and whether certificates are in it. Works offline; checks no signature.
    Show {
        /// The digest.
        file: PathBuf,
        /// Certificates to look up.
        #[arg(long, value_delimiter = ',', value_name = "FILE,…")]
        probe: Vec<PathBuf>,
    },
    /// Sizes of digests with so many made-up entries, and how many of a million others they hit by chance. Works offline.
    Sizes {
        /// Numbers of entries.
        #[arg(required = true)]
        entries: Vec<u32>,
    },
    /// Check a digest against the root key, offline.
    Verify {
        /// The digest.
        file: PathBuf,
        /// Certificates of the root and of the registry key.
        #[arg(long, value_delimiter = ',', required = true, value_name = "FILE,…")]
        certificates: Vec<PathBuf>,
        /// The digest that is held already: an older or equal one is refused.
        #[arg(long, value_name = "FILE")]
        held: Option<PathBuf>,
        #[command(flatten)]
        trusted: Trusted,
    },
}

impl Digest {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Make { registry, number, hours, out } => make(app, &registry, number, hours, &out).await,
            Self::Announce { file, registry } => announce(app, &file, &registry).await,
            Self::List { after } => list(app, after).await,
            Self::Show { file, probe } => show(app, &file, &probe),
            Self::Sizes { entries } => measure(app, &entries),
            Self::Verify { file, certificates, held, trusted } => {
                verify(app, &file, &certificates, held.as_deref(), &trusted)
            },
        }
    }
}

type SignedDigest = Signed<specie_certificates::Digest>;

fn read(path: &Path) -> Result<SignedDigest> {
    match files::read(path)? {
        Document::Digest(digest) => Ok(digest),
        _ => bail!("{} is no digest", path.display()),
    }
}

fn reason(info: &RevocationInfo) -> Reason {
    use specie_primitives::certificates::RevocationReason as Chain;
    match info.reason {
        Chain::Compromised => Reason::Compromised,
        Chain::Lost => Reason::Lost,
        Chain::Replaced => Reason::Replaced,
        Chain::Convicted => Reason::Convicted,
        Chain::Withdrawn => Reason::Withdrawn,
    }
}

/// The whole list of one final block.
async fn revocations(client: &Client) -> Result<(Vec<RevocationInfo>, Option<DigestAnchor>)> {
    let at = client.finalized().await?.hash;
    let (mut all, mut last): (Vec<RevocationInfo>, _) = (Vec::new(), 0);
    loop {
        let page: RevocationsInfo = client.request("specie_revocations", rpc_params![last, PAGE, &at]).await?;
        last = page.entries.last().map_or(page.total, |entry| entry.number);
        all.extend(page.entries);
        if last >= page.total {
            return Ok((all, page.digest));
        }
    }
}

/// Items of every institution's published keys and certificates.
async fn institutions(app: &App, client: &Client) -> Result<Vec<Item>> {
    let keys: RootKeysInfo = client.request("specie_rootKeys", rpc_params![]).await?;
    let roots = keys.roots.into_iter().filter_map(|root| root.certificate);
    let mut all: Vec<HexBytes> = roots.chain(keys.issuing).chain(keys.registry).collect();
    for bank in app.banks().await? {
        let certificates: Vec<HexBytes> = client.request("specie_bankCertificates", rpc_params![bank.bank]).await?;
        all.extend(certificates);
    }
    let certificates = all.iter().filter_map(|bytes| Certificate::decode(&bytes.0).ok());
    Ok(certificates.flat_map(|one| [one.body().subject.item(), one.body().item()]).collect())
}

async fn make(app: &App, registry: &Path, number: Option<u32>, hours: u32, out: &Path) -> Result<()> {
    let client = app.client().await?;
    let certificate = files::read_certificate(registry, Some(Kind::Registry))?;
    let body = certificate.body();
    if body.genesis != Genesis(client.genesis().0) {
        bail!("{} was made for another network", registry.display());
    }
    let key = key_of(app, app.signer_name()?, &body.subject)?;
    let (revoked, last) = revocations(client).await?;
    let institutions = institutions(app, client).await?;
    let mut entries: Vec<Entry> =
        revoked.iter().map(|one| Entry { item: Item(one.item.0), reason: reason(one), since: one.since }).collect();
    entries.sort_by_key(|entry| entry.item);
    let number = match number {
        Some(number) => number,
        None => last.filter(|last| last.registry == body.serial).map_or(1, |last| last.number.saturating_add(1)),
    };
    let issued_at = u32::try_from(now()?)?;
    let next_at = hours.checked_mul(3_600).and_then(|wait| issued_at.checked_add(wait)).context("too many --hours")?;
    // Whoever is hit by chance with one salt is free with another.
    for _ in 0..TRIES {
        let mut salt = [0; 16];
        OsRng.fill_bytes(&mut salt);
        let (genesis, issuer) = (body.genesis, body.subject.id());
        let edition = Edition { genesis, number, issued_at, next_at, issuer, salt: Salt(salt) };
        let list = List::new(edition, entries.clone())?;
        let digest = list.digest();
        if institutions.iter().any(|item| digest.contains(item) && list.find(item).is_none()) {
            continue;
        }
        let signature = key.sign(&digest.payload());
        let bytes = Signed { document: digest, signature }.encode();
        files::write(out, &bytes)?;
        let sizes = sizes(list.entries().len(), bytes.len());
        let value = json!({ "file": out, "number": number, "registry": body.serial, "sizes": sizes });
        return app.print(&value, || {
            format!("Digest {number} in {}\n{}", out.display(), sizes_text(list.entries().len(), bytes.len()))
        });
    }
    bail!("each of {TRIES} digests hit an institution by chance: try again")
}

/// Sizes of a digest, and of the list that it stands for.
fn sizes(entries: usize, bytes: usize) -> serde_json::Value {
    json!({
        "entries": entries,
        "digest_bytes": bytes,
        "list_bytes": list_bytes(entries),
        "bits_per_entry": bits(entries, bytes),
        "false_positive": format!("at most 2^-{FALSE_POSITIVE_BITS} an item, whatever the number of entries"),
    })
}

fn list_bytes(entries: usize) -> usize {
    EDITION_LEN.saturating_add(SIGNATURE_LEN).saturating_add(entries.saturating_mul(ENTRY_LEN))
}

/// Bits of the code for an entry, to two digits.
fn bits(entries: usize, bytes: usize) -> String {
    let code = bytes.saturating_sub(EDITION_LEN).saturating_sub(SIGNATURE_LEN).saturating_mul(800);
    let hundredths = code.checked_div(entries).unwrap_or_default();
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn sizes_text(entries: usize, bytes: usize) -> String {
    let rows = vec![
        vec!["entries".into(), entries.to_string()],
        vec!["digest".into(), format!("{bytes} bytes, {} bits an entry", bits(entries, bytes))],
        vec!["the same as a list".into(), format!("{} bytes", list_bytes(entries))],
        vec![
            "hit by chance".into(),
            format!("at most one item in 2^{FALSE_POSITIVE_BITS}; refused offline, free in the next edition"),
        ],
    ];
    output::table(&["digest", ""], &rows, &[])
}

/// Items that are probed although they are not revoked.
const PROBES: u32 = 1_000_000;

fn measure(app: &App, counts: &[u32]) -> Result<()> {
    let item = |number: u32| {
        let hash = BlakeTwo256.hash(&number.to_le_bytes());
        Item(std::array::from_fn(|place| hash.as_bytes().get(place).copied().unwrap_or_default()))
    };
    let mut measured = Vec::new();
    for count in counts {
        let genesis = Genesis([0; 32]);
        let (issuer, salt) = (KeyId([0; 8]), Salt([0; 16]));
        let edition = Edition { genesis, number: 1, issued_at: 0, next_at: 0, issuer, salt };
        let mut entries: Vec<Entry> =
            (0..*count).map(|number| Entry { item: item(number), reason: Reason::Lost, since: 0 }).collect();
        entries.sort_by_key(|entry| entry.item);
        let digest = List::new(edition, entries)?.digest();
        let others = *count..count.checked_add(PROBES).context("too many entries")?;
        let hits = others.filter(|number| digest.contains(&item(*number))).count();
        let bytes = Signed { document: digest, signature: Signature::Ed25519([0; 64]) }.encode().len();
        measured.push((*count as usize, bytes, hits));
    }
    let list: Vec<_> = measured
        .iter()
        .map(|(entries, bytes, hits)| json!({ "sizes": sizes(*entries, *bytes), "probes": PROBES, "hits": hits }))
        .collect();
    app.print(&json!({ "digests": list }), || {
        let row = |(entries, bytes, hits): &(usize, usize, usize)| {
            let cells = [*entries, list_bytes(*entries), *bytes].map(|number| number.to_string());
            cells.into_iter().chain([bits(*entries, *bytes), hits.to_string()]).collect::<Vec<_>>()
        };
        let rows: Vec<_> = measured.iter().map(row).collect();
        let head = ["entries", "list bytes", "digest bytes", "bits an entry", "hits by chance"];
        let table = output::table(&head, &rows, &[0, 1, 2, 3, 4]);
        let rule = format!("at most one in 2^{FALSE_POSITIVE_BITS} is hit by chance, so about one of these");
        format!("{table}\n{PROBES} items that are not revoked were probed: {rule}")
    })
}

async fn announce(app: &App, file: &Path, registry: &Path) -> Result<()> {
    let digest = read(file)?;
    let certificate = files::read_certificate(registry, Some(Kind::Registry))?;
    let (edition, body) = (*digest.document.edition(), certificate.body());
    if edition.issuer != body.subject.id() || edition.genesis != body.genesis {
        bail!("{} was not signed with the key of {}", file.display(), registry.display());
    }
    body.subject.verify(&digest.document.payload(), &digest.signature)?;
    let hash = BlakeTwo256.hash(&digest.encode());
    let call = calls::call(
        "Certificates",
        "anchor_digest",
        [
            ("registry", Value::u128(body.serial.into())),
            ("number", calls::number(edition.number)),
            ("hash", Value::from_bytes(hash)),
            ("entries", calls::number(digest.document.count())),
        ],
    );
    let data = json!({ "number": edition.number, "registry": body.serial, "hash": hex(hash.as_bytes()) });
    app.send_with(&call, format!("Announced digest {}", edition.number), data).await
}

async fn list(app: &App, after: u32) -> Result<()> {
    let params = rpc_params![after, PAGE];
    let page: RevocationsInfo = app.client().await?.request("specie_revocations", params).await?;
    app.print(&page, || {
        let rows: Vec<_> = page.entries.iter().map(revoked_row).collect();
        let digest = match &page.digest {
            Some(digest) => format!("digest {} of block {}, hash {:?}", digest.number, digest.block, digest.hash),
            None => "no digest was announced".into(),
        };
        let table = output::table(&["number", "item", "reason", "since", "by"], &rows, &[0, 3]);
        format!("{table}\n{} revocations; {digest}", page.total)
    })
}

fn show(app: &App, file: &Path, probe: &[PathBuf]) -> Result<()> {
    let signed = read(file)?;
    let bytes = signed.encode().len();
    let (digest, edition) = (&signed.document, *signed.document.edition());
    let mut found = Vec::new();
    for path in probe {
        let certificate = files::read_certificate(path, None)?;
        let body = certificate.body();
        found.push((path, digest.contains(&body.item()), digest.contains(&body.subject.item())));
    }
    let entries = digest.count() as usize;
    let list: Vec<_> = found
        .iter()
        .map(|(file, certificate, key)| json!({ "file": file, "certificate": certificate, "key": key }))
        .collect();
    let value = json!({
        "number": edition.number,
        "issued_at": edition.issued_at,
        "next_at": edition.next_at,
        "issuer": hex(&edition.issuer.0),
        "sizes": sizes(entries, bytes),
        "probes": list,
    });
    app.print(&value, || {
        let utc = |seconds: u32| output::utc(u64::from(seconds) * 1_000);
        let (issued, next) = (utc(edition.issued_at), utc(edition.next_at));
        let head = format!("Digest {} of {issued} UTC, the next is due {next} UTC", edition.number);
        let row = |(file, certificate, key): &(&PathBuf, bool, bool)| {
            let word = |hit: &bool| if *hit { "revoked, or hit by chance" } else { "not revoked" };
            vec![file.display().to_string(), word(certificate).into(), word(key).into()]
        };
        let rows: Vec<_> = found.iter().map(row).collect();
        let mut text = format!("{head}\n{}", sizes_text(entries, bytes));
        if !rows.is_empty() {
            text = format!("{text}\n{}", output::table(&["file", "certificate", "key"], &rows, &[]));
        }
        text
    })
}

fn verify(app: &App, file: &Path, certificates: &[PathBuf], held: Option<&Path>, trusted: &Trusted) -> Result<()> {
    let (trust, now) = trusted.read()?;
    let read_certificates = certificates.iter().map(|path| files::read_certificate(path, None));
    let certificates = read_certificates.collect::<Result<Vec<_>>>()?;
    let of = |kind: Kind| certificates.iter().find(|one| one.body().kind == kind);
    let root = trust.pin(*of(Kind::Root).ok_or(NotProven::RootMissing)?)?;
    let registry = |digest: &SignedDigest| {
        let issuer = digest.document.edition().issuer;
        let is_it = |one: &&Certificate| one.body().kind == Kind::Registry && one.body().subject.id() == issuer;
        certificates.iter().find(is_it).copied().ok_or(NotProven::IssuerMissing)
    };
    let accept = |digest: SignedDigest, held: Option<&Accepted<specie_certificates::Digest>>| -> Result<_> {
        let registry = registry(&digest)?;
        Ok(digest.verify(&root, &registry, held)?)
    };
    let held = held.map(|path| accept(read(path)?, None)).transpose()?;
    let accepted = accept(read(file)?, held.as_ref())?;
    let (standing, stale) = (accepted.standing(), accepted.is_stale(now));
    let value = json!({
        "number": standing.number,
        "registry": standing.registry,
        "entries": accepted.count(),
        "stale": stale,
        "verdict": "Ok",
    });
    app.print(&value, || {
        let age = if stale { ", but a newer one is due" } else { "" };
        format!("Digest {} holds{age}: {} entries", standing.number, accepted.count())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_protocol() {
        // docs/protocol/certificates.md, "Size".
        assert_eq!((list_bytes(10_000), bits(10_000, 27_107).as_str()), (210_138, "21.57"));
        assert_eq!((list_bytes(1_000_000), bits(1_000_000, 2_697_842).as_str()), (21_000_138, "21.58"));
        assert_eq!((list_bytes(0), bits(0, 138).as_str()), (138, "0.00"));
        assert!(sizes_text(10_000, 27_107).contains("2^20"));
    }
}
