//# about: __ehdr_start, if it is not 0, is the address of an ELF header.
//# stdout: fine
#include <stdio.h>
#include <string.h>
__attribute__((weak, visibility("hidden"))) extern const char __ehdr_start[];
int main(void) {
    int fine = !__ehdr_start || !memcmp(__ehdr_start, "\177ELF", 4);
    puts(fine ? "fine" : "no header there");
}
