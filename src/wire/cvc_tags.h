/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of card verifiable certificates (formats.md 3.1), for the files of this room that read or
 * write them. */
#ifndef WIRE_CVC_TAGS_H
#define WIRE_CVC_TAGS_H

enum {
    CVC_TAG_OID = 0x06,
    CVC_TAG_CAR = 0x42,
    CVC_TAG_ROLE_BITS = 0x53,
    CVC_TAG_EXTENSIONS = 0x65,
    CVC_TAG_REQUEST = 0x67,
    CVC_TAG_FIELD_FIRST = 0x81,
    CVC_TAG_FIELD_LAST = 0x87,
    CVC_TAG_CHR = 0x5F20,
    CVC_TAG_VALID_TO = 0x5F24,
    CVC_TAG_VALID_FROM = 0x5F25,
    CVC_TAG_PROFILE = 0x5F29,
    CVC_TAG_SIGNATURE = 0x5F37,
    CVC_TAG_CERTIFICATE = 0x7F21,
    CVC_TAG_PUBLIC_KEY = 0x7F49,
    CVC_TAG_ROLE = 0x7F4C,
    CVC_TAG_BODY = 0x7F4E
};

#endif
