//! The `setlink` command.
fn main() {}
