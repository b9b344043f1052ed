/* SPDX-License-Identifier: Apache-2.0 */
/* TinyUSB's application driver, and its descriptor callbacks. */
#include "boards/rp2/usb.h"

#include <device/usbd_pvt.h>
#include <tusb.h>

#define PORT 0
#define NOBODY (-1)

enum { CCID_REQUEST_ABORT = 1 };

/* The one global: TinyUSB's callbacks have no argument for it. */
static struct usb *current;

/* Endpoints of each slot, 0: none. */
static const struct {
    uint8_t out, in, notify, class;
} endpoints[USB_SLOT_COUNT] = {
    [USB_SLOT_CCID] = {USB_CCID_OUT, USB_CCID_IN, USB_CCID_NOTIFY, TUSB_CLASS_SMART_CARD},
    [USB_SLOT_WCID] = {USB_WCID_OUT, USB_WCID_IN, 0, TUSB_CLASS_VENDOR_SPECIFIC},
};

/* ---- packets ---- */

static void serve_in(struct usb_slot *s, uint8_t endpoint)
{
    size_t size;
    if (s->sending || !ccid_send(&s->ccid, s->in, &size)) return;
    s->sending = usbd_edpt_xfer(PORT, endpoint, s->in, (uint16_t)size);
}

static void serve_out(struct usb_slot *s, uint8_t endpoint)
{
    if (s->held && ccid_ready(&s->ccid)) {
        s->held = false;
        ccid_receive(&s->ccid, (bytes){s->out, s->received});
    }
    if (s->held || s->receiving || !ccid_ready(&s->ccid)) return;
    s->receiving = usbd_edpt_xfer(PORT, endpoint, s->out, CCID_PACKET);
}

void usb_serve(struct usb *u, uint32_t now_ms)
{
    tud_task();
    for (unsigned i = 0; i < USB_SLOT_COUNT; i++) {
        struct usb_slot *s = &u->slots[i];
        if (!s->open) continue;
        serve_out(s, endpoints[i].out);
        ccid_tick(&s->ccid, now_ms);
        serve_in(s, endpoints[i].in);
    }
}

/* ---- jobs ---- */

struct usb_job usb_take_job(struct usb *u)
{
    struct usb_job job = {CCID_JOB_NONE, USB_SLOT_CCID, NO_BYTES};
    if (u->lost) {
        u->lost = false;
        job.kind = CCID_JOB_RESET;
        return job; /* nobody's: usb_answer has nothing to do */
    }
    for (unsigned i = 0; i < USB_SLOT_COUNT && job.kind == CCID_JOB_NONE; i++) {
        job.slot = (enum usb_slot_name)((u->next + i) % USB_SLOT_COUNT);
        struct usb_slot *s = &u->slots[job.slot];
        if (s->open) job.kind = ccid_job(&s->ccid, &job.apdu);
    }
    if (job.kind == CCID_JOB_NONE) return job;
    u->job_out = true;
    u->job_slot = job.slot;
    u->next = job.slot + 1;
    return job;
}

void usb_answer(struct usb *u, bytes answer)
{
    if (!u->job_out) return;
    struct usb_slot *s = &u->slots[u->job_slot];
    u->job_out = false;
    if (!span_copy(SPAN(s->answer), answer)) answer = NO_BYTES; /* longer than any: cannot be */
    ccid_done(&s->ccid, (bytes){s->answer, answer.n});
}

bool usb_cancelled(const struct usb *u)
{
    if (!u->job_out) return false;
    const struct usb_slot *s = &u->slots[u->job_slot];
    return !s->open || ccid_cancelled(&s->ccid);
}

bool usb_idle(const struct usb *u)
{
    for (unsigned i = 0; i < USB_SLOT_COUNT; i++)
        if (u->slots[i].open && u->slots[i].sending) return false;
    return true;
}

enum usb_state usb_state(void)
{
    if (!tud_mounted()) return USB_NOT_MOUNTED;
    return tud_suspended() ? USB_SUSPENDED : USB_READY;
}

/* ---- the driver ---- */

static void driver_init(void) {}

static bool driver_deinit(void)
{
    return true;
}

/* Bus reset, or another configuration: whatever was on its way is gone. */
static void driver_reset(uint8_t port)
{
    for (unsigned i = 0; i < USB_SLOT_COUNT; i++) {
        struct usb_slot *s = &current->slots[i];
        if (s->open) current->lost = true;
        s->open = s->sending = s->receiving = s->held = false;
    }
}

static int slot_of_class(uint8_t class)
{
    for (unsigned i = 0; i < USB_SLOT_COUNT; i++)
        if (endpoints[i].class == class) return (int)i;
    return NOBODY;
}

