/* SPDX-License-Identifier: Apache-2.0 */
/* Words and texts of the status table. */
#include "base/status.h"

#define STATUS_WORD(name, word, text) word,
static const uint16_t words[STATUS_COUNT] = {STATUS_TABLE(STATUS_WORD)};

#define STATUS_TEXT(name, word, text) text,
static const char *const texts[STATUS_COUNT] = {STATUS_TABLE(STATUS_TEXT)};

uint16_t status_word(status st)
{
    return (unsigned)st < STATUS_COUNT ? words[st] : words[ST_INTERNAL];
}

status status_of_word(uint16_t word)
{
    if ((word & 0xFFF0) == words[ST_PIN_WRONG]) return ST_PIN_WRONG;
    for (unsigned st = 0; st < STATUS_COUNT; st++) {
        if (words[st] == word) return (status)st;
    }
    return ST_INTERNAL;
}

const char *status_text(status st)
{
    return (unsigned)st < STATUS_COUNT ? texts[st] : texts[ST_INTERNAL];
}
