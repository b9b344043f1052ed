/* SPDX-License-Identifier: Apache-2.0 */
/* Plays a stream of bytes as a host, a card, a clock and a cable around one CCID slot, and checks rules that hold
 * whatever they do. It reads transfers on its own, the naive way, from a copy of all that was sent. Used with random
 * bytes by test_ccid and with clever ones by fuzz_ccid. */
#ifndef TESTS_CCID_PLAY_H
#define TESTS_CCID_PLAY_H

#include "link/ccid.h"

#include <stdlib.h>

#define PLAY_OWED_MAX 16u
#define PLAY_SENT_MAX (CCID_MESSAGE_MAX + 2u * CCID_PACKET)

/* A message without an answer yet. */
struct play_message {
    uint8_t type, slot, seq;
    bool whole;    /* it brought as much as it announced */
    uint32_t size; /* announced */
    uint8_t data[CCID_APDU_MAX];
};

struct ccid_play {
    struct ccid slot;
    reader moves;
    uint32_t now_ms;
    const char *broken;
    /* what the host has sent of the current transfer, and means to send of it */
    uint8_t sent[PLAY_SENT_MAX];
    size_t sent_size; /* counts what does not fit as well */
    uint32_t to_send;
    uint8_t next_seq; /* each message has its own */
    bool abort_next;  /* the other half of an abort is due, with this seq */
    uint8_t abort_seq;
    /* what it waits for */
    struct play_message owed[PLAY_OWED_MAX];
    size_t owed_count;
    /* what it fetches */
    uint8_t got[CCID_MESSAGE_MAX];
    size_t got_size;
    bool powered; /* by the answers that it has seen */
    /* the card */
    bool at_work, orphaned;
    uint8_t answer[CCID_APDU_MAX];
    size_t answer_size;
    size_t answered, commands;
};

static inline void play_check(struct ccid_play *p, bool holds, const char *rule)
{
    if (!holds && p->broken == NULL) p->broken = rule;
}

/* The type that answers each type. */
static inline uint8_t play_answer_type(uint8_t type)
{
    static const uint8_t pairs[][2] = {{0x62, 0x80}, {0x6F, 0x80}, {0x6C, 0x82},
                                       {0x6D, 0x82}, {0x61, 0x82}, {0x73, 0x84}};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        if (pairs[i][0] == type) return pairs[i][1];
    }
    return 0x81;
}

static inline uint32_t play_le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* A message has ended: the host waits for its answer from now on. */
static inline void play_owe(struct ccid_play *p, uint64_t size)
{
    if (p->owed_count == PLAY_OWED_MAX) {
        play_check(p, false, "more unanswered messages are taken than can be kept");
        return;
    }
    struct play_message *m = &p->owed[p->owed_count++];
    *m = (struct play_message){
        .type = p->sent[0], .slot = p->sent[5], .seq = p->sent[6], .size = play_le32(p->sent + 1)};
    m->whole = p->sent_size == size;
    size_t kept = p->sent_size - CCID_HEADER;
    memcpy(m->data, p->sent + CCID_HEADER, kept < sizeof m->data ? kept : sizeof m->data);
}

/* A seq that no other message has whose answer is still to come. */
static inline uint8_t play_seq(struct ccid_play *p)
{
    for (;;) { /* 256 of them, and few are owed */
        bool taken = p->abort_next && p->next_seq == p->abort_seq;
        for (size_t i = 0; i < p->owed_count; i++) taken |= p->owed[i].seq == p->next_seq;
        if (!taken) return p->next_seq++;
        p->next_seq++;
    }
}

/* Hands one packet over in a block of its own size, and reads it as the slot should. */
static inline void play_packet(struct ccid_play *p, bytes packet)
{
    if (!ccid_ready(&p->slot)) return; /* the endpoint answers NAK */
    uint8_t *block = malloc(packet.n ? packet.n : 1);
    if (block == NULL) abort();
    memcpy(block, packet.p, packet.n);
    ccid_receive(&p->slot, (bytes){block + (packet.n ? 0 : 1), packet.n});
    free(block);
    if (p->sent_size == 0 && packet.n < CCID_HEADER) return;
    if (p->sent_size + packet.n <= sizeof p->sent) memcpy(p->sent + p->sent_size, packet.p, packet.n);
    p->sent_size += packet.n;
    uint64_t size = (uint64_t)CCID_HEADER + play_le32(p->sent + 1);
    if (p->sent_size < size && packet.n == CCID_PACKET) {
        play_check(p, ccid_ready(&p->slot), "not ready within a message");
        return;
    }
    play_owe(p, size);
    p->sent_size = 0;
}

static inline void play_noise(struct ccid_play *p)
{
    uint8_t packet[CCID_PACKET];
    size_t n = rd_u8(&p->moves) % (CCID_PACKET + 1u);
    bytes noise = rd_take(&p->moves, n < p->moves.left.n ? n : p->moves.left.n);
    if (noise.n) memcpy(packet, noise.p, noise.n);
    if (p->sent_size == 0 && noise.n >= CCID_HEADER) packet[6] = play_seq(p);
    play_packet(p, (bytes){packet, noise.n});
}

