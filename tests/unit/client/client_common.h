/* SPDX-License-Identifier: Apache-2.0 */
/* The client, and a card in the same process, over a line that listens, changes bits, answers itself or breaks. Include
 * after cmocka.h and what it needs. */
#ifndef TESTS_CLIENT_COMMON_H
#define TESTS_CLIENT_COMMON_H

#include <stdlib.h>

#include "client/client.h"
#include "tests/rig/expect.h"

#define USER_PIN TEXT("648219")
#define SO_PIN TEXT("57621880")

static struct rig *card;
static struct client client;

/* ---- the line ---- */

static struct line {
    unsigned commands;   /* that went over it */
    unsigned flip_at;    /* the command, counted from 1, whose answer is changed; 0: none */
    size_t flip_bit;     /* of that answer */
    bool flip_commands;  /* change the command instead */
    status fails;        /* ST_OK: it works */
    const char *answers; /* hex: what somebody else answers to everything; NULL: the card does */
    size_t longest;      /* of the answers */
    char heard[200000];  /* hex of all that went over it */
    size_t heard_n;
} line;

static inline void hear(bytes b)
{
    const char *hex = hex_of(b);
    size_t n = strlen(hex);
    if (line.heard_n + n >= sizeof line.heard) return;
    memcpy(line.heard + line.heard_n, hex, n + 1);
    line.heard_n += n;
}

static inline void flip(span s)
{
    if (line.commands == line.flip_at) s.p[line.flip_bit / 8 % s.n] ^= (uint8_t)(1u << line.flip_bit % 8);
}

static inline status transmit(void *ctx, bytes command, buf *answer)
{
    span copy = exact_space(command.n);
    span_copy(copy, command);
    line.commands++;
    hear(command);
    if (line.fails != ST_OK) return line.fails;
    if (line.flip_commands) flip(copy);
    if (line.answers) {
        put_bytes(answer, exact(line.answers));
        return ST_OK;
    }
    struct answer got = rig_send_bytes(card, view(copy));
    size_t before = answer->n;
    put_bytes(answer, got.data);
    put_u16(answer, got.sw);
    hear(bytes_after(written(answer), before));
    if (answer->n - before > line.longest) line.longest = answer->n - before;
    if (!line.flip_commands) flip((span){answer->p + before, answer->n - before});
    return ST_OK;
}

static const struct transport transport = {NULL, transmit};

static inline bool was_heard(bytes secret)
{
    return strstr(line.heard, hex_of(secret)) != NULL;
}

/* ---- the host ---- */

static uint64_t noise = 0x9E3779B97F4A7C15u;

static inline status read_noise(void *ctx, span samples)
{
    for (size_t i = 0; i < samples.n; i++) {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        samples.p[i] = (uint8_t)(noise >> 32);
    }
    return ST_OK;
}

static const struct entropy entropy = {.millibits_per_sample = 4000, .read = read_noise};
static struct crypto host_crypto;
static void *pool;

static inline int start_host(void **state)
{
    pool = aligned_alloc(16, 256u * 1024u);
    return !pool || crypto_open(&host_crypto, (span){pool, 256u * 1024u}, &entropy) != ST_OK;
}

static inline int stop_host(void **state)
{
    crypto_close(&host_crypto);
    free(pool);
    return 0;
}

#define IS(call, want) assert_string_equal(status_text(call), status_text(want))

/* To the card that is there. */
static inline void connect_client(void)
{
    memset(&line, 0, sizeof line);
    client_open(&client, &transport, &host_crypto);
    IS(client_select(&client), ST_OK);
}

static inline void begin(const char *more)
{
    card = rig_ready(21, more);
    connect_client();
}

static inline void open_channel(void)
{
    uint8_t point[SM_POINT_SIZE];
    IS(client_device_point(&client, SPAN(point)), ST_OK);
    IS(client_open_channel(&client, BYTES(point)), ST_OK);
}

static inline void end(void)
{
    client_close(&client);
    assert_true(ct_is_zero((bytes){(const uint8_t *)&client, sizeof client}));
    rig_stop(card);
}

#endif
