//! Domain names in wire form (RFC 1035, section 3.1), uncompressed, in the case they were written in.
//!
//! [`Name`] borrows, [`NameBuf`] owns on the stack. Both are valid by construction: labels of 1 to 63
//! octets, a root label at the end, 255 octets at most.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The longest name, root label included (RFC 1035, section 3.1).
pub const MAX_NAME: usize = 255;
/// The longest label (RFC 1035, section 3.1).
pub const MAX_LABEL: usize = 63;

/// A borrowed name. Equality and order are those of the DNS: ASCII letters match in either case
/// (RFC 4343), and the order is canonical (RFC 4034, section 6.1).
#[derive(Clone, Copy)]
pub struct Name<'a>(&'a [u8]);

impl<'a> Name<'a> {
    /// The root.
    pub const ROOT: Name<'static> = Name(&[0]);

    /// The name at the start of `octets`, and how many octets it takes; `None` if there is no whole,
    /// uncompressed name there.
    #[must_use]
    pub fn prefix_of(octets: &'a [u8]) -> Option<(Self, usize)> {
        let mut at = 0;
        loop {
            match *octets.get(at)? as usize {
                0 if at < MAX_NAME => return Some((Self(&octets[..=at]), at + 1)),
                length @ 1..=MAX_LABEL if at + length < MAX_NAME => at += length + 1,
                _ => return None,
            }
        }
    }

    /// The name that is all of `octets`.
    #[must_use]
    pub fn from_wire(octets: &'a [u8]) -> Option<Self> {
        Self::prefix_of(octets).filter(|&(_, length)| length == octets.len()).map(|(name, _)| name)
    }

    /// A name that this program stored itself, already known to be valid: only its length is read.
    pub(crate) fn trusted(octets: &'a [u8]) -> Self {
        let mut at = 0;
        while octets[at] != 0 {
            at += octets[at] as usize + 1;
        }
        Self(&octets[..=at])
    }

    /// The same, of octets that the name is all of.
    pub(crate) fn trusted_whole(octets: &'a [u8]) -> Self {
        debug_assert!(Self::from_wire(octets).is_some());
        Self(octets)
    }

    /// Its octets, root label included.
    #[must_use]
    pub fn wire(self) -> &'a [u8] {
        self.0
    }

    /// Its labels from left to right, without the root.
    pub fn labels(self) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let length = rest[0] as usize;
            (length > 0).then(|| {
                let label = &rest[1..=length];
                rest = &rest[length + 1..];
                label
            })
        })
    }

    /// How many labels it has; the root is not counted.
    #[must_use]
    pub fn label_count(self) -> usize {
        self.labels().count()
    }

    /// The Labels field of an RRSIG over records of this owner: neither the root nor a leftmost `*`
    /// counts (RFC 4034, section 3.1.3).
    #[must_use]
    pub fn rrsig_labels(self) -> u8 {
        let labels = self.label_count() - usize::from(self.is_wildcard());
        u8::try_from(labels).expect("a name has at most 127 labels")
    }

    /// Whether it is the root.
    #[must_use]
    pub fn is_root(self) -> bool {
        self.0[0] == 0
    }

    /// Whether its leftmost label is exactly `*` (RFC 4592, section 2.1.1).
    #[must_use]
    pub fn is_wildcard(self) -> bool {
        self.0.starts_with(b"\x01*")
    }

    /// The name without its leftmost label; `None` for the root.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        (!self.is_root()).then(|| Self(&self.0[self.0[0] as usize + 1..]))
    }

    /// The name without its leftmost labels but for so many; the whole name if it has no more.
    #[must_use]
    pub fn ancestor(self, labels: usize) -> Self {
        let mut name = self;
        for _ in labels..self.label_count() {
            name = Self(&name.0[name.0[0] as usize + 1..]);
        }
        name
    }

    /// Whether it is `ancestor` or a name below it.
    #[must_use]
    pub fn is_at_or_below(self, ancestor: Name<'_>) -> bool {
        let Some(cut) = self.0.len().checked_sub(ancestor.0.len()) else { return false };
        if !self.0[cut..].eq_ignore_ascii_case(ancestor.0) {
            return false;
        }
        // the octets match; they are a suffix of labels only if a label starts there
        let mut at = 0;
        while at < cut {
            at += self.0[at] as usize + 1;
        }
        at == cut
    }

    /// Whether it is a name below `ancestor`, and not `ancestor` itself.
    #[must_use]
    pub fn is_below(self, ancestor: Name<'_>) -> bool {
        self.0.len() > ancestor.0.len() && self.is_at_or_below(ancestor)
    }

    /// How many labels this name and `other` share, counted from the root.
    #[must_use]
    pub fn common_labels(self, other: Name<'_>) -> usize {
        Parting::of(self, other).shared.label_count()
    }

    /// Appends the canonical form: ASCII letters in lower case (RFC 4034, section 6.2).
    pub fn push_canonical(self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(self.0);
        // length octets are below 'A', so they stay as they are
        out[start..].make_ascii_lowercase();
    }

    /// Whether the name holds a capital letter, so that its canonical form differs from it.
    #[must_use]
    pub fn has_upper_case(self) -> bool {
        // to the end in any case: several octets at a time
        self.0.iter().fold(false, |has, octet| has | octet.is_ascii_uppercase())
    }

    /// The first eight octets of a sort key for names that lie at or below an apex of `apex_labels`
    /// labels: where two keys differ, the names are in the order of the keys; where they are equal,
    /// [`Ord`] must decide.
    #[must_use]
    pub fn sort_prefix(self, apex_labels: usize) -> u64 {
        let mut key = [0_u8; 8];
        let mut at = 0;
        let below = self.label_count().saturating_sub(apex_labels);
        // rarely more than two labels, of which few octets fill the key
        for label in (0..below).rev().filter_map(|number| self.labels().nth(number)) {
            for &octet in label {
                // 0 is the end of a label, which sorts before any octet; the octets 0 and 1 share a
                // value, and because the key cannot tell them apart it ends there
                key[at] = octet.to_ascii_lowercase().max(1);
                at += 1;
                if octet <= 1 || at == key.len() {
                    return u64::from_be_bytes(key);
                }
            }
            at += 1;
            if at == key.len() {
                break;
            }
        }
        u64::from_be_bytes(key)
    }

    /// An owned copy.
    #[must_use]
    pub fn to_buf(self) -> NameBuf {
        let mut octets = [0; MAX_NAME];
        octets[..self.0.len()].copy_from_slice(self.0);
        NameBuf { length: u8::try_from(self.0.len()).expect("a name has at most 255 octets"), octets }
    }
}

