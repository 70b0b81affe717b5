//! The DevTools protocol over a pair of pipes: JSON messages, each ended by a zero byte.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// For one answer, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection to a browser, and to one page of it once attached.
pub(super) struct Cdp {
    input: ChildStdin,
    messages: Receiver<Value>,
    last_id: u64,
    page: Option<String>,
}

impl Cdp {
    /// Speaks through these pipes.
    pub(super) fn new(input: ChildStdin, output: ChildStdout) -> Self {
        let (send, messages) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(output).split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else {
                    continue;
                };
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            input,
            messages,
            last_id: 0,
            page: None,
        }
    }

    /// Opens a page; all further calls are about it.
    pub(super) fn open_page(&mut self) {
        let target = self.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attached = self.call(
            "Target.attachToTarget",
            &json!({"targetId": target["targetId"], "flatten": true}),
        );
        self.page = attached["sessionId"].as_str().map(str::to_owned);
    }

    /// Makes a call and waits for its answer. Events are not listened to: tests look at the page instead.
    pub(super) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.last_id += 1;
        let mut message = json!({"id": self.last_id, "method": method, "params": parameters});
        if let Some(page) = &self.page {
            message["sessionId"] = json!(page);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes).expect("the browser still listens");
        loop {
            let mut answer = self
                .messages
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|error| panic!("the browser does not answer {method}: {error}"));
            if answer["id"] == self.last_id {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].take();
            }
        }
    }
}
