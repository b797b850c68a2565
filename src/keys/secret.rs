//! The octets of key files.
//!
//! In: a path. Out: what the file holds, in memory that is wiped, and whether others can read it too.

use crate::error::{Fault, Result};
use std::fs::{File, Metadata as FileMetadata};
use std::io::{ErrorKind, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// No key file is as large as this; whatever is, is none.
const LARGEST: u64 = 1 << 20;

/// The octets of a key file, wiped when dropped.
///
/// # Errors
/// No such file, a directory, a file that may not be read, or one too large to hold keys.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    read(path).map(|(text, _)| text)
}

/// The same, and what the system knows about the file.
pub(super) fn read(path: &Path) -> Result<(Zeroizing<Vec<u8>>, FileMetadata)> {
    read_all(path).map(|(_, text, status)| (text, status))
}

/// The same, and the file that it came from, still open.
pub(super) fn read_open(path: &Path) -> Result<(File, Zeroizing<Vec<u8>>)> {
    read_all(path).map(|(handle, text, _)| (handle, text))
}

fn read_all(path: &Path) -> Result<(File, Zeroizing<Vec<u8>>, FileMetadata)> {
    let file = path.display().to_string();
    let failed = |error: std::io::Error| {
        let fault = Fault::error(format!("cannot read the key file: {}", io_cause(&error))).in_file(&file);
        match error.kind() {
            ErrorKind::PermissionDenied => fault.hint("run as the user who owns the key"),
            ErrorKind::NotFound => fault.hint("`zoneseal keygen ZONE` makes keys"),
            _ => fault,
        }
    };
    let handle = File::open(path).map_err(failed)?;
    let status = handle.metadata().map_err(failed)?;
    if status.is_dir() {
        return Err(Fault::error("cannot read the key file: it is a directory")
            .in_file(&file)
            .hint("a directory of keys is named with --keys"));
    }
    let too_large = || Fault::error("too large to be a key file").in_file(&file);
    if status.len() > LARGEST {
        return Err(too_large());
    }
    // all the room at once: growing would leave copies of the key behind in freed memory
    let room = if status.is_file() { status.len() + 1 } else { LARGEST + 1 };
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(room).unwrap_or_default()));
    (&handle).take(room).read_to_end(&mut text).map_err(failed)?;
    if text.len() as u64 > LARGEST {
        return Err(too_large());
    }
    Ok((handle, text, status))
}

/// The system's words, in the case of ours and without the number.
pub(super) fn io_cause(error: &std::io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// A warning if others than its owner can read or change the file.
#[cfg(unix)]
pub(super) fn open_to_others(status: &FileMetadata) -> Option<Fault> {
    use std::os::unix::fs::PermissionsExt;
    let mode = status.permissions().mode() & 0o777;
    (status.is_file() && mode & 0o077 != 0).then(|| {
        Fault::warning(format!("the private key is open to others than its owner (mode {mode:04o})"))
            .hint("chmod 600 FILE")
    })
}

#[cfg(not(unix))]
pub(super) fn open_to_others(_: &FileMetadata) -> Option<Fault> {
    None
}

/// The longest value of a metadata line that a message repeats: what is longer may be a key in the wrong place.
pub(super) const SHOWN: usize = 24;

/// A value as a message shows it: no control characters, and nothing that could be a key.
pub(super) fn quoted(value: &str) -> String {
    match value.chars().count() {
        0..=SHOWN => value.escape_debug().to_string(),
        length => format!("({length} characters)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_cannot_be_read() {
        let dir = tempfile::TempDir::new().unwrap();
        let read = |path: &Path| read_secret(path).unwrap_err().to_string();
        assert!(read(dir.path()).contains("it is a directory"));
        assert!(
            read(&dir.path().join("none.pem"))
                .contains("none.pem: error: cannot read the key file: no such file")
        );
        let large = dir.path().join("large.pem");
        File::create(&large).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(read(&large).contains("too large"));
        std::fs::write(&large, b"text").unwrap();
        assert_eq!(**read_secret(&large).unwrap(), *b"text");
    }
}
