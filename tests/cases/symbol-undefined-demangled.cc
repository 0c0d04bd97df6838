//# about: The names of undefined C++ symbols can be read.
//# error: missing::function(int)
//# oracle-error: missing::function(int)
namespace missing { int function(int); }
int main() { return missing::function(1); }
