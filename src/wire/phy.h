/* SPDX-License-Identifier: Apache-2.0 */
/* The hardware description that a host may leave in a device (PHY records, formats.md 13.2): what it calls itself on
 * USB, where its LED is, how long it waits for its button, which curves it offers.
 *
 * Records have one byte of tag and one of length. They come from a host, and end in USB descriptors and pin numbers:
 * what cannot be meant is ignored as if it were absent. */
#ifndef WIRE_PHY_H
#define WIRE_PHY_H

#include "base/bytes.h"

enum phy_tag {
    PHY_VID_PID = 0x00,
    PHY_LED_GPIO = 0x04,
    PHY_LED_BRIGHTNESS = 0x05,
    PHY_OPTIONS = 0x06,
    PHY_PRESENCE_TIMEOUT = 0x08,
    PHY_PRODUCT = 0x09,
    PHY_CURVES = 0x0A,
    PHY_INTERFACES = 0x0B,
    PHY_LED_DRIVER = 0x0C
};

/* Bits of `options`. */
enum {
    PHY_OPTION_WCID = 0x0001,           /* the vendor interface with its WebUSB and Windows descriptors */
    PHY_OPTION_LED_DIMMABLE = 0x0002,   /* light comes and goes softly (boards/shared/led_pattern.h) */
    PHY_OPTION_NO_POWER_RESET = 0x0004, /* stored and reported, without function */
    PHY_OPTION_LED_STEADY = 0x0008      /* colours only, no blinking */
};

/* Bits of `interfaces`. */
enum { PHY_USB_CCID = 1, PHY_USB_WCID = 2, PHY_USB_HID = 4, PHY_USB_KEYBOARD = 8, PHY_USB_NETWORK = 16 };

enum phy_led_driver {
    PHY_LED_GPIO_PIN = 1,
    PHY_LED_PIMORONI = 2, /* three pins, RGB */
    PHY_LED_WS2812 = 3,
    PHY_LED_CYW43 = 4,
    PHY_LED_NEOPIXEL = 5,
    PHY_LED_NONE = 0xFF
};

/* In which order an LED takes its colours. */
enum phy_led_order { PHY_RGB, PHY_RBG, PHY_GRB, PHY_GBR, PHY_BRG, PHY_BGR, PHY_ORDER_UNKNOWN = 0xFF };

enum { PHY_PRODUCT_MAX = 32, PHY_BRIGHTNESS_MAX = 15, PHY_PRESENCE_DEFAULT_S = 30 };
/* Bits of `curves`; a curve that has none is always there. */
enum {
    PHY_CURVE_P256 = 0x001,
    PHY_CURVE_P384 = 0x002,
    PHY_CURVE_P521 = 0x004,
    PHY_CURVE_SECP256K1 = 0x008,
    PHY_CURVE_BP256 = 0x010,
    PHY_CURVE_BP384 = 0x020,
    PHY_CURVE_BP512 = 0x040,
    PHY_CURVE_ED25519 = 0x080,
    PHY_CURVE_ED448 = 0x100,
    PHY_CURVE_X25519 = 0x200,
    PHY_CURVE_X448 = 0x400
};

/* The most bytes that phy_put appends. */
#define PHY_SIZE_MAX 67u

/* All fields may be used whether or not their record was there; where the default is the board's own, ask phy_has. */
struct phy {
    uint32_t present;                  /* 1 << tag for each record that is there                                */
    uint16_t vid, pid;                 /* default: the board's, here 0                                          */
    uint8_t led_gpio;                  /* any value; default: the board's, here 0                               */
    uint8_t led_brightness;            /* 0..15; default 15                                                     */
    uint16_t options;                  /* PHY_OPTION_ bits; default WCID                                        */
    uint8_t presence_s;                /* seconds to wait for the button; 0: confirmed by itself; default 30    */
    char product[PHY_PRODUCT_MAX + 1]; /* printable ASCII with its zero; default: the board's, here ""          */
    uint32_t curves;                   /* PHY_CURVE_ bits; default all ones                                     */
    uint8_t interfaces;                /* PHY_USB_ bits; default all ones. See phy_usb                          */
    uint8_t led_driver;                /* enum phy_led_driver; default: the board's, here PHY_LED_NONE          */
    uint8_t led_order;                 /* enum phy_led_order; default: the board's, here PHY_ORDER_UNKNOWN      */
};

/* Reads records in any order. The first of a tag wins; unknown tags are skipped; a record with a length or a value that
 * its tag cannot have is ignored (a product name that is empty or not printable ASCII, a brightness over 15, an unknown
 * LED driver or order); one that is longer than the rest ends the reading. Any bytes may be given. */
void phy_read(bytes records, struct phy *out);

/* Appends the records that are present, by ascending tag, at most PHY_SIZE_MAX bytes; `full` when they do not fit. */
void phy_put(const struct phy *phy, buf *out);

/* Is there a record with this tag? */
static inline bool phy_has(const struct phy *phy, enum phy_tag tag)
{
    return phy->present >> tag & 1;
}

/* The USB interfaces to offer: CCID, WCID or both, never none, since a device without any could not be told otherwise
 * again. WCID is there when neither the options nor the interfaces say no. */
unsigned phy_usb(const struct phy *phy);

#endif
