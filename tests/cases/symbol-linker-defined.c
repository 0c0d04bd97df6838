//# about: The symbols that programs expect from a linker, in order around what they delimit.
//# flags: -fPIC | -fno-pic
//# stdout: text 1 1
//# stdout: data 1 1
//# stdout: bss 1 1
//# stdout: aliases 1 1 1
//# stdout: start 1
#include <stdio.h>
extern char __executable_start[], etext[], _etext[], edata[], _edata[], __bss_start[], end[], _end[];
int initialised = 1, zero[1000];
int main(void) {
    char *text = (char *)main, *data = (char *)&initialised, *bss = (char *)zero;
    printf("text %d %d\n", __executable_start <= text, text < etext);
    printf("data %d %d\n", data < edata, edata <= __bss_start);
    printf("bss %d %d\n", __bss_start <= bss, bss + sizeof zero <= end);
    printf("aliases %d %d %d\n", etext == _etext, edata == _edata, end == _end);
    printf("start %d\n", __executable_start < edata);
}
