//# about: main has the process's stack: 6 MiB of it fit.
//# exit: 3
#include <string.h>
int main(void) {
    volatile char frame[6 << 20];
    memset((char *)frame, 3, sizeof frame);
    return frame[sizeof frame / 2];
}
