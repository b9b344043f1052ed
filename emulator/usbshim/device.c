/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The bus with its one device: finding, opening, and transfers that wait for their end. */
#include "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIND_MS = 5000, DESCRIPTOR_MS = 2000, CONFIG_MAX = 4096, STRING_MAX = 255 };

/* A device as it was when somebody looked; freed when neither a list nor a handle has it. */
struct libusb_device {
    int users;
    struct libusb_device_descriptor descriptor;
};

struct libusb_device_handle {
    struct libusb_device *device;
};

static void let_go(struct libusb_device *device)
{
    if (__atomic_sub_fetch(&device->users, 1, __ATOMIC_ACQ_REL) == 0) free(device);
}

/* ---- control ---- */

static int get_descriptor(uint8_t type, uint8_t index, uint16_t language, void *into, uint16_t room,
                          uint32_t timeout_ms)
{
    const uint8_t setup[8] = {LIBUSB_ENDPOINT_IN, LIBUSB_REQUEST_GET_DESCRIPTOR, index,         type,
                              (uint8_t)language,  (uint8_t)(language >> 8),      (uint8_t)room, (uint8_t)(room >> 8)};
    return shim_control(setup, into, timeout_ms);
}

int LIBUSB_CALL libusb_control_transfer(libusb_device_handle *handle, uint8_t type, uint8_t request, uint16_t value,
                                        uint16_t index, unsigned char *data, uint16_t length, unsigned int timeout_ms)
{
    const uint8_t setup[8] = {type,
                              request,
                              (uint8_t)value,
                              (uint8_t)(value >> 8),
                              (uint8_t)index,
                              (uint8_t)(index >> 8),
                              (uint8_t)length,
                              (uint8_t)(length >> 8)};
    return shim_control(setup, data, timeout_ms);
}

/* ---- finding ---- */

static struct libusb_device *look(void)
{
    uint8_t d[LIBUSB_DT_DEVICE_SIZE];
    if (get_descriptor(LIBUSB_DT_DEVICE, 0, 0, d, sizeof d, FIND_MS) != sizeof d) return NULL;
    struct libusb_device *device = malloc(sizeof *device);
    if (device == NULL) return NULL;
    device->users = 1;
    device->descriptor = (struct libusb_device_descriptor){.bLength = d[0],
                                                           .bDescriptorType = d[1],
                                                           .bcdUSB = (uint16_t)(d[2] | d[3] << 8),
                                                           .bDeviceClass = d[4],
                                                           .bDeviceSubClass = d[5],
                                                           .bDeviceProtocol = d[6],
                                                           .bMaxPacketSize0 = d[7],
                                                           .idVendor = (uint16_t)(d[8] | d[9] << 8),
                                                           .idProduct = (uint16_t)(d[10] | d[11] << 8),
                                                           .bcdDevice = (uint16_t)(d[12] | d[13] << 8),
                                                           .iManufacturer = d[14],
                                                           .iProduct = d[15],
                                                           .iSerialNumber = d[16],
                                                           .bNumConfigurations = d[17]};
    return device;
}

int LIBUSB_CALL libusb_init(libusb_context **ctx)
{
    if (ctx != NULL) *ctx = NULL; /* the default context is the only one */
    if (getenv(SHIM_SOCKET_VARIABLE) != NULL) return LIBUSB_SUCCESS;
    fputs("usbshim: " SHIM_SOCKET_VARIABLE " does not say where the emulated board is\n", stderr);
    return LIBUSB_ERROR_OTHER;
}

void LIBUSB_CALL libusb_exit(libusb_context *ctx) {}

ssize_t LIBUSB_CALL libusb_get_device_list(libusb_context *ctx, libusb_device ***list)
{
    *list = calloc(2, sizeof(libusb_device *)); /* ends with NULL */
    if (*list == NULL) return LIBUSB_ERROR_NO_MEM;
    (*list)[0] = look();
    return (*list)[0] != NULL;
}

void LIBUSB_CALL libusb_free_device_list(libusb_device **list, int unref_devices)
{
    if (list == NULL) return;
    if (unref_devices && list[0] != NULL) let_go(list[0]);
    free(list);
}

