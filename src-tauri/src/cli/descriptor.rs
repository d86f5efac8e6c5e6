//! `conclave descriptor check`: any output descriptor looked at before it is trusted.

use bitcoin::Address;
use clap::{Args, Subcommand};
use conclave_domain::descriptor::Keychain;
use conclave_domain::watched::{Checked, CheckedKey, ChecksumState, WatchedDescriptor};
use serde_json::{Value, json};

use super::CliError;
use super::given::{self, NetworkName, Refusal};

/// Most addresses of a keychain that are shown.
const COUNT_LIMIT: u32 = 10_000;

#[derive(Debug, Subcommand)]
pub(super) enum DescriptorCommand {
    /// Check a descriptor: checksum, keys, threshold, first addresses, what is odd (exit code 4 where it is refused).
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The descriptor: its text, or a file with it (@FILE, or a path; - is standard input).
    descriptor: String,
    /// How many addresses of each keychain are shown.
    #[arg(long, value_name = "N", default_value_t = 3)]
    count: u32,
    /// How addresses are written; else as the keys say.
    #[arg(long, value_enum)]
    network: Option<NetworkName>,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn descriptor(command: DescriptorCommand) -> Result<(), CliError> {
    match command {
        DescriptorCommand::Check(args) => given::run(args.json, move || check(&args)),
    }
}

fn check(args: &CheckArgs) -> Result<(), Refusal> {
    let descriptor = given::descriptor(&args.descriptor)?;
    let checked = descriptor.check();
    let network = args.network.map(NetworkName::network).unwrap_or_else(|| given::network(Some(&descriptor), None));
    let count = if descriptor.ranged() { args.count.min(COUNT_LIMIT) } else { 1 };
    let addresses = |keychain| {
        let address = |index| {
            let script = descriptor.script(keychain, index)?;
            Some(Address::from_script(&script, network).map_or_else(|_| script.to_hex_string(), |it| it.to_string()))
        };
        (0..count).filter_map(address).collect::<Vec<String>>()
    };
    let has_change = descriptor.keychains().contains(&Keychain::Change);
    let receive = addresses(Keychain::Receive);
    let change = if has_change { addresses(Keychain::Change) } else { vec![] };
    if args.json {
        let warnings: Vec<Value> =
            checked.warnings.iter().map(|it| json!({ "warning": it.name(), "message": it.words() })).collect();
        let object = json!({
            "descriptor": descriptor.text(),
            "checksum": if *descriptor.checksum() == ChecksumState::Verified { "verified" } else { "missing" },
            "computed_checksum": descriptor.text().lines().next().and_then(|line| line.rsplit('#').next()),
            "kind": checked.kind,
            "threshold": checked.threshold,
            "keys": checked.keys.iter().map(key_as_json).collect::<Vec<_>>(),
            "keychains": descriptor.keychains(),
            "ranged": descriptor.ranged(),
            "network": network.to_string(),
            "receive": receive,
            "change": change,
            "warnings": warnings,
            "findings": [],
        });
        given::say(&format!("{object}\n"))
    } else {
        given::say(&in_words(&descriptor, &checked, &network.to_string(), &receive, &change))
    }
}

fn key_as_json(key: &CheckedKey) -> Value {
    json!({
        "fingerprint": key.fingerprint, "path": key.path, "key": key.key, "rest": key.rest,
        "depth": key.depth, "depth_fits": key.depth_fits,
        "network": key.test.map(|test| if test { "test" } else { "main" }),
    })
}

fn in_words(
    descriptor: &WatchedDescriptor,
    checked: &Checked,
    network: &str,
    receive: &[String],
    change: &[String],
) -> String {
    let mut text = format!("{}\n", descriptor.text());
    let checksum = match descriptor.checksum() {
        ChecksumState::Verified => "right",
        ChecksumState::Missing => "was missing, and is computed above",
    };
    text.push_str(&format!("checksum: {checksum}\nkind: {}\nnetwork: {network}\n", checked.kind));
    let keys = checked.keys.len();
    match checked.threshold {
        Some(threshold) => text.push_str(&format!("threshold: {threshold} of {keys} keys\n")),
        None => text.push_str("threshold: not told by its form\n"),
    }
    for key in &checked.keys {
        let origin = match (&key.fingerprint, &key.path) {
            (Some(fingerprint), Some(path)) => format!("[{fingerprint}/{path}]"),
            _ => "[no origin]".to_owned(),
        };
        text.push_str(&format!("key {origin} {}{}\n", key.key, key.rest));
    }
    for (name, addresses) in [("receive", receive), ("change", change)] {
        for (index, address) in addresses.iter().enumerate() {
            text.push_str(&format!("{name} {index}: {address}\n"));
        }
    }
    for warning in &checked.warnings {
        text.push_str(&format!("warning: {} ({})\n", warning.words(), warning.name()));
    }
    text
}
