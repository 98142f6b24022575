//! The fitted score of a line: boosted decision trees over what is measured of it.
//!
//! `trees.tsv` is written by `tests/corpus/fit_html.py`, and says where it comes from. No tree is walked: each number of a line
//! rules out leaves in all trees that ask for it, and the first leaf that is left in a tree is the one a walk would reach (QuickScorer:
//! Lucchese et al. 2015). Half of the instructions of walks, and no jump that cannot be foreseen.

use std::ops::Range;
use std::sync::LazyLock;

use super::features::{self, Row};

/// A line whose number is greater than `limit` reaches none of the leaves of `tree` that are not in `left`.
#[derive(Clone, Copy, Debug)]
struct Fork {
    limit: f32,
    tree: u16,
    left: u16,
}

/// Leaves of one tree, at most: the bits of [`Fork::left`].
const LEAVES: usize = u16::BITS as usize;

/// All trees.
struct Forest {
    /// By the number they ask for, those with the lowest limit first.
    forks: Vec<Fork>,
    /// For each number its forks.
    by_feature: Vec<Range<usize>>,
    /// From left to right.
    leaves: Vec<[f32; LEAVES]>,
}

static FOREST: LazyLock<Forest> = LazyLock::new(|| Forest::read(include_str!("trees.tsv")));

/// The logarithm of the odds that a line belongs to the main text.
pub fn log_odds(row: &Row) -> f32 {
    FOREST.score(row)
}

impl Forest {
    /// One tree a line: `F feature limit low high` for each fork, then `L value` for each leaf. Lines whose number is at most
    /// `limit` go to `low`, others to `high`; -1 is the first leaf. Forks and leaves stand in the order of a walk, low before high.
    fn read(table: &str) -> Self {
        let names = features::names();
        let mut forks: Vec<Vec<Fork>> = vec![Vec::new(); names.len()];
        let mut leaves = Vec::new();
        for line in table.lines().filter(|l| !l.starts_with('#')) {
            let (mut own, mut values) = (Vec::new(), Vec::new());
            let mut cells = line.split('\t');
            while let Some(kind) = cells.next() {
                let mut next = || cells.next().expect("trees.tsv: a row is cut off");
                if kind == "L" {
                    values.push(number(next()));
                    continue;
                }
                let name = next();
                let feature = names.iter().position(|n| *n == name).expect("trees.tsv names our features");
                own.push((feature, number(next()), number(next()), number(next())));
            }
            let first_leaf = |mut at: f32| {
                while at >= 0.0 {
                    at = own[at as usize].2;
                }
                (-1.0 - at) as u32
            };
            for &(feature, limit, low, high) in &own {
                let gone = (1_u32 << first_leaf(high)) - (1 << first_leaf(low));
                forks[feature].push(Fork { limit, tree: leaves.len() as u16, left: !gone as u16 });
            }
            let mut of_tree = [0.0; LEAVES];
            of_tree[..values.len()].copy_from_slice(&values);
            leaves.push(of_tree);
        }
        let mut forest = Self { forks: Vec::new(), by_feature: Vec::new(), leaves };
        for mut of_feature in forks {
            of_feature.sort_by(|a, b| a.limit.total_cmp(&b.limit));
            let start = forest.forks.len();
            forest.forks.extend(of_feature);
            forest.by_feature.push(start..forest.forks.len());
        }
        forest
    }

    fn score(&self, row: &Row) -> f32 {
        let mut left = [u16::MAX; 256];
        for (value, range) in row.iter().zip(&self.by_feature) {
            let forks = self.forks.get(range.clone()).unwrap_or_default();
            for fork in forks.iter().take_while(|fork| *value > fork.limit) {
                if let Some(left) = left.get_mut(usize::from(fork.tree)) {
                    *left &= fork.left;
                }
            }
        }
        let reached =
            |(leaves, left): (&[f32; LEAVES], &u16)| leaves.get(left.trailing_zeros() as usize).copied();
        self.leaves.iter().zip(&left).filter_map(reached).sum()
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
        let trees = FOREST.leaves.len();
        assert!(trees > 10 && trees <= 256);
        // Where all numbers are low the first leaves are reached, where all are high the last ones.
        let first: f32 = FOREST.leaves.iter().map(|l| l[0]).sum();
        assert_eq!(FOREST.score(&[f32::MIN; features::COUNT]), first);
        for tree in 0..trees {
            let mut all = FOREST.forks.iter().filter(|f| usize::from(f.tree) == tree);
            let left = all.try_fold(u16::MAX, |left, f| (f.left != u16::MAX).then_some(left & f.left));
            let last = left.expect("each fork rules leaves out").trailing_zeros() as usize;
            assert!(FOREST.leaves[tree][last + 1..].iter().all(|value| *value == 0.0), "tree {tree}");
        }
    }

    #[test]
    fn leaves_are_those_that_a_walk_reaches() {
        let table = "F\ttokens\t1\t-1\t1\tF\tmarks\t0\t2\t-4\tF\ttokens\t5\t-2\t-3\tL\t1\tL\t2\tL\t3\tL\t4";
        let forest = Forest::read(table);
        let at = |name: &str| features::names().iter().position(|n| *n == name).expect("a number of ours");
        for (tokens, marks, score) in [(1.0, 9.0, 1.0), (5.0, 0.0, 2.0), (5.5, 0.0, 3.0), (2.0, 1.0, 4.0)] {
            let mut row = [0.0; features::COUNT];
            (row[at("tokens")], row[at("marks")]) = (tokens, marks);
            assert_eq!(forest.score(&row), score);
        }
    }
}
