//! Empty: only the dependencies in `Cargo.toml` matter.
