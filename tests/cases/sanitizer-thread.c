//# about: ThreadSanitizer sees two threads at one variable of a set.
//# flags: -fsanitize=thread -g
//# needs: -fsanitize=thread
//# link: -fsanitize=thread
//# stderr: ThreadSanitizer: data race
//# exit: 66
#include <pthread.h>
static int variable;
static void *add(void *unused) {
    variable++;
    return unused;
}
int main(void) {
    pthread_t thread;
    pthread_create(&thread, 0, add, 0);
    variable++;
    pthread_join(thread, 0);
    return 0;
}
