//# about: errno set by libc is the errno of the program, in each thread.
//# flags: -fPIC | -fno-pic
//# stdout: 2 9 2
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *other(void *unused) {
    (void)unused;
    close(-1);
    return (void *)(long)errno;
}
int main(void) {
    pthread_t thread;
    void *seen;
    open("/does/not/exist", O_RDONLY);
    int before = errno;
    pthread_create(&thread, NULL, other, NULL);
    pthread_join(thread, &seen);
    open("/does/not/exist", O_RDONLY);
    printf("%d %ld %d\n", before, (long)seen, errno);
}
