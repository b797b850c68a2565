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
        // few names share a key, as a rule: the end is near
        let behind = &self.keys[start..];
        let mut reach = 1;
        while behind.get(reach).is_some_and(|&other| other == key) {
            reach *= 2;
        }
        let same = behind[..reach.min(behind.len())].partition_point(|&other| other == key);
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
        let encloser = name.ancestor(labels);
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
        self.host_at(self.find(name))
    }

    /// The addresses of a host that was searched for.
    pub(super) fn host_at(&self, found: Found) -> Host {
        match found {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Builder;
    use crate::zone::builder::OutOfZone;
    use crate::zonefile::reader::Reader;

    fn zone(text: &str) -> Zone {
        let apex = NameBuf::from_text("example.").unwrap();
        let mut reader = Reader::of_text(text.as_bytes().to_vec(), "zone", Some(apex.clone()));
        let mut builder = Builder::new();
        while let Some(entry) = reader.next().unwrap() {
            builder.push(entry.record, entry.spot).unwrap();
        }
        let class = reader.class();
        builder.seal(&apex, class, reader.into_sources(), OutOfZone::Refuse).unwrap().0
    }

    #[test]
    fn searches_end_where_a_server_ends_them() {
        let zone = zone(
            "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\nx.empty A 192.0.2.2\n\
             *.wild A 192.0.2.3\na.b.wild TXT here\nc NS ns.c\nns.c A 192.0.2.4\nz.y.c A 192.0.2.5\n\
             d DNAME e.\n*.w CNAME ns\nq.*.w TXT here\n",
        );
        let lookup = Lookup::new(&zone);
        let number = |text: &str| zone.find(NameBuf::from_text(text).unwrap().as_name()).unwrap();
        let cut = number("c.example.");
        for (name, found) in [
            ("other.", Found::Outside),
            ("example.", Found::Here(0)),
            ("NS.example.", Found::Here(number("ns.example."))),
            ("empty.example.", Found::Empty),
            ("nope.example.", Found::Missing),
            ("zzz.example.", Found::Missing),
            ("nope.empty.example.", Found::Missing),
            // RFC 4592, section 3.3.1: only the wildcard at the closest encloser
            ("any.wild.example.", Found::Here(number("*.wild.example."))),
            ("far.any.wild.example.", Found::Here(number("*.wild.example."))),
            ("b.wild.example.", Found::Empty),
            ("any.b.wild.example.", Found::Missing),
            ("any.w.example.", Found::Here(number("*.w.example."))),
            ("any.*.w.example.", Found::Missing),
            ("c.example.", Found::Delegated(cut, Some(cut))),
            ("ns.c.example.", Found::Delegated(cut, Some(number("ns.c.example.")))),
            ("y.c.example.", Found::Delegated(cut, None)),
            ("a.c.example.", Found::Delegated(cut, None)),
            ("zz.c.example.", Found::Delegated(cut, None)),
            ("d.example.", Found::Here(number("d.example."))),
            ("f.d.example.", Found::Renamed(number("d.example."))),
            ("g.f.d.example.", Found::Renamed(number("d.example."))),
        ] {
            assert_eq!(lookup.find(NameBuf::from_text(name).unwrap().as_name()), found, "{name}");
        }
    }

    #[test]
    fn all_names_are_found_at_their_numbers() {
        let mut text = "$TTL 60\n@ SOA a b 1 2 3 4 5\n".to_owned();
        for label in ["abcdefgh", "abcdefghi", "ABCDEFGHJ", "\\001", "\\000", "a\\000", "*", "a"] {
            text += &[label, " A 192.0.2.1\nx.", label, " A 192.0.2.1\n"].concat();
        }
        let zone = zone(&text);
        let lookup = Lookup::new(&zone);
        for number in 0..zone.names() {
            assert_eq!(lookup.position(zone.name(number)), Ok(number));
            assert_eq!(zone.find(zone.name(number)), Ok(number));
        }
    }
}
