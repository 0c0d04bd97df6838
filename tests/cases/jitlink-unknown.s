## about: an option that neither tool knows
## jitlink: -noexec -nonsense {objects}
## check-error: unknown option -nonsense
        .globl  main
main:   ret
