//# about: A text file that is no linker script.
//# sh: echo 'once upon a time { there was' > story.o
//# link: story.o
//# error: story.o
//# error: compile sources to objects first
int main(void) { return 0; }
