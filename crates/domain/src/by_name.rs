//! Values by name, in the order of the names: what rows are made of, and what is noted of each of their fields.
//!
//! Rows have few fields and there are very many rows, so this is a list and not a tree, and a name that this build knows
//! is never copied. On the wire it is a map.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, Index};
use std::sync::LazyLock;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The name of a field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Cow<'static, str>);

/// The names of all fields that this build knows.
static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(crate::entity::names);

impl Name {
    /// A name that stands in the code.
    pub const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        match KNOWN.get(text) {
            Some(known) => Self::known(known),
            None => Self(Cow::Owned(text.to_owned())),
        }
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        match KNOWN.get(text.as_str()) {
            Some(known) => Self::known(known),
            None => Self(Cow::Owned(text)),
        }
    }
}

impl Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Name;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, text: &str) -> Result<Name, E> {
                Ok(text.into())
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A few values by name.
#[derive(Clone, PartialEq, Eq)]
pub struct ByName<V>(Vec<(Name, V)>);

impl<V> Default for ByName<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> ByName<V> {
    /// None, with room for so many.
    pub fn with_room(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&V> {
        // Names mostly differ in length, which makes this faster than halving the list.
        self.iter()
            .find(|(there, _)| *there == name)
            .map(|(_, value)| value)
    }

    /// The value of a name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        let entry = self.0.iter_mut().find(|(there, _)| there == name);
        entry.map(|(_, value)| value)
    }

    /// Whether a name has a value.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Gives a name a value, and returns the one that it had.
    pub fn insert(&mut self, name: impl Into<Name>, value: V) -> Option<V> {
        let name = name.into();
        // Nearly always they come in order.
        if self.0.last().is_none_or(|(last, _)| *last < name) {
            self.0.push((name, value));
            return None;
        }
        match self.0.binary_search_by(|(there, _)| there.cmp(&name)) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Takes a name and its value out.
    pub fn remove(&mut self, name: &str) -> Option<V> {
        let at = self.0.iter().position(|(there, _)| there == name)?;
        Some(self.0.remove(at).1)
    }

    /// Keeps those for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&Name, &mut V) -> bool) {
        self.0.retain_mut(|(name, value)| keep(name, value));
    }

    /// The names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Name> {
        self.iter().map(|(name, _)| name)
    }

    /// The values, in the order of their names.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// All of them, in the order of the names.
    pub fn iter(&self) -> Iter<'_, V> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

/// The entries of a [`ByName`].
pub type Iter<'a, V> =
    std::iter::Map<std::slice::Iter<'a, (Name, V)>, fn(&'a (Name, V)) -> (&'a Name, &'a V)>;

impl<'a, V> IntoIterator for &'a ByName<V> {
    type Item = (&'a Name, &'a V);
    type IntoIter = Iter<'a, V>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<V> IntoIterator for ByName<V> {
    type Item = (Name, V);
    type IntoIter = std::vec::IntoIter<(Name, V)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<V> From<Vec<(Name, V)>> for ByName<V> {
    /// Of a name that comes twice, the later value counts. Sorted at once: whoever sends very many, in the worst order,
    /// keeps nobody busy.
    fn from(mut entries: Vec<(Name, V)>) -> Self {
        if !entries.is_sorted_by(|(one, _), (other, _)| one < other) {
            entries.reverse();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            entries.dedup_by(|(other, _), (one, _)| one == other);
        }
        Self(entries)
    }
}

impl<N: Into<Name>, V> Extend<(N, V)> for ByName<V> {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, entries: I) {
        let mut all = std::mem::take(&mut self.0);
        all.extend(entries.into_iter().map(|(name, value)| (name.into(), value)));
        *self = all.into();
    }
}

impl<N: Into<Name>, V> FromIterator<(N, V)> for ByName<V> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> Self {
        let entries = entries.into_iter().map(|(name, value)| (name.into(), value));
        entries.collect::<Vec<_>>().into()
    }
}

impl<V> Index<&str> for ByName<V> {
    type Output = V;
    fn index(&self, name: &str) -> &V {
        match self.get(name) {
            Some(value) => value,
            None => panic!("nothing is called {name}"),
        }
    }
}

impl<V: fmt::Debug> fmt::Debug for ByName<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<V: Serialize> Serialize for ByName<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for ByName<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = ByName<V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByName<V>, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry::<Name, V>()? {
                    all.push(entry);
                }
                Ok(all.into())
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;

    fn name() -> impl Strategy<Value = String> {
        prop_oneof![
            proptest::sample::select(vec!["actor_pet", "name", "deleted", "released"])
                .prop_map(str::to_owned),
            "[a-c]{0,2}",
        ]
    }

    #[test]
    fn names_that_a_row_can_have_are_known_and_others_are_kept() {
        for known in ["actor_pet", "weight_g", "deleted"] {
            assert!(matches!(Name::from(known).0, Cow::Borrowed(_)), "{known}");
            assert!(
                matches!(Name::from(known.to_owned()).0, Cow::Borrowed(_)),
                "{known}"
            );
        }
        assert_eq!(Name::from("moon_phase"), "moon_phase");
    }

    proptest! {
        #[test]
        fn it_does_what_a_tree_does(
            steps in proptest::collection::vec((name(), any::<Option<u8>>()), 0..20),
            told in proptest::collection::vec((name(), any::<u8>()), 0..9),
            asked in name(),
        ) {
            let (mut list, mut tree) = (ByName::default(), BTreeMap::new());
            for (name, value) in steps {
                if let Some(value) = value {
                    prop_assert_eq!(list.insert(name.as_str(), value), tree.insert(name, value));
                } else {
                    prop_assert_eq!(list.remove(&name), tree.remove(&name));
                }
            }
            prop_assert_eq!(list.get(&asked), tree.get(&asked));
            prop_assert_eq!(list.len(), tree.len());
            let text = serde_json::to_string(&list).unwrap();
            prop_assert_eq!(&text, &serde_json::to_string(&tree).unwrap());
            prop_assert_eq!(serde_json::from_str::<ByName<u8>>(&text).unwrap(), list.clone());
            let (mut more, mut more_in_tree) = (list.clone(), tree.clone());
            more.extend(told.clone());
            more_in_tree.extend(told.clone());
            prop_assert!(more.iter().map(|(name, value)| (name.as_str(), value)).eq(more_in_tree.iter().map(|(name, value)| (name.as_str(), value))));
            let one_by_one: BTreeMap<_, _> = told.iter().cloned().collect();
            let (all, all_in_tree) = (ByName::from_iter(told), serde_json::to_string(&one_by_one).unwrap());
            prop_assert_eq!(serde_json::to_string(&all).unwrap(), all_in_tree);
            list.retain(|name, value| name.len() < 2 && *value > 9);
            tree.retain(|name, value| name.len() < 2 && *value > 9);
            prop_assert!(list.iter().map(|(name, value)| (name.as_str(), value)).eq(tree.iter().map(|(name, value)| (name.as_str(), value))));
        }
    }
}
