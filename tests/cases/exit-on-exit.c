//# about: on_exit gets status and argument; handlers of all kinds run in reverse order of registration.
//# stdout: atexit
//# stdout: on_exit 9 text
//# exit: 9
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
static void status(int status, void *argument) { printf("on_exit %d %s\n", status, (char *)argument); }
static void plain(void) { puts("atexit"); }
int main(void) {
    on_exit(status, "text");
    atexit(plain);
    return 9;
}
