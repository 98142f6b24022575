//! What kind of character a character is, as far as cleaning cares.

use std::sync::LazyLock;

/// The kinds that counts and rules distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// White space, ideographic space included.
    Space,
    /// A character of Chinese writing, compatibility ideographs included.
    Han,
    /// Hiragana or katakana.
    Kana,
    /// A letter of any other script.
    Letter,
    /// A decimal digit, ASCII or full-width.
    Digit,
    /// A mark that ends or divides a sentence in some script: `. 。 ! ？ … ，` but see [`is_sentence_end`].
    Mark,
    /// Anything else: symbols, brackets, quotation marks, combining marks.
    Other,
}

/// The class of `c`; one table look-up for the basic plane.
pub fn class(c: char) -> Class {
    static BMP: LazyLock<Box<[Class]>> = LazyLock::new(|| {
        (0..=0xFFFF_u32).map(|code| char::from_u32(code).map_or(Class::Other, compute)).collect()
    });
    BMP.get(c as usize).copied().unwrap_or_else(|| compute(c))
}

fn compute(c: char) -> Class {
    if c.is_whitespace() {
        Class::Space
    } else if is_han(c) {
        Class::Han
    } else if matches!(c, '\u{3040}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}')
    {
        Class::Kana
    } else if c.is_ascii_digit() || ('０'..='９').contains(&c) {
        Class::Digit
    } else if is_sentence_end(c) || is_sentence_comma(c) {
        Class::Mark
    } else if c.is_alphabetic() {
        Class::Letter
    } else {
        Class::Other
    }
}

/// A character of Chinese writing: the unified and compatibility ideographs, `〇` and `々`.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{F900}'..='\u{FAFF}' | '々' | '〇'
        | '\u{20000}'..='\u{323AF}')
}

/// A mark that ends a sentence, in any of the scripts we meet.
pub fn is_sentence_end(c: char) -> bool {
    matches!(
        c,
        '.' | '!'
            | '?'
            | '…'
            | '。'
            | '！'
            | '？'
            | '｡'
            | '．'
            | '؟'
            | '۔'
            | '।'
            | '॥'
            | '።'
            | '‼'
            | '⁇'
            | '⁈'
            | '⁉'
    )
}

/// A mark that divides a sentence.
pub fn is_sentence_comma(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '，' | '；' | '：' | '、' | '،' | '؛')
}

/// A private-use character of the basic plane.
pub fn is_private_use(c: char) -> bool {
    ('\u{E000}'..='\u{F8FF}').contains(&c)
}
