//! CDS and CDNSKEY: what a zone wants its parent to publish (RFC 7344; RFC 8078).

use super::ds::{self, Digest};
use crate::dns::{Name, Rtype};
use crate::error::{Fault, Result};
use crate::keys::KeySet;

/// What is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publish {
    /// A CDS with this digest for each KSK and CSK.
    Cds(Digest),
    /// A CDNSKEY for each KSK and CSK.
    Cdnskey,
    /// The wish that the parent delete the zone's DS records (RFC 8078, section 4).
    Delete,
}

/// The RDATA of a CDS that asks for deletion (RFC 8078, section 4).
pub const DELETE_CDS: &[u8] = &[0, 0, 0, 0, 0];
/// The same for CDNSKEY.
pub const DELETE_CDNSKEY: &[u8] = &[0, 0, 3, 0, 0];

/// Whether a CDS or CDNSKEY asks the parent to delete the DS (RFC 8078, section 4).
#[must_use]
pub fn asks_for_deletion(rtype: Rtype, rdata: &[u8]) -> bool {
    match rtype {
        Rtype::CDS => rdata == DELETE_CDS,
        Rtype::CDNSKEY => rdata == DELETE_CDNSKEY,
        _ => false,
    }
}

/// The records to publish: type and RDATA.
///
/// # Errors
/// No DS can be made for a key.
pub fn records(owner: Name<'_>, keys: &KeySet, publish: &[Publish]) -> Result<Vec<(Rtype, Vec<u8>)>> {
    let mut out = Vec::new();
    for key in keys.keys().iter().filter(|key| key.is_for_parent()) {
        for publish in publish {
            match publish {
                Publish::Cds(digest) => out.push((Rtype::CDS, ds::rdata(owner, key.rdata(), *digest)?)),
                Publish::Cdnskey => out.push((Rtype::CDNSKEY, key.rdata().to_vec())),
                Publish::Delete => {}
            }
        }
    }
    if publish.contains(&Publish::Delete) {
        out.push((Rtype::CDS, DELETE_CDS.to_vec()));
        out.push((Rtype::CDNSKEY, DELETE_CDNSKEY.to_vec()));
    }
    Ok(out)
}

/// Refuses CDS and CDNSKEY records that contradict each other, whoever put them into the zone: "If both are
/// published, they MUST match in content" (RFC 7344, section 4); a wish to delete stands alone (RFC 8078,
/// section 4).
///
/// # Errors
/// They do.
pub fn check(owner: Name<'_>, cds: &[Vec<u8>], cdnskey: &[Vec<u8>]) -> Result<()> {
    let deletes = |set: &[Vec<u8>], delete: &[u8]| set.iter().any(|rdata| rdata == delete);
    let (by_cds, by_cdnskey) = (deletes(cds, DELETE_CDS), deletes(cdnskey, DELETE_CDNSKEY));
    let others =
        |set: &[Vec<u8>]| set.iter().any(|rdata| ![DELETE_CDS, DELETE_CDNSKEY].contains(&rdata.as_slice()));
    if (by_cds || by_cdnskey) && (others(cds) || others(cdnskey)) {
        return Err(Fault::error(format!("{owner} asks its parent to delete the DS, and to publish others"))
            .hint("a CDS or CDNSKEY that asks for deletion stands alone (RFC 8078, section 4)"));
    }
    if by_cds || by_cdnskey || cds.is_empty() || cdnskey.is_empty() {
        return Ok(());
    }
    let points_to = |cds: &[u8], key: &[u8]| {
        let digest = match cds.get(3) {
            Some(2) => Digest::Sha256,
            Some(4) => Digest::Sha384,
            // digests that are not made here are not recomputed: tag and algorithm must do
            _ => {
                return cds.get(..2) == Some(&crate::keys::key_tag(key).to_be_bytes())
                    && cds.get(2) == key.get(3);
            }
        };
        ds::rdata(owner, key, digest).is_ok_and(|made| made == cds)
    };
    let contradiction = |message: String| {
        Fault::error(message).hint(
            "where both are published they must say the same (RFC 7344, section 4): --cds names what to add",
        )
    };
    if let Some(alone) = cds.iter().find(|cds| !cdnskey.iter().any(|key| points_to(cds, key))) {
        let tag = u16::from_be_bytes([alone[0], alone[1]]);
        return Err(contradiction(format!("{owner} has a CDS for key {tag}, and no such CDNSKEY")));
    }
    if let Some(alone) = cdnskey.iter().find(|key| !cds.iter().any(|cds| points_to(cds, key))) {
        let tag = crate::keys::key_tag(alone);
        return Err(contradiction(format!("{owner} has a CDNSKEY with key tag {tag}, and no CDS for it")));
    }
    Ok(())
}
