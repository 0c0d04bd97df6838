//# about: The last of the libraries that an object names has no end.
//# skip-oracle: GNU ld does not look at it
//# error: main.o: .deplibs: malformed input: its last name has no end
__asm__(".pushsection .deplibs,\"MS\",@0x6fff4c04,1\n.ascii \"one\"\n.popsection");
int main(void) { return 0; }
