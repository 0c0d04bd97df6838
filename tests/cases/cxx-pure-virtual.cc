//# about: A pure virtual call aborts in libstdc++'s handler.
//# signal: SIGABRT
//# stderr: pure virtual
struct Base {
    Base() { indirect(); }
    void indirect() { call(); }
    virtual void call() = 0;
};
struct Derived : Base { void call() override {} };
int main() { Derived derived; }
