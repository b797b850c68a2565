//! The disk: output files that appear whole or not at all.
//!
//! A file is made beside the one it will replace, under a fixed name and a lock, so that a killed program
//! leaves at most one such file, which the next run uses again. When all is written and checked it is
//! flushed, renamed over the old one, and the folder is flushed too.

use crate::dns::time::Time;
use crate::error::{Fault, Result};
use ring::digest::{Context, Digest, SHA256};
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

mod lock;
pub mod signals;

pub use lock::Lock;
use signals::Signals;

/// A file being made.
#[derive(Debug)]
pub struct Output {
    file: File,
    /// As the user named it, for messages.
    name: String,
    goal: Goal,
    signals: &'static Signals,
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
        let signals = signals::listen().map_err(|error| cannot("write", &error).in_file(&name))?;
        let copied = |name: String, goal| Ok(Self { file: unnamed(&name)?, name, goal, signals });
        if name == "-" {
            return copied(name, Goal::Stdout);
        }
        match open_descriptor(path) {
            Some(1) => return copied(name, Goal::Stdout),
            Some(_) => return copied(name, Goal::Through(path.to_path_buf())),
            None => {}
        }
        let (path, there) = resolve(path).map_err(|error| cannot("write", &error).in_file(&name))?;
        match &there {
            Some(meta) if meta.is_dir() => {
                return Err(Fault::error("this is a folder, not a file")
                    .in_file(&name)
                    .hint("name a file with -f"));
            }
            Some(meta) if !meta.is_file() => return copied(name, Goal::Through(path)),
            _ => {}
        }
        let temp =
            temp_name(&path).ok_or_else(|| Fault::error("this is not a file's name").in_file(&name))?;
        // what replaces a private file is private from the start; a new file is there for servers to read
        let mode = if there.is_some() { 0o600 } else { 0o666 };
        let file = lock(&temp, mode, &name)?;
        Ok(Self { file, name, goal: Goal::Replace { temp, path }, signals })
    }

    /// A file that nobody keeps: for a dry run.
    ///
    /// # Errors
    /// The folder for temporary files cannot be written to.
    pub fn discard() -> Result<Self> {
        let name = "temporary file".to_owned();
        let signals = signals::listen().map_err(|error| cannot("write", &error).in_file(&name))?;
        Ok(Self { file: unnamed(&name)?, name, goal: Goal::Discard, signals })
    }

    /// Whether the program was told to end.
    ///
    /// # Errors
    /// It was.
    pub fn go_on(&self) -> Result<()> {
        if self.signals.interrupted() {
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

    /// Writes over what stands at an offset.
    ///
    /// # Errors
    /// As [`Output::write`].
    pub fn write_at(&mut self, offset: u64, octets: &[u8]) -> Result<()> {
        self.go_on()?;
        self.file.write_all_at(octets, offset).map_err(|error| cannot("write", &error).in_file(&self.name))
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
                // opened first: once the file is in place, nothing may fail any more
                let folder = File::open(folder(path)).map_err(|error| failed(&error))?;
                fs::rename(temp, path).map_err(|error| failed(&error))?;
                // dropping must not remove what has the old name now
                self.goal = Goal::Discard;
                let unsure = |error| {
                    let message = format!("the file is in place, but its folder cannot be flushed: {error}");
                    Fault::warning(message).in_file(&self.name)
                };
                Ok(folder.sync_all().map_err(unsure).err().or(warning))
            }
            Goal::Through(path) => {
                let copied =
                    OpenOptions::new().write(true).open(path).and_then(|target| copy(&self.file, target));
                copied.map_err(|error| failed(&error)).map(|()| None)
            }
            Goal::Stdout => {
                self.signals.end_at_once();
                match copy(&self.file, io::stdout().lock()) {
                    // whoever read from us has read enough
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(None),
                    copied => copied.map_err(|error| failed(&error)).map(|()| None),
                }
            }
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

/// Writes a small file over, without waiting for the disk: for what may be lost. In a folder of thousands of zones,
/// new files are what takes the time.
///
/// # Errors
/// It cannot be written; it is a link, or has other names.
pub fn overwrite(path: &Path, text: &[u8]) -> Result<()> {
    let name = path.display().to_string();
    let file = lock::open_own(path, &name)?;
    write_over(&file, text).map_err(|error| cannot("write", &error).in_file(&name))
}

/// Writes a text over what a file holds. It is not emptied first: ext4 begins to write to the disk as soon as a file that
/// was emptied is closed, and for thousands of small files that takes as long as all else.
fn write_over(file: &File, text: &[u8]) -> io::Result<()> {
    file.write_all_at(text, 0)?;
    let length = text.len() as u64;
    if file.metadata()?.len() > length { file.set_len(length) } else { Ok(()) }
}

/// Makes a folder, and those above it, if they are not there.
///
/// # Errors
/// It cannot be made.
pub fn make_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        // to try and make it all the same would wait for all others who make files beside it
        return Ok(());
    }
    fs::create_dir_all(path).map_err(|error| {
        Fault::error(format!("cannot make the folder: {error}")).in_file(&path.display().to_string())
    })
}

/// When a file was last modified, if that is known.
#[must_use]
pub fn modified(path: &Path) -> Option<Time> {
    fs::metadata(path).ok().map(|meta| Time(meta.mtime()))
}

