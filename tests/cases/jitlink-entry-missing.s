## about: an entry that nothing defines is an error, under -noexec too
## jitlink: -noexec -entry=absent {objects}
## check-error: undefined symbol `absent`
        .globl  main
main:   ret
