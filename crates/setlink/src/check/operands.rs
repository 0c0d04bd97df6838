//! x
#![forbid(unsafe_code)]
/// x
pub const LONGEST: u64 = 15;
/// x
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// x
    Register,
    /// x
    Immediate(i64),
}
/// x
#[derive(Clone, Debug)]
pub struct Decoded {
    /// x
    pub length: u64,
    /// x
    pub text: String,
    /// x
    pub operands: Result<Vec<Operand>, String>,
}
/// x
pub fn decode(_bytes: &[u8], _address: u64) -> Option<Decoded> {
    None
}