/// The SHA-256 of a file; `None`: it cannot be read.
#[must_use]
pub fn digest(path: &Path) -> Option<Digest> {
    let mut file = File::open(path).ok()?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Some(context.finish()),
            Ok(length) => context.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
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

/// The number of the open file that a path such as `/dev/stdout` stands for.
fn open_descriptor(path: &Path) -> Option<u32> {
    match path.to_str()? {
        "/dev/stdout" => Some(1),
        "/dev/stderr" => Some(2),
        other => other.strip_prefix("/dev/fd/").or(other.strip_prefix("/proc/self/fd/"))?.parse().ok(),
    }
}

/// The path of a file that is no symbolic link, though `path` may be one, and what is there; `None`: nothing. Links
/// among the folders above it are followed by whoever opens it.
fn resolve(path: &Path) -> io::Result<(PathBuf, Option<Metadata>)> {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_symlink() => path = folder(&path).join(fs::read_link(&path)?),
            // of an error whoever opens it will tell
            there => return Ok((path, there.ok())),
        }
    }
    Err(io::Error::other("too many symbolic links"))
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

/// The folder that a path leads into.
#[must_use]
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes and locks the file under its temporary name. What another process left there is removed, and never
/// written to: it may be a link, or somebody else's.
fn lock(temp: &Path, mode: u32, name: &str) -> Result<File> {
    let failed = |error: &io::Error| cannot("write", error).in_file(name);
    let busy = || {
        let fault = Fault::error("another zoneseal is writing this file").in_file(name);
        fault.hint("try again when it is done")
    };
    for _ in 0..100 {
        match OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(temp) {
            Ok(file) => {
                // somebody may have taken it for a left-over file before it was locked
                let ours = file.metadata().map_err(|error| failed(&error))?;
                let there = |there: Metadata| there.ino() == ours.ino() && there.dev() == ours.dev();
                if file.try_lock().is_ok() && fs::symlink_metadata(temp).is_ok_and(there) {
                    return Ok(file);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
                let left = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(temp);
                if left.is_ok_and(|left| matches!(left.try_lock(), Err(TryLockError::WouldBlock))) {
                    return Err(busy());
                }
                match fs::remove_file(temp) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(cannot("remove", &error).in_file(&temp.display().to_string()));
                    }
                    _ => {}
                }
            }
            Err(error) => return Err(failed(&error)),
        }
    }
    Err(busy())
}

/// Gives the new file mode and owner of the one it replaces. Where the owner cannot be kept, the group must be if
/// others read the file by it.
fn inherit(new: &File, old: &Path, name: &str) -> io::Result<Option<Fault>> {
    let Ok(old) = fs::metadata(old) else { return Ok(None) };
    let ours = new.metadata()?;
    let own = |uid: Option<u32>, gid: Option<u32>| std::os::unix::fs::fchown(new, uid, gid).is_ok();
    let mut warning = None;
    if (old.uid(), old.gid()) != (ours.uid(), ours.gid()) && !own(Some(old.uid()), Some(old.gid())) {
        let group = old.gid() == ours.gid() || own(None, Some(old.gid()));
        let readers = old.mode() & 0o044;
        if !group && readers == 0o040 {
            return Err(io::Error::other(format!(
                "its readers are group {}, which the new file cannot have",
                old.gid()
            )));
        }
        let what =
            if group { format!("owner {}", old.uid()) } else { format!("owner {}:{}", old.uid(), old.gid()) };
        warning =
            Some(Fault::warning(format!("the new file cannot have the old one's {what}")).in_file(name));
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
    fn links_are_followed_from_where_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, at(name)).unwrap();
        fs::create_dir(at("sub")).unwrap();
        link("sub", "folder");
        link("../zone", "sub/up");
        link("folder/up", "first");
        // nothing is there yet at the end of the links
        made(&at("first"), b"one").unwrap();
        assert_eq!(fs::read(at("zone")).unwrap(), b"one");
        made(&at("folder/up"), b"two").unwrap();
        assert_eq!(fs::read(at("zone")).unwrap(), b"two");
        assert_eq!((names(dir.path()).len(), names(&at("sub")).len()), (4, 1));
        link("there", "here");
        link("here", "there");
        assert!(made(&at("here"), b"x").unwrap_err().message().contains("too many symbolic links"));
    }

    #[test]
    fn nothing_of_a_longer_text_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        for text in ["one", "a longer one", "two", ""] {
            overwrite(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read(&path).unwrap(), text.as_bytes());
        }
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
    fn a_planted_link_is_not_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let victim = dir.path().join("victim");
        let temp = dir.path().join(".zone.zoneseal-new");
        for hard in [false, true] {
            fs::write(&victim, b"precious").unwrap();
            if hard { fs::hard_link(&victim, &temp) } else { std::os::unix::fs::symlink(&victim, &temp) }
                .unwrap();
            made(&dir.path().join("zone"), b"x").unwrap();
            assert_eq!(fs::read(&victim).unwrap(), b"precious");
            assert!(!dir.path().join("zone").is_symlink());
        }
    }

    #[test]
    fn a_link_to_nothing_yet_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("real", dir.path().join("link")).unwrap();
        made(&dir.path().join("link"), b"x").unwrap();
        assert_eq!(fs::read(dir.path().join("real")).unwrap(), b"x");
        assert!(dir.path().join("link").is_symlink());
    }

    #[test]
    fn a_left_over_file_s_mode_is_not_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let temp = dir.path().join(".zone.zoneseal-new");
        fs::write(&temp, b"left over").unwrap();
        fs::set_permissions(&temp, fs::Permissions::from_mode(0o777)).unwrap();
        made(&dir.path().join("zone"), b"x").unwrap();
        assert_eq!(fs::metadata(dir.path().join("zone")).unwrap().permissions().mode() & 0o111, 0);
    }
}
