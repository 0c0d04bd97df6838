//# about: A direct reference that does not reach across a set of more than 2 GiB is named.
//# flags: -O1 -fPIE
//# oracle: fails
//# error: main.o: .text+0x
//# error: R_X86_64_PC32
//# error: large3
//# error: compile this object with -fPIC
extern char large1[], large2[], large3[];
int main(int n, char **v) { return large1[n] + large2[n] + large3[n]; }

//# file: one.c
char large1[1ul << 30];

//# file: two.c
char large2[1ul << 30];

//# file: three.c
char large3[1ul << 30];
