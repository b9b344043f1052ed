/* SPDX-License-Identifier: Apache-2.0 */
/* GET CHALLENGE (apdu.md 3.6), and random bytes that are no challenge, ours: P2 = 01. */
#include "card/commands.h"
#include "card/hsm.h"

#define CHALLENGE_MIN 8u /* shorter ones do not arm EXTERNAL AUTHENTICATE, and leave what does */

enum { P2_CHALLENGE, P2_RANDOM };

status challenge_p1p2(struct hsm *h, const struct apdu *a)
{
    return a->p1 == 0 && a->p2 <= P2_RANDOM ? ST_OK : ST_BAD_P1P2;
}

static void arm(struct session *session, bytes challenge)
{
    if (challenge.n < CHALLENGE_MIN || challenge.n > sizeof session->challenge) return;
    span_copy(SPAN(session->challenge), challenge);
    session->challenge_size = challenge.n;
}

status cmd_get_challenge(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->ne == 0 || a->ne > (a->p2 == P2_RANDOM ? LIMIT_RESPONSE_DATA : LIMIT_CHALLENGE)) return ST_BAD_LENGTH;
    span out = put_space(reply, a->ne);
    TRY(crypto_random(&h->crypto, out));
    if (a->p2 == P2_CHALLENGE) arm(&h->session, view(out));
    return ST_OK;
}
