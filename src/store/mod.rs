//! Results on disk: Parquet tables by date, a catalogue of whose rows lie where, and a manifest of how they came
//! to be. All of that can be deleted and comes back byte for byte from the inputs; `executions` cannot, see there.

mod catalogue;
pub mod crash;
mod dir;
mod execution_record;
mod executions;
mod forecasts;
pub mod ledger;
mod manifest;
mod models;
mod part;
mod read;
pub mod tables;

pub use catalogue::{Catalogue, RowRange, SymbolEntry};
pub use dir::{StoreError, create_dir, lock, remove_dir, rename, write_atomically};
pub use execution_record::{EstimateRecord, ExecutionRecord, FillRecord, OrderRecord, SideRecord};
pub use executions::{Executions, NotRecorded, Place, place};
pub use forecasts::write_forecasts;
pub use manifest::{InputRecord, Manifest, PrintCount, RejectRecord, SignScore, UnitRecord};
pub use models::{ModelEntry, ModelIndex, write_models};
pub use part::{PartWriters, part_path};
pub use read::Archive;
pub use tables::{SymbolTables, Table};
