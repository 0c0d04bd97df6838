## about: A load of half an entry (addend other than -4) is not an address load: it stays a load.
## exit: 100
## plan: got_entries == 1
    .text
    .globl main
main:
    lea .Lnumber(%rip), %rdx
    shr $32, %rdx
    mov number@GOTPCREL+4(%rip), %eax
    cmp %edx, %eax
    sete %al
    movzbl %al, %eax
    imul $100, %eax
    ret
    .data
    .globl number
number:
.Lnumber: .quad 7
    .section .note.GNU-stack,"",@progbits
