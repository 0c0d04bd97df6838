//! What the measuring programs share: objects made on the spot.

pub mod objects;
