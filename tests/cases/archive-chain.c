//# about: 2,000 members, each needed by the one before it only: pulled by a worklist, in no particular order.
//# needs: python3
//# manual: link.c
//# sh: $CC -O1 -c link.c && python3 links.py && $AR qcs libx.a $(ls links/*.o | sort -r)
//# link: libx.a
//# stdout: 2000
#include <stdio.h>
int link_0000(int depth);
int main(void) { printf("%d\n", link_0000(1)); }
//# file: link.c
int link_bbbb(int depth);
int link_aaaa(int depth) { return link_bbbb(depth + 1); }
//# file: links.py
# Every link is the first one's object with other numbers in its two names.
import os
os.mkdir("links")
template = open("link.o", "rb").read()
for n in range(1999):
    link = template.replace(b"link_aaaa", b"link_%04d" % n).replace(b"link_bbbb", b"link_%04d" % (n + 1))
    open(f"links/{n:04}.o", "wb").write(link)
open("last.c", "w").write("int link_1999(int depth) { return depth; }\n")
os.system("$CC -c last.c -o links/1999.o")
