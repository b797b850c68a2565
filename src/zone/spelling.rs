//! How names are spelled as the next name of an NSEC. Case means nothing in the DNS, but there it is
//! signed as it is written (RFC 6840, section 5.1), so somebody must choose: each label is spelled as
//! where it first stood in the file, which is how BIND has it.

use super::Node;
use super::arena::{Arena, Offset, Run};
use crate::dns::Name;
use std::collections::HashMap;

/// Where the names are whose spelling is not the one they first stood in the file with, by number.
pub(super) type Spellings = HashMap<u32, Offset>;

/// How each label was spelled first, by the name it is the leftmost of, in lower case.
pub(super) struct Labels(HashMap<Vec<u8>, Vec<u8>>);

impl Labels {
    /// Reads the owners of all runs, which are in file order. Where none has a capital letter, there is nothing
    /// to choose.
    pub(super) fn of(runs: &[Run], arena: &Arena, apex: Name<'_>) -> Self {
        let owners = || runs.iter().map(|run| arena.name(run.start));
        // only a label that somewhere has a capital letter can have two spellings
        let names = |owner| std::iter::successors(Some(owner), |name: &Name<'_>| name.parent());
        let mut labels: HashMap<Vec<u8>, Option<Vec<u8>>> = HashMap::new();
        let capital = |name: &Name<'_>| {
            name.labels().next().is_some_and(|label| label.iter().any(u8::is_ascii_uppercase))
        };
        for owner in std::iter::once(apex).chain(owners().filter(|owner| owner.has_upper_case())) {
            for name in names(owner).filter(capital) {
                labels.entry(name.wire().to_ascii_lowercase()).or_default();
            }
        }
        let mut key = Vec::new();
        for owner in std::iter::once(apex).chain(owners()) {
            for name in names(owner) {
                let Some(label) = name.labels().next() else { break };
                key.clear();
                name.push_canonical(&mut key);
                if let Some(spelled) = labels.get_mut(&key) {
                    spelled.get_or_insert_with(|| label.to_vec());
                }
            }
        }
        Self(labels.into_iter().filter_map(|(name, label)| Some((name, label?))).collect())
    }

    /// The names that are to be spelled otherwise than they are written; their octets go to the arena.
    pub(super) fn spell(&self, nodes: &[Node], runs: &[Run], arena: &mut Arena) -> Option<Spellings> {
        let mut spellings = Spellings::new();
        for (number, node) in nodes.iter().enumerate() {
            let written = arena.name(runs[node.runs as usize].start);
            let spelled = self.spelled(written);
            if spelled != written.wire() {
                spellings.insert(u32::try_from(number).ok()?, arena.push(&spelled)?);
            }
        }
        Some(spellings)
    }

    fn spelled(&self, name: Name<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(name.wire().len());
        for name in std::iter::successors(Some(name), |name| name.parent()) {
            let Some(label) = name.labels().next() else { break };
            let label = self.0.get(&name.wire().to_ascii_lowercase()).map_or(label, Vec::as_slice);
            out.push(label.len().to_le_bytes()[0]);
            out.extend_from_slice(label);
        }
        out.push(0);
        out
    }
}
