//! `specie committee …`: what two thirds of the issuer's committee have the network do.

use crate::{
    app::App,
    calls::{self, Call},
    client::{hex, Receipt, Wait},
    failure::{self, Failure},
};
use anyhow::{bail, Context, Result};
use clap::Subcommand;
use serde_json::json;
use specie_primitives::{api::InstitutionsInfo, AccountId, BankId, Role};
use specie_wallet::Keypair;
use std::path::{Path, PathBuf};
use subxt::{
    config::{substrate::BlakeTwo256, Hasher},
    dynamic::{transaction, Value},
    rpcs::client::rpc_params,
};

/// Weight that a closed proposal may use: a quarter of a block's time. Only listed calls run, and all are small.
const WEIGHT: (u64, u64) = (100_000_000_000, 1_000_000);

/// The committee.
#[derive(Subcommand)]
#[command(after_help = "\
Members at different desks: one runs propose-enact, which prints hash and number of the proposal; two thirds of all \
members run vote with them, the proposer too; one runs close. With all keys at hand, enact does it in one go.")]
pub enum Committee {
    /// Propose, vote and carry out in one go, with the keys of two thirds of the members.
    Enact {
        /// Members' keys, separated by commas: names of stored keys, or //URIs on development networks.
        #[arg(long, value_delimiter = ',', required = true, value_name = "NAME|//URI")]
        keys: Vec<String>,
        /// What to enact.
        #[command(subcommand)]
        what: What,
    },
    /// Propose something; a member signs. Proposing is not voting yet.
    ProposeEnact {
        /// What to enact.
        #[command(subcommand)]
        what: What,
    },
    /// Vote for a proposal, or against it; a member signs.
    Vote {
        /// Hash of the proposal, as propose-enact printed it.
        proposal: String,
        /// Number of the proposal, as propose-enact printed it.
        index: u32,
        /// Vote against it.
        #[arg(long)]
        against: bool,
    },
    /// Carry out a proposal that has its votes; a member signs.
    Close {
        /// Hash of the proposal, as propose-enact printed it.
        proposal: String,
        /// Number of the proposal, as propose-enact printed it.
        index: u32,
        /// Most bytes that the proposed call may have.
        #[arg(long, default_value_t = 10_000, value_name = "BYTES")]
        length: u32,
    },
    /// Hand in the code of an upgrade that the committee authorised; nobody signs.
    ApplyUpgrade {
        /// The Wasm file.
        wasm: PathBuf,
    },
}

/// What the committee may enact.
#[derive(Subcommand)]
pub enum What {
    /// Any call that the committee may make, SCALE-encoded.
    Call {
        /// The encoded call in hexadecimal.
        hex: String,
    },
    /// Upgrade the runtime; enact hands in the code too, otherwise apply-upgrade does.
    Upgrade {
        /// The Wasm file.
        wasm: PathBuf,
    },
    /// Set the face values that may be minted; coins of others stay valid.
    SetDenominations {
        /// All of them, for instance 1.00,5.00,10.00.
        #[arg(value_delimiter = ',', required = true)]
        denominations: Vec<String>,
    },
    /// Replace all keys of a role of the issuer.
    SetRoleKeys {
        /// issuing, supervising, admitting, operating or registry.
        role: String,
        /// All its accounts from now on, separated by commas: addresses, stored keys, or //URIs on development networks;
        /// none leaves the role without keys.
        #[arg(value_delimiter = ',')]
        keys: Vec<String>,
    },
    /// Replace the members of the committee.
    SetMembers {
        /// All members from now on, separated by commas: addresses, stored keys, or //URIs on development networks.
        #[arg(value_delimiter = ',', required = true)]
        members: Vec<String>,
    },
    /// Limit the transactions that an owner may send in a window of blocks.
    SetQuota {
        /// How many; zero for no limit.
        quota: u32,
        /// Length of the window in blocks.
        window: u32,
    },
    /// Limit the transactions that all owners of one bank may send together in the same window.
    SetBankQuota {
        /// How many; zero for no limit.
        quota: u32,
    },
    /// Give a suspended bank, whose key was lost or stolen, another account. Reinstate it afterwards.
    ReplaceBankAccount {
        /// The bank's number.
        bank: u32,
        /// Its account from now on: an address, a stored key, or a //URI on development networks.
        account: String,
    },
    /// Let finality start again from a block after it stalled.
    NoteStalled {
        /// Blocks until the change.
        delay: u32,
        /// Number of the last final block.
        block: u32,
    },
    /// Let payments go on after the audit stopped them.
    Resume {
        /// Why, for the record.
        reason: String,
    },
}

