/* SPDX-License-Identifier: Apache-2.0 */
/* What a host can see of a card, written down as text, so that two cards can be compared.
 *
 * Everything that only a change of objects may change stands in `text`. What any command may charge, tries and uses,
 * stands beside it, for there the question is not "same" but "not more than". */
#ifndef TESTS_SIM_CARD_VIEW_H
#define TESTS_SIM_CARD_VIEW_H

#include "card/secure_lock.h"
#include "tests/rig/rig.h"

#define VIEW_TEXT_MAX 16384u
#define VIEW_KEYS 3u /* key ids 1..3 are looked at */
#define VIEW_MASTERS 2u /* of hierarchical keys, 0 and 1 */
#define VIEW_DOMAINS 2u
#define VIEW_PUBLIC_KEYS 2u
#define NO_TRIES (-1) /* there is no such PIN */
#define NO_USES (-1)
#define TRIES_UNREADABLE (-2) /* the card refuses to say: its record is damaged */

/* The PINs a test may have set; the card is asked which one is right. In hex. */
#define VIEW_OTHER_PIN "393939393939"    /* "999999"   */
#define VIEW_OTHER_SO "3030303030303030" /* "00000000" */

struct view {
    char text[VIEW_TEXT_MAX];
    size_t n;
    int user_tries, so_tries;
    int uses[VIEW_KEYS];
    bool user_in; /* one of the user PINs was right */
};

/* Secure lock (64/3A) with the one lock key that tests use; what an agreement leaves is put in its place. */
struct answer view_use_lock_key(struct rig *r, enum lock_function function);

/* Looks at a card that has just started; a locked one is seen locked, and then unlocked. Costs a try or two, a use of each counted key, and ends logged in. */
void view_take(struct rig *r, struct view *v);
bool view_same(const struct view *a, const struct view *b);
/* Says `a` nothing else than `b`, but that some things cannot be read or done? */
bool view_is_less(const struct view *a, const struct view *b);
/* Prints the lines that differ. */
void view_print_difference(const struct view *a, const struct view *b);

#endif
