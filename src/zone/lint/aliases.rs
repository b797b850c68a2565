//! CNAME, and SVCB and HTTPS with priority 0: targets that are not there, and loops.

use super::lookup::Found;
use super::targets::target;
use super::{Lint, Placed, rule};
use crate::dns::{Name, Record, Rtype};
use std::collections::HashMap;

impl<'z> Lint<'z> {
    /// An alias whose target stands at an offset of its RDATA.
    pub(super) fn alias(&mut self, number: usize, placed: &Placed<'z>, offset: usize) {
        let Some(to) = target(placed, offset) else { return };
        self.aliases.push((number, placed.0.rtype));
        match self.lookup.find(to) {
            Found::Here(there) => {
                self.alias_targets.insert(there);
            }
            Found::Empty | Found::Missing => self.dangling(placed, to),
            Found::Outside | Found::Delegated(..) | Found::Renamed(_) => {}
        }
    }

    fn dangling(&mut self, placed: &Placed<'z>, to: Name<'_>) {
        let Record { owner, rtype, .. } = placed.0;
        self.report(const { rule("dangling-alias") }, placed, || {
            format!("{owner} {rtype}: {to} is not in the zone")
        });
    }

    pub(super) fn svcb(&mut self, number: usize, set: &[Placed<'z>]) {
        let is_alias = |placed: &Placed<'_>| placed.0.rdata.starts_with(&[0, 0]);
        let aliases = set.iter().filter(|placed| is_alias(placed)).count();
        for placed in set {
            let Some(to) = target(placed, 2) else { continue };
            let (owner, rtype) = (placed.0.owner, placed.0.rtype);
            if !is_alias(placed) {
                // the root stands for the owner itself (RFC 9460, section 2.5.2)
                if !to.is_root() && matches!(self.lookup.find(to), Found::Empty | Found::Missing) {
                    self.dangling(placed, to);
                }
                continue;
            }
            if aliases < set.len() {
                self.report(const { rule("svcb-mixed-modes") }, placed, || {
                    format!("{owner} {rtype} has priority 0 here and others beside it")
                });
            }
            if placed.0.rdata.len() > 2 + to.wire().len() {
                self.report(const { rule("svcb-alias-parameters") }, placed, || {
                    format!("{owner} {rtype} has priority 0 and parameters")
                });
            }
            // the root says that the service is not there (RFC 9460, section 2.5.1)
            if !to.is_root() {
                self.alias(number, placed, 2);
            }
        }
    }

    /// Follows all aliases. Each has one target, so every name is passed once.
    pub(super) fn settle_aliases(&mut self) {
        let aliases = std::mem::take(&mut self.aliases);
        let mut passed: HashMap<(usize, Rtype), usize> = HashMap::new();
        for (start, &(number, rtype)) in aliases.iter().enumerate() {
            let mut at = number;
            loop {
                match passed.insert((at, rtype), start) {
                    None => {}
                    Some(earlier) => {
                        // what an earlier start passed is settled, and stays its own
                        passed.insert((at, rtype), earlier);
                        if earlier == start {
                            self.looped(at, rtype);
                        }
                        break;
                    }
                }
                let Some(next) = self.follow(at, rtype) else { break };
                at = next;
            }
        }
    }

    /// The name in the zone that the alias at a name leads to, for a question of this type.
    fn follow(&self, number: usize, rtype: Rtype) -> Option<usize> {
        let to = if let Some(cname) = self.lookup.record(number, Rtype::CNAME) {
            Name::from_wire(cname.rdata)
        } else {
            let alias = self.lookup.record(number, rtype).filter(|record| record.rdata.starts_with(&[0, 0]));
            alias.and_then(|record| Name::prefix_of(&record.rdata[2..])).map(|(name, _)| name)
        };
        match self.lookup.find(to.filter(|to| !to.is_root())?) {
            Found::Here(next) => Some(next),
            _ => None,
        }
    }

    fn looped(&mut self, number: usize, rtype: Rtype) {
        let mut members = vec![number];
        while let Some(next) = self.follow(members[members.len() - 1], rtype).filter(|&next| next != number) {
            members.push(next);
        }
        let rule = match rtype {
            Rtype::CNAME => const { rule("cname-loop") },
            // a loop of CNAMEs alone is found from there
            _ if members.iter().all(|&member| self.lookup.has(member, Rtype::CNAME)) => return,
            _ => const { rule("svcb-loop") },
        };
        // a long loop need not be shown in full
        let shown = members.iter().take(8).chain([&number]);
        let trail: Vec<String> = shown.map(|&member| self.zone.name(member).to_string()).collect();
        let alias = |(record, _): &Placed<'_>| record.rtype == Rtype::CNAME || record.rtype == rtype;
        let placed = self.zone.placed_records(number).find(alias);
        if let Some(placed) = placed {
            self.report(rule, &placed, || format!("the alias leads back to itself: {}", trail.join(" → ")));
        }
    }
}
