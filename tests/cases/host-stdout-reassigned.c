//# about: A program that assigns stdout: libc's own printf and puts use the new stream.
//# flags: -fPIC | -fPIE | -fno-pic | -fno-pic -mcmodel=large
//# stdout: file: printf 1
//# stdout: file: puts
//# stdout: back
#include <stdio.h>
int main(void) {
    FILE *old = stdout, *file = tmpfile();
    stdout = file;
    printf("printf %d\n", 1);
    puts("puts");
    stdout = old;
    rewind(file);
    char line[100];
    while (fgets(line, sizeof line, file)) printf("file: %s", line);
    puts("back");
}
