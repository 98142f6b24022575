//! Lines of questions that all name the same trade, with a telephone number.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::document::Document;
use crate::lang::chars;

/// Digits of the shortest telephone number with its area code left out.
const NUMBER: usize = 7;
/// Questions and clauses such a line has at least; the labelled one has three and seven.
const QUESTIONS: usize = 2;
const CLAUSES: usize = 5;
/// Characters of the longest line looked at; the labelled one has 97.
const VISIBLE: u32 = 400;

/// The lines of a document that are stuffed so.
pub fn find(doc: &Document) -> Vec<Range<usize>> {
    let could_be = |line: &&crate::lang::lines::Line| {
        line.digits as usize >= NUMBER
            && line.ends as usize >= QUESTIONS
            && line.commas >= 1
            && line.han >= 20
            && line.visible() <= VISIBLE
    };
    doc.lines()
        .iter()
        .filter(could_be)
        .filter(|line| is_stuffed(doc.line(line)))
        .map(|line| line.span())
        .collect()
}

/// Whether most clauses of `line` hold the same four characters, two of them are questions, and one ends in a telephone number.
fn is_stuffed(line: &str) -> bool {
    let longest = line.split(|c: char| !c.is_ascii_digit() && c != '-').map(str::len).max().unwrap_or(0);
    if longest < NUMBER || line.matches(['？', '?']).count() < QUESTIONS {
        return false;
    }
    let mut clauses = 0;
    let mut said: HashMap<[char; 4], usize> = HashMap::new();
    for clause in line.split(['？', '?', '，', ',', '。', '！', '!', '；']) {
        let han: Vec<char> = clause.chars().filter(|c| chars::is_han(*c)).collect();
        if han.len() < 4 {
            continue;
        }
        clauses += 1;
        let grams: HashSet<[char; 4]> = han.windows(4).filter_map(|gram| gram.try_into().ok()).collect();
        grams.into_iter().for_each(|gram| *said.entry(gram).or_default() += 1);
    }
    let most = said.into_values().max().unwrap_or(0);
    clauses >= CLAUSES && most * 4 >= clauses * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_about_one_trade_with_a_number_are_stuffed() {
        let line = "湖州手工竹编哪家好？湖州手工竹编摆件报价是多少？湖州手工竹编质量怎么样？湖州小船竹编有限公司专业承接湖州手工竹编,湖州手工竹编定做,电话:13500000000";
        assert!(is_stuffed(line));
        assert!(!is_stuffed(&line.replace("13500000000", "")));
        assert!(!is_stuffed(&line.replace('？', "。")));
        assert!(!is_stuffed(
            "几点开门？上午九点，周末八点半，节假日另行通知。怎么去？坐三路车到渡口下，走五分钟。要预约吗？不用，有事请打电话05720000000。"
        ));
    }
}
