## about: call and jmp through the GOT to functions of the set become direct; no entry is left.
## stdout: 1 2
## plan: got_entries == 0
## plan: stubs == 0
## plan: relaxed >= 2
## file: main.c
int putchar(int);
int call(void), jump(void);
int one(void) { return '1'; }
int two(void) { return '2'; }
void print(int, int);
int main(void) { print(call(), jump()); }
## file: x.s
    .text
    .globl call, jump, print
call:
    sub $8, %rsp
    call *one@GOTPCREL(%rip)
    add $8, %rsp
    ret
jump: jmp *two@GOTPCREL(%rip)
# write(1, "A B\n", 4) without libc, so that no entry can be libc's.
print:
    mov %dil, text(%rip)
    mov %sil, text+2(%rip)
    mov $1, %eax
    mov $1, %edi
    lea text(%rip), %rsi
    mov $4, %edx
    syscall
    xor %eax, %eax
    ret
    .data
text: .ascii "0 0\n"
    .section .note.GNU-stack,"",@progbits
