use super::{Proved,Told};
pub(super) fn github(_value: &[u8]) -> Proved { Proved::Open(Told::default()) }
pub(super) fn npm(_value: &[u8]) -> Proved { Proved::Open(Told::default()) }
pub(super) fn gitlab(_value: &[u8]) -> Proved { Proved::Open(Told::default()) }
pub(super) fn atlassian(_value: &[u8]) -> Proved { Proved::Open(Told::default()) }
pub(super) fn grafana(_value: &[u8]) -> Proved { Proved::Open(Told::default()) }
pub(super) fn confluent(_value: &[u8]) -> Proved { Proved::Open(Told::default()) }
pub(super) fn bech32(_value: &[u8]) -> Proved { Proved::Open(Told::default()) }
