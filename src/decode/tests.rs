use encoding_rs::{BIG5, EUC_JP, EUC_KR, GB18030, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

use super::*;

const CHINESE: &str = "今天早上下了一场大雨，院子里的水缸都满了。孩子们穿着雨鞋在门口踩水，笑得很开心。";
const JAPANESE: &str =
    "朝から雨が降っていたので、庭の水がめはいっぱいになった。子どもたちは長靴をはいて遊んでいる。";
const KOREAN: &str = "아침부터 비가 많이 내려서 마당의 물독이 가득 찼다. 아이들은 장화를 신고 놀고 있다.";
const RUSSIAN: &str = "Утром шёл сильный дождь, и бочка во дворе наполнилась до краёв. Дети бегали по лужам.";
const FRENCH: &str =
    "Ce matin il a plu très fort ; à midi le tonneau était déjà plein, et les élèves jouaient.";

#[track_caller]
fn check(bytes: &[u8], declared: Option<&str>, text: &str, encoding: &str, by: By) {
    let decoded = decode(bytes, declared).unwrap();
    assert_eq!(
        (decoded.text.as_str(), decoded.encoding, decoded.by, decoded.replaced),
        (text, encoding, by, 0)
    );
}

#[test]
fn unicode() {
    check(b"", None, "", "UTF-8", By::Utf8);
    check(b"plain", Some("gbk"), "plain", "UTF-8", By::Utf8);
    check(CHINESE.as_bytes(), Some("gbk"), CHINESE, "UTF-8", By::Utf8);
    check("<meta charset=gbk>好".as_bytes(), None, "<meta charset=gbk>好", "UTF-8", By::Utf8);
    check("\u{feff}好".as_bytes(), None, "好", "UTF-8", By::Bom);
    check("a line\0\nanother\0\n\0\0".as_bytes(), None, "a line\0\nanother\0\n\0\0", "UTF-8", By::Utf8);
}

#[test]
fn wide() {
    for text in [CHINESE, JAPANESE, KOREAN, RUSSIAN, FRENCH, "just a few words", "一场大雨\n"] {
        for mark in ["", "\u{feff}"] {
            let marked = format!("{mark}{text}");
            let by = if mark.is_empty() { By::Model } else { By::Bom };
            let bytes = |f: fn(u16) -> [u8; 2]| marked.encode_utf16().flat_map(f).collect::<Vec<_>>();
            check(&bytes(u16::to_le_bytes), None, text, "UTF-16LE", by);
            check(&bytes(u16::to_be_bytes), None, text, "UTF-16BE", by);
            let bytes = |f: fn(u32) -> [u8; 4]| marked.chars().flat_map(|c| f(c.into())).collect::<Vec<_>>();
            check(&bytes(u32::to_le_bytes), None, text, "UTF-32LE", by);
            check(&bytes(u32::to_be_bytes), None, text, "UTF-32BE", by);
        }
    }
}

#[test]
fn older_encodings() {
    for (text, encoding, name) in [
        (CHINESE, GB18030, "GBK"),
        (JAPANESE, SHIFT_JIS, "Shift_JIS"),
        (KOREAN, EUC_KR, "EUC-KR"),
        (RUSSIAN, WINDOWS_1251, "windows-1251"),
        (FRENCH, WINDOWS_1252, "windows-1252"),
    ] {
        let (bytes, _, _) = encoding.encode(text);
        check(&bytes, None, text, name, By::Model);
        // Far behind a long stretch of ASCII, and so long that a sample must do.
        let long = format!("{}\n{}", "<td>&nbsp;</td>\n".repeat(10_000), format!("{text}\n").repeat(3_000));
        let (bytes, _, _) = encoding.encode(&long);
        check(&bytes, None, &long, name, By::Model);
    }
    check(b"\x1b$B$3$s\x1b(B", None, "こん", "ISO-2022-JP", By::Model);
    check(b"\x1b[1mbold\x1b[0m", None, "\x1b[1mbold\x1b[0m", "UTF-8", By::Utf8);
}

#[test]
fn letters_that_stand_alone() {
    use encoding_rs::{KOI8_R, WINDOWS_1250, WINDOWS_1253};
    for (encoding, texts) in [
        (
            WINDOWS_1252,
            &[
                // Lists and tables of characters, in which any letter is as likely as the next.
                "e0\tà\tLATIN SMALL LETTER A WITH GRAVE\ne9\té\tLATIN SMALL LETTER E WITH ACUTE\n",
                "fe\tþ\tLETRA MINÚSCULA THORN\nff\tÿ\tLETRA MINÚSCULA Y CON DIÉRESIS\n",
                "b2\t²\tHOCHGESTELLTE ZWEI\nb3\t³\tHOCHGESTELLTE DREI\n",
                "<tr><td>à<td>agrave<tr><td>ñ<td>ntilde<tr><td>þ<td>thorn",
                "{'é': 'e', 'ö': 'o', 'ñ': 'n', 'Å': 'A'}",
                "|ñ|n with tilde|\n|ü|u with diaeresis|",
                "The letter 'þ' (thorn) is used in Icelandic.",
                "Die Umlaute sind ä, ö und ü.",
                // Words of one letter, and signs.
                "Je vais à la gare.",
                "Questo è il primo.",
                "It costs about £5, and 20 °C is warm.",
                "See § 5 of the manual – and the table.",
                "The room is 5 × 4 m².",
            ][..],
        ),
        (WINDOWS_1250, &["a\tz ogonkiem\tą\ne\tz ogonkiem\tę\nz kropką\tż\nź\tz kreską\n"]),
        (
            WINDOWS_1251,
            &["а\tазбука\nб\tбуква\nв\tверста\n", "Буква \"ё\" и буква \"е\"", "в 10 раз", "Я и ты"],
        ),
        (KOI8_R, &["а\tазбука\nб\tбуква\nв\tверста\n", "Буква \"ё\" и буква \"е\" в алфавите"]),
        (WINDOWS_1253, &["α\tάλφα\nβ\tβήτα\nγ\tγάμμα\n"]),
    ] {
        for text in texts {
            let (bytes, _, unmappable) = encoding.encode(text);
            assert!(!unmappable, "{text}");
            let decoded = decode(&bytes, None).unwrap();
            assert_eq!((decoded.text.as_str(), decoded.replaced), (*text, 0), "{}", decoded.encoding);
        }
    }
    // No letter, no evidence: what is most frequent on the web, and little confidence.
    let decoded = decode(b"\xFF", None).unwrap();
    assert_eq!((decoded.text.as_str(), decoded.encoding), ("ÿ", "windows-1252"));
    assert!(decoded.confidence < 0.9);
}

#[test]
fn declarations_are_heard_not_obeyed() {
    let page = |label: &str, text: &str| {
        format!("<html><head><meta charset=\"{label}\"></head><body>{text}</body></html>")
    };
    let big5 = page("big5", "臺灣的天氣很熱");
    let (bytes, _, _) = BIG5.encode(&big5);
    check(&bytes, None, &big5, "Big5", By::Declared);
    // The declaration lies.
    let lie = page("iso-8859-1", CHINESE);
    let (bytes, _, _) = GB18030.encode(&lie);
    check(&bytes, None, &lie, "GBK", By::Model);
    check(&bytes, Some("utf-8"), &lie, "GBK", By::Model);
    let lie = page("iso-8859-1", RUSSIAN);
    let (bytes, _, _) = WINDOWS_1251.encode(&lie);
    check(&bytes, None, &lie, "windows-1251", By::Model);
    let (bytes, _, _) = GB18030.encode(CHINESE);
    check(&bytes, Some("gb2312"), CHINESE, "gb18030", By::Declared);
}

#[test]
fn damage_is_counted() {
    let cut = |text: &str, bytes: usize| decode(&text.as_bytes()[..text.len() - bytes], None).unwrap();
    for missing in 1..3 {
        let decoded = cut("好好", missing);
        assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.replaced), ("好\u{fffd}", "UTF-8", 1));
    }
    let mut bytes = format!("{CHINESE}\u{fffd}").into_bytes();
    bytes[30] = 0xFF;
    let decoded = decode(&bytes, None).unwrap();
    assert_eq!((decoded.encoding, decoded.text.matches('\u{fffd}').count()), ("UTF-8", decoded.replaced + 1));
    let (gbk, _, _) = GB18030.encode(CHINESE);
    let decoded = decode(&gbk[..gbk.len() - 1], None).unwrap();
    assert_eq!((decoded.encoding, decoded.replaced), ("GBK", 1));
}

