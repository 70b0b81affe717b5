//! What a test says to a page, whatever shows it.

use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a condition may take on a busy machine. Conditions usually hold at the first look.
const DEADLINE: Duration = Duration::from_secs(30);
/// Between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(40);

/// Looks until there is something, and returns it; panics with `what` after the deadline.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < DEADLINE, "waited in vain for {what}");
        std::thread::sleep(BETWEEN_LOOKS);
    }
}

/// Where something is on the page, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

impl Rect {
    /// Its middle.
    pub fn centre(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// A page that a person could look at and touch.
pub trait Page {
    /// The value of a JavaScript expression, as JSON.
    fn evaluate(&mut self, expression: &str) -> Value;

    /// Presses at a point: with the mouse or with a finger, as the page's device has it.
    fn press_at(&mut self, x: f64, y: f64);

    /// Types text into what has the focus.
    fn type_text(&mut self, text: &str);

    /// Presses a key by its DOM name (`ArrowLeft`, `z`).
    fn press_key(&mut self, key: &str);

    /// Waits for the first element with this test id, until it is shown and stands still, and returns where.
    fn rect(&mut self, id: &str) -> Rect {
        let expression = format!(
            "(() => {{ const e = document.querySelector('[data-testid=\"{id}\"]'); if (!e) return null; \
             e.scrollIntoView({{block: 'nearest', behavior: 'instant'}}); const r = e.getBoundingClientRect(); \
             return r.width && r.height && !e.disabled ? [r.x, r.y, r.width, r.height] : null; }})()"
        );
        let mut last = Value::Null;
        wait_for(id, || {
            let now = self.evaluate(&expression);
            let still = !now.is_null() && now == last;
            last = now;
            let side = |i: usize| last[i].as_f64();
            still.then(|| {
                Some(Rect {
                    x: side(0)?,
                    y: side(1)?,
                    width: side(2)?,
                    height: side(3)?,
                })
            })?
        })
    }

    /// Waits for an element and presses its middle.
    fn press(&mut self, id: &str) {
        let (x, y) = self.rect(id).centre();
        self.press_at(x, y);
    }

    /// Goes to a place of the navigation, which small screens partly keep behind a button.
    fn go(&mut self, place: &str) {
        self.wait(place);
        let hidden = format!("document.querySelector('[data-testid=\"{place}\"]').offsetParent === null");
        if self.evaluate(&hidden) == true {
            self.press("nav-more");
        }
        self.press(place);
    }

    /// Waits until nothing moves any more and the fonts are there.
    fn settle(&mut self) {
        let expression = "document.fonts.status === 'loaded' && !document.getAnimations().some(a => \
                          a.playState === 'running' && a.effect.getComputedTiming().endTime !== Infinity)";
        wait_for("the page to settle", || {
            (self.evaluate(expression) == true).then_some(())
        });
    }

    /// Waits until there is an element with this test id.
    fn wait(&mut self, id: &str) {
        wait_for(id, || (self.count(id) > 0).then_some(()));
    }

    /// Waits until there is none.
    fn wait_gone(&mut self, id: &str) {
        wait_for(&format!("{id} to go"), || (self.count(id) == 0).then_some(()));
    }

    /// How many elements have this test id.
    fn count(&mut self, id: &str) -> u64 {
        let expression = format!("document.querySelectorAll('[data-testid=\"{id}\"]').length");
        self.evaluate(&expression).as_u64().unwrap_or(0)
    }

    /// An attribute of the first element with this test id.
    fn attribute(&mut self, id: &str, name: &str) -> Option<String> {
        let expression =
            format!("document.querySelector('[data-testid=\"{id}\"]')?.getAttribute('{name}') ?? null");
        self.evaluate(&expression).as_str().map(str::to_owned)
    }

    /// The text of the first element with this test id.
    fn text(&mut self, id: &str) -> Option<String> {
        let expression = format!("document.querySelector('[data-testid=\"{id}\"]')?.innerText ?? null");
        self.evaluate(&expression).as_str().map(str::to_owned)
    }

    /// The first test id on the page that begins with `start`.
    fn first_id(&mut self, start: &str) -> String {
        let expression =
            format!("document.querySelector('[data-testid^=\"{start}\"]')?.dataset.testid ?? null");
        wait_for(&format!("{start}…"), || {
            self.evaluate(&expression).as_str().map(str::to_owned)
        })
    }
}
