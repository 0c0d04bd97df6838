//# about: A function's address, printed and parsed back, can be called; code and data of a set are within 2 GiB.
//# flags: -fPIC
//# stdout: 3 1
#include <stdint.h>
#include <stdio.h>
int data;
int three(void) { return 3; }
int main(void) {
    char text[40];
    unsigned long address;
    snprintf(text, sizeof text, "%lx", (uintptr_t)three);
    sscanf(text, "%lx", &address);
    long distance = (char *)&data - (char *)three;
    printf("%d %d\n", ((int (*)(void))address)(), distance < (1l << 31) && distance > -(1l << 31));
}
