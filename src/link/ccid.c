/* SPDX-License-Identifier: Apache-2.0 */
/* CCID messages as a state machine: one message comes in, one is at the card, up to CCID_QUEUE answers go out. Every
 * message has its place in that queue from its last byte on, so whoever answers it never finds the queue full. */
#include "link/ccid.h"

enum { AT_TYPE = 0, AT_LENGTH = 1, AT_SLOT = 5, AT_SEQ = 6, AT_LEVEL = 8 };
enum { XFR_BLOCK = 0x6F };
enum answer { DATA_BLOCK = 0x80, SLOT_STATUS = 0x81, PARAMETERS = 0x82, RATE_AND_CLOCK = 0x84 };
enum { STATUS_FAILED = 0x40, STATUS_EXTENSION = 0x80, ICC_INACTIVE = 1, ICC_ABSENT = 2 };

/* bError: small ones are the place of a wrong byte in the message (CCID 1.1 6.2.6). */
enum refusal {
    REFUSED_TYPE = 0x00,
    REFUSED_LENGTH = AT_LENGTH,
    REFUSED_SLOT = AT_SLOT,
    REFUSED_LEVEL = AT_LEVEL,
    REFUSED_BUSY = 0xE0,
    REFUSED_MUTE = 0xFE,
    REFUSED_ABORTED = 0xFF,
    NOT_REFUSED = 0x100
};

#define ANY_SIZE UINT32_MAX

/* A type of message. */
struct kind {
    uint8_t type, answer;
    bool at_any_time;     /* not refused while a job runs or an abort is going on */
    uint32_t least, most; /* bytes of data */
    void (*run)(struct ccid *c, struct ccid_address to);
};

static const uint8_t parameters[] = {0x11, 0x10, 0xFE, 0x55, 0x03, 0xFE, 0x00};           /* T=1 */
static const uint8_t rate_and_clock[] = {0xFC, 0x0D, 0x00, 0x00, 0x80, 0x25, 0x00, 0x00}; /* as in the descriptor */
static const uint8_t wrong_length[] = {0x67, 0x00};
static const uint8_t internal_error[] = {0x6F, 0x00};

static void put_le32(buf *b, uint32_t v)
{
    for (unsigned shift = 0; shift < 32; shift += 8) put_u8(b, (uint8_t)(v >> shift));
}

static uint32_t le32(const uint8_t p[4])
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Answers -------------------------------------------------------------------------------------------------------- */

static void compose(buf *out, struct ccid_address to, size_t size, uint8_t status, uint8_t error)
{
    put_u8(out, to.answer);
    put_le32(out, (uint32_t)size);
    put_u8(out, to.slot);
    put_u8(out, to.seq);
    put_u8(out, status);
    put_u8(out, error);
    put_u8(out, to.answer == PARAMETERS); /* bProtocolNum: T=1; else bChainParameter, bClockStatus */
}

static uint8_t icc_state(const struct ccid *c, struct ccid_address to)
{
    if (to.slot != 0) return ICC_ABSENT;
    return c->now.powered ? 0 : ICC_INACTIVE;
}

static void enqueue(struct ccid *c, struct ccid_address to, uint8_t status, uint8_t error, bytes body)
{
    struct ccid_slot *s = &c->now;
    struct ccid_reply *r = &s->queue[(s->first + s->queued++) % CCID_QUEUE];
    buf header = BUF(r->header);
    compose(&header, to, body.n, status | icc_state(c, to), error);
    r->body = body;
}

static void answer(struct ccid *c, struct ccid_address to, bytes body)
{
    enqueue(c, to, 0, 0, body);
}

static void fail(struct ccid *c, struct ccid_address to, enum refusal why)
{
    enqueue(c, to, STATUS_FAILED, (uint8_t)why, NO_BYTES);
}

/* A time extension never queues: it would be stale when its turn comes. */
static bool send_extension(struct ccid *c, buf *out)
{
    struct ccid_slot *s = &c->now;
    if (!s->extend) return false;
    s->extend = false;
    compose(out, s->job_to, 0, STATUS_EXTENSION, 0);
    return true;
}

