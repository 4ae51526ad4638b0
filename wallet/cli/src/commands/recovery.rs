//! Another key after a loss, and another bank.

use super::prove::{Consent, NewKey};
use crate::{
    app::App,
    calls::{self, Call},
    failure::{self, Failure},
    output,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use specie_primitives::{api::RecoveryInfo, BankId, BlockNumber, OwnerId};
use specie_wallet::{Money, Purpose};
use subxt::{dynamic::Value, rpcs::client::rpc_params};

/// Blocks for which another bank may accept an owner.
const OFFER_LIFETIME: BlockNumber = 3_000;

/// Ask for another key for an owner whose key was lost.
#[derive(Args)]
pub struct Recover {
    /// Owner id or identity: the bank knows whom it has before it.
    owner: String,
    #[command(flatten)]
    new_key: NewKey,
}

impl Recover {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (client, bank) = (app.client().await?, app.own_bank().await?.bank);
        let owner = app.owner(&self.owner).await?;
        let Consent { key, expiry, signature } = self.new_key.consent(app, owner, Purpose::Recover { bank }).await?;
        let call = calls::call(
            "Identity",
            "request_rebind",
            [
                ("owner", calls::owner(owner)),
                ("key", calls::account(&key)),
                ("expiry", calls::number(expiry)),
                ("signature", Value::from_bytes(signature)),
            ],
        );
        let mut receipt = client.submit(&call, &app.signer()?, app.wait()).await?;
        let ready = receipt.field("Identity.RebindRequested", "ready").cloned().unwrap_or_default();
        receipt.what = format!(
            "Owner {owner} is suspended and gets key {key} by `specie bank complete-recovery` from block {ready} on, unless its \
             present key objects"
        );
        receipt.data = json!({ "owner": owner, "key": key, "ready": ready });
        app.report(&receipt)
    }
}

/// A call of the identity pallet about one owner.
pub async fn about(app: &App, owner: &str, call: &str, done: &str) -> Result<()> {
    let owner = app.owner(owner).await?;
    let call = calls::call("Identity", call, [("owner", calls::owner(owner))]);
    app.send_with(&call, format!("{done} {owner}"), json!({ "owner": owner })).await
}

/// Binds the other key.
pub async fn complete(app: &App, owner: &str) -> Result<()> {
    let owner = app.owner(owner).await?;
    let call = calls::call("Identity", "complete_rebind", [("owner", calls::owner(owner))]);
    let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
    let key = receipt.field("Identity.Rebound", "new").cloned().unwrap_or_default();
    receipt.what = format!("Owner {owner} now signs with {}", key.as_str().unwrap_or("another key"));
    receipt.data = json!({ "owner": owner, "key": key });
    app.report(&receipt)
}

/// The present key objects.
pub async fn object(app: &App) -> Result<()> {
    let owner = app.owner_or_own(None).await?;
    let what = format!("Owner {owner} objects to another key: the supervising role decides");
    app.send_with(&calls::call("Identity", "object", []), what, json!({ "owner": owner })).await
}

/// The owner of the signing key offers itself to another bank.
pub async fn move_to(app: &App, bank: u32) -> Result<()> {
    let (owner, to) = (app.owner_or_own(None).await?, app.bank(bank).await?.bank);
    let expiry = app.client().await?.best_number().await?.saturating_add(OFFER_LIFETIME);
    let call = calls::call("Identity", "move_to", [("bank", calls::bank(to)), ("expiry", calls::number(expiry))]);
    let what = format!("Owner {owner} may be taken over by bank {to} until block {expiry}");
    app.send_with(&call, what, json!({ "owner": owner, "bank": to, "expiry": expiry })).await
}

/// Rules of recovery.
#[derive(Args)]
pub struct SetRecovery {
    /// Blocks that a request waits.
    #[arg(long)]
    delay: BlockNumber,
    /// Holdings above which it needs approval, for instance 10000.00.
    #[arg(long, value_name = "AMOUNT")]
    approval_value: String,
    /// Business days until an owner without holdings is dormant; 0 for never.
    #[arg(long)]
    dormancy_days: u32,
}

impl SetRecovery {
    /// The call that sets them.
    pub async fn call(&self, app: &App) -> Result<Call> {
        let value = app.money().await?.parse(&self.approval_value)?;
        let arguments = [
            ("delay", calls::number(self.delay)),
            ("approval_value", calls::amount(value)),
            ("dormancy_days", calls::number(self.dormancy_days)),
        ];
        Ok(calls::call("Identity", "set_recovery", arguments))
    }

    /// What came of it, in words.
    pub async fn what(&self, app: &App) -> Result<String> {
        let money = app.money().await?;
        let value = money.show(money.parse(&self.approval_value)?);
        Ok(format!("Another key takes {} blocks, and approval above {value}", self.delay))
    }
}

