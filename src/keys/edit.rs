//! Changing the times in a key file, and nothing else in it.
//!
//! In: a PEM file with one key, and times to set or remove. Out: the file, put in place whole or not at all;
//! every other octet of it is as it was.

use super::bind::Pair;
use super::generate::flush_folder;
use super::metadata::{Metadata, TIMES};
use super::pem;
use super::role::Role;
use super::secret::{io_cause, read_open};
use crate::dns::time::Time;
use crate::error::{Fault, Result};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use zeroize::Zeroizing;

/// A time by its metadata name, and what it becomes; `None` removes it.
pub type Change = (&'static str, Option<Time>);

/// Changes times in a key file and returns what its metadata say then. The new file has the mode and the owner
/// of the old one; until it is complete it is readable by this user alone. A symbolic link is followed.
///
/// # Errors
/// A file with more or fewer than one key; times in an impossible order; a file that cannot be written, or
/// that another process is changing. The old file is then as it was.
pub fn set_times(path: &Path, changes: &[Change]) -> Result<Metadata> {
    let name = path.display().to_string();
    let failed = |what: &str, error: &std::io::Error| {
        Fault::error(format!("{what}: {}", io_cause(error))).in_file(&name)
    };
    if Pair::named(path).is_some() {
        let fault =
            Fault::error("this is a key pair of BIND or ldns: its times are not set here").in_file(&name);
        return Err(
            fault.hint("`dnssec-settime` sets them, or `zoneseal key import` first makes a PEM file of it")
        );
    }
    let (handle, text) = read_open(path)?;
    // two who change one file would each undo what the other did
    handle.try_lock().map_err(|_| {
        Fault::error("another process is changing the key file").in_file(&name).hint("wait for it to end")
    })?;
    let path = fs::canonicalize(path).map_err(|error| failed("cannot find the key file", &error))?;
    let found = fs::metadata(&path).map_err(|error| failed("cannot find the key file", &error))?;
    let old = handle.metadata().map_err(|error| failed("cannot read the key file", &error))?;
    if (found.dev(), found.ino()) != (old.dev(), old.ino()) {
        let fault = Fault::error("another process has just changed the key file").in_file(&name);
        return Err(fault.hint("look at it, and try again"));
    }
    let (new, metadata) = edited(&text, changes, &name)?;
    if *new != *text {
        replace(&path, &new, &old).map_err(|error| failed("cannot change the key file", &error))?;
    }
    Ok(metadata)
}

/// Puts the text in place of the file, which `old` is about.
fn replace(path: &Path, text: &[u8], old: &fs::Metadata) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    // mode 0600 from its first moment; removed on every way out but the last
    let mut temp = tempfile::Builder::new().prefix(".zoneseal-key-").tempfile_in(folder)?;
    temp.write_all(text)?;
    let file: &File = temp.as_file();
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(old.permissions())?;
    file.sync_all()?;
    temp.persist(path).map_err(|error| error.error)?;
    flush_folder(path);
    Ok(())
}

/// The text with the changes, and its metadata.
fn edited(text: &[u8], changes: &[Change], name: &str) -> Result<(Zeroizing<Vec<u8>>, Metadata)> {
    let line = match &pem::parse(text, name)?[..] {
        [key] => key.line,
        keys => {
            let fault =
                Fault::error(format!("the file holds {} keys, and times are those of one", keys.len()));
            return Err(fault.in_file(name).hint("put each key into a file of its own"));
        }
    };
    let mut lines: Vec<&[u8]> = text.split_inclusive(|&octet| octet == b'\n').collect();
    let begin = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1).min(lines.len());
    let end: &str = if lines.first().is_some_and(|line| line.ends_with(b"\r\n")) { "\r\n" } else { "\n" };
    let key = lines.split_off(begin);
    let written: Vec<(&str, String)> = changes
        .iter()
        .filter_map(|&(field, time)| Some((field, format!("{field}: {}{end}", time?))))
        .collect();
    for &(field, _) in changes {
        let at = lines.iter().position(|line| name_of(line).is_some_and(|n| n.eq_ignore_ascii_case(field)));
        let line = written.iter().find(|(known, _)| *known == field).map(|(_, line)| line.as_bytes());
        match (at, line) {
            (Some(at), Some(line)) => lines[at] = line,
            (Some(at), None) => drop(lines.remove(at)),
            (None, Some(line)) => lines.insert(place(&lines, field), line),
            (None, None) => {}
        }
    }
    lines.extend(key);
    // all the room at once: growing would leave copies of the key behind in freed memory
    let mut new = Zeroizing::new(Vec::with_capacity(lines.iter().map(|line| line.len()).sum()));
    for line in lines {
        new.extend_from_slice(line);
    }
    let metadata = pem::parse(&new, name)?.remove(0).metadata;
    check(&metadata).map_err(|fault| fault.in_file(name))?;
    Ok((new, metadata))
}

/// The name of a `Name: value` line.
fn name_of(line: &[u8]) -> Option<&str> {
    std::str::from_utf8(line).ok()?.split_once(':').map(|(name, _)| name.trim())
}

/// Where a new line goes: behind the last one that comes before it in the order of [`TIMES`] or names the key,
/// else to the end, before the key.
fn place(lines: &[&[u8]], field: &str) -> usize {
    let before = TIMES.iter().take_while(|known| **known != field);
    let before: Vec<&str> = ["Zone", "Role", "Algorithm", "Key-Tag"].iter().chain(before).copied().collect();
    let earlier = |line: &&[u8]| {
        name_of(line).is_some_and(|name| before.iter().any(|known| known.eq_ignore_ascii_case(name)))
    };
    lines.iter().rposition(earlier).map_or(lines.len(), |at| at + 1)
}

/// Whether a life with these times is possible: nothing ends before it begins.
///
/// # Errors
/// Two times in the wrong order; a ZSK with a Revoke time.
pub fn check(metadata: &Metadata) -> Result<()> {
    if let (Some(Role::Zsk), Some(_)) = (metadata.role, metadata.revoke) {
        return Err(Fault::error("a zsk cannot be revoked: nobody's trust rests on it")
            .hint("give it a Retire and a Remove time in place of Revoke"));
    }
    let (publish, remove) = (("Publish", metadata.publish), ("Remove", metadata.remove));
    let life = [publish, ("Activate", metadata.activate), ("Retire", metadata.retire), remove];
    let revoked = [publish, ("Revoke", metadata.revoke), remove];
    let parent = [("DS-Published", metadata.ds_published), ("DS-Withdrawn", metadata.ds_withdrawn)];
    for order in [&life[..], &revoked, &parent] {
        let given: Vec<(&str, Time)> =
            order.iter().filter_map(|&(name, time)| time.map(|time| (name, time))).collect();
        if let Some(pair) = given.windows(2).find(|pair| pair[0].1 > pair[1].1) {
            let ((first, one), (second, other)) = (pair[0], pair[1]);
            return Err(Fault::error(format!(
                "the {second} time {other} would be before the {first} time {one}"
            ))
            .hint("a key is published, then active, then retired, then removed"));
        }
    }
    Ok(())
}
