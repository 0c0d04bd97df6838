//# about: environ: libc's setenv and putenv move it, and the program sees that; the program moves it, and getenv sees.
//# flags: -fPIC | -fPIE | -fno-pic | -fno-pic -mcmodel=large
//# env: SETLINK_CASE=given
//# stdout: given
//# stdout: new
//# stdout: new
//# stdout: replaced 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern char **environ;
static const char *find(const char *name) {
    size_t length = strlen(name);
    for (char **entry = environ; *entry; entry++)
        if (!strncmp(*entry, name, length) && (*entry)[length] == '=') return *entry + length + 1;
    return "absent";
}
int main(void) {
    puts(find("SETLINK_CASE"));
    for (int i = 0; i < 100; i++) {
        char name[20];
        sprintf(name, "FILLER_%d", i);
        setenv(name, "x", 1);
    }
    setenv("NEW_ONE", "new", 1);
    puts(find("NEW_ONE"));
    puts(getenv("NEW_ONE"));
    static char *replacement[] = {"ONLY=replaced", NULL};
    environ = replacement;
    printf("%s %d\n", getenv("ONLY"), getenv("NEW_ONE") == NULL);
}
