//! What kind of character a character is, as far as cleaning cares.

use std::sync::LazyLock;

use super::han::{self, Script};

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
    code(c).class()
}

/// What a character counts as: its class, split where counts look closer. One look-up answers all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    Space,
    Han,
    /// A Han function character of both scripts: 的 了 在.
    HanFunction,
    /// A Han character of Simplified writing only.
    Hans,
    HansFunction,
    /// A Han character of Traditional writing only.
    Hant,
    HantFunction,
    Kana,
    Latin,
    /// A letter that is neither Latin nor Han nor kana.
    Letter,
    Digit,
    /// A mark that ends a sentence.
    End,
    /// A mark that divides one.
    Comma,
    Other,
}

impl Code {
    /// How many there are, for histograms.
    pub const COUNT: usize = Code::Other as usize + 1;

    pub fn class(self) -> Class {
        match self {
            Self::Space => Class::Space,
            Self::Han
            | Self::HanFunction
            | Self::Hans
            | Self::HansFunction
            | Self::Hant
            | Self::HantFunction => Class::Han,
            Self::Kana => Class::Kana,
            Self::Latin | Self::Letter => Class::Letter,
            Self::Digit => Class::Digit,
            Self::End | Self::Comma => Class::Mark,
            Self::Other => Class::Other,
        }
    }

    /// The script of a Han character that only one script has.
    pub fn script(self) -> Option<Script> {
        match self {
            Self::Hans | Self::HansFunction => Some(Script::Hans),
            Self::Hant | Self::HantFunction => Some(Script::Hant),
            Self::Space
            | Self::Han
            | Self::HanFunction
            | Self::Kana
            | Self::Latin
            | Self::Letter
            | Self::Digit
            | Self::End
            | Self::Comma
            | Self::Other => None,
        }
    }

    pub fn is_function(self) -> bool {
        matches!(self, Self::HanFunction | Self::HansFunction | Self::HantFunction)
    }
}

/// The code of `c`; one table look-up for the basic plane. Beyond it no script or function is told.
pub fn code(c: char) -> Code {
    table().get(c as usize).copied().unwrap_or_else(|| compute(c))
}

/// As [`char::is_alphabetic`], by a look at the table: the standard library goes through lists for all that is not ASCII.
pub fn is_alphabetic(c: char) -> bool {
    match code(c).class() {
        Class::Letter => true,
        Class::Han | Class::Kana => c.is_alphabetic(),
        Class::Space | Class::Digit | Class::Mark => false,
        Class::Other => c as usize >= table().len() && c.is_alphabetic(),
    }
}

/// As [`char::is_alphanumeric`].
pub fn is_alphanumeric(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { is_alphabetic(c) || c.is_numeric() }
}

/// The codes of the basic plane, for loops that look up many characters.
pub fn table() -> &'static [Code] {
    static BMP: LazyLock<Box<[Code]>> = LazyLock::new(|| {
        // Most of the plane are ranges of one code, which need no look at each character.
        let of = |code: u32| match code {
            0x3400..=0x4DBF | 0x4E00..=0x9FFF => Code::Han,
            0x1401..=0x166C | 0xA000..=0xA48C | 0xAC00..=0xD7A3 => Code::Letter,
            0x2190..=0x249B | 0x2500..=0x2BFF | 0xD800..=0xF8FF => Code::Other,
            _ => char::from_u32(code).map_or(Code::Other, compute),
        };
        let mut table: Box<[Code]> = (0..=0xFFFF).map(of).collect();
        for (c, script) in han::script_only() {
            if let Some(code) = table.get_mut(c as usize) {
                *code = match script {
                    Script::Hans => Code::Hans,
                    Script::Hant => Code::Hant,
                };
            }
        }
        for c in han::function_characters() {
            if let Some(code) = table.get_mut(c as usize) {
                *code = match code.script() {
                    Some(Script::Hans) => Code::HansFunction,
                    Some(Script::Hant) => Code::HantFunction,
                    None => Code::HanFunction,
                };
            }
        }
        table
    });
    &BMP
}

fn compute(c: char) -> Code {
    if is_han(c) {
        Code::Han
    } else if c.is_whitespace() {
        Code::Space
    } else if matches!(c, '\u{3040}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}')
    {
        Code::Kana
    } else if c.is_ascii_digit() || ('０'..='９').contains(&c) {
        Code::Digit
    } else if is_sentence_end(c) {
        Code::End
    } else if is_sentence_comma(c) {
        Code::Comma
    } else if is_latin(c) {
        Code::Latin
    } else if c.is_alphabetic() {
        Code::Letter
    } else {
        Code::Other
    }
}

/// A letter of the Latin script, full-width forms included.
fn is_latin(c: char) -> bool {
    matches!(c, '\0'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | '\u{2C60}'..='\u{2C7F}' | '\u{A720}'..='\u{A7FF}'
        | '\u{FB00}'..='\u{FB06}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}')
        && c.is_alphabetic()
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

/// Whether `c` is what Latin-1 or Windows-1252 shows a byte from 0x80 on as: text that was read so is made of nothing else.
pub fn is_high_byte(c: char) -> bool {
    // The characters that Windows-1252 has in place of C1 controls.
    const WINDOWS: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";
    matches!(c, '\u{80}'..='\u{FF}') || WINDOWS.contains(c)
}

/// The last place in `text`, up to `at`, where a character begins.
pub fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
}

/// A private-use character of the basic plane.
pub fn is_private_use(c: char) -> bool {
    ('\u{E000}'..='\u{F8FF}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_class_of_each_character() {
        for c in '\0'..='\u{FFFF}' {
            assert_eq!(class(c), compute(c).class(), "{c:?}");
        }
    }

    #[test]
    fn letters_and_numbers_are_those_of_the_standard_library() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_alphabetic(c), c.is_alphabetic(), "{c:?}");
            assert_eq!(is_alphanumeric(c), c.is_alphanumeric(), "{c:?}");
        }
    }
}
