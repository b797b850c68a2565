//! The disk: output files that appear whole or not at all.
//!
//! A file is made beside the one it will replace, under a fixed name and a lock, so that a killed program
//! leaves at most one such file, which the next run uses again. When all is written and checked it is
//! flushed, renamed over the old one, and the folder is flushed too.

use crate::error::{Fault, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A file being made.
#[derive(Debug)]
pub struct Output {
    file: File,
    /// As the user named it, for messages.
    name: String,
    goal: Goal,
    /// Set by the signals that end a program.
    interrupted: Arc<AtomicBool>,
}

#[derive(Debug)]
enum Goal {
    /// Renamed to `path`; until then it is `temp`.
    Replace { temp: PathBuf, path: PathBuf },
    /// Copied to what is no regular file: a device, a FIFO.
    Through(PathBuf),
    /// Copied to standard output.
    Stdout,
    /// Nothing is kept.
    Discard,
}

impl Output {
    /// Starts the file that will be `path`; `-` is standard output. A symbolic link is followed.
    ///
    /// # Errors
    /// There is no such folder, it cannot be written to, or another process is making this very file.
    pub fn create(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        // before there is a file that could be left behind
        let interrupted = listen(&name)?;
        if name == "-" {
            return Ok(Self { file: unnamed(&name)?, name, goal: Goal::Stdout, interrupted });
        }
        let path = match fs::canonicalize(path) {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_path_buf(),
            Err(error) => return Err(cannot("write", &error).in_file(&name)),
        };
        match fs::metadata(&path) {
            Ok(meta) if meta.is_dir() => {
                return Err(Fault::error("this is a folder, not a file")
                    .in_file(&name)
                    .hint("name a file with -f"));
            }
            Ok(meta) if !meta.is_file() => {
                return Ok(Self { file: unnamed(&name)?, name, goal: Goal::Through(path), interrupted });
            }
            _ => {}
        }
        let temp =
            temp_name(&path).ok_or_else(|| Fault::error("this is not a file's name").in_file(&name))?;
        let file = lock(&temp, &name)?;
        Ok(Self { file, name, goal: Goal::Replace { temp, path }, interrupted })
    }

    /// A file that nobody keeps: for a dry run.
    ///
    /// # Errors
    /// The folder for temporary files cannot be written to.
    pub fn discard() -> Result<Self> {
        let name = "temporary file".to_owned();
        Ok(Self { file: unnamed(&name)?, interrupted: listen(&name)?, name, goal: Goal::Discard })
    }

    /// Whether the program was told to end.
    ///
    /// # Errors
    /// It was.
    pub fn go_on(&self) -> Result<()> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(Fault::error("interrupted; nothing was changed").in_file(&self.name));
        }
        Ok(())
    }

    /// The file as it is so far; it can be read back at any offset.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The file as the user named it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Appends to the file.
    ///
    /// # Errors
    /// The disk is full, or worse; or the program was told to end.
    pub fn write(&mut self, octets: &[u8]) -> Result<()> {
        self.go_on()?;
        self.file.write_all(octets).map_err(|error| cannot("write", &error).in_file(&self.name))
    }

    /// Puts the file in place; on return it is on the disk. The warning, if any, is for the user.
    ///
    /// # Errors
    /// It cannot be; the old file is as it was.
    pub fn commit(mut self) -> Result<Option<Fault>> {
        self.go_on()?;
        let failed = |error: &io::Error| cannot("write", error).in_file(&self.name);
        match &self.goal {
            Goal::Replace { temp, path } => {
                let warning = inherit(&self.file, path, &self.name).map_err(|error| failed(&error))?;
                self.file.sync_all().map_err(|error| failed(&error))?;
                fs::rename(temp, path).map_err(|error| failed(&error))?;
                let folder = File::open(folder(path)).and_then(|folder| folder.sync_all());
                folder.map_err(|error| failed(&error))?;
                // it is in place: dropping must not remove what has the old name now
                self.goal = Goal::Discard;
                Ok(warning)
            }
            Goal::Through(path) => {
                let copied =
                    OpenOptions::new().write(true).open(path).and_then(|target| copy(&self.file, target));
                copied.map_err(|error| failed(&error)).map(|()| None)
            }
            Goal::Stdout => match copy(&self.file, io::stdout().lock()) {
                // whoever read from us has read enough
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(None),
                copied => copied.map_err(|error| failed(&error)).map(|()| None),
            },
            Goal::Discard => Ok(None),
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Goal::Replace { temp, .. } = &self.goal {
            // nothing else can be done about a file that cannot be removed; the next run uses it again
            let _ = fs::remove_file(temp);
        }
    }
}

