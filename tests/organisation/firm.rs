//! The organisation: twelve repositories of three teams, two images, exports, leavers, suppliers, tickets, a register.

use std::path::{Path, PathBuf};

use credlint::rule::raw::joined;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::git::{commit_as, git};
use crate::common::tokens::{github, letters};
use crate::common::write;
use crate::formats::tar;

const DAY: u64 = 86_400;
const POLICY: &str = "\
nhi:
  required: [owner, purpose]
  environments:
    - environment: production
      paths: [deploy/prod/]
    - environment: staging
      paths: [deploy/staging/]
  identities:
    - name: CEILING_TOKEN
      purpose: reads packages
      ceiling: read
      business-owner: head-of-shop
";
/// A register of the team: what code cannot tell.
const REGISTER: &str = "\
principal,kind,owner,business_owner,purpose,business_function,criticality,data_class,exposure,application,team,ceiling,\
last_review_at,reviewer,decision,decision_reason,next_review_due,exception,state,scope_level,application_lifecycle,stage,encrypted
shop@db.prod.acme.test:5432/orders,,payments-db,cfo@example.org,order data,sales,high,customer,private,orders,payments,read,\
2026-11-01,cleo,keep,orders need it,2027-02-01,\"migration, by cleo, until 2027-01-31\",,write,,,
hsm@acme,device-credential,dan@example.org,,signs,trust,high,internal,,signer,platform,,2025-01-01,cleo,,,2025-06-01,for now,\
,,deprecated,live,yes
bot@acme,ai-agent-credential,web,,answers,support,low,public,,helpdesk,web,,2026-11-02,ben,keep,in use,,,no-audit-event,read,production,test,
";
const LEAVERS: &str = "email,login,last_day\ndan@example.org,dan,2026-06-30\n";
const TICKETS: &str = "key,status\nOPS-12,Done\n";
const SUPPLIERS: &str = "vendor,provider,contract end\nStripe Inc.,stripe,2027-01-01\n";
const REPORT: &str = "\
user,arn,user_creation_time,password_enabled,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active
eve,arn:aws:iam::123456789012:user/eve,2020-01-01T00:00:00+00:00,true,true,2020-01-01T00:00:00+00:00,2021-01-01T00:00:00+00:00,false
";
const WORKFLOW: &str = "\
on: push
permissions: write-all
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: ./deploy
        env:
          NPM_TOKEN: ${{ secrets.NPM_TOKEN }}
          AWS_SECRET_ACCESS_KEY: ${{ secrets.AWS_SECRET_ACCESS_KEY }}
