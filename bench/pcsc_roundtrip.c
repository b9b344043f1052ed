/* SPDX-License-Identifier: Apache-2.0 */
/* GET CHALLENGE 8 through PC/SC: what pcscd, vpcd and the virtual HSM cost together. Run inside tools/with-vhsm. */
#include "bench/measure.h"

#include <stdio.h>
#include <string.h>

#include <winscard.h>

static SCARDHANDLE card;

static int transmit(const BYTE *command, DWORD size)
{
    BYTE answer[258];
    DWORD n = sizeof answer;
    if (SCardTransmit(card, SCARD_PCI_T1, command, size, NULL, answer, &n) != SCARD_S_SUCCESS) return 0;
    return n >= 2 && answer[n - 2] == 0x90;
}

static void challenge(void *ctx)
{
    static const BYTE command[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    if (!transmit(command, sizeof command)) *(int *)ctx = 1;
}

static int connect_first(SCARDCONTEXT context)
{
    char readers[1024];
    DWORD size = sizeof readers, protocol;
    if (SCardListReaders(context, NULL, readers, &size) != SCARD_S_SUCCESS) return 0;
    for (char *name = readers; *name; name += strlen(name) + 1) {
        LONG r = SCardConnect(context, name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card, &protocol);
        if (r == SCARD_S_SUCCESS) return 1;
    }
    return 0;
}

int main(void)
{
    static const BYTE select[] = {0x00, 0xA4, 0x04, 0x00, 0x0B, 0xE8, 0x2B, 0x06, 0x01,
                                  0x04, 0x01, 0x81, 0xC3, 0x1F, 0x02, 0x01, 0x00};
    SCARDCONTEXT context;
    int failed = 0;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS || !connect_first(context) ||
        !transmit(select, sizeof select)) {
        fprintf(stderr, "pcsc_roundtrip: no card; run it as: tools/with-vhsm -- build/release/bench/pcsc_roundtrip\n");
        return 1;
    }
    print_row("GET CHALLENGE 8, through pcscd and vpcd", median_us(1001, challenge, &failed), NULL, 0);
    SCardDisconnect(card, SCARD_RESET_CARD);
    SCardReleaseContext(context);
    return failed;
}