/// What went wrong with a file, in words, and what to do about it.
#[must_use]
pub fn cannot(verb: &str, error: &io::Error) -> Fault {
    let fault = |message: String| Fault::error(message);
    match error.kind() {
        io::ErrorKind::NotFound => fault("the folder for it is missing".into()),
        io::ErrorKind::PermissionDenied => fault(format!("permission denied: cannot {verb} it")),
        io::ErrorKind::IsADirectory => fault("this is a folder, not a file".into()),
        io::ErrorKind::FileTooLarge => {
            fault(format!("cannot {verb} it: the system does not allow a file this large"))
                .hint("nothing was changed; ulimit -f shows the limit")
        }
        io::ErrorKind::StorageFull => fault(format!("cannot {verb} it: the disk is full"))
            .hint("nothing was changed; make room and try again"),
        _ => fault(format!("cannot {verb} it: {error}")),
    }
}

/// From here on the signals that would end the program end its work, so that nothing half made is left;
/// and a file that grows too large is an error like any other.
fn listen(name: &str) -> Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    // nobody looks at this one: it is enough that the signal does not kill
    let ignored = Arc::new(AtomicBool::new(false));
    let flags =
        [(SIGINT, &interrupted), (SIGTERM, &interrupted), (SIGHUP, &interrupted), (SIGXFSZ, &ignored)];
    for (signal, flag) in flags {
        signal_hook::flag::register(signal, Arc::clone(flag))
            .map_err(|error| cannot("write", &error).in_file(name))?;
    }
    Ok(interrupted)
}

fn unnamed(name: &str) -> Result<File> {
    tempfile::tempfile().map_err(|error| cannot("make a temporary file for", &error).in_file(name))
}

fn temp_name(path: &Path) -> Option<PathBuf> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name()?);
    name.push(".zoneseal-new");
    Some(path.with_file_name(name))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Opens and locks the file under its temporary name, and empties it.
fn lock(temp: &Path, name: &str) -> Result<File> {
    let failed = |error: &io::Error| cannot("write", error).in_file(name);
    loop {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o666)
            // somebody else's link under our name must not lead us to another file
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
            .open(temp)
            .map_err(|error| failed(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Fault::error("another zoneseal is writing this file")
                    .in_file(name)
                    .hint("try again when it is done"));
            }
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        // between opening and locking, another process may have put the file in place or removed it
        let ours = file.metadata().map_err(|error| failed(&error))?;
        if fs::symlink_metadata(temp)
            .is_ok_and(|there| there.ino() == ours.ino() && there.dev() == ours.dev())
        {
            file.set_len(0).map_err(|error| failed(&error))?;
            return Ok(file);
        }
    }
}

/// Gives the new file mode and owner of the one it replaces.
fn inherit(new: &File, old: &Path, name: &str) -> io::Result<Option<Fault>> {
    let Ok(old) = fs::metadata(old) else { return Ok(None) };
    let ours = new.metadata()?;
    let mut warning = None;
    if (old.uid(), old.gid()) != (ours.uid(), ours.gid())
        && std::os::unix::fs::fchown(new, Some(old.uid()), Some(old.gid())).is_err()
    {
        let fault = Fault::warning(format!(
            "the new file cannot have the old one's owner {}:{}",
            old.uid(),
            old.gid()
        ));
        warning = Some(fault.in_file(name));
    }
    new.set_permissions(old.permissions())?;
    Ok(warning)
}

fn copy(mut from: &File, mut to: impl Write) -> io::Result<()> {
    from.rewind()?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer)? {
            0 => return to.flush(),
            length => to.write_all(&buffer[..length])?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn made(path: &Path, text: &[u8]) -> Result<Option<Fault>> {
        let mut output = Output::create(path)?;
        output.write(text)?;
        output.commit()
    }

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_appears_whole_and_keeps_its_mode_and_link() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zone");
        made(&path, b"one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("zone", &link).unwrap();
        made(&link, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(names(dir.path()).len(), 2);
    }

    #[test]
    fn nothing_is_left_of_a_file_that_was_not_finished() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zone");
        made(&path, b"old").unwrap();
        let mut output = Output::create(&path).unwrap();
        output.write(b"half").unwrap();
        assert!(Output::create(&path).unwrap_err().message().contains("another zoneseal"));
        drop(output);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["zone"]);
        // what a killed process left is used again
        fs::write(dir.path().join(".zone.zoneseal-new"), b"left over, and longer").unwrap();
        made(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(dir.path()), ["zone"]);
    }

    #[test]
    fn a_planted_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let victim = dir.path().join("victim");
        fs::write(&victim, b"precious").unwrap();
        std::os::unix::fs::symlink(&victim, dir.path().join(".zone.zoneseal-new")).unwrap();
        assert!(made(&dir.path().join("zone"), b"x").is_err());
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
    }
}
