//! Driving the user interface from outside: the real window, and a real browser. Both are a [`Page`].
//!
//! Elements are named by their `data-testid`. Input goes through the driver, never through a script in the page,
//! so that what covers a button in the way of a person is in the way of the test.

mod browser;
mod cdp;
pub mod deck;
mod page;
mod webdriver;
mod window;

pub use browser::{Browser, Theme, View};
pub use page::{Page, Rect, wait_for};
pub use window::{Window, WindowOptions};
