/* SPDX-License-Identifier: Apache-2.0 */
/* New files by way of a temporary one in the same folder, given its name when it is complete and on disk. */
#include "boards/linux/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, bytes b)
{
    while (b.n > 0) {
        ssize_t n = write(fd, b.p, b.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        b = bytes_after(b, (size_t)n);
    }
    return 0;
}

static int fill(int fd, bytes pattern, size_t size)
{
    while (size > 0) {
        bytes part = bytes_first(pattern, size);
        int error = write_all(fd, part);
        if (error) return error;
        size -= part.n;
    }
    return fsync(fd) ? errno : 0;
}

/* A new name in a folder is durable once the folder is. */
static int sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash) snprintf(folder, sizeof folder, ".");
    else snprintf(folder, sizeof folder, "%.*s", (int)(slash - path + 1), path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno;
    int error = fsync(fd) && errno != EINVAL ? errno : 0; /* EINVAL: a file system that has nothing to sync */
    close(fd);
    return error;
}

/* Never over a file that came into being meanwhile. Hard links where the file system cannot rename like that. */
static int give_name(const char *temporary, const char *path)
{
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    if (link(temporary, path) != 0) return errno;
    unlink(temporary);
    return 0;
}

int new_file_create(const char *path, bytes pattern, size_t size)
{
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof temporary) return ENAMETOOLONG;
    int fd = mkostemp(temporary, O_CLOEXEC); /* 0600 */
    if (fd < 0) return errno;
    int error = fill(fd, pattern, size);
    close(fd);
    if (!error) error = give_name(temporary, path);
    if (error) unlink(temporary);
    return error ? error : sync_folder_of(path);
}

int new_file_folders(const char *path)
{
    char folder[PATH_MAX];
    if (strlen(path) >= sizeof folder) return ENAMETOOLONG;
    strcpy(folder, path);
    for (char *at = strchr(folder + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) return errno;
        *at = '/';
    }
    return 0;
}
