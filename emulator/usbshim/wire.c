/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* One transfer: a connection to the emulator, a request, an answer. */
#include "shim.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { GRACE_MS = 10000 }; /* what the emulator may be late */

static int dial(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = getenv(SHIM_SOCKET_VARIABLE);
    if (path == NULL || strlen(path) >= sizeof to.sun_path) return -1;
    strcpy(to.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool send_all(int fd, const void *data, size_t n)
{
    for (const uint8_t *at = data; n > 0;) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool receive_all(int fd, void *into, size_t n)
{
    for (uint8_t *at = into; n > 0;) {
        ssize_t got = recv(fd, at, n, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static bool to_host(const struct emu_request *request)
{
    return ((request->op == EMU_CONTROL ? request->setup[0] : request->endpoint) & 0x80) != 0;
}

int shim_begin(const struct emu_request *request, const void *data)
{
    if (request->length > EMU_LENGTH_MAX) return LIBUSB_ERROR_INVALID_PARAM;
    int fd = dial();
    if (fd < 0) return LIBUSB_ERROR_NO_DEVICE;
    if (send_all(fd, request, sizeof *request) && (to_host(request) || send_all(fd, data, request->length))) return fd;
    close(fd);
    return LIBUSB_ERROR_NO_DEVICE;
}

static bool answers_in_time(int fd, uint32_t timeout_ms)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int wait_ms = timeout_ms == 0 || timeout_ms > INT32_MAX - GRACE_MS ? -1 : (int)timeout_ms + GRACE_MS;
    int count;
    do {
        count = poll(&ready, 1, wait_ms);
    } while (count < 0 && errno == EINTR);
    return count > 0;
}

static int outcome(int32_t status)
{
    switch (status) {
    case EMU_OK: return LIBUSB_SUCCESS;
    case EMU_STALL: return LIBUSB_ERROR_PIPE;
    case EMU_TIMEOUT: return LIBUSB_ERROR_TIMEOUT;
    case EMU_GONE: return LIBUSB_ERROR_NO_DEVICE;
    default: return LIBUSB_ERROR_IO;
    }
}

/* The answer to a request for bytes is followed by them, that to others only counts. */
static int receive_answer(int fd, void *into, uint32_t room, uint32_t *got)
{
    struct emu_response answer;
    if (!receive_all(fd, &answer, sizeof answer)) return LIBUSB_ERROR_NO_DEVICE;
    if (answer.length > (into != NULL ? room : EMU_LENGTH_MAX)) return LIBUSB_ERROR_OVERFLOW;
    if (into != NULL && !receive_all(fd, into, answer.length)) return LIBUSB_ERROR_NO_DEVICE;
    *got = answer.length;
    return outcome(answer.status);
}

int shim_end(int connection, uint32_t timeout_ms, void *into, uint32_t room, uint32_t *got)
{
    *got = 0;
    int error =
        answers_in_time(connection, timeout_ms) ? receive_answer(connection, into, room, got) : LIBUSB_ERROR_TIMEOUT;
    close(connection);
    return error;
}

int shim_control(const uint8_t setup[8], void *data, uint32_t timeout_ms)
{
    struct emu_request request = {.op = EMU_CONTROL, .timeout_ms = timeout_ms};
    memcpy(request.setup, setup, sizeof request.setup);
    request.length = (uint32_t)(setup[6] | setup[7] << 8);
    int connection = shim_begin(&request, data);
    if (connection < 0) return connection;
    uint32_t got;
    int error = shim_end(connection, timeout_ms, to_host(&request) ? data : NULL, request.length, &got);
    return error != LIBUSB_SUCCESS ? error : (int)got;
}
