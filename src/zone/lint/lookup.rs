//! What a zone says of a name (RFC 1034, section 4.3.2): the steps of a server's search, without an answer.

use crate::dns::name::MAX_NAME;
use crate::dns::{Name, NameBuf, Record, Rtype};
use crate::zone::{Standing, Zone};

/// Where a search for a name ends. Numbers are those of the zone's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Outside the zone: nobody here knows.
    Outside,
    /// At a name with records of its own, or at the wildcard that stands in for it.
    Here(usize),
    /// At an empty non-terminal (RFC 4592, section 2.2.2).
    Empty,
    /// At or below this delegation; the name itself if it has records.
    Delegated(usize, Option<usize>),
    /// Below this DNAME.
    Renamed(usize),
    /// Nowhere: there is no such name.
    Missing,
}

/// What comes of looking for the addresses of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// They are there, or not this zone's business.
    Fine,
    /// It is an alias.
    Alias,
    /// It is below this DNAME, and so an alias too.
    Renamed(usize),
    /// It has none.
    WithoutAddress,
    /// There is no such name.
    Missing,
    /// It is at or below this delegation, and there is no glue.
    WithoutGlue(usize),
}

/// Searches in one zone.
#[derive(Debug)]
pub struct Lookup<'z> {
    zone: &'z Zone,
    wildcards: bool,
    /// By name, in the zone's order: the start of its sort key, which settles most comparisons.
    keys: Vec<u64>,
}

impl<'z> Lookup<'z> {
    /// Prepares for searches.
    #[must_use]
    pub fn new(zone: &'z Zone) -> Self {
        let labels = zone.apex().label_count();
        let names = || (0..zone.names()).map(|number| zone.name(number));
        let keys = names().map(|name| name.sort_prefix(labels)).collect();
        Self { zone, wildcards: names().any(Name::is_wildcard), keys }
    }

    /// The number of a name, or of the one that would follow it.
    fn position(&self, name: Name<'_>) -> Result<usize, usize> {
        let key = name.sort_prefix(self.zone.apex().label_count());
        let start = self.keys.partition_point(|&other| other < key);
        let same = self.keys[start..].partition_point(|&other| other == key);
        let (mut low, mut high) = (start, start + same);
        while low < high {
            let middle = low.midpoint(high);
            match self.zone.name(middle).cmp(&name) {
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// Searches for a name.
    #[must_use]
    pub fn find(&self, name: Name<'_>) -> Found {
        if !name.is_at_or_below(self.zone.apex()) {
            return Found::Outside;
        }
        let next = match self.position(name) {
            Ok(number) => return self.exact(number),
            Err(next) => next,
        };
        // whatever hides the name is an ancestor of it, and so of all names between the two
        let hidden = next.checked_sub(1).filter(|&before| {
            self.zone.standing(before) != Standing::Authoritative || self.has(before, Rtype::DNAME)
        });
        if let Some(found) = hidden.and_then(|_| self.hiding(name, None)) {
            return found;
        }
        if next < self.zone.names() && self.zone.name(next).is_below(name) {
            return Found::Empty;
        }
        if self.wildcards { self.wildcard(name, next) } else { Found::Missing }
    }

    fn exact(&self, number: usize) -> Found {
        match self.zone.standing(number) {
            Standing::Authoritative => Found::Here(number),
            Standing::Cut => Found::Delegated(number, Some(number)),
            _ => self.hiding(self.zone.name(number), Some(number)).unwrap_or(Found::Missing),
        }
    }

    /// The delegation or DNAME above a name, nearest to the apex.
    fn hiding(&self, name: Name<'_>, number: Option<usize>) -> Option<Found> {
        let depth = name.label_count() - self.zone.apex().label_count();
        let above = std::iter::successors(name.parent(), |name| name.parent()).take(depth);
        // the last of these is the apex
        let above: Vec<Name<'_>> = above.collect();
        above.into_iter().rev().find_map(|ancestor| {
            let top = self.position(ancestor).ok()?;
            match self.zone.standing(top) {
                Standing::Cut => Some(Found::Delegated(top, number)),
                Standing::Authoritative if self.has(top, Rtype::DNAME) => Some(Found::Renamed(top)),
                _ => None,
            }
        })
    }

    /// The wildcard at the closest encloser of a name that is not there (RFC 4592, section 3.3.1).
    fn wildcard(&self, name: Name<'_>, next: usize) -> Found {
        let neighbours = [next.checked_sub(1), Some(next).filter(|&next| next < self.zone.names())];
        let shared = |number: usize| self.zone.name(number).common_labels(name);
        let labels = neighbours.into_iter().flatten().map(shared).max().unwrap_or(0);
        let encloser = std::iter::successors(Some(name), |name| name.parent())
            .find(|ancestor| ancestor.label_count() == labels)
            .unwrap_or(self.zone.apex());
        if encloser.wire().len() + 2 > MAX_NAME {
            return Found::Missing;
        }
        let star = [b"\x01*", encloser.wire()].concat();
        match Name::from_wire(&star).and_then(|star| self.position(star).ok()) {
            Some(number) => self.exact(number),
            None => Found::Missing,
        }
    }

    /// Searches for the addresses of a host.
    pub(super) fn host(&self, name: Name<'_>) -> Host {
        match self.find(name) {
            Found::Outside => Host::Fine,
            Found::Here(number) if self.has(number, Rtype::CNAME) => Host::Alias,
            Found::Here(number) if self.has_address(number) => Host::Fine,
            Found::Here(_) | Found::Empty => Host::WithoutAddress,
            Found::Delegated(_, Some(number)) if self.has_address(number) => Host::Fine,
            Found::Delegated(cut, _) => Host::WithoutGlue(cut),
            Found::Renamed(top) => Host::Renamed(top),
            Found::Missing => Host::Missing,
        }
    }

    /// A record of a name.
    pub(super) fn record(&self, number: usize, rtype: Rtype) -> Option<Record<'z>> {
        self.zone.records(number).find(|record| record.rtype == rtype)
    }

    /// Whether a name has records of a type.
    pub(super) fn has(&self, number: usize, rtype: Rtype) -> bool {
        self.record(number, rtype).is_some()
    }

    fn has_address(&self, number: usize) -> bool {
        self.has(number, Rtype::A) || self.has(number, Rtype::AAAA)
    }

    /// A name as text, for messages that outlive it.
    pub(super) fn name(&self, number: usize) -> NameBuf {
        self.zone.name(number).to_buf()
    }
}
