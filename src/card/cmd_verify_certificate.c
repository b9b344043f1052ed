/* SPDX-License-Identifier: Apache-2.0 */
/* PSO: VERIFY CERTIFICATE (apdu.md 3.23): one more certificate whose key this card believes. */
#include "card/commands.h"
#include "card/hsm.h"
#include "card/trust.h"

status verify_certificate_p1p2(struct hsm *h, const struct apdu *a)
{
    static const uint8_t kinds[] = {0x92, 0xAE, 0xBE};
    return a->p1 == 0 && memchr(kinds, a->p2, sizeof kinds) ? ST_OK : ST_BAD_P1P2;
}

/* Anybody may show a certificate; only who is logged in leaves it behind (DP-50). */
status cmd_verify_certificate(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct cvc certificate;
    bytes issuer = {h->session.verifying, h->session.verifying_size};
    if (issuer.n == 0) return ST_REFERENCE_UNKNOWN;
    if (a->data.n == 0) return ST_BAD_LENGTH;
    if (!cvc_parse(a->data, &certificate) || certificate.outer_signature.n) return ST_DATA_NOT_USABLE;
    return trust_accept(h, issuer, &certificate, h->session.user_verified || h->session.so_verified);
}
