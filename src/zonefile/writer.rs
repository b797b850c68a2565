//! One record → one line of master-file text that every server reads: full owner name, TTL, class, type,
//! RDATA; RDATA without its type's layout in the generic form (RFC 3597, section 5).

use super::fields::{self, Types};
use crate::dns::text::{push_name, push_number};
use crate::dns::{Class, Record};

/// How records are written.
#[derive(Clone, Debug)]
pub struct Writer {
    types: Types,
    /// The class between tabs.
    class: Vec<u8>,
}

impl Writer {
    /// A writer for a zone of this class.
    #[must_use]
    pub fn new(class: Class, types: Types) -> Self {
        Self { types, class: format!("\t{class}\t").into_bytes() }
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
        out.extend_from_slice(&self.class);
        let row = self.types.row(record.rtype);
        match row {
            Some(row) => out.extend_from_slice(row.mnemonic.as_bytes()),
            None => record.rtype.push_number(out),
        }
        out.push(b'\t');
        if row.and_then(|row| fields::format(row, record.rdata, self.types, out)).is_none() {
            fields::push_generic(record.rdata, out);
        }
        out.push(b'\n');
    }
}
