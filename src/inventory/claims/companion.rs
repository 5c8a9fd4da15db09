//! The secret half of an AWS key beside its id: two findings of one identity.

use std::collections::BTreeMap;

use crate::judge::Finding;
use crate::source::Origin;

/// Lines between an access key's id and its secret, at most.
const LINES: u64 = 3;

/// Access key ids by the place of the finding that belongs to them.
#[derive(Default)]
pub struct Companions {
    ids: BTreeMap<(Origin, u64, u64), String>,
}

impl Companions {
    /// Looks for ids beside secrets; findings are in report order.
    pub fn of(findings: &[Finding]) -> Self {
        let mut ids = BTreeMap::new();
        let named: Vec<&Finding> = findings.iter().filter(|finding| is_id(finding)).collect();
        for finding in &named {
            ids.insert(place(finding), id(finding));
        }
        for secret in findings.iter().filter(|finding| finding.rule.id == "aws-secret-access-key") {
            let start = named.partition_point(|finding| finding.origin < secret.origin);
            let near = named.iter().skip(start).take_while(|finding| finding.origin == secret.origin);
            let distance = |finding: &&&Finding| finding.start.line.abs_diff(secret.start.line);
            // Of two that are as near, the one above: files write the id first.
            let nearest = near
                .filter(|finding| distance(finding) <= LINES)
                .min_by_key(|finding| (distance(finding), finding.start.line > secret.start.line));
            if let Some(nearest) = nearest {
                ids.insert(place(secret), id(nearest));
            }
        }
        Self { ids }
    }

    /// The access key id that a finding is or belongs to.
    pub fn access_key_id(&self, finding: &Finding) -> Option<&str> {
        self.ids.get(&place(finding)).map(String::as_str)
    }
}

fn is_id(finding: &Finding) -> bool {
    matches!(finding.rule.id.as_ref(), "aws-access-key-id" | "aws-temporary-access-key-id")
}

/// An access key id is a name: AWS writes it into logs and lists.
fn id(finding: &Finding) -> String {
    String::from_utf8_lossy(finding.secret.expose()).into_owned()
}

fn place(finding: &Finding) -> (Origin, u64, u64) {
    (finding.origin.clone(), finding.span.start, finding.span.end)
}
