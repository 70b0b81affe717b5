//! What a person sees on a device: the server's row with the mutations it has not confirmed yet laid over it.

use romp_domain::Fields;

/// Lays patches, oldest first, over the server's row (`None` where there is none, or not any more).
///
/// `None` means there is nothing to show. Acts on playdates change no field here: until the server has decided,
/// they are shown as waiting.
pub fn overlay<'a>(base: Option<&Fields>, patches: impl IntoIterator<Item = &'a Fields>) -> Option<Fields> {
    let mut shown = base.cloned();
    for patch in patches {
        let fields = shown.get_or_insert_default();
        for (name, value) in &patch.0 {
            fields.0.insert(name.clone(), value.clone());
        }
    }
    shown.filter(|fields| !fields.is_deleted())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: serde_json::Value) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn own_changes_show_at_once_and_the_rest_is_the_servers() {
        let base = fields(json!({"name": "Rex", "energy": 2}));
        let patch = fields(json!({"energy": 5}));
        assert_eq!(
            overlay(Some(&base), [&patch]),
            Some(fields(json!({"name": "Rex", "energy": 5})))
        );
        assert_eq!(overlay(None, [&patch]), Some(patch.clone()));
        assert_eq!(overlay(Some(&base), [&Fields::removal()]), None);
        assert_eq!(overlay(None, []), None);
    }
}
