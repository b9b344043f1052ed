/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a file of tests/vectors/kat: test vectors in the format that tests/vectors/extract.py describes.
 *
 * A line that is not understood, a value that is missing or a file that holds another number of cases than it says ends
 * the program with a message: a file that lost half of its cases must not pass. */
#ifndef TESTS_KAT_FILE_H
#define TESTS_KAT_FILE_H

#include "base/bytes.h"

#include <stdio.h>

enum kat_expects { KAT_VALID, KAT_INVALID, KAT_EITHER };

struct kat_file {
    const char *path;
    FILE *from;
    size_t line_number;
    char *kind;
    char *fixed; /* the values of the last `with` */
    char *left;  /* `left` lines, as they are */
    size_t cases, left_count, said, of;
    bool closed; /* the line `cases` was seen */
};

struct kat_case {
    struct kat_file *file;
    enum kat_expects expects;
    char *line; /* its own values; owned */
    char id[40];
};

/* Opens, and reads up to the kind. */
struct kat_file kat_open(const char *path);
/* The next case; false at the end, where the count is checked. Release each with kat_case_done. */
bool kat_next(struct kat_file *f, struct kat_case *c);
void kat_case_done(struct kat_case *c);
void kat_close(struct kat_file *f);

/* Values of a case, its own or of its `with`. Bytes lie in blocks cut to size, until hex_release(). */
bytes kat_bytes(const struct kat_case *c, const char *name);
size_t kat_number(const struct kat_case *c, const char *name);
bool kat_has(const struct kat_case *c, const char *name);
/* As text, cut to `size`. */
void kat_text(const struct kat_case *c, const char *name, char *into, size_t size);

#endif
