## about: a file without rules is a mistake, not a success; so is a check of nothing
## check: --check-name other-check
## check-error: main.s has no rules `other-check:`
# jitlink-check: 1 = 1
        ret
