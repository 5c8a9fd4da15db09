//! What the dates show: age, rotation, expiry, last touch.

use super::super::{Row, day};
use crate::inventory::kind::{Field, Kind, NEVER};

impl Row<'_> {
    pub(super) fn ages(&mut self) {
        if !self.is_passing() {
            self.aged();
            self.unrotated();
        }
        self.expiry();
        self.stale();
    }

    fn aged(&mut self) {
        let tier = self.out.tier.clone();
        let (age, window) = (self.out.time.age_days, self.out.time.rotation_window_days.unwrap_or(0));
        if self.days_since(self.out.time.last_rotated_at.as_deref()).is_some_and(|days| days <= window) {
            return;
        }
        // Of what is kept elsewhere a commit dates the reference, not the value.
        let elsewhere = self.clear().next().is_none() && self.out.time.last_rotated_at.is_none();
        match (age, self.out.time.age_basis.as_str()) {
            (Some(age), "lower bound") if elsewhere => {
                self.unknown("aged", format!("named for {age} days; nothing tells when its value last changed"));
            }
            (Some(age), basis) if age > window => {
                let least = if basis == "exact" { "" } else { "at least " };
                self.holds("aged", format!("{least}{age} days old; tier {tier} allows {window}"));
            }
            (Some(_), "exact") => {}
            (Some(age), _) => self.unknown("aged", format!("first seen {age} days ago; it may be older")),
            (None, _) => self.unknown("aged", "nothing tells when it was made"),
        }
    }

    fn unrotated(&mut self) {
        if self.out.lifecycle == "rotated" {
            return;
        }
        let seen = self.clear().next().filter(|_| self.replaced().is_none());
        if let Some(reason) = seen.map(|place| format!("stood in clear in {} and was not replaced", place.path)) {
            return self.holds("unrotated", reason);
        }
        let time = &self.out.time;
        // What a vault holds under a name may be new each day: the commit that refers to it does not tell.
        if self.clear().next().is_none() && time.last_rotated_at.is_none() && time.age_basis == "lower bound" {
            return self.unknown("unrotated", "kept elsewhere: nothing tells when its value last changed");
        }
        match self.with_today(time.rotation_due.as_deref()) {
            Some((due, today)) if due < today => {
                let late = day::between(due, today);
                self.holds("unrotated", format!("due since {due}, {late} days ago"));
            }
            Some(_) if time.last_rotated_at.is_some() || time.age_basis == "exact" => {}
            Some(_) => self.unknown("unrotated", "its first commit is younger than the window; it may be older"),
            None => self.unknown("unrotated", "neither its age nor a rotation is known"),
        }
    }

    fn expiry(&mut self) {
        // The kinds that are given an end when they are made.
        let can_end = matches!(
            self.out.kind,
            Some(
                Kind::ApiKey
                    | Kind::Token
                    | Kind::Certificate
                    | Kind::OauthClient
                    | Kind::ServiceAccount
                    | Kind::AiAgentCredential
            )
        );
        let Some((ends, today)) = self.with_today(self.out.time.expires_at.as_deref()) else {
            if self.facts.first(Field::ExpiresAt).is_some_and(|claim| claim.value == NEVER) {
                self.holds("no-expiry", "made without an end");
            } else if can_end && !self.is_passing() && self.claimed("no-expiry").is_none() {
                for state in ["no-expiry", "expired", "expiring"] {
                    self.unknown(state, "nothing tells whether it ends");
                }
            }
            return;
        };
        let days = day::between(today, ends);
        if days < 0 {
            self.holds("expired", format!("ended on {ends}"));
        } else if days <= i64::from(self.context.policy.expiring_days()) {
            self.holds("expiring", format!("ends on {ends}, in {days} days"));
        }
    }

    fn stale(&mut self) {
        let limit = i64::from(self.context.policy.stale_days());
        let used = self.days_since(self.out.time.last_used_at.as_deref());
        let touched = self.days_since(self.out.time.last_referenced_at.as_deref());
        match (used, touched) {
            (Some(days), _) if days > limit => self.holds("stale", format!("last used {days} days ago")),
            (None, Some(days)) if days > limit && !self.is_needed() => {
                self.holds("stale", format!("no commit touched it for {days} days and nothing needs it"));
            }
            (None, Some(days)) if days > limit => {
                self.unknown("stale", format!("no commit touched it for {days} days; its last use is not known"));
            }
            (Some(_), _) | (None, Some(_)) => {}
            (None, None) => self.unknown("stale", "neither a commit nor a use is known"),
        }
    }
}
