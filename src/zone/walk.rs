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
            Self::Cut => matches!(rtype, Rtype::DS | Rtype::NSEC | Rtype::NSEC3),
            // below a DNAME at the apex, as everything else is
            Self::BelowDname => rtype == Rtype::NSEC3,
            Self::BelowCut => false,
        }
    }

    /// Whether the type belongs into the bitmap of the name's NSEC or NSEC3: at a delegation point only what
    /// the parent is authoritative for, and the NS `RRset` itself (RFC 4035, section 2.3); never NSEC3, whose
    /// owner is another name (RFC 5155, section 7.1).
    #[must_use]
    pub fn lists(self, rtype: Rtype) -> bool {
        match self {
            Self::Authoritative => rtype != Rtype::NSEC3,
            Self::Cut => matches!(rtype, Rtype::NS | Rtype::DS | Rtype::RRSIG | Rtype::NSEC),
            Self::BelowCut | Self::BelowDname => false,
        }
    }
}

/// The state of a walk. Names must come in canonical order, beginning with the apex.
#[derive(Clone, Debug)]
pub struct Walk {
    apex: NameBuf,
    /// The last delegation or DNAME, and the standing of names below it.
    top: (NameBuf, Standing),
    /// Whether the names at this point may lie below it.
    hides: bool,
}

impl Walk {
    /// A walk over the zone with this apex.
    #[must_use]
    pub fn new(apex: Name<'_>) -> Self {
        Self::resume(apex, None)
    }

    /// A walk that goes on behind a name in the middle of the zone that hides nothing, or with what
    /// [`Walk::hiding`] said there.
    #[must_use]
    pub fn resume(apex: Name<'_>, hiding: Option<(NameBuf, Standing)>) -> Self {
        let hides = hiding.is_some();
        let top = hiding.unwrap_or((NameBuf::root(), Standing::Authoritative));
        Self { apex: apex.to_buf(), top, hides }
    }

    /// The name that hides the names below it at this point of the walk, and the standing of those.
    #[must_use]
    pub fn hiding(&self) -> Option<&(NameBuf, Standing)> {
        self.hides.then_some(&self.top)
    }

    /// The standing of a name that lies below what hides names at this point; `None`: it does not.
    #[must_use]
    pub fn hiding_of(&self, name: Name<'_>) -> Option<Standing> {
        self.hiding().filter(|(top, _)| name.is_below(top.as_name())).map(|&(_, standing)| standing)
    }

    /// The next name, which has records of `types` (of which only NS and DNAME matter).
    pub fn step(&mut self, name: Name<'_>, types: impl IntoIterator<Item = Rtype>) -> Standing {
        if let Some(standing) = self.hiding_of(name) {
            return standing;
        }
        let mut standing = Standing::Authoritative;
        let mut hides = None;
        for rtype in types {
            match rtype {
                Rtype::NS if name != self.apex.as_name() => {
                    standing = Standing::Cut;
                    hides = Some(Standing::BelowCut);
                }
                Rtype::DNAME if standing != Standing::Cut => hides = Some(Standing::BelowDname),
                _ => {}
            }
        }
        self.hides = hides.is_some();
        if let Some(below) = hides {
            self.top.0.set(name);
            self.top.1 = below;
        }
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_glue_and_occluded_names() {
        use Standing::{Authoritative, BelowCut, BelowDname, Cut};
        let zone: [(&str, &[Rtype], Standing); 11] = [
            ("example.", &[Rtype::SOA, Rtype::NS], Authoritative),
            ("a.example.", &[Rtype::A, Rtype::NS, Rtype::DS], Cut),
            ("ns.A.example.", &[Rtype::A], BelowCut),
            ("x.y.a.example.", &[Rtype::NS], BelowCut),
            ("aa.example.", &[Rtype::A], Authoritative),
            ("p.q.r.example.", &[Rtype::A], Authoritative),
            ("s.q.r.example.", &[Rtype::A], Authoritative),
            ("d.t.example.", &[Rtype::DNAME], Authoritative),
            ("u.d.t.example.", &[Rtype::NS], BelowDname),
            ("*.w.example.", &[Rtype::NS, Rtype::DNAME], Cut),
            ("v.*.w.example.", &[Rtype::A], BelowCut),
        ];
        let mut walk = Walk::new(NameBuf::from_text("EXAMPLE.").unwrap().as_name());
        for (name, types, standing) in zone {
            let owner = NameBuf::from_text(name).unwrap();
            assert_eq!(walk.step(owner.as_name(), types.iter().copied()), standing, "{name}");
        }
    }
}
