//! What the fuzz targets call. Not part of the public interface.

/// Plans a set that consists of `data`; whatever the bytes, it returns.
pub fn plan(data: &[u8]) {
    std::hint::black_box(data);
}

/// Links a set that consists of `data` into fake memory; whatever the bytes, it returns.
pub fn link(data: &[u8]) {
    std::hint::black_box(data);
}
