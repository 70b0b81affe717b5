//! What a fault is, and what a file looks like with it.

/// A fault, and the tests that should find it.
pub(super) struct Fault {
    /// Short and plain, with dashes.
    pub(super) name: &'static str,
    /// What is changed: at least one text.
    pub(super) edits: &'static [Edit],
    /// What `cargo test --package` is told, in the order in which it is tried: a package, which of its tests, and
    /// after `--` what their names begin with or contain.
    pub(super) stages: &'static [&'static str],
}

/// One text of a file, and what stands in its place.
pub(super) struct Edit {
    /// From the root of the repository.
    pub(super) file: &'static str,
    /// Is there exactly once.
    pub(super) find: &'static str,
    /// Nothing, where something is left out.
    pub(super) plant: &'static str,
}

impl Edit {
    /// The file's text with the fault in it; none when the text to find is not there exactly once.
    pub(super) fn planted(&self, text: &str) -> Option<String> {
        (text.matches(self.find).count() == 1).then(|| text.replacen(self.find, self.plant, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_text_that_is_there_exactly_once_is_replaced() {
        let edit = Edit {
            file: "a file",
            find: "<=",
            plant: "<",
        };
        assert_eq!(edit.planted("a <= b").as_deref(), Some("a < b"));
        assert_eq!(edit.planted("a < b"), None);
        assert_eq!(edit.planted("a <= b <= c"), None);
    }
}
