/* SPDX-License-Identifier: Apache-2.0 */
/* Lines, names and values of known-answer files. */
#include "tests/kat/kat_file.h"

#include "tests/hex.h"

#include <string.h>

__attribute__((noreturn)) static void give_up(const struct kat_file *f, const char *why)
{
    fprintf(stderr, "%s:%zu: %s\n", f->path, f->line_number, why);
    exit(1);
}

static char *copy_of(const char *text)
{
    char *copy = strdup(text);
    if (!copy) abort();
    return copy;
}

/* What follows `word` and a blank; NULL when the line begins otherwise. */
static const char *after_word(const char *line, const char *word)
{
    size_t n = strlen(word);
    return strncmp(line, word, n) == 0 && line[n] == ' ' ? line + n + 1 : NULL;
}

static char *next_line(struct kat_file *f)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n = getline(&line, &cap, f->from);
    f->line_number++;
    if (n > 0 && line[n - 1] == '\n') line[n - 1] = 0;
    if (n > 0) return line;
    free(line);
    return NULL;
}

static void replace(char **slot, const char *text)
{
    free(*slot);
    *slot = copy_of(text);
}

static void take_left(struct kat_file *f, const char *rest)
{
    char *now = NULL;
    size_t count = strtoul(rest, NULL, 10);
    if (!count) give_up(f, "left how many?");
    if (asprintf(&now, "%s    not here: %s\n", f->left, rest) < 0) abort();
    free(f->left);
    f->left = now;
    f->left_count += count;
}

static void take_count(struct kat_file *f, const char *rest)
{
    if (sscanf(rest, "%zu of %zu", &f->said, &f->of) != 2) give_up(f, "cases N of M");
    f->closed = true;
}

/* Lines that are no cases; false: it is none of these. */
static bool take_other(struct kat_file *f, const char *line)
{
    const char *rest;
    if (line[0] == '#' || !line[0]) return true;
    if ((rest = after_word(line, "kind"))) replace(&f->kind, rest);
    else if ((rest = after_word(line, "with"))) replace(&f->fixed, rest);
    else if ((rest = after_word(line, "left"))) take_left(f, rest);
    else if ((rest = after_word(line, "cases"))) take_count(f, rest);
    else return false;
    return true;
}

struct kat_file kat_open(const char *path)
{
    struct kat_file f = {.path = path, .from = fopen(path, "r")};
    if (!f.from) give_up(&f, "no such file");
    f.left = copy_of("");
    f.fixed = copy_of("");
    while (!f.kind) {
        char *line = next_line(&f);
        if (!line || !take_other(&f, line)) give_up(&f, "a kind before all cases");
        free(line);
    }
    return f;
}

static bool take_case(struct kat_file *f, char *line, struct kat_case *c)
{
    static const char *const words[] = {[KAT_VALID] = "valid", [KAT_INVALID] = "invalid", [KAT_EITHER] = "either"};
    for (size_t i = 0; i < COUNT(words); i++) {
        const char *rest = after_word(line, words[i]);
        if (!rest) continue;
        *c = (struct kat_case){.file = f, .expects = (enum kat_expects)i, .line = line};
        if (sscanf(rest, "%39s", c->id) != 1) give_up(f, "a case without id");
        f->cases++;
        return true;
    }
    return false;
}

bool kat_next(struct kat_file *f, struct kat_case *c)
{
    for (char *line; (line = next_line(f));) {
        if (f->closed) give_up(f, "something behind the count");
        if (take_case(f, line, c)) return true;
        if (!take_other(f, line)) give_up(f, "not understood");
        free(line);
    }
    if (!f->closed || !f->said || f->cases != f->said) give_up(f, "another number of cases than it says");
    return false;
}

void kat_case_done(struct kat_case *c)
{
    free(c->line);
    c->line = NULL;
}

void kat_close(struct kat_file *f)
{
    fclose(f->from);
    free(f->kind);
    free(f->fixed);
    free(f->left);
}

/* ---- values ---- */

/* `name=value` in `line`: the value and its length. */
static const char *find_in(const char *line, const char *name, size_t *n)
{
    size_t name_size = strlen(name);
    for (const char *at = line; (at = strstr(at, name)); at++) {
        if ((at != line && at[-1] != ' ') || at[name_size] != '=') continue;
        at += name_size + 1;
        *n = strcspn(at, " ");
        return at;
    }
    return NULL;
}

static const char *find(const struct kat_case *c, const char *name, size_t *n)
{
    const char *own = find_in(c->line, name, n);
    return own ? own : find_in(c->file->fixed, name, n);
}

static const char *demand(const struct kat_case *c, const char *name, size_t *n)
{
    const char *value = find(c, name, n);
    if (value) return value;
    fprintf(stderr, "%s: ", name);
    give_up(c->file, "a value is missing");
}

bool kat_has(const struct kat_case *c, const char *name)
{
    size_t n;
    return find(c, name, &n) != NULL;
}

bytes kat_bytes(const struct kat_case *c, const char *name)
{
    size_t n;
    const char *value = demand(c, name, &n);
    char *hex = strndup(value, n);
    if (!hex) abort();
    bytes b = exact(hex);
    free(hex);
    return b;
}

size_t kat_number(const struct kat_case *c, const char *name)
{
    size_t n;
    const char *value = demand(c, name, &n);
    if (!n || value[0] < '0' || value[0] > '9') give_up(c->file, "no number");
    return strtoul(value, NULL, 10);
}

void kat_text(const struct kat_case *c, const char *name, char *into, size_t size)
{
    size_t n;
    const char *value = demand(c, name, &n);
    snprintf(into, size, "%.*s", (int)n, value);
}
