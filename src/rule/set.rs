//! The rules of a run, with their regular expressions compiled when first needed.

use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::{
    Anchored, Input,
    meta::{Config, Regex},
    util::syntax,
};

use super::load::{self, LoadedFile};
use super::meter::Meter;
use super::service::Services;
use super::{Matcher, Rule};

/// Position of a rule in its [`RuleSet`]; rules are sorted by id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleId(pub u32);

/// A rule and its regular expression.
pub struct CompiledRule {
    /// The rule.
    pub rule: &'static Rule,
    regex: OnceLock<Option<Compiled>>,
}

struct Compiled {
    regex: Regex,
    /// Index of the group `secret`; 0, the whole match, without one.
    secret: usize,
}

/// Where a pattern matched: the whole match and the secret in it, byte ranges of the haystack.
#[derive(Clone, PartialEq, Eq)]
pub struct Matched {
    /// The whole match.
    pub whole: Range<usize>,
    /// The group `secret`, or the whole match.
    pub secret: Range<usize>,
}

/// Groups for which there is room on the stack.
const FEW_GROUPS: usize = 4;

impl CompiledRule {
    fn new(rule: &'static Rule) -> Self {
        Self { rule, regex: OnceLock::new() }
    }

    /// The leftmost match in `span` of `haystack`; with `anchored`, only one that begins at `span.start`.
    /// Bytes outside the span are seen by look-around only.
    pub fn find(&self, haystack: &[u8], span: Range<usize>, anchored: bool) -> Option<Matched> {
        let compiled = self.compiled()?;
        let mode = if anchored { Anchored::Yes } else { Anchored::No };
        let input = Input::new(haystack).span(span).anchored(mode);
        if compiled.secret == 0 {
            let found = compiled.regex.search(&input)?;
            return Some(Matched { whole: found.range(), secret: found.range() });
        }
        // Start and end of each group up to the secret's; on the stack, since patterns are tried by the million.
        let mut few = [None; 2 * FEW_GROUPS];
        let mut many = Vec::new();
        let slots = if compiled.secret < FEW_GROUPS {
            &mut few[..2 * (compiled.secret + 1)]
        } else {
            many.resize(2 * (compiled.secret + 1), None);
            many.as_mut_slice()
        };
        compiled.regex.search_slots(&input, slots)?;
        let place = |group: usize| Some((*slots.get(2 * group)?)?.get()..(*slots.get(2 * group + 1)?)?.get());
        let (whole, secret) = (place(0)?, place(compiled.secret)?);
        (!secret.is_empty()).then_some(Matched { whole, secret })
    }

    /// `None` for assignment and named rules, and for a pattern that does not compile: that is refused on load and by the build.
    fn compiled(&self) -> Option<&Compiled> {
        self.regex
            .get_or_init(|| match &self.rule.matcher {
                Matcher::Pattern { pattern, .. } | Matcher::Context { pattern, .. } => compile(pattern).ok(),
                Matcher::Assignment { .. } | Matcher::Named { .. } => None,
            })
            .as_ref()
    }
}

/// Compiles a pattern the way the engine runs it; the error is for the rule's author.
pub(super) fn check_pattern(pattern: &str) -> Result<(), String> {
    let compiled = compile(pattern)?;
    if compiled.regex.is_match(b"") {
        return Err("the pattern matches the empty text".to_owned());
    }
    Ok(())
}

fn compile(pattern: &str) -> Result<Compiled, String> {
    let regex = Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(Config::new().utf8_empty(false).nfa_size_limit(Some(4 << 20)).hybrid_cache_capacity(256 << 10))
        .build(pattern)
        .map_err(|error| error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string))?;
    let secret = regex.group_info().to_index(regex_automata::PatternID::ZERO, "secret").unwrap_or(0);
    Ok(Compiled { regex, secret })
}

/// The rules of a run, sorted by id.
pub struct RuleSet {
    rules: Vec<CompiledRule>,
    services: OnceLock<Services>,
    version: String,
    /// Where the time goes, where that is asked for.
    pub meter: Option<Meter>,
}

impl RuleSet {
    /// The rules of the binary.
    pub fn builtin() -> Self {
        Self::new(super::builtin().iter().collect(), super::builtin_version().to_owned())
    }

    /// The rules of the binary and a user's own, which must not reuse an id (`load` checks that).
    pub fn with(own: &[LoadedFile]) -> Self {
        let rules: Vec<_> = own.iter().flat_map(|file| file.rules.iter().copied()).collect();
        let version = format!("{}+{}.{}", super::builtin_version(), rules.len(), load::digest(own));
        Self::new(super::builtin().iter().chain(rules).collect(), version)
    }

    /// Exactly the rules given.
    pub fn new(mut rules: Vec<&'static Rule>, version: String) -> Self {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let rules = rules.into_iter().map(CompiledRule::new).collect();
        Self { rules, services: OnceLock::new(), version, meter: None }
    }

    /// Only the rules that `keep` says yes to.
    #[must_use]
    pub fn filtered(self, keep: impl Fn(&Rule) -> bool) -> Self {
        let rules = self.rules.into_iter().map(|compiled| compiled.rule).filter(|rule| keep(rule)).collect();
        Self::new(rules, self.version)
    }

    /// The rule of an id of this set.
    pub fn rule(&self, id: RuleId) -> &'static Rule {
        self.rules[id.0 as usize].rule
    }

    /// The rule with its regular expression.
    pub fn compiled(&self, id: RuleId) -> &CompiledRule {
        &self.rules[id.0 as usize]
    }

    /// All rules with their ids, sorted by rule id.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, &'static Rule)> + '_ {
        (0u32..).zip(&self.rules).map(|(index, compiled)| (RuleId(index), compiled.rule))
    }

    /// The words that tell services.
    pub fn services(&self) -> &Services {
        self.services.get_or_init(|| Services::new(self.iter()))
    }

    /// The rule named `id`.
    pub fn by_name(&self, id: &str) -> Option<(RuleId, &'static Rule)> {
        let index = self.rules.binary_search_by(|compiled| compiled.rule.id.as_ref().cmp(id)).ok()?;
        Some((RuleId(u32::try_from(index).ok()?), self.rules[index].rule))
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// True without any rule; a scan refuses to start then.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Names the rule set in reports.
    pub fn version(&self) -> &str {
        &self.version
    }
}
