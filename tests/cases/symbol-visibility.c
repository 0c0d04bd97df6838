//# about: Hidden, protected and internal symbols link across the objects of a set.
//# flags: -fPIC | -fno-pic | -fPIC -fno-plt
//# stdout: 1 2 3 4 5
#include <stdio.h>
__attribute__((visibility("hidden"))) int hidden(void);
int protected_(void);
__attribute__((visibility("internal"))) int internal(void);
__attribute__((visibility("hidden"))) extern int hidden_data;
extern int protected_data;
int main(void) {
    printf("%d %d %d %d %d\n", hidden(), protected_(), internal(), hidden_data, protected_data);
}
//# file: other.c
__attribute__((visibility("hidden"))) int hidden(void) { return 1; }
__attribute__((visibility("protected"))) int protected_(void) { return 2; }
__attribute__((visibility("internal"))) int internal(void) { return 3; }
__attribute__((visibility("hidden"))) int hidden_data = 4;
__attribute__((visibility("protected"))) int protected_data = 5;
