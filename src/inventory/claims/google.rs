//! Google Cloud: the account and project of a service account's key file; OAuth clients.

use super::{Seen, keys};
use crate::inventory::kind::Field;

pub(super) fn claim(seen: &mut Seen<'_>) {
    if seen.finding.rule.id == "google-oauth-client-id" {
        // A client's id is public; the secret stands elsewhere.
        seen.says(Field::Principal, seen.value(), "OAuth client id");
        return;
    }
    let Some(account) = seen.told("service account") else { return };
    seen.says(Field::Principal, account, "client_email");
    seen.says(Field::Kind, "service-account", "client_email");
    seen.says_told(Field::ProviderAccount, "project", "project_id");
    seen.says_told(Field::KeyId, "key id", "private_key_id");
    if let Some(id) = seen.told("client id") {
        seen.tag("client_id", id, "client_id");
    }
    keys::strength(seen);
}
