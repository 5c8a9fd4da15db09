use super::{Proved,Told};
pub(super) fn jwt(_value: &[u8]) -> Proved { Proved::Open(Told::default()) }
