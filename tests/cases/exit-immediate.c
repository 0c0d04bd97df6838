//# about: _exit runs no handlers and flushes nothing.
//# exit: 3
#include <stdio.h>
#include <unistd.h>
__attribute__((destructor)) static void stop(void) { write(1, "destructor\n", 11); }
int main(void) {
    printf("lost");
    _exit(3);
}
