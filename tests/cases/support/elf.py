"""Edits 64-bit ELF objects in place of a broken compiler: for cases about inputs that no assembler makes."""
import struct

SYMTAB, RELA, NOBITS, GROUP = 2, 4, 8, 17


class Section:
    """A section header, by the position of its fields in the file."""

    def __init__(self, elf, number):
        self.elf, self.header = elf, elf.sections_at + 64 * number
        self.kind = elf.get("<I", self.header + 4)
        self.offset, self.size = elf.get("<Q", self.header + 24), elf.get("<Q", self.header + 32)

    def set_offset(self, value):
        self.elf.set("<Q", self.header + 24, value)

    def set_size(self, value):
        self.elf.set("<Q", self.header + 32, value)

    def set_alignment(self, value):
        self.elf.set("<Q", self.header + 48, value)


class Elf:
    """An object file's bytes; `start` is where it begins in the file (in an archive)."""

    def __init__(self, path, start=0):
        self.bytes, self.start = bytearray(open(path, "rb").read()), start
        self.sections_at = self.get("<Q", 0x28)
        self.sections = [Section(self, number) for number in range(self.get("<H", 0x3C))]

    def get(self, layout, offset):
        return struct.unpack_from(layout, self.bytes, self.start + offset)[0]

    def set(self, layout, offset, value):
        struct.pack_into(layout, self.bytes, self.start + offset, value)

    def of_kind(self, kind):
        """The only section, or the first one, of a kind."""
        return next(section for section in self.sections if section.kind == kind)

    def save(self, path):
        open(path, "wb").write(self.bytes)
