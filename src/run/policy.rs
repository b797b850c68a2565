//! How a zone is to be signed, every time: what `zoneseal sign` is told by options, and the times that only
//! a habit has.

use super::recipe::Check;
use crate::dns::soa::SerialPolicy;
use crate::dnssec::cds::Publish;
use crate::dnssec::ds::Digest;
use crate::dnssec::nsec3::OptOut;
use crate::dnssec::sign::Denial;
use crate::dnssec::zonemd::Hash;
use crate::keys::Algorithm;
use crate::publish::stamp;
use crate::zone::builder::OutOfZone;
use crate::zonefile::fields::Types;
use data_encoding::HEXLOWER;
use ring::digest::{Context, SHA256};

/// An hour and a day, in seconds.
const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;

/// Values that have a word each.
pub(super) type Words<T, const N: usize> = [(&'static str, T); N];

/// Kinds of denial: NSEC, or NSEC3 with this use of opt-out.
pub(super) const DENIALS: Words<Option<OptOut>, 4> = [
    ("nsec", None),
    ("nsec3", Some(OptOut::No)),
    ("opt-out", Some(OptOut::LeaveOut)),
    ("opt-out-flag", Some(OptOut::Flag)),
];
/// What happens to the serial.
pub(super) const SERIALS: Words<SerialPolicy, 4> = [
    ("keep", SerialPolicy::Keep),
    ("increment", SerialPolicy::Increment),
    ("unixtime", SerialPolicy::Unixtime),
    ("date", SerialPolicy::Date),
];
/// How types are written.
pub(super) const TYPES: Words<Types, 2> = [("classic", Types::Classic), ("all", Types::All)];
/// What happens to records outside the zone.
pub(super) const OUT_OF_ZONE: Words<OutOfZone, 2> = [("error", OutOfZone::Refuse), ("drop", OutOfZone::Drop)];
/// What is checked.
pub(super) const VERIFY: Words<Check, 3> =
    [("auto", Check::AUTO), ("all", Check::All), ("none", Check::None)];

/// How a zone is signed. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a key of its own")]
pub struct Policy {
    /// How long signatures hold, from now on.
    pub validity: u32,
    /// The same for those over DNSKEY, CDS and CDNSKEY.
    pub dnskey_validity: u32,
    /// Signatures that expire sooner than this are made anew; `None`: see [`crate::dnssec::policy::refresh`].
    pub refresh: Option<u32>,
    /// Expirations are spread over so much time before their latest; `None`: a twentieth of the time from
    /// signing to refresh.
    pub jitter: Option<u32>,
    /// Signatures begin to hold so long ago, for those whose clocks are late.
    pub inception_offset: u32,
    /// How names that do not exist are denied.
    pub denial: Denial,
    /// What happens to the SOA's serial.
    pub serial: SerialPolicy,
    /// What the parent is asked to publish, each once.
    pub cds: Vec<Publish>,
    /// The digests of the zone, each once.
    pub zonemd: Vec<Hash>,
    /// The TTL of the DNSKEYs; `None`: that of DNSKEYs in the zone file, or the SOA's.
    pub dnskey_ttl: Option<u32>,
    /// All TTLs are reduced to it.
    pub max_ttl: Option<u32>,
    /// The algorithms that the zone's keys must have, these and no others, ascending; none: any.
    pub algorithms: Vec<Algorithm>,
    /// What is checked before the zone is put in place.
    pub verify: Check,
    /// How types that some servers do not know are written.
    pub types: Types,
    /// What happens to records outside the zone.
    pub out_of_zone: OutOfZone,
    /// Whether DNSKEYs in the zone file whose private key is not at hand are dropped.
    pub drop_foreign_keys: bool,
    /// Whether a published DNSKEY algorithm may be one that does not sign.
    pub allow_incomplete: bool,
    /// Whether keys of one algorithm may have one key tag.
    pub allow_tag_collision: bool,
    /// Whether ECDSA signatures are those of RFC 6979.
    pub deterministic: bool,
    /// Whether the file is laid out for people, with comments.
    pub comments: bool,
    /// The digests of the DS records for the parent, each once, one at least.
    pub ds_digests: Vec<Digest>,
    /// How long the zone takes from its file to all of its servers.
    pub propagation_delay: u32,
    /// The TTL of the zone's DS records at its parent.
    pub ds_ttl: u32,
    /// The program that is run when the zone is in place, and its arguments; none: nothing is run.
    pub hook: Vec<String>,
    /// How long it may take.
    pub hook_timeout: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            validity: 28 * DAY,
            dnskey_validity: 28 * DAY,
            refresh: None,
            jitter: None,
            inception_offset: HOUR,
            denial: Denial::Nsec,
            serial: SerialPolicy::Increment,
            cds: Vec::new(),
            zonemd: Vec::new(),
            dnskey_ttl: None,
            max_ttl: None,
            algorithms: Vec::new(),
            verify: Check::AUTO,
            types: Types::Classic,
            out_of_zone: OutOfZone::Refuse,
            drop_foreign_keys: false,
            allow_incomplete: false,
            allow_tag_collision: false,
            deterministic: false,
            comments: false,
            ds_digests: vec![Digest::Sha256],
            propagation_delay: HOUR,
            ds_ttl: DAY,
            hook: Vec::new(),
            hook_timeout: 60,
        }
    }
}

