//# about: What only GNU ld's file, checks and messages are about means nothing here; values are joined where it joins them.
//# link: -Wl,--no-warn-rwx-segments,--warn-execstack,--no-warn-execstack,--check-sections,--no-check-sections
//# link: -Wl,--warn-common,--unique=.x,--pic-executable,-g,-Bno-symbolic,--print-map-discarded
//# link: -Wl,--hash-size,100,--spare-dynamic-tags,5,--warn-section-align,--sort-common=descending
//# link: -Wl,--build-id,--package-metadata,--no-strip-discarded,--dynamic-list-cpp-new
//# stdout: ran
#include <stdio.h>
int main(void) { puts("ran"); }
