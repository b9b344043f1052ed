/* SPDX-License-Identifier: Apache-2.0 */
/* PHY records: one row a tag. */
#include "wire/phy.h"

/* ---- values; a taker says whether it could be meant, and changes nothing otherwise ---- */

static bool take_vid_pid(struct phy *p, bytes v)
{
    p->vid = (uint16_t)be_get(bytes_first(v, 2));
    p->pid = (uint16_t)be_get(v);
    return true;
}

static void put_vid_pid(const struct phy *p, buf *out)
{
    put_u16(out, p->vid);
    put_u16(out, p->pid);
}

static bool take_gpio(struct phy *p, bytes v)
{
    p->led_gpio = v.p[0];
    return true;
}

static void put_gpio(const struct phy *p, buf *out)
{
    put_u8(out, p->led_gpio);
}

static bool take_brightness(struct phy *p, bytes v)
{
    if (v.p[0] > PHY_BRIGHTNESS_MAX) return false;
    p->led_brightness = v.p[0];
    return true;
}

static void put_brightness(const struct phy *p, buf *out)
{
    put_u8(out, p->led_brightness);
}

static bool take_options(struct phy *p, bytes v)
{
    p->options = (uint16_t)be_get(v);
    return true;
}

static void put_options(const struct phy *p, buf *out)
{
    put_u16(out, p->options);
}

static bool take_presence(struct phy *p, bytes v)
{
    p->presence_s = v.p[0];
    return true;
}

static void put_presence(const struct phy *p, buf *out)
{
    put_u8(out, p->presence_s);
}

/* The terminating zero is upstream's; some hosts leave it out. */
static bool take_product(struct phy *p, bytes v)
{
    if (v.p[v.n - 1] == 0) v.n--;
    if (v.n == 0 || v.n > PHY_PRODUCT_MAX) return false;
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] < 0x20 || v.p[i] > 0x7E) return false;
    }
    memcpy(p->product, v.p, v.n);
    p->product[v.n] = '\0';
    return true;
}

static void put_product(const struct phy *p, buf *out)
{
    size_t n = 0;
    while (n < PHY_PRODUCT_MAX && p->product[n]) n++;
    put_bytes(out, (bytes){(const uint8_t *)p->product, n});
    put_u8(out, 0);
}

static bool take_curves(struct phy *p, bytes v)
{
    p->curves = be_get(v);
    return true;
}

static void put_curves(const struct phy *p, buf *out)
{
    put_u32(out, p->curves);
}

static bool take_interfaces(struct phy *p, bytes v)
{
    p->interfaces = v.p[0];
    return true;
}

static void put_interfaces(const struct phy *p, buf *out)
{
    put_u8(out, p->interfaces);
}

static bool take_driver(struct phy *p, bytes v)
{
    bool known = (v.p[0] >= PHY_LED_GPIO_PIN && v.p[0] <= PHY_LED_NEOPIXEL) || v.p[0] == PHY_LED_NONE;
    if (!known || (v.n == 2 && v.p[1] > PHY_BGR)) return false;
    p->led_driver = v.p[0];
    p->led_order = v.n == 2 ? v.p[1] : PHY_ORDER_UNKNOWN;
    return true;
}

static void put_driver(const struct phy *p, buf *out)
{
    put_u8(out, p->led_driver);
    if (p->led_order != PHY_ORDER_UNKNOWN) put_u8(out, p->led_order);
}

/* ---- records ---- */

static const struct record {
    uint8_t tag, min, max; /* bytes of the value */
    bool (*take)(struct phy *p, bytes v);
    void (*put)(const struct phy *p, buf *out);
} records[] = {
    {PHY_VID_PID, 4, 4, take_vid_pid, put_vid_pid},
    {PHY_LED_GPIO, 1, 1, take_gpio, put_gpio},
    {PHY_LED_BRIGHTNESS, 1, 1, take_brightness, put_brightness},
    {PHY_OPTIONS, 2, 2, take_options, put_options},
    {PHY_PRESENCE_TIMEOUT, 1, 1, take_presence, put_presence},
    {PHY_PRODUCT, 1, PHY_PRODUCT_MAX + 1, take_product, put_product},
    {PHY_CURVES, 4, 4, take_curves, put_curves},
    {PHY_INTERFACES, 1, 1, take_interfaces, put_interfaces},
    {PHY_LED_DRIVER, 1, 2, take_driver, put_driver},
};

static void take(struct phy *p, uint8_t tag, bytes value)
{
    for (size_t i = 0; i < COUNT(records); i++) {
        const struct record *r = &records[i];
        if (r->tag != tag || phy_has(p, tag)) continue; /* the first wins */
        if (value.n >= r->min && value.n <= r->max && r->take(p, value)) p->present |= 1u << tag;
    }
}

void phy_read(bytes in, struct phy *out)
{
    *out = (struct phy){
        .led_brightness = PHY_BRIGHTNESS_MAX,
        .options = PHY_OPTION_WCID,
        .presence_s = PHY_PRESENCE_DEFAULT_S,
        .curves = 0xFFFFFFFF,
        .interfaces = 0xFF,
        .led_driver = PHY_LED_NONE,
        .led_order = PHY_ORDER_UNKNOWN,
    };
    reader r = read_from(in);
    while (r.left.n) {
        uint8_t tag = rd_u8(&r);
        bytes value = rd_take(&r, rd_u8(&r));
        if (r.bad) return;
        take(out, tag, value);
    }
}

void phy_put(const struct phy *phy, buf *out)
{
    for (size_t i = 0; i < COUNT(records); i++) {
        if (!phy_has(phy, records[i].tag)) continue;
        size_t at = out->n;
        put_u8(out, records[i].tag);
        put_u8(out, 0);
        records[i].put(phy, out);
        if (!out->full) out->p[at + 1] = (uint8_t)(out->n - at - 2);
    }
}

unsigned phy_usb(const struct phy *phy)
{
    unsigned offered = phy->interfaces & (PHY_USB_CCID | PHY_USB_WCID);
    if (!(phy->options & PHY_OPTION_WCID)) offered &= (unsigned)~PHY_USB_WCID;
    return offered ? offered : PHY_USB_CCID;
}
