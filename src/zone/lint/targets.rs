//! Where records point to: name servers, mail servers, services. A target in the zone must be there, and
//! must not be an alias.

use super::lookup::Host;
use super::{Lint, Placed, lookup::Found, rule};
use crate::dns::{Class, Name, Rtype};
use crate::zone::rules::Rule;

/// The rules for one kind of pointer.
struct Pointer {
    alias: Rule,
    address: Rule,
}

impl<'z> Lint<'z> {
    /// The NS records of the zone itself, or of a delegation.
    pub(super) fn name_servers(&mut self, set: &[Placed<'z>]) {
        if set.len() == 1 {
            self.report(const { rule("single-ns") }, &set[0], || {
                format!("{} has one name server", set[0].0.owner)
            });
        }
        for placed in set {
            let Some(target) = target(placed, 0) else { continue };
            let found = self.lookup.find(target);
            if let Found::Here(number) | Found::Delegated(_, Some(number)) = found {
                self.servers.insert(number);
            }
            match self.host_at(found) {
                Host::WithoutGlue(cut) => self.missing_glue(placed, target, cut),
                host => self.pointer(placed, target, host, &NS),
            }
        }
    }

    fn lookup_host(&self, target: Name<'_>) -> Host {
        self.host_at(self.lookup.find(target))
    }

    fn host_at(&self, found: Found) -> Host {
        // addresses of another class are of another kind
        if self.zone.class() == Class::IN { self.lookup.host_at(found) } else { Host::Fine }
    }

    fn missing_glue(&mut self, placed: &Placed<'z>, target: Name<'_>, cut: usize) {
        let owner = placed.0.owner;
        // in-domain: only the delegated servers themselves know the address (RFC 9471, section 2.1)
        if target.is_at_or_below(owner) && owner != self.apex() {
            self.report(const { rule("missing-glue") }, placed, || {
                format!("{owner} is delegated to {target}, which has no address here")
            });
        } else {
            let cut = self.lookup.name(cut);
            self.report(const { rule("missing-sibling-glue") }, placed, || {
                format!(
                    "{owner} is served by {target}, which has no address here, below the delegation {cut}"
                )
            });
        }
    }

    /// A target in the zone's own data.
    fn pointer(&mut self, placed: &Placed<'z>, target: Name<'_>, host: Host, rules: &Pointer) {
        let (owner, rtype) = (placed.0.owner, placed.0.rtype);
        match host {
            Host::Fine | Host::WithoutGlue(_) => {}
            Host::Alias => {
                self.report(rules.alias, placed, || format!("{owner} {rtype}: {target} is a CNAME"));
            }
            Host::Renamed(top) => {
                let top = self.lookup.name(top);
                self.report(rules.alias, placed, || {
                    format!("{owner} {rtype}: {target} is below the DNAME {top}")
                });
            }
            Host::WithoutAddress => self.report(rules.address, placed, || {
                format!("{owner} {rtype}: {target} has no A or AAAA record")
            }),
            Host::Missing => {
                let message = || format!("{owner} {rtype}: {target} is not in the zone");
                self.report(rules.address, placed, message);
            }
        }
    }

    pub(super) fn mx(&mut self, set: &[Placed<'z>]) {
        for placed in set {
            let Some(target) = target(placed, 2) else { continue };
            if target.is_root() {
                if set.len() > 1 {
                    let owner = placed.0.owner;
                    self.report(const { rule("null-mx-not-alone") }, placed, || {
                        format!("{owner} takes no mail, and has {} MX records", set.len())
                    });
                }
                continue;
            }
            let host = self.lookup_host(target);
            self.pointer(placed, target, host, &MX);
        }
    }

    pub(super) fn srv(&mut self, number: usize, set: &[Placed<'z>]) {
        self.service_owner(number, &set[0]);
        for placed in set {
            // the root says that the service is not offered (RFC 2782)
            let Some(target) = target(placed, 6).filter(|target| !target.is_root()) else { continue };
            let host = self.lookup_host(target);
            self.pointer(placed, target, host, &SRV);
        }
    }

    pub(super) fn rp(&mut self, set: &[Placed<'z>]) {
        for placed in set {
            let Some((mailbox, length)) = Name::prefix_of(placed.0.rdata) else { continue };
            self.mailbox(placed, mailbox);
            let Some(text) = target(placed, length).filter(|text| !text.is_root()) else { continue };
            let there = match self.lookup.find(text) {
                // an alias may lead to the text
                Found::Here(number) => {
                    self.lookup.has(number, Rtype::TXT) || self.lookup.has(number, Rtype::CNAME)
                }
                Found::Empty | Found::Missing => false,
                Found::Outside | Found::Delegated(..) | Found::Renamed(_) => true,
            };
            if !there {
                let owner = placed.0.owner;
                self.report(const { rule("rp-without-text") }, placed, || {
                    format!("{owner} RP: {text} has no TXT record")
                });
            }
        }
    }
}

const NS: Pointer = Pointer { alias: rule("ns-is-alias"), address: rule("ns-without-address") };
const MX: Pointer = Pointer { alias: rule("mx-is-alias"), address: rule("mx-without-address") };
const SRV: Pointer = Pointer { alias: rule("srv-is-alias"), address: rule("srv-without-address") };

/// The name that stands at an offset of the RDATA.
pub(super) fn target<'z>(placed: &Placed<'z>, offset: usize) -> Option<Name<'z>> {
    Name::prefix_of(placed.0.rdata.get(offset..)?).map(|(name, _)| name)
}
