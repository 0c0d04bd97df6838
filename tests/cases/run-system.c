//# about: system and popen.
//# stdout: from the shell
//# stdout: read: from a pipe
#include <stdio.h>
#include <stdlib.h>
int main(void) {
    char line[100];
    if (system("echo from the shell")) return 1;
    FILE *pipe = popen("echo from a pipe", "r");
    fgets(line, sizeof line, pipe);
    printf("read: %s", line);
    return pclose(pipe);
}
