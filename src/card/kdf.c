/* SPDX-License-Identifier: Apache-2.0 */
/* One door to the three derivations. */
#include "card/kdf.h"

#include "card/hsm.h"

status kdf_run(struct hsm *h, const struct kdf *kdf, bytes secret, span out)
{
    struct crypto *c = &h->crypto;
    switch (kdf->family) {
    case CIPHER_HKDF: return crypto_hkdf(c, kdf->hash, secret, kdf->salt, kdf->info, out);
    case CIPHER_PBKDF2: return crypto_pbkdf2(c, kdf->hash, secret, kdf->salt, kdf->rounds, h->board->progress, out);
    case CIPHER_X963: return crypto_x963(c, kdf->hash, secret, kdf->info, out);
    case CIPHER_TEXT:
    case CIPHER_MAC:
    case CIPHER_HD: break;
    }
    return ST_EXECUTION;
}
