/* SPDX-License-Identifier: Apache-2.0 */
/* A block: a mark, items (type, size in words, content), the item LAST with the size of all, a link to the next block,
 * another mark. Words are little-endian. */
#include "boards/shared/picobin.h"

#define START 0xFFFFDED3u
#define END 0xAB123579u

enum { SEARCH_BYTES = 4096 };
enum { SIGNATURE = 0x09, SECP256K1 = 0x01, SIGNATURE_WORDS = 1 + 16 + 16, LAST = 0xFF };
enum { TWO_BYTE_SIZE = 0x80, BLOCKS_MAX = 16, ITEMS_MAX = 32 };

/* A walk over the blocks; `bad` once anything made no sense. */
struct walk {
    bytes flash;
    uint32_t signatures;
    bytes signer;
    bool bad;
};

static uint32_t word(struct walk *w, uint32_t at)
{
    if (at % 4 || at > w->flash.n || w->flash.n - at < 4) {
        w->bad = true;
        return 0;
    }
    const uint8_t *p = w->flash.p + at;
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void take_signature(struct walk *w, uint32_t at, uint32_t head, uint32_t words)
{
    w->signatures++;
    if (head >> 24 != SECP256K1 || words != SIGNATURE_WORDS) w->bad = true;
    else w->signer = bytes_first(bytes_after(w->flash, at + 4), PICOBIN_KEY_SIZE);
}

/* The items of the block at `block`; returns where its link is. */
static uint32_t walk_items(struct walk *w, uint32_t block)
{
    uint32_t at = block + 4;
    for (unsigned i = 0; i < ITEMS_MAX && !w->bad; i++) {
        uint32_t head = word(w, at), type = head & 0xFF;
        uint32_t words = head >> 8 & (type & TWO_BYTE_SIZE ? 0xFFFF : 0xFF);
        if (type == LAST) {
            if (at - (block + 4) != 4 * words || word(w, at + 8) != END) w->bad = true;
            return at + 4;
        }
        (void)word(w, at + 4 * words - 4); /* the item is inside */
        if (words == 0) w->bad = true;
        if (type == SIGNATURE) take_signature(w, at, head, words);
        at += 4 * words;
    }
    w->bad = true;
    return 0;
}

static bool find_first(struct walk *w, uint32_t *first)
{
    for (*first = 0; *first < SEARCH_BYTES && !w->bad; *first += 4)
        if (word(w, *first) == START) return !w->bad;
    return false;
}

bool picobin_signer(bytes flash, span key)
{
    struct walk w = {.flash = flash};
    uint32_t first, at;
    if (!find_first(&w, &first)) return false;
    at = first;
    for (unsigned blocks = 0; blocks < BLOCKS_MAX && !w.bad; blocks++) {
        at += word(&w, walk_items(&w, at));
        if (at == first) return !w.bad && w.signatures == 1 && span_copy(key, w.signer);
        if (word(&w, at) != START) w.bad = true;
    }
    return false;
}
