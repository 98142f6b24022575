//! What must hold for any bytes: the decoder does not panic, accounts for what it puts in, and does not care how the bytes arrive.

use std::io::{self, Cursor, Read};
use std::time::{Duration, Instant};

use corpus_clean::decode::{By, Decoded, decode};
use corpus_clean::input::{Form, Options, Reader};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_2022_JP, ISO_8859_2, KOI8_R, SHIFT_JIS, UTF_8, WINDOWS_874,
    WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Texts of our own, each with the encodings it was written in.
const TEXTS: &[(&str, &[&Encoding])] = &[
    ("市场开到下午五点，卖菜的老人坐在树下打盹。\n孩子们放学路过，买两根黄瓜。\n", &[UTF_8, GB18030]),
    ("市場開到下午五點，賣菜的老人坐在樹下打盹。\n孩子們放學路過，買兩根黃瓜。\n", &[UTF_8, BIG5, GB18030]),
    (
        "市場は午後五時まで開いている。\nおばあさんは木の下で居眠りをしていた。\n",
        &[SHIFT_JIS, EUC_JP, ISO_2022_JP],
    ),
    ("시장은 오후 다섯 시까지 연다.\n할머니는 나무 아래에서 졸고 있었다.\n", &[EUC_KR]),
    ("Рынок открыт до пяти часов, и старик дремлет под деревом.\n", &[UTF_8, WINDOWS_1251, KOI8_R]),
    (
        "Le marché est ouvert jusqu'à cinq heures ; à l'ombre, un vieil homme rêve déjà.\n",
        &[UTF_8, WINDOWS_1252],
    ),
    ("Targ jest otwarty do piątej, a staruszek drzemie pod drzewem i śni o wiośnie.\n", &[ISO_8859_2]),
    ("Η αγορά είναι ανοιχτή ως τις πέντε και ο γέρος κοιμάται κάτω από το δέντρο.\n", &[WINDOWS_1253]),
    ("Pazar saat beşe kadar açık; yaşlı adam ağacın altında uyukluyor.\n", &[WINDOWS_1254]),
    ("השוק פתוח עד חמש, והזקן מנמנם מתחת לעץ.\n", &[WINDOWS_1255]),
    ("ตลาดเปิดถึงห้าโมงเย็น คุณยายนั่งหลับอยู่ใต้ต้นไม้\n", &[WINDOWS_874]),
];

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let all = TEXTS.iter().flat_map(|&(text, encodings)| encodings.iter().map(move |e| (text, e)));
    all.map(|(text, encoding)| (text, encoding.encode(text).0.into_owned())).collect()
}

/// Two reads, the second from `at` on.
struct Split(Cursor<Vec<u8>>, u64);

impl Read for Split {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.1.checked_sub(self.0.position()).filter(|&left| left > 0);
        let most =
            left.map_or(into.len(), |left| into.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
        self.0.read(&mut into[..most])
    }
}

/// The text of the only document there.
fn through_reader(bytes: &[u8], at: usize) -> Decoded {
    let reader = Reader::new(vec![], &Options::default(), vec![]).unwrap();
    let mut texts = Vec::new();
    for batch in reader.with_stdin(Split(Cursor::new(bytes.to_vec()), at as u64)) {
        for item in batch.items.iter().filter(|item| matches!(item.form, Form::Document(_))) {
            texts.push(decode(&batch.bytes[item.span.clone()], None).unwrap());
        }
    }
    assert_eq!(texts.len(), 1);
    texts.remove(0)
}

#[test]
fn the_same_however_it_is_split() {
    for (text, bytes) in samples() {
        let whole = decode(&bytes, None).unwrap();
        assert_eq!(whole.text, text, "read as {}", whole.encoding);
        for at in 0..=bytes.len() {
            assert_eq!(through_reader(&bytes, at), whole, "split at byte {at}");
        }
    }
}

/// Every sample cut after every byte is still read as what it is, but for the last character.
#[test]
fn cut_anywhere() {
    for (text, bytes) in samples() {
        let whole = decode(&bytes, None).unwrap();
        // From two thirds on there is enough to tell.
        for end in bytes.len() * 2 / 3..bytes.len() {
            let decoded = decode(&bytes[..end], None).unwrap();
            let read = decoded.text.trim_end_matches('\u{FFFD}');
            assert!(text.starts_with(read), "cut at {end}: {} gives {:?}", decoded.encoding, decoded.text);
            assert_eq!(decoded.encoding, whole.encoding);
        }
    }
}

