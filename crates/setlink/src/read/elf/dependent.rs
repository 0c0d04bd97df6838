//! Libraries that an object names itself (`#pragma comment(lib, "m")` of Clang). Document: LLVM, "Extensions",
//! `SHT_LLVM_DEPENDENT_LIBRARIES`: a section of NUL-terminated strings, which takes no part in the running program.

#![forbid(unsafe_code)]

use object::LittleEndian as LE;
use object::elf;

use super::Parser;
use crate::error::Problem;
use crate::read::object::Object;

/// `SHT_LLVM_DEPENDENT_LIBRARIES`
pub(super) const SECTION: elf::SectionType = elf::SectionType(0x6fff_4c04);

/// The names of libraries in an object, in their order.
///
/// # Errors
/// A section of them lies beyond the end of the file, or its last name has no end.
pub(crate) fn named_libraries<'d>(object: &Object<'d>) -> Result<Vec<&'d [u8]>, Problem> {
    if !object.names_libraries() {
        return Ok(Vec::new());
    }
    let parser = Parser { file: object.file, member: object.member, data: object.data, problems: Vec::new() };
    let mut names = Vec::new();
    for header in parser.headers()?.iter().filter(|header| header.sh_type.get(LE) == SECTION) {
        let malformed = |what| Problem::malformed(object.place().in_section(".deplibs"), what);
        let bytes = parser.bytes(header).ok_or_else(|| malformed("it lies beyond the end of the file"))?;
        let Some((0, bytes)) = bytes.split_last().map(|(last, bytes)| (*last, bytes)) else {
            if bytes.is_empty() {
                continue;
            }
            return Err(malformed("its last name has no end"));
        };
        names.extend(bytes.split(|&byte| byte == 0).filter(|name| !name.is_empty()));
    }
    Ok(names)
}
