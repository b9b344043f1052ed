/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors, written down in the order of their tables. USB counts little-endian. */
#include "boards/rp2/usb_descriptors.h"

#include "link/ccid.h"

#define LE16(v) (uint8_t)((v)&0xFF), (uint8_t)((v) >> 8 & 0xFF)
#define LE32(v) LE16((v)&0xFFFF), LE16((uint32_t)(v) >> 16)

enum {
    DEVICE = 1,
    CONFIGURATION = 2,
    STRING = 3,
    INTERFACE = 4,
    ENDPOINT = 5,
    BOS = 15,
    CAPABILITY = 16,
    CCID_CLASS = 0x21
};
enum { BULK = 2, INTERRUPT = 3 };

#define SMART_CARD 0x0B
#define VENDOR_SPECIFIC 0xFF
#define ENGLISH 0x0409
#define URL "www.picokeys.com" /* where web pages live that speak WebUSB to this interface (apdu.md 1.4) */

void usb_put_device(buf *out, const struct usb_identity *id)
{
    put_bytes(out, LITERAL(18, DEVICE, LE16(0x0210), 0, 0, 0, 64, LE16(id->vid), LE16(id->pid), LE16(0x0900),
                           USB_STRING_MANUFACTURER, USB_STRING_PRODUCT, USB_STRING_SERIAL, 1));
}

/* ---- configuration ---- */

static void put_interface(buf *out, uint8_t number, uint8_t endpoints, uint8_t class, enum usb_string name)
{
    put_bytes(out, LITERAL(9, INTERFACE, number, 0, endpoints, class, 0, 0, (uint8_t)name));
}

static void put_endpoint(buf *out, uint8_t address, uint8_t kind, uint8_t interval)
{
    put_bytes(out, LITERAL(7, ENDPOINT, address, kind, LE16(64), interval));
}

/* The functional descriptor of CCID 1.1, 5.1; the vendor's interface has it without its last byte. */
static void put_ccid(buf *out, uint8_t size)
{
    const uint8_t ccid[] = {
        size,
        CCID_CLASS,
        LE16(0x0110),
        0,       /* bMaxSlotIndex: one slot                                      */
        1,       /* bVoltageSupport: 5 V                                         */
        LE32(3), /* dwProtocols: T=0, T=1                                        */
        LE32(0xDFC),
        LE32(0xDFC),
        0, /* clock, kHz: default, maximum, number of others               */
        LE32(0x2580),
        LE32(0x2580),
        0,          /* data rate, bit/s                                             */
        LE32(0xFE), /* dwMaxIFSD                                                    */
        LE32(0),
        LE32(0),          /* dwSynchProtocols, dwMechanical                               */
        LE32(0x00040840), /* parameters and IFSD are the reader's; short and extended APDUs */
        LE32(CCID_MESSAGE_MAX),
        0xFF,
        0xFF,
        LE16(0), /* bClassGetResponse, bClassEnvelope, wLcdLayout                */
        0,       /* bPINSupport                                                  */
        1,       /* bMaxCCIDBusySlots                                            */
    };
    put_bytes(out, bytes_first(BYTES(ccid), size));
}

static void put_ccid_interface(buf *out, uint8_t number)
{
    put_interface(out, number, 3, SMART_CARD, USB_STRING_CCID);
    put_ccid(out, 54);
    put_endpoint(out, USB_CCID_OUT, BULK, 0);
    put_endpoint(out, USB_CCID_IN, BULK, 0);
    put_endpoint(out, USB_CCID_NOTIFY, INTERRUPT, 10);
}

static void put_wcid_interface(buf *out, uint8_t number)
{
    put_interface(out, number, 2, VENDOR_SPECIFIC, USB_STRING_WCID);
    put_ccid(out, 53);
    put_endpoint(out, USB_WCID_OUT, BULK, 0);
    put_endpoint(out, USB_WCID_IN, BULK, 0);
}

void usb_put_configuration(buf *out, const struct usb_identity *id)
{
    size_t start = out->n;
    uint8_t count = 0;
    put_bytes(out, LITERAL(9, CONFIGURATION, 0, 0, 0, 1, 0, 0xA0, 2)); /* bus powered, wakes up, 4 mA */
    if (id->ccid) put_ccid_interface(out, count++);
    if (id->wcid) put_wcid_interface(out, count++);
    if (out->full) return;
    out->p[start + 2] = (uint8_t)(out->n - start);
    out->p[start + 4] = count;
}

