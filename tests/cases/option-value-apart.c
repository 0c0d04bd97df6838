//# about: The value of an option may be the next word, and is no input then.
//# link: -Wl,-O,1 -Wl,--hash-style,both -Wl,--compress-debug-sections,zlib -Wl,--orphan-handling,place
//# link: -Wl,--sort-section,name -Wl,-h,name.so -Wl,-hname.so
//# stdout: ran
#include <stdio.h>
int main(void) { puts("ran"); }
