//! Text of one encoding that was read as another: `Ã©` → `é`.

use super::Repair;
use crate::document::Document;

/// The stretches of `doc` that were read in a wrong encoding, in order and disjoint.
pub fn find(_doc: &Document) -> Vec<Repair> {
    Vec::new()
}
