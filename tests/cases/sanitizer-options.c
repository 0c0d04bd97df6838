//# about: Options for sanitizers add up: AddressSanitizer looks for leaks itself, and its library may be asked for from an
//# about: archive. What is switched off is not there.
//# flags: -fsanitize=address
//# needs: -fsanitize=address
//# args: {objects} -fsanitize=address -fsanitize=leak -static-libasan -fsanitize=thread -fno-sanitize=thread
//# stderr: ERROR: LeakSanitizer: detected memory leaks
//# stderr: SUMMARY: AddressSanitizer: 321 byte(s) leaked in 1 allocation(s)
//# exit: 1
#include <stdlib.h>
static void *volatile kept;
int main(void) {
    kept = malloc(321);
    kept = 0;
    return 0;
}
