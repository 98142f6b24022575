//! Files that hold no text, by their first bytes or by what no text holds.

/// First bytes of files that hold no text: (offset, bytes, what it is, whether a text could begin so).
///
/// Where a text could begin so, control characters within the first bytes must agree.
const MAGIC: &[(usize, &[u8], &str, bool)] = &[
    (0, b"\x89PNG\r\n\x1A\n", "a PNG image", false),
    (0, b"\xFF\xD8\xFF", "a JPEG image", false),
    (0, b"GIF87a", "a GIF image", true),
    (0, b"GIF89a", "a GIF image", true),
    (8, b"WEBPVP8", "a WebP image", true),
    (8, b"WAVEfmt ", "a WAV recording", true),
    (8, b"AVI LIST", "an AVI film", true),
    (0, b"II*\0", "a TIFF image", false),
    (0, b"MM\0*", "a TIFF image", false),
    (0, b"\0\0\x01\0", "an icon", false),
    (0, b"PK\x03\x04", "a ZIP archive or an office document", false),
    (0, b"PK\x05\x06", "a ZIP archive", false),
    (0, b"\x1F\x8B\x08", "gzip data", false),
    (0, b"\x28\xB5\x2F\xFD", "Zstandard data", false),
    (0, b"\xFD7zXZ\0", "xz data", false),
    (0, b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", false),
    (0, b"BZh91AY&SY", "bzip2 data", true),
    (0, b"Rar!\x1A\x07", "a RAR archive", false),
    (0, b"\x7FELF", "an ELF program", false),
    (0, b"\xCF\xFA\xED\xFE", "a Mach-O program", false),
    (0, b"\xCE\xFA\xED\xFE", "a Mach-O program", false),
    (0, b"\xCA\xFE\xBA\xBE\0\0", "a Java class or a Mach-O program", false),
    (0, b"\0asm", "a WebAssembly module", false),
    (0, b"SQLite format 3\0", "an SQLite database", false),
    (0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an office document", false),
    (0, b"ID3", "an MP3 recording", true),
    (4, b"ftyp", "an MP4 film or a HEIF image", true),
    (0, b"OggS\0", "an Ogg recording", false),
    (0, b"fLaC\0", "a FLAC recording", false),
    (0, b"\x1A\x45\xDF\xA3", "a Matroska film", false),
    (0, b"wOFF\0\x01\0\0", "a font", false),
    (0, b"wOFFOTTO", "a font", true),
    (0, b"wOF2\0\x01\0\0", "a font", false),
    (0, b"wOF2OTTO", "a font", true),
    (0, b"OTTO\0", "a font", false),
    (0, b"\0\x01\0\0\0", "a font", false),
    (0, b"ttcf\0", "a font", false),
    (257, b"ustar", "a tar archive", true),
    (0, b"PAR1", "a Parquet file", true),
    (0, b"Obj\x01", "an Avro file", false),
    (0, b"\x93NUMPY", "a NumPy array", false),
    (0, b"\x89HDF\r\n\x1A\n", "an HDF5 file", false),
    (0, b"8BPS\0\x01", "a Photoshop image", false),
    (0, b"\0\0\x02\0", "a cursor", false),
    (0, b"\0\0\0\x0CjP  \r\n\x87\n", "a JPEG 2000 image", false),
    (0, b"AT&TFORM", "a DjVu document", true),
    (0, b"\x04\x22\x4D\x18", "LZ4 data", false),
    (0, b"LZIP\x01", "lzip data", false),
    (0, b"\x1F\x9D", "compress data", false),
    (0, b"MSCF\0\0\0\0", "a cabinet archive", false),
    (0, b"!<arch>\n", "an ar archive or a Debian package", true),
    (0, b"\xED\xAB\xEE\xDB", "an RPM package", false),
    (0x8001, b"CD001", "a disc image", true),
    (0, b"\xFE\xED\xFA\xCE", "a Mach-O program", false),
    (0, b"\xFE\xED\xFA\xCF", "a Mach-O program", false),
    (0, b"dex\n03", "an Android program", true),
    (0, b"ITSF\x03\0", "a help file", false),
    (0, b"FLV\x01", "a Flash film", false),
    (0, b"\0\0\x01\xBA", "an MPEG film", false),
    (0, b"\0\0\x01\xB3", "an MPEG film", false),
    (0, b"MThd\0\0\0\x06", "a MIDI file", false),
    (0, b".snd\0\0", "a recording", false),
    (8, b"AIFFCOMM", "an AIFF recording", true),
    (0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "a Windows Media file", false),
    (0, b"#!AMR\n", "an AMR recording", true),
    (0, b"\xD4\xC3\xB2\xA1\x02\0", "a network capture", false),
    (0, b"\x80\x02}q", "a Python pickle", true),
    (0, b"\x80\x04\x95", "a Python pickle", false),
    (0, b"\x80\x05\x95", "a Python pickle", false),
    (2, b"\x0D\x0D\x0A", "a compiled Python module", true),
    (0, b"\x1A\x01", "a terminal description", false),
    (0, b"\x1E\x02", "a terminal description", false),
    (0, b"\xDE\x12\x04\x95\0", "a message catalogue", false),
    (0, b"\x95\x04\x12\xDE\0", "a message catalogue", false),
];

/// How far control characters are looked for.
const SAMPLE_BYTES: usize = 16 << 10;

/// The kind of a file that is known by its first bytes.
pub(super) fn by_magic(bytes: &[u8]) -> Option<&'static str> {
    let known = MAGIC.iter().find(|(offset, magic, _, as_text)| {
        bytes.get(*offset..).is_some_and(|rest| rest.starts_with(magic))
            && (!as_text || controls(bytes, 1024) > 0)
    });
    if let Some((_, _, kind, _)) = known {
        return Some(kind);
    }
    // A PDF may be ASCII through and through, and a text may speak of its first line: the second thing in a
    // PDF is an object.
    let head = bytes.get(..2048).unwrap_or(bytes);
    if head.starts_with(b"%PDF-1.") || head.starts_with(b"%PDF-2.") {
        let object = memchr::memmem::find(head, b" obj").is_some();
        return object.then_some("a PDF document");
    }
    if is_portable_bitmap(head) {
        return Some("a PNM image");
    }
    // Two or three letters begin many a word; what stands behind them decides.
    if head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]) {
        return Some("a BMP image");
    }
    if (head.starts_with(b"FWS") || head.starts_with(b"CWS"))
        && head.get(3).is_some_and(|b| (1..0x30).contains(b) && !b.is_ascii_whitespace())
    {
        return Some("a Flash film");
    }
    // MZ begins many a word; the header behind it is where it says.
    if head.starts_with(b"MZ")
        && let Some(&[a, b, c, d]) = head.get(0x3C..0x40)
        && let Ok(at) = usize::try_from(u32::from_le_bytes([a, b, c, d]))
        && bytes.get(at..).is_some_and(|rest| rest.starts_with(b"PE\0\0"))
    {
        return Some("a Windows program");
    }
    None
}

