/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The bytes of a configuration descriptor (USB 2.0, 9.6) taken apart the way libusb shows them. What is of a class
 * stays with what it follows: libccid looks for its 54 bytes in the `extra` of the interface. */
#include "shim.h"

#include <stdlib.h>
#include <string.h>

enum { INTERFACES_MAX = 8, ENDPOINTS_MAX = 16 }; /* of a configuration; of an interface */

/* One block, so that one free() ends it. */
struct parsed {
    struct libusb_config_descriptor config; /* first: its address is the block's */
    struct libusb_interface interfaces[INTERFACES_MAX];
    struct libusb_interface_descriptor settings[INTERFACES_MAX];
    struct libusb_endpoint_descriptor endpoints[INTERFACES_MAX][ENDPOINTS_MAX];
    /* Where class descriptors go: those of the last descriptor that is not one. */
    const unsigned char **extra;
    int *extra_length;
    bool alternate; /* within a setting that is left out */
    uint8_t bytes[];
};

static void extras_go_to(struct parsed *p, const unsigned char **extra, int *length)
{
    p->extra = extra;
    p->extra_length = length;
}

static bool add_interface(struct parsed *p, const uint8_t *d)
{
    p->alternate = d[3] != 0;
    if (p->alternate) return true;
    if (p->config.bNumInterfaces == INTERFACES_MAX) return false;
    struct libusb_interface_descriptor *to = &p->settings[p->config.bNumInterfaces];
    *to = (struct libusb_interface_descriptor){.bLength = d[0],
                                               .bDescriptorType = d[1],
                                               .bInterfaceNumber = d[2],
                                               .bAlternateSetting = d[3],
                                               .bInterfaceClass = d[5],
                                               .bInterfaceSubClass = d[6],
                                               .bInterfaceProtocol = d[7],
                                               .iInterface = d[8],
                                               .endpoint = p->endpoints[p->config.bNumInterfaces]};
    p->interfaces[p->config.bNumInterfaces++] = (struct libusb_interface){.altsetting = to, .num_altsetting = 1};
    extras_go_to(p, &to->extra, &to->extra_length);
    return true;
}

static bool add_endpoint(struct parsed *p, const uint8_t *d)
{
    if (p->alternate) return true;
    if (p->config.bNumInterfaces == 0) return false;
    struct libusb_interface_descriptor *of = &p->settings[p->config.bNumInterfaces - 1];
    if (of->bNumEndpoints == ENDPOINTS_MAX) return false;
    struct libusb_endpoint_descriptor *to = &p->endpoints[p->config.bNumInterfaces - 1][of->bNumEndpoints++];
    *to = (struct libusb_endpoint_descriptor){.bLength = d[0],
                                              .bDescriptorType = d[1],
                                              .bEndpointAddress = d[2],
                                              .bmAttributes = d[3],
                                              .wMaxPacketSize = (uint16_t)(d[4] | d[5] << 8),
                                              .bInterval = d[6]};
    extras_go_to(p, &to->extra, &to->extra_length);
    return true;
}

static bool add_extra(struct parsed *p, const uint8_t *d)
{
    if (p->alternate) return true;
    if (*p->extra_length == 0) *p->extra = d;
    *p->extra_length += d[0];
    return true;
}

static bool add(struct parsed *p, const uint8_t *d)
{
    if (d[1] == LIBUSB_DT_INTERFACE) return d[0] >= LIBUSB_DT_INTERFACE_SIZE && add_interface(p, d);
    if (d[1] == LIBUSB_DT_ENDPOINT) return d[0] >= LIBUSB_DT_ENDPOINT_SIZE && add_endpoint(p, d);
    return add_extra(p, d);
}

static bool parse(struct parsed *p, uint32_t size)
{
    uint8_t announced = p->bytes[4];
    for (uint32_t at = p->bytes[0]; at < size; at += p->bytes[at])
        if (size - at < 2 || p->bytes[at] < 2 || p->bytes[at] > size - at || !add(p, p->bytes + at)) return false;
    for (int i = 0; i < p->config.bNumInterfaces; i++)
        if (p->settings[i].bNumEndpoints == 0) p->settings[i].endpoint = NULL;
    return p->config.bNumInterfaces == announced;
}

struct libusb_config_descriptor *shim_parse_config(const uint8_t *bytes, uint32_t size)
{
    if (size < LIBUSB_DT_CONFIG_SIZE || bytes[0] < LIBUSB_DT_CONFIG_SIZE || bytes[0] > size ||
        bytes[1] != LIBUSB_DT_CONFIG || size != (uint32_t)(bytes[2] | bytes[3] << 8))
        return NULL;
    struct parsed *p = calloc(1, sizeof *p + size);
    if (p == NULL) return NULL;
    memcpy(p->bytes, bytes, size);
    p->config = (struct libusb_config_descriptor){.bLength = bytes[0],
                                                  .bDescriptorType = bytes[1],
                                                  .wTotalLength = (uint16_t)size,
                                                  .bConfigurationValue = bytes[5],
                                                  .iConfiguration = bytes[6],
                                                  .bmAttributes = bytes[7],
                                                  .MaxPower = bytes[8],
                                                  .interface = p->interfaces};
    extras_go_to(p, &p->config.extra, &p->config.extra_length);
    if (parse(p, size)) return &p->config;
    free(p);
    return NULL;
}
