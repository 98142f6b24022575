//! Sees through gzip and Zstandard, recognised by their first bytes, whatever the file is called.
//!
//! Members and frames that follow each other are one content, as `cat a.gz b.gz` makes them. What was unpacked
//! before an error has been handed out when the error comes. What unpacks to far more than text can (a decompression bomb)
//! ends like what is damaged.

use std::io::{self, BufRead, Cursor, Read};

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

pub(super) type Bytes = Box<dyn Read + Send>;

/// Why unpacking ended, in words; travels inside an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub(super) struct Spoiled {
    cause: String,
    /// The content before is whole: something that is not compressed data follows it.
    pub(super) whole: bool,
}

/// Something is wrong behind content that is whole as far as it goes.
pub(super) fn behind(cause: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Spoiled { cause, whole: true })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Gzip,
    Zstd,
}

/// How much compressed data may unpack to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Times its own size: of each member, and in all.
    pub(super) ratio: u64,
    /// Bytes in all.
    pub(super) unpacked: u64,
}

/// Unpacked bytes of which the ratio does not matter: what is small harms nobody.
const HARMLESS: u64 = 64 << 20;

/// Bytes that tell the method.
const MAGIC: usize = 4;

impl Method {
    /// The method whose data begins with `head`.
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, 8, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstd),
            // A frame to be skipped, as parallel compressors write them before the first real one.
            [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "Zstandard",
        }
    }
}

/// The content of `raw`, unpacked if it is compressed.
pub(super) fn unpack(mut raw: Bytes, limits: Limits) -> io::Result<Bytes> {
    let mut head = Vec::with_capacity(MAGIC);
    read_up_to(&mut raw, &mut head, MAGIC)?;
    let method = Method::of(&head);
    let raw: Bytes = Box::new(Cursor::new(head).chain(raw));
    Ok(match method {
        None => raw,
        Some(method) => Box::new(Unpacker {
            method,
            part: Part::Between(Packed::new(raw)),
            opened: 0,
            limits,
            of_part: Sizes::default(),
            before: Sizes::default(),
        }),
    })
}

/// Reads until `into` holds `total` bytes or the end is reached.
pub(super) fn read_up_to(from: &mut impl Read, into: &mut Vec<u8>, total: usize) -> io::Result<()> {
    let missing = total.saturating_sub(into.len());
    from.take(missing as u64).read_to_end(into).map(drop)
}

/// Compressed bytes, of which the next few can be seen without taking them.
struct Packed {
    raw: Bytes,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// Bytes that were consumed.
    taken: u64,
}

impl Packed {
    fn new(raw: Bytes) -> Self {
        Self { raw, buffer: vec![0; 64 << 10].into_boxed_slice(), start: 0, end: 0, taken: 0 }
    }

    /// The next `count` bytes, fewer only at the end.
    fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.end - self.start < count {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            while self.end < count && self.read_more()? > 0 {}
        }
        Ok(&self.buffer[self.start..self.end.min(self.start + count)])
    }

    fn read_more(&mut self) -> io::Result<usize> {
        loop {
            match self.raw.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(read) => {
                    self.end += read;
                    return Ok(read);
                }
            }
        }
    }
}

impl Read for Packed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Packed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            self.read_more()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, count: usize) {
        let start = self.end.min(self.start + count);
        self.taken += (start - self.start) as u64;
        self.start = start;
    }
}

enum Part {
    Gzip(Box<GzDecoder<Packed>>),
    Zstd(ZstdDecoder<'static, Packed>),
    /// Before the first part, or after one.
    Between(Packed),
    Ended,
}

struct Unpacker {
    method: Method,
    part: Part,
    /// Members or frames opened so far.
    opened: u64,
    limits: Limits,
    of_part: Sizes,
    /// Of all parts before this one.
    before: Sizes,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    packed: u64,
    unpacked: u64,
}

impl Sizes {
    fn is_bomb(self, ratio: u64) -> bool {
        self.unpacked > HARMLESS && self.unpacked > ratio.saturating_mul(self.packed)
    }
}

impl Unpacker {
    /// Opens the part that begins here; `Ended` where none does.
    fn open(&mut self, mut packed: Packed) -> io::Result<Part> {
        if self.opened > 0 {
            // Padding with NULs, as tapes and some servers leave it, is no content; gzip passes over it too.
            loop {
                let next = packed.fill_buf()?;
                let nuls = next.iter().take_while(|&&b| b == 0).count();
                if nuls == 0 {
                    break;
                }
                packed.consume(nuls);
            }
            if packed.fill_buf()?.is_empty() {
                return Ok(Part::Ended);
            }
        }
        if Method::of(packed.peek(MAGIC)?) != Some(self.method) {
            let cause = format!("something that is no {0} data follows the {0} data", self.method.name());
            return Err(behind(cause));
        }
        self.opened += 1;
        Ok(match self.method {
            Method::Gzip => Part::Gzip(Box::new(GzDecoder::new(packed))),
            Method::Zstd => Part::Zstd(ZstdDecoder::with_buffer(packed)?.single_frame()),
        })
    }

