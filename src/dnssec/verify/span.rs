//! One stretch of a zone, record by record: records → names → what is wrong with them.

use super::name::Work;
use super::nsec3::Chain;
use super::rules::{ORDER, OUT_OF_ZONE, TTL_DIFFERS};
use super::{Edges, Finding, Rule, Rules, Sample};
use crate::dns::rrset::Rrsets;
use crate::dns::time::Time;
use crate::dns::{Name, NameBuf, Record, Rtype};
use crate::dnssec::zonemd;
use crate::source::Spot;
use crate::zone::Standing;
use crate::zone::empties::Empties;
use crate::zone::walk::Walk;

/// What was found in a span.
#[derive(Debug, Default)]
pub struct Checked {
    /// Rules broken.
    pub findings: Vec<Finding>,
    /// Records, duplicates included.
    pub records: usize,
    /// RRSIG records.
    pub signatures: usize,
    /// Of those, how many were verified, good or not.
    pub verified: usize,
    /// Of those, how many cannot be, as their algorithm or key size is not known here.
    pub unverifiable: usize,
    /// The first moment at which an `RRset` has no good signature any more.
    pub ends: Option<Time>,
    /// The same less the TTL of the `RRset`: who gets it later may keep it for too long.
    pub lasts: Option<Time>,
    /// Where the span touches its neighbours; `None`: it has no records.
    pub edges: Option<Edges>,
    /// What it has of each NSEC3 chain.
    pub(super) nsec3: Vec<Chain>,
    /// What ZONEMD digests of it.
    pub(super) digested: Vec<u8>,
}

/// A record of the name at hand.
struct Placed {
    rtype: Rtype,
    /// What an RRSIG covers; of others 0.
    covered: Rtype,
    ttl: u32,
    spot: Spot,
}

/// A link of the NSEC chain.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) owner: NameBuf,
    pub(super) next: NameBuf,
    pub(super) spot: Spot,
}

impl Link {
    /// Puts a link where another is, or none: names are long, and all their room need not be copied.
    pub(super) fn put(link: &mut Option<Self>, owner: Name<'_>, next: Name<'_>, spot: Spot) {
        let Some(link) = link else {
            *link = Some(Self { owner: owner.to_buf(), next: next.to_buf(), spot });
            return;
        };
        link.owner.set(owner);
        link.next.set(next);
        link.spot = spot;
    }
}

/// A span being checked: give it its records, in order, then [`Span::finish`].
pub struct Span<'a> {
    pub(super) rules: &'a Rules,
    pub(super) walk: Walk,
    pub(super) sample: Sample<'a>,
    /// The records of the name at hand, and where they stand.
    sets: Rrsets,
    places: Vec<Placed>,
    /// The chain's last link.
    pub(super) chain: Option<Link>,
    pub(super) empties: Empties,
    /// Those with only insecure delegations below them included.
    pub(super) every_empty: Empties,
    pub(super) checked: Checked,
    pub(super) work: Work,
}

impl Rules {
    /// Starts to check a span. The first one begins with the apex; another begins behind a name that
    /// hides what lies below it if `hiding` says so.
    #[must_use]
    pub fn span(&self, hiding: Option<(NameBuf, Standing)>) -> Span<'_> {
        Span {
            rules: self,
            walk: Walk::resume(self.apex.as_name(), hiding),
            sample: self.sampler.sample(),
            sets: Rrsets::default(),
            places: Vec::new(),
            chain: None,
            empties: Empties::of_stretch(self.apex.as_name()),
            every_empty: Empties::of_stretch(self.apex.as_name()),
            checked: Checked { nsec3: self.chains(), ..Checked::default() },
            work: Work::default(),
        }
    }
}

