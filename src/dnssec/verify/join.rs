//! Where spans that were checked side by side touch: what none of them could see alone.

use super::nsec3::{self, Chain};
use super::rules::{NSEC_NEXT, ORDER};
use super::{Checked, Finding, Rules};
use crate::dns::{Name, NameBuf};
use crate::zone::Standing;
use crate::zone::empties::Empties;

/// Where a span touches its neighbours.
#[derive(Clone, Debug)]
pub struct Edges {
    /// Its first name.
    pub first: NameBuf,
    /// Its last name.
    pub last: NameBuf,
    /// What hides the names that may follow.
    pub hiding: Option<(NameBuf, Standing)>,
    /// The first name that has a place in the NSEC chain.
    pub chain_first: Option<NameBuf>,
    /// The last name that has one, and what its NSEC says comes next.
    pub chain_last: Option<(NameBuf, NameBuf)>,
    /// Which empty non-terminals may go on in the next span.
    pub(super) empties: Empties,
    /// The same, those with only insecure delegations below them included.
    pub(super) every_empty: Empties,
}

impl Edges {
    pub(super) fn new(first: Name<'_>, apex: Name<'_>) -> Self {
        Self {
            first: first.to_buf(),
            last: first.to_buf(),
            hiding: None,
            chain_first: None,
            chain_last: None,
            empties: Empties::of_stretch(apex),
            every_empty: Empties::of_stretch(apex),
        }
    }
}

/// Compares the edges of the spans of a whole zone, in order.
#[derive(Debug)]
pub struct Join<'a> {
    rules: &'a Rules,
    last: Option<NameBuf>,
    hiding: Option<(NameBuf, Standing)>,
    chain: Option<(NameBuf, NameBuf)>,
    empties: Empties,
    every_empty: Empties,
    nsec3: Vec<Chain>,
    /// Spans joined.
    spans: usize,
}

impl<'a> Join<'a> {
    /// Before the first span.
    #[must_use]
    pub fn new(rules: &'a Rules) -> Self {
        let apex = rules.apex();
        Self {
            rules,
            last: None,
            hiding: None,
            chain: None,
            empties: Empties::new(apex),
            every_empty: Empties::new(apex),
            nsec3: rules.chains(),
            spans: 0,
        }
    }

    /// What hides the names at the start of a span that begins with this one, so that it must be checked
    /// again, knowing so: a span takes for granted that nothing does.
    #[must_use]
    pub fn hides(&self, first: &NameBuf) -> Option<(NameBuf, Standing)> {
        self.hiding.clone().filter(|(top, _)| first.as_name().is_below(top.as_name()))
    }

    /// The next span. Its findings grow by what its first names break.
    pub fn next(&mut self, checked: &mut Checked) {
        let span = self.spans;
        self.spans += 1;
        let Some(edges) = &checked.edges else { return };
        let apex = &self.rules.apex;
        let mut found = |rule, message| checked.findings.push(Finding { rule, message, line: 1 });
        match &self.last {
            None if edges.first != *apex => {
                found(&ORDER, format!("the zone starts with {}, not with its apex {apex}", edges.first));
            }
            Some(last) if last.as_name() >= edges.first.as_name() => {
                found(&ORDER, format!("{} stands behind {last}", edges.first));
            }
            _ => {}
        }
        if let Some(first) = &edges.chain_first {
            match &self.chain {
                Some((owner, next)) if next != first => found(&NSEC_NEXT, wrong_next(owner, next, first)),
                _ => {}
            }
        }
        let chains = &mut self.nsec3;
        self.empties.join(&edges.empties, |below, labels| {
            for chain in chains.iter_mut() {
                chain.want_empty(below, labels, false, 1);
            }
        });
        if self.rules.explains {
            self.every_empty.join(&edges.every_empty, |below, labels| {
                for chain in chains.iter_mut() {
                    chain.want_empty(below, labels, true, 1);
                }
            });
        }
        for (chain, next) in self.nsec3.iter_mut().zip(&mut checked.nsec3) {
            chain.join(next, span, &mut checked.findings);
        }
        self.last = Some(edges.last.clone());
        self.hiding.clone_from(&edges.hiding);
        if edges.chain_last.is_some() {
            self.chain.clone_from(&edges.chain_last);
        }
    }

    /// Whether the NSEC3 chains hold what they must as far as sums can tell. If not, all spans must be checked
    /// again after [`Rules::explain`].
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.nsec3.iter().all(Chain::adds_up)
    }

    /// Behind the last span: what is wrong with the chains as a whole, and in which span.
    #[must_use]
    pub fn finish(self) -> Vec<(usize, Finding)> {
        let mut findings = Vec::new();
        let apex = &self.rules.apex;
        if let Some((owner, next)) = self.chain.filter(|(_, next)| next != apex) {
            let message = wrong_next(&owner, &next, apex);
            findings.push((self.spans.saturating_sub(1), Finding { rule: &NSEC_NEXT, message, line: 1 }));
        }
        for chain in self.nsec3 {
            nsec3::finish(chain, self.spans.saturating_sub(1), &mut findings);
        }
        findings
    }
}

pub(super) fn wrong_next(owner: &NameBuf, next: &NameBuf, expected: &NameBuf) -> String {
    format!("the NSEC of {owner} has {next} as next name, not {expected}")
}
