//! What a signer meant to do: facts that a zone alone does not tell.

use super::Span;
use super::rules::NOT_MEANT;
use crate::dns::Rtype;
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::Soa;
use crate::dnssec::nsec3::Params;
use crate::dnssec::policy::Validity;
use crate::dnssec::reuse::Reuse;
use crate::dnssec::rrsig::Rrsig;

/// A key, as RRSIGs name it: its tag and its algorithm.
pub type KeyId = (u16, u8);

/// What a signer meant to do: facts that a zone alone does not tell.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The keys that sign the DNSKEYs.
    pub dnskey_signers: Vec<KeyId>,
    /// The keys that sign CDS and CDNSKEY.
    pub cds_signers: Vec<KeyId>,
    /// The keys that sign all else.
    pub signers: Vec<KeyId>,
    /// Start and end of validity of new signatures.
    pub validity: Validity,
    /// Which signatures of an earlier version are kept, whose times are others.
    pub reuse: Option<Reuse>,
    /// The serial.
    pub serial: u32,
    /// The kind of chain.
    pub denial: ExpectedDenial,
}

/// The chain that a signer meant to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedDenial {
    /// NSEC.
    Nsec,
    /// NSEC3 with these parameters and flags.
    Nsec3(Params, u8),
}

impl Expected {
    pub(super) fn signers(&self, rtype: Rtype) -> &[KeyId] {
        match rtype {
            Rtype::DNSKEY => &self.dnskey_signers,
            Rtype::CDS | Rtype::CDNSKEY => &self.cds_signers,
            _ => &self.signers,
        }
    }
}

impl Span<'_> {
    /// Whether the signer meant to make this signature, and with these times.
    pub(super) fn meant(&mut self, set: Rrset<'_>, rrsig: &Rrsig<'_>) {
        let Some(expected) = &self.rules.expected else { return };
        let about = || format!("the RRSIG of {} {} by key {}", set.owner(), set.rtype(), rrsig.key_tag);
        if !expected.signers(set.rtype()).contains(&(rrsig.key_tag, rrsig.algorithm)) {
            self.found_rrsig(&NOT_MEANT, set.rtype(), format!("{}: this key is not to sign it", about()));
        }
        let validity = expected.validity;
        let end = validity.expiration(set.owner(), set.rtype()).wire();
        let new = (rrsig.inception, rrsig.expiration) == (validity.inception.wire(), end);
        let kept = |reuse: &Reuse| reuse.holds(rrsig, validity.latest(set.rtype()));
        if !new && !expected.reuse.as_ref().is_some_and(kept) {
            let message = format!("{} has other times than it was to have", about());
            self.found_rrsig(&NOT_MEANT, set.rtype(), message);
        }
    }

    /// Whether serial and chain are what the signer meant.
    pub(super) fn apex_as_meant(&mut self, sets: &Rrsets) {
        let Some(expected) = &self.rules.expected else { return };
        let apex = sets.owner();
        let soa =
            sets.find(Rtype::SOA).and_then(|set| set.records().find_map(|soa| Soa::from_rdata(soa.rdata)));
        if let Some(soa) = soa
            && soa.serial != expected.serial
        {
            let message =
                format!("the serial of {apex} is {}, and was to be {}", soa.serial, expected.serial);
            self.found(&NOT_MEANT, Some(Rtype::SOA), message);
        }
        let params = sets.find(Rtype::NSEC3PARAM).into_iter().flat_map(Rrset::records);
        let params: Vec<_> = params.filter_map(|record| Params::parse(record.rdata)).collect();
        let meant = match &expected.denial {
            ExpectedDenial::Nsec => params.is_empty() && sets.find(Rtype::NSEC).is_some(),
            ExpectedDenial::Nsec3(meant, _) => {
                matches!(&params[..], [(params, 0, [])] if params == meant)
            }
        };
        if !meant {
            self.found(&NOT_MEANT, None, format!("{apex} was to have another kind of chain"));
        }
    }
}
