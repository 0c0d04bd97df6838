//# about: A host variable has several names, and all of them lead to the one that moved.
//# flags: -fPIC | -fPIE | -fno-pic
//# stdout: 1 1
//# stdout: new replaced
#include <stdio.h>
#include <stdlib.h>
extern char **environ, **__environ, **_environ;
int main(void) {
    printf("%d %d\n", &environ == &__environ, &environ == &_environ);
    setenv("ADDED", "new", 1);
    const char *added = getenv("ADDED");
    static char *replacement[] = {"ONLY=replaced", NULL};
    environ = replacement;
    printf("%s %s\n", added, __environ[0] + 5);
}