/* Opens every endpoint in the `n` bytes of an interface; how many bytes it has, 0: refused. */
static uint16_t open_endpoints(const tusb_desc_interface_t *interface, uint16_t n)
{
    const uint8_t *d = (const uint8_t *)interface;
    uint16_t at = tu_desc_len(d);
    for (unsigned left = interface->bNumEndpoints; left > 0;) {
        if (at >= n || tu_desc_len(d + at) == 0) return 0;
        if (tu_desc_type(d + at) == TUSB_DESC_ENDPOINT) {
            if (!usbd_edpt_open(PORT, (const tusb_desc_endpoint_t *)(d + at))) return 0;
            left--;
        }
        at = (uint16_t)(at + tu_desc_len(d + at));
    }
    return at;
}

static uint16_t driver_open(uint8_t port, const tusb_desc_interface_t *interface, uint16_t n)
{
    int which = slot_of_class(interface->bInterfaceClass);
    uint16_t size = which == NOBODY ? 0 : open_endpoints(interface, n);
    if (size == 0) return 0;
    struct usb_slot *s = &current->slots[which];
    s->open = true;
    ccid_open(&s->ccid, current->id->atr);
    if (endpoints[which].notify) {
        s->notify[0] = CCID_NOTIFY_PRESENT >> 8;
        s->notify[1] = CCID_NOTIFY_PRESENT & 0xFF;
        usbd_edpt_xfer(PORT, endpoints[which].notify, s->notify, sizeof s->notify);
    }
    return size;
}

static bool driver_transferred(uint8_t port, uint8_t endpoint, xfer_result_t result, uint32_t size)
{
    for (unsigned i = 0; i < USB_SLOT_COUNT; i++) {
        struct usb_slot *s = &current->slots[i];
        if (endpoint == endpoints[i].in) s->sending = false;
        if (endpoint != endpoints[i].out) continue;
        s->receiving = false;
        s->held = result == XFER_RESULT_SUCCESS && size <= CCID_PACKET;
        s->received = size;
    }
    return true;
}

/* Class requests to an interface; the one that CCID 1.1 needs is ABORT (5.3.1). Its number is the CCID interface's, 0. */
static bool driver_control(uint8_t port, uint8_t stage, const tusb_control_request_t *request)
{
    if (request->bmRequestType_bit.type != TUSB_REQ_TYPE_CLASS || request->bRequest != CCID_REQUEST_ABORT) return false;
    if (stage != CONTROL_STAGE_SETUP) return true;
    unsigned interface = request->wIndex & 0xFF;
    struct usb_slot *s = &current->slots[interface == 0 && current->id->ccid ? USB_SLOT_CCID : USB_SLOT_WCID];
    if (!s->open) return false;
    if (!ccid_abort(&s->ccid, (uint8_t)request->wValue, (uint8_t)(request->wValue >> 8))) return false;
    return tud_control_status(port, request);
}

const usbd_class_driver_t *usbd_app_driver_get_cb(uint8_t *count)
{
    static const usbd_class_driver_t driver = {
        .name = "CCID",
        .init = driver_init,
        .deinit = driver_deinit,
        .reset = driver_reset,
        .open = driver_open,
        .control_xfer_cb = driver_control,
        .xfer_cb = driver_transferred,
    };
    *count = 1;
    return &driver;
}

/* ---- descriptors ---- */

const uint8_t *tud_descriptor_device_cb(void)
{
    return current->device;
}

const uint8_t *tud_descriptor_configuration_cb(uint8_t index)
{
    return current->configuration;
}

const uint8_t *tud_descriptor_bos_cb(void)
{
    return current->bos;
}

const uint16_t *tud_descriptor_string_cb(uint8_t index, uint16_t language)
{
    buf b = BUF(current->string);
    return usb_put_string(&b, current->id, (enum usb_string)index) ? current->string : NULL;
}

/* What a browser or Windows asks the device itself. */
bool tud_vendor_control_xfer_cb(uint8_t port, uint8_t stage, const tusb_control_request_t *request)
{
    if (stage != CONTROL_STAGE_SETUP) return true;
    if (!current->id->wcid || request->bmRequestType_bit.direction != TUSB_DIR_IN) return false;
    buf b = BUF(current->vendor);
    if (request->bRequest == USB_REQUEST_WEBUSB && request->wValue == 1 && request->wIndex == 2) usb_put_url(&b);
    else if (request->bRequest == USB_REQUEST_MS_OS && request->wIndex == 7) usb_put_ms_os(&b, current->id);
    else return false;
    return tud_control_xfer(port, request, current->vendor, (uint16_t)b.n);
}

void usb_start(struct usb *u, const struct usb_identity *id)
{
    u->id = id;
    buf device = BUF(u->device), configuration = BUF(u->configuration), bos = BUF(u->bos);
    usb_put_device(&device, id);
    usb_put_configuration(&configuration, id);
    usb_put_bos(&bos, id);
    current = u;
    tusb_init();
}
