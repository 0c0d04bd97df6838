//# about: backtrace_symbols and backtrace_symbols_fd write of the program what they do of one from a file.
//# flags: -fPIC | -fno-pic
//# link: -rdynamic
//# stdout: NAME(shown+0) [ADDRESS]
//# stdout: NAME(shown+0x1) [ADDRESS]
//# stdout: [0x10]
//# stdout: NAME(main+0x2) [ADDRESS]
//# stdout: NAME(shown+0x0)[ADDRESS]
//# stdout: NAME(shown+0x1)[ADDRESS]
//# stdout: [0x10]
//# stdout: NAME(main+0x2)[ADDRESS]
//# stdout: qsort 1 0
//# stdout: none
//# stdout: trace: inner main
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
const char *called;
int shown(int value) { return value + 1; }
/* The name of the program and its addresses differ. */
static void show(const char *line) {
    size_t length = strlen(called);
    const char *address = strstr(line, "[0x");
    if (!strncmp(line, called, length) && address)
        printf("NAME%.*s[ADDRESS]\n", (int)(address - line - length), line + length);
    else
        printf("%s\n", line);
}
__attribute__((noinline)) void inner(void) {
    void *frames[30];
    int count = backtrace(frames, 30);
    char **lines = backtrace_symbols(frames, count);
    printf("trace:");
    for (int i = 0; i < count; i++) {
        if (strstr(lines[i], "(inner+0x")) printf(" inner");
        if (strstr(lines[i], "(main+0x")) printf(" main");
    }
    printf("\n");
    free(lines);
}
int main(int count, char **arguments) {
    called = arguments[0];
    void *addresses[] = {(char *)shown, (char *)shown + 1, (char *)16, (char *)main + 2};
    char **lines = backtrace_symbols(addresses, 4);
    for (int i = 0; i < 4; i++) show(lines[i]);
    free(lines);
    FILE *file = tmpfile();
    backtrace_symbols_fd(addresses, 4, fileno(file));
    rewind(file);
    char line[4096];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        show(line);
    }
    void *elsewhere[] = {dlsym(RTLD_DEFAULT, "qsort")};
    lines = backtrace_symbols(elsewhere, 1);
    printf("qsort %d %d\n", strstr(lines[0], "qsort") != 0, strncmp(lines[0], called, strlen(called)) == 0);
    free(lines);
    lines = backtrace_symbols(addresses, 0);
    free(lines);
    puts("none");
    inner();
    return 0;
}
