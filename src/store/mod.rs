//! Results on disk: Parquet tables by date, a catalogue of whose rows lie where, and a manifest of how they came
//! to be. Everything here can be deleted and comes back byte for byte from the inputs.

mod catalogue;
mod dir;
mod manifest;
mod part;
mod read;
pub mod tables;

pub use catalogue::{Catalogue, RowRange, SymbolEntry};
pub use dir::{StoreError, create_dir, remove_dir, rename, write_atomically};
pub use manifest::{InputRecord, Manifest, RejectRecord, UnitRecord};
pub use part::{PartWriters, part_path};
pub use read::Archive;
pub use tables::{SymbolTables, Table};
