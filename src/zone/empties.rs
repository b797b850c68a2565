//! Empty non-terminals: names without records that have names with records below them (RFC 4592, section
//! 2.2.2). An NSEC3 chain has records for them too, unless nothing below them is in the chain (RFC 5155,
//! section 7.1 with erratum 3441): so only names of the chain are looked at.

use crate::dns::{Name, NameBuf};

/// Finds the empty non-terminals above names of a chain that come in canonical order. All their ancestors that have
/// records must be among them: what hides the names below it, or is left out, has nothing of the chain below it.
#[derive(Clone, Debug)]
pub struct Empties {
    apex_labels: usize,
    /// The first name of a stretch in the middle of a zone: which of its ancestors have records, or were found
    /// before, the stretch cannot know.
    first: Option<NameBuf>,
    last: Option<NameBuf>,
}

impl Empties {
    /// Of a whole zone, from its apex on.
    #[must_use]
    pub fn new(apex: Name<'_>) -> Self {
        Self { apex_labels: apex.label_count(), first: None, last: Some(apex.to_buf()) }
    }

    /// Of a stretch that begins anywhere. What is above its first name is found by [`Empties::join`].
    #[must_use]
    pub fn of_stretch(apex: Name<'_>) -> Self {
        Self { last: None, ..Self::new(apex) }
    }

    /// The next name of the chain that is no empty non-terminal. Calls `found` with the label count of each that is
    /// now known to be above it.
    pub fn step(&mut self, name: Name<'_>, found: impl FnMut(usize)) {
        if let Some(last) = &mut self.last {
            Self::between(self.apex_labels, last.as_name(), name).for_each(found);
            last.set(name);
        } else {
            self.first = Some(name.to_buf());
            self.last = Some(name.to_buf());
        }
    }

    /// Goes on with the stretch behind this one. `found` is called with a name and a label count of it.
    pub fn join(&mut self, next: &Empties, mut found: impl FnMut(Name<'_>, usize)) {
        let (Some(first), Some(last)) = (&next.first, &self.last) else { return };
        let first = first.as_name();
        Self::between(self.apex_labels, last.as_name(), first).for_each(|labels| found(first, labels));
        self.last.clone_from(&next.last);
    }

    /// The label counts of the ancestors of a name, below the apex, that are none of the name before it.
    fn between(apex_labels: usize, last: Name<'_>, name: Name<'_>) -> std::ops::Range<usize> {
        name.common_labels(last).max(apex_labels) + 1..name.label_count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> NameBuf {
        NameBuf::from_text(text).unwrap()
    }

    /// Canonical order; `-` marks names that are not in the chain, as they are opted out.
    const ZONE: [&str; 10] = [
        "x.",
        "-b.c.d.x.",
        "e.c.d.x.",
        "f.x.",
        "-g.h.i.x.",
        "-j.h.i.x.",
        "k.i.x.",
        "l.m.n.k.i.x.",
        "-o.m.n.k.i.x.",
        "-p.q.x.",
    ];

    fn found(cuts: &[usize]) -> Vec<String> {
        let mut found = Vec::new();
        let mut whole: Option<Empties> = None;
        let bounds: Vec<usize> = [&[0], cuts, &[ZONE.len()]].concat();
        for range in bounds.windows(2) {
            let mut part = match &whole {
                None => Empties::new(name("x.").as_name()),
                Some(_) => Empties::of_stretch(name("x.").as_name()),
            };
            for text in ZONE[range[0]..range[1]].iter().filter(|text| !text.starts_with('-')) {
                let owner = name(text);
                part.step(owner.as_name(), |labels| {
                    found.push(owner.as_name().ancestor(labels).to_string());
                });
            }
            match &mut whole {
                None => whole = Some(part),
                Some(whole) => {
                    whole.join(&part, |owner, labels| found.push(owner.ancestor(labels).to_string()));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn only_those_with_something_in_the_chain_below_them() {
        assert_eq!(found(&[]), ["c.d.x.", "d.x.", "i.x.", "m.n.k.i.x.", "n.k.i.x."]);
    }

    #[test]
    fn stretches_agree_with_the_whole() {
        let whole = found(&[]);
        for first in 1..ZONE.len() {
            assert_eq!(found(&[first]), whole, "{first}");
            for second in first + 1..ZONE.len() {
                assert_eq!(found(&[first, second]), whole, "{first} {second}");
            }
        }
        assert_eq!(found(&[1, 2, 3, 4, 5, 6, 7, 8, 9]), whole);
    }
}
