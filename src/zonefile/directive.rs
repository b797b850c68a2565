//! Directives (RFC 1035, section 5.1; RFC 2308, section 4): `$ORIGIN`, `$TTL`, `$INCLUDE`; and BIND's `$GENERATE`.

use super::fault::{cannot_read, wrong_name};
use super::generate::{self, Generate};
use super::reader::{Frame, Reader, identity, lexer_of};
use super::token::{Tokens, Wrong};
use crate::dns::text::{parse_name, parse_string, parse_ttl};
use crate::dns::{Name, NameBuf};
use crate::error::{Fault, Result};
use crate::source::Sources;
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// How deep `$INCLUDE`s may nest.
const MAX_DEPTH: usize = 20;

/// A directive, read.
enum Directive {
    Origin(NameBuf),
    Ttl(u32),
    /// The file, escapes still in its name, and the origin it starts with, if that is another.
    Include(Vec<u8>, Option<NameBuf>),
    Generate(Box<Generate>),
}

/// Their names.
const NAMES: [&str; 4] = ["$TTL", "$ORIGIN", "$INCLUDE", "$GENERATE"];

impl Reader {
    /// Reads and obeys the directive that the lexer stands on.
    #[cold]
    pub(super) fn directive(&mut self) -> Result<()> {
        let frame = self.frame();
        let origin = frame.origin.as_ref().map(NameBuf::as_name);
        let mut words = Tokens::new(frame.lexer.window(), frame.lexer.words());
        let name = words.next().map(|word| word.text.to_ascii_uppercase()).unwrap_or_default();
        match read(&name, &mut words, origin) {
            Ok(Directive::Origin(origin)) => {
                let frame = self.frame_mut();
                frame.origin = Some(origin);
                frame.owner_text.clear();
            }
            Ok(Directive::Ttl(ttl)) => {
                let ttl = self.cap_ttl(ttl, "$TTL", self.spot());
                self.default_ttl = Some(ttl);
            }
            Ok(Directive::Include(path, origin)) => self.include(&path, origin)?,
            Ok(Directive::Generate(generate)) => self.start_generating(generate)?,
            Err(wrong) => {
                if name == b"$TTL" {
                    // the records that have no TTL of their own are not to blame
                    self.default_ttl.get_or_insert(0);
                }
                let known = NAMES.into_iter().find(|known| known.as_bytes() == name);
                return Err(self.wrong(known.unwrap_or("directive"), wrong));
            }
        }
        Ok(())
    }

    /// Goes on with another file; behind its end, origin and owner are again what they are now.
    fn include(&mut self, path: &[u8], origin: Option<NameBuf>) -> Result<()> {
        let fault =
            |reader: &Self, message: String| reader.at_word(Fault::error(format!("$INCLUDE: {message}")), 1);
        let mut name = Vec::new();
        let unescaped = parse_string(path, &mut name).and_then(|()| String::from_utf8(name).ok());
        let path = unescaped.ok_or_else(|| self.wrong("$INCLUDE", Wrong::new(1, "a file name")))?;
        if !self.includes {
            return Err(
                fault(self, "no file is included here".into()).hint("put its records in place of the line")
            );
        }
        let frame = self.frame();
        let including = Path::new(self.sources.name(frame.file));
        let base = self.include_dir.as_deref().or(including.parent()).unwrap_or(Path::new(""));
        let resolved = base.join(&path);
        let shown = resolved.display().to_string();
        let (file, meta) = open_regular(&resolved).map_err(|why| {
            let hint = match self.include_dir {
                _ if Path::new(&path).is_absolute() => "name a file that can be read, or remove the line",
                Some(_) => "a relative name is taken from --include-dir",
                None => "a relative name is taken from the including file's folder; --include-dir sets another folder",
            };
            fault(self, format!("{shown}: {why}")).hint(hint)
        })?;
        if self.frames.iter().any(|frame| frame.identity == Some(identity(&meta))) {
            return Err(
                fault(self, format!("{shown} includes itself")).hint("remove the line, or name another file")
            );
        }
        if self.frames.len() > MAX_DEPTH {
            return Err(fault(self, format!("files are nested more than {MAX_DEPTH} deep"))
                .hint("include the file from one that is nested less"));
        }
        if self.sources.len() == Sources::LIMIT {
            let fault = fault(self, format!("the zone is made of more than {} files", Sources::LIMIT));
            // every $INCLUDE that follows would say so again
            self.frames.clear();
            return Err(fault.hint("files that include files that include files add up fast"));
        }
        let spot = self.spot();
        let number = self.sources.add(&shown, Some(spot));
        let opened = Frame {
            lexer: lexer_of(self.taps.as_ref(), file, &meta, number),
            file: number,
            identity: Some(identity(&meta)),
            origin: origin.or_else(|| self.frame().origin.clone()),
            owner: self.frame().owner.clone(),
            owner_text: Vec::new(),
            seen: false,
        };
        self.frames.push(opened);
        Ok(())
    }
}

