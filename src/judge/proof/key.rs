use super::{Proved,Told};
pub(super) fn pem(_value: &[u8]) -> Proved { Proved::Open(Told::default()) }
pub(super) fn password_hash(_value: &[u8]) -> Proved { Proved::Open(Told::default()) }
