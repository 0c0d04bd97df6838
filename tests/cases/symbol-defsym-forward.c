//# about: --defsym may use what a later one defines, also where an object defines that, too, and through several.
//# compilers: clang
//# flags: -fno-pie
//# needs: ld.lld
//# oracle-flags: -fuse-ld=lld
//# link: --defsym a=b --defsym b=c+4 --defsym c=real --defsym own=2 --defsym use=own
//# stdout: 4 4 0 2
#include <stdint.h>
#include <stdio.h>
extern char a[], b[], c[], use[];
char real[8];
int own;
int main(void) {
    char *volatile places[] = {a, b, c, real};
    for (int place = 0; place < 3; place++) printf("%d ", (int)(places[place] - places[3]));
    printf("%d\n", (int)(uintptr_t)use);
}
