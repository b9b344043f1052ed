/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
#define _GNU_SOURCE
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 64, SLICE = 250000 };

struct client {
    int fd; /* -1: free */
    uint8_t in[sizeof(struct emu_request) + EMU_LENGTH_MAX];
    size_t received;
    struct emu_request request;
    struct transfer transfer;
    bool started; /* the request is complete, and is not answered yet */
    uint64_t deadline_us;
};

struct server {
    struct board *b;
    bool fast;
    int listener;
    struct client *clients;
    enum board_state state;
    uint64_t wall_us, board_us; /* a moment on both clocks */
};

static volatile sig_atomic_t stopped;
static void on_signal(int number)
{
    stopped = number;
}

static uint64_t wall_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* --- Requests. --- */

static void drop(struct server *s, struct client *c)
{
    if (c->started && (c->request.op == EMU_CONTROL || c->request.op == EMU_DATA)) usb_cancel(s->b, &c->transfer);
    close(c->fd);
    c->fd = -1;
}

static void answer(struct server *s, struct client *c, int32_t status, const void *data, uint32_t n)
{
    struct emu_response r = {.status = status, .length = n};
    uint8_t out[sizeof r + EMU_LENGTH_MAX];
    memcpy(out, &r, sizeof r);
    if (n) memcpy(out + sizeof r, data, n);
    (void)!send(c->fd, out, sizeof r + n, MSG_NOSIGNAL);
    drop(s, c);
}

static bool to_host(const struct emu_request *r)
{
    return (r->op == EMU_CONTROL ? r->setup[0] : r->endpoint) & 0x80;
}

static uint32_t length_of(const struct emu_request *r)
{
    return r->op == EMU_CONTROL ? r->setup[6] | (uint32_t)r->setup[7] << 8 : r->op == EMU_DATA ? r->length : 0;
}

static void start(struct server *s, struct client *c)
{
    struct emu_request *r = &c->request;
    c->started = true;
    c->deadline_us = r->timeout_ms ? wall_us() + r->timeout_ms * (uint64_t)1000 : UINT64_MAX;
    c->transfer =
        (struct transfer){.control = r->op == EMU_CONTROL, .endpoint = r->endpoint, .data = c->in + sizeof *r};
    memcpy(c->transfer.setup, r->setup, sizeof r->setup);
    c->transfer.length = length_of(r);
    if (r->op == EMU_CONTROL || r->op == EMU_DATA) {
        if (s->state == BOARD_BOOTSEL) answer(s, c, EMU_GONE, NULL, 0);
        else usb_submit(s->b, &c->transfer);
    } else if (r->op == EMU_STATE) {
        struct emu_state state;
        board_state(s->b, &state);
        answer(s, c, EMU_OK, &state, sizeof state);
    } else if (r->op == EMU_POWER_CYCLE) {
        board_power_on(s->b);
        s->state = BOARD_RUNNING;
    } else {
        drop(s, c);
    }
}

static void receive(struct server *s, struct client *c)
{
    size_t want = sizeof c->request;
    if (c->received >= want && !to_host(&c->request)) want += length_of(&c->request);
    ssize_t n = c->started ? recv(c->fd, &(char){0}, 1, MSG_DONTWAIT)
                           : recv(c->fd, c->in + c->received, want - c->received, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        drop(s, c);
        return;
    }
    if (n < 0 || c->started) return;
    c->received += (size_t)n;
    if (c->received == sizeof c->request) memcpy(&c->request, c->in, sizeof c->request);
    if (c->received < sizeof c->request) return;
    if (length_of(&c->request) > EMU_LENGTH_MAX) drop(s, c);
    else if (c->received == sizeof c->request + (to_host(&c->request) ? 0 : length_of(&c->request))) start(s, c);
}

static void look_after(struct server *s, struct client *c)
{
    if (c->fd < 0 || !c->started) return;
    if (c->request.op == EMU_POWER_CYCLE) {
        if (usb_configured(s->b)) answer(s, c, EMU_OK, NULL, 0);
        else if (wall_us() >= c->deadline_us) answer(s, c, EMU_TIMEOUT, NULL, 0);
        return;
    }
    if (!c->transfer.finished && wall_us() < c->deadline_us) return;
    int32_t status = c->transfer.finished ? c->transfer.status : EMU_TIMEOUT;
    usb_cancel(s->b, &c->transfer);
    bool data = to_host(&c->request);
    uint32_t done = c->transfer.done;
    struct emu_response r = {.status = status, .length = done};
    if (data || !done) answer(s, c, status, c->transfer.data, data ? done : 0);
    else (void)!send(c->fd, &r, sizeof r, MSG_NOSIGNAL), drop(s, c);
}

