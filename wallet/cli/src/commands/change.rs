//! `specie change`: coins for others of the same value.

use super::pay::{describe, of_lots, references};
use crate::{
    app::{self, App},
    calls, change,
    failure::{self, Failure},
    purse::Purse,
    vaults::{self, Limits, Listed, Wanted},
};
use anyhow::{bail, Result};
use clap::Args;
use serde_json::json;
use specie_primitives::{Balance, ChangeFrom, Holder, VaultId};
use specie_wallet::Money;

/// Exchange coins for others of exactly the same value.
#[derive(Args)]
#[command(after_help = "Examples:
  specie --key ann change --give 100x1 --take 50x1,20x2,10x1
  specie --key ann change --give 1x10 --take 10x1 --bank 2
  specie --key ann change --give 5x1 --take 1x5 --anew

The coins come from your bank's vault unless another bank is named, which must change for anyone. With --anew the coins \
that you give are destroyed and new ones made, as far as the issuer allows it: 'specie network' says for which.")]
pub struct Change {
    /// Coins to give: face value x count (100x1,50x2), or their names (3-1041,3-1042).
    #[arg(long, value_name = "LIST")]
    give: String,
    /// Coins to get: face value x count, or names of coins that circulated before and lie in the vault.
    #[arg(long, value_name = "LIST")]
    take: String,
    /// Number of the bank, see `specie bank list`.
    #[arg(long, value_name = "NUMBER")]
    bank: Option<u32>,
    /// Have the issuer make new coins instead.
    #[arg(long, conflicts_with = "bank")]
    anew: bool,
}

impl Change {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let money = app.money().await?;
        let own = app.owner_or_own(None).await?;
        let (at, place, take, wanted) = if self.anew {
            let Listed::Lots(lots) = Listed::read(&self.take, &money)? else {
                bail!("new coins have no names yet: ask for them by face value, such as 1x5")
            };
            (ChangeFrom::Issuer, "the issuer".to_string(), change::of_lots(&lots)?, vaults::worth(&lots))
        } else {
            let number = match self.bank {
                Some(number) => number,
                None => app.registered(own, None, None).await?.bank.0,
            };
            let bank = app.bank(number).await?;
            let wanted = Wanted { amount: None, coins: Some(self.take) };
            let (take, value) = vaults::choose(app, VaultId::Bank(bank.bank), &wanted, Limits::TO_OWNER).await?;
            (ChangeFrom::Vault(bank.bank), change::place(&bank), take, value)
        };
        let key = app.signer()?;
        let mut purse = Purse::open(app, own).await?;
        let give = match Listed::read(&self.give, &money)? {
            Listed::Lots(lots) => of_lots(&purse, &lots, &money)?,
            Listed::Names(names) => vaults::by_name(app, Holder::Owner(own), purse.free(), &names).await?,
        };
        ensure_same(&money, vaults::value(&give), wanted)?;
        let arguments = [
            ("at", calls::change_from(at)),
            ("give", calls::coins(&references(&give))),
            ("take", calls::selection(&take)),
        ];
        let mut receipt = purse.spend(app, &key, &calls::call("Ownership", "exchange", arguments), &give).await?;
        let number = take.len();
        receipt.what =
            format!("Exchanged {} for {number} coins of the same value from {place}", describe(&money, &give));
        receipt.data = json!({ "owner": own, "at": at, "amount": wanted, "given": app::names(&give), "coins": number });
        app.report(&receipt)
    }
}

fn ensure_same(money: &Money, given: Balance, wanted: Balance) -> Result<()> {
    if given == wanted {
        return Ok(());
    }
    let text = format!(
        "the coins that you give are worth {}, those that you ask for {}: both must be the same",
        money.show(given),
        money.show(wanted),
    );
    Err(Failure::new(failure::WALLET, text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_is_worth_what_is_given() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        assert!(ensure_same(&money, 500, 500).is_ok());
        let text = ensure_same(&money, 500, 499).unwrap_err().to_string();
        assert!(text.contains("5.00 SPC") && text.contains("4.99 SPC"), "{text}");
    }
}
