/* SPDX-License-Identifier: Apache-2.0 */
/* What newlib asks of a system, answered with semihosting: the console, a heap, a clock, the end. No files. */
#include "tests/m0/host.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/times.h>

#define CENTISECONDS 100u

extern char heap_start[], heap_end[];

int _close(int fd);
void _exit(int code) __attribute__((noreturn));
int _fstat(int fd, struct stat *into);
int _getpid(void);
int _isatty(int fd);
int _kill(int pid, int signal);
long _lseek(int fd, long at, int whence);
int _open(const char *path, int flags, int mode);
int _read(int fd, void *into, size_t size);
void *_sbrk(ptrdiff_t more);
clock_t _times(struct tms *into);
int _write(int fd, const void *from, size_t size);
int posix_memalign(void **into, size_t alignment, size_t size);

int _write(int fd, const void *from, size_t size)
{
    static int32_t console; /* a handle is never 0 */
    if (fd != 1 && fd != 2) return errno = EBADF, -1;
    if (!console) {
        static const char name[] = ":tt";
        const uint32_t open[3] = {(uint32_t)name, 4 /* "w" */, sizeof name - 1};
        console = (int32_t)host_call(HOST_OPEN, open);
    }
    const uint32_t block[3] = {(uint32_t)console, (uint32_t)from, size};
    return (int)(size - host_call(HOST_WRITE, block));
}

void *_sbrk(ptrdiff_t more)
{
    static char *at = heap_start;
    if (more > heap_end - at) return errno = ENOMEM, (void *)-1;
    char *was = at;
    at += more;
    return was;
}

/* newlib's aligned_alloc stands on it, and does not bring it. */
int posix_memalign(void **into, size_t alignment, size_t size)
{
    *into = memalign(alignment, size);
    return *into ? 0 : ENOMEM;
}

/* The environment is what QEMU was given: arg=NAME=VALUE NAME=VALUE. */
char *getenv(const char *name)
{
    static char all[512];
    size_t n = strlen(name);
    host_argument(all, sizeof all);
    for (char *word = strtok(all, " "); word; word = strtok(NULL, " "))
        if (strncmp(word, name, n) == 0 && word[n] == '=') return word + n + 1;
    return NULL;
}

/* Since when does not matter. */
clock_t _times(struct tms *into)
{
    clock_t now = host_call(HOST_CLOCK, NULL) * (CLOCKS_PER_SEC / CENTISECONDS);
    if (into) *into = (struct tms){.tms_utime = now};
    return now;
}

void _exit(int code)
{
    size_t deepest = stack_deepest();
    printf("deepest stack %zu bytes\n", deepest);
    host_exit(code);
}

int _kill(int pid, int signal) /* abort() */
{
    host_print("aborted\n");
    host_exit(128 + signal);
}

int _fstat(int fd, struct stat *into)
{
    memset(into, 0, sizeof *into);
    into->st_mode = S_IFCHR;
    return 0;
}

int _isatty(int fd) /* written line by line: nothing is lost in a crash */
{
    return fd >= 0 && fd <= 2;
}

int _getpid(void)
{
    return 1;
}

int _open(const char *path, int flags, int mode)
{
    return errno = ENOENT, -1;
}

int _close(int fd)
{
    return 0;
}

int _read(int fd, void *into, size_t size)
{
    return 0;
}

long _lseek(int fd, long at, int whence)
{
    return errno = ESPIPE, -1;
}
