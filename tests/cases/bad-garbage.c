//# about: Binary garbage.
//# sh: yes garbage | head -c 4096 | tr 'a-z' '\200-\231' > garbage.o
//# link: garbage.o
//# error: garbage.o
int main(void) { return 0; }
