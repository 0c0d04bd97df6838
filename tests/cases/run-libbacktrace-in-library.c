//# about: A library that has libbacktrace in it finds the functions and lines of the program that needs it, as libgfortran
//# about: and libgo do; the program itself is told nothing else of its name.
//# flags: -g -fPIC | -g -fno-pic
//# shared: libtrace.so trace.c -lbacktrace
//# args: main.o ./libtrace.so
//# stdout-from: oracle
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
int trace(void);
static int look(struct dl_phdr_info *info, size_t size, void *data) {
    puts(info->dlpi_name[0] ? "named" : "without a name");
    return 1;
}
__attribute__((noinline)) static int inner(void) {
    int result =
#line 35
        trace();
    return result + 1;
}
int main(void) {
    dl_iterate_phdr(look, 0);
#line 37
    int result = inner();
    dl_iterate_phdr(look, 0);
    return result == 77;
}
//# file: trace.c
#include <stdint.h>
#include <stdio.h>
#include <string.h>
struct backtrace_state;
typedef void on_error(void *, const char *, int);
typedef int on_frame(void *, uintptr_t, const char *, int, const char *);
struct backtrace_state *backtrace_create_state(const char *, int, on_error *, void *);
int backtrace_full(struct backtrace_state *, int, on_frame *, on_error *, void *);
static void error(void *data, const char *what, int number) { printf("error %s %d\n", what, number); }
static int frame(void *data, uintptr_t pc, const char *file, int line, const char *function) {
    if (!function) {
        puts("no name");
        return 1;
    }
    if (!strcmp(function, "trace")) return 0;
    const char *slash = file ? strrchr(file, '/') : 0;
    printf("%s %s:%d\n", function, slash ? slash + 1 : file ? file : "no file", line);
    return !strcmp(function, "main");
}
int trace(void) { return backtrace_full(backtrace_create_state(0, 0, error, 0), 0, frame, error, 0); }
