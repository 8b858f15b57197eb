//! One's own tokens.
