//! AWS IAM policies: JSON documents and `aws_iam_policy_document` blocks (IAM User Guide, "IAM JSON policy elements
//! reference").

use super::{Grant, items, texts, values};
use crate::format::tree::{Node, Value};
use crate::format::{Data, documents};
use crate::inventory::kind::ScopeLevel;

/// Actions are shown up to this many.
const SHOWN_ACTIONS: usize = 6;

/// Beginnings of the names of actions that read and list, and `kms:Decrypt`. Against the access levels of the Service
/// Authorization Reference (533 services) they are right for 98 actions of 100. `logs:StartQuery` and `logs:StopQuery` read too.
const READING: &[&str] = &[
    "get",
    "list",
    "describe",
    "batchget",
    "batchcheck",
    "batchdescribe",
    "batchdetect",
    "batchread",
    "head",
    "query",
    "scan",
    "select",
    "lookup",
    "search",
    "view",
    "check",
    "filter",
    "decrypt",
    "detect",
    "download",
    "simulate",
    "preview",
    "read",
    "partiqlselect",
    "conditioncheck",
    "receivemessage",
    "calculate",
    "analyze",
    "infer",
    "render",
    "eshttpget",
    "eshttphead",
];

/// Beginnings that are no reading although one of the above fits: they hand out a login, or change what they name.
const NO_READING: &[&str] = &[
    "checkout",
    "checkin",
    "checkpoint",
    "getclustercredentials",
    "getclustersessioncredentials",
    "getinstanceaccessdetails",
    "getrelationaldatabasemasteruserpassword",
    "getwebidentitytoken",
    "getworkloadaccesstoken",
];

/// Actions with which an identity gives itself any right, where they hold for every resource.
const ESCALATING: &[&str] = &[
    "iam:putuserpolicy",
    "iam:putrolepolicy",
    "iam:putgrouppolicy",
    "iam:attachuserpolicy",
    "iam:attachrolepolicy",
    "iam:attachgrouppolicy",
    "iam:createpolicyversion",
    "iam:setdefaultpolicyversion",
    "iam:addusertogroup",
    "iam:updateassumerolepolicy",
    "iam:createaccesskey",
    "iam:createloginprofile",
];

