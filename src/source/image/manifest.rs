//! Which images a store holds: `manifest.json` of `docker save`, `index.json` of OCI, indexes in indexes.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::config::Config;
use super::digest::{blob_name, is_digest, of_blob_name, of_bytes};
use super::store::Store;
use crate::source::{Gap, GapReason};

/// Indexes in indexes, at most.
const MAX_DEPTH: usize = 4;
/// Manifests of one store, at most.
const MAX_MANIFESTS: usize = 1000;

/// An image as its manifest describes it.
pub struct Image {
    /// Digest of the configuration.
    pub digest: String,
    /// The configuration.
    pub config: Config,
    /// From the bottom up.
    pub layers: Vec<Blob>,
}

/// A layer's file.
pub struct Blob {
    /// Its name in the store; `None` where it is missing.
    pub name: Option<String>,
    /// Its digest; the one of the content where the manifest gives none.
    pub digest: String,
    /// The file's bytes must have the digest.
    pub checked: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    #[serde(default)]
    layers: Vec<String>,
}

/// An index or a manifest: what it is, its fields say.
#[derive(Deserialize)]
struct Document {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
}

/// What a store holds.
#[derive(Default)]
pub struct Found {
    /// Each configuration once.
    pub images: Vec<Image>,
    /// What is missing or wrong; `what` is a name in the store.
    pub gaps: Vec<Gap>,
    /// Names of the configurations' files.
    pub configs: BTreeSet<String>,
}

/// Reads all manifests. `None` when there is neither a `manifest.json` nor an `index.json`.
pub fn read(store: &Store) -> Option<Found> {
    let (saved, index) = (store.resolve("manifest.json"), store.resolve("index.json"));
    if saved.is_none() && index.is_none() {
        return None;
    }
    let mut reader = Reader { store, found: Found::default(), seen: BTreeSet::new() };
    if saved.is_some() {
        reader.saved();
    }
    if index.is_some() {
        reader.document("index.json", None, "", 0);
    }
    Some(reader.found)
}

struct Reader<'s> {
    store: &'s Store,
    found: Found,
    seen: BTreeSet<String>,
}

impl Reader<'_> {
    fn gap(&mut self, what: &str, reason: GapReason, detail: impl Into<String>) {
        self.found.gaps.push(Gap { what: what.to_owned(), reason, detail: detail.into() });
    }

    /// A document, parsed; its bytes must have the digest if there is one.
    fn bytes(&mut self, name: &str, digest: Option<&str>, whose: &str) -> Option<Vec<u8>> {
        match self.store.document(name) {
            Ok(Some(bytes)) => {
                if let Some(digest) = digest.filter(|digest| of_bytes(digest, &bytes) != **digest) {
                    self.gap(name, GapReason::Undecodable, format!("its bytes do not have the digest {digest}"));
                }
                Some(bytes)
            }
            Ok(None) => {
                self.gap(name, GapReason::Missing, format!("a manifest names it{whose} and it is not there"));
                None
            }
            Err(error) => {
                self.gap(name, GapReason::Undecodable, error.to_string());
                None
            }
        }
    }

    fn saved(&mut self) {
        let name = "manifest.json";
        let Some(bytes) = self.bytes(name, None, "") else { return };
        match serde_json::from_slice::<Vec<Saved>>(&bytes) {
            Ok(images) => {
                for image in images.into_iter().take(MAX_MANIFESTS) {
                    self.saved_image(&image);
                }
            }
            Err(error) => self.gap(name, GapReason::Undecodable, format!("it is no manifest: {error}")),
        }
    }

    fn saved_image(&mut self, saved: &Saved) {
        let stem = saved.config.strip_suffix(".json").unwrap_or(&saved.config);
        let digest = of_blob_name(&saved.config).unwrap_or_else(|| format!("sha256:{stem}"));
        let checked = is_digest(&digest).then_some(digest.as_str());
        let Some(config) = self.config(&saved.config, &digest, checked, "") else { return };
        let layers = saved.layers.iter().enumerate().map(|(index, name)| {
            let told = of_blob_name(name);
            let checked = told.is_some();
            let diff = config.diff_ids.get(index).filter(|digest| is_digest(digest)).cloned();
            let digest = told.or(diff).unwrap_or_else(|| name.clone());
            (name.clone(), Blob { name: self.store.resolve(name).map(str::to_owned), digest, checked })
        });
        let layers: Vec<_> = layers.collect();
        self.image(digest, config, layers, "");
    }

    fn image(&mut self, digest: String, config: Config, layers: Vec<(String, Blob)>, whose: &str) {
        for (name, blob) in &layers {
            if blob.name.is_none() {
                self.gap(name, GapReason::Missing, format!("a layer{whose} is not there"));
            }
        }
        let layers = layers.into_iter().map(|(_, blob)| blob).collect();
        self.found.images.push(Image { digest, config, layers });
    }

    /// A configuration that was not read before.
    fn config(&mut self, name: &str, digest: &str, checked: Option<&str>, whose: &str) -> Option<Config> {
        if !self.seen.insert(digest.to_owned()) {
            return None;
        }
        let bytes = self.bytes(name, checked, whose)?;
        match Config::parse(&bytes) {
            Ok(config) => {
                self.found.configs.extend(self.store.resolve(name).map(str::to_owned));
                Some(config)
            }
            Err(error) => {
                self.gap(name, GapReason::Undecodable, format!("it is no image configuration: {error}"));
                None
            }
        }
    }

    fn document(&mut self, name: &str, digest: Option<&str>, whose: &str, depth: usize) {
        let Some(bytes) = self.bytes(name, digest, whose) else { return };
        let document = match serde_json::from_slice::<Document>(&bytes) {
            Ok(document) => document,
            Err(error) => return self.gap(name, GapReason::Undecodable, format!("it is no manifest: {error}")),
        };
        for inner in document.manifests.unwrap_or_default() {
            let whose = inner.platform.as_ref().map(Platform::words).unwrap_or_default();
            if depth >= MAX_DEPTH || self.seen.len() >= MAX_MANIFESTS {
                return self.gap(name, GapReason::Limit, "too many manifests in one another");
            }
            match blob_name(&inner.digest) {
                Some(blob) if self.seen.insert(inner.digest.clone()) => {
                    self.document(&blob, Some(&inner.digest), &whose, depth + 1);
                }
                Some(_) => {}
                None => self.gap(name, GapReason::Undecodable, "it names a manifest by something that is no digest"),
            }
        }
        if let (Some(config), Some(layers)) = (document.config, document.layers) {
            self.manifest(name, &config, &layers, whose);
        }
    }

    fn manifest(&mut self, name: &str, config: &Descriptor, layers: &[Descriptor], whose: &str) {
        let Some(blob) = blob_name(&config.digest) else {
            return self.gap(name, GapReason::Undecodable, "it names a configuration by something that is no digest");
        };
        let Some(parsed) = self.config(&blob, &config.digest, Some(&config.digest), whose) else { return };
        let mut blobs = Vec::new();
        for layer in layers {
            let Some(blob) = blob_name(&layer.digest) else {
                self.gap(name, GapReason::Undecodable, "it names a layer by something that is no digest");
                continue;
            };
            let found = self.store.resolve(&blob).map(str::to_owned);
            blobs.push((blob, Blob { name: found, digest: layer.digest.clone(), checked: true }));
        }
        self.image(config.digest.clone(), parsed, blobs, whose);
    }
}

impl Platform {
    fn words(&self) -> String {
        format!(" for {}/{}", self.os, self.architecture)
    }
}
