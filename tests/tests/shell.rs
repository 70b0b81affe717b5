//! What the shell grants the page, and what the page may load: read from the files that say so.

use std::collections::BTreeMap;
use std::fs;

use romp_tests::tools;
use serde_json::Value;

fn text(path: &str) -> String {
    fs::read_to_string(tools::root().join(path)).expect(path)
}

fn json(path: &str) -> Value {
    serde_json::from_str(&text(path)).expect(path)
}

/// The directives of the window's policy, and their sources.
fn policy() -> BTreeMap<String, Vec<String>> {
    let configuration = json("tauri.conf.json");
    let policy = configuration["app"]["security"]["csp"]
        .as_str()
        .expect("a policy");
    policy
        .split(';')
        .map(|directive| {
            let mut words = directive.split_whitespace().map(str::to_owned);
            (words.next().expect("a directive has a name"), words.collect())
        })
        .collect()
}

#[test]
fn row_74_the_shell_grants_the_page_exactly_this() {
    let folder = tools::root().join("src-tauri/capabilities");
    let files: Vec<_> = fs::read_dir(folder)
        .expect("the folder of capabilities")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    assert_eq!(files, ["main.json"]);
    let capability = json("src-tauri/capabilities/main.json");
    insta::assert_json_snapshot!(capability, @r#"
    {
      "$schema": "https://schema.tauri.app/config/2/capability",
      "description": "All that the page may ask of the shell: the one typed call, and word that something changed.",
      "identifier": "main",
      "permissions": [
        "allow-call",
        "core:event:allow-listen",
        "core:event:allow-unlisten"
      ],
      "windows": [
        "main"
      ]
    }
    "#);
    for key in ["remote", "webviews", "platforms", "local"] {
        assert!(capability.get(key).is_none(), "{key}");
    }
    for list in ["permissions", "windows"] {
        let said = capability[list].to_string();
        for never in ["*", "shell", "fs:", "http", "opener", "process", "default"] {
            assert!(!said.contains(never), "{list}: {never}");
        }
    }
}

#[test]
fn row_74_the_configuration_opens_nothing_beside_it() {
    let configuration = json("tauri.conf.json");
    insta::assert_json_snapshot!(configuration["app"], @r#"
    {
      "security": {
        "capabilities": [
          "main"
        ],
        "csp": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ipc: http://ipc.localhost; img-src 'self' asset: http://asset.localhost blob: data:; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      },
      "windows": [
        {
          "create": false,
          "height": 800,
          "label": "main",
          "minHeight": 600,
          "minWidth": 360,
          "title": "Romp",
          "width": 1280
        }
      ],
      "withGlobalTauri": false
    }
    "#);
    // No plugin is configured, no deep link registered, and one command is all there is.
    assert!(configuration.get("plugins").is_none());
    let shell = text("src-tauri/src/lib.rs");
    assert_eq!(shell.matches("#[tauri::command]").count(), 1);
    assert_eq!(shell.matches("generate_handler![call]").count(), 1);
    assert!(text("src-tauri/build.rs").contains(r#".commands(&["call"])"#));
    assert!(!text("Cargo.toml").contains("tauri-plugin"));
}

#[test]
fn row_75_the_policy_lets_no_text_become_code() {
    let policy = policy();
    // 'wasm-unsafe-eval' lets a page compile WebAssembly, which the whole user interface is; it lets no text become
    // script, which 'unsafe-eval' would (CSP Level 3, section 2.3.1).
    assert_eq!(policy["script-src"], ["'self'", "'wasm-unsafe-eval'"]);
    for never in ["default-src", "style-src"] {
        assert_eq!(policy[never], ["'self'"], "{never}");
    }
    for none in ["object-src", "base-uri", "form-action", "frame-ancestors"] {
        assert_eq!(policy[none], ["'none'"], "{none}");
    }
    for (directive, sources) in &policy {
        for source in sources {
            assert!(
                ![
                    "'unsafe-inline'",
                    "'unsafe-eval'",
                    "'unsafe-hashes'",
                    "*",
                    "https:",
                    "http:"
                ]
                .contains(&source.as_str()),
                "{directive} {source}"
            );
            let outside = source.starts_with("http") && !source.ends_with(".localhost");
            assert!(!outside, "{directive} {source}");
            assert!(
                source != "data:" || directive == "img-src",
                "{directive} {source}"
            );
        }
    }
    // Frames would fall back to default-src; there is no directive that would allow one.
    assert!(!policy.contains_key("frame-src") && !policy.contains_key("child-src"));
}

#[test]
fn row_75_the_page_needs_no_exception() {
    let page = text("ui/index.html");
    for (n, tag) in page.split("<script").enumerate().skip(1) {
        assert!(
            tag.trim_start().starts_with("src=") || tag.contains(" src="),
            "script {n} is inline"
        );
        let inside = tag
            .split_once('>')
            .and_then(|(_, rest)| rest.split_once("</script>"));
        assert_eq!(inside.map(|(inside, _)| inside.trim()), Some(""), "script {n}");
    }
    let page = page.to_lowercase();
    for never in [
        "<style",
        " style=",
        " onload=",
        " onclick=",
        " onerror=",
        "javascript:",
        "<iframe",
        "<object",
        "<base",
    ] {
        assert!(!page.contains(never), "{never}");
    }
}
