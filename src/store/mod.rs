//! Results on disk: Parquet tables by date, a catalogue of whose rows lie where, and a manifest of how they came
//! to be. Everything here can be deleted and comes back byte for byte from the inputs.

mod catalogue;
mod dir;
mod forecasts;
mod manifest;
mod models;
mod part;
mod read;
pub mod tables;

pub use catalogue::{Catalogue, RowRange, SymbolEntry};
pub use dir::{StoreError, create_dir, lock, remove_dir, rename, write_atomically};
pub use forecasts::write_forecasts;
pub use manifest::{InputRecord, Manifest, RejectRecord, UnitRecord};
pub use models::{ModelEntry, ModelIndex, write_models};
pub use part::{PartWriters, part_path};
pub use read::Archive;
pub use tables::{SymbolTables, Table};
