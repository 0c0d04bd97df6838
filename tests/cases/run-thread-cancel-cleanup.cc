//# about: pthread_exit and cancellation unwind C++ frames of the program and run their destructors.
//# stdout: destroyed
//# stdout: destroyed
#include <cstdio>
#include <pthread.h>
#include <unistd.h>
struct Noisy { ~Noisy() { std::puts("destroyed"); } };
static void *leave(void *) { Noisy noisy; pthread_exit(nullptr); }
static void *wait(void *) { Noisy noisy; for (;;) pause(); }
int main() {
    pthread_t thread;
    pthread_create(&thread, nullptr, leave, nullptr);
    pthread_join(thread, nullptr);
    pthread_create(&thread, nullptr, wait, nullptr);
    usleep(20000);
    pthread_cancel(thread);
    pthread_join(thread, nullptr);
}
