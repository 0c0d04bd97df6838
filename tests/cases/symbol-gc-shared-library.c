//# about: --gc-sections keeps what shared libraries refer to: functions that they define, too, or only declare; variables;
//# about: and functions of the C library that the program replaces, which it calls itself.
//# flags: -ffunction-sections -fdata-sections
//# shared: libx.so x.c
//# link: --gc-sections
//# stdout: 7 8 9 freed
#include <stdio.h>
int call(void);
int answer(void) { return 7; }
int declared(void) { return 8; }
int variable = 9;
static int freed;
void free(void *block) { freed += block != 0; }
int main(void) {
    printf("%d %d ", call() >> 8, call() & 255);
    int variable_of_library(void);
    printf("%d ", variable_of_library());
    fclose(fopen("/dev/null", "r"));
    puts(freed ? "freed" : "not freed");
}
//# file: x.c
int answer(void) { return 1; }
int declared(void);
extern int variable;
int call(void) { return answer() << 8 | declared(); }
int variable_of_library(void) { return variable; }
