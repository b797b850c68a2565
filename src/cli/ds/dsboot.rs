//! The name servers below which a zone's CDS and CDNSKEY records are repeated for a parent that does not trust the
//! zone yet (RFC 9615).

use super::source::Found;
use crate::cli::{Failure, usage, zone_name};
use crate::dns::NameBuf;
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