uint8_t LIBUSB_CALL libusb_get_bus_number(libusb_device *device)
{
    return 1;
}
uint8_t LIBUSB_CALL libusb_get_device_address(libusb_device *device)
{
    return 1;
}

int LIBUSB_CALL libusb_get_device_descriptor(libusb_device *device, struct libusb_device_descriptor *descriptor)
{
    *descriptor = device->descriptor;
    return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_get_active_config_descriptor(libusb_device *device, struct libusb_config_descriptor **config)
{
    uint8_t bytes[CONFIG_MAX];
    int size = get_descriptor(LIBUSB_DT_CONFIG, 0, 0, bytes, sizeof bytes, DESCRIPTOR_MS);
    if (size < 0) return size;
    *config = shim_parse_config(bytes, (uint32_t)size);
    return *config != NULL ? LIBUSB_SUCCESS : LIBUSB_ERROR_IO;
}

void LIBUSB_CALL libusb_free_config_descriptor(struct libusb_config_descriptor *config)
{
    free(config);
}

/* Text in the first language that the device has; what is not ASCII becomes a question mark. */
int LIBUSB_CALL libusb_get_string_descriptor_ascii(libusb_device_handle *handle, uint8_t index, unsigned char *data,
                                                   int length)
{
    uint8_t raw[STRING_MAX];
    if (index == 0 || length < 1) return LIBUSB_ERROR_INVALID_PARAM;
    int size = get_descriptor(LIBUSB_DT_STRING, 0, 0, raw, sizeof raw, DESCRIPTOR_MS);
    if (size < 0) return size;
    if (size < 4) return LIBUSB_ERROR_IO;
    size = get_descriptor(LIBUSB_DT_STRING, index, (uint16_t)(raw[2] | raw[3] << 8), raw, sizeof raw, DESCRIPTOR_MS);
    if (size < 0) return size;
    if (size < 2 || raw[0] != size || raw[1] != LIBUSB_DT_STRING) return LIBUSB_ERROR_IO;
    int n = 0;
    for (int at = 2; at + 1 < size && n < length - 1; at += 2)
        data[n++] = raw[at + 1] == 0 && raw[at] < 0x80 ? raw[at] : '?';
    data[n] = 0;
    return n;
}

/* ---- opening ---- */

int LIBUSB_CALL libusb_open(libusb_device *device, libusb_device_handle **handle)
{
    *handle = malloc(sizeof **handle);
    if (*handle == NULL) return LIBUSB_ERROR_NO_MEM;
    (*handle)->device = device;
    __atomic_add_fetch(&device->users, 1, __ATOMIC_ACQ_REL);
    return LIBUSB_SUCCESS;
}

void LIBUSB_CALL libusb_close(libusb_device_handle *handle)
{
    if (handle == NULL) return;
    let_go(handle->device);
    free(handle);
}

/* The emulator has one host, so nobody else can have claimed it. */
int LIBUSB_CALL libusb_claim_interface(libusb_device_handle *handle, int number)
{
    return LIBUSB_SUCCESS;
}
int LIBUSB_CALL libusb_release_interface(libusb_device_handle *handle, int number)
{
    return LIBUSB_SUCCESS;
}

/* ---- data ---- */

int LIBUSB_CALL libusb_bulk_transfer(libusb_device_handle *handle, unsigned char endpoint, unsigned char *data,
                                     int length, int *transferred, unsigned int timeout_ms)
{
    bool in = (endpoint & LIBUSB_ENDPOINT_IN) != 0;
    uint32_t n = (uint32_t)length;
    if (in && n > EMU_LENGTH_MAX) n = EMU_LENGTH_MAX; /* room that nobody will need */
    const struct emu_request request = {.op = EMU_DATA, .endpoint = endpoint, .timeout_ms = timeout_ms, .length = n};
    uint32_t got = 0;
    int error = shim_begin(&request, data);
    if (error >= 0) error = shim_end(error, timeout_ms, in ? data : NULL, n, &got);
    if (transferred != NULL) *transferred = (int)got;
    return error;
}