/* The next packet of the message that the host is sending. */
static inline void play_go_on(struct ccid_play *p)
{
    uint8_t packet[CCID_PACKET];
    if (p->to_send == 0 || !ccid_ready(&p->slot)) return;
    size_t n = p->to_send < sizeof packet ? p->to_send : sizeof packet;
    memset(packet, (int)p->to_send, sizeof packet);
    p->to_send -= (uint32_t)n;
    if (p->sent_size == 0) packet[6] = play_seq(p); /* something ended the transfer: the rest is noise */
    play_packet(p, (bytes){packet, n});
}

/* Begins a message of a known type, mostly as it should be. */
static inline void play_message(struct ccid_play *p)
{
    static const uint8_t types[] = {0x62, 0x6F, 0x6F, 0x6F, 0x6F, 0x6F, 0x65, 0x6F,
                                    0x6C, 0x61, 0x73, 0x63, 0x6B, 0x6F, 0x62, 0x6F};
    uint8_t packet[CCID_PACKET] = {0};
    uint8_t kind = rd_u8(&p->moves), flaw = rd_u8(&p->moves);
    uint32_t size = rd_u8(&p->moves);
    packet[0] = p->abort_next || flaw == 0xF5 ? 0x72 : types[kind % COUNT(types)];
    if (packet[0] != 0x6F) size = packet[0] == 0x73 ? 8 : 0;
    else if (kind & 0x40) size = rd_u16(&p->moves) % (CCID_APDU_MAX + 100u);
    packet[1] = (uint8_t)size, packet[2] = (uint8_t)(size >> 8);
    packet[4] = (uint8_t)(flaw == 0xF0); /* 16 MiB announced */
    packet[5] = (uint8_t)(flaw == 0xF1);
    packet[8] = (uint8_t)(flaw == 0xF2);
    if (flaw == 0xF3) size++;
    if (flaw == 0xF4 && size > 0) size--;
    for (size_t i = CCID_HEADER; i < sizeof packet; i++) packet[i] = (uint8_t)(flaw + i);
    uint32_t all = size + CCID_HEADER, n = all < sizeof packet ? all : sizeof packet;
    if (!ccid_ready(&p->slot) || (p->to_send > 0 && flaw < 0xC0)) return; /* mostly one after the other */
    packet[6] = p->abort_next ? p->abort_seq : play_seq(p);
    p->abort_next = false;
    play_packet(p, (bytes){packet, n});
    p->to_send = all - n;
}

/* The message that this answer belongs to, taken from those owed. */
static inline bool play_settle(struct ccid_play *p, const uint8_t *header, struct play_message *m)
{
    for (size_t i = 0; i < p->owed_count; i++) {
        *m = p->owed[i];
        if (m->slot != header[5] || m->seq != header[6] || play_answer_type(m->type) != header[0]) continue;
        memmove(p->owed + i, p->owed + i + 1, (--p->owed_count - i) * sizeof *m);
        return true;
    }
    return false;
}

/* An answer of the card's, or the 6700 of a message that is too long for it. */
static inline void play_check_data(struct ccid_play *p, const struct play_message *m)
{
    static const uint8_t wrong_length[] = {0x67, 0x00};
    bytes data = {p->got + CCID_HEADER, p->got_size - CCID_HEADER};
    bytes want = m->size > CCID_APDU_MAX ? BYTES(wrong_length) : (bytes){p->answer, p->answer_size};
    if (m->type == 0x6F) play_check(p, bytes_equal(data, want), "the card's answer is not what the host gets");
    if (m->type == 0x62) p->powered = true;
    play_check(p, m->whole || m->type == 0x72, "half a message succeeds");
}

static inline void play_answer(struct ccid_play *p)
{
    struct play_message m;
    uint8_t status = p->got[7];
    play_check(p, p->got_size == CCID_HEADER + (size_t)play_le32(p->got + 1), "dwLength of an answer is wrong");
    if (status & 0x80) { /* a time extension answers nothing */
        play_check(p, p->got[0] == 0x80 && status == 0x80 && p->got[8] == 0 && p->got_size == CCID_HEADER,
                   "a strange extension");
        return;
    }
    if (!play_settle(p, p->got, &m)) {
        play_check(p, false, "an answer that nobody waits for");
        return;
    }
    p->answered++;
    if ((status & 3) != 0 && m.slot == 0) p->powered = false;
    play_check(p, m.slot == 0 || (status == 0x42 && p->got[8] == 5), "an answer for a slot that is not there");
    play_check(p, !(status & 0x40) || p->got_size == CCID_HEADER, "data in a failure");
    if (!(status & 0x40)) play_check_data(p, &m);
}

