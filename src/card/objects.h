/* SPDX-License-Identifier: Apache-2.0 */
/* Which store keys the card uses. User files and keys live under their file id (formats.md 1.1); what the card keeps
 * for itself lives under ids that no host can read or write (apdu.md 3.3, 1000..11FF). */
#ifndef CARD_OBJECTS_H
#define CARD_OBJECTS_H

#include "store/store.h"
#include "wire/schsm.h"

#define INTERNAL_FIRST 0x1000u
#define INTERNAL_LAST 0x11FFu

#define OBJECT_BIRTH STORE_KEY(0x1001, 0)                   /* format, salt; the only unsealed value      */
#define OBJECT_STATE STORE_KEY(0x1002, 0)                   /* checksum over all values, generation       */
#define OBJECT_ROOT_BOX STORE_KEY(0x1003, 0)                /* the root, for base and lock key            */
#define OBJECT_SETTINGS STORE_KEY(0x100E, 0)                /* options, policy, domains                   */
#define OBJECT_PHY STORE_KEY(0x1010, 0)                     /* hardware description, PHY records          */
#define OBJECT_PIN(ref) STORE_KEY(0x1000u | (ref), 0)       /* 1081, 1088: verifier, wrapped root */
#define OBJECT_PIN_TRIES(ref) STORE_KEY(0x1000u | (ref), 1) /* tries left                         */

#define OBJECT_DOMAIN_UID(n) STORE_KEY(0x1070u + (n), 0)         /* XKEK: public point of the group       */
#define OBJECT_DOMAIN_KEY(n) STORE_KEY(0x1090u + (n), 0)         /* XOR of the shares so far, under the root */
#define OBJECT_DOMAIN_LETTER(n, i) STORE_KEY(0x1090u + (n), (i)) /* 1..255: a share for whoever opens the root */
#define OBJECT_DOMAIN_KCV(n) STORE_KEY(0x10A0u + (n), 0)         /* check value of a complete key, public  */
#define OBJECT_LETTERBOX_KEY STORE_KEY(0x10B0, 0)                /* private key of the letterbox, under the root */
#define OBJECT_LETTERBOX_POINT STORE_KEY(0x10B0, 1)              /* its public key */

#define OBJECT_PUBLIC_KEY(slot) STORE_KEY(0x10D0u + (slot), 0) /* registered for authentication: a 7F21 */

#define OBJECT_HD_MASTER(id) STORE_KEY(0x1110u + (id), 0) /* 0..9: kind and 64 bytes, under the root */

#define OBJECT_KEY(id) STORE_KEY(FID_OF(FID_PREFIX_KEY, id), 0)      /* private part, under the root        */
#define OBJECT_KEY_INFO(id) STORE_KEY(FID_OF(FID_PREFIX_KEY, id), 1) /* type, size, metadata                */
#define OBJECT_KEY_USES(id) STORE_KEY(FID_OF(FID_PREFIX_KEY, id), 2) /* uses left, when counted             */

#endif
