//! The one walk over a zone's names, in canonical order, that tells what each is: authoritative, a
//! delegation, or hidden by one. Signer and verifier, NSEC and NSEC3 all ask it.

use crate::dns::{Name, NameBuf, Rtype};

/// What a name is to the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The zone's own data: signed, and in the chain.
    Authoritative,
    /// A delegation point: in the chain; only DS and the chain's record are signed (RFC 4035, section 2.2).
    Cut,
    /// Below a delegation: glue addresses, or occluded data. Neither signed nor in the chain.
    BelowCut,
    /// Below a DNAME: occluded (RFC 6672, section 2.4). Neither signed nor in the chain.
    BelowDname,
}

impl Standing {
    /// Whether the name has a place in the chain (RFC 4035, section 2.3).
    #[must_use]
    pub fn in_chain(self) -> bool {
        matches!(self, Self::Authoritative | Self::Cut)
    }

    /// Whether an `RRset` of this type at a name of this standing gets an RRSIG (RFC 4035, section 2.2).
    #[must_use]
    pub fn signs(self, rtype: Rtype) -> bool {
        match self {
            Self::Authoritative => rtype != Rtype::RRSIG,
            Self::Cut => matches!(rtype, Rtype::DS | Rtype::NSEC),
            Self::BelowCut | Self::BelowDname => false,
        }
    }

    /// Whether the type belongs into the bitmap of the name's NSEC: at a delegation point only what the
    /// parent is authoritative for, and the NS `RRset` itself (RFC 4035, section 2.3).
    #[must_use]
    pub fn lists(self, rtype: Rtype) -> bool {
        match self {
            Self::Authoritative => true,
            Self::Cut => matches!(rtype, Rtype::NS | Rtype::DS | Rtype::RRSIG | Rtype::NSEC),
            Self::BelowCut | Self::BelowDname => false,
        }
    }
}

/// A name's standing, and what lies between it and the chain's name before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the name is.
    pub standing: Standing,
    /// How many empty non-terminals lie directly above it that no earlier name had (RFC 4592, section
    /// 2.2.2). Of a name of `n` labels they are the ancestors with `n - 1`, `n - 2`, … labels.
    pub empty_above: usize,
}

/// The state of a walk. Names must come in canonical order, beginning with the apex.
#[derive(Clone, Debug)]
pub struct Walk {
    apex: NameBuf,
    /// The delegation or DNAME that hides the names below it.
    hiding: Option<(NameBuf, Standing)>,
    /// The chain's last name.
    last: NameBuf,
}

impl Walk {
    /// A walk over the zone with this apex.
    #[must_use]
    pub fn new(apex: Name<'_>) -> Self {
        Self { apex: apex.to_buf(), hiding: None, last: apex.to_buf() }
    }

    /// A walk that goes on behind a name in the middle of the zone that hides nothing, or with what
    /// [`Walk::hiding`] said there.
    #[must_use]
    pub fn resume(apex: Name<'_>, hiding: Option<(NameBuf, Standing)>) -> Self {
        Self { hiding, ..Self::new(apex) }
    }

    /// The name that hides the names below it at this point of the walk, and the standing of those.
    #[must_use]
    pub fn hiding(&self) -> Option<&(NameBuf, Standing)> {
        self.hiding.as_ref()
    }

    /// Whether `name` lies below what hides names at this point.
    #[must_use]
    pub fn hides(&self, name: Name<'_>) -> bool {
        self.hiding.as_ref().is_some_and(|(top, _)| name.is_below(top.as_name()))
    }

    /// The next name, which has records of `types` (of which only NS and DNAME matter).
    pub fn step(&mut self, name: Name<'_>, types: impl IntoIterator<Item = Rtype>) -> Step {
        if let Some((top, standing)) = &self.hiding {
            if name.is_below(top.as_name()) {
                return Step { standing: *standing, empty_above: 0 };
            }
            self.hiding = None;
        }
        let apex = self.apex.as_name();
        let mut standing = Standing::Authoritative;
        for rtype in types {
            match rtype {
                Rtype::NS if name != apex => {
                    standing = Standing::Cut;
                    self.hiding = Some((name.to_buf(), Standing::BelowCut));
                }
                Rtype::DNAME if standing != Standing::Cut => {
                    self.hiding = Some((name.to_buf(), Standing::BelowDname));
                }
                _ => {}
            }
        }
        let labels = name.label_count();
        let empty_above = match labels - apex.label_count() {
            0 | 1 => 0,
            _ => labels - 1 - name.common_labels(self.last.as_name()).min(labels - 1),
        };
        self.last.set(name);
        Step { standing, empty_above }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_glue_occluded_names_and_empty_non_terminals() {
        use Standing::{Authoritative, BelowCut, BelowDname, Cut};
        let zone: [(&str, &[Rtype], Standing, usize); 11] = [
            ("example.", &[Rtype::SOA, Rtype::NS], Authoritative, 0),
            ("a.example.", &[Rtype::A, Rtype::NS, Rtype::DS], Cut, 0),
            ("ns.A.example.", &[Rtype::A], BelowCut, 0),
            ("x.y.a.example.", &[Rtype::NS], BelowCut, 0),
            ("aa.example.", &[Rtype::A], Authoritative, 0),
            ("p.q.r.example.", &[Rtype::A], Authoritative, 2),
            ("s.q.r.example.", &[Rtype::A], Authoritative, 0),
            ("d.t.example.", &[Rtype::DNAME], Authoritative, 1),
            ("u.d.t.example.", &[Rtype::NS], BelowDname, 0),
            ("*.w.example.", &[Rtype::NS, Rtype::DNAME], Cut, 1),
            ("v.*.w.example.", &[Rtype::A], BelowCut, 0),
        ];
        let mut walk = Walk::new(NameBuf::from_text("EXAMPLE.").unwrap().as_name());
        for (name, types, standing, empty_above) in zone {
            let owner = NameBuf::from_text(name).unwrap();
            let step = walk.step(owner.as_name(), types.iter().copied());
            assert_eq!(step, Step { standing, empty_above }, "{name}");
        }
    }
}
