/* SPDX-License-Identifier: Apache-2.0 */
/* What the device says about itself on USB (apdu.md 1.4; USB 2.0 chapter 9, CCID 1.1 section 5, WebUSB, Microsoft OS 2.0).
 * Bytes only: knows no SDK, so that it can be tested anywhere. */
#ifndef BOARDS_RP2_USB_DESCRIPTORS_H
#define BOARDS_RP2_USB_DESCRIPTORS_H

#include "base/bytes.h"

#define USB_PRODUCT_MAX 32u
#define USB_CONFIGURATION_MAX 192u
#define USB_BOS_MAX 64u
#define USB_MS_OS_SIZE 178u /* 0xB2, which the BOS announces */
#define USB_STRING_MAX 64u  /* characters of the longest string: product and interface */

enum usb_string {
    USB_STRING_LANGUAGE,
    USB_STRING_MANUFACTURER,
    USB_STRING_PRODUCT,
    USB_STRING_SERIAL,
    USB_STRING_CCID,
    USB_STRING_WCID,
    USB_STRING_COUNT
};

/* Endpoint addresses; bit 7: to the host. */
enum { USB_CCID_OUT = 0x01, USB_CCID_IN = 0x81, USB_CCID_NOTIFY = 0x82, USB_WCID_OUT = 0x03, USB_WCID_IN = 0x83 };

/* bRequest of the two vendor requests. */
enum { USB_REQUEST_WEBUSB = 1, USB_REQUEST_MS_OS = 2 };

/* Who the device is; must outlive its use. */
struct usb_identity {
    uint16_t vid, pid;
    const char *product; /* printable ASCII, 1..USB_PRODUCT_MAX characters */
    const char *serial;  /* printable ASCII, at most USB_STRING_MAX        */
    bool ccid, wcid;     /* interfaces, at least one                       */
    bytes atr;           /* of the card behind them                        */
};

/* Each appends one descriptor (or tree of them) to `out`. */
void usb_put_device(buf *out, const struct usb_identity *id);
void usb_put_configuration(buf *out, const struct usb_identity *id);
void usb_put_bos(buf *out, const struct usb_identity *id);
void usb_put_ms_os(buf *out, const struct usb_identity *id);
void usb_put_url(buf *out);
/* The string descriptor, UTF-16; false: there is no such string. */
bool usb_put_string(buf *out, const struct usb_identity *id, enum usb_string which);

#endif
