## about: -l and -L, joined or not: an archive's members come by need
## sh: mkdir lib && $AR qcs lib/libown.a member.o
## jitlink: -noexec -check main.s main.o -Llib -lown
## jitlink: -noexec -check main.s main.o -L lib -l own
## jitlink: -noexec -check main.s main.o -L=lib -l=own
        .globl  main, pointer
main:   call    member@PLT
        ret
        .data
# jitlink-check: *{8}pointer = member
# jitlink-check: *{4}member = 0x11223344
pointer:
        .quad   member
## file: member.s
        .section .rodata.member, "a"
        .globl  member
member: .long   0x11223344
