/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys agree, and how. */
#include "card/agreement.h"

#include "card/hsm.h"

bool agreement_possible(const struct key_info *info)
{
    return info->type == KEY_EC || info->type == KEY_MONTGOMERY;
}

size_t agreement_size(const struct key_info *info)
{
    return agreement_possible(info) ? key_secret_size(info) : 0;
}

status agreement_check(struct hsm *h, const struct key_info *info, bytes peer)
{
    if (info->type == KEY_EC) return crypto_ec_check_point(&h->crypto, info->curve, peer);
    return peer.n == key_secret_size(info) ? ST_OK : ST_DATA_NOT_USABLE; /* any string is a u-coordinate */
}

status agreement_run(struct hsm *h, const struct key_info *info, bytes secret, bytes peer, span shared)
{
    if (info->type == KEY_EC) return crypto_ecdh(&h->crypto, info->curve, secret, peer, shared);
    return crypto_okp_agree(&h->crypto, info->okp, secret, peer, shared);
}
