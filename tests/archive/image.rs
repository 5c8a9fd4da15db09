//! Container images in every layout: what is found, in which layer, made by what, and whether a container sees it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::common::tokens::{github, letters};
use crate::common::{credlint, scan, write};
use crate::formats::{gzip, jar, tar, tar_entry, zstd};

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)))
}

fn blob_name(digest: &str) -> String {
    format!("blobs/{}", digest.replacen(':', "/", 1))
}

fn line(seed: u64) -> Vec<u8> {
    format!("token {}\n", github(seed)).into_bytes()
}

/// What made the layers of [`layers`].
const INSTRUCTIONS: [&str; 4] = [
    "ADD base.tar / # buildkit",
    "COPY secret /etc/secret # buildkit",
    "RUN rm /etc/secret # buildkit",
    "COPY app.jar /app/ # buildkit",
];

/// Four layers: one that stays, one with a file that the third deletes and a folder that it begins anew, one with a jar.
fn layers() -> Vec<Vec<u8>> {
    let mut removes = Vec::new();
    for name in ["etc/.wh.secret", "var/.wh..wh..opq", "etc/passwd-"] {
        removes.extend(tar_entry(name, b'0', 0, b""));
    }
    removes.extend([0; 1024]);
    vec![
        tar(&[("etc/base", &line(1)), ("etc/passwd-", &line(2))]),
        tar(&[("etc/secret", &line(3)), ("var/log/app", &line(4))]),
        removes,
        tar(&[("app/app.jar", &jar("conf/app.properties", &line(5)))]),
    ]
}

/// A configuration with secrets in environment, labels, command and build arguments.
fn config(layers: &[Vec<u8>]) -> Value {
    let mut history: Vec<Value> = INSTRUCTIONS.iter().map(|text| json!({"created_by": text})).collect();
    let legacy = format!("|1 TOKEN={} /bin/sh -c make", github(13));
    let buildkit = format!("RUN |1 TOKEN={} /bin/sh -c make # buildkit", github(14));
    history.insert(2, json!({"created_by": legacy, "empty_layer": true}));
    history.insert(1, json!({"created_by": buildkit, "empty_layer": true}));
    json!({
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Env": ["PATH=/usr/bin", format!("API_TOKEN={}", github(11))],
            "Labels": {"org.example.token": github(12)},
            "Cmd": ["app", "--token", github(15)],
        },
        "rootfs": {"type": "layers", "diff_ids": layers.iter().map(|layer| digest(layer)).collect::<Vec<_>>()},
        "history": history,
    })
}

type Files = BTreeMap<String, Vec<u8>>;

fn add(files: &mut Files, bytes: Vec<u8>) -> String {
    let digest = digest(&bytes);
    files.insert(blob_name(&digest), bytes);
    digest
}