impl What {
    async fn call(&self, app: &App) -> Result<Call> {
        let accounts = |names: &[String]| -> Result<Vec<Value>> {
            names.iter().map(|name| Ok(calls::account(&app.account(name.trim())?))).collect()
        };
        Ok(match self {
            Self::Call { hex } => {
                let data = hex::decode(hex.trim_start_matches("0x")).context("the call is not hexadecimal")?;
                app.client().await?.decode(&data).await?
            },
            Self::Upgrade { wasm } => {
                let hash = BlakeTwo256.hash(&read(wasm)?);
                calls::call("System", "authorize_upgrade", [("code_hash", Value::from_bytes(hash))])
            },
            Self::SetDenominations { denominations } => {
                let money = app.money().await?;
                let mut values =
                    denominations.iter().map(|text| money.denomination(text)).collect::<Result<Vec<_>, _>>()?;
                values.sort();
                calls::call(
                    "Issuance",
                    "set_denominations",
                    [("denominations", calls::list(values.into_iter().map(calls::denomination)))],
                )
            },
            Self::SetRoleKeys { role, keys } => {
                let found = Role::ALL.into_iter().find(|known| format!("{known:?}").eq_ignore_ascii_case(role));
                let role = found.with_context(|| format!("there is no role '{role}'"))?;
                calls::call(
                    "Participants",
                    "set_role_keys",
                    [("role", calls::role(role)), ("keys", calls::list(accounts(keys)?))],
                )
            },
            Self::SetMembers { members } => {
                let number = self::members(app).await?.len();
                calls::call(
                    "Committee",
                    "set_members",
                    [
                        ("new_members", Value::unnamed_composite(accounts(members)?)),
                        ("prime", Value::unnamed_variant("None", [])),
                        ("old_count", calls::number(number as u32)),
                    ],
                )
            },
            Self::SetQuota { quota, window } => calls::call(
                "Admission",
                "set_quota",
                [("quota", calls::number(*quota)), ("window", calls::number(*window))],
            ),
            Self::SetBankQuota { quota } => {
                calls::call("Admission", "set_bank_quota", [("quota", calls::number(*quota))])
            },
            Self::ReplaceBankAccount { bank, account } => calls::call(
                "Participants",
                "replace_account",
                [("bank", calls::bank(BankId(*bank))), ("new", calls::account(&app.account(account)?))],
            ),
            Self::NoteStalled { delay, block } => calls::call(
                "Grandpa",
                "note_stalled",
                [("delay", calls::number(*delay)), ("best_finalized_block_number", calls::number(*block))],
            ),
            Self::Resume { reason } => calls::call("Audit", "resume", [("reason", calls::bytes(reason.as_bytes()))]),
        })
    }
}

impl Committee {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Enact { keys, what } => enact(app, &keys, &what).await,
            Self::ProposeEnact { what } => {
                let mut receipt = propose(app, &what, &app.signer()?, app.wait()).await?.receipt;
                receipt.what.push_str(&format!("\n  {}", receipt.data));
                app.report(&receipt)
            },
            Self::Vote { proposal, index, against } => {
                let call = vote(&hash(&proposal)?, index, !against);
                app.send(&call, format!("Voted {} proposal {index}", if against { "against" } else { "for" })).await
            },
            Self::Close { proposal, index, length } => {
                let receipt = close(app, &hash(&proposal)?, index, length, &app.signer()?, app.wait()).await?;
                app.report(&receipt)
            },
            Self::ApplyUpgrade { wasm } => app.report(&apply_upgrade(app, &wasm).await?),
        }
    }
}

struct Proposal {
    receipt: Receipt,
    hash: Vec<u8>,
    index: u32,
    length: u32,
}

async fn propose(app: &App, what: &What, key: &Keypair, wait: Wait) -> Result<Proposal> {
    let client = app.client().await?;
    let inner = what.call(app).await?;
    let name = format!("{}.{}", inner.pallet_name(), inner.call_name());
    let proposal = calls::call("Participants", "enact", [("call", inner.into_value())]);
    let encoded = client.encode(&proposal).await?;
    let threshold = threshold(app).await?;
    let length = u32::try_from(encoded.len())?;
    let call = calls::call(
        "Committee",
        "propose",
        [
            ("threshold", calls::number(threshold as u32)),
            ("proposal", proposal.into_value()),
            ("length_bound", calls::number(length)),
        ],
    );
    let mut receipt = client.submit(&call, key, wait).await?;
    let hash = BlakeTwo256.hash(&encoded).as_bytes().to_vec();
    // With a threshold of one the proposal is carried out at once and has no number.
    let index = receipt.field("Committee.Proposed", "proposal_index").and_then(|index| index.as_u64());
    let index = u32::try_from(index.unwrap_or_default())?;
    receipt.what = format!("Proposed {name}; {threshold} votes are needed");
    receipt.data = json!({ "proposal": hex(&hash), "index": index, "length": length, "threshold": threshold });
    Ok(Proposal { receipt, hash, index, length })
}

/// Votes that a proposal needs: two thirds of the members, rounded up.
async fn threshold(app: &App) -> Result<usize> {
    Ok((members(app).await?.len() * 2).div_ceil(3))
}

