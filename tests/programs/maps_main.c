/* Prints how many mappings this process has, and how many of them are writable and executable at once. */
#include <stdio.h>
#include <string.h>

int main(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096], permissions[8];
    int count = 0, both = 0;
    while (maps && fgets(line, sizeof line, maps)) {
        count++;
        if (sscanf(line, "%*s %7s", permissions) == 1 && strchr(permissions, 'w') && strchr(permissions, 'x')) both++;
    }
    if (maps) fclose(maps);
    printf("mappings %d\nwritable and executable %d\n", count, both);
    return 0;
}
