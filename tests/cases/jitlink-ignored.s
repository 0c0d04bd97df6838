## about: what says nothing about the linked code is accepted
## jitlink: -noexec -show-times -show-init-es -show-entry-es -no-process-syms -show-err-failed-to-materialize -use-shared-memory -search-sys-lib -show-relocated-section-contents {objects}
## jitlink: -noexec -jd=main {objects}
## jitlink-alone: LLVM's tool shares memory only with another process
        .globl  main
main:   xorl    %eax, %eax
        ret
