//! Every field that a registrar's form may ask for, by number and by name.

use super::{Delegation, EntryPoint, hex};
use crate::keys::role::SEP;
use std::fmt::Write;

/// A line a field, keys apart from each other by an empty line.
#[must_use]
pub fn fields(delegation: &Delegation) -> String {
    let text = |key: &EntryPoint| {
        let dnskey = key.fields();
        let flags = if dnskey.flags & SEP != 0 { "KSK: Zone Key, SEP" } else { "ZSK: Zone Key" };
        let mut rows = vec![
            ("Zone", delegation.owner.to_string()),
            ("Key tag", key.key_tag().to_string()),
            ("Algorithm", format!("{} ({})", dnskey.algorithm, dnskey.algorithm_name())),
        ];
        for ds in &key.ds {
            rows.push(("Digest type", format!("{} ({})", ds.digest_type, ds.digest_name())));
            rows.push(("Digest", hex(&ds.digest)));
        }
        rows.push(("Flags", format!("{} ({flags})", dnskey.flags)));
        rows.push(("Protocol", format!("{} (DNSSEC)", dnskey.protocol)));
        rows.push(("Public key", dnskey.public_key));
        let mut text = String::new();
        for (label, value) in rows {
            // writing to a String cannot fail
            let _ = writeln!(text, "{:<13}{value}", format!("{label}:"));
        }
        text
    };
    delegation.keys.iter().map(text).collect::<Vec<_>>().join("\n")
}
