## about: every rule that is none is told with its line and column
## check:
## check-error: main.s:9:26: expected `(`, `*{N}`, a name or a number, found `=`
## check-error: main.s:10:20: a load is of 1, 2, 4 or 8 bytes, not 3
## check-error: main.s:12:20: expected `)`, found the end
## check-error: main.s:13:22: there is no function `size`
        ret
# A comment.
# jitlink-check: f + 1 + = 2
# jitlink-check: *{3}f = 2
# jitlink-check: f = (1 + \
# jitlink-check:  2
# jitlink-check: 1 = size(f)
