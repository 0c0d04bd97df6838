## about: a library that is nowhere
## jitlink: -noexec {objects} -L. -labsent
## check-error: cannot find library: -labsent
        .globl  main
main:   ret