    /// Counts what was unpacked, and refuses what no text unpacks to.
    fn check(&mut self, read: usize) -> io::Result<()> {
        let taken = match &self.part {
            Part::Gzip(part) => part.get_ref().taken,
            Part::Zstd(part) => part.get_ref().taken,
            Part::Between(_) | Part::Ended => return Ok(()),
        };
        self.of_part.packed = taken.saturating_sub(self.before.packed);
        self.of_part.unpacked += read as u64;
        let all =
            Sizes { packed: taken, unpacked: self.before.unpacked.saturating_add(self.of_part.unpacked) };
        let (name, Limits { ratio, unpacked }) = (self.method.name(), self.limits);
        let cause = if self.of_part.is_bomb(ratio) || all.is_bomb(ratio) {
            format!(
                "the {name} data unpacks to more than {ratio} times its size, as decompression bombs do; --max-ratio allows more"
            )
        } else if all.unpacked > unpacked {
            format!("the {name} data unpacks to more than the {unpacked} bytes of --max-unpacked")
        } else {
            return Ok(());
        };
        Err(io::Error::new(io::ErrorKind::InvalidData, Spoiled { cause, whole: false }))
    }

    /// Says in words why a part could not be unpacked.
    fn spoiled(&self, error: io::Error) -> io::Error {
        let name = self.method.name();
        let cause = if error.get_ref().is_some_and(|e| e.is::<Spoiled>()) {
            return error;
        } else if error.kind() == io::ErrorKind::UnexpectedEof {
            format!("the {name} data ends too early: the file was cut")
        } else if error.raw_os_error().is_some() {
            // Not the data but the disk.
            return error;
        } else {
            format!("the {name} data is damaged: {}", super::words(&error))
        };
        io::Error::new(io::ErrorKind::InvalidData, Spoiled { cause, whole: false })
    }

    fn read_part(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match &mut self.part {
                Part::Gzip(part) => part.read(into)?,
                Part::Zstd(part) => part.read(into)?,
                Part::Between(_) => 0,
                Part::Ended => return Ok(0),
            };
            if read > 0 {
                self.check(read)?;
                return Ok(read);
            }
            self.before.packed += self.of_part.packed;
            self.before.unpacked += self.of_part.unpacked;
            self.of_part = Sizes::default();
            let packed = match std::mem::replace(&mut self.part, Part::Ended) {
                Part::Gzip(part) => part.into_inner(),
                Part::Zstd(mut part) => {
                    part.finish_frame()?;
                    part.into_inner()
                }
                Part::Between(packed) => packed,
                Part::Ended => return Ok(0),
            };
            self.part = self.open(packed)?;
        }
    }
}

impl Read for Unpacker {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        self.read_part(into).map_err(|error| {
            if error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            self.part = Part::Ended;
            self.spoiled(error)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(text).unwrap();
        out.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 1).unwrap()
    }

    const LIMITS: Limits = Limits { ratio: 1000, unpacked: u64::MAX };

