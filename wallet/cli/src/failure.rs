//! Why a command failed, for people and for programs.

use serde::Serialize;
use specie_primitives::codes::Refusal;
use std::fmt;

/// A failure with everything that a program may want to know. The `kind` is one of the constants below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What kind of failure.
    pub kind: &'static str,
    /// What happened and what to do.
    pub message: String,
    /// Pallet of a dispatch error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pallet: Option<String>,
    /// Name of a dispatch error or of a refusal, also of the identity service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Code of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u8>,
    /// Hash of the extrinsic that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extrinsic: Option<String>,
    /// Block that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u32>,
    /// Hash of that block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_hash: Option<String>,
    /// What the command found out all the same, as it prints it.
    #[serde(skip_serializing_if = "serde_json::Value::is_null")]
    pub data: serde_json::Value,
    /// Transactions of the same command that were done before, as it prints them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<serde_json::Value>,
}

/// The transaction is in a block and failed there.
pub const DISPATCH: &str = "dispatch";
/// The transaction was refused before it reached a block.
pub const REFUSED: &str = "refused";
/// The node could not be reached, or answered with an error.
pub const NODE: &str = "node";
/// The identity service was not reached, refused, or gave an answer that does not hold.
pub const IDENTITY: &str = "identity";
/// The wallet cannot do what was asked for.
pub const WALLET: &str = "wallet";
/// The command line cannot be read.
pub const USAGE: &str = "usage";

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), ..Default::default() }
    }

    /// A refusal with one of the network's own codes.
    pub fn refused(code: u8) -> Self {
        let refusal = Refusal::from_code(code);
        let message = match refusal {
            Some(refusal) => format!("refused with code {code}: {}", refusal.explain()),
            None => format!("refused with code {code}, which this version does not know"),
        };
        let name = refusal.map(|refusal| format!("{refusal:?}"));
        Self { code: Some(code), name, ..Self::new(REFUSED, message) }
    }

    /// What a node's JSON-RPC error to a submitted transaction means.
    pub fn from_submission(code: i32, message: &str, data: &str) -> Self {
        if let Some(code) = data.trim_matches('"').strip_prefix("Custom error: ").and_then(|code| code.parse().ok()) {
            return Self::refused(code);
        }
        let data = data.trim_matches('"');
        // The runtime gave up on the bytes; its backtrace says nothing to the sender.
        if [message, data].iter().any(|text| text.contains("wasm trap") || text.contains("WASM backtrace")) {
            let text =
                "the network's runtime could not read the transaction (wasm trap): an argument of it is longer or \
                        other than it takes";
            return Self::new(REFUSED, text);
        }
        let hint = match (code, data) {
            (1010, "Transaction is outdated") => {
                ": it was sent before, or another transaction of this key took its number"
            },
            (1010, "Transaction has a bad signature") => {
                ": the key is wrong, or the runtime was upgraded meanwhile: try again"
            },
            (1010, data) if data.starts_with("Inability to pay") => ": the signing key is not known to the network",
            (1012, _) => ": the same transaction was refused a moment ago, wait a minute",
            (1013, _) => ": the node has this very transaction already",
            (1014, _) => ": another transaction with the same number waits in the pool",
            (1016, _) => ": the node's pool is full, try again",
            _ => "",
        };
        let data = if data.is_empty() { String::new() } else { format!(": {data}") };
        Self::new(REFUSED, format!("{message}{data}{hint}"))
    }

    /// What any error is to a program.
    pub fn from_error(error: &anyhow::Error) -> Self {
        let known = error.downcast_ref::<Self>().cloned();
        known.unwrap_or_else(|| Self::new(WALLET, format!("{error:#}")))
    }

    /// The same failure, after these transactions of the same command.
    pub fn after(mut self, steps: &[impl Serialize]) -> Self {
        self.steps = steps.iter().filter_map(|step| serde_json::to_value(step).ok()).collect();
        self
    }

    /// The same failure of this extrinsic.
    pub fn of(mut self, extrinsic: impl Into<String>) -> Self {
        self.extrinsic = Some(extrinsic.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(extrinsic) = &self.extrinsic {
            write!(f, "\n  extrinsic {extrinsic}")?;
        }
        if let (Some(block), Some(hash)) = (self.block, &self.block_hash) {
            write!(f, "\n  block     {block} {hash}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_explained() {
        let failure = Failure::from_submission(1010, "Invalid Transaction", "\"Custom error: 7\"");
        assert_eq!((failure.kind, failure.code, failure.name.as_deref()), (REFUSED, Some(7), Some("QuotaUsed")));
        assert!(failure.message.contains(Refusal::QuotaUsed.explain()));
        assert_eq!(Failure::refused(200).name, None);
        let failure = Failure::from_submission(1010, "Invalid Transaction", "Transaction is outdated");
        assert!(failure.message.contains("sent before"), "{failure}");
    }

    #[test]
    fn a_runtime_that_gives_up_is_told_in_a_line() {
        let data = "\"Runtime error: Execution failed: Execution aborted due to trap: wasm trap: wasm `unreachable` \
                    instruction executed\\nWASM backtrace:\\nerror while executing at wasm backtrace:\\n 0: 0x1f\"";
        for failure in
            [Failure::from_submission(1002, "Verification Error", data), Failure::from_submission(1002, data, "")]
        {
            assert_eq!(failure.kind, REFUSED);
            assert!(failure.message.contains("could not read the transaction"), "{failure}");
            assert!(!failure.message.contains("backtrace") && !failure.message.contains('\n'), "{failure}");
        }
    }

    #[test]
    fn finished_steps_go_with_the_failure() {
        let plain = serde_json::to_value(Failure::new(WALLET, "m")).unwrap();
        assert_eq!(plain, serde_json::json!({ "kind": "wallet", "message": "m" }));
        let step = serde_json::json!({ "extrinsic": "0x01" });
        let failed =
            Failure::from_error(&Failure::new(REFUSED, "m").of("0x02").into()).after(std::slice::from_ref(&step));
        let value = serde_json::to_value(&failed).unwrap();
        assert_eq!((&value["kind"], &value["extrinsic"]), (&"refused".into(), &"0x02".into()));
        assert_eq!(value["steps"], serde_json::json!([step]));
        assert_eq!(failed.to_string(), "m\n  extrinsic 0x02", "a person was told of each step when it was done");
        let other = Failure::from_error(&anyhow::anyhow!("inner").context("outer"));
        assert_eq!((other.kind, other.message.as_str()), (WALLET, "outer: inner"));
    }
}