/// Where two names part, seen from the root.
struct Parting<'a, 'b> {
    /// The name both are at or below, in the case of the first.
    shared: Name<'a>,
    /// The labels in front of it; empty for a name that is the shared one.
    labels: (&'a [u8], &'b [u8]),
}

impl<'a, 'b> Parting<'a, 'b> {
    #[inline]
    fn of(one: Name<'a>, other: Name<'b>) -> Self {
        let ends = one.0.iter().rev().zip(other.0.iter().rev());
        let alike = ends.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
        // the same octets are the same labels from where in both of them a label starts
        let (mut one, mut other, mut labels) = (one.0, other.0, (&[][..], &[][..]));
        while one.len() != other.len() || one.len() > alike {
            if one.len() >= other.len() {
                (labels.0, one) = one[1..].split_at(usize::from(one[0]));
            } else {
                (labels.1, other) = other[1..].split_at(usize::from(other[0]));
            }
        }
        Self { shared: Name(one), labels }
    }
}

impl Ord for Name<'_> {
    /// Canonical order: "by sorting names by their most significant (rightmost) labels", as unsigned
    /// lower-case octets, the absence of an octet before a zero octet (RFC 4034, section 6.1).
    fn cmp(&self, other: &Self) -> Ordering {
        let first = |name: &Self| name.0[1..].split_at(usize::from(name.0[0]));
        let (mine, theirs) = match (self.is_root(), other.is_root()) {
            // the children of one name need not be compared from the root on
            (false, false) if first(self).1 == first(other).1 => (first(self).0, first(other).0),
            _ => Parting::of(*self, *other).labels,
        };
        mine.iter().map(u8::to_ascii_lowercase).cmp(theirs.iter().map(u8::to_ascii_lowercase))
    }
}

impl PartialOrd for Name<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        // length octets are below 'A': comparing them "ignoring case" compares them exactly
        self.0 == other.0 || self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Eq for Name<'_> {}

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for octet in self.0 {
            state.write_u8(octet.to_ascii_lowercase());
        }
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::with_capacity(self.0.len() * 2);
        super::text::push_name(*self, &mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// An owned name of fixed size: no allocation.
#[derive(Clone)]
pub struct NameBuf {
    length: u8,
    octets: [u8; MAX_NAME],
}

impl NameBuf {
    /// The root.
    #[must_use]
    pub fn root() -> Self {
        Name::ROOT.to_buf()
    }

    /// Borrows it.
    #[must_use]
    pub fn as_name(&self) -> Name<'_> {
        Name(&self.octets[..self.length as usize])
    }

    /// The name with this label in front of another; `None`: there is no room for it, or it is no label.
    #[must_use]
    pub fn below(name: Name<'_>, label: &[u8]) -> Option<Self> {
        let mut octets = [0; MAX_NAME];
        let behind = 1 + label.len();
        let length = behind + name.wire().len();
        octets[0] = u8::try_from(label.len()).ok().filter(|_| (1..=MAX_LABEL).contains(&label.len()))?;
        octets.get_mut(1..behind)?.copy_from_slice(label);
        octets.get_mut(behind..length)?.copy_from_slice(name.wire());
        Some(Self { length: u8::try_from(length).ok()?, octets })
    }

    /// The name as text holds it, always absolute: `example.org` and `example.org.` are the same.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn from_text(text: &str) -> Result<Self, super::text::NameError> {
        let mut wire = Vec::with_capacity(text.len() + 2);
        super::text::parse_name(text.as_bytes(), Some(Name::ROOT), &mut wire)?;
        Ok(Name::trusted(&wire).to_buf())
    }

    /// Becomes another name; its octets alone are copied, not the room behind them.
    pub fn set(&mut self, name: Name<'_>) {
        let octets = name.wire();
        self.octets[..octets.len()].copy_from_slice(octets);
        self.length = u8::try_from(octets.len()).expect("a name has at most 255 octets");
    }

    /// The same name in lower case.
    #[must_use]
    pub fn to_lower_case(mut self) -> Self {
        self.octets.make_ascii_lowercase();
        self
    }
}

