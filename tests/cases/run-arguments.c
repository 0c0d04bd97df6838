//# about: argc and argv as given, empty and odd ones too; argv ends with NULL.
//# run-args: one 'two words' '' --help -x '*'
//# stdout: 7 one|two words||--help|-x|*| null 1 named 1
#include <stdio.h>
int main(int argc, char **argv) {
    printf("%d ", argc);
    for (int i = 1; i < argc; i++) printf("%s|", argv[i]);
    printf(" null %d named %d\n", argv[argc] == NULL, argv[0] != NULL && argv[0][0] != 0);
}
