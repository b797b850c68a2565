//! Empty non-terminals: names without records that have names with records below them (RFC 4592, section
//! 2.2.2). An NSEC3 chain has records for them too, unless nothing below them is in the chain (RFC 5155,
//! section 7.1 with erratum 3441), so whoever meets a name says whether it is.

use crate::dns::{Name, NameBuf};

/// Finds the empty non-terminals above names that come in canonical order. A name of the zone is told by
/// the number of its labels: it is the ancestor, with so many labels, of the name at hand.
#[derive(Clone, Debug)]
pub struct Empties {
    apex_labels: usize,
    last: Option<NameBuf>,
    /// Those above the last name below which nothing is in the chain so far, by ascending label count.
    pending: Vec<usize>,
    lead: Option<Lead>,
}

/// What a stretch in the middle of a zone cannot know: of the ancestors of its first name it is open
/// whether they have records, or were found before.
#[derive(Clone, Debug)]
pub struct Lead {
    /// The stretch's first name.
    first: NameBuf,
    /// For each ancestor between apex and that name, from the top: whether something below it is in the chain.
    listed: Vec<bool>,
    /// So many of them are above the last name too.
    open: usize,
}

impl Empties {
    /// Of a whole zone, from its apex on.
    #[must_use]
    pub fn new(apex: Name<'_>) -> Self {
        Self { apex_labels: apex.label_count(), last: Some(apex.to_buf()), pending: Vec::new(), lead: None }
    }

    /// Of a stretch that begins anywhere. Its state is whole only after [`Empties::join`].
    #[must_use]
    pub fn of_stretch(apex: Name<'_>) -> Self {
        Self { last: None, ..Self::new(apex) }
    }

    /// The next name that is neither hidden nor an empty non-terminal, and whether it is in the chain.
    /// Calls `found` with the label count of each empty non-terminal above it that is now known to be in
    /// the chain.
    pub fn step(&mut self, name: Name<'_>, listed: bool, mut found: impl FnMut(usize)) {
        let labels = name.label_count();
        let common = if let Some(last) = &self.last {
            name.common_labels(last.as_name())
        } else {
            let above = labels.saturating_sub(self.apex_labels + 1);
            self.lead = Some(Lead { first: name.to_buf(), listed: vec![false; above], open: above });
            labels
        };
        if let Some(lead) = &mut self.lead {
            lead.open = lead.open.min(common.saturating_sub(self.apex_labels));
            if listed {
                lead.listed[..lead.open].fill(true);
            }
        }
        // what is not above this name has nothing more below it
        self.pending.retain(|&pending| pending <= common);
        self.pending.extend((common.max(self.apex_labels) + 1)..labels);
        if listed {
            self.pending.drain(..).for_each(&mut found);
        }
        match &mut self.last {
            Some(last) => last.set(name),
            None => self.last = Some(name.to_buf()),
        }
    }

    /// Goes on with the stretch behind this one. `found` is called with a name and a label count of it.
    pub fn join(&mut self, next: &Empties, mut found: impl FnMut(Name<'_>, usize)) {
        let (Some(lead), Some(last)) = (&next.lead, &self.last) else { return };
        let first = lead.first.as_name();
        let common = first.common_labels(last.as_name());
        let mut pending = Vec::new();
        for (at, &listed) in lead.listed.iter().enumerate() {
            let labels = self.apex_labels + 1 + at;
            if labels <= common && !self.pending.contains(&labels) {
                // it has records, or was found
                continue;
            }
            if listed {
                found(first, labels);
            } else if at < lead.open {
                pending.push(labels);
            }
        }
        pending.extend(&next.pending);
        self.pending = pending;
        self.last.clone_from(&next.last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> NameBuf {
        NameBuf::from_text(text).unwrap()
    }

    /// Canonical order; `-` marks names that are not in the chain.
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
            for text in &ZONE[range[0]..range[1]] {
                let owner = name(text.trim_start_matches('-'));
                part.step(owner.as_name(), !text.starts_with('-'), |labels| {
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
