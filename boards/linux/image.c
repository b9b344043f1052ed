/* SPDX-License-Identifier: Apache-2.0 */
/* NOR flash over a file: reads from a shared mapping, writes with pwrite, fdatasync at sync. */
#include "boards/linux/image.h"

#include "boards/linux/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool inside(const struct image *im, size_t at, size_t n)
{
    return at <= im->size && n <= im->size - at;
}

static bool erased(const uint8_t *p, size_t n)
{
    return n == 0 || (p[0] == 0xFF && memcmp(p, p + 1, n - 1) == 0);
}

static status write_at(struct image *im, size_t at, bytes b)
{
    while (b.n > 0) {
        ssize_t n = pwrite(im->fd, b.p, b.n, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return ST_FLASH;
        im->dirty = true;
        at += (size_t)n;
        b = bytes_after(b, (size_t)n);
    }
    return ST_OK;
}

static status image_read(void *ctx, uint32_t at, span into)
{
    const struct image *im = ctx;
    if (!inside(im, at, into.n)) return ST_FLASH;
    if (into.n > 0) memcpy(into.p, im->map + at, into.n);
    return ST_OK;
}

static status image_program(void *ctx, uint32_t at, bytes from)
{
    struct image *im = ctx;
    if (at % IMAGE_WRITE || from.n % IMAGE_WRITE || !inside(im, at, from.n)) return ST_FLASH;
    if (!erased(im->map + at, from.n)) return ST_FLASH;
    return write_at(im, at, from);
}

static status image_erase(void *ctx, uint32_t sector)
{
    struct image *im = ctx;
    if (sector >= im->nor.sector_count) return ST_FLASH;
    uint8_t blank[IMAGE_SECTOR];
    memset(blank, 0xFF, sizeof blank);
    return write_at(im, (size_t)sector * IMAGE_SECTOR, BYTES(blank));
}

static status image_sync(void *ctx)
{
    struct image *im = ctx;
    if (!im->dirty) return ST_OK;
    if (fdatasync(im->fd) != 0) return ST_FLASH;
    im->dirty = false;
    return ST_OK;
}

bool image_size_allowed(uint64_t size)
{
    return size >= IMAGE_SIZE_MIN && size <= IMAGE_SIZE_MAX && size % IMAGE_SECTOR == 0;
}

static const char *hint(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR: return ": create its folder first, or choose another place with --image";
    case EACCES:
    case EPERM:
    case EROFS: return ": it must be readable and writable for you";
    case ENOSPC:
    case EDQUOT: return ": free some space, or choose another place with --image";
    default: return "";
    }
}

/* O_NONBLOCK: a FIFO or a device of that name is to be refused, not waited for. */
static int open_or_create(const char *path, uint32_t new_size)
{
    int flags = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int fd = open(path, flags);
    if (fd >= 0 || errno != ENOENT) return fd;
    uint8_t blank[IMAGE_SECTOR];
    memset(blank, 0xFF, sizeof blank);
    int error = new_file_create(path, BYTES(blank), new_size);
    if (error && error != EEXIST) {
        errno = error;
        return -1;
    }
    return open(path, flags);
}

static enum image_result check_file(struct image *im, const char *path, struct complaint *why)
{
    struct stat st;
    if (fstat(im->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        complain(why, "%s is not a regular file: choose another one with --image", path);
        return IMAGE_REFUSED;
    }
    if (flock(im->fd, LOCK_EX | LOCK_NB) != 0) {
        complain(why, "%s is in use by another pico-hsm: stop that one first", path);
        return IMAGE_LOCKED;
    }
    if (!image_size_allowed((uint64_t)st.st_size)) {
        complain(why,
                 "%s is not an HSM image: %lld bytes, but images have 262144 to 67108864 in steps of 4096. "
                 "It is left as it is; choose another file with --image",
                 path, (long long)st.st_size);
        return IMAGE_REFUSED;
    }
    im->size = (size_t)st.st_size;
    return IMAGE_OPEN;
}

static enum image_result map_file(struct image *im, const char *path, struct complaint *why)
{
    void *map = mmap(NULL, im->size, PROT_READ, MAP_SHARED, im->fd, 0);
    if (map == MAP_FAILED) {
        complain(why, "cannot map %s: %s", path, strerror(errno));
        return IMAGE_REFUSED;
    }
    im->map = map;
    im->nor = (struct nor){
        .sector_size = IMAGE_SECTOR,
        .sector_count = (uint32_t)(im->size / IMAGE_SECTOR),
        .write_size = IMAGE_WRITE,
        .ctx = im,
        .read = image_read,
        .program = image_program,
        .erase = image_erase,
        .sync = image_sync,
    };
    return IMAGE_OPEN;
}

enum image_result image_open(struct image *im, const char *path, uint32_t new_size, struct complaint *why)
{
    *im = (struct image){.fd = open_or_create(path, new_size)};
    if (im->fd < 0) {
        complain(why, "cannot open %s: %s%s", path, strerror(errno), hint(errno));
        return IMAGE_REFUSED;
    }
    enum image_result result = check_file(im, path, why);
    if (result == IMAGE_OPEN) result = map_file(im, path, why);
    if (result != IMAGE_OPEN) image_close(im);
    return result;
}

bool image_is_blank(const struct image *im)
{
    return erased(im->map, im->size);
}

void image_close(struct image *im)
{
    if (im->map) munmap((void *)(uintptr_t)im->map, im->size);
    if (im->fd >= 0) close(im->fd);
    *im = (struct image){.fd = -1};
}
