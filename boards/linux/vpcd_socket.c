/* SPDX-License-Identifier: Apache-2.0 */
/* A non-blocking socket and poll: nothing here spins, and nothing waits without hearing a signal. */
#include "boards/linux/vpcd_socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_MS 5000
#define SEND_MS 30000

struct host_port {
    char host[256], port[8];
};

static bool copy_text(char *to, size_t size, const char *from, size_t n)
{
    if (n == 0 || n >= size) return false;
    memcpy(to, from, n);
    to[n] = '\0';
    return true;
}

static bool valid_port(const char *port)
{
    unsigned value = 0;
    for (const char *c = port; *c; c++) {
        if (*c < '0' || *c > '9') return false;
        value = value * 10 + (unsigned)(*c - '0');
        if (value > 65535) return false;
    }
    return value > 0;
}

static bool split(const char *text, struct host_port *out)
{
    snprintf(out->port, sizeof out->port, "%u", VPCD_PORT);
    bool bracket = text[0] == '[';
    if (bracket) text++;
    const char *end = bracket ? strchr(text, ']') : text + strcspn(text, ":");
    if (!end || !copy_text(out->host, sizeof out->host, text, (size_t)(end - text))) return false;
    if (bracket) end++;
    if (*end == '\0') return true;
    if (*end != ':' || !copy_text(out->port, sizeof out->port, end + 1, strlen(end + 1))) return false;
    return valid_port(out->port);
}

bool vpcd_socket_resolve(const char *text, struct addrinfo **addresses, struct complaint *why)
{
    struct host_port at;
    if (!split(text, &at)) {
        return complain(why, "\"%s\" is no address: say --vpcd HOST:PORT, e.g. --vpcd " VPCD_ADDRESS_DEFAULT, text);
    }
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    int error = getaddrinfo(at.host, at.port, &hints, addresses);
    if (error) return complain(why, "cannot find the host \"%s\": %s", at.host, gai_strerror(error));
    return true;
}

static void set_option(int fd, int option)
{
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, option, &on, sizeof on); /* slower without, but right */
}

static bool connected(int fd, const struct addrinfo *a, const struct stop *stop)
{
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS) return false;
    if (stop_wait(stop, fd, POLLOUT, CONNECT_MS) != STOP_READY) return false;
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

int vpcd_socket_connect(const struct addrinfo *addresses, const struct stop *stop)
{
    for (const struct addrinfo *a = addresses; a && !stop_requested(stop); a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
        if (fd < 0) continue;
        if (connected(fd, a, stop)) {
            set_option(fd, TCP_NODELAY);
            return fd;
        }
        close(fd);
    }
    return -1;
}

/* vpcd sends length and payload in two small segments and waits for the first to be acknowledged before it sends
 * the second; a delayed acknowledgement would cost 40 ms a command. The kernel forgets the option, so it is set
 * around every recv. */
static ssize_t receive(int fd, span into)
{
    set_option(fd, TCP_QUICKACK);
    ssize_t n = recv(fd, into.p, into.n, 0);
    int error = errno;
    set_option(fd, TCP_QUICKACK);
    errno = error;
    return n;
}

static bool send_all(int fd, bytes b, const struct stop *stop)
{
    while (b.n > 0) {
        ssize_t n = send(fd, b.p, b.n, MSG_NOSIGNAL);
        if (n >= 0) b = bytes_after(b, (size_t)n);
        else if (errno == EAGAIN && stop_wait(stop, fd, POLLOUT, SEND_MS) == STOP_READY) continue;
        else if (errno != EINTR) return false;
    }
    return true;
}

/* Is the peer still there? */
static bool serve_some(int fd, struct vpcd *link, const struct stop *stop)
{
    SECRET(piece, 2 + VPCD_APDU_MAX); /* may hold a PIN */
    ssize_t n = receive(fd, piece);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    reader in = read_from((bytes){piece.p, (size_t)n});
    for (bytes out; (out = vpcd_feed(link, &in)).n > 0;) {
        if (!send_all(fd, out, stop)) return false;
    }
    return true;
}

void vpcd_socket_serve(int fd, struct vpcd *link, const struct stop *stop)
{
    enum stop_wait what = STOP_READY;
    do {
        what = stop_wait(stop, fd, POLLIN, -1);
    } while (what == STOP_TIMEOUT || (what == STOP_READY && serve_some(fd, link, stop)));
    close(fd);
    vpcd_lost(link);
}
