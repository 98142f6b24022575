//! An encoding: one that encoding_rs knows, or one of the tables in [`super::more`].

use encoding_rs::{Encoding, UTF_8};

use super::more;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// One of the WHATWG standard.
    Standard(&'static Encoding),
    /// One byte a character, by its place in [`more::TABLES`].
    Table(usize),
}

impl Charset {
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard(encoding) => encoding.name(),
            Self::Table(at) => more::TABLES[at].0,
        }
    }

    /// Whether bytes below 0x80 are other characters than in ASCII.
    pub fn is_ebcdic(self) -> bool {
        matches!(self, Self::Table(at) if more::TABLES[at].1.chars().nth(128).is_some())
    }

    /// The encoding of this name: a label of the WHATWG standard, or the IANA name of a table, or `cp` and its number.
    pub fn for_label(label: &str) -> Option<Self> {
        let standard = Encoding::for_label(label.as_bytes()).map(Self::Standard);
        standard.or_else(|| {
            let label = label.trim().to_ascii_lowercase();
            let number = label.strip_prefix("cp").or_else(|| label.strip_prefix("ibm-"));
            let label = number.map_or(label.clone(), |number| format!("ibm{number}"));
            more::TABLES.iter().position(|(name, _)| name.eq_ignore_ascii_case(&label)).map(Self::Table)
        })
    }

    /// The text, and how many U+FFFD were put in.
    pub fn decode(self, bytes: &[u8]) -> (String, usize) {
        match self {
            Self::Standard(encoding) => {
                let (text, errors) = encoding.decode_without_bom_handling(bytes);
                let text = text.into_owned();
                let replaced = if errors {
                    let after = memchr::memmem::find_iter(text.as_bytes(), "\u{FFFD}").count();
                    let before = if encoding == UTF_8 {
                        memchr::memmem::find_iter(bytes, "\u{FFFD}").count()
                    } else {
                        0
                    };
                    after - before.min(after)
                } else {
                    0
                };
                (text, replaced)
            }
            Self::Table(at) => {
                let chars: Vec<char> = more::TABLES[at].1.chars().collect();
                let ascii = 256 - chars.len();
                let read = |&b: &u8| match usize::from(b).checked_sub(ascii) {
                    None => char::from(b),
                    Some(at) => chars.get(at).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
                };
                let text: String = bytes.iter().map(read).collect();
                let replaced = text.matches(char::REPLACEMENT_CHARACTER).count();
                (text, replaced)
            }
        }
    }
}
