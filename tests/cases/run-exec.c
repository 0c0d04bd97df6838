//# about: fork and exec, and exec in place of the program.
//# stdout: from exec
//# stdout: replaced
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/echo", "echo", "from", "exec", (char *)NULL);
        _exit(1);
    }
    waitpid(child, NULL, 0);
    execlp("echo", "echo", "replaced", (char *)NULL);
    return 1;
}