impl Policy {
    /// The SHA-256 of everything that the signed zone and its DS text depend on.
    #[must_use]
    pub fn digest(&self) -> stamp::Digest {
        let mut context = Context::new(&SHA256);
        context.update(self.canonical().as_bytes());
        stamp::digest(context)
    }

    /// Everything that the signed zone and its DS text depend on: lines of `key = value`, ascending. Two
    /// policies with the same text make the same zone. What is done with the zone afterwards (`hook`, `verify`)
    /// is not in it.
    #[must_use]
    pub fn canonical(&self) -> String {
        let (denial, iterations, salt) = match &self.denial {
            Denial::Nsec => ("nsec", 0, String::new()),
            Denial::Nsec3(params, opt_out) => {
                (spelling(&DENIALS, &Some(*opt_out)), params.iterations, HEXLOWER.encode(&params.salt))
            }
        };
        let mut lines = [
            ("algorithms", list(&self.algorithms, |algorithm| algorithm.number().to_string())),
            ("allow-incomplete", self.allow_incomplete.to_string()),
            ("allow-tag-collision", self.allow_tag_collision.to_string()),
            ("cds", list(&self.cds, |one| publish(*one))),
            ("comments", self.comments.to_string()),
            ("denial", denial.into()),
            ("deterministic", self.deterministic.to_string()),
            ("dnskey-ttl", seconds(self.dnskey_ttl)),
            ("dnskey-validity", self.dnskey_validity.to_string()),
            ("drop-foreign-keys", self.drop_foreign_keys.to_string()),
            ("ds-digest", list(&self.ds_digests, |digest| digest_word(*digest).into())),
            ("ds-ttl", self.ds_ttl.to_string()),
            ("inception-offset", self.inception_offset.to_string()),
            ("jitter", seconds(self.jitter)),
            ("max-ttl", seconds(self.max_ttl)),
            ("nsec3-iterations", iterations.to_string()),
            ("nsec3-salt", salt),
            ("out-of-zone", spelling(&OUT_OF_ZONE, &self.out_of_zone).into()),
            ("propagation-delay", self.propagation_delay.to_string()),
            ("refresh", seconds(self.refresh)),
            ("serial", spelling(&SERIALS, &self.serial).into()),
            ("types", spelling(&TYPES, &self.types).into()),
            ("validity", self.validity.to_string()),
            ("zonemd", list(&self.zonemd, |hash| hash.number().to_string())),
        ]
        .map(|(key, value)| format!("{key} = {value}\n"));
        lines.sort_unstable();
        lines.concat()
    }
}

/// The word for a value.
fn spelling<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    words.iter().find(|(_, other)| other == value).map_or("", |(word, _)| word)
}

/// Words in an order that does not depend on how they were written.
fn list<T>(values: &[T], word: impl Fn(&T) -> String) -> String {
    let mut words: Vec<String> = values.iter().map(word).collect();
    words.sort_unstable();
    words.join(",")
}

fn seconds(value: Option<u32>) -> String {
    value.map_or_else(|| "auto".into(), |seconds| seconds.to_string())
}

fn publish(one: Publish) -> String {
    match one {
        Publish::Cds(digest) => format!("cds:{}", digest_word(digest)),
        Publish::Cdnskey => "cdnskey".into(),
        Publish::Delete => "delete".into(),
    }
}

fn digest_word(digest: Digest) -> &'static str {
    match digest {
        Digest::Sha256 => "sha256",
        Digest::Sha384 => "sha384",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dnssec::nsec3::Params;

    /// A change of this text makes every zone be signed again when the program is replaced.
    #[test]
    fn the_canonical_text_is_stable() {
        let text = "algorithms = \nallow-incomplete = false\nallow-tag-collision = false\ncds = \ncomments = false\n\
             denial = nsec\ndeterministic = false\ndnskey-ttl = auto\ndnskey-validity = 2419200\n\
             drop-foreign-keys = false\nds-digest = sha256\nds-ttl = 86400\ninception-offset = 3600\njitter = auto\n\
             max-ttl = auto\nnsec3-iterations = 0\nnsec3-salt = \nout-of-zone = error\npropagation-delay = 3600\n\
             refresh = auto\nserial = increment\ntypes = classic\nvalidity = 2419200\nzonemd = \n";
        assert_eq!(Policy::default().canonical(), text);
    }

    #[test]
    fn only_what_the_zone_depends_on_is_in_it() {
        let plain = Policy::default();
        let same = Policy { hook: vec!["true".into()], hook_timeout: 1, verify: Check::All, ..plain.clone() };
        assert_eq!(plain.canonical(), same.canonical());
        let nsec3 = Denial::Nsec3(Params { iterations: 1, salt: vec![0xab] }, OptOut::LeaveOut);
        let other = Policy { denial: nsec3, cds: vec![Publish::Cdnskey], ..plain };
        let text = other.canonical();
        for line in ["denial = opt-out\n", "nsec3-iterations = 1\n", "nsec3-salt = ab\n", "cds = cdnskey\n"] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn the_order_of_a_list_does_not_matter() {
        let policy = |cds: &[Publish]| Policy { cds: cds.to_vec(), ..Policy::default() };
        let (cds, cdnskey) = (Publish::Cds(Digest::Sha256), Publish::Cdnskey);
        assert_eq!(policy(&[cds, cdnskey]).canonical(), policy(&[cdnskey, cds]).canonical());
    }
}
