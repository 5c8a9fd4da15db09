//! Who may take on an identity: trust policies of AWS roles, conditions on tokens of other issuers.

use super::aws::document;
use super::{brief, items, texts, values};
use crate::format::tree::{Node, Pair};

/// Who may take on a role.
#[derive(Default, PartialEq, Eq, Debug)]
pub(in super::super) struct Trust {
    /// Services, accounts, and subjects of other issuers.
    pub(in super::super) who: Vec<String>,
    /// Tokens of another issuer are trusted.
    pub(in super::super) federated: bool,
    /// Why the trust reaches too far, where it does.
    pub(in super::super) weak: Option<String>,
}

/// Issuers whose tokens are bound otherwise than by a condition on `sub`.
const OTHERWISE_BOUND: &[&str] =
    &["saml", "cognito", "accounts.google.com", "graph.facebook.com", "www.amazon.com", "spire"];

/// Reads an assume-role policy: a document, a text that holds one, or an `aws_iam_policy_document` block (IAM User Guide,
/// "AWS JSON policy elements: Principal").
pub(in super::super) fn trust(node: &Node, bytes: &[u8]) -> Trust {
    let mut out = Trust::default();
    document(node, bytes, &mut |document, text| {
        let statements = values(document, "Statement").into_iter().chain(values(document, "statement"));
        for statement in statements.flat_map(items) {
            let effect = statement.get("Effect").or_else(|| statement.get("effect"));
            if effect.and_then(|node| node.text(text)).is_none_or(|effect| effect == "Allow") {
                one(statement, text, &mut out);
            }
        }
    });
    out
}

fn one(statement: &Node, text: &[u8], out: &mut Trust) {
    let conditions = conditions(statement, text);
    for (kind, who, unread) in principals(statement, text) {
        if kind == "Federated" {
            out.federated = true;
            federated(&who, &conditions, statement.has("dynamic"), out);
        } else if who.iter().any(|who| who == "*") {
            if conditions.is_empty() && !statement.has("dynamic") {
                out.weak = Some("every AWS account may assume it".to_owned());
            }
            out.who.push("every AWS account".to_owned());
        }
        let named = who.iter().filter(|who| *who != "*" && !who.contains("${"));
        out.who.extend(named.map(|who| brief(who)));
        if who.is_empty() && unread {
            out.who.push(format!("a computed {kind} principal"));
        }
    }
}

/// What `sub` must be, and whether that leaves more than one repository or workload.
fn federated(issuers: &[String], conditions: &[(String, String, Vec<String>)], dynamic: bool, out: &mut Trust) {
    let bound = conditions.iter().filter(|(_, variable, _)| variable.ends_with(":sub"));
    let mut any = false;
    for (test, _, subjects) in bound {
        any = true;
        for subject in subjects.iter().filter(|subject| !subject.contains("${")) {
            out.who.push(format!("subject {}", brief(subject)));
            if test.contains("Like") && is_wide(subject) {
                out.weak = Some(format!("the subject {} may be of many", brief(subject)));
            }
        }
    }
    let other = issuers.iter().any(|issuer| OTHERWISE_BOUND.iter().any(|known| issuer.contains(known)));
    if !any && !dynamic && !other {
        out.weak = Some("no condition on the subject of the token".to_owned());
    }
}

/// A wildcard that lets in more than the refs one names: `repo:org/*`, `repo:org/repo:*`, `system:serviceaccount:*`.
pub(in super::super) fn is_wide(subject: &str) -> bool {
    let Some(at) = subject.find(['*', '?']) else { return false };
    let before = subject.get(..at).unwrap_or_default();
    ![":ref:refs/", ":environment:", "ref_type:", ":job_workflow_ref:"].iter().any(|part| before.contains(part))
}

/// Kind, names, and whether some are computed.
fn principals(statement: &Node, text: &[u8]) -> Vec<(String, Vec<String>, bool)> {
    let mut out = Vec::new();
    if let Some(node) = statement.get("Principal") {
        if let Some(all) = node.text(text) {
            out.push(("AWS".to_owned(), vec![all.into_owned()], false));
        }
        for Pair { key, value } in node.pairs() {
            let (who, unread) = texts(value, text);
            out.push((key.clone(), who, unread));
        }
    }
    for block in values(statement, "principals") {
        let Some(kind) = block.get("type").and_then(|node| node.text(text)) else { continue };
        let (who, unread) = block.get("identifiers").map_or_else(|| (Vec::new(), true), |node| texts(node, text));
        out.push((kind.into_owned(), who, unread));
    }
    out
}

