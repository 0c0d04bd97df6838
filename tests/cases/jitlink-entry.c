//# about: -entry runs another function than main; rules hold before it does
//# jitlink: -entry=other -check=rules {objects}
//# jitlink: -entry other -noexec=false -check rules {objects}
//# exit: 7
int main(void) { return 1; }
int other(void) { return 7; }
//# file: rules
# jitlink-check: section_addr(main.o, .text) = main