bool ccid_send(struct ccid *c, uint8_t packet[CCID_PACKET], size_t *size)
{
    struct ccid_slot *s = &c->now;
    const struct ccid_reply *r = &s->queue[s->first];
    buf out = {packet, 0, CCID_PACKET, false};
    if (s->queued > 0) {
        put_bytes(&out, bytes_after(BYTES(r->header), s->sent));
        size_t body_sent = s->sent > CCID_HEADER ? s->sent - CCID_HEADER : 0;
        put_bytes(&out, bytes_first(bytes_after(r->body, body_sent), CCID_PACKET - out.n));
        s->sent += out.n;
    } else if (!send_extension(c, &out)) {
        return false;
    }
    *size = out.n;
    if (s->queued > 0 && out.n < CCID_PACKET) { /* the host knows by this that the answer ends */
        s->first = (s->first + 1) % CCID_QUEUE;
        s->queued--;
        s->sent = 0;
    }
    return true;
}

/* Jobs and their end --------------------------------------------------------------------------------------------- */

/* A command may carry a PIN: it does not stay here until the next one. */
static void forget_apdu(struct ccid *c)
{
    wipe((span){c->apdu, c->apdu_size});
    c->apdu_size = 0;
}

static void start(struct ccid *c, enum ccid_job job, struct ccid_address to)
{
    struct ccid_slot *s = &c->now;
    s->job = job;
    s->job_to = to;
    s->cancelled = false;
    s->quiet.started = false;
}

/* Both halves are there and nothing runs any more: ready for a new command, as the host wanted. */
static void settle_abort(struct ccid *c)
{
    struct ccid_slot *s = &c->now;
    if (s->abort != CCID_ABORT_BOTH || s->job != CCID_JOB_NONE) return;
    s->abort = CCID_ABORT_NONE;
    answer(c, s->abort_to, NO_BYTES);
}

static bytes reset_answer(struct ccid *c)
{
    bool on = c->now.job_to.answer == DATA_BLOCK;
    c->now.powered = on;
    return on ? c->atr : NO_BYTES;
}

static void finish(struct ccid *c, bytes from_card)
{
    struct ccid_slot *s = &c->now;
    enum ccid_job job = s->job;
    s->job = CCID_JOB_NONE;
    s->extend = false;
    if (s->cancelled) fail(c, s->job_to, REFUSED_ABORTED);
    else answer(c, s->job_to, job == CCID_JOB_RESET ? reset_answer(c) : from_card);
    settle_abort(c);
}

enum ccid_job ccid_job(struct ccid *c, bytes *apdu)
{
    if (c->running || c->now.queued > 0 || c->now.job == CCID_JOB_NONE) return CCID_JOB_NONE;
    c->running = true;
    *apdu = (bytes){c->apdu, c->apdu_size};
    return c->now.job;
}

void ccid_done(struct ccid *c, bytes from_card)
{
    if (!c->running) return;
    bool heard = !c->orphaned;
    c->running = false;
    c->orphaned = false;
    forget_apdu(c);
    if (from_card.n < 2 || from_card.n > CCID_APDU_MAX) from_card = BYTES(internal_error);
    if (heard) finish(c, from_card);
}

bool ccid_cancelled(const struct ccid *c)
{
    return c->running && (c->orphaned || c->now.cancelled);
}

/* What each message does ----------------------------------------------------------------------------------------- */

/* Unpowered until the reset is done, also when that is aborted: a session ends in any case. */
static void power(struct ccid *c, struct ccid_address to)
{
    c->now.powered = false;
    start(c, CCID_JOB_RESET, to);
}

static void tell_status(struct ccid *c, struct ccid_address to)
{
    answer(c, to, NO_BYTES);
}

static void tell_parameters(struct ccid *c, struct ccid_address to)
{
    answer(c, to, BYTES(parameters));
}

static void tell_rate(struct ccid *c, struct ccid_address to)
{
    answer(c, to, BYTES(rate_and_clock));
}

