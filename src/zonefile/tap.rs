//! Digests of files as they are read: of the very octets that became records, whatever happens to the file
//! meanwhile.

use ring::digest::{Context, SHA256, digest};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// The digests of all files of one zone, by the order in which they were opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Taps(Arc<Mutex<BTreeMap<u16, ring::digest::Digest>>>);

impl Taps {
    /// The same source, digested as file number `file`.
    pub(super) fn on(&self, source: impl Read + Send + 'static, file: u16) -> Box<dyn Read + Send> {
        Box::new(Tap { source, context: Some(Context::new(&SHA256)), file, taps: self.clone() })
    }

    /// The SHA-256 over the SHA-256 of each of so many files; `None`: one of them was not read to its end.
    pub(super) fn digest(&self, files: usize) -> Option<[u8; 32]> {
        let digests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (digests.len() == files).then(|| of_files(digests.values().map(AsRef::as_ref)))
    }
}

/// The SHA-256 over the SHA-256 of each file.
pub fn of_files<'a>(digests: impl Iterator<Item = &'a [u8]>) -> [u8; 32] {
    let all: Vec<u8> = digests.flatten().copied().collect();
    digest(&SHA256, &all).as_ref().try_into().expect("a SHA-256 has 32 octets")
}

struct Tap<R> {
    source: R,
    /// `None`: the file is at its end.
    context: Option<Context>,
    file: u16,
    taps: Taps,
}

impl<R: Read> Read for Tap<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(into)?;
        if length > 0 {
            if let Some(context) = &mut self.context {
                context.update(&into[..length]);
            }
        } else if !into.is_empty()
            && let Some(context) = self.context.take()
        {
            let mut digests = self.taps.0.lock().unwrap_or_else(PoisonError::into_inner);
            digests.insert(self.file, context.finish());
        }
        Ok(length)
    }
}