fn read(name: &[u8], words: &mut Tokens<'_>, origin: Option<Name<'_>>) -> Result<Directive, Wrong> {
    let directive = match name {
        b"$ORIGIN" => Directive::Origin(read_name(words, origin)?),
        b"$TTL" => {
            let ttl = parse_ttl(words.take("a TTL")?.text);
            let ttl = ttl.ok_or_else(|| words.wrong("a number of seconds, or a time such as 1h30m"))?;
            Directive::Ttl(ttl)
        }
        b"$INCLUDE" => {
            let path = words.take("a file name")?.text.to_vec();
            let origin = if words.left() > 0 { Some(read_name(words, origin)?) } else { None };
            Directive::Include(path, origin)
        }
        b"$GENERATE" => Directive::Generate(generate::read(words)?),
        _ => return Err(words.wrong("$ORIGIN, $TTL, $INCLUDE or $GENERATE")),
    };
    match words.left() {
        0 => Ok(directive),
        _ => Err(Wrong::new(words.taken(), "the end of the line")),
    }
}

fn read_name(words: &mut Tokens<'_>, origin: Option<Name<'_>>) -> Result<NameBuf, Wrong> {
    let mut wire = Vec::new();
    let word = words.take("a domain name")?;
    parse_name(word.text, origin, &mut wire)
        .map_err(|fault| wrong_name(words.wrong(fault.to_string()), fault))?;
    Ok(Name::trusted(&wire).to_buf())
}

/// Opens a file, and tells it by device and inode.
pub(super) fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if meta.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok((file, meta))
}

/// The same for a file that a zone file names: no device and no pipe, which may never end or never begin.
fn open_regular(path: &Path) -> std::result::Result<(File, Metadata), String> {
    // looked at first, as opening a pipe waits for someone to write to it
    let kind = std::fs::metadata(path).map_err(|error| cannot_read(&error))?.file_type();
    if !kind.is_file() && !kind.is_dir() {
        return Err("this is a device or a pipe, not a file".into());
    }
    open(path).map_err(|error| cannot_read(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// All that reading `folder/0` finds, as text.
    fn read(folder: &Path) -> Vec<String> {
        let origin = NameBuf::from_text("example.").unwrap();
        all(Reader::open(&folder.join("0"), Some(origin)).unwrap())
    }

    fn all(mut reader: Reader) -> Vec<String> {
        let mut found = Vec::new();
        loop {
            match reader.next() {
                Ok(Some(entry)) => found.push(format!("{:?}", entry.record.owner.to_buf())),
                Ok(None) => return found,
                Err(fault) => found.push(fault.to_string()),
            }
        }
    }

    /// Files of which each includes the next so many times.
    fn bomb(depth: usize, fan: usize) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for level in 0..depth {
            let line = format!("$INCLUDE {}\n", level + 1);
            fs::write(folder.path().join(level.to_string()), line.repeat(fan)).unwrap();
        }
        fs::write(folder.path().join(depth.to_string()), "a 5 TXT q\n").unwrap();
        folder
    }

    #[test]
    fn includes_that_fan_out_come_to_an_end() {
        let folder = bomb(3, 16);
        assert_eq!(read(folder.path()).len(), 16 * 16 * 16);
        let mut reader = Reader::open(&folder.path().join("0"), NameBuf::from_text("example.").ok()).unwrap();
        while reader.sources.len() < Sources::LIMIT - 1000 {
            reader.sources.add("another", None);
        }
        let found = all(reader);
        assert!((900..1001).contains(&found.len()), "{}", found.len());
        let last = found.last().unwrap();
        assert!(last.contains("error: $INCLUDE: the zone is made of more than 65535 files"), "{last}");
        assert_eq!(found.iter().filter(|found| found.contains("error")).count(), 1);
    }

    #[test]
    fn includes_nest_so_deep_and_no_deeper() {
        assert_eq!(read(bomb(MAX_DEPTH, 1).path()).len(), 1);
        assert!(!read(bomb(MAX_DEPTH, 1).path())[0].contains("error"));
        let found = read(bomb(MAX_DEPTH + 1, 1).path());
        assert!(
            found[0].contains("20:1:10: error: $INCLUDE: files are nested more than 20 deep"),
            "{}",
            found[0]
        );
        assert_eq!(found[0].matches("included from").count(), 20, "{}", found[0]);
    }

    #[test]
    fn a_reader_without_includes_opens_no_file() {
        let folder = bomb(1, 1);
        let reader = Reader::open(&folder.path().join("0"), None).unwrap().without_includes();
        let found = all(reader);
        assert!(found[0].contains("0:1:10: error: $INCLUDE: no file is included here"), "{}", found[0]);
        assert_eq!(found.len(), 1);
    }

    /// Opening a pipe would wait for a writer.
    #[test]
    fn pipes_and_devices_are_not_included() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        fs::write(folder.path().join("0"), "$INCLUDE pipe\n$INCLUDE /dev/zero\n").unwrap();
        let found = read(folder.path());
        assert_eq!(found.len(), 2);
        for found in found {
            assert!(found.contains("this is a device or a pipe, not a file"), "{found}");
        }
    }
}
