//! Large files are read, and digested, by a thread of their own while another makes records of what it read.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// So many octets are read at a time, and so many pieces are under way: what fits into a processor's cache.
const PIECE: usize = 1 << 18;
const PIECES: usize = 4;

/// The same octets, read ahead. Where no thread can be had, the source is read as it is.
pub(super) fn read_ahead<R: Read + Send + 'static>(source: R) -> Box<dyn Read + Send> {
    let (give, pieces) = sync_channel(PIECES);
    let (give_back, empty) = sync_channel(PIECES);
    for _ in 0..PIECES {
        give_back.send(Vec::new()).expect("there is room for all pieces");
    }
    // the thread gets the source last, so that it is still here if there is no thread
    let (hand_over, handed_over) = sync_channel(1);
    let reading = move || {
        if let Ok(source) = handed_over.recv() {
            read_pieces(source, &empty, &give);
        }
    };
    if thread::Builder::new().name("read".into()).spawn(reading).is_err() {
        return Box::new(source);
    }
    match hand_over.send(source) {
        Ok(()) => Box::new(Ahead { pieces, give_back, piece: Vec::new(), at: 0, ended: false }),
        Err(unsent) => Box::new(unsent.0),
    }
}

/// Reads until the end, which is told by an empty piece, an error, or nobody who wants more.
fn read_pieces(mut source: impl Read, empty: &Receiver<Vec<u8>>, give: &SyncSender<io::Result<Vec<u8>>>) {
    while let Ok(mut piece) = empty.recv() {
        piece.resize(PIECE, 0);
        let read = loop {
            match source.read(&mut piece) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let goes_on = matches!(read, Ok(1..));
        let told = give.send(read.map(|length| {
            piece.truncate(length);
            piece
        }));
        if !goes_on || told.is_err() {
            return;
        }
    }
}

struct Ahead {
    pieces: Receiver<io::Result<Vec<u8>>>,
    give_back: SyncSender<Vec<u8>>,
    piece: Vec<u8>,
    /// So much of it was taken.
    at: usize,
    ended: bool,
}

impl Read for Ahead {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() && !self.ended {
            // at the end of the file nobody is there to take it back
            let _ = self.give_back.send(std::mem::take(&mut self.piece));
            self.at = 0;
            let stopped = |_| io::Error::other("the thread that reads the file stopped");
            self.piece = self.pieces.recv().map_err(stopped)??;
            self.ended = self.piece.is_empty();
        }
        let length = (&self.piece[self.at..]).read(into)?;
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source of so many octets that breaks off.
    struct Breaks(usize);

    impl Read for Breaks {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::Error::other("the disk is gone"));
            }
            let length = into.len().min(self.0).min(1000);
            into[..length].fill(b'x');
            self.0 -= length;
            Ok(length)
        }
    }

    #[test]
    fn the_same_octets() {
        for length in [0, 1, PIECE, PIECE * 7 + 3] {
            let octets: Vec<u8> = (0..length).map(|at| at.to_le_bytes()[at % 3]).collect();
            let mut read = Vec::new();
            let mut ahead = read_ahead(io::Cursor::new(octets.clone()));
            ahead.read_to_end(&mut read).unwrap();
            assert!(read == octets, "{length} octets");
            assert_eq!(ahead.read(&mut [0; 10]).unwrap(), 0, "the end stays the end");
        }
    }

    #[test]
    fn an_error_comes_behind_what_was_read() {
        let mut read = Vec::new();
        let mut ahead = read_ahead(Breaks(5500));
        assert_eq!(ahead.read_to_end(&mut read).unwrap_err().to_string(), "the disk is gone");
        assert_eq!(read.len(), 5500);
        assert!(ahead.read(&mut [0; 10]).is_err(), "and is no end");
    }

    #[test]
    fn whoever_wants_no_more_may_leave() {
        let mut ahead = read_ahead(io::repeat(0));
        ahead.read_exact(&mut [0; 10]).unwrap();
    }
}