static void transfer(struct ccid *c, struct ccid_address to)
{
    const uint8_t *header = c->now.header;
    if (!c->now.powered) fail(c, to, REFUSED_MUTE);
    else if (header[AT_LEVEL] != 0 || header[AT_LEVEL + 1] != 0) fail(c, to, REFUSED_LEVEL);
    else if (le32(header + AT_LENGTH) > CCID_APDU_MAX) answer(c, to, BYTES(wrong_length));
    else start(c, CCID_JOB_COMMAND, to);
}

/* The bulk half of an abort. A newer one takes the place of one whose control request never came. */
static void abort_message(struct ccid *c, struct ccid_address to)
{
    struct ccid_slot *s = &c->now;
    bool first = s->abort == CCID_ABORT_NONE || s->abort == CCID_ABORT_BULK;
    bool second = s->abort == CCID_ABORT_CONTROL && s->abort_to.seq == to.seq;
    if (!first && !second) {
        fail(c, to, REFUSED_ABORTED);
        return;
    }
    if (s->abort == CCID_ABORT_BULK) fail(c, s->abort_to, REFUSED_ABORTED);
    s->abort = second ? CCID_ABORT_BOTH : CCID_ABORT_BULK;
    s->abort_to = to;
    s->abort_wait.started = false;
    settle_abort(c);
}

/* The control half. A newer one counts, and the Abort message that waited for another has failed. */
bool ccid_abort(struct ccid *c, uint8_t slot, uint8_t seq)
{
    struct ccid_slot *s = &c->now;
    if (slot != 0) return false;
    bool message_here = s->abort == CCID_ABORT_BULK || s->abort == CCID_ABORT_BOTH;
    bool pair = message_here && s->abort_to.seq == seq;
    if (message_here && !pair) fail(c, s->abort_to, REFUSED_ABORTED);
    s->abort = pair ? CCID_ABORT_BOTH : CCID_ABORT_CONTROL;
    s->abort_to.seq = seq;
    s->cancelled = s->job != CCID_JOB_NONE;
    if (s->job == CCID_JOB_COMMAND && !c->running) { /* the card need not even hear of it */
        forget_apdu(c);
        finish(c, NO_BYTES);
    }
    settle_abort(c);
    return true;
}

/* clang-format off */
static const struct kind kinds[] = {
    /* type,     answer,         always, data from..to */
    { 0x62,      DATA_BLOCK,     false,  0, 0,        power },           /* IccPowerOn; any bPowerSelect */
    { 0x63,      SLOT_STATUS,    false,  0, 0,        power },           /* IccPowerOff */
    { 0x65,      SLOT_STATUS,    false,  0, 0,        tell_status },     /* GetSlotStatus */
    { XFR_BLOCK, DATA_BLOCK,     false,  0, ANY_SIZE, transfer },        /* too long is answered in the card's words */
    { 0x6C,      PARAMETERS,     false,  0, 0,        tell_parameters }, /* GetParameters */
    { 0x6D,      PARAMETERS,     false,  0, 0,        tell_parameters }, /* ResetParameters */
    { 0x61,      PARAMETERS,     false,  0, ANY_SIZE, tell_parameters }, /* SetParameters: it stays T=1 all the same */
    { 0x73,      RATE_AND_CLOCK, false,  8, 8,        tell_rate },       /* SetDataRateAndClockFrequency */
    { 0x72,      SLOT_STATUS,    true,   0, 0,        abort_message },   /* Abort */
};
static const struct kind unknown = { 0, SLOT_STATUS, false, 0, ANY_SIZE, NULL };
/* clang-format on */

/* Messages coming in --------------------------------------------------------------------------------------------- */

static const struct kind *kind_of(uint8_t type)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (kinds[i].type == type) return &kinds[i];
    }
    return &unknown;
}

static enum refusal state_refuses(const struct ccid_slot *s)
{
    if (s->abort != CCID_ABORT_NONE) return REFUSED_ABORTED;
    return s->job == CCID_JOB_NONE ? NOT_REFUSED : REFUSED_BUSY;
}

