/* SPDX-License-Identifier: Apache-2.0 */
/* What carries APDUs to a card: PC/SC, a socket, or, in tests, the card in the same process. */
#ifndef CLIENT_TRANSPORT_H
#define CLIENT_TRANSPORT_H

#include "base/bytes.h"
#include "base/status.h"

struct transport {
    void *ctx;
    /* Hands over one whole command APDU and appends the whole answer, data and status word. Nothing is interpreted,
     * GET RESPONSE included. ST_OK; ST_EXECUTION: nobody answers any more; ST_NO_SPACE: `answer` is too small. */
    status (*transmit)(void *ctx, bytes command, buf *answer);
};

#endif
