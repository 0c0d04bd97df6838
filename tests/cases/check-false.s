## about: a rule that does not hold tells both sides and where they come from; the others are evaluated all the same
## check: --base 0x400000
## check-error: main.s:
## check-error: does not hold: *{4}number = 41 + 2
## check-error: left  0x2a (42)
## check-error: right 0x2b (43)
## check-error: *{4}0x401000 = 0x2a (main.o: .data+0x0)
## check-error: does not hold: f + 1 = number
## check-error: f = 0x400000 (main.o: .text+0x0)
## check-error: 2 of 3 rules fail
        .globl  number, f
f:      ret
        .data
# jitlink-check: *{4}number = 41 + 2
# jitlink-check: f + 1 = number
# jitlink-check: *{4}number = 42
number: .long   42