static inline bool play_fetch(struct ccid_play *p)
{
    uint8_t packet[CCID_PACKET];
    size_t size = 0;
    if (!ccid_send(&p->slot, packet, &size)) return false;
    if (size > sizeof packet || p->got_size + size > sizeof p->got) {
        play_check(p, false, "an answer is too long");
        return false;
    }
    memcpy(p->got + p->got_size, packet, size);
    p->got_size += size;
    if (size == CCID_PACKET) return true;
    play_answer(p);
    p->got_size = 0;
    return true;
}

/* A command reaches the card as one of the messages that wait, and only with power. */
static inline void play_check_command(struct ccid_play *p, bytes apdu)
{
    bool found = false;
    for (size_t i = 0; i < p->owed_count; i++) {
        const struct play_message *m = &p->owed[i];
        bool fits = m->type == 0x6F && m->slot == 0 && m->whole && m->size == apdu.n;
        found |= fits && bytes_equal(apdu, (bytes){m->data, apdu.n});
    }
    play_check(p, found, "a command that nobody sent");
    play_check(p, p->powered, "a command without power");
    p->commands++;
}

static inline void play_card(struct ccid_play *p)
{
    bytes apdu = NO_BYTES;
    if (!p->at_work) {
        enum ccid_job job = ccid_job(&p->slot, &apdu);
        p->at_work = job != CCID_JOB_NONE;
        if (job == CCID_JOB_COMMAND) play_check_command(p, apdu);
        return;
    }
    uint8_t size = rd_u8(&p->moves);
    p->answer_size = size < 200 ? 2u + size : 2u + (rd_u16(&p->moves) + size) % (CCID_APDU_MAX - 1u);
    memset(p->answer, size ^ (int)p->commands, p->answer_size);
    ccid_done(&p->slot, (bytes){p->answer, p->answer_size});
    p->at_work = false;
    p->orphaned = false;
}

static inline void play_bus_reset(struct ccid_play *p)
{
    static const uint8_t atr[] = {0x3B, 0xFE, 0x18};
    ccid_open(&p->slot, BYTES(atr));
    p->orphaned = p->at_work;
    p->owed_count = p->sent_size = p->got_size = 0;
    p->to_send = 0;
    p->powered = false;
    play_check(p, ccid_cancelled(&p->slot) == p->at_work, "a job is not told of a bus reset");
}

static inline void play_time(struct ccid_play *p, uint32_t ms)
{
    p->now_ms += ms;
    ccid_tick(&p->slot, p->now_ms);
}

/* ABORT for the next message, which then is an Abort, or for one before; or a bus reset. */
static inline void play_control(struct ccid_play *p)
{
    uint8_t which = rd_u8(&p->moves), slot = which >= 0xF0, seq = p->next_seq;
    if (which >= 0xF8) {
        play_bus_reset(p);
        return;
    }
    p->abort_next = which % 8 != 0;
    if (p->abort_next) seq = p->abort_seq = play_seq(p);
    else seq = (uint8_t)(seq - 3 + which / 8 % 4);
    play_check(p, ccid_abort(&p->slot, slot, seq) == (slot == 0), "ABORT for a slot");
}

static inline void play_move(struct ccid_play *p, uint8_t move)
{
    switch (move % 16) {
    case 0:
        if (move < 0x20) play_noise(p);
        break;
    case 1:
        if (move < 0x20) play_control(p);
        break;
    case 2: play_time(p, move * 2u); break;
    case 3:
    case 4:
    case 5:
    case 6: play_message(p); break;
    case 7: play_go_on(p); break;
    case 8:
        for (size_t i = 0; i < 70; i++) play_go_on(p);
        break;
    case 9: play_fetch(p); break;
    case 10:
    case 11:
    case 12:
        while (play_fetch(p)) {}
        break;
    default: play_card(p); break;
    }
}

static inline void play_all_done(struct ccid_play *p)
{
    for (size_t i = 0; i < 8; i++) {
        if (p->at_work) play_card(p);
        while (play_fetch(p)) {}
        play_card(p);
        play_time(p, CCID_ABORT_WAIT_MS);
    }
}

/* Everybody does what he should: nothing is owed in the end, and the slot listens. */
static inline void play_wind_up(struct ccid_play *p)
{
    static const uint8_t nothing[1];
    play_all_done(p);
    play_packet(p, BYTES(nothing)); /* ends half a transfer */
    play_all_done(p);
    play_check(p, p->owed_count == 0, "a message without an answer");
    play_check(p, ccid_ready(&p->slot), "not ready though nothing is owed");
    play_check(p, !ccid_cancelled(&p->slot), "cancelled though nothing runs");
}

/* Plays `moves`; NULL, or the first rule that did not hold. Counts are left in *p. */
static inline const char *ccid_play(struct ccid_play *p, bytes moves)
{
    memset(p, 0, sizeof *p);
    p->moves = read_from(moves);
    play_bus_reset(p);
    while (p->moves.left.n > 0 && p->broken == NULL) {
        play_move(p, rd_u8(&p->moves));
        bool room = p->owed_count < CCID_QUEUE && !p->orphaned;
        play_check(p, !room || ccid_ready(&p->slot), "not ready though little is owed");
    }
    play_wind_up(p);
    return p->broken;
}

#endif
