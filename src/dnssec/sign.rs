//! The recipe: a zone, keys and a policy → the plan of a signed zone, from which the records of any stretch
//! of it can be made, by any thread, in any order.

use super::nsec3::{self, OptOut, Params};
use super::policy::Validity;
use super::reuse::{Earlier, Reuse};
use super::rrsig::Rrsig;
use super::sheet::Sheet;
use super::verify::{Expected, ExpectedDenial};
use super::{nsec, zonemd};
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::Soa;
use crate::dns::{Name, NameBuf, Record, Rtype};
use crate::error::{Fault, Result};
use crate::keys::KeySet;
use crate::zone::Zone;
use std::ops::Range;

/// How names that do not exist are denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// By NSEC records.
    Nsec,
    /// By NSEC3 records.
    Nsec3(Params, OptOut),
}

/// What signing needs beside the zone.
#[derive(Debug)]
pub struct Signing {
    /// The keys that sign.
    pub keys: KeySet,
    /// When signatures hold.
    pub validity: Validity,
    /// The kind of chain.
    pub denial: Denial,
    /// Which signatures of an earlier version are kept.
    pub reuse: Option<Reuse>,
}

/// The plan of a signed zone. Nothing of it is made before it is asked for.
#[derive(Debug)]
pub struct Signed {
    zone: Zone,
    /// Of a zone that only gets a digest, nothing.
    signing: Option<Signing>,
    /// The chain, if it is one of NSEC3.
    chain: Option<nsec3::Chain>,
    /// The SOA with its new serial: an overlay, as the zone never changes.
    soa: Vec<u8>,
    serial: u32,
    denial_ttl: u32,
    zonemd: Vec<zonemd::Hash>,
}

/// A stretch of the signed zone, in canonical order: names of the zone, and links of the NSEC3 chain whose
/// owners lie among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Names, by number.
    pub names: Range<usize>,
    /// Links.
    pub links: Range<usize>,
}

/// A link of the NSEC3 chain, by number, and the owner of its record.
struct Link<'a> {
    chain: &'a nsec3::Chain,
    number: usize,
    owner: NameBuf,
}

/// What making one name's records needs, used again for the next.
#[derive(Debug, Default)]
pub struct Work {
    sets: Rrsets,
    chain: Rrsets,
    pen: Pen,
}

/// What writing signatures needs.
#[derive(Debug, Default)]
struct Pen {
    rdata: Vec<u8>,
    types: Vec<Rtype>,
    earlier: Earlier,
    kept: usize,
}

impl Work {
    /// The records of the earlier version, for whoever makes a stretch to fill in before.
    pub fn earlier(&mut self) -> &mut Earlier {
        &mut self.pen.earlier
    }

    /// How many signatures were kept since the last call.
    pub fn kept(&mut self) -> usize {
        std::mem::take(&mut self.pen.kept)
    }
}

impl Signed {
    /// The plan for a zone that has all that [`super::apex`] adds, with `serial` as its SOA's. ZONEMDs are
    /// made with `zonemd`, for which it has placeholders.
    ///
    /// # Errors
    /// The zone has no readable SOA, or cannot have the chain.
    pub fn new(
        zone: Zone,
        signing: Option<Signing>,
        serial: u32,
        zonemd: Vec<zonemd::Hash>,
        threads: usize,
    ) -> Result<Self> {
        let (soa_ttl, rdata, soa) = {
            let record = zone.at_apex(Rtype::SOA).next();
            let numbers =
                record.and_then(|record| Some((record.ttl, record.rdata, Soa::from_rdata(record.rdata)?)));
            let (ttl, rdata, soa) = numbers.ok_or_else(|| Fault::error("the zone has no readable SOA"))?;
            (ttl, rdata.to_vec(), soa)
        };
        let chain = match signing.as_ref().map(|signing| &signing.denial) {
            Some(Denial::Nsec3(params, opt_out)) => {
                Some(nsec3::Chain::new(&zone, params.clone(), *opt_out, threads)?)
            }
            _ => None,
        };
        let denial_ttl = nsec::ttl(soa_ttl, &soa);
        Ok(Self { zone, signing, chain, soa: Soa::with_serial(&rdata, serial), serial, denial_ttl, zonemd })
    }

    /// The zone that is signed.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// What it is signed with; `None`: it is not signed, and has no chain.
    #[must_use]
    pub fn signing(&self) -> Option<&Signing> {
        self.signing.as_ref()
    }

    /// The NSEC3 chain, if it has one.
    #[must_use]
    pub fn chain(&self) -> Option<&nsec3::Chain> {
        self.chain.as_ref()
    }

    /// The serial of the signed zone.
    #[must_use]
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// The ZONEMDs it gets.
    #[must_use]
    pub fn zonemd(&self) -> &[zonemd::Hash] {
        &self.zonemd
    }

