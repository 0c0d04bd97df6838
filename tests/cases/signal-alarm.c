//# about: alarm and sigwait.
//# signal: SIGALRM
#include <unistd.h>
int main(void) {
    ualarm(20000, 0);
    for (;;) pause();
}
