//# about: Standard input is the program's.
//# stdin: first line
//# stdin: 2 3
//# stdout: 10 first line
//# stdout: 5
#include <stdio.h>
#include <string.h>
int main(void) {
    char line[100];
    int a, b;
    fgets(line, sizeof line, stdin);
    line[strcspn(line, "\n")] = 0;
    printf("%zu %s\n", strlen(line), line);
    scanf("%d %d", &a, &b);
    printf("%d\n", a + b);
}
