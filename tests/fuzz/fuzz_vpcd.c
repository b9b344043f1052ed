/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the vpcd framing against a second, naive reading of the same stream: the number of resets, ATRs and
 * commands must be equal, every command answered once, however the stream is cut. The first input byte seeds the
 * cuts, the second the size of the card's answers, the rest is the stream. */
#include "link/vpcd.h"

#include <stdlib.h>

struct counts {
    size_t resets, atrs, commands, malformed, command_bytes;
};

struct fake_card {
    struct counts seen;
    size_t answer_size;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) abort();
}

static bytes fake_atr(void *ctx)
{
    static const uint8_t atr[24];
    ((struct fake_card *)ctx)->seen.atrs++;
    return BYTES(atr);
}

static void fake_reset(void *ctx)
{
    ((struct fake_card *)ctx)->seen.resets++;
}

static bytes fake_command(void *ctx, bytes apdu)
{
    static const uint8_t answer[VPCD_ANSWER_MAX + 1];
    struct fake_card *f = ctx;
    check(apdu.n != 1 && apdu.n <= VPCD_APDU_MAX);
    f->seen.commands++;
    f->seen.malformed += apdu.n == 0;
    f->seen.command_bytes += apdu.n;
    return (bytes){answer, f->answer_size};
}

/* The whole frames of a stream that nobody cut. */
static struct counts read_naively(bytes stream)
{
    struct counts c = {0};
    while (stream.n >= 2) {
        size_t n = (size_t)(stream.p[0] << 8 | stream.p[1]);
        if (stream.n - 2 < n) break;
        if (n == 1 && stream.p[2] <= 2) c.resets++;
        if (n == 1 && stream.p[2] == 4) c.atrs++;
        if (n > 1) c.commands++;
        if (n > VPCD_APDU_MAX) c.malformed++;
        if (n > 1 && n <= VPCD_APDU_MAX) c.command_bytes += n;
        stream = bytes_after(stream, 2 + n);
    }
    return c;
}

/* Feeds one piece cut to size on the heap; returns the number of frames sent. */
static size_t feed(struct vpcd *v, bytes piece)
{
    uint8_t *memory = malloc(piece.n);
    check(memory != NULL);
    memcpy(memory, piece.p, piece.n);
    reader in = read_from((bytes){memory, piece.n});
    size_t frames = 0;
    for (bytes out; (out = vpcd_feed(v, &in)).n > 0; frames++) {
        check(out.n >= 3 && out.n == 2 + be_get(bytes_first(out, 2)));
    }
    check(rd_done(&in));
    free(memory);
    return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    uint32_t seed = data[0];
    struct fake_card fake = {.answer_size = data[1] < 250 ? data[1] : VPCD_ANSWER_MAX + 253u - data[1]};
    struct vpcd_card card = {&fake, fake_atr, fake_reset, fake_command};
    static struct vpcd v;
    vpcd_open(&v, &card);
    bytes stream = {data + 2, size - 2};
    struct counts want = read_naively(stream);
    size_t frames = 0;
    while (stream.n > 0) {
        seed = seed * 1664525u + 1013904223u;
        size_t piece = 1 + (seed >> 16) % ((seed & 0x8000) ? 8u : 4096u);
        frames += feed(&v, bytes_first(stream, piece));
        stream = bytes_after(stream, piece);
    }
    check(memcmp(&fake.seen, &want, sizeof want) == 0);
    check(frames == want.atrs + want.commands);
    return 0;
}
