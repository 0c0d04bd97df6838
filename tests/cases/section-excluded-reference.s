## about: A section that no linker takes over (SHF_EXCLUDE) has no address; references to it are refused, by its names and by its start alike.
## error: .text+0x2: malformed input: R_X86_64_64 refers to a discarded section [in reference to `inner`]
## error: .text+0xc: malformed input: R_X86_64_64 refers to a discarded section [in reference to `a section with SHF_EXCLUDE`]
## oracle-error: discarded section
.text
.globl main
main:
  movabs $inner, %rax
  movabs $local, %rax
  xor %eax, %eax
  ret
.section .left,"ae",@progbits
.globl inner
inner: .long 1
local: .long 2
.section .note.GNU-stack,"",@progbits
