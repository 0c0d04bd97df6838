## about: one file holds rules of several names; what is undefined has address 0 where that is asked for
## check: --check-name absent --phony-externals
## check: --check-name present --abs bar=0x7766554433221100
        .data
        .globl  p
# absent: *{8}p = 0
# present: *{8}p = bar
// present: bar = 0x7766554433221100
p:      .quad   bar
