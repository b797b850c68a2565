//! The names of zone files.

use crate::dns::NameBuf;
use std::path::Path;

/// The zone that a file is named for: `NAME.zone`, `NAME.db`, `db.NAME` or `NAME`.
pub(super) fn name_of_file(path: &Path) -> Option<NameBuf> {
    let name = path.file_name()?.to_str().filter(|name| *name != "-")?;
    let name = name.strip_suffix(".signed").unwrap_or(name);
    let name = name.strip_suffix(".zone").or_else(|| name.strip_suffix(".db")).unwrap_or(name);
    let name = name.strip_prefix("db.").unwrap_or(name);
    NameBuf::from_text(if name == "@" { "." } else { name }).ok()
}
