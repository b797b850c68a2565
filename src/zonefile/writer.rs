//! One record → one line of master-file text that every server reads: full owner name, TTL, class, type,
//! RDATA; RDATA without its type's layout in the generic form (RFC 3597, section 5).

use super::fields::{self, Types};
use crate::dns::text::{push_first, push_name, push_number};
use crate::dns::{Class, Record};

/// How records are written.
#[derive(Clone, Debug)]
pub struct Writer {
    types: Types,
    /// The class between tabs, zeros behind it, and how long that is.
    class: ([u8; 16], usize),
}

impl Writer {
    /// A writer for a zone of this class.
    #[must_use]
    pub fn new(class: Class, types: Types) -> Self {
        let text = format!("\t{class}\t");
        let mut octets = [0; 16];
        octets[..text.len()].copy_from_slice(text.as_bytes());
        Self { types, class: (octets, text.len()) }
    }

    /// Appends a record's line.
    pub fn push(&self, record: Record<'_>, out: &mut Vec<u8>) {
        push_name(record.owner, out);
        self.push_behind_owner(record, out);
    }

    /// Appends a record's line, its owner already written as text.
    pub fn push_at(&self, owner: &[u8], record: Record<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(owner);
        self.push_behind_owner(record, out);
    }

    fn push_behind_owner(&self, record: Record<'_>, out: &mut Vec<u8>) {
        out.push(b'\t');
        push_number(u64::from(record.ttl), out);
        let (class, length) = &self.class;
        push_first(class, *length, out);
        let row = self.types.row(record.rtype);
        match row {
            Some(row) => row.push_mnemonic(out),
            None => record.rtype.push_number(out),
        }
        out.push(b'\t');
        if row.and_then(|row| fields::format(row, record.rdata, self.types, out)).is_none() {
            fields::push_generic(record.rdata, out);
        }
        out.push(b'\n');
    }
}