/// Test, variable and values of each condition.
fn conditions(statement: &Node, text: &[u8]) -> Vec<(String, String, Vec<String>)> {
    let mut out = Vec::new();
    for test in statement.get("Condition").map(Node::pairs).unwrap_or_default() {
        for Pair { key, value } in test.value.pairs() {
            out.push((test.key.clone(), key.clone(), texts(value, text).0));
        }
    }
    for block in values(statement, "condition") {
        let word = |key: &str| block.get(key).and_then(|node| node.text(text)).unwrap_or_default().into_owned();
        // A computed variable is shown by its text: `format("%s:sub", …)`.
        let variable = match (word("variable"), block.get("variable")) {
            (text, Some(_)) if !text.is_empty() => text,
            (_, Some(node)) if shows_subject(text.get(node.place.clone()).unwrap_or_default()) => ":sub".to_owned(),
            (text, _) => text,
        };
        out.push((word("test"), variable, block.get("values").map(|node| texts(node, text).0).unwrap_or_default()));
    }
    out
}

fn shows_subject(expression: &[u8]) -> bool {
    memchr::memmem::find(expression, b":sub").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Data, documents};

    fn read(data: Data, text: &str) -> Trust {
        trust(&documents(data, text.as_bytes())[0], text.as_bytes())
    }

    fn expected(who: &[&str], federated: bool, weak: Option<&str>) -> Trust {
        Trust { who: who.iter().map(|who| (*who).to_owned()).collect(), federated, weak: weak.map(str::to_owned) }
    }

    #[test]
    fn services_accounts_and_everybody() {
        for (principal, trust) in [
            (r#"{"Service":["lambda.amazonaws.com"]}"#, expected(&["lambda.amazonaws.com"], false, None)),
            (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, expected(&["arn:aws:iam::111122223333:root"], false, None)),
            (r#""*""#, expected(&["every AWS account"], false, Some("every AWS account may assume it"))),
        ] {
            let text =
                format!(r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#);
            assert_eq!(read(Data::Json, &text), trust, "{principal}");
        }
    }

    #[test]
    fn subjects_of_other_issuers() {
        let arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
        for (condition, who, weak) in [
            (
                r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:o/r:ref:refs/heads/main"}}"#,
                Some("subject repo:o/r:ref:refs/heads/main"),
                None,
            ),
            (
                r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:o/*"}}"#,
                Some("subject repo:o/*"),
                Some("the subject repo:o/* may be of many"),
            ),
            (
                r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:o/r:ref:refs/tags/*"}}"#,
                Some("subject repo:o/r:ref:refs/tags/*"),
                None,
            ),
            (
                r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#,
                None,
                Some("no condition on the subject of the token"),
            ),
        ] {
            let text = format!(
                r#"{{"Statement":{{"Effect":"Allow","Principal":{{"Federated":"{arn}"}},"Condition":{condition}}}}}"#
            );
            let who: Vec<&str> = who.into_iter().chain([arn]).collect();
            assert_eq!(read(Data::Json, &text), expected(&who, true, weak), "{condition}");
        }
    }

    #[test]
    fn blocks_of_terraform() {
        let block = "statement {\n principals {\n  type = \"Federated\"\n  identifiers = [aws_iam_openid_connect_provider.x.arn]\n }\n\
             condition {\n  test = \"StringEquals\"\n  variable = \"${local.issuer}:sub\"\n  values = [\"system:serviceaccount:a:b\"]\n }\n}\n";
        let who = ["subject system:serviceaccount:a:b", "a computed Federated principal"];
        assert_eq!(read(Data::Hcl, block), expected(&who, true, None));
        let open = block.replace("condition", "dynamic \"condition\"");
        assert_eq!(read(Data::Hcl, &open), expected(&["a computed Federated principal"], true, None));
    }
}
