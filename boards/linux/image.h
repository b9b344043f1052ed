/* SPDX-License-Identifier: Apache-2.0 */
/* A file as flash: the same bytes that the store would leave on a chip, no header, erased is FF.
 *
 * One process per image, held by flock. Writes go through the page cache and are durable after sync. Programming
 * over bytes that are not erased is refused as the bug it is, since a chip would garble them. */
#ifndef BOARDS_LINUX_IMAGE_H
#define BOARDS_LINUX_IMAGE_H

#include "boards/linux/complaint.h"
#include "port/nor.h"

#define IMAGE_SIZE_MIN (256u * 1024u)
#define IMAGE_SIZE_MAX (64u * 1024u * 1024u)
#define IMAGE_SIZE_DEFAULT (1024u * 1024u)
#define IMAGE_SECTOR 4096u
#define IMAGE_WRITE 16u /* the coarsest step of the chips we know without padding: ESP32-S3 flash encryption */

struct image {
    struct nor nor; /* bound to this struct: it must not move */
    int fd;
    const uint8_t *map; /* read-only view of the whole file */
    size_t size;
    bool dirty;
};

enum image_result { IMAGE_OPEN, IMAGE_LOCKED, IMAGE_REFUSED };

/* May an image have this size: IMAGE_SIZE_MIN..IMAGE_SIZE_MAX in whole sectors? */
bool image_size_allowed(uint64_t size);

/* Opens `path`, or creates it with `new_size` erased bytes when there is no such file.
 * IMAGE_OPEN     `im->nor` is ready; close it with image_close
 * IMAGE_LOCKED   another process has it; `why` says so
 * IMAGE_REFUSED  no such folder, no permission, no file of an allowed size...: `why` says which. A file that was
 *                there is untouched */
MUST_CHECK enum image_result image_open(struct image *im, const char *path, uint32_t new_size, struct complaint *why);

/* Is every byte erased, as in a new image? */
bool image_is_blank(const struct image *im);

/* Ends the lock. What was not synced is still written by the kernel, in its own time. */
void image_close(struct image *im);

#endif