/// An OCI layout. `pack` makes a layer's blob of its tar.
fn oci(layers: &[Vec<u8>], pack: impl Fn(&[u8]) -> Vec<u8>) -> Files {
    let mut files = Files::from([("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec())]);
    let manifest = manifest(&mut files, layers, &config(layers), pack);
    // An index in the index, as for many platforms.
    let inner = json!({"schemaVersion": 2, "manifests": [
        {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": manifest, "size": 1,
         "platform": {"os": "linux", "architecture": "amd64"}}]});
    let inner = add(&mut files, inner.to_string().into_bytes());
    let index = json!({"schemaVersion": 2, "manifests": [
        {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": inner, "size": 1}]});
    files.insert("index.json".to_owned(), index.to_string().into_bytes());
    files
}

fn manifest(files: &mut Files, layers: &[Vec<u8>], config: &Value, pack: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let config = add(files, config.to_string().into_bytes());
    let layers: Vec<Value> = layers.iter().map(|layer| json!({"digest": add(files, pack(layer)), "size": 1})).collect();
    let manifest = json!({"schemaVersion": 2, "config": {"digest": config, "size": 1}, "layers": layers});
    add(files, manifest.to_string().into_bytes())
}

/// What `docker save` wrote until version 24: a folder a layer.
fn docker_old(layers: &[Vec<u8>]) -> Files {
    let mut files = Files::new();
    let config = config(layers).to_string().into_bytes();
    let name = format!("{}.json", digest(&config).trim_start_matches("sha256:"));
    let names: Vec<String> = (0..layers.len()).map(|index| format!("{index:064x}/layer.tar")).collect();
    for (name, layer) in names.iter().zip(layers) {
        files.insert(name.clone(), layer.clone());
    }
    let manifest = json!([{"Config": name, "RepoTags": ["app:1"], "Layers": names}]);
    files.insert(name, config);
    files.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
    files
}

/// What it writes since: an OCI layout with a `manifest.json` beside.
fn docker_new(layers: &[Vec<u8>]) -> Files {
    let mut files = oci(layers, <[u8]>::to_vec);
    let config = digest(config(layers).to_string().as_bytes());
    let names: Vec<String> = layers.iter().map(|layer| blob_name(&digest(layer))).collect();
    let manifest = json!([{"Config": blob_name(&config), "RepoTags": ["app:1"], "Layers": names}]);
    files.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
    files
}

fn archived(files: &Files) -> Vec<u8> {
    tar(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

/// Scans an image, which leaves no gap; `(member, visible, instruction, layer)` of each finding.
fn found(folder: &Path, name: &str) -> Vec<(String, bool, String, String)> {
    let (code, report) = scan(folder, &["--image", name], b"");
    assert_eq!(report["gaps"].as_array().unwrap().len(), 0, "{}", report["gaps"]);
    assert_eq!(code, 1);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entry = |entry: &Value| {
        assert_eq!(entry["path"], name);
        assert_eq!(entry["line"], 1);
        let image = &entry["image"];
        let visible = image["visible"].as_bool().unwrap();
        (text(&entry["member"]), visible, text(&image["instruction"]), text(&image["layer"]))
    };
    let mut all: Vec<_> = report["findings"].as_array().unwrap().iter().map(entry).collect();
    all.sort();
    all
}

/// What every layout must give; layers' digests are those of `pack`ed layers.
fn expected(pack: impl Fn(&[u8]) -> Vec<u8>) -> Vec<(String, bool, String, String)> {
    let digests: Vec<String> = layers().iter().map(|layer| digest(&pack(layer))).collect();
    let file = |path: &str, visible: bool, layer: usize| {
        (path.to_owned(), visible, INSTRUCTIONS[layer].to_owned(), digests[layer].clone())
    };
    let config = |part: &str| (part.to_owned(), true, String::new(), String::new());
    let mut all = vec![
        file("etc/base", true, 0),
        file("etc/passwd-", false, 0),
        file("etc/secret", false, 1),
        file("var/log/app", false, 1),
        file("app/app.jar!conf/app.properties", true, 3),
        config("config:Env:API_TOKEN"),
        config("config:Labels:org.example.token"),
        config("config:Cmd"),
        config("history[1]:created_by"),
        config("history[3]:created_by"),
    ];
    all.sort();
    all
}

#[test]
fn every_layout_gives_the_same() {
    let layers = layers();
    let plain = <[u8]>::to_vec;
    let folder = TempDir::new().unwrap();
    for (name, bytes, expected) in [
        ("old.tar", archived(&docker_old(&layers)), expected(plain)),
        ("new.tar", archived(&docker_new(&layers)), expected(plain)),
        ("oci.tar", archived(&oci(&layers, plain)), expected(plain)),
        ("oci-gzip.tar", archived(&oci(&layers, gzip)), expected(gzip)),
        ("oci-zstd.tar", archived(&oci(&layers, zstd)), expected(zstd)),
        ("new.tar.gz", gzip(&archived(&docker_new(&layers))), expected(plain)),
    ] {
        write(folder.path(), name, bytes);
        assert_eq!(found(folder.path(), name), expected, "{name}");
    }
    for (name, bytes) in oci(&layers, gzip) {
        write(folder.path(), &format!("layout/{name}"), bytes);
    }
    assert_eq!(found(folder.path(), "layout"), expected(gzip));
}

#[test]
fn a_layer_that_images_share_is_scanned_once_and_seen_if_one_shows_it() {
    let layers = layers();
    let mut files = Files::new();
    let mut manifests = Vec::new();
    for (count, platform) in [(3, "amd64"), (2, "arm64")] {
        let own = &layers[..count];
        let mut config = config(own);
        config["config"] = json!({});
        config["history"] = json!([]);
        config["architecture"] = json!(platform);
        manifests.push(json!({"digest": manifest(&mut files, own, &config, gzip), "size": 1}));
    }
    files.insert("index.json".to_owned(), json!({"manifests": manifests}).to_string().into_bytes());
    let folder = TempDir::new().unwrap();
    write(folder.path(), "i.tar", archived(&files));
    let found: Vec<_> = found(folder.path(), "i.tar").into_iter().map(|entry| (entry.0, entry.1)).collect();
    let expected = ["etc/base", "etc/passwd-", "etc/secret", "var/log/app"].map(|path| (path.to_owned(), true));
    assert_eq!(found, expected);
}

/// `(what, reason)` of each gap, and the exit code.
fn gaps(folder: &Path, name: &str) -> (i32, Vec<(String, String)>) {
    let (code, report) = scan(folder, &["--image", name], b"");
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let gaps = report["gaps"].as_array().unwrap();
    (code, gaps.iter().map(|gap| (text(gap, "what"), text(gap, "reason"))).collect())
}

#[test]
fn missing_and_altered_blobs_are_gaps() {
    let layers = vec![tar(&[("a", b"text")]), tar(&[("b", b"text")])];
    let mut clean = config(&layers);
    clean["config"] = json!({});
    clean["history"] = json!([]);
    let mut files = Files::new();
    let manifest = manifest(&mut files, &layers, &clean, gzip);
    files.insert("index.json".to_owned(), json!({"manifests": [{"digest": manifest}]}).to_string().into_bytes());
    let folder = TempDir::new().unwrap();
    write(folder.path(), "whole.tar", archived(&files));
    assert_eq!(gaps(folder.path(), "whole.tar"), (0, vec![]));

    let layer = blob_name(&digest(&gzip(&layers[0])));
    let config = blob_name(&digest(clean.to_string().as_bytes()));
    for (removed, name) in [(&layer, "layer.tar"), (&config, "config.tar"), (&blob_name(&manifest), "manifest.tar")] {
        let mut less = files.clone();
        less.remove(removed);
        write(folder.path(), name, archived(&less));
        assert_eq!(gaps(folder.path(), name), (3, vec![(format!("{name}!{removed}"), "missing".to_owned())]));
    }
    let mut altered = files.clone();
    altered.insert(layer.clone(), gzip(&layers[1]));
    write(folder.path(), "altered.tar", archived(&altered));
    assert_eq!(
        gaps(folder.path(), "altered.tar"),
        (3, vec![(format!("altered.tar!{layer}"), "undecodable".to_owned())])
    );
    let mut corrupt = files.clone();
    corrupt.insert(layer.clone(), gzip(&layers[0])[..30].to_vec());
    write(folder.path(), "corrupt.tar", archived(&corrupt));
    let (code, found) = gaps(folder.path(), "corrupt.tar");
    assert_eq!((code, found.len()), (3, 2), "{found:?}");
}

#[test]
fn names_of_blobs_are_no_paths() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "outside.json", line(1));
    let inside = folder.path().join("layout");
    for digest in ["sha256:../../outside.json", "../outside.json", "sha256:abc"] {
        let index = json!({"manifests": [{"digest": digest}]}).to_string();
        write(&inside, "index.json", index);
        let (code, report) = scan(folder.path(), &["--image", "layout"], b"");
        assert_eq!((code, report["findings"].as_array().unwrap().len()), (3, 0), "{digest}");
    }
    write(&inside, "index.json", "{}");
    let saved = json!([{"Config": "../outside.json", "Layers": ["../outside.json"]}]).to_string();
    write(&inside, "manifest.json", saved);
    let (code, report) = scan(folder.path(), &["--image", "layout"], b"");
    assert_eq!((code, report["findings"].as_array().unwrap().len()), (3, 0));
}

#[test]
fn what_is_no_image_cannot_start() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a.tar", tar(&[("a", b"text")]));
    write(folder.path(), "a.txt", "text");
    fs::create_dir(folder.path().join("empty")).unwrap();
    for name in ["a.tar", "a.txt", "empty", "missing"] {
        let run = credlint(folder.path(), &["scan", "--image", name], b"");
        assert_eq!(run.code, 2, "{name}");
        assert!(run.err.contains("is no image"), "{}", run.err);
    }
}

#[test]
fn an_image_is_not_passed_over_for_a_git_scope() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "i.tar", archived(&oci(&layers(), gzip)));
    for scope in ["--staged", "--history", "--ci"] {
        let run = credlint(folder.path(), &["scan", "--image", "i.tar", scope], b"");
        assert_eq!(run.code, 2, "{scope}");
    }
}

#[test]
fn an_instruction_does_not_show_the_value_it_holds() {
    let password = letters(7, 14);
    let layers = vec![tar(&[("a", &line(1))])];
    let mut config = config(&layers);
    config["config"] = json!({});
    config["history"] = json!([{"created_by": format!("RUN |1 DB_PASSWORD={password} /bin/sh -c make")}]);
    let mut files = Files::new();
    let manifest = manifest(&mut files, &layers, &config, gzip);
    files.insert("index.json".to_owned(), json!({"manifests": [{"digest": manifest}]}).to_string().into_bytes());
    let folder = TempDir::new().unwrap();
    write(folder.path(), "i.tar", archived(&files));
    for format in ["human", "json", "jsonl", "sarif", "sarif-full"] {
        let run =
            credlint(folder.path(), &["scan", "--image", "i.tar", "--report", format, "--block", "possible"], b"");
        assert_eq!(run.code, 1);
        assert!(run.out.contains("DB_PASSWORD="), "{format}: {}", run.out);
        assert!(!run.out.contains(&password), "{format}: {}", run.out);
    }
}

#[test]
fn people_are_told_the_layer_and_what_became_of_it() {
    let folder = TempDir::new().unwrap();
    let layers = layers();
    write(folder.path(), "i.tar", archived(&oci(&layers, gzip)));
    let out = credlint(folder.path(), &["scan", "--image", "i.tar", "--report", "human"], b"").out;
    let layer = digest(&gzip(&layers[1]));
    for words in [
        &format!("i.tar!{}!etc/secret:1:7", &layer[..19]),
        &layer,
        INSTRUCTIONS[1],
        "deleted or replaced by a later layer",
        "in the configuration",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let sarif = credlint(folder.path(), &["scan", "--image", "i.tar", "--report", "sarif"], b"").out;
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let secret = results.iter().find(|result| result["properties"]["member"] == "etc/secret").unwrap();
    assert_eq!(secret["properties"]["visible"], false);
    assert_eq!(secret["properties"]["layer"], layer);
    assert_eq!(secret["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "i.tar");
}