impl Span<'_> {
    /// The next record, and where it stands.
    pub fn record(&mut self, record: Record<'_>, spot: Spot) {
        if self.places.is_empty() || self.sets.owner() != record.owner {
            self.finish_name();
            self.sets.start(record.owner);
        }
        self.checked.records += 1;
        self.checked.signatures += usize::from(record.rtype == Rtype::RRSIG);
        let covered = match *record.rdata {
            [high, low, ..] if record.rtype == Rtype::RRSIG => Rtype(u16::from_be_bytes([high, low])),
            _ => Rtype(0),
        };
        self.places.push(Placed { rtype: record.rtype, covered, ttl: record.ttl, spot });
        self.sets.push(record.rtype, record.ttl, record.rdata);
    }

    /// The span's end: what was found in it.
    #[must_use]
    pub fn finish(mut self) -> Checked {
        self.finish_name();
        if let Some(edges) = &mut self.checked.edges {
            edges.hiding = self.walk.hiding().cloned();
            edges.chain_last = self.chain;
            edges.empties = self.empties;
            edges.every_empty = self.every_empty;
        }
        self.checked
    }

    /// Where the name at hand starts.
    pub(super) fn spot(&self) -> Spot {
        self.places.first().map_or_else(Spot::default, |place| place.spot)
    }

    /// Where the name's records of a type start.
    pub(super) fn spot_of(&self, rtype: Rtype) -> Spot {
        let place = self.places.iter().find(|place| place.rtype == rtype);
        place.map_or_else(|| self.spot(), |place| place.spot)
    }

    /// Something about the name at hand, or its records of a type.
    pub(super) fn found(&mut self, rule: &'static Rule, rtype: Option<Rtype>, message: String) {
        let spot = rtype.map_or_else(|| self.spot(), |rtype| self.spot_of(rtype));
        self.push(rule, rtype, message, spot);
    }

    /// Something about its RRSIG over records of a type.
    pub(super) fn found_rrsig(&mut self, rule: &'static Rule, covered: Rtype, message: String) {
        let place = self.places.iter().find(|place| place.covered == covered);
        let spot = place.map_or_else(|| self.spot(), |place| place.spot);
        self.push(rule, Some(covered), message, spot);
    }

    fn push(&mut self, rule: &'static Rule, rtype: Option<Rtype>, message: String, spot: Spot) {
        let owner = self.checked.edges.as_ref().map_or(self.rules.apex(), |edges| edges.last.as_name());
        let finding = Finding::new(rule, owner, rtype, message, spot);
        self.checked.findings.push(finding);
    }

    fn finish_name(&mut self) {
        if self.places.is_empty() {
            return;
        }
        let mut sets = std::mem::take(&mut self.sets);
        sets.sort();
        let name = sets.owner();
        let mut disorder = None;
        if let Some(edges) = &mut self.checked.edges {
            let before = edges.last.as_name();
            if before >= name {
                disorder = Some(format!("{name} stands behind {before}"));
            }
            edges.last.set(name);
        } else {
            self.checked.edges = Some(Edges::new(name, self.rules.apex(), self.spot()));
        }
        if let Some(message) = disorder {
            self.found(&ORDER, None, message);
        }
        if name.is_at_or_below(self.rules.apex()) {
            if self.rules.zonemd.is_some() {
                let (apex, class) = (self.rules.apex(), self.rules.class);
                zonemd::push_records(&sets, apex, class, &mut self.checked.digested);
            }
            if !self.rules.knows_data() {
                self.ttls(name);
            }
            self.name(&sets);
        } else {
            let message = format!("{name} is outside the zone {}", self.rules.apex);
            self.found(&OUT_OF_ZONE, None, message);
        }
        self.places.clear();
        self.sets = sets;
    }

    /// All records of an `RRset` have one TTL; each RRSIG has the TTL of what it covers (RFC 4034, section 3).
    fn ttls(&mut self, name: Name<'_>) {
        let mut last: Option<Rtype> = None;
        for at in 1..self.places.len() {
            let (before, place) = self.places.split_at(at);
            let Placed { rtype, ttl, spot, .. } = place[0];
            if rtype == Rtype::RRSIG || last == Some(rtype) {
                continue;
            }
            let first = before.iter().find(|first| first.rtype == rtype);
            if let Some(first) = first.filter(|first| first.ttl != ttl) {
                let message = format!("{name} {rtype} has TTLs {} and {ttl}", first.ttl);
                self.push(&TTL_DIFFERS, Some(rtype), message, spot);
                last = Some(rtype);
            }
        }
    }
}
