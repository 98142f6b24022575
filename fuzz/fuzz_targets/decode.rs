//! No bytes make the decoder panic or give text that its own record does not account for.
#![no_main]

use corpus_clean::decode::decode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for declared in [None, Some("gbk"), Some("windows-1251!")] {
        let Ok(decoded) = decode(bytes, declared) else { continue };
        assert!((0.0..=1.0).contains(&decoded.confidence));
        assert!(decoded.replaced <= decoded.text.matches('\u{FFFD}').count());
        if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(['\0', '\u{1B}', '~', '\u{FEFF}'])) && declared.is_none() {
            assert_eq!(decoded.text.as_bytes(), bytes);
        }
    }
});