/// The keys of a document's statements: JSON writes them with a capital, Terraform's blocks in lower case.
pub(super) struct Keys {
    statement: &'static str,
    effect: &'static str,
    actions: [&'static str; 2],
    not_actions: [&'static str; 2],
    resources: [&'static str; 2],
}

const JSON: Keys = Keys {
    statement: "Statement",
    effect: "Effect",
    actions: ["Action", "Actions"],
    not_actions: ["NotAction", "NotActions"],
    resources: ["Resource", "NotResource"],
};
const BLOCK: Keys = Keys {
    statement: "statement",
    effect: "effect",
    actions: ["actions", "action"],
    not_actions: ["not_actions", "not_action"],
    resources: ["resources", "not_resources"],
};

/// Calls `see` with the document that a node is, holds as text, or chooses from, and with the text it stands in.
pub(super) fn document(node: &Node, bytes: &[u8], see: &mut dyn FnMut(&Node, &[u8])) {
    match &node.value {
        Value::Map(_) => see(node, bytes),
        Value::List(choices) => {
            for choice in choices {
                document(choice, bytes, see);
            }
        }
        Value::Scalar(scalar) => {
            let text = scalar.text(bytes);
            if text.trim_ascii_start().starts_with(b"{") {
                for inner in &documents(Data::Json, &text) {
                    see(inner, &text);
                }
            }
        }
        Value::Empty => {}
    }
}

/// What a policy allows: a document, a text that holds one, or the body of a `data "aws_iam_policy_document"` block.
pub(in super::super) fn rights(node: &Node, bytes: &[u8]) -> Vec<Grant> {
    let mut out = Vec::new();
    document(node, bytes, &mut |document, text| {
        for keys in [&JSON, &BLOCK] {
            for statement in values(document, keys.statement).into_iter().flat_map(items) {
                out.extend(allowed(statement, text, keys));
            }
        }
    });
    out
}

/// What a list of statements allows.
pub(in super::super) fn statements(node: &Node, bytes: &[u8]) -> Vec<Grant> {
    items(node).filter_map(|statement| allowed(statement, bytes, &JSON)).collect()
}

/// Stands for actions that are computed.
const UNREAD: &str = "(computed)";

fn allowed(statement: &Node, bytes: &[u8], keys: &Keys) -> Option<Grant> {
    let text = |key: &str| statement.get(key).and_then(|node| node.text(bytes));
    if text(keys.effect).is_some_and(|effect| effect != "Allow") {
        return None;
    }
    let of = |names: &[&str]| names.iter().find_map(|name| statement.get(name)).map(|node| texts(node, bytes));
    let (resources, elsewhere) = of(&keys.resources).unwrap_or_default();
    let everywhere = resources.iter().any(|resource| resource == "*");
    let on = match resources.as_slice() {
        [] if elsewhere => "computed resources".to_owned(),
        [] => return None,
        [one] => one.clone(),
        [one, more @ ..] => format!("{one} and {} more", more.len()),
    };
    if let Some((but, _)) = of(&keys.not_actions) {
        let level = if everywhere { ScopeLevel::Admin } else { ScopeLevel::Write };
        return Some(Grant::new(Some(level), &format!("all actions but {} on {on}", shown(&but))));
    }
    let (mut actions, mut unread) = of(&keys.actions)?;
    let read = actions.len();
    actions.retain(|action| !action.contains("${"));
    unread |= actions.len() < read;
    let level = actions.iter().map(|action| level(action, everywhere)).min();
    let level = level.filter(|level| !unread || *level != ScopeLevel::Read);
    if unread {
        actions.push(UNREAD.to_owned());
    }
    Some(Grant::new(level, &format!("{} on {on}", shown(&actions))))
}

fn shown(actions: &[String]) -> String {
    match actions.get(..SHOWN_ACTIONS).filter(|_| actions.len() > SHOWN_ACTIONS + 1) {
        Some(first) => format!("{} and {} more", first.join(", "), actions.len() - SHOWN_ACTIONS),
        None => actions.join(", "),
    }
}

/// The level of one action, on every resource or on some.
fn level(action: &str, everywhere: bool) -> ScopeLevel {
    let action = action.to_ascii_lowercase();
    let (service, name) = action.split_once(':').unwrap_or((action.as_str(), "*"));
    let any_right = service.starts_with('*') || service == "iam" && name.starts_with('*');
    if everywhere && (any_right && name == "*" || ESCALATING.contains(&action.as_str())) {
        return ScopeLevel::Admin;
    }
    let begins = |verbs: &[&str]| verbs.iter().any(|verb| name.starts_with(verb));
    let reads = begins(READING) && !begins(NO_READING) || matches!(name, "startquery" | "stopquery");
    if reads { ScopeLevel::Read } else { ScopeLevel::Write }
}

/// Managed policies whose documents hold actions that write, if only logs.
const WRITING: &[&str] = &[
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "AmazonEBSCSIDriverPolicy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEC2ContainerServiceAutoscaleRole",
    "AmazonEC2ContainerServiceforEC2Role",
    "AmazonEC2ContainerServiceRole",
    "AmazonEC2RoleforSSM",
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonEFSCSIDriverPolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
    "AmazonEKSServicePolicy",
    "AmazonEKSVPCResourceController",
    "AmazonElasticMapReduceforEC2Role",
    "AmazonElasticMapReduceRole",
    "AmazonRDSEnhancedMonitoringRole",
    "AmazonSSMAutomationRole",
    "AmazonSSMManagedInstanceCore",
    "AWS_ConfigRole",
    "AWSAppSyncPushToCloudWatchLogs",
    "AWSBackupServiceRolePolicyForBackup",
    "AWSBackupServiceRolePolicyForRestores",
    "AWSBatchServiceRole",
    "AWSCodeDeployRole",
    "AWSCodeDeployRoleForECS",
    "AWSElasticBeanstalkEnhancedHealth",
    "AWSElasticBeanstalkWebTier",
    "AWSElasticBeanstalkWorkerTier",
    "AWSGlueServiceRole",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "CloudWatchAgentAdminPolicy",
    "CloudWatchAgentServerPolicy",
    "DatabaseAdministrator",
    "DataScientist",
    "NetworkAdministrator",
    "SecretsManagerReadWrite",
    "SystemAdministrator",
];

/// Managed policies that only read although their names do not say so.
const READERS: &[&str] = &[
    "AmazonEC2RoleforAWSCodeDeploy",
    "AmazonEKSFargatePodExecutionRolePolicy",
    "AmazonEKSWorkerNodeMinimalPolicy",
    "AmazonEKSWorkerNodePolicy",
    "AmazonSSMPatchAssociation",
];

/// What an AWS managed policy allows, from its ARN (AWS Managed Policy Reference Guide); `None` where the text is no such
/// ARN.
pub(in super::super) fn managed(arn: &str) -> Option<Grant> {
    let (_, name) = arn.split_once(":iam::aws:policy/")?;
    let last = name.rsplit('/').next().unwrap_or(name);
    let level = match last {
        "AdministratorAccess" | "PowerUserAccess" | "IAMFullAccess" => Some(ScopeLevel::Admin),
        "ReadOnlyAccess" | "ViewOnlyAccess" | "SecurityAudit" => Some(ScopeLevel::Read),
        _ if last.ends_with("FullAccess") || last.ends_with("PowerUser") || WRITING.contains(&last) => {
            Some(ScopeLevel::Write)
        }
        _ if last.ends_with("ReadOnlyAccess") || last.ends_with("ReadOnly") || READERS.contains(&last) => {
            Some(ScopeLevel::Read)
        }
        _ => None,
    };
    Some(Grant::new(level, &format!("AWS managed policy {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(data: Data, text: &str) -> Vec<(Option<&'static str>, String)> {
        let trees = documents(data, text.as_bytes());
        let found = rights(&trees[0], text.as_bytes());
        found.into_iter().map(|grant| (grant.level.map(ScopeLevel::name), grant.scope)).collect()
    }

    #[test]
    fn statements_of_json_documents() {
        for (statement, level, scope) in [
            (r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, Some("admin"), "* on *"),
            (r#"{"Effect":"Allow","Action":["iam:*"],"Resource":["*"]}"#, Some("admin"), "iam:* on *"),
            (
                r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::x/*"}"#,
                Some("write"),
                "* on arn:aws:s3:::x/*",
            ),
            (
                r#"{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"*"}"#,
                Some("admin"),
                "iam:CreateAccessKey on *",
            ),
            (r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#, Some("admin"), "all actions but iam:* on *"),
            (
                r#"{"Effect":"Allow","Action":["s3:GetObject","s3:List*"],"Resource":"*"}"#,
                Some("read"),
                "s3:GetObject, s3:List* on *",
            ),
            (
                r#"{"Effect":"Allow","Action":["s3:Get*","s3:PutObject"],"Resource":["a","b"]}"#,
                Some("write"),
                "s3:Get*, s3:PutObject on a and 1 more",
            ),
            (
                r#"{"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","es:ESHttpGet"],"Resource":"*"}"#,
                Some("read"),
                "ecr:BatchCheckLayerAvailability, es:ESHttpGet on *",
            ),
            (
                r#"{"Effect":"Allow","Action":"redshift:GetClusterCredentials","Resource":"*"}"#,
                Some("write"),
                "redshift:GetClusterCredentials on *",
            ),
            (r#"{"Effect":"Allow","Action":["s3:Get*","${x}"],"Resource":"a"}"#, None, "s3:Get*, (computed) on a"),
            (
                r#"{"Effect":"Allow","Action":"s3:*","Resource":{"Ref":"X"}}"#,
                Some("write"),
                "s3:* on computed resources",
            ),
        ] {
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
            assert_eq!(grants(Data::Json, &text), [(level, scope.to_owned())], "{statement}");
        }
        let denied = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
        assert_eq!(grants(Data::Json, denied), []);
    }

    #[test]
    fn blocks_of_terraform_and_texts_in_them() {
        let block = "statement {\n actions = [\"s3:PutObject\"]\n resources = [aws_s3_bucket.x.arn]\n}\n\
                     statement {\n effect = \"Deny\"\n actions = [\"*\"]\n resources = [\"*\"]\n}\n";
        assert_eq!(grants(Data::Hcl, block), [(Some("write"), "s3:PutObject on computed resources".to_owned())]);
        let text = "p = <<EOT\n{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"*\"],\"Resource\":\"*\"}]}\nEOT\n";
        let tree = documents(Data::Hcl, text.as_bytes());
        let found = rights(&values(&tree[0], "p")[0].clone(), text.as_bytes());
        assert_eq!(found, [Grant::new(Some(ScopeLevel::Admin), "* on *")]);
    }

    #[test]
    fn managed_policies_by_their_names() {
        for (arn, expected) in [
            ("arn:aws:iam::aws:policy/AdministratorAccess", Some(Some(ScopeLevel::Admin))),
            ("arn:aws-us-gov:iam::aws:policy/AmazonS3FullAccess", Some(Some(ScopeLevel::Write))),
            ("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", Some(Some(ScopeLevel::Read))),
            ("arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole", Some(Some(ScopeLevel::Write))),
            ("arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy", Some(Some(ScopeLevel::Read))),
            ("arn:aws:iam::aws:policy/service-role/AWSQuickSightDescribeRDS", Some(None)),
            ("arn:aws:iam::123456789012:policy/x", None),
        ] {
            assert_eq!(managed(arn).map(|grant| grant.level), expected, "{arn}");
        }
    }
}
