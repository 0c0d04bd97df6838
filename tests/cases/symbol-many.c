//# about: Many symbols and references between two objects.
//# needs: python3
//# generate: python3 many.py
//# stdout: 12497500
#include <stdio.h>
long total(void);
int main(void) { printf("%ld\n", total()); }
//# file: many.py
with open("a.c", "w") as a, open("b.c", "w") as b:
    for n in range(5000):
        a.write(f"int f{n}(void) {{ return {n}; }}\n")
        b.write(f"int f{n}(void);\n")
    b.write("int (*table[])(void) = {" + ", ".join(f"f{n}" for n in range(5000)) + "};\n")
    b.write("long total(void) { long sum = 0; for (int i = 0; i < 5000; i++) sum += table[i](); return sum; }\n")
