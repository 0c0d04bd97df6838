//! Call frame information: `.eh_frame`, as a sequence of records. Document: Linux Standard Base 5, "Exception frames".
//!
//! A record is a length, an id, and contents. Id 0 makes it a CIE (what several functions have in common); in an FDE
//! (one function) the id field holds the distance back to its CIE. A length of 0 ends the sequence.

#![forbid(unsafe_code)]

/// One CIE or FDE, by offsets into its section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub offset: u64,
    /// Length field included.
    pub size: u64,
    /// Bytes of the length field: 4, or 12 for the 64-bit form.
    pub length_bytes: u64,
    /// The offset of an FDE's CIE; None for a CIE.
    pub cie: Option<u64>,
}

impl Record {
    pub fn is_fde(&self) -> bool {
        self.cie.is_some()
    }

    /// The offset of the id field.
    pub fn id(&self) -> u64 {
        self.offset + self.length_bytes
    }

    /// The offset of an FDE's field with the address of the function it describes.
    pub fn pc_begin(&self) -> u64 {
        self.id() + if self.length_bytes == 4 { 4 } else { 8 }
    }

    pub fn end(&self) -> u64 {
        self.offset + self.size
    }
}

/// The records of a section, in order, up to its terminator or end.
///
/// # Errors
/// The offset and the rule that is broken.
pub(crate) fn records(data: &[u8]) -> Result<Vec<Record>, (u64, &'static str)> {
    let mut records = Vec::with_capacity(data.len() / 24 + 1);
    read(data, &mut records)?;
    Ok(records)
}

/// [`records`], into a list that was used before.
///
/// # Errors
/// The same.
pub(crate) fn read(data: &[u8], records: &mut Vec<Record>) -> Result<(), (u64, &'static str)> {
    records.clear();
    let word = |at: usize| data.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let long = |at: usize| Some(u64::from(word(at)?) | u64::from(word(at + 4)?) << 32);
    let mut at = 0usize;
    while at < data.len() {
        let here = at as u64;
        let (length_bytes, length) = match word(at).ok_or((here, "a record's length is truncated"))? {
            0 => break,
            0xffff_ffff => (12, long(at + 4).ok_or((here, "a record's length is truncated"))?),
            length => (4, u64::from(length)),
        };
        let size = length.checked_add(length_bytes).filter(|&size| size <= (data.len() - at) as u64);
        let size = size.ok_or((here, "a record reaches beyond the end of the section"))?;
        let id_at = at + length_bytes as usize;
        let id = if length_bytes == 4 { word(id_at).map(u64::from) } else { long(id_at) };
        let minimum = length_bytes + if length_bytes == 4 { 4 } else { 8 };
        let id = id.filter(|_| size >= minimum).ok_or((here, "a record is too short for its id"))?;
        let cie = match id {
            0 => None,
            distance => Some(
                (id_at as u64)
                    .checked_sub(distance)
                    .filter(|&cie| cie < here)
                    .ok_or((here, "an FDE's CIE lies outside the section"))?,
            ),
        };
        let record = Record { offset: here, size, length_bytes, cie };
        if cie.is_some() && record.pc_begin() >= record.end() {
            return Err((here, "an FDE is too short"));
        }
        records.push(record);
        at += size as usize;
    }
    Ok(())
}

/// The record that contains `offset`.
pub(crate) fn containing(records: &[Record], offset: u64) -> Option<&Record> {
    let index = records.partition_point(|record| record.offset <= offset).checked_sub(1)?;
    records.get(index).filter(|record| offset < record.end())
}
