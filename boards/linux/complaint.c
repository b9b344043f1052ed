/* SPDX-License-Identifier: Apache-2.0 */
/* Error sentences; stdio is the host's here, the card never sees it. */
#include "boards/linux/complaint.h"

#include <stdarg.h>
#include <stdio.h>

bool complain(struct complaint *c, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->text, sizeof c->text, format, arguments);
    va_end(arguments);
    return false;
}