#[test]
fn lines_of_another_encoding() {
    let utf8 = format!("{CHINESE}\n\nplain\n");
    let (gbk, _, _) = GB18030.encode(CHINESE);
    let mixed = [utf8.as_bytes(), &gbk, b"\n", utf8.as_bytes()].concat();
    let decoded = decode(&mixed, None).unwrap();
    assert_eq!(decoded.text, format!("{utf8}{CHINESE}\n{utf8}"));
    assert_eq!((decoded.encoding, decoded.also, decoded.replaced), ("UTF-8", Some("GBK"), 0));
    // One line of the other sort.
    let mixed =
        [&gbk[..], b"\n", &gbk, b"\n", &gbk, b"\n", &gbk, b"\n", &gbk, b"\n", utf8.as_bytes()].concat();
    assert_eq!(decode(&mixed, None).unwrap().text, format!("{}{utf8}", format!("{CHINESE}\n").repeat(5)));
    // A rule in EUC-KR, the second byte of which begins a character of UTF-8.
    let rule = format!("{KOREAN}\n안녕{}\n", "▥".repeat(40));
    let (bytes, _, _) = EUC_KR.encode(&rule);
    check(&bytes, None, &rule, "EUC-KR", By::Model);
    // Short lines of which some are UTF-8 by chance.
    let short: String = CHINESE.chars().flat_map(|c| [c, '\n']).collect::<String>().repeat(20);
    let (bytes, _, _) = GB18030.encode(&short);
    check(&bytes, None, &short, "GBK", By::Model);
}

