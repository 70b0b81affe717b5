//! Every endpoint is described as it is, and the committed document is current.

use serde_json::Value;

use super::*;

fn written() -> Value {
    serde_json::from_str(&text().unwrap()).unwrap()
}

#[test]
fn the_committed_document_is_the_current_one() {
    let committed = include_str!("../../../docs/openapi.json");
    assert!(
        committed == text().unwrap(),
        "docs/openapi.json is old: cargo run -p romp-server -- openapi > docs/openapi.json"
    );
}

#[test]
fn row_01_every_endpoint_is_described_with_the_access_that_the_policy_table_says() {
    let document = written();
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), Endpoint::ALL.len());
    for endpoint in Endpoint::ALL {
        let method = match endpoint.method() {
            Method::Get => "get",
            Method::Post => "post",
        };
        let operation = &paths[endpoint.path()][method];
        assert_eq!(operation["operationId"], endpoint.word());
        let guarded = endpoint.access() != Access::Public;
        assert_eq!(operation["security"].is_array(), guarded, "{endpoint:?}");
        for status in ["401", "403"] {
            let told = operation["responses"][status].is_object();
            assert!(told || !guarded, "{endpoint:?} {status}");
        }
        assert!(operation["responses"]["429"]["headers"]["Retry-After"].is_object());
    }
}

#[test]
fn every_type_that_is_referred_to_is_described() {
    let text = text().unwrap();
    let document = written();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let start = "\"#/components/schemas/";
    let mut count = 0;
    for (at, _) in text.match_indices(start) {
        let name = text[at + start.len()..].split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
        count += 1;
    }
    assert!(count > 40, "{count}");
}

#[test]
fn requests_say_that_they_take_nothing_else() {
    let document = written();
    let schemas = &document["components"]["schemas"];
    for name in ["RegisterRequest", "SignInRequest", "PairRequest", "SyncRequest"] {
        assert_eq!(schemas[name]["additionalProperties"], false, "{name}");
    }
}
