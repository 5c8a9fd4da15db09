//! The register of non-human identities: service accounts, API keys, tokens, certificates, automation credentials.
//!
//! ```text
//! findings ─▶ claims ─┐
//! files ─▶ references ┼▶ (Subject, Facts) ─▶ lineage, owners ─▶ Register ─▶ exports ─▶ resolve ─▶ report
//! history ────────────┘                       of one repository   (joins)
//! ```
//!
//! One look at one place gives a [`Subject`](register::Subject) and [`Facts`](record::Facts); equal subjects join to one row.
//! What follows from the facts is made last (`resolve`), so that registers of separate runs join to the same rows.

pub mod claims;
pub mod collect;
pub mod diff;
pub mod export;
pub mod files;
pub mod kind;
pub mod lineage;
pub mod merge;
pub mod offboard;
pub mod owner;
pub mod pseudonym;
pub mod record;
pub mod reference;
pub mod register;
pub mod report;
pub mod resolve;
