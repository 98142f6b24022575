//! The fitted score of a line: boosted decision trees over what is measured of it.
//!
//! `trees.tsv` is written by `tests/corpus/fit_html.py`, and says where it comes from.

use std::sync::LazyLock;

use super::features::{self, Row};

/// A fork: lines whose number `feature` is at most `limit` go to the first of the two, others to the second. -1 is the first leaf.
#[derive(Clone, Copy, Debug)]
struct Fork {
    limit: f32,
    feature: u16,
    to: [i16; 2],
}

/// All trees.
struct Forest {
    forks: Vec<Fork>,
    leaves: Vec<f32>,
    /// The first fork of each tree.
    starts: Vec<i16>,
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
            let (forks, leaves) = (forest.forks.len() as i16, forest.leaves.len() as i16);
            forest.starts.push(forks);
            // In the table each tree counts its own.
            let index = |n: f32| if n < 0.0 { n as i16 - leaves } else { n as i16 + forks };
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
                forest.forks.push(Fork { limit, feature: feature as u16, to: [index(low), index(high)] });
            }
        }
        forest
    }

    fn score(&self, row: &Row) -> f32 {
        let mut sum = 0.0;
        for &start in &self.starts {
            let mut at = start;
            while at >= 0
                && let Some(fork) = self.forks.get(at as usize)
            {
                let value = row.get(usize::from(fork.feature)).copied().unwrap_or(0.0);
                at = fork.to[usize::from(value > fork.limit)];
            }
            sum += self.leaves.get(!at as usize).copied().unwrap_or(0.0);
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
        let (forks, leaves, trees) = (FOREST.forks.len(), FOREST.leaves.len(), FOREST.starts.len());
        assert!(trees > 10 && leaves == forks + trees && leaves < i16::MAX as usize);
        // Everything but the first forks is reached from one fork, and from one that stands before it.
        let mut reached = vec![0; forks + leaves];
        for (n, fork) in FOREST.forks.iter().enumerate() {
            for to in fork.to {
                assert!(to < 0 || to as usize > n, "fork {n}");
                reached[if to < 0 { forks + !to as usize } else { to as usize }] += 1;
            }
        }
        for start in &FOREST.starts {
            reached[*start as usize] += 1;
        }
        assert!(reached.iter().all(|times| *times == 1));
    }
}
