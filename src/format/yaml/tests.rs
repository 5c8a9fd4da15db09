//! The YAML reader's tests.

use super::super::tree::tests::shown;
use super::parse;

fn read(text: &str) -> String {
    let nodes = parse(text.as_bytes());
    nodes.iter().map(|node| shown(node, text.as_bytes())).collect::<Vec<_>>().join(" --- ")
}

#[test]
fn blocks_flows_and_scalars() {
    for (text, tree) in [
        ("a: 1\nb:\n  c: x y # z\n  d:\n  - e\n  - f: g\n    h: i\n", r#"{a="1" b={c="x y" d=["e" {f="g" h="i"}]}}"#),
        ("a:\n- b\n- c\nd: e\n", r#"{a=["b" "c"] d="e"}"#),
        ("- - a\n  - b\n-\n  c: d\n", r#"[["a" "b"] {c="d"}]"#),
        ("a: \"x\\u0041\\n\\\"\"\nb: 'it''s'\n", r#"{a="xA\n\"" b="it's"}"#),
        ("a: |\n  one\n   two\n\n  three\n\nb: >-\n  x\n  y\n", r#"{a="one\n two\n\nthree" b="x y"}"#),
        ("a: !vault |\n  x\nb: !Ref C\n", r#"{a=!vault"x" b=!Ref"C"}"#),
        ("a: {b: c, \"d\":1, e: [f, {g: h}]}\ni: [j: k]\n", r#"{a={b="c" d="1" e=["f" {g="h"}]} i=[{j="k"}]}"#),
        ("a: &x one\nb: *x\nc: &y\n  d: e\n", r#"{a="one" b="one" c={d="e"}}"#),
        ("a: one\n  two\n\n  three\nb: \"one\n  two\"\n", r#"{a="one two\nthree" b="one two"}"#),
        ("a: 1\n---\nb: 2\n...\n--- # c\nc: 3\n", r#"{a="1"} --- {b="2"} --- {c="3"}"#),
        ("\u{feff}a: http://x:1/y#z\n? b\n: c\n", r#"{a="http://x:1/y#z" ="c"}"#),
        ("a:\r\n  b: c\r\n  d: |\r\n    e\r\n    f\r\n", r#"{a={b="c" d="e\nf"}}"#),
        ("{\"a\": \"b\",\n\"c\": [1,\n2]}", r#"{a="b" c=["1" "2"]}"#),
    ] {
        assert_eq!(read(text), tree, "{text}");
    }
}

#[test]
fn templates_and_breaks_cost_their_own_lines() {
    for (text, tree) in [
        (
            "a:\n{{- if .x }}\n  b: c\n{{- end }}\n  d: {{ .y | quote }}\n  {{ .k }}: v\n",
            r#"{a={b="c" d="{{ .y | quote }}" {{ .k }}="v"}}"#,
        ),
        ("a: \"open\nb: c\n", r#"{a="open" b="c"}"#),
        ("a: [x, y\nb: c\n", r#"{a=["x" "y"] b="c"}"#),
        ("a: b\n%%% no yaml\n  at: all\nc: d\n", r#"{a="b" at="all" c="d"}"#),
        ("a: \"x\" + y\nb: {{ c }}-d\n", r#"{a="x" b="{{ c }}-d"}"#),
        ("a: |\n  x\n{{ if y }}\n  z\n{{ end }}\nb: c\n", r#"{a="x\nz" b="c"}"#),
        ("{% for x in y %}\n- name: {{ x }}\n  b: c\n{% endfor %}\n", r#"[{name="{{ x }}" b="c"}]"#),
    ] {
        assert_eq!(read(text), tree, "{text}");
    }
}

#[test]
fn hostile_texts_take_no_time() {
    let size = 200_000;
    let mut deep = String::new();
    for depth in 0..600 {
        deep.push_str(&" ".repeat(depth));
        deep.push_str("a:\n");
    }
    for text in [
        "[".repeat(size),
        "{a: ".repeat(size),
        "- ".repeat(size),
        "a: \"\n".repeat(size / 5),
        "a: '\n".repeat(size / 5),
        "- \"\n".repeat(size / 5),
        "[\"\n".repeat(size / 5),
        "{{".repeat(size),
        "a: &a x\nb: *a\n".repeat(size / 14),
        "? ".repeat(size),
        "!a ".repeat(size),
        "a: |\n".repeat(size / 5),
        "\"a\" ".repeat(size / 4),
        deep,
    ] {
        let start = std::time::Instant::now();
        let _ = parse(text.as_bytes());
        assert!(start.elapsed().as_secs() < 3, "{:?} {:?}", &text[..20], start.elapsed());
    }
}

#[test]
fn every_prefix_is_read_without_harm() {
    let text = "a: &x \"q\\u0041\\\n  r\"\nb:\n- {c: [d, 'e''f'], *x : y}\n- |2-\n    g\n\n   h\n- >+\n  i\n--- !t\nj: !u k\n  l # m\n...\n";
    for end in 0..text.len() {
        for node in parse(&text.as_bytes()[..end]) {
            assert!(node.place.end <= end, "{end}: {:?}", node.place);
        }
    }
}

/// A tree as a library reads it, in the form of [`shown`].
fn library(value: &serde_yaml::Value) -> String {
    use serde_yaml::Value;
    match value {
        Value::Null | Value::Bool(_) => "-".to_owned(),
        Value::Number(number) => format!("{:?}", number.to_string()),
        Value::String(text) => format!("{text:?}"),
        Value::Sequence(items) => format!("[{}]", items.iter().map(library).collect::<Vec<_>>().join(" ")),
        Value::Mapping(pairs) => {
            let pair = |(key, value): (&Value, &Value)| format!("{}={}", key.as_str().unwrap(), library(value));
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(" "))
        }
        Value::Tagged(tagged) => format!("{}{}", tagged.tag, library(&tagged.value)),
    }
}

#[test]
fn a_library_reads_the_same_tree() {
    for text in [
        "a: 1\nb:\n  c: x y # z\n  d:\n  - e\n  - f: g\n    h: i\n",
        "a:\n- b\n-\n  c: d\n- - e\n  - f\ng: h\n",
        "a: \"x\\u0041\\n\\\"\"\nb: 'it''s'\nc: \"one\n  two\n\n  three\"\n",
        "a: |-\n  one\n   two\n\n  three\nb: >-\n  x\n  y\nc: |2-\n    z\n",
        "a: {b: c, \"d\": 1, e: [f, {g: h}, 'i, j']}\nk: [\n  l, m: n,\n]\n",
        "a: &x one\nb: *x\nc: !t d\ne: one\n  two\n\n  three\n",
        "a: http://x:1/y#z\nb: -c\nd: e:f\ni: ~\nj: true\n",
        "- a: b\n  c:\n  - d\n- e\n-   f: g\n    h: i\n",
        "\"a b\": c\n'd': e\nf : g\nh:\n\n\n  i\n",
        "a:\r\n  b: c\r\n  d: |-\r\n    e\r\n    f\r\n",
    ] {
        let value: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        assert_eq!(read(text), library(&value), "{text}");
    }
}