";
const TERRAFORM: &str = r#"
resource "aws_iam_user" "ci" {
  name = "ci"
  tags = { owner = "team-infra", team = "platform" }
}
resource "aws_iam_user_policy" "ci" {
  user   = aws_iam_user.ci.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
"#;
const KUBERNETES: &str = "\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: shop
  namespace: shop
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/shop
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: shop
spec:
  template:
    spec:
      serviceAccountName: shop
      containers:
        - name: shop
          image: shop:1
          env:
            - name: DB_PASSWORD
              valueFrom:
                secretKeyRef: {name: shop-db, key: password}
";
const SEALED: &str = "\
db_password: ENC[AES256_GCM,data:c29tZXRoaW5n,iv:YWJj,tag:ZGVm,type:str]
sops:
    lastmodified: '2026-02-01T00:00:00Z'
    mac: ENC[AES256_GCM,data:bWFj,iv:YWJj,tag:ZGVm,type:str]
    version: 3.9.0
";
const CATALOG: &str = "\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: NAME}
spec: {type: service, lifecycle: LIFECYCLE, owner: group:default/payments, system: checkout}
";

/// The organisation in its folder.
pub(crate) struct Firm {
    root: TempDir,
    /// Every secret value that it holds.
    pub(crate) secrets: Vec<String>,
    /// The commits of `tools`: before and after a key was added.
    pub(crate) tools: [String; 2],
}

/// The repositories.
pub(crate) const REPOSITORIES: [&str; 12] =
    ["api", "ci", "cut", "data", "docs", "infra", "legacy", "mobile", "shop", "tools", "vaulted", "web"];
/// The images.
pub(crate) const IMAGES: [&str; 2] = ["web.tar", "worker.tar"];
/// The lists.
pub(crate) const LISTS: [&str; 10] = [
    "register.csv",
    "leavers.csv",
    "tickets.csv",
    "suppliers.csv",
    "report.csv",
    "gitlab.json",
    "entra.json",
    "kv.json",
    "trail.json",
    "secrets.json",
];

impl Firm {
    pub(crate) fn new() -> Self {
        let mut firm = Self { root: TempDir::new().unwrap(), secrets: Vec::new(), tools: Default::default() };
        firm.web();
        firm.payments();
        firm.platform();
        firm.images();
        firm.lists();
        firm
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    fn secret(&mut self, value: String) -> String {
        self.secrets.push(value.clone());
        value
    }

    fn token(&mut self, seed: u64) -> String {
        self.secret(github(seed))
    }

    fn repository(&self, name: &str) -> PathBuf {
        let folder = self.root().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        git(&folder, &["init", "--quiet"]);
        folder
    }

    /// `web`, `mobile` and `tools`.
    fn web(&mut self) {
        let web = self.repository("web");
        let [first, second, shared] = [1, 2, 3].map(|seed| self.token(seed));
        write(&web, "CODEOWNERS", "* @acme/web\n");
        write(&web, "deploy.py", format!("DEPLOY_TOKEN = '{first}'\n"));
        write(&web, "shared.py", format!("SHARED_TOKEN = '{shared}'\n"));
        write(&web, ".github/workflows/deploy.yml", WORKFLOW);
        commit_as(&web, "ann", 0, "Deploy (#7)");
        write(&web, "deploy.py", format!("DEPLOY_TOKEN = '{second}'\n"));
        commit_as(&web, "ben", DAY, "OPS-12: new token");
        let mobile = self.repository("mobile");
        let stripe = self.secret(format!("{}{}", joined("sk_<~>test_"), letters(41, 24)));
        write(&mobile, "shared.py", format!("SHARED_TOKEN = '{shared}'\n"));
        write(&mobile, "deploy/prod/pay.env", format!("STRIPE_KEY={stripe}\n"));
        commit_as(&mobile, "ben", 2 * DAY, "first");
        let tools = self.repository("tools");
        write(&tools, "readme.md", "# Tools\n");
        let before = commit_as(&tools, "cleo", 0, "first");
        let token = self.token(7);
        write(&tools, "deploy/prod/run.py", format!("TOOL_TOKEN = '{token}'\n"));
        let after = commit_as(&tools, "cleo", 300 * DAY, "a key");
        self.tools = [before, after];
    }

    /// `api`, `legacy`, `shop` and `vaulted`.
    fn payments(&mut self) {
        let api = self.repository("api");
        let catalog = |name: &str, lifecycle: &str| CATALOG.replace("NAME", name).replace("LIFECYCLE", lifecycle);
        write(&api, "catalog-info.yaml", catalog("api", "production"));
        let password = self.secret(letters(42, 20));
        let url = format!("DATABASE_URL=postgres://shop:{password}@db.prod.acme.test:5432/orders?sslmode=require\n");
        write(&api, "app.env", url);
        let both = self.token(4);
        for environment in ["prod", "staging"] {
            write(&api, &format!("deploy/{environment}/app.py"), format!("CEILING_TOKEN = '{both}'\n"));
        }
        commit_as(&api, "ann", 10 * DAY, "Service (#3)");
        let legacy = self.repository("legacy");
        write(&legacy, "catalog-info.yaml", catalog("legacy", "deprecated"));
        let token = self.token(5);
        write(&legacy, "job.py", format!("JOB_TOKEN = '{token}'\n"));
        let weak = self.secret(letters(44, 9));
        write(&legacy, "db.env", format!("DATABASE_URL=postgres://job:{weak}@db.acme.test:5432/jobs\n"));
        let guest = joined("gu<~>est");
        write(&legacy, "queue.env", format!("URL=amqp://{guest}:{guest}@mq.acme.test/\n"));
        commit_as(&legacy, "dan", 5 * DAY, "job");
        let shop = self.repository("shop");
        write(&shop, "deploy/prod/shop.yaml", KUBERNETES);
        commit_as(&shop, "ann", 20 * DAY, "Shop (#4)");
        let vaulted = self.repository("vaulted");
        write(&vaulted, "run.sh", "#!/bin/sh\nvault kv get -field=password secret/web/db\n");
        write(&vaulted, "app.py", "import os\nkey = os.environ[\"MAIL_API_KEY\"]\n");
        commit_as(&vaulted, "ann", 30 * DAY, "Vault (#5)");
    }

    /// `infra`, `data`, `ci`, `docs` and `cut`.
    fn platform(&mut self) {
        let infra = self.repository("infra");
        write(&infra, "main.tf", TERRAFORM);
        commit_as(&infra, "cleo", 0, "Users (#1)");
        let data = self.repository("data");
        for name in ["ec-pkcs8", "ec-certificate", "rsa-1024"] {
            write(&data, &format!("{name}.pem"), self.vector(name));
        }
        let now = json!({"alg": "HS256", "typ": "JWT"});
        let claims =
            json!({"iss": "https://id.acme.test", "sub": "report", "email": "ann@acme.test", "scope": "admin"});
        let part = |value: &Value| data_encoding::BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let jwt = self.secret(format!("{}.{}.{}", part(&now), part(&claims), letters(43, 43)));
        write(&data, "report.py", format!("REPORT_TOKEN = '{jwt}'\n"));
        commit_as(&data, "cleo", 40 * DAY, "keys");
        let ci = self.repository("ci");
        let token = self.token(6);
        write(&ci, ".gitlab-ci.yml", format!("variables:\n  PUSH_TOKEN: {token}\nbuild:\n  script: [make]\n"));
        write(
            &ci,
            ".gitlab/CODEOWNERS",
            "[Pipelines] @acme/platform\n*.yml\n[Release]\n.gitlab-ci.yml @acme/release\n",
        );
        commit_as(&ci, "cleo", 0, "pipeline");
        let docs = self.repository("docs");
        write(&docs, "secrets.yaml", SEALED);
        write(&docs, "OWNERS", "approvers: [cleo]\n");
        commit_as(&docs, "cleo", 0, "docs");
        let whole = self.repository("whole");
        let token = self.token(9);
        write(&whole, "old.py", format!("OLD_TOKEN = '{token}'\n"));
        commit_as(&whole, "ann", 0, "first");
        commit_as(&whole, "ann", DAY, "second");
        let from = format!("file://{}", whole.display());
        git(self.root(), &["clone", "--quiet", "--depth", "1", &from, "cut"]);
        git(&self.root().join("cut"), &["remote", "remove", "origin"]);
    }

    fn vector(&mut self, name: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/claims/{name}.txt"));
        let text = joined(&std::fs::read_to_string(path).unwrap());
        if name != "ec-certificate" {
            let body = text.lines().filter(|line| !line.starts_with("-----") && line.len() > 30);
            self.secrets.extend(body.map(str::to_owned));
        }
        text
    }

    /// A service with a token in its environment, and one with the token that two repositories hold.
    fn images(&mut self) {
        let baked = self.token(8);
        let shared = github(3);
        let labels = json!({"org.opencontainers.image.authors": "shop@acme.test"});
        for (name, variables, labels, content) in [
            ("web.tar", vec![format!("API_TOKEN={baked}")], labels, "hello\n".to_owned()),
            ("worker.tar", Vec::new(), json!({}), format!("SHARED_TOKEN = '{shared}'\n")),
        ] {
            let layer = tar(&[("app/settings.py", content.as_bytes())]);
            let digest = data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest(&layer));
            let config = json!({
                "architecture": "amd64", "os": "linux", "config": {"Env": variables, "Labels": labels},
                "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{digest}")]},
                "history": [{"created_by": "COPY settings.py /app/ # buildkit"}],
            });
            let manifest = json!([{"Config": "config.json", "RepoTags": ["app:1"], "Layers": ["0/layer.tar"]}]);
            let (config, manifest) = (config.to_string(), manifest.to_string());
            let members = [
                ("0/layer.tar", layer.as_slice()),
                ("config.json", config.as_bytes()),
                ("manifest.json", manifest.as_bytes()),
            ];
            write(self.root(), name, tar(&members));
        }
    }

    fn lists(&self) {
        let gitlab = json!([
            {"id": 7, "name": "release", "scopes": ["api"], "created_at": "2025-01-01T00:00:00Z",
             "expires_at": "2026-01-01", "last_used_at": "2026-11-20T00:00:00Z", "active": true, "revoked": false},
            {"id": 8, "name": "old", "scopes": ["read_api"], "created_at": "2020-01-01T00:00:00Z",
             "expires_at": null, "last_used_at": null, "active": false, "revoked": true}]);
        let entra = json!([{"keyId": "k-1", "displayName": "sso", "startDateTime": "2026-11-01T00:00:00Z",
            "endDateTime": "2026-12-01T00:00:00Z"}]);
        let vault = json!({"secret/web/db": {"data": {"created_time": "2025-01-01T00:00:00Z",
            "updated_time": "2026-11-01T00:00:00Z", "current_version": 1, "custom_metadata": {"owner": "web"},
            "versions": {"1": {"created_time": "2026-11-01T00:00:00Z"}}}}});
        let events = json!({"Records": [{"eventName": "CreateAccessKey", "eventTime": "2026-11-03T00:00:00Z",
            "requestParameters": {"userName": "batch"},
            "responseElements": {"accessKey": {"accessKeyId": "AKIAEXAMPLE"}}}]});
        let secrets = json!({"SecretList": [{"Name": "idle", "CreatedDate": "2026-01-01T00:00:00Z",
            "ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:idle-AbCdEf", "RotationEnabled": true,
            "RotationRules": {"AutomaticallyAfterDays": 30}, "LastRotatedDate": "2026-11-10T00:00:00Z",
            "LastAccessedDate": "2026-11-20T00:00:00Z"}]});
        for (name, text) in [
            ("credlint.yaml", POLICY.to_owned()),
            ("register.csv", REGISTER.to_owned()),
            ("leavers.csv", LEAVERS.to_owned()),
            ("tickets.csv", TICKETS.to_owned()),
            ("suppliers.csv", SUPPLIERS.to_owned()),
            ("report.csv", REPORT.to_owned()),
            ("gitlab.json", gitlab.to_string()),
            ("entra.json", entra.to_string()),
            ("kv.json", vault.to_string()),
            ("trail.json", events.to_string()),
            ("secrets.json", secrets.to_string()),
        ] {
            write(self.root(), name, text);
        }
    }
}
