/* SPDX-License-Identifier: Apache-2.0 */
/* One outcome type for every room.
 *
 * What can fail returns a status; results leave by the last argument. The card turns a status into an
 * ISO 7816-4 status word in one place (card/chain.c), the client reads it back from the same table. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

/* clang-format off */
#define STATUS_TABLE(X) /* name              word    what a tool says */                             \
    X(ST_OK,                 0x9000, "done")                                                           \
    X(ST_PUK_AUTHENTICATED,  0x9001, "this public key is already authenticated")                       \
    X(ST_END_OF_FILE,        0x6282, "offset past the end of the file")                                \
    X(ST_PIN_WRONG,          0x63C0, "wrong PIN") /* the card adds the tries left */                   \
    X(ST_EXECUTION,          0x6400, "the operation failed")                                           \
    X(ST_FLASH,              0x6581, "flash refused a read or a write")                                \
    X(ST_NOT_CONFIRMED,      0x6600, "the presence button was not pressed in time")                    \
    X(ST_BAD_LENGTH,         0x6700, "wrong length")                                                   \
    X(ST_CHANNEL,            0x6881, "logical channels are not supported")                             \
    X(ST_CHAIN_BROKEN,       0x6883, "last command of the chain expected")                             \
    X(ST_NOT_AUTHORIZED,     0x6982, "log in first")                                                   \
    X(ST_PIN_BLOCKED,        0x6983, "the PIN is blocked")                                             \
    X(ST_DATA_NOT_USABLE,    0x6984, "reference data not usable")                                      \
    X(ST_CONDITIONS,         0x6985, "conditions of use not satisfied")                                \
    X(ST_NOT_ALLOWED,        0x6986, "command not allowed")                                            \
    X(ST_SM_MISSING,         0x6987, "secure messaging expected")                                      \
    X(ST_SM_WRONG,           0x6988, "secure messaging object wrong")                                  \
    X(ST_BAD_DATA,           0x6A80, "data not understood")                                            \
    X(ST_NOT_SUPPORTED,      0x6A81, "function not supported")                                         \
    X(ST_NOT_FOUND,          0x6A82, "no such object")                                                 \
    X(ST_NO_SPACE,           0x6A84, "out of space, or the key's use counter is exhausted")            \
    X(ST_BAD_P1P2,           0x6A86, "wrong parameters P1 P2")                                         \
    X(ST_REFERENCE_UNKNOWN,  0x6A88, "referenced data not found")                                      \
    X(ST_EXISTS,             0x6A89, "object exists already")                                          \
    X(ST_WRONG_PARAMETER,    0x6B00, "wrong parameter")                                                \
    X(ST_NO_COMMAND,         0x6D00, "command not supported")                                          \
    X(ST_NO_CLASS,           0x6E00, "class not supported")                                            \
    X(ST_INTERNAL,           0x6F00, "internal error")
/* clang-format on */

#define STATUS_NAME(name, word, text) name,
typedef enum { STATUS_TABLE(STATUS_NAME) STATUS_COUNT } status;
#undef STATUS_NAME

/* The ISO 7816-4 status word of `st`; 6F00 for a value outside the enum. */
uint16_t status_word(status st);

/* The status that `word` stands for: ST_PIN_WRONG for 63C0..63CF; ST_INTERNAL for a word that no status has. */
status status_of_word(uint16_t word);

/* A short English sentence for `st`, never NULL; for host tools and traces. */
const char *status_text(status st);

/* Leaves the function with the status of `call` unless that is ST_OK. The only macro with control flow. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        status st_ = (call);                                                                                           \
        if (st_ != ST_OK) return st_;                                                                                  \
    } while (0)

#endif
