//! zoneseal: an offline DNSSEC signer for zone files.
//!
//! # The pipeline
//!
//! ```text
//! text ──zonefile──▶ Record ──zone──▶ Zone (sealed) ──dnssec──▶ Signed (plan) ──publish──▶ text
//!                                         ▲                         │
//!                           keys ─────────┘ (KeySet)                └──▶ verify, ds
//! ```
//!
//! Data moves forward only. Each folder has one job:
//!
//! | folder | in | out |
//! |---|---|---|
//! | [`dns`] | octets | names, types, RDATA layouts: pure functions; the currency is [`dns::Record`] |
//! | [`zonefile`] | text | records, and back; it does not know zones |
//! | [`zone`] | records | a sealed [`zone::Zone`] in canonical order; it does not know text |
//! | [`keys`] | PEM files, pairs of BIND and ldns | a [`keys::KeySet`]: who signs what |
//! | [`dnssec`] | zone and keys | the plan of a signed zone, and the rules it keeps; no I/O |
//! | [`publish`] | the plan | the file in place, read back and checked |
//! | [`registrar`] | a zone's keys, the parent's DS set | what the parent must be told, and when; no I/O |
//! | [`run`] | zone files, keys, policies | signed zones: one on demand, all that are due from cron |
//! | [`status`] | records of a signed zone | how it stands, for monitoring |
//! | [`cli`] | arguments | exit codes; every message |
//!
//! [`files`] is the disk, [`error`] what can be wrong and [`source`] where, [`options`] what words of options
//! mean. [`guide`] is for users.
//!
//! # Rules of the house
//!
//! - One table, [`dns::schema`], knows how RDATA is laid out: reading, writing, canonical form and the
//!   words of an error come from a type's row.
//! - One walk, [`zone::walk`] and [`zone::empties`], finds zone cuts, glue, occluded names and empty
//!   non-terminals.
//! - One table, [`zone::rules`], has all that can be wrong with an unsigned zone.
//! - Values are sealed: builder → zone → plan. Signing never edits the zone.
//! - The signer and the verifier share the reader, the canonical form and the walk, and nothing else.
//! - The output does not depend on the number of threads, but for the random part of ECDSA.
//!
//! # In memory
//!
//! A zone is an arena of octets, in which all that consecutive records of one owner hold lies together; such runs are
//! sorted, never the records. A large file is read ahead by a thread of its own, and a large zone is put in order, walked
//! and hashed in as many parts as there are cores, which are then joined. A *span*, some 2 000 names, is the
//! unit of work: one thread makes its records, signatures and text, one writer puts spans in order. Within a span
//! records are laid out on *sheets*, some dozens at a time, on which all signatures are made one right after the other:
//! signing empties the processor's nearest cache, and what makes records and text finds it full again. No
//! signature is kept. The writer notes where each span lies and what it was meant to hold; before the file is
//! put in place all spans are read back and compared, while another thread flushes the file to the disk.
//!
//! NSEC3 alone needs a table first: the hashes of all names in the chain, sorted. A span takes those whose
//! owners lie among its names. A ZONEMD digest is known last: the apex, which stands alone then, is made
//! again with it, as long as it was.
//!
//! # Glossary
//!
//! - **apex**: the name of the zone, where its SOA stands.
//! - **cut**: a name below the apex with NS records; there another zone begins.
//! - **glue**: addresses below a cut that lead to its servers. Not signed.
//! - **occluded**: other data below a cut or a DNAME. Nobody sees it; it is not signed.
//! - **empty non-terminal**: a name without records that has names with records below it.
//! - **chain**: the NSEC or NSEC3 records, each of which leads to the next name or hash, the last to the first.
//! - **opt-out**: an NSEC3 chain without the delegations to insecure zones.
//! - **KSK, ZSK, CSK**: the key that signs the DNSKEYs, the rest, everything.

pub mod cli;
pub mod dns;
pub mod dnssec;
pub mod error;
pub mod files;
pub mod guide;
pub mod keys;
pub mod options;
pub mod publish;
pub mod registrar;
pub mod run;
pub mod source;
pub mod status;
mod threads;
pub mod zone;
pub mod zonefile;
