/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as a file descriptor: no handlers, so no globals and no interrupted calls. */
#include "boards/linux/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t ending_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

static bool go_on(void *ctx)
{
    return !stop_requested(ctx);
}

bool stop_open(struct stop *s)
{
    sigset_t set = ending_signals();
    *s = (struct stop){.progress = {.ctx = s, .tick = go_on}, .fd = -1};
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return false;
    s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->fd >= 0;
}

bool stop_requested(const struct stop *s)
{
    return stop_wait(s, -1, 0, 0) == STOP_SIGNAL;
}

enum stop_wait stop_wait(const struct stop *s, int fd, short events, int timeout_ms)
{
    struct pollfd fds[] = {{.fd = s->fd, .events = POLLIN}, {.fd = fd, .events = events}};
    int n = poll(fds, 2, timeout_ms);
    if (n < 0) return errno == EINTR ? STOP_TIMEOUT : STOP_SIGNAL; /* EINTR: was stopped and continued */
    if (fds[0].revents) return STOP_SIGNAL;
    return fds[1].revents ? STOP_READY : STOP_TIMEOUT;
}

void stop_close(struct stop *s)
{
    sigset_t set = ending_signals();
    struct signalfd_siginfo taken;
    ssize_t n = s->fd >= 0 ? 1 : 0;
    while (n > 0) n = read(s->fd, &taken, sizeof taken); /* non-blocking: until there is none left */
    if (s->fd >= 0) close(s->fd);
    s->fd = -1;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}