#[test]
fn lines_in_several_encodings() {
    let samples = samples();
    // Whatever two encodings of East Asia and UTF-8 are put together, line by line.
    for (first, a) in samples.iter().take(4) {
        for (second, b) in samples.iter().take(5) {
            let text = format!("{first}{second}plain\n{first}");
            let decoded = decode(&[&a[..], b, b"plain\n", a].concat(), None).unwrap();
            assert_eq!(decoded.text, text, "{} {:?}", decoded.encoding, decoded.also);
            assert_eq!(decoded.also.is_some(), decoded.by == By::Mixed);
        }
    }
}

/// What holds for any bytes.
fn check(bytes: &[u8], declared: Option<&str>) -> Result<(), TestCaseError> {
    let Ok(decoded) = decode(bytes, declared) else { return Ok(()) };
    prop_assert!((0.0..=1.0).contains(&decoded.confidence));
    let marks = decoded.text.matches(char::REPLACEMENT_CHARACTER).count();
    prop_assert!(decoded.replaced <= marks);
    prop_assert_eq!(decoded.also.is_some(), decoded.by == By::Mixed);
    // Text of ASCII and lines stay: whatever is read wrongly, it is not lost.
    let lines = bytes.iter().filter(|&&b| b == b'\n').count();
    if !decoded.encoding.starts_with("UTF-") && !decoded.encoding.starts_with("IBM") && declared.is_none() {
        prop_assert!(decoded.text.matches('\n').count() <= lines);
    }
    Ok(())
}

#[test]
fn no_bytes_break_it() {
    let samples = samples();
    let piece = prop_oneof![
        3 => proptest::sample::select(samples).prop_map(|(_, bytes)| bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
        1 => proptest::collection::vec(proptest::sample::select(&b"\x00\x0e\x0f\x1b$)C+~{}-<meta charset=big5>\n\x80\x81\xfe\xff"[..]), 0..20),
    ];
    let bytes = (
        proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat()),
        proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0..3_u8), 0..4),
    );
    let damaged = bytes.prop_map(|(mut bytes, damages)| {
        for (at, byte, kind) in damages {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        bytes
    });
    let declared =
        proptest::sample::select(vec![None, Some("gbk"), Some("koi8-r!"), Some("utf-7"), Some("ibm852")]);
    let config = Config { cases: 3000, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
    .run(&(damaged, declared), |(bytes, declared)| check(&bytes, declared))
    .unwrap();
}

#[test]
fn valid_utf_8_is_what_it_is() {
    let config = Config { cases: 1000, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&"[ -}¡-ÿА-я一-龥あ-んA-Za-z\n]{0,200}", |text| {
            let decoded = decode(text.as_bytes(), Some("gbk")).unwrap();
            prop_assert_eq!((decoded.text, decoded.encoding, decoded.by), (text, "UTF-8", By::Utf8));
            Ok(())
        })
        .unwrap();
}

/// Time grows with the length, whatever the bytes.
#[test]
fn linear() {
    let time = |bytes: &[u8]| {
        let start = Instant::now();
        let _ = decode(bytes, None);
        start.elapsed()
    };
    let _ = decode(&EUC_KR.encode(TEXTS[3].0).0, None);
    for unit in [
        &b"\xFF"[..],
        b"\x81",
        b"\x80\n",
        b"\xC4\xE3",
        b"\xC4\xE3\n",
        b"\xE4",
        b"a\xE9 ",
        b"\x81\x30",
        b"<\xE9",
        b"~{",
        b"+\xE9\xE9\xE9\n\xE4\xBD\xA0\n",
    ] {
        let (small, large) = (unit.repeat((64 << 10) / unit.len()), unit.repeat((512 << 10) / unit.len()));
        let short = (0..3).map(|_| time(&small)).min().unwrap_or_default();
        let long = (0..3).map(|_| time(&large)).min().unwrap_or_default();
        assert!(long < short * 40 + Duration::from_millis(200), "{unit:?}: {short:?}, {long:?}");
    }
}
