//! credlint finds credentials embedded in source trees, says how sure it is without touching the network, and reports
//! them redacted and exact to the column.
//!
//! One way through, each stage takes the type before it (DESIGN in docs/engine.md):
//!
//! ```text
//! cli, config -> source -> decode -> detect -> judge -> policy -> report -> exit code
//!                Blob      View      Candidate Finding  Verdict   bytes     0 1 2 3
//! ```
//!
//! The library never prints, exits, or reads the environment; [`cli`] does.

pub mod cli;
pub mod config;
pub mod decode;
pub mod detect;
pub mod fix;
pub mod format;
pub mod inventory;
pub mod judge;
pub mod migrate;
pub mod policy;
pub mod report;
pub mod rule;
pub mod scan;
pub mod source;
