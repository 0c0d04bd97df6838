//# about: The kernel's name of the process is the first 15 bytes of the program's, in threads that it starts too.
//# flags: -pthread
//# link: -pthread -o a-program-of-a-long-name
//# stdout: 1 1 1
#include <pthread.h>
#include <stdio.h>
#include <string.h>
static int is_name(const char *of, const char *file) {
    char name[64] = "", path[64];
    snprintf(path, sizeof path, "/proc/%s/comm", of);
    FILE *stream = fopen(path, "r");
    if (!stream || !fgets(name, sizeof name, stream))
        return -1;
    fclose(stream);
    name[strcspn(name, "\n")] = 0;
    return strlen(name) == strnlen(file, 15) && !strncmp(name, file, strlen(name));
}
static const char *file;
static int early;
__attribute__((constructor)) static void first(int argc, char **argv) {
    const char *slash = strrchr(argv[0], '/');
    file = slash ? slash + 1 : argv[0];
    early = argc && is_name("self", file);
}
static void *thread(void *unused) {
    (void)unused;
    return (void *)(long)is_name("thread-self", file);
}
int main(void) {
    pthread_t id;
    void *there;
    pthread_create(&id, 0, thread, 0);
    pthread_join(id, &there);
    printf("%d %d %ld\n", early, is_name("self", file), (long)there);
}
