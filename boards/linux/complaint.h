/* SPDX-License-Identifier: Apache-2.0 */
/* Why something on the host did not work, as a sentence for the user that also says what to do next. */
#ifndef BOARDS_LINUX_COMPLAINT_H
#define BOARDS_LINUX_COMPLAINT_H

#include <stdbool.h>

struct complaint {
    char text[1024];
};

/* Writes the sentence, cut if too long. Always false, so that a function can fail with `return complain(...)`. */
__attribute__((format(printf, 2, 3))) bool complain(struct complaint *c, const char *format, ...);

#endif
