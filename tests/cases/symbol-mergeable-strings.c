//# about: Mergeable strings: whatever is merged, every address gives the right text.
//# compilers: gcc clang
//# flags: -O0 | -O2
//# flags: -fPIC | -fno-pic
//# stdout: hello world|world|hello|lo world|wide 4
#include <stdio.h>
#include <wchar.h>
const char *world(void), *hello(void);
const wchar_t *wide(void);
int main(void) {
    const char *text = "hello world";
    printf("%s|%s|%s|%s|wide %zu\n", text, world(), hello(), text + 3, wcslen(wide()));
}
//# file: b.c
#include <wchar.h>
const char *world(void) { return "world"; }
const char *hello(void) { return "hello"; }
const wchar_t *wide(void) { return L"wide"; }