#[test]
fn encodings_that_are_not_of_the_web() {
    check(b"\x1b$)C\n\x0e>H3g\x0f!", None, "안녕!", "ISO-2022-KR", By::Model);
    let hz: Vec<u8> = GB18030.encode("今天早上下了一场大雨").0.iter().map(|b| b & 0x7F).collect();
    let hz = [b"HZ: ~{", &hz[..], b"~} ~~"].concat();
    check(&hz, None, "HZ: 今天早上下了一场大雨 ~", "HZ-GB-2312", By::Model);
    check(b"a ~{ b } ~} c", None, "a ~{ b } ~} c", "UTF-8", By::Utf8);
    check(b"1+1-2 +AOk-t+AOk-", Some("utf-7"), "1+1-2 +AOk-t+AOk-", "UTF-8", By::Utf8);
    check(b"+AOk-t+AOk- +-", Some("utf-7"), "été +", "UTF-7", By::Declared);
    let polish = "Targ jest otwarty do piątej, a staruszek śpi pod drzewem i śni o wiośnie.";
    let table = |name: &str, text: &str| -> Vec<u8> {
        let (_, upper) = more::TABLES.iter().find(|(of, _)| *of == name).unwrap();
        let upper: Vec<char> = upper.chars().collect();
        let first = 256 - upper.len();
        let byte = |c| upper.iter().position(|&u| u == c).map_or(c as u8, |at| (first + at) as u8);
        text.chars().map(byte).collect()
    };
    check(&table("IBM852", polish), None, polish, "IBM852", By::Model);
    check(&table("IBM852", polish), Some("cp852"), polish, "IBM852", By::Declared);
    let english = "It was a fine morning, and the whole village was out in the street.";
    check(&table("IBM037", english), None, english, "IBM037", By::Model);
    let cns = b"\x1b$)G\x0eD%\x0f";
    assert_eq!(decode(cns, None), Err(Undecodable::Unsupported { encoding: "ISO-2022-CN" }));
}

#[test]
fn orders_are_obeyed() {
    let (bytes, _, _) = GB18030.encode(CHINESE);
    check(&bytes, Some("gbk!"), CHINESE, "GBK", By::Declared);
    let decoded = decode(&bytes, Some("windows-1252!")).unwrap();
    assert_eq!((decoded.encoding, decoded.by), ("windows-1252", By::Declared));
    assert!(is_known("gbk!") && is_known("cp852") && is_known("UTF-7") && !is_known("gb1"));
}

#[test]
fn lines_out_of_step() {
    let text = format!("{CHINESE}\n{CHINESE}\n");
    for (encoding, name) in [(GB18030, "GBK"), (BIG5, "Big5"), (SHIFT_JIS, "Shift_JIS"), (EUC_KR, "EUC-KR")] {
        let text = match name {
            "GBK" => text.clone(),
            "Big5" => "今天早上下了一場大雨，院子裡的水缸都滿了。\n孩子們穿著雨鞋在門口踩水。\n".to_owned(),
            "Shift_JIS" => format!("{JAPANESE}\n{JAPANESE}\n"),
            _ => format!("{KOREAN}\n{KOREAN}\n"),
        };
        let (bytes, _, _) = encoding.encode(&text);
        // A stray byte between two characters, after the third.
        let mut stray = bytes.to_vec();
        stray.insert(6, 0xFF);
        let decoded = decode(&stray, None).unwrap();
        assert_eq!(
            (decoded.text.replace('\u{fffd}', ""), decoded.encoding, decoded.replaced),
            (text.clone(), name, 1)
        );
        // Most of the text is as it was after a lost one.
        let mut lost = bytes.to_vec();
        lost.remove(6);
        let decoded = decode(&lost, None).unwrap();
        let end: String = text.chars().skip(8).collect();
        assert!(decoded.text.ends_with(&end), "{}", decoded.text);
    }
}

#[test]
fn cut_at_start() {
    let (gbk, _, _) = GB18030.encode(CHINESE);
    let decoded = decode(&gbk[1..], None).unwrap();
    let rest: String = CHINESE.chars().skip(1).collect();
    assert_eq!((decoded.text, decoded.encoding, decoded.replaced), (format!("\u{fffd}{rest}"), "GBK", 1));
}

