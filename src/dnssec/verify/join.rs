//! Where spans that were checked side by side touch: what none of them could see alone.

use super::finding::Finding;
use super::nsec3::{self, Chain, Place};
use super::rules::{NSEC_NEXT, ORDER};
use super::span::Link;
use super::{Checked, Rules};
use crate::dns::{Name, NameBuf, Rtype};
use crate::dnssec::zonemd::{Digests, Hash};
use crate::source::Spot;
use crate::zone::Standing;
use crate::zone::empties::Empties;

/// Where a span touches its neighbours.
#[derive(Clone, Debug)]
pub struct Edges {
    /// Its first name, and where that stands.
    pub first: NameBuf,
    /// Where that stands.
    pub spot: Spot,
    /// Its last name.
    pub last: NameBuf,
    /// What hides the names that may follow.
    pub hiding: Option<(NameBuf, Standing)>,
    /// The first name that has a place in the NSEC chain.
    pub chain_first: Option<NameBuf>,
    /// The last link of that chain.
    pub(super) chain_last: Option<Link>,
    /// Which empty non-terminals may go on in the next span.
    pub(super) empties: Empties,
    /// The same, those with only insecure delegations below them included.
    pub(super) every_empty: Empties,
}

impl Edges {
    pub(super) fn new(first: Name<'_>, apex: Name<'_>, spot: Spot) -> Self {
        Self {
            first: first.to_buf(),
            spot,
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
pub struct Join<'a> {
    rules: &'a Rules,
    last: Option<NameBuf>,
    hiding: Option<(NameBuf, Standing)>,
    chain: Option<Link>,
    empties: Empties,
    every_empty: Empties,
    nsec3: Vec<Chain>,
    digests: Option<Digests>,
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
            digests: rules.zonemd.is_some().then(|| Digests::new(&[Hash::Sha384, Hash::Sha512])),
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
        if let Some(digests) = &mut self.digests {
            digests.update(&checked.digested);
            checked.digested = Vec::new();
        }
        let Some(edges) = &checked.edges else { return };
        let spot = edges.spot;
        let apex = &self.rules.apex;
        let first = edges.first.as_name();
        let order = match &self.last {
            None if edges.first != *apex => {
                Some(format!("the zone starts with {first}, not with its apex {apex}"))
            }
            Some(last) if last.as_name() >= first => Some(format!("{first} stands behind {last}")),
            _ => None,
        };
        checked.findings.extend(order.map(|message| Finding::new(&ORDER, first, None, message, spot)));
        if let (Some(first), Some(link)) = (&edges.chain_first, &self.chain)
            && link.next != *first
        {
            checked.findings.push(wrong_next(link, first.as_name()));
        }
        let chains = &mut self.nsec3;
        self.empties.join(&edges.empties, |below, labels| {
            for chain in chains.iter_mut() {
                chain.want_empty(below, labels, Place::MustCounted, spot);
            }
        });
        self.every_empty.join(&edges.every_empty, |below, labels| {
            for chain in chains.iter_mut() {
                chain.want_empty(below, labels, Place::May, spot);
            }
        });
        for (chain, next) in self.nsec3.iter_mut().zip(&mut checked.nsec3) {
            chain.join(next, &mut checked.findings);
        }
        self.last = Some(edges.last.clone());
        self.hiding.clone_from(&edges.hiding);
        if edges.chain_first.is_some() {
            self.chain.clone_from(&edges.chain_last);
        }
    }

    /// Whether the NSEC3 chains hold what they must as far as sums can tell. If not, all spans must be checked
    /// again after [`Rules::explain`].
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.nsec3.iter().all(Chain::adds_up)
    }

    /// Behind the last span: what is wrong with chains and digests as a whole.
    #[must_use]
    pub fn finish(self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let apex = &self.rules.apex;
        findings.extend(
            self.chain.filter(|link| link.next != *apex).map(|link| wrong_next(&link, apex.as_name())),
        );
        for chain in self.nsec3 {
            nsec3::finish(chain, &mut findings);
        }
        if let (Some(claims), Some(digests)) = (&self.rules.zonemd, self.digests) {
            findings.extend(claims.judge(&digests.finish()).0);
        }
        findings
    }
}

pub(super) fn wrong_next(link: &Link, expected: Name<'_>) -> Finding {
    let Link { owner, next, spot } = link;
    let message = format!("the NSEC of {owner} has {next} as next name, not {expected}");
    Finding::new(&NSEC_NEXT, owner.as_name(), Some(Rtype::NSEC), message, *spot)
}
