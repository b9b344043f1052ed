/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the outcomes are called. */
#include "shim.h"

#include <stddef.h>

#define NAME(code)                                                                                                     \
    {                                                                                                                  \
        code, #code                                                                                                    \
    }

const char *LIBUSB_CALL libusb_error_name(int code)
{
    static const struct {
        int code;
        const char *name;
    } names[] = {
        NAME(LIBUSB_SUCCESS),           NAME(LIBUSB_ERROR_IO),        NAME(LIBUSB_ERROR_INVALID_PARAM),
        NAME(LIBUSB_ERROR_ACCESS),      NAME(LIBUSB_ERROR_NO_DEVICE), NAME(LIBUSB_ERROR_NOT_FOUND),
        NAME(LIBUSB_ERROR_BUSY),        NAME(LIBUSB_ERROR_TIMEOUT),   NAME(LIBUSB_ERROR_OVERFLOW),
        NAME(LIBUSB_ERROR_PIPE),        NAME(LIBUSB_ERROR_NO_MEM),    NAME(LIBUSB_ERROR_NOT_SUPPORTED),
        NAME(LIBUSB_ERROR_INTERRUPTED), NAME(LIBUSB_ERROR_OTHER),
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == code) return names[i].name;
    return "**UNKNOWN**";
}