/* ---- WebUSB and Windows ---- */

void usb_put_bos(buf *out, const struct usb_identity *id)
{
    if (!id->wcid) {
        put_bytes(out, LITERAL(5, BOS, LE16(5), 0));
        return;
    }
    put_bytes(out, LITERAL(5, BOS, LE16(5 + 24 + 28), 2));
    put_bytes(out, LITERAL(24, CAPABILITY, 5, 0, /* {3408b638-09a9-47a0-8bfd-a0768815b665}: WebUSB 1.0 */
                           0x38, 0xB6, 0x08, 0x34, 0xA9, 0x09, 0xA0, 0x47, 0x8B, 0xFD, 0xA0, 0x76, 0x88, 0x15, 0xB6,
                           0x65, LE16(0x0100), USB_REQUEST_WEBUSB, 1));
    put_bytes(out, LITERAL(28, CAPABILITY, 5, 0, /* {d8dd60df-4589-4cc7-9cd2-659d9e648a9f}: Microsoft OS 2.0 */
                           0xDF, 0x60, 0xDD, 0xD8, 0x89, 0x45, 0xC7, 0x4C, 0x9C, 0xD2, 0x65, 0x9D, 0x9E, 0x64, 0x8A,
                           0x9F, LE32(0x06030000), LE16(USB_MS_OS_SIZE), USB_REQUEST_MS_OS, 0));
}

static void put_utf16(buf *out, bytes ascii)
{
    for (size_t i = 0; i < ascii.n; i++) put_bytes(out, LITERAL(ascii.p[i], 0));
}

void usb_put_ms_os(buf *out, const struct usb_identity *id)
{
    put_bytes(out, LITERAL(LE16(10), LE16(0), LE32(0x06030000), LE16(USB_MS_OS_SIZE)));        /* set header     */
    put_bytes(out, LITERAL(LE16(8), LE16(1), 0, 0, LE16(USB_MS_OS_SIZE - 10)));                /* configuration  */
    put_bytes(out, LITERAL(LE16(8), LE16(2), id->ccid ? 1 : 0, 0, LE16(USB_MS_OS_SIZE - 18))); /* the interface  */
    put_bytes(out, LITERAL(LE16(20), LE16(3)));                                                /* compatible id  */
    put_bytes(out, TEXT("WINUSB"));
    put_zeros(out, 10);
    put_bytes(out, LITERAL(LE16(132), LE16(4), LE16(7), LE16(42))); /* registry property, a REG_MULTI_SZ */
    put_utf16(out, BYTES("DeviceInterfaceGUIDs"));                  /* with its zero */
    put_bytes(out, LITERAL(LE16(80)));
    put_utf16(out, BYTES("{975F44D9-0D08-43FD-8B3E-127CA8AFFF9D}"));
    put_zeros(out, 2);
}

void usb_put_url(buf *out)
{
    put_bytes(out, LITERAL(sizeof URL - 1 + 3, 3, 1)); /* a URL descriptor, https:// */
    put_bytes(out, TEXT(URL));
}

/* ---- strings ---- */

static bytes c_string(const char *s)
{
    return (bytes){(const uint8_t *)s, strlen(s)};
}

bool usb_put_string(buf *out, const struct usb_identity *id, enum usb_string which)
{
    const char *text = "", *more = "";
    size_t start = out->n;
    put_bytes(out, LITERAL(0, STRING));
    switch (which) {
    case USB_STRING_LANGUAGE: put_bytes(out, LITERAL(LE16(ENGLISH))); break;
    case USB_STRING_MANUFACTURER: text = "Pico HSM project"; break;
    case USB_STRING_PRODUCT: text = id->product; break;
    case USB_STRING_SERIAL: text = id->serial; break;
    case USB_STRING_CCID: text = id->product, more = " CCID Interface"; break;
    case USB_STRING_WCID: text = id->product, more = " WebCCID Interface"; break;
    default: return false;
    }
    put_utf16(out, c_string(text));
    put_utf16(out, c_string(more));
    if (!out->full) out->p[start] = (uint8_t)(out->n - start);
    return !out->full;
}
