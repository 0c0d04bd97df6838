//! Call frame information: `.eh_frame`, as a sequence of records. Document: Linux Standard Base 5, "Exception frames".
//!
//! A record is a length, an id, and contents. Id 0 makes it a CIE (what several functions have in common); in an FDE
//! (one function) the id field holds the distance back to its CIE. A length of 0 ends the sequence.

#![forbid(unsafe_code)]

const LENGTH_BYTES: u64 = 4;
const ID_BYTES: u64 = 4;

/// One CIE or FDE, by offsets into its section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub offset: u64,
    /// Length field included.
    pub size: u64,
    /// The offset of an FDE's CIE; None for a CIE.
    pub cie: Option<u64>,
}

impl Record {
    pub fn is_fde(&self) -> bool {
        self.cie.is_some()
    }

    /// The offset of the id field.
    pub fn id(&self) -> u64 {
        self.offset + LENGTH_BYTES
    }

    /// The offset of an FDE's field with the address of the function it describes.
    pub fn pc_begin(&self) -> u64 {
        self.id() + ID_BYTES
    }

    pub fn end(&self) -> u64 {
        self.offset + self.size
    }

    /// Whether a field at `offset` begins in it.
    pub fn holds(&self, offset: u64) -> bool {
        self.offset <= offset && offset < self.end()
    }
}

/// Reads the records of a section, in order, up to its terminator or end, into a list that may have been used before.
///
/// # Errors
/// The offset and the rule that is broken.
pub(crate) fn read(data: &[u8], records: &mut Vec<Record>) -> Result<(), (u64, &'static str)> {
    records.clear();
    let word = |at: usize| data.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let mut at = 0usize;
    while at < data.len() {
        let here = at as u64;
        let length = match word(at).ok_or((here, "a record's length is truncated"))? {
            0 => break,
            // libgcc's unwinder does not read it either.
            0xffff_ffff => return Err((here, "a record's extended length, for 64 bits, is not supported")),
            length => u64::from(length),
        };
        let size = LENGTH_BYTES + length;
        if size > (data.len() - at) as u64 {
            return Err((here, "a record reaches beyond the end of the section"));
        }
        let id_at = at + LENGTH_BYTES as usize;
        let id =
            word(id_at).filter(|_| length >= ID_BYTES).ok_or((here, "a record is too short for its id"))?;
        let cie = match id {
            0 => None,
            distance => Some(
                (id_at as u64)
                    .checked_sub(u64::from(distance))
                    .filter(|&cie| cie < here)
                    .ok_or((here, "an FDE's CIE lies outside the section"))?,
            ),
        };
        let record = Record { offset: here, size, cie };
        if cie.is_some() && record.pc_begin() >= record.end() {
            return Err((here, "an FDE is too short"));
        }
        records.push(record);
        at += size as usize;
    }
    Ok(())
}

/// The number of the record that contains `offset`.
pub(crate) fn containing(records: &[Record], offset: u64) -> Option<usize> {
    let index = records.partition_point(|record| record.offset <= offset).checked_sub(1)?;
    records.get(index).filter(|record| record.holds(offset)).map(|_| index)
}
