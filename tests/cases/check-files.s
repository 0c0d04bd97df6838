## about: rules name files as the inputs are named, archive members by their own name, and sections of one file apart from another's
## archive: lib.a member.s.o other.o
## check: --no-relax -u member -u other
        .globl  main
main:   ret
# jitlink-check: section_addr(main.o, .text) = main
# jitlink-check: section_addr(member.s.o, .text.own) = member
# jitlink-check: section_addr(lib.a(member.s.o), .text.own) = member
# jitlink-check: section_addr(other.o, .text.own) + 8 = other
# jitlink-check: *{8}got_addr(other.o, member) = member
## file: member.s.s
        .section .text.own, "ax"
        .globl  member
member: ret
## file: other.s
        .section .text.own, "ax"
        .quad   0
        .globl  other
other:  movq    member@GOTPCREL(%rip), %rax
