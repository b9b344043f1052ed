/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear whole or not at all, and the folders they stand in. */
#ifndef BOARDS_LINUX_NEW_FILE_H
#define BOARDS_LINUX_NEW_FILE_H

#include "base/bytes.h"

/* Creates `path` (mode 0600) with `size` bytes, `pattern` over and over, durable when it returns. A crash leaves no
 * file of that name, at worst a stray `path`.XXXXXX. Returns 0, or an errno: EEXIST when there is one already,
 * which stays as it is. */
int new_file_create(const char *path, bytes pattern, size_t size);

/* Creates the folders above `path` that are missing, mode 0700. Returns 0 or an errno. */
int new_file_folders(const char *path);

#endif