/// Gives an owner to another bank.
pub async fn assign(app: &App, owner: &str, bank: u32) -> Result<()> {
    let (owner, bank) = (app.owner(owner).await?, app.bank(bank).await?.bank);
    let call = calls::call("Identity", "assign", [("owner", calls::owner(owner)), ("bank", calls::bank(bank))]);
    let what = format!("Bank {bank} looks after owner {owner} now");
    app.send_with(&call, what, json!({ "owner": owner, "bank": bank })).await
}

async fn all(app: &App) -> Result<Vec<RecoveryInfo>> {
    app.client().await?.request("specie_recoveries", rpc_params![]).await
}

/// The request that waits for an owner.
async fn of(app: &App, owner: OwnerId) -> Result<RecoveryInfo> {
    let found = all(app).await?.into_iter().find(|info| info.owner == owner);
    let text = || format!("no request for another key waits for owner {owner}");
    found.ok_or_else(|| Failure::new(failure::WALLET, text()).into())
}

/// What came of an objection.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Decision {
    /// The objection stands: the request ends. The owner stays suspended until it is reinstated.
    #[arg(long)]
    uphold: bool,
    /// The request goes on, and so does its waiting time.
    #[arg(long)]
    overrule: bool,
}

/// Decides on an objection. The key that it is about goes along: the bank may have asked for another meanwhile.
pub async fn decide(app: &App, owner: &str, decision: &Decision) -> Result<()> {
    let info = of(app, app.owner(owner).await?).await?;
    let (owner, key, uphold) = (info.owner, info.new, decision.uphold);
    let arguments = [("owner", calls::owner(owner)), ("key", calls::account(&key)), ("uphold", Value::bool(uphold))];
    let call = calls::call("Identity", "decide_rebind", arguments);
    let what = match uphold {
        true => format!("The objection of owner {owner} to key {key} stands"),
        false => format!("Owner {owner} may get key {key} despite its objection"),
    };
    app.send_with(&call, what, json!({ "owner": owner, "key": key, "upheld": uphold })).await
}

/// Approves a request about much money.
pub async fn approve(app: &App, owner: &str) -> Result<()> {
    let info = of(app, app.owner(owner).await?).await?;
    let (owner, key) = (info.owner, info.new);
    let call =
        calls::call("Identity", "approve_rebind", [("owner", calls::owner(owner)), ("key", calls::account(&key))]);
    let what = format!(
        "Approved key {key} for owner {owner}, with which {} are within reach",
        app.money().await?.show(info.held)
    );
    app.send_with(&call, what, json!({ "owner": owner, "key": key })).await
}

/// Every request that waits.
pub async fn list(app: &App) -> Result<()> {
    let (requests, money) = (all(app).await?, app.money().await?);
    let block = app.client().await?.best_number().await?;
    app.print(&json!({ "block": block, "recoveries": requests }), || table(&requests, &money, block))
}

fn table(requests: &[RecoveryInfo], money: &Money, block: BlockNumber) -> String {
    if requests.is_empty() {
        return format!("No requests for another key wait at block {block}");
    }
    let row = |info: &RecoveryInfo| {
        let RecoveryInfo { owner, bank: BankId(bank), new, ready, held, .. } = info;
        vec![
            owner.to_string(),
            bank.to_string(),
            new.to_string(),
            ready.to_string(),
            money.show(*held),
            state(info, block).into(),
        ]
    };
    let rows: Vec<_> = requests.iter().map(row).collect();
    let head = ["owner", "bank", "new key", "from block", "holds", "state"];
    format!("At block {block}\n{}", output::table(&head, &rows, &[1, 3, 4]))
}

/// What a request waits for.
fn state(info: &RecoveryInfo, block: BlockNumber) -> &'static str {
    match info {
        RecoveryInfo { objected: true, .. } => "OBJECTED: decide-recovery",
        RecoveryInfo { needs_approval: true, approved: false, .. } => "much money: approve-recovery",
        RecoveryInfo { ready, .. } if *ready > block => "waits",
        _ => "can be completed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::AccountId;

    #[test]
    fn what_a_request_waits_for_is_told() {
        let info = RecoveryInfo {
            owner: OwnerId([1; 24]),
            bank: BankId(2),
            old: AccountId::new([3; 32]),
            new: AccountId::new([4; 32]),
            ready: 10,
            objected: false,
            approved: false,
            needs_approval: true,
            held: 500,
        };
        assert_eq!(state(&info, 10), "much money: approve-recovery");
        assert_eq!(state(&RecoveryInfo { approved: true, ..info.clone() }, 9), "waits");
        assert_eq!(state(&RecoveryInfo { approved: true, ..info.clone() }, 10), "can be completed");
        assert_eq!(state(&RecoveryInfo { objected: true, ..info.clone() }, 9), "OBJECTED: decide-recovery");
        let money = Money { decimals: 2, symbol: "SPC".into() };
        assert!(table(&[], &money, 7).contains("No requests"));
        assert!(table(&[info], &money, 7).contains("5.00 SPC"));
    }
}
