//! Which finding state is evidence against which control, and what is evidence for one.
//!
//! The table is `controls.yaml` beside this file, made into constants when credlint is built. Evidence is all that is
//! said: nothing here says that a control is fulfilled.

use std::collections::BTreeSet;

/// A requirement of a framework.
pub struct Control {
    /// `PCI-DSS`, `ISO/IEC-27001` …
    pub framework: &'static str,
    /// The framework's version.
    pub version: &'static str,
    /// Its number there.
    pub id: &'static str,
    /// A short title.
    pub title: &'static str,
    /// What it asks, in own words.
    pub statement: &'static str,
    /// Finding states that are evidence against it.
    pub against: &'static [&'static str],
    /// What is evidence for it.
    pub supports: &'static [&'static str],
    /// Its text was read in a public source.
    pub verified: bool,
}

include!(concat!(env!("OUT_DIR"), "/controls.rs"));

impl Control {
    /// As reports name it: `PCI-DSS 8.6.2`.
    pub fn name(&self) -> String {
        format!("{} {}", self.framework, self.id)
    }

    /// About passwords of accounts that can be used to log in, and nothing else.
    fn is_of_logins(&self) -> bool {
        self.framework == "PCI-DSS" && self.id == "8.6.2"
    }
}

/// The controls that states are evidence against; `login`: the identity can be used to log in.
pub fn against<'s>(states: impl Iterator<Item = &'s str>, login: bool) -> BTreeSet<String> {
    let states: BTreeSet<&str> = states.collect();
    let fits = |control: &&Control| {
        control.against.iter().any(|state| states.contains(state)) && (login || !control.is_of_logins())
    };
    CONTROLS.iter().filter(fits).map(Control::name).collect()
}

/// The controls that evidence speaks for.
pub fn supporting(evidence: &[&str]) -> BTreeSet<String> {
    let fits = |control: &&Control| control.supports.iter().any(|word| evidence.contains(word));
    CONTROLS.iter().filter(fits).map(Control::name).collect()
}
