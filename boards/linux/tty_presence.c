/* SPDX-License-Identifier: Apache-2.0 */
/* Presence by fiat, by the clock, or by asking at the controlling terminal. Every doubt is a no. */
#include "boards/linux/tty_presence.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int as_timeout(uint32_t ms)
{
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

static bool confirm_after(const struct tty_presence *p, uint32_t timeout_ms)
{
    bool in_time = p->after_ms <= timeout_ms;
    uint32_t wait_ms = in_time ? p->after_ms : timeout_ms;
    return stop_wait(p->stop, -1, 0, as_timeout(wait_ms)) == STOP_TIMEOUT && in_time;
}

/* The terminal is in line mode: a whole line comes at once, and its first letter decides. */
static bool read_yes(int fd)
{
    char line[64];
    ssize_t n = read(fd, line, sizeof line);
    return n > 0 && (line[0] == 'y' || line[0] == 'Y');
}

static bool ask_at(const struct tty_presence *p, int fd, const char *what, uint32_t timeout_ms)
{
    tcflush(fd, TCIFLUSH); /* what was typed before the question is no answer to it */
    dprintf(fd, "pico-hsm: allow \"%s\"? [y/N] ", what);
    enum stop_wait answer = stop_wait(p->stop, fd, POLLIN, as_timeout(timeout_ms));
    bool yes = answer == STOP_READY && read_yes(fd);
    if (answer != STOP_READY) dprintf(fd, "\n");
    if (!yes) dprintf(fd, "pico-hsm: not allowed\n");
    return yes;
}

static bool confirm_by_asking(const struct tty_presence *p, const char *what, uint32_t timeout_ms)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return false;
    bool yes = ask_at(p, fd, what, timeout_ms);
    close(fd);
    return yes;
}

static bool confirm(void *ctx, const char *what, uint32_t timeout_ms)
{
    const struct tty_presence *p = ctx;
    switch (p->mode) {
    case PRESENCE_AUTO: return true;
    case PRESENCE_DENY: return false;
    case PRESENCE_ASK: return confirm_by_asking(p, what, timeout_ms);
    case PRESENCE_AFTER: return confirm_after(p, timeout_ms);
    }
    return false;
}

static bool parse_seconds(struct tty_presence *p, const char *text)
{
    if (text[0] < '0' || text[0] > '9') return false;
    char *end;
    errno = 0;
    unsigned long seconds = strtoul(text, &end, 10);
    if (errno || *end || seconds > 86400) return false;
    p->mode = PRESENCE_AFTER;
    p->after_ms = (uint32_t)seconds * 1000;
    return true;
}

bool tty_presence_parse(struct tty_presence *p, const char *text)
{
    static const struct {
        const char *name;
        enum tty_presence_mode mode;
    } modes[] = {{"auto", PRESENCE_AUTO}, {"deny", PRESENCE_DENY}, {"ask", PRESENCE_ASK}};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(text, modes[i].name) != 0) continue;
        p->mode = modes[i].mode;
        return true;
    }
    return parse_seconds(p, text);
}

void tty_presence_open(struct tty_presence *p, const struct stop *stop)
{
    /* Asking from the background must fail, not stop the process. */
    signal(SIGTTIN, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    p->stop = stop;
    p->port = (struct presence){.ctx = p, .confirm = confirm};
}
