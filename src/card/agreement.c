/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys agree, and how. */
#include "card/agreement.h"

#include "card/hsm.h"

bool agreement_possible(const struct key_info *info)
{
    return info->type == KEY_EC;
}

size_t agreement_size(const struct key_info *info)
{
    return agreement_possible(info) ? key_field_size(info) : 0;
}

status agreement_check(struct hsm *h, const struct key_info *info, bytes peer)
{
    return crypto_ec_check_point(&h->crypto, info->curve, peer);
}

status agreement_run(struct hsm *h, const struct key_info *info, bytes secret, bytes peer, span shared)
{
    return crypto_ecdh(&h->crypto, info->curve, secret, peer, shared);
}
