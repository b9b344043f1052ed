/* SPDX-License-Identifier: Apache-2.0 */
/* The device secret as a file: 32 random bytes, readable by its owner only. Keep it where backups of the image do
 * not go; without it nobody opens the image, its owner included. */
#ifndef BOARDS_LINUX_SECRET_FILE_H
#define BOARDS_LINUX_SECRET_FILE_H

#include "boards/linux/complaint.h"
#include "port/device_secret.h"

struct secret_file {
    struct device_secret port; /* bound to this struct: it must not move */
    uint8_t secret[DEVICE_SECRET_SIZE];
};

/* Reads the secret from `path`. If there is no such file: with `may_create` makes one, without (the image has a
 * history and was perhaps made on a chip that has no secret) leaves `f->port.present` false.
 * False, and `why` says the reason: wrong size, readable by others, no permission... */
MUST_CHECK bool secret_file_open(struct secret_file *f, const char *path, bool may_create, struct complaint *why);

/* Wipes the secret from memory. */
void secret_file_close(struct secret_file *f);

#endif
