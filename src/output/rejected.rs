//! What was set aside: the document as it came, and why.

use serde::Serialize;

/// One document or record that was not written.
#[derive(Debug, Serialize)]
pub struct Rejected<'a> {
    pub id: &'a str,
    pub source: &'a str,
    /// Line or record number in the source, from 1; 0 when the source is one document.
    pub place: u64,
    /// Who set it aside: `input`, `decode`, or a stage.
    pub stage: &'a str,
    pub rule: &'a str,
    pub detail: &'a str,
    /// The document as it came, when that is UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<&'a str>,
    /// The document as it came, when it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_base64: Option<String>,
}

impl<'a> Rejected<'a> {
    /// Puts the bytes as found into the record.
    pub fn with_raw(mut self, raw: &'a [u8]) -> Self {
        match std::str::from_utf8(raw) {
            Ok(text) => self.raw = Some(text),
            Err(_) => self.raw_base64 = Some(base64(raw)),
        }
        self
    }

    /// Appends it as one line of JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        // The members are strings and a number, so that only a failing writer could fail, and a Vec does not.
        serde_json::to_writer(&mut *out, self).expect("strings serialise");
        out.push(b'\n');
    }
}

/// RFC 4648, with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().enumerate().fold(0_u32, |word, (n, &byte)| word | u32::from(byte) << (16 - 8 * n));
        for n in 0..4 {
            let sextet = (word >> (18 - 6 * n)) & 0x3F;
            out.push(if n <= chunk.len() { ALPHABET[sextet as usize] as char } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
    }
}
