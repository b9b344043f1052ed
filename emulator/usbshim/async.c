/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Transfers that end later: libccid waits for the interrupt endpoint in one thread and cancels from another. */
#include "shim.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { SUBMITTED_MAX = 16, WAIT_MS = 1000, IDLE_MS = 10 };

/* Lies in memory before the libusb_transfer that its user sees. */
struct job {
    alignas(max_align_t) int connection;
    bool cancelled;
    struct job *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *submitted; /* guarded by lock, as is what the jobs in it hold */

static struct libusb_transfer *transfer_of(struct job *job)
{
    return (struct libusb_transfer *)(job + 1);
}
static struct job *job_of(struct libusb_transfer *transfer)
{
    return (struct job *)transfer - 1;
}

struct libusb_transfer *LIBUSB_CALL libusb_alloc_transfer(int iso_packets)
{
    if (iso_packets != 0) return NULL;
    struct job *job = calloc(1, sizeof *job + sizeof(struct libusb_transfer));
    return job != NULL ? transfer_of(job) : NULL;
}

void LIBUSB_CALL libusb_free_transfer(struct libusb_transfer *transfer)
{
    if (transfer != NULL) free(job_of(transfer));
}

/* Where `job` hangs in the list, or NULL. The caller holds the lock. */
static struct job **find(const struct job *job)
{
    for (struct job **at = &submitted; *at != NULL; at = &(*at)->next)
        if (*at == job) return at;
    return NULL;
}

int LIBUSB_CALL libusb_submit_transfer(struct libusb_transfer *transfer)
{
    if (transfer->type == LIBUSB_TRANSFER_TYPE_CONTROL || transfer->length < 0) return LIBUSB_ERROR_NOT_SUPPORTED;
    const struct emu_request request = {.op = EMU_DATA,
                                        .endpoint = transfer->endpoint,
                                        .timeout_ms = transfer->timeout,
                                        .length = (uint32_t)transfer->length};
    struct job *job = job_of(transfer);
    int connection = shim_begin(&request, transfer->buffer);
    if (connection < 0) return connection;
    pthread_mutex_lock(&lock);
    job->connection = connection;
    job->cancelled = false;
    job->next = submitted;
    submitted = job;
    pthread_mutex_unlock(&lock);
    return LIBUSB_SUCCESS;
}

/* The emulator sees the end of the connection, and so does whoever waits for the answer. */
int LIBUSB_CALL libusb_cancel_transfer(struct libusb_transfer *transfer)
{
    struct job *job = job_of(transfer);
    pthread_mutex_lock(&lock);
    bool found = find(job) != NULL;
    if (found) {
        job->cancelled = true;
        shutdown(job->connection, SHUT_RDWR);
    }
    pthread_mutex_unlock(&lock);
    return found ? LIBUSB_SUCCESS : LIBUSB_ERROR_NOT_FOUND;
}

/* Sleeps until an answer may be there. Descriptors may be stale when it wakes: take_answered looks again. */
static void sleep_until_answer(void)
{
    struct pollfd waits[SUBMITTED_MAX];
    nfds_t count = 0;
    pthread_mutex_lock(&lock);
    for (struct job *job = submitted; job != NULL && count < SUBMITTED_MAX; job = job->next)
        waits[count++] = (struct pollfd){.fd = job->connection, .events = POLLIN};
    pthread_mutex_unlock(&lock);
    poll(waits, count, count > 0 ? WAIT_MS : IDLE_MS);
}

/* Takes one job out of the list that has its answer or its end; NULL when there is none. */
static struct job *take_answered(void)
{
    pthread_mutex_lock(&lock);
    struct job **at = &submitted;
    for (; *at != NULL; at = &(*at)->next) {
        struct pollfd ready = {.fd = (*at)->connection, .events = POLLIN};
        if (poll(&ready, 1, 0) > 0) break;
    }
    struct job *job = *at;
    if (job != NULL) *at = job->next;
    pthread_mutex_unlock(&lock);
    return job;
}

static enum libusb_transfer_status status_of(int error)
{
    switch (error) {
    case LIBUSB_SUCCESS: return LIBUSB_TRANSFER_COMPLETED;
    case LIBUSB_ERROR_TIMEOUT: return LIBUSB_TRANSFER_TIMED_OUT;
    case LIBUSB_ERROR_PIPE: return LIBUSB_TRANSFER_STALL;
    case LIBUSB_ERROR_NO_DEVICE: return LIBUSB_TRANSFER_NO_DEVICE;
    case LIBUSB_ERROR_OVERFLOW: return LIBUSB_TRANSFER_OVERFLOW;
    default: return LIBUSB_TRANSFER_ERROR;
    }
}

static void complete(struct job *job)
{
    struct libusb_transfer *t = transfer_of(job);
    bool in = (t->endpoint & LIBUSB_ENDPOINT_IN) != 0, free_it = (t->flags & LIBUSB_TRANSFER_FREE_TRANSFER) != 0;
    uint32_t got;
    int error = shim_end(job->connection, t->timeout, in ? t->buffer : NULL, (uint32_t)t->length, &got);
    t->actual_length = (int)got;
    t->status = job->cancelled ? LIBUSB_TRANSFER_CANCELLED : status_of(error);
    t->callback(t);
    if (free_it) libusb_free_transfer(t);
}

/* Returns now and then even when nothing happened; callers look at *completed and come again. */
int LIBUSB_CALL libusb_handle_events_completed(libusb_context *ctx, int *completed)
{
    if (completed != NULL && *completed) return LIBUSB_SUCCESS;
    sleep_until_answer();
    for (struct job *job; (job = take_answered()) != NULL;) complete(job);
    return LIBUSB_SUCCESS;
}