#[test]
fn rulers_are_in_the_encoding_of_their_text() {
    for (text, encoding, name, by) in
        [(JAPANESE, EUC_JP, "EUC-JP", By::Model), (CHINESE, GB18030, "GBK", By::Model)]
    {
        for ruler in ["～", "＝", "★", "…"] {
            let ruler = ruler.repeat(30);
            let text = format!("{text}\n{ruler}\n{text}\n<p>{ruler}</p>\n").repeat(20);
            let (bytes, _, unmappable) = encoding.encode(&text);
            assert!(!unmappable);
            check(&bytes, None, &text, name, by);
        }
    }
}

#[test]
fn text_behind_a_hole() {
    let log = format!("{}{CHINESE}\n", "\0".repeat(100_000));
    check(log.as_bytes(), None, &log, "UTF-8", By::Utf8);
    let (bytes, _, _) = GB18030.encode(&log);
    check(&bytes, None, &log, "GBK", By::Model);
}

#[test]
fn a_nul_or_the_end_of_a_dos_file_makes_no_utf_16() {
    for text in [RUSSIAN, FRENCH, CHINESE, JAPANESE, KOREAN] {
        let mut holed = text.to_owned();
        holed.insert(text.char_indices().nth(5).unwrap().0, '\0');
        check(holed.as_bytes(), None, &holed, "UTF-8", By::Utf8);
    }
    let polish = "Babcia sprzedawała marchew na rynku w każdą sobotę. Źrebię wyszło na łąkę.\n".repeat(20);
    for (text, encoding, name) in [
        (polish.as_str(), encoding_rs::WINDOWS_1250, "windows-1250"),
        (CHINESE, GB18030, "GBK"),
        (JAPANESE, SHIFT_JIS, "Shift_JIS"),
    ] {
        let text = format!("{text}\n\x1A");
        check(&encoding.encode(&text).0, None, &text, name, By::Model);
    }
}

#[test]
fn a_bad_byte_makes_no_other_encoding_of_latin_utf_8() {
    let bytes = ["Müller, Köln ".as_bytes(), b"\x96", " Straße\n".as_bytes()].concat();
    let decoded = decode(&bytes, None).unwrap();
    assert_eq!((decoded.text.as_str(), decoded.encoding), ("Müller, Köln \u{fffd} Straße\n", "UTF-8"));
    let table = "Name;Ort\nMüller;Köln\nJäger;Düren\nSchröder;Münster\n";
    let decoded = decode(&[table.as_bytes(), b"Gro\xDF;Bonn\n"].concat(), None).unwrap();
    assert_eq!(decoded.text, format!("{table}Groß;Bonn\n"));
    assert_eq!((decoded.encoding, decoded.also), ("UTF-8", Some("windows-1252")));
}

#[test]
fn encodings_of_tables_are_heard_in_markup() {
    check(
        b"<meta charset=ibm850>Gro\xE1mutter",
        None,
        "<meta charset=ibm850>Großmutter",
        "IBM850",
        By::Declared,
    );
}

#[test]
fn binary_files() {
    #[track_caller]
    fn binary(bytes: &[u8], kind: &'static str) {
        assert_eq!(decode(bytes, None), Err(Undecodable::Binary { kind }));
    }
    binary(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image");
    binary(b"GIF89a\x01\0\x01\0", "a GIF image");
    binary(b"%PDF-1.4\n1 0 obj\n<< >>", "a PDF document");
    binary(b"PK\x03\x04\x14\0", "a ZIP archive or an office document");
    binary(b"\x80\x05\x95\x10\0\0\0", "a Python pickle");
    binary(b"P5\n4 2\n255\n\x01\x02\x90\x91\x05\x06\x07\x10", "a PNM image");
    binary(b"\x1A\x01\x14\0\x0F\0dumb|80-column dumb tty\0", "a terminal description");
    binary(&[0; 100], "binary data");
    let noise: Vec<u8> = (0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    binary(&noise, "binary data");
    assert_eq!(decode(&[0; 9], None).unwrap_err().to_string(), "not text but binary data");
    for text in [
        "P5 is a size.\n",
        "P6\n3 4\n",
        "GIF89a is an old format.",
        "%PDF-1.4 is how it begins.",
        "MZ",
        "ID3 tags",
        "BMW",
        "\u{1}\u{2}",
    ] {
        check(text.as_bytes(), None, text, "UTF-8", By::Utf8);
    }
}

#[test]
fn no_bytes_make_it_panic() {
    for len in 0..64 {
        for seed in 0..200_u32 {
            let bytes: Vec<u8> = (0..len)
                .map(|n| (seed.wrapping_mul(2_654_435_761).wrapping_mul(n * n + 1) >> 11) as u8)
                .collect();
            let _ = decode(&bytes, Some("gbk"));
        }
    }
}