async fn members(app: &App) -> Result<Vec<AccountId>> {
    let institutions: InstitutionsInfo = app.client().await?.request("specie_institutions", rpc_params![]).await?;
    Ok(institutions.committee)
}

fn vote(proposal: &[u8], index: u32, approve: bool) -> Call {
    calls::call(
        "Committee",
        "vote",
        [("proposal", Value::from_bytes(proposal)), ("index", calls::number(index)), ("approve", Value::bool(approve))],
    )
}

async fn close(app: &App, proposal: &[u8], index: u32, length: u32, key: &Keypair, wait: Wait) -> Result<Receipt> {
    let weight = [("ref_time", Value::u128(WEIGHT.0.into())), ("proof_size", Value::u128(WEIGHT.1.into()))];
    let call = calls::call(
        "Committee",
        "close",
        [
            ("proposal_hash", Value::from_bytes(proposal)),
            ("index", calls::number(index)),
            ("proposal_weight_bound", Value::named_composite(weight)),
            ("length_bound", calls::number(length)),
        ],
    );
    let mut receipt = app.client().await?.submit(&call, key, wait).await?;
    ensure_enacted(app, &receipt).await?;
    receipt.what = format!("Closed proposal {index}: it was carried out");
    Ok(receipt)
}

/// A proposal's own failure does not fail the transaction that carries it out: it is in its events.
async fn ensure_enacted(app: &App, receipt: &Receipt) -> Result<()> {
    let results = [("Committee.Executed", "result"), ("Participants.Enacted", "result")];
    for error in results.iter().filter_map(|(event, field)| receipt.field(event, field)?.get("Err")) {
        let module = error.get("Module");
        let number = |name: &str| {
            // The error's own bytes are its index and three more, in hexadecimal.
            let value = module?.get(name)?;
            let byte = value.as_u64().or_else(|| u64::from_str_radix(value.as_str()?.get(2..4)?, 16).ok());
            byte.and_then(|byte| u8::try_from(byte).ok())
        };
        let cause = match (number("index"), number("error")) {
            (Some(pallet), Some(error)) => app.client().await?.explain_module_error(pallet, error).await?,
            _ => Failure::new(failure::DISPATCH, error.to_string()),
        };
        let message = format!("the proposal was carried out and failed: {}", cause.message);
        let block_hash = Some(receipt.block_hash.clone());
        return Err(Failure { message, block: Some(receipt.block), block_hash, ..cause.of(&receipt.extrinsic) }.into());
    }
    Ok(())
}

async fn enact(app: &App, keys: &[String], what: &What) -> Result<()> {
    let client = app.client().await?;
    let pairs = app.keypairs(keys.iter().map(|name| name.trim()))?;
    let first = pairs.first().context("no keys")?;
    let threshold = threshold(app).await?;
    if pairs.len() < threshold {
        bail!("{threshold} votes are needed, there are {} keys", pairs.len());
    }
    let proposal = propose(app, what, first, Wait::InBlock).await?;
    ensure_enacted(app, &proposal.receipt).await?;
    let mut receipts = vec![app.step(proposal.receipt)?];
    if threshold > 1 {
        for key in pairs.iter().take(threshold) {
            let mut receipt = client.submit(&vote(&proposal.hash, proposal.index, true), key, Wait::InBlock).await?;
            receipt.what = format!("{} voted for it", key.account());
            receipts.push(app.step(receipt)?);
        }
        let closed = close(app, &proposal.hash, proposal.index, proposal.length, first, app.wait()).await?;
        receipts.push(app.step(closed)?);
    }
    if let What::Upgrade { wasm } = what {
        receipts.push(app.step(apply_upgrade(app, wasm).await?)?);
    }
    app.report_steps(&receipts)
}

async fn apply_upgrade(app: &App, wasm: &Path) -> Result<Receipt> {
    let code = read(wasm)?;
    let size = code.len();
    // Bytes as they are: a million dynamic values would take a hundred times the memory.
    let call = transaction("System", "apply_authorized_upgrade", (code,));
    let mut receipt = app.client().await?.submit_bare(&call, app.wait()).await?;
    if receipt.events.iter().any(|event| event.name() == "System.RejectedInvalidAuthorizedUpgrade") {
        let failure = Failure::new(
            failure::DISPATCH,
            "the authorised code was rejected: is its version higher than the present one?",
        );
        return Err(failure.of(receipt.extrinsic).into());
    }
    receipt.what = format!("Handed in {size} bytes of code: the next block runs on it");
    Ok(receipt)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn hash(text: &str) -> Result<Vec<u8>> {
    let bytes = hex::decode(text.trim_start_matches("0x")).context("the proposal is named by its hash")?;
    if bytes.len() != 32 {
        bail!("the proposal is named by its hash of 32 bytes");
    }
    Ok(bytes)
}
