//! The identity of a value in reports: keyed, so that it cannot be guessed by whoever has not got the key.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::judge::Secret;

/// Put before the value, so that the key's other uses give other results.
const DOMAIN: &[u8] = b"credlint/v1\0";

/// Hex of HMAC-SHA256 over the value.
pub fn fingerprint(key: &[u8], secret: &Secret) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(DOMAIN);
    mac.update(secret.expose());
    Some(data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with: printf 'credlint/v1\0abc' | openssl dgst -sha256 -hmac key
    #[test]
    fn equals_the_value_of_another_implementation() {
        let expected = "52800ce2a7118afb0e592218b11ba571d2fcaf2cba2ec3cf247dd867935679b7";
        assert_eq!(fingerprint(b"key", &Secret::new(b"abc")).as_deref(), Some(expected));
    }

    #[test]
    fn depends_on_the_key() {
        let secret = Secret::new(b"abc");
        assert_ne!(fingerprint(b"key", &secret), fingerprint(b"other", &secret));
    }
}
