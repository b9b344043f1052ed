/* SPDX-License-Identifier: Apache-2.0 */
/* GET CHALLENGE (apdu.md 3.6). */
#include "card/commands.h"
#include "card/hsm.h"

#define CHALLENGE_MIN 8u /* shorter ones do not arm EXTERNAL AUTHENTICATE */

status cmd_get_challenge(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->ne == 0 || a->ne > LIMIT_CHALLENGE) return ST_BAD_LENGTH;
    span out = put_space(reply, a->ne);
    TRY(crypto_random(&h->crypto, out));
    h->session.challenge_size = 0; /* one at a time, also when the new one arms nothing */
    if (a->ne < CHALLENGE_MIN || a->ne > sizeof h->session.challenge) return ST_OK;
    span_copy(SPAN(h->session.challenge), view(out));
    h->session.challenge_size = a->ne;
    return ST_OK;
}
