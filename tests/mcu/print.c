/* SPDX-License-Identifier: Apache-2.0 */
/* printf and its relatives in place of newlib's, which Debian builds without %zu. Integers, characters and strings with
 * flags 0 - #, width and precision; nothing else: an unknown conversion ends the program rather than print nonsense. */
#include "base/bytes.h"
#include "tests/m0/host.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct out {
    char *at;
    size_t cap, n; /* of n characters so far, those below cap were stored */
};

struct field {
    bool zeros, left, prefix, precise;
    size_t width, precision;
};

static void put(struct out *o, char c)
{
    if (o->n < o->cap) o->at[o->n] = c;
    o->n++;
}

static void put_times(struct out *o, char c, size_t times)
{
    for (; times > 0; times--) put(o, c);
}

static void put_field(struct out *o, const struct field *f, const char *text, size_t n)
{
    size_t blanks = f->width > n ? f->width - n : 0;
    if (!f->left) put_times(o, ' ', blanks);
    for (size_t i = 0; i < n; i++) put(o, text[i]);
    if (f->left) put_times(o, ' ', blanks);
}

static void put_number(struct out *o, struct field *f, unsigned long long value, bool negative, unsigned base,
                       bool upper)
{
    char text[72], *end = text + sizeof text, *p = end;
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    bool prefix = f->prefix && value;
    size_t least = f->precise ? f->precision : 1, sign = negative ? 1 : prefix ? 2 : 0;
    for (; value; value /= base) *--p = digits[value % base];
    if (f->zeros && !f->left && !f->precise && f->width > sign) least = f->width - sign;
    if (least > 64) least = 64;
    while ((size_t)(end - p) < least) *--p = '0';
    if (prefix) *--p = upper ? 'X' : 'x', *--p = '0';
    if (negative) *--p = '-';
    put_field(o, f, p, (size_t)(end - p));
}

static size_t read_number(const char **at, va_list *args)
{
    size_t n = 0;
    if (**at == '*') return (*at)++, (size_t)va_arg(*args, int);
    while (**at >= '0' && **at <= '9') n = n * 10 + (size_t)(*(*at)++ - '0');
    return n;
}

static struct field read_field(const char **at, va_list *args)
{
    struct field f = {0};
    for (;; (*at)++) {
        if (**at == '0') f.zeros = true;
        else if (**at == '-') f.left = true;
        else if (**at == '#') f.prefix = true;
        else break;
    }
    f.width = read_number(at, args);
    if (**at != '.') return f;
    (*at)++;
    f.precise = true;
    f.precision = read_number(at, args);
    return f;
}

/* Everything but long long is 32 bits here. */
static unsigned read_long(const char **at)
{
    unsigned count = 0;
    for (; strchr("lzthj", **at) && **at; (*at)++) count += **at == 'l' ? 1 : **at == 'j' ? 2 : 0;
    return count;
}

static void convert_signed(struct out *o, struct field *f, long long value)
{
    put_number(o, f, value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value, value < 0, 10, false);
}

static void convert(struct out *o, struct field *f, char what, bool wide, va_list *args)
{
    unsigned base = what == 'u' ? 10 : 16;
    if (what == '%') {
        put(o, '%');
    } else if (what == 'c') {
        char c = (char)va_arg(*args, int);
        put_field(o, f, &c, 1);
    } else if (what == 's') {
        const char *text = va_arg(*args, const char *);
        if (!text) text = "(null)";
        put_field(o, f, text, f->precise ? strnlen(text, f->precision) : strlen(text));
    } else if (what == 'd' || what == 'i') {
        convert_signed(o, f, wide ? va_arg(*args, long long) : va_arg(*args, int));
    } else if (what && strchr("uxXp", what)) {
        unsigned long long value = wide ? va_arg(*args, unsigned long long) : va_arg(*args, unsigned);
        put_number(o, f, value, false, base, what == 'X');
    } else {
        host_print("print.c: an unknown conversion\n");
        abort();
    }
}

int vsnprintf(char *restrict into, size_t cap, const char *restrict format, va_list given)
{
    struct out o = {into, cap, 0};
    va_list args;
    va_copy(args, given);
    for (const char *at = format; *at;) {
        if (*at != '%') {
            put(&o, *at++);
            continue;
        }
        at++;
        struct field f = read_field(&at, &args);
        bool wide = read_long(&at) >= 2;
        convert(&o, &f, *at, wide, &args);
        at++;
    }
    va_end(args);
    if (cap) into[o.n < cap ? o.n : cap - 1] = 0;
    return o.n > INT_MAX ? -1 : (int)o.n;
}

int snprintf(char *restrict into, size_t cap, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(into, cap, format, args);
    va_end(args);
    return n;
}

int vfprintf(FILE *restrict file, const char *restrict format, va_list args)
{
    static char text[4096]; /* a longer one is cut */
    int n = vsnprintf(text, sizeof text, format, args);
    fflush(file);
    size_t size = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    return write(file == stderr ? STDERR_FILENO : STDOUT_FILENO, text, size) < 0 ? -1 : n;
}

int fprintf(FILE *restrict file, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vfprintf(file, format, args);
    va_end(args);
    return n;
}

int vprintf(const char *restrict format, va_list args)
{
    return vfprintf(stdout, format, args);
}

int printf(const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vfprintf(stdout, format, args);
    va_end(args);
    return n;
}
