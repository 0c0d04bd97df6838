//# about: fork: the child has its own copy of data and runs its exit handlers.
//# stdout: child 6
//# stdout: handler
//# stdout: parent 5 status 3
//# stdout: handler
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static int number = 5;
static void handler(void) { puts("handler"); fflush(stdout); }
int main(void) {
    atexit(handler);
    pid_t child = fork();
    if (child == 0) {
        number++;
        printf("child %d\n", number);
        exit(3);
    }
    int status;
    waitpid(child, &status, 0);
    printf("parent %d status %d\n", number, WEXITSTATUS(status));
}