impl PartialEq for NameBuf {
    fn eq(&self, other: &Self) -> bool {
        self.as_name() == other.as_name()
    }
}

impl Eq for NameBuf {}

impl fmt::Display for NameBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_name().fmt(f)
    }
}

impl fmt::Debug for NameBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_name().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> NameBuf {
        NameBuf::from_text(text).unwrap()
    }

    #[test]
    fn canonical_order_of_rfc_4034_section_6_1() {
        let ordered = [
            "example.",
            "a.example.",
            "yljkjljk.a.example.",
            "Z.a.example.",
            "zABC.a.EXAMPLE.",
            "z.example.",
            "\\001.z.example.",
            "*.z.example.",
            "\\200.z.example.",
        ]
        .map(name);
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(a.as_name().cmp(&b.as_name()), i.cmp(&j), "{a} {b}");
            }
        }
    }

    /// Few labels, of few octets, lengths and letters in either case among them, so that names often share ends.
    fn any_name() -> impl Strategy<Value = NameBuf> {
        let octet = prop::sample::select(b"\0\x01\x02aAbB".to_vec());
        let label = prop::collection::vec(octet, 1..4);
        prop::collection::vec(label, 0..5).prop_map(|labels| {
            let below = |name: NameBuf, label: &Vec<u8>| NameBuf::below(name.as_name(), label).unwrap();
            labels.iter().fold(NameBuf::root(), below)
        })
    }

    proptest! {
        #[test]
        fn order_and_ancestry_by_labels(a in any_name(), b in any_name()) {
            let labels = |name: &NameBuf| {
                let mut labels: Vec<_> = name.as_name().labels().map(<[u8]>::to_ascii_lowercase).collect();
                labels.reverse();
                labels
            };
            let (mine, theirs) = (labels(&a), labels(&b));
            let (a, b) = (a.as_name(), b.as_name());
            prop_assert_eq!(a.cmp(&b), mine.cmp(&theirs));
            let common = mine.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
            prop_assert_eq!(a.common_labels(b), common);
            prop_assert_eq!(a.is_at_or_below(b), common == theirs.len());
        }
    }

    #[test]
    fn sort_prefix_agrees_with_the_full_order() {
        let labels = [
            "a", "A", "ab", "\\000", "\\001", "\\000z", "\\001a", "\\002", "a\\000y", "\\255", "abcdefgh",
            "*",
        ];
        let mut names = vec![name("example.")];
        for x in labels {
            names.push(name(&format!("{x}.example.")));
            for y in labels {
                names.push(name(&format!("{y}.{x}.example.")));
                names.push(name(&format!("q.{y}.{x}.example.")));
            }
        }
        for a in &names {
            for b in &names {
                let prefix = a.as_name().sort_prefix(1).cmp(&b.as_name().sort_prefix(1));
                if prefix != Ordering::Equal {
                    assert_eq!(prefix, a.as_name().cmp(&b.as_name()), "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn ancestry_follows_labels_not_octets() {
        assert!(name("a.Example.").as_name().is_at_or_below(name("example.").as_name()));
        assert!(name("example.").as_name().is_at_or_below(name("example.").as_name()));
        assert!(!name("example.").as_name().is_below(name("example.").as_name()));
        assert!(!name("notexample.").as_name().is_at_or_below(name("example.").as_name()));
        // the octets "\7example\0" end this name, but inside one label
        assert!(!name("x\\007example.").as_name().is_at_or_below(name("example.").as_name()));
        assert!(name("a.").as_name().is_at_or_below(Name::ROOT));
        assert_eq!(name("a.b.c.").as_name().common_labels(name("x.B.c.").as_name()), 2);
    }

    #[test]
    fn only_a_leftmost_star_is_a_wildcard() {
        for (text, labels) in
            [("*.example.", 1), ("*a.example.", 2), ("a.*.example.", 3), (".", 0), ("\\042.x.", 1)]
        {
            assert_eq!(name(text).as_name().rrsig_labels(), labels, "{text}");
        }
    }

    #[test]
    fn a_name_is_at_most_255_octets() {
        let label = "x".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}.", "y".repeat(61));
        assert_eq!(name(&longest).as_name().wire().len(), 255);
        assert!(NameBuf::from_text(&format!("{label}.{label}.{label}.{}.", "y".repeat(62))).is_err());
        let mut wire = Vec::new();
        for _ in 0..4 {
            wire.push(63);
            wire.extend([b'x'; 63]);
        }
        wire.push(0);
        assert!(Name::from_wire(&wire).is_none());
    }
}
