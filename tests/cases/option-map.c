//# about: --map writes a link map.
//# link: --map link.map
//# exit: 3
//# file-has: link.map main.o
//# file-has: link.map distinctive_name
int distinctive_name(void) { return 3; }
int main(void) { return distinctive_name(); }
