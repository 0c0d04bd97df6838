//# about: A sanitizer that nobody knows, as it may be spelled wrong.
//# link: -fsanitize=adress
//# error: setlink: -fsanitize=adress: there is no sanitizer `adress`
//# oracle-error: adress
int main(void) { return 0; }
