/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, checking and making the file with the device secret. */
#include "boards/linux/secret_file.h"

#include "boards/linux/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static status secret_read(void *ctx, span secret)
{
    const struct secret_file *f = ctx;
    return span_copy(secret, BYTES(f->secret)) ? ST_OK : ST_EXECUTION;
}

/* 0, or the errno of what went wrong. */
static int make(const char *path)
{
    SECRET(fresh, DEVICE_SECRET_SIZE);
    if (getrandom(fresh.p, fresh.n, 0) != DEVICE_SECRET_SIZE) return EIO;
    int error = new_file_create(path, view(fresh), fresh.n);
    return error == EEXIST ? 0 : error;
}

static bool check_file(int fd, const char *path, struct complaint *why)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return complain(why, "the device secret %s is not a regular file", path);
    }
    if (st.st_mode & 077) {
        return complain(why, "the device secret %s can be read by others (mode %03o): chmod 600 it", path,
                        (unsigned)(st.st_mode & 0777));
    }
    if (st.st_size != DEVICE_SECRET_SIZE) {
        return complain(why, "the device secret %s has %lld bytes instead of 32: restore it from its backup", path,
                        (long long)st.st_size);
    }
    return true;
}

static bool load(struct secret_file *f, int fd, const char *path, struct complaint *why)
{
    if (!check_file(fd, path, why)) return false;
    if (pread(fd, f->secret, sizeof f->secret, 0) != (ssize_t)sizeof f->secret) {
        return complain(why, "cannot read the device secret %s", path);
    }
    f->port.present = true;
    return true;
}

bool secret_file_open(struct secret_file *f, const char *path, bool may_create, struct complaint *why)
{
    *f = (struct secret_file){.port = {.present = false, .ctx = f, .read = secret_read}};
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int fd = open(path, flags);
    if (fd < 0 && errno == ENOENT && !may_create) return true;
    if (fd < 0 && errno == ENOENT) {
        int error = make(path);
        if (error) return complain(why, "cannot create the device secret %s: %s", path, strerror(error));
        fd = open(path, flags);
    }
    if (fd < 0) return complain(why, "cannot open the device secret %s: %s", path, strerror(errno));
    bool loaded = load(f, fd, path, why);
    close(fd);
    return loaded;
}

void secret_file_close(struct secret_file *f)
{
    wipe(SPAN(f->secret));
    f->port.present = false;
}
