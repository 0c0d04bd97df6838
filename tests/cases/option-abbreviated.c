//# about: Long options cut short, as far as they can be told apart, and some without a meaning.
//# link: -Wl,--gc-section -Wl,--defsy=other=function -Wl,--wra,wrapped -Wl,--no-add-needed -Wl,--add-needed
//# link: -Wl,-Pnothing.so -Wl,--whole-ar -Wl,--no-whole-ar
//# flags: -ffunction-sections
//# stdout: 1 2
#include <stdio.h>
int other(void), wrapped(void);
int function(void) { return 1; }
int __wrap_wrapped(void) { return 2; }
int left_out(void) {
    extern int nowhere(void);
    return nowhere();
}
int main(void) { printf("%d %d\n", other(), wrapped()); }