static enum refusal judge(const struct ccid_slot *s, const struct kind *k, bool whole)
{
    uint32_t size = le32(s->header + AT_LENGTH);
    if (s->header[AT_SLOT] != 0) return REFUSED_SLOT;
    if (!k->at_any_time && s->refusal != NOT_REFUSED) return (enum refusal)s->refusal;
    if (!k->at_any_time && s->abort != CCID_ABORT_NONE) return REFUSED_ABORTED; /* since the message began */
    if (k->run == NULL) return REFUSED_TYPE;
    return whole && size >= k->least && size <= k->most ? NOT_REFUSED : REFUSED_LENGTH;
}

/* The message has ended; is all of it there, and no more? */
static void act(struct ccid *c, bool whole)
{
    struct ccid_slot *s = &c->now;
    const struct kind *k = kind_of(s->header[AT_TYPE]);
    struct ccid_address to = {k->answer, s->header[AT_SLOT], s->header[AT_SEQ]};
    enum refusal verdict = judge(s, k, whole);
    if (verdict == NOT_REFUSED) k->run(c, to);
    else fail(c, to, verdict);
    if (s->storing && s->job == CCID_JOB_NONE) forget_apdu(c);
    s->storing = false;
}

/* Decides here whether data is kept: while a job is at work, the memory is the job's. */
static void begin(struct ccid *c, bytes header)
{
    struct ccid_slot *s = &c->now;
    memcpy(s->header, header.p, sizeof s->header);
    s->arriving = true;
    s->missing = le32(s->header + AT_LENGTH);
    s->refusal = (uint16_t)state_refuses(s);
    s->storing = s->refusal == NOT_REFUSED && s->header[AT_TYPE] == XFR_BLOCK && s->missing <= CCID_APDU_MAX;
}

static void keep(struct ccid *c, bytes part)
{
    if (!c->now.storing) return;
    buf apdu = {c->apdu, c->apdu_size, sizeof c->apdu, false};
    put_bytes(&apdu, part);
    c->apdu_size = apdu.n;
}

void ccid_receive(struct ccid *c, bytes packet)
{
    struct ccid_slot *s = &c->now;
    if (!ccid_ready(c)) return;
    bytes data = packet;
    if (!s->arriving) {
        if (packet.n < CCID_HEADER) return; /* an empty one behind a full message, or noise */
        begin(c, packet);
        data = bytes_after(packet, CCID_HEADER);
    }
    bytes part = bytes_first(data, s->missing);
    keep(c, part);
    s->missing -= (uint32_t)part.n;
    if (s->missing > 0 && packet.n == CCID_PACKET) return;
    s->arriving = false;
    act(c, s->missing == 0 && part.n == data.n);
}

bool ccid_ready(const struct ccid *c)
{
    const struct ccid_slot *s = &c->now;
    bool abort_unanswered = s->abort == CCID_ABORT_BULK || s->abort == CCID_ABORT_BOTH;
    return !c->orphaned && s->queued + (s->job != CCID_JOB_NONE) + abort_unanswered < CCID_QUEUE;
}

/* Start and time ------------------------------------------------------------------------------------------------- */

void ccid_open(struct ccid *c, bytes atr)
{
    c->orphaned = c->running;
    if (!c->orphaned) forget_apdu(c);
    c->atr = atr;
    c->now = (struct ccid_slot){0};
}

/* Has it run for `ms`? Then it starts again. */
static bool rings(struct ccid_timer *t, uint32_t now_ms, uint32_t ms)
{
    if (t->started && now_ms - t->since_ms < ms) return false;
    bool rings = t->started;
    *t = (struct ccid_timer){true, now_ms};
    return rings;
}

void ccid_tick(struct ccid *c, uint32_t now_ms)
{
    struct ccid_slot *s = &c->now;
    if (s->job == CCID_JOB_COMMAND && rings(&s->quiet, now_ms, CCID_EXTENSION_MS)) s->extend = true;
    if (s->abort == CCID_ABORT_BULK && rings(&s->abort_wait, now_ms, CCID_ABORT_WAIT_MS)) {
        s->abort = CCID_ABORT_NONE;
        fail(c, s->abort_to, REFUSED_TYPE); /* DP-4: as if we did not know the message */
    }
}
