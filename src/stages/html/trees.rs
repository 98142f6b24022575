//! The fitted score of a line: boosted decision trees over what is measured of it.
//!
//! `trees.tsv` is written by `tests/corpus/fit_html.py`, and says where it comes from.

use std::sync::LazyLock;

use super::features::{self, Row};

/// A fork: lines whose number `feature` is at most `limit` go to `low`, others to `high`. A negative index is a leaf.
#[derive(Clone, Copy, Debug)]
struct Fork {
    feature: u16,
    low: i16,
    high: i16,
    limit: f32,
}

/// All trees, each in a stretch of both lists.
struct Forest {
    forks: Vec<Fork>,
    leaves: Vec<f32>,
    /// Where each tree begins in the two lists.
    starts: Vec<(u32, u32)>,
}

static FOREST: LazyLock<Forest> = LazyLock::new(|| Forest::read(include_str!("trees.tsv")));

/// The logarithm of the odds that a line belongs to the main text.
pub fn log_odds(row: &Row) -> f32 {
    FOREST.score(row)
}

impl Forest {
    /// One tree a line: `F feature limit low high` for each fork, then `L value` for each leaf.
    fn read(table: &str) -> Self {
        let names = features::names();
        let mut forest = Self { forks: Vec::new(), leaves: Vec::new(), starts: Vec::new() };
        for line in table.lines().filter(|l| !l.starts_with('#')) {
            forest.starts.push((forest.forks.len() as u32, forest.leaves.len() as u32));
            let mut cells = line.split('\t');
            while let Some(kind) = cells.next() {
                let mut next = || cells.next().expect("trees.tsv: a row is cut off");
                if kind == "L" {
                    forest.leaves.push(number(next()));
                    continue;
                }
                let name = next();
                let feature = names.iter().position(|n| *n == name).expect("trees.tsv names our features");
                let (limit, low, high) = (number(next()), number(next()), number(next()));
                let feature = feature as u16;
                forest.forks.push(Fork { feature, limit, low: low as i16, high: high as i16 });
            }
        }
        forest
    }

    fn score(&self, row: &Row) -> f32 {
        let mut sum = 0.0;
        for &(forks, leaves) in &self.starts {
            let mut at: i16 = 0;
            while let Some(fork) = usize::try_from(at).ok().and_then(|n| self.forks.get(forks as usize + n)) {
                let value = row.get(usize::from(fork.feature)).copied().unwrap_or(0.0);
                at = if value <= fork.limit { fork.low } else { fork.high };
            }
            // -1 is the first leaf.
            sum += self
                .leaves
                .get(leaves as usize + usize::from((-1 - at).unsigned_abs()))
                .copied()
                .unwrap_or(0.0);
        }
        sum
    }
}

fn number(cell: &str) -> f32 {
    cell.parse().expect("trees.tsv holds numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert!(FOREST.starts.len() > 10);
        for (n, &(forks, leaves)) in FOREST.starts.iter().enumerate() {
            let next = FOREST.starts.get(n + 1).copied();
            let (end, leaf_end) = next.unwrap_or((FOREST.forks.len() as u32, FOREST.leaves.len() as u32));
            assert_eq!(end - forks + 1, leaf_end - leaves, "tree {n}");
            for fork in &FOREST.forks[forks as usize..end as usize] {
                for to in [fork.low, fork.high] {
                    assert!(
                        i64::from(to) < i64::from(end - forks)
                            && -i64::from(to) <= i64::from(leaf_end - leaves)
                    );
                }
            }
        }
    }
}
