//! A lock on a file that stays: the kernel frees it when its holder ends, however it ends.

use super::{cannot, write_over};
use crate::error::{Fault, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    /// Closing it frees the lock.
    _file: File,
}

impl Lock {
    /// Takes the lock; `holder` is what others are told of us. The file's content is for that message alone.
    ///
    /// # Errors
    /// Another process holds it; the file cannot be made; its file system has no locks.
    pub fn take(path: &Path, holder: &str) -> Result<Self> {
        let name = path.display().to_string();
        let failed = |error: &io::Error| cannot("write", error).in_file(&name);
        let mut file = open_own(path, &name)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // what cannot be read need not be shown
                let _ = Read::by_ref(&mut file).take(200).read_to_string(&mut text);
                let who = text.trim();
                let who = if who.is_empty() { "another process" } else { who };
                return Err(Fault::error(format!("{who} holds the lock"))
                    .in_file(&name)
                    .hint("it is freed when that process ends; try again then"));
            }
            Err(TryLockError::Error(error)) => {
                return Err(Fault::error(format!("the file cannot be locked: {error}"))
                    .in_file(&name)
                    .hint("two runs at once would spoil each other's work: put the output on a file system that has locks"));
            }
        }
        write_over(&file, holder.as_bytes()).map_err(|error| failed(&error))?;
        Ok(Self { _file: file })
    }
}

/// Opens a file that is ours alone, or makes it. A link planted there must not make us write elsewhere.
///
/// # Errors
/// It cannot be opened; it is a link, or no file, or has other names.
pub(super) fn open_own(path: &Path, name: &str) -> Result<File> {
    let flags = (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o644).custom_flags(flags);
    let file = options.open(path).map_err(|error| cannot("write", &error).in_file(name))?;
    // a second name of it may be a file that somebody needs
    if file.metadata().is_ok_and(|meta| meta.nlink() != 1 || !meta.is_file()) {
        let fault = Fault::error("this is not a file that zoneseal made: it has other names").in_file(name);
        return Err(fault.hint("look at it, and remove it"));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_is_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".z.lock");
        let first = Lock::take(&path, "process 7 on ns1, since noon\n").unwrap();
        let told = Lock::take(&path, "process 8").unwrap_err();
        assert!(told.message().contains("process 7 on ns1, since noon holds the lock"), "{told}");
        drop(first);
        Lock::take(&path, "process 8").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"process 8", "nothing of the longer text is left");
        std::os::unix::fs::symlink("elsewhere", folder.path().join("link")).unwrap();
        Lock::take(&folder.path().join("link"), "x").unwrap_err();
        assert!(!folder.path().join("elsewhere").exists());
    }
}
