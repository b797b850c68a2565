//! The last line of a signed file: a comment that shows that zoneseal wrote the file and nobody changed
//! it, what it was made from, and when it should be made anew. It guards against accidents, not against
//! someone who can write the file.

use crate::dns::text::push_hex;
use crate::dns::time::Time;
use crate::keys::KeySet;
use ring::digest::{Context, Digest, SHA256};

/// What the line says.
#[derive(Debug)]
pub struct Stamp<'a> {
    /// The SHA-256 of all text before the line.
    pub text: &'a Digest,
    /// The keys that signed, if any did.
    pub keys: Option<&'a KeySet>,
    /// When signatures should be made anew.
    pub due: Option<Time>,
}

/// The format's version.
const VERSION: &str = "; zoneseal 1";

impl Stamp<'_> {
    /// Appends the line.
    pub fn push(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(VERSION.as_bytes());
        push_digest(" text=", self.text, out);
        if let Some(keys) = self.keys {
            let mut context = Context::new(&SHA256);
            keys.keys().iter().for_each(|key| context.update(key.rdata()));
            push_digest(" keys=", &context.finish(), out);
        }
        if let Some(due) = self.due {
            out.extend_from_slice(format!(" due={due}").as_bytes());
        }
        out.push(b'\n');
    }
}

fn push_digest(name: &str, digest: &Digest, out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    let start = out.len();
    push_hex(digest.as_ref(), out);
    out[start..].make_ascii_lowercase();
}