    #[test]
    fn bombs_end_and_what_is_small_or_allowed_does_not() {
        let zeros = vec![0; 100 << 20];
        let read = |packed: &[u8], limits| {
            let mut sum = 0;
            let mut unpacked = unpack(Box::new(Cursor::new(packed.to_vec())), limits).unwrap();
            let mut buffer = vec![0; 1 << 20];
            loop {
                match unpacked.read(&mut buffer) {
                    Ok(0) => return (sum, String::new()),
                    Ok(read) => sum += read as u64,
                    Err(error) => return (sum, error.to_string()),
                }
            }
        };
        for packed in [zstd(&zeros), (0..4).flat_map(|_| zstd(&zeros[..25 << 20])).collect()] {
            let (sum, error) = read(&packed, LIMITS);
            assert!((HARMLESS - (4 << 20)..HARMLESS + (4 << 20)).contains(&sum), "{sum}");
            assert!(error.contains("more than 1000 times its size"), "{error}");
        }
        // Between members that are honest.
        let honest: Vec<u8> =
            (0..200_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let (sum, error) = read(&[zstd(&honest), zstd(&zeros)].concat(), LIMITS);
        assert!(sum < HARMLESS + (4 << 20) && error.contains("times its size"), "{sum} {error}");
        assert_eq!(read(&zstd(&zeros[..60 << 20]), LIMITS), (60 << 20, String::new()));
        let allowed = Limits { ratio: u64::MAX, ..LIMITS };
        assert_eq!(read(&zstd(&zeros), allowed), (100 << 20, String::new()));
        let (_, error) = read(&zstd(&honest), Limits { unpacked: 700_000, ..LIMITS });
        assert!(error.contains("--max-unpacked"), "{error}");
    }

    /// One byte a read: parts and magic numbers are cut everywhere.
    struct Slow(Cursor<Vec<u8>>);

    impl Read for Slow {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = into.len().min(1);
            self.0.read(&mut into[..count])
        }
    }

    fn read(packed: &[u8]) -> (Vec<u8>, Option<(String, bool)>) {
        let read = |raw: Bytes| {
            let mut text = Vec::new();
            let error = match unpack(raw, LIMITS).unwrap().read_to_end(&mut text) {
                Ok(_) => None,
                Err(error) => {
                    let whole =
                        error.get_ref().and_then(|e| e.downcast_ref::<Spoiled>()).is_some_and(|s| s.whole);
                    Some((error.to_string(), whole))
                }
            };
            (text, error)
        };
        let fast = read(Box::new(Cursor::new(packed.to_vec())));
        assert_eq!(fast, read(Box::new(Slow(Cursor::new(packed.to_vec())))));
        fast
    }

    #[test]
    fn what_is_not_compressed_passes() {
        for text in [&b""[..], b"a", b"\x1f\x8b", b"(\xb5/", b"plain text"] {
            assert_eq!(read(text), (text.to_vec(), None));
        }
    }

    #[test]
    fn parts_are_joined() {
        for pack in [gzip, zstd] {
            let packed = [pack(b"one "), pack(b""), pack(b"two"), vec![0; 700]].concat();
            assert_eq!(read(&packed), (b"one two".to_vec(), None));
        }
        let many: Vec<u8> = (0..5000).flat_map(|_| gzip(b"x")).collect();
        let mut text = Vec::new();
        unpack(Box::new(Cursor::new(many)), LIMITS).unwrap().read_to_end(&mut text).unwrap();
        assert_eq!(text.len(), 5000);
    }

    #[test]
    fn skippable_frames() {
        let packed = [&[0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 7, 7], &zstd(b"text")[..]].concat();
        assert_eq!(read(&packed), (b"text".to_vec(), None));
    }

    #[test]
    fn garbage_behind() {
        let (text, error) = read(&[gzip(b"good"), b"garbage".to_vec()].concat());
        assert_eq!(text, b"good");
        assert_eq!(error, Some(("something that is no gzip data follows the gzip data".into(), true)));
        let (text, error) = read(&[zstd(b"good"), b"\0\0xy".to_vec()].concat());
        assert_eq!(text, b"good");
        assert_eq!(error.map(|e| e.1), Some(true));
    }

    #[test]
    fn cut_anywhere() {
        for pack in [gzip, zstd] {
            let packed = pack(b"some text, some more text");
            for end in MAGIC..packed.len() {
                let (text, error) = read(&packed[..end]);
                assert!(b"some text, some more text".starts_with(&text));
                let (cause, whole) = error.unwrap();
                assert!(cause.ends_with("ends too early: the file was cut"), "{end} {cause}");
                assert!(!whole);
            }
        }
    }

    #[test]
    fn damaged() {
        let mut packed = gzip(b"some text, some more text");
        let middle = packed.len() - 6;
        packed[middle] ^= 0x55;
        let (_, error) = read(&packed);
        assert!(error.unwrap().0.starts_with("the gzip data is damaged"));
    }
}
