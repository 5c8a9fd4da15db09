//! Who answers, who is gone, who registered, reviewed and approved.

use super::super::Row;
use crate::inventory::kind::{Field, Source};
use crate::inventory::owner::rank;
use crate::inventory::record::Attribution;

/// Words by which catalogues say that a component is not kept any more.
const OVER: [&str; 7] = ["deprecated", "retired", "decommissioned", "end-of-life", "end_of_life", "archived", "sunset"];

impl Row<'_> {
    pub(super) fn people(&mut self) {
        self.unowned();
        self.orphaned();
        self.registered();
        self.reviewed();
        self.approved();
        self.unknown("no-audit-event", "needs the log of lifecycle events");
    }

    fn named(&self) -> impl Iterator<Item = &Attribution> {
        self.out.business_owner.iter().chain(&self.out.technical_owner)
    }

    fn unowned(&mut self) {
        if self.named().next().is_none() {
            self.holds("unowned", self.out.unowned_because.join("; "));
        } else if self.named().all(|owner| owner.rank >= rank::GIT) {
            self.unknown("unowned", "only the authors of commits hint at an owner");
        }
    }

    fn orphaned(&mut self) {
        let over =
            self.facts.all(Field::Lifecycle).find(|claim| OVER.contains(&claim.value.to_ascii_lowercase().as_str()));
        if let Some(reason) = over.map(|claim| format!("its application is {} ({})", claim.value, claim.basis)) {
            self.holds("orphaned", reason);
        }
        let Some(left) = self.context.left else {
            return self.unknown("orphaned", "no list of leavers was given");
        };
        let ranked = self.named().flat_map(|owner| owner.owner.split(", ")).map(|name| ("owner", name.to_owned()));
        let author = self.first_change().map(|change| ("creator", change.author.clone()));
        let people: Vec<(&str, String)> = ranked.chain(author).collect();
        for (role, name) in people {
            if let Some(since) = left(&name) {
                self.holds("orphaned", format!("its {role} {name} is gone since {since}"));
            }
        }
    }

    fn registered(&mut self) {
        if !self.context.registered {
            self.unknown("unregistered", "no register was given");
        } else if !super::super::said_by(&self.facts, Source::Register) {
            self.holds("unregistered", "the register that was given does not name it");
        }
    }

    fn reviewed(&mut self) {
        let days = i64::from(self.context.policy.review_days());
        let overdue = self.with_today(self.field(Field::NextReviewDue)).filter(|(due, today)| due < today);
        if let Some((due, _)) = overdue {
            return self.holds("no-review", format!("the next review was due on {due}"));
        }
        match self.days_since(self.field(Field::ReviewedAt)) {
            Some(since) if since > days => {
                self.holds("no-review", format!("last reviewed {since} days ago, {days} are allowed"));
            }
            Some(_) if self.field(Field::Decision).is_some() => {}
            Some(_) => self.holds("no-review", "reviewed without a decision"),
            None if self.context.registered => self.holds("no-review", "the register holds no review of it"),
            None => self.unknown("no-review", "no review was given"),
        }
    }

    fn approved(&mut self) {
        if self.facts.first(Field::Ticket).is_none() {
            match self.first_change().map(|change| (change.ticket.is_some(), change.commit.clone())) {
                Some((true, _)) => {}
                Some((false, commit)) => {
                    self.holds("unapproved-change", format!("commit {commit} names no request or ticket"));
                }
                None => self.unknown("unapproved-change", "the commit that brought it is not known"),
            }
        }
        let undocumented = self.facts.all(Field::Exception).find(|claim| !is_documented(&claim.value));
        if let Some(reason) =
            undocumented.map(|claim| format!("the exception at {} lacks who approved it or until when", claim.basis))
        {
            self.holds("exception-undocumented", reason);
        }
    }
}

/// An exception says why, by whom, and until which day: `reason, by NAME, until YYYY-MM-DD`.
fn is_documented(text: &str) -> bool {
    let words: Vec<&str> = text.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
    let day = words.iter().any(|word| word.parse::<jiff::civil::Date>().is_ok());
    day && words.iter().position(|word| *word == "by").is_some_and(|at| at > 0 && at + 1 < words.len())
}
