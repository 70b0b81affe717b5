//! Texts that never print themselves.

/// What every secret is besides its rules: read from text by its `new`, written as text where it is sent, and hidden
/// wherever it is printed.
macro_rules! secret {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = $crate::error::Reason;
            fn try_from(text: String) -> Result<Self, $crate::error::Reason> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(secret: $name) -> Self {
                secret.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

pub(crate) use secret;
