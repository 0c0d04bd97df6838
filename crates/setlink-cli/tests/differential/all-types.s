# Every relocation type that both linkers apply to code without threads, in every field that reaches.
        .text
        .globl  code, target
code:   call    target@PLT
        jmp     target
        jne     other@PLT
        movl    variable(%rip), %eax
        movl    $7, variable + 4(%rip)
        movl    $variable, %eax
        movq    $variable + 1, %rax
        movabsq $variable, %rax
        movl    table(, %rcx, 4), %edx
        movq    variable@GOTPCREL(%rip), %rax
        movq    other@GOTPCREL(%rip), %r15
        movl    variable@GOTPCREL(%rip), %ecx
        call    *other@GOTPCREL(%rip)
        jmp     *target@GOTPCREL(%rip)
        leaq    variable@GOTPCREL(%rip), %rbx
        pushq   other@GOTPCREL(%rip)
        testq   %r9, variable@GOTPCREL(%rip)
        testl   %eax, variable@GOTPCREL(%rip)
        addq    variable@GOTPCREL(%rip), %r10
        orq     variable@GOTPCREL(%rip), %rax
        adcq    variable@GOTPCREL(%rip), %rbx
        sbbq    variable@GOTPCREL(%rip), %rcx
        andq    variable@GOTPCREL(%rip), %rdx
        subl    variable@GOTPCREL(%rip), %esi
        xorq    variable@GOTPCREL(%rip), %rdi
        cmpq    variable@GOTPCREL(%rip), %r11
        leaq    _GLOBAL_OFFSET_TABLE_(%rip), %rbx
        movabsq $_GLOBAL_OFFSET_TABLE_ - code, %rax
        movabsq $variable@GOTOFF, %rax
        movabsq $variable@GOT, %rax
        movabsq $target@PLTOFF, %rax
        movabsq $absolute, %rax
        movl    $absolute, %eax
        .p2align 4, 0x90
target: ret

        .data
        .globl  variable, table
variable:
        .quad   target, variable, absolute, absolute + 5
table:  .long   target, variable + 3, target - ., variable - .
        .quad   target - ., code - 9 - .
        .short  small
        .byte   small
        .byte   0
        .reloc  ., R_X86_64_PC16, variable
        .short  0
        .reloc  ., R_X86_64_PC8, variable
        .byte   0
        .byte   0
        .reloc  ., R_X86_64_SIZE32, sized + 2
        .long   0
        .reloc  ., R_X86_64_SIZE64, sized
        .quad   0
        .reloc  ., R_X86_64_GOTPC32, _GLOBAL_OFFSET_TABLE_
        .long   0
        .reloc  ., R_X86_64_GOTPCREL, variable
        .long   0
        .reloc  ., R_X86_64_GOTPC64, _GLOBAL_OFFSET_TABLE_
        .quad   0
        .reloc  ., R_X86_64_GOTOFF64, code
        .quad   0
        .reloc  ., R_X86_64_NONE, code
        .quad   0x1234
        .size   sized, 12
sized:  .skip   12
        .weak   nowhere
        .quad   nowhere