    /// What a check of the finished zone must find; `None` if it is not signed.
    #[must_use]
    pub fn expected(&self) -> Option<Expected> {
        let signing = self.signing.as_ref()?;
        let ids =
            |rtype| signing.keys.signers(rtype).map(|key| (key.tag(), key.algorithm().number())).collect();
        Some(Expected {
            dnskey_signers: ids(Rtype::DNSKEY),
            cds_signers: ids(Rtype::CDS),
            signers: ids(Rtype::SOA),
            validity: signing.validity,
            reuse: signing.reuse.clone(),
            serial: self.serial,
            denial: match &signing.denial {
                Denial::Nsec => ExpectedDenial::Nsec,
                Denial::Nsec3(params, opt_out) => ExpectedDenial::Nsec3(params.clone(), opt_out.flags()),
            },
        })
    }

    /// Splits the signed zone into stretches of about `size` names, none of which starts below a delegation or
    /// a DNAME. With ZONEMD the first is the apex alone, which has to be made again when all else is known.
    #[must_use]
    pub fn stretches(&self, size: usize) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        let first = usize::from(!self.zonemd.is_empty());
        if first > 0 {
            stretches.push(Stretch { names: 0..first, links: 0..0 });
        }
        let names = self.zone.spans(first, size);
        let Some(chain) = &self.chain else {
            stretches.extend(names.into_iter().map(|names| Stretch { names, links: 0..0 }));
            return stretches;
        };
        let apex = self.zone.apex();
        let mut link = 0;
        for (at, here) in names.iter().enumerate() {
            let next = names.get(at + 1);
            let end = next.map_or(chain.len(), |next| chain.before(self.zone.name(next.start), apex));
            // hashes are spread evenly, names are not: where many hashes fall between few names, these are
            // parted too. A hash is a label right below the apex, so this never parts what a delegation hides
            let mut start = here.start;
            while end - link > size * 2 {
                let owner = nsec3::owner(chain.hash(link + size), apex);
                let names = start..self.zone.first_at_or_after(owner.as_name(), start..here.end);
                start = names.end;
                stretches.push(Stretch { names, links: link..link + size });
                link += size;
            }
            stretches.push(Stretch { names: start..here.end, links: link..end });
            link = end;
        }
        if link < chain.len() {
            // the apex stands alone, and is all there is
            stretches.push(Stretch { names: first..first, links: link..chain.len() });
        }
        stretches
    }

    /// The first owner that a stretch may have: all records of the stretches before have lesser ones.
    #[must_use]
    pub fn first_owner(&self, stretch: &Stretch) -> Option<NameBuf> {
        let name = (!stretch.names.is_empty()).then(|| self.zone.name(stretch.names.start).to_buf());
        let chain = self.chain.as_ref().filter(|_| !stretch.links.is_empty());
        let link = chain.map(|chain| nsec3::owner(chain.hash(stretch.links.start), self.zone.apex()));
        match (name, link) {
            (Some(name), Some(link)) => Some(if link.as_name() < name.as_name() { link } else { name }),
            (name, link) => name.or(link),
        }
    }

    /// Makes all records of a stretch, sheet by sheet, in canonical order of their owners; at each name every
    /// `RRset` by ascending type, the SOA first, with its signatures behind it, the denial record last.
    ///
    /// # Errors
    /// A key cannot sign.
    pub fn stretch(
        &self,
        stretch: &Stretch,
        work: &mut Work,
        emit: &mut dyn FnMut(&Sheet<'_>),
    ) -> Result<()> {
        let mut sheet = Sheet::default();
        let mut links = stretch.links.clone();
        let mut next = self.next_link(&mut links);
        for number in stretch.names.clone() {
            self.zone.approach(number);
            let name = self.zone.name(number);
            while let Some(link) = next.as_ref().filter(|link| link.owner.as_name() < name) {
                self.link(link, work, &mut sheet);
                sheet.take_when_full(emit)?;
                next = self.next_link(&mut links);
            }
            self.name(number, work, &mut sheet);
            sheet.take_when_full(emit)?;
        }
        while let Some(link) = &next {
            self.link(link, work, &mut sheet);
            sheet.take_when_full(emit)?;
            next = self.next_link(&mut links);
        }
        sheet.take(emit)
    }

    /// Takes the first of some links.
    fn next_link(&self, links: &mut Range<usize>) -> Option<Link<'_>> {
        let chain = self.chain.as_ref()?;
        let number = links.next()?;
        Some(Link { chain, number, owner: nsec3::owner(chain.hash(number), self.zone.apex()) })
    }

    /// Makes all records of a name.
    fn name<'a>(&'a self, number: usize, work: &mut Work, sheet: &mut Sheet<'a>) {
        let Work { sets, chain, pen } = work;
        self.load(number, sets);
        pen.earlier.seek(sets.owner());
        let standing = self.zone.standing(number);
        let is_soa = |set: &Rrset<'_>| set.rtype() == Rtype::SOA;
        for set in sets.iter().filter(is_soa).chain(sets.iter().filter(|set| !is_soa(set))) {
            set.records().for_each(|record| sheet.record(record));
            if standing.signs(set.rtype()) {
                self.sign(set, pen, sheet);
            }
        }
        if standing.in_chain() && self.signing.as_ref().is_some_and(|signing| signing.denial == Denial::Nsec)
        {
            let next = self.zone.name_in_chain(self.zone.next_in_chain(number));
            nsec::rdata(next, sets, standing, &mut pen.types, &mut pen.rdata);
            self.denial(Rtype::NSEC, sets.owner(), (chain, pen), sheet);
        }
    }

    /// Makes the NSEC3 of a link.
    fn link<'a>(&'a self, link: &Link<'_>, work: &mut Work, sheet: &mut Sheet<'a>) {
        let Work { chain: sets, pen, .. } = work;
        let owner = link.owner.as_name();
        link.chain.rdata(link.number, &mut pen.rdata);
        pen.earlier.seek(owner);
        self.denial(Rtype::NSEC3, owner, (sets, pen), sheet);
    }

    /// A record of the chain, and its signatures.
    fn denial<'a>(
        &'a self,
        rtype: Rtype,
        owner: Name<'_>,
        (sets, pen): (&mut Rrsets, &mut Pen),
        sheet: &mut Sheet<'a>,
    ) {
        sets.start(owner);
        sets.push(rtype, self.denial_ttl, &pen.rdata);
        sets.sort();
        for set in sets.iter() {
            set.records().for_each(|record| sheet.record(record));
            self.sign(set, pen, sheet);
        }
    }

    /// A name's records as they will be published, but for what signing adds.
    fn load(&self, number: usize, sets: &mut Rrsets) {
        if number > 0 {
            return self.zone.load(number, sets);
        }
        sets.start(self.zone.name(0));
        for record in self.zone.records(0) {
            match record.rtype {
                Rtype::SOA => sets.push(record.rtype, record.ttl, &self.soa),
                // a placeholder: only its serial is known yet
                Rtype::ZONEMD => {
                    let mut rdata = record.rdata.to_vec();
                    rdata[..4].copy_from_slice(&self.serial.to_be_bytes());
                    sets.push(record.rtype, record.ttl, &rdata);
                }
                _ => sets.push(record.rtype, record.ttl, record.rdata),
            }
        }
        sets.sort();
    }

    /// Makes the records of the apex again, as they were but for the ZONEMDs, which get their digests, and
    /// the signatures over those.
    ///
    /// # Errors
    /// A key cannot sign.
    pub fn with_digests(
        &self,
        apex: &[(Rtype, u32, Vec<u8>)],
        digests: &[(zonemd::Hash, Vec<u8>)],
        emit: &mut dyn FnMut(&Sheet<'_>),
    ) -> Result<()> {
        let mut sheet = Sheet::default();
        let owner = self.zone.name(0);
        let mut sets = Rrsets::default();
        sets.start(owner);
        let ttl = apex.iter().find(|(rtype, ..)| *rtype == Rtype::ZONEMD).map_or(0, |&(_, ttl, _)| ttl);
        for (hash, digest) in digests {
            sets.push(Rtype::ZONEMD, ttl, &hash.rdata(self.serial, digest));
        }
        sets.sort();
        let covered = Rtype::ZONEMD.0.to_be_bytes();
        let mut made = false;
        for (rtype, ttl, rdata) in apex {
            let old = *rtype == Rtype::ZONEMD || *rtype == Rtype::RRSIG && rdata.starts_with(&covered);
            if !old {
                sheet.record(Record { owner, rtype: *rtype, ttl: *ttl, rdata });
            } else if !std::mem::replace(&mut made, true) {
                for set in sets.iter() {
                    set.records().for_each(|record| sheet.record(record));
                    self.sign(set, &mut Pen::default(), &mut sheet);
                }
            }
        }
        sheet.take(emit)
    }

    /// Signs an `RRset` with every key that must, or keeps the signature that the key made before.
    fn sign<'a>(&'a self, set: Rrset<'_>, pen: &mut Pen, sheet: &mut Sheet<'a>) {
        let Some(Signing { keys, validity, reuse, .. }) = &self.signing else { return };
        let Pen { earlier, kept, .. } = pen;
        for key in keys.signers(set.rtype()) {
            let good = reuse.as_ref().and_then(|reuse| earlier.signature(set, key, reuse, validity));
            if let Some(rdata) = good {
                sheet.record(Record { owner: set.owner(), rtype: Rtype::RRSIG, ttl: set.ttl(), rdata });
                *kept += 1;
                continue;
            }
            let rrsig = Rrsig {
                type_covered: set.rtype(),
                algorithm: key.algorithm().number(),
                labels: set.owner().rrsig_labels(),
                original_ttl: set.ttl(),
                expiration: validity.expiration(set.owner(), set.rtype()).wire(),
                inception: validity.inception.wire(),
                key_tag: key.tag(),
                signer: self.zone.apex(),
                signature: &[],
            };
            sheet.rrsig(&rrsig, set, self.zone.class(), key);
        }
    }
}
