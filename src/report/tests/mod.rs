//! Every format is fed the same hand-made verdicts ([`sample`]), so that none can lose what another shows.

mod formats;
mod human;
mod line_hash;
mod redact;
mod sample;
mod sarif;