/// Whether a file begins with `P4`, `P5` or `P6`, the width and the height, and then holds bytes that no text does (netpbm(5)).
fn is_portable_bitmap(head: &[u8]) -> bool {
    let Some(rest) = head.strip_prefix(b"P").filter(|rest| matches!(rest.first(), Some(b'4'..=b'6'))) else {
        return false;
    };
    let mut numbers = rest[1..].split(u8::is_ascii_whitespace).filter(|part| !part.is_empty());
    let sized = numbers.by_ref().take(2).filter(|part| part.iter().all(u8::is_ascii_digit)).count() == 2;
    let marked =
        rest.get(1..3).is_some_and(|b| b[0].is_ascii_whitespace() && (b[1].is_ascii_digit() || b[1] == b'#'));
    marked && (sized || rest[2] == b'#') && controls(head, head.len()) * 50 > head.len()
}

/// Bytes that stand in no text in whatever encoding of one or more bytes a character, but for NUL: not the blanks, nor what
/// begins an escape sequence.
fn is_control(byte: u8) -> bool {
    // Without branches, so that many are looked at in one go.
    (byte < b' ')
        & (byte != 0)
        & (byte != b'\t')
        & (byte != b'\n')
        & (byte != 0x0C)
        & (byte != b'\r')
        & (byte != 0x1B)
}

fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let blocks = bytes.chunks(u8::MAX.into());
    blocks.map(|block| usize::from(block.iter().map(|&b| u8::from(is(b))).sum::<u8>())).sum()
}

/// How many of the first bytes are control characters, NUL included.
pub(super) fn controls(bytes: &[u8], limit: usize) -> usize {
    count(bytes.get(..limit).unwrap_or(bytes), |b| (b == 0) | is_control(b))
}

/// Whether so much of it is no text that it is none: every tenth byte a control character (random bytes: 25 of
/// 256), or a third NULs, those at the beginning and the end left out: a log that was truncated while it was written begins with
/// them, files and records are padded with them.
pub(super) fn by_content(bytes: &[u8]) -> Option<&'static str> {
    let hole = bytes.iter().take_while(|&&b| b == 0).count();
    let begun = bytes.get(hole..).unwrap_or_default();
    let sample = begun.get(..SAMPLE_BYTES).unwrap_or(begun);
    let padding = sample.iter().rev().take_while(|&&b| b == 0).count();
    let sample = sample.get(..sample.len() - padding).unwrap_or_default();
    let nuls = count(sample, |b| b == 0);
    let others = count(sample, is_control);
    let none = sample.is_empty() && hole > 0;
    // Random bytes hold a control character in ten: a twentieth of them leaves room for the luck of small files.
    (none || nuls * 3 > sample.len() || (others * 20 > sample.len() && others >= 4)).then_some("binary data")
}

/// Whether control characters are so many that the rest must look like text in some encoding: one in fifty, and two at least.
pub(super) fn doubtful(bytes: &[u8]) -> bool {
    let sample = bytes.get(..SAMPLE_BYTES).unwrap_or(bytes);
    let controls = count(sample, is_control);
    controls >= 2 && controls * 50 > sample.len()
}
