//# about: Variables that libc changes later: timezone, daylight, tzname.
//# flags: -fPIC | -fno-pic
//# stdout: -7200 0 XYZ
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int main(void) {
    setenv("TZ", "XYZ-2", 1);
    tzset();
    printf("%ld %d %s\n", timezone, daylight, tzname[0]);
}
