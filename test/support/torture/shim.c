/*
 * An LD_PRELOAD library between a program and the C library, for the calls that make, rename and remove names. Below
 * one directory it plays a bad NFS server or a slow disk:
 *
 *   SHIM_ROOT      the directory; everything else is left alone
 *   SHIM_FALSE     percent of link, rename, unlink, mkdir and rmdir calls that are done, and then reported as failed
 *                  (EEXIST or ENOENT), as when the server's reply is lost and the client asks again
 *   SHIM_CREATE    the same for open with O_CREAT and O_EXCL
 *   SHIM_HARD      per mille of these calls that are not done, and fail with ESTALE or EIO
 *   SHIM_NO_LINKS  1: link fails with EPERM, as on a file system without hard links
 *   SHIM_SEED      which of them; the same seed gives the same choices, as far as threads allow
 *   SHIM_DELAY     microseconds to wait before each of them, and before fchmod
 *   SHIM_COUNTS    a file of 16 bytes: how many false and how many hard errors there were, two 64-bit numbers
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *root;
static size_t root_length;
static unsigned false_percent, create_percent, hard_permille, no_links, delay_us;
static uint64_t seed;
static _Atomic uint64_t calls;
static _Atomic uint64_t uncounted[2];
static _Atomic uint64_t *counts = uncounted;

static unsigned number(const char *name)
{
    const char *text = getenv(name);
    return text == NULL ? 0 : (unsigned) strtoul(text, NULL, 10);
}

__attribute__((constructor)) static void configure(void)
{
    root = getenv("SHIM_ROOT");
    root_length = root == NULL ? 0 : strlen(root);
    false_percent = number("SHIM_FALSE");
    create_percent = number("SHIM_CREATE");
    hard_permille = number("SHIM_HARD");
    no_links = number("SHIM_NO_LINKS");
    delay_us = number("SHIM_DELAY");
    seed = number("SHIM_SEED");
    const char *path = getenv("SHIM_COUNTS");
    int fd = path == NULL ? -1 : open(path, O_RDWR);
    if (fd >= 0) {
        void *shared = mmap(NULL, sizeof(uncounted), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (shared != MAP_FAILED)
            counts = shared;
        close(fd);
    }
}

static int is_below(const char *path)
{
    return root_length > 0 && strncmp(path, root, root_length) == 0 && path[root_length] == '/';
}

/* splitmix64 of seed and call number. */
static uint64_t chance(void)
{
    uint64_t z = seed * 0x9e3779b97f4a7c15u + (++calls) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void wait_a_little(void)
{
    if (delay_us > 0)
        usleep(delay_us);
}

/* Whether the call is to fail without being done; sets errno then. */
static int fails_hard(uint64_t dice)
{
    if ((dice >> 32) % 1000 >= hard_permille)
        return 0;
    counts[1]++;
    errno = (dice & 1) ? ESTALE : EIO;
    return 1;
}

/* The result of a call that was done: perhaps a false error. */
static int falsely(int result, int false_errno, int is_to_be)
{
    if (result < 0 || !is_to_be)
        return result;
    counts[0]++;
    errno = false_errno;
    return -1;
}

#define NEXT(type, name) \
    static type next; \
    if (next == NULL) \
        next = (type) dlsym(RTLD_NEXT, name)

typedef int (*two_paths)(const char *, const char *);
typedef int (*one_path)(const char *);
typedef int (*path_and_mode)(const char *, mode_t);
typedef int (*opening)(const char *, int, ...);
typedef int (*fd_and_mode)(int, mode_t);

int link(const char *from, const char *to)
{
    NEXT(two_paths, "link");
    if (!is_below(to))
        return next(from, to);
    if (no_links) {
        errno = EPERM;
        return -1;
    }
    uint64_t dice = chance();
    wait_a_little();
    return fails_hard(dice) ? -1 : falsely(next(from, to), EEXIST, dice % 100 < false_percent);
}

int rename(const char *from, const char *to)
{
    NEXT(two_paths, "rename");
    if (!is_below(to))
        return next(from, to);
    uint64_t dice = chance();
    wait_a_little();
    return fails_hard(dice) ? -1 : falsely(next(from, to), ENOENT, dice % 100 < false_percent);
}

int unlink(const char *path)
{
    NEXT(one_path, "unlink");
    if (!is_below(path))
        return next(path);
    uint64_t dice = chance();
    wait_a_little();
    return fails_hard(dice) ? -1 : falsely(next(path), ENOENT, dice % 100 < false_percent);
}

int rmdir(const char *path)
{
    NEXT(one_path, "rmdir");
    if (!is_below(path))
        return next(path);
    uint64_t dice = chance();
    wait_a_little();
    return fails_hard(dice) ? -1 : falsely(next(path), ENOENT, dice % 100 < false_percent);
}

int mkdir(const char *path, mode_t mode)
{
    NEXT(path_and_mode, "mkdir");
    if (!is_below(path))
        return next(path, mode);
    uint64_t dice = chance();
    wait_a_little();
    return fails_hard(dice) ? -1 : falsely(next(path, mode), EEXIST, dice % 100 < false_percent);
}

int fchmod(int fd, mode_t mode)
{
    NEXT(fd_and_mode, "fchmod");
    wait_a_little();
    return next(fd, mode);
}

static int open_with(opening next, const char *path, int flags, mode_t mode)
{
    if (!is_below(path) || (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
        return next(path, flags, mode);
    uint64_t dice = chance();
    wait_a_little();
    if (fails_hard(dice))
        return -1;
    int fd = next(path, flags, mode);
    int result = falsely(fd, EEXIST, dice % 100 < create_percent);
    if (fd >= 0 && result < 0) {
        close(fd);
        errno = EEXIST;
    }
    return result;
}

int open64(const char *path, int flags, ...)
{
    NEXT(opening, "open64");
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_with(next, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    NEXT(opening, "open");
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_with(next, path, flags, mode);
}
