//# about: No mapping is writable and executable; code, constants and the program's tables cannot be written.
//# flags: -O1 -fPIC | -O1 -fno-pic
//# stdout: rwx 0
//# stdout: text 1
//# stdout: constant 1
//# stdout: relocated constant 1
//# stdout: data 0
//# stdout: data executable 0
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
static sigjmp_buf back;
static void on_segv(int number) { (void)number; siglongjmp(back, 1); }
static int write_faults(const volatile void *place) {
    if (sigsetjmp(back, 1)) return 1;
    *(volatile char *)place = *(volatile char *)place;
    return 0;
}
static const int constant = 5;
static int data = 6;
static int *const relocated[] = {&data, &data};
static char permission(const void *place, int which) {
    char line[500], bits[5];
    unsigned long start, end, address = (uintptr_t)place;
    FILE *maps = fopen("/proc/self/maps", "r");
    char found = '?';
    while (fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx %4s", &start, &end, bits) == 3 && start <= address && address < end) found = bits[which];
    fclose(maps);
    return found;
}
int main(void) {
    char line[500];
    int both = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) both += strstr(line, "rwx") != NULL;
    fclose(maps);
    signal(SIGSEGV, on_segv);
    printf("rwx %d\n", both);
    printf("text %d\n", write_faults((void *)main));
    printf("constant %d\n", write_faults(&constant));
    printf("relocated constant %d\n", write_faults(relocated));
    printf("data %d\n", write_faults(&data));
    printf("data executable %d\n", permission(&data, 2) == 'x');
}
