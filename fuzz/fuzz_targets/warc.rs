//! An archive: however its bytes are cut into reads, the same items come out, and each record is read or named.
#![no_main]

use std::io::{self, Cursor, Read};

use corpus_clean::input::{Form, Format, Options, Reader, warc};
use libfuzzer_sys::fuzz_target;

/// Gives a few bytes at a time.
struct Slow(Cursor<Vec<u8>>, usize);

impl Read for Slow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(self.1);
        self.0.read(&mut into[..most])
    }
}

fn items(bytes: &[u8], input: Option<Format>, step: usize) -> Vec<(Form, Vec<u8>)> {
    let options = Options { input, max_document: Some(4096), ..Options::default() };
    let reader = Reader::new(vec![], &options, vec![]).expect("valid options");
    let mut all = Vec::new();
    for batch in reader.with_stdin(Slow(Cursor::new(bytes.to_vec()), step)) {
        for item in &batch.items {
            let bytes = &batch.bytes[item.span.clone()];
            if item.form == Form::Archived {
                let _ = warc::parse(bytes, 4096);
            }
            all.push((item.form.clone(), bytes.to_vec()));
        }
    }
    all
}

fuzz_target!(|bytes: &[u8]| {
    for format in [None, Some(Format::Warc)] {
        assert_eq!(items(bytes, format, 7), items(bytes, format, usize::MAX));
    }
});
