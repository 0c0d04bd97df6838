//# about: What describes a function that is left out goes with it, even if `__start_meta` asks for all of its name; what describes one that stays stays.
//# compilers: clang
//# needs: clang ld.lld
//# link: --gc-sections
//# oracle-flags: -fuse-ld=lld
//# stdout: 1
#include <stdio.h>
extern const long __start_meta[], __stop_meta[];
void used(void);
int main(void) {
    used();
    printf("%ld\n", (long)(__stop_meta - __start_meta));
}
//# file: meta.s
.section .text.used,"ax",@progbits
.globl used
used: ret
.section .text.unused,"ax",@progbits
unused: ret
.section meta,"ao",@progbits,.text.used
.long .text.used - ., 0
.section meta,"ao",@progbits,.text.unused,unique,1
.long .text.unused - ., 0
.section .note.GNU-stack,"",@progbits
