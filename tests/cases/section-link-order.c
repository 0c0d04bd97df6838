//# about: Sections with SHF_LINK_ORDER lie in the order of the sections that they describe, whatever their own, and before others of their name.
//# needs: clang ld.lld
//# compilers: clang
//# oracle-flags: -fuse-ld=lld
//# stdout: 1 2 3 4 9
#include <stdio.h>
extern const unsigned char __start_meta[], __stop_meta[];
int main(void) {
    for (const unsigned char *p = __start_meta; p < __stop_meta; p++) printf("%d%s", *p, p + 1 < __stop_meta ? " " : "\n");
}
//# file: one.s
.section meta,"a",@progbits,unique,7
.byte 9
.section .text.1,"ax",@progbits
.byte 0x90
.section .text.2,"ax",@progbits
.byte 0x90
.section .text.3,"ax",@progbits
.byte 0x90
.section meta,"ao",@progbits,.text.3,unique,3
.byte 3
.section meta,"ao",@progbits,.text.1,unique,1
.byte 1
.section meta,"ao",@progbits,.text.2,unique,2
.byte 2
.section .note.GNU-stack,"",@progbits
//# file: two.s
.section .text.4,"ax",@progbits
.byte 0x90
.section meta,"ao",@progbits,.text.4
.byte 4
.section .note.GNU-stack,"",@progbits
