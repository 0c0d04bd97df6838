//# about: libbacktrace finds the program's own functions and lines, which it reads in the file that dl_iterate_phdr names.
//# flags: -g -fPIC | -g -fno-pic
//# link: -lbacktrace
//# stdout: inner main.c:35
//# stdout: main main.c:37
//# stdout: symbol inner
#include <stdint.h>
#include <stdio.h>
#include <string.h>
struct backtrace_state;
typedef void on_error(void *, const char *, int);
typedef int on_frame(void *, uintptr_t, const char *, int, const char *);
typedef void on_symbol(void *, uintptr_t, const char *, uintptr_t, uintptr_t);
struct backtrace_state *backtrace_create_state(const char *, int, on_error *, void *);
int backtrace_full(struct backtrace_state *, int, on_frame *, on_error *, void *);
int backtrace_syminfo(struct backtrace_state *, uintptr_t, on_symbol *, on_error *, void *);
static void error(void *data, const char *what, int number) { printf("error %s %d\n", what, number); }
static int frame(void *data, uintptr_t pc, const char *file, int line, const char *function) {
    if (!function) {
        puts("no name");
        return 1;
    }
    const char *slash = file ? strrchr(file, '/') : 0;
    printf("%s %s:%d\n", function, slash ? slash + 1 : file ? file : "no file", line);
    return !strcmp(function, "main");
}
static void symbol(void *data, uintptr_t pc, const char *name, uintptr_t address, uintptr_t size) {
    printf("symbol %s\n", name ? name : "none");
}
static struct backtrace_state *state;
__attribute__((noinline)) int inner(void) {

    int result =
#line 35
        backtrace_full(state, 0, frame, error, 0);
    return result + 1;
}
int main(void) {
    state = backtrace_create_state(0, 0, error, 0);
#line 37
    int result = inner();
    backtrace_syminfo(state, (uintptr_t)inner + 1, symbol, error, 0);
    return result == 77;
}
