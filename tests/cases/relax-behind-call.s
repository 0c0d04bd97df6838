## about: A load right behind a call is relaxed: the call's field is not read as a part of the load. So is one of a thread-local variable.
## exit: 9
## plan: got_entries == 0
## plan: relaxed == 4
.globl main
main:
    pushq %rbx
    call ten
    movq number@GOTPCREL(%rip), %rbx
    call ten
    movq other@GOTTPOFF(%rip), %rcx
    movl %fs:(%rcx), %ecx
    addl (%rbx), %ecx
    call ten
    addq other@GOTTPOFF(%rip), %rax
    call *ten@GOTPCREL(%rip)
    leal -10(%rax,%rcx), %eax
    popq %rbx
    ret
.globl ten
ten:
    movl $10, %eax
    ret
.data
.globl number
number: .long 4
.section .tdata,"awT",@progbits
.globl other
.type other, @object
other: .long 5
.section .note.GNU-stack,"",@progbits