static void welcome(struct server *s)
{
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    for (int i = 0; fd >= 0 && i < CLIENTS; i++) {
        struct client *c = &s->clients[i];
        if (c->fd >= 0) continue;
        c->fd = fd;
        c->received = 0;
        c->started = false;
        receive(s, c);
        return;
    }
    if (fd >= 0) close(fd);
}

/* --- Time. --- */

static uint64_t first_deadline(const struct server *s)
{
    uint64_t first = UINT64_MAX;
    for (int i = 0; i < CLIENTS; i++)
        if (s->clients[i].fd >= 0 && s->clients[i].started && s->clients[i].deadline_us < first)
            first = s->clients[i].deadline_us;
    return first;
}

static void tie_clocks(struct server *s)
{
    s->wall_us = wall_us();
    s->board_us = board_now_us(s->b);
}

/* How long nothing is to be done but to listen. */
static uint64_t pause_us(struct server *s)
{
    uint64_t wall = wall_us(), now = board_now_us(s->b), next = board_next_us(s->b);
    if (s->state == BOARD_BOOTSEL) return UINT64_MAX;
    if (usb_waiting(s->b) && s->state == BOARD_RUNNING) {
        tie_clocks(s);
        return 0;
    }
    if (usb_waiting(s->b) && s->fast && next != UINT64_MAX) {
        board_skip_to(s->b, next);
        tie_clocks(s);
        return 0;
    }
    if (s->state == BOARD_RUNNING) next = now;
    if (next == UINT64_MAX) return UINT64_MAX;
    uint64_t due = s->wall_us + (next - s->board_us);
    if (due > wall) return due - wall;
    board_skip_to(s->b, next);
    if (due + 1000 < wall) tie_clocks(s); /* late: the board's time never hurries to catch up */
    return 0;
}

static void listen_for(struct server *s, uint64_t us)
{
    struct pollfd p[CLIENTS + 1] = {{.fd = s->listener, .events = POLLIN}};
    for (int i = 0; i < CLIENTS; i++) p[i + 1] = (struct pollfd){.fd = s->clients[i].fd, .events = POLLIN};
    uint64_t deadline = first_deadline(s), wall = wall_us();
    if (deadline != UINT64_MAX && deadline < wall + us) us = deadline > wall ? deadline - wall : 0;
    struct timespec t = {.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
    if (ppoll(p, CLIENTS + 1, us == UINT64_MAX ? NULL : &t, NULL) <= 0) return;
    for (int i = 0; i < CLIENTS; i++)
        if (p[i + 1].revents && s->clients[i].fd >= 0) receive(s, &s->clients[i]);
    if (p[0].revents) welcome(s);
}

static void run(struct server *s)
{
    s->state = board_step(s->b, SLICE);
    for (int i = 0; i < CLIENTS; i++) look_after(s, &s->clients[i]);
    uint64_t us = pause_us(s);
    listen_for(s, us);
    if (us && s->state == BOARD_ASLEEP) board_skip_to(s->b, s->board_us + (wall_us() - s->wall_us));
}

/* --- The socket appears when somebody listens. --- */

static int listen_at(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    char name[sizeof a.sun_path];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int n = snprintf(name, sizeof name, "%s.new", path);
    if (fd >= 0 && n > 0 && (size_t)n < sizeof name) {
        memcpy(a.sun_path, name, (size_t)n + 1);
        unlink(name);
        if (bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, CLIENTS) == 0 && rename(name, path) == 0)
            return fd;
    }
    fprintf(stderr, "pico-hsm-emu: %s: no socket there: %s\n", path, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

int serve(struct board *b, const char *path, bool fast)
{
    struct server s = {.b = b, .fast = fast, .state = BOARD_RUNNING, .listener = listen_at(path)};
    s.clients = calloc(CLIENTS, sizeof *s.clients);
    if (s.listener < 0 || !s.clients) {
        free(s.clients);
        return 1;
    }
    for (int i = 0; i < CLIENTS; i++) s.clients[i].fd = -1;
    struct sigaction a = {.sa_handler = on_signal};
    sigaction(SIGTERM, &a, NULL);
    sigaction(SIGINT, &a, NULL);
    tie_clocks(&s);
    bool told = false;
    while (!stopped && s.state != BOARD_CUT && s.state != BOARD_LOCKUP) {
        run(&s);
        if (s.state == BOARD_BOOTSEL && !told)
            fprintf(stderr, "pico-hsm-emu: BOOTSEL: the firmware has asked for the boot loader\n");
        told = s.state == BOARD_BOOTSEL;
    }
    for (int i = 0; i < CLIENTS; i++)
        if (s.clients[i].fd >= 0) drop(&s, &s.clients[i]);
    unlink(path);
    close(s.listener);
    free(s.clients);
    return s.state == BOARD_CUT ? EXIT_CUT : s.state == BOARD_LOCKUP ? EXIT_LOCKUP : 0;
}
