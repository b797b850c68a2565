//! Where a zone's CDS and CDNSKEY records are repeated for a parent that does not trust the zone yet (RFC 9615):
//! below the names of its name servers, in zones that are secure already.

use super::Found;
use crate::cli::{Failure, usage, zone_name};
use crate::dns::name::MAX_NAME;
use crate::dns::{Name, NameBuf};
use crate::error::Fault;

/// The name servers below which the records stand: those named, or those of the zone.
pub(super) fn servers(named: &[String], found: &Found) -> Result<Vec<NameBuf>, Failure> {
    let mut servers = named.iter().map(|name| zone_name(name)).collect::<Result<Vec<_>, _>>()?;
    let owner = found.owner.as_name();
    if let Some(inside) = servers.iter().find(|server| server.as_name().is_at_or_below(owner)) {
        return Err(usage(format!(
            "--ns {inside}: this name lies in the zone {owner} itself, which cannot vouch for itself (RFC 9615, section 4.1)"
        )));
    }
    if servers.is_empty() {
        let outside = found.servers.iter().filter(|server| !server.as_name().is_at_or_below(owner));
        servers.extend(outside.cloned());
    }
    if servers.is_empty() {
        let fault = Fault::error(format!("no name server of {owner} outside the zone is known"));
        return Err(Failure::Usage(
            fault.hint("name them: --ns NAME; those inside the zone cannot vouch for it (RFC 9615)"),
        ));
    }
    Ok(servers)
}

/// `_dsboot.ZONE._signal.SERVER` (RFC 9615, section 4.1).
pub(super) fn signaling_name(zone: Name<'_>, server: Name<'_>) -> Result<NameBuf, Fault> {
    let mut wire = b"\x07_dsboot".to_vec();
    wire.extend_from_slice(&zone.wire()[..zone.wire().len() - 1]);
    wire.extend_from_slice(b"\x07_signal");
    wire.extend_from_slice(server.wire());
    match Name::from_wire(&wire) {
        Some(name) => Ok(name.to_buf()),
        None => Err(Fault::error(format!(
            "_dsboot.{zone}_signal.{server} has more than {MAX_NAME} octets: this name server cannot vouch for the zone"
        ))
        .hint("use a name server with a shorter name (RFC 9615, section 4.4)")),
    }
}
