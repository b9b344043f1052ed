/* SPDX-License-Identifier: Apache-2.0 */
/* The libusb replacement against a board played by a thread of this program: what a request looks like on the socket,
 * and what each answer, each silence and each farewell becomes for libccid. */
#include "shim.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- the board ---- */

/* clang-format off */
static const uint8_t device_descriptor[] = {18, 1, 0x10, 2, 0, 0, 0, 64, 0x8A, 0x2E, 0xFD, 0x10, 0, 9, 1, 2, 3, 1};
#define CCID_54 54, 0x21, 0x10, 0x01, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
    27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53
#define CONFIG_SIZE (9 + 9 + 54 + 3 * 7 + 9 + 7 + 4)
static const uint8_t config_descriptor[CONFIG_SIZE] = {
    9, 2, CONFIG_SIZE, 0, 2, 1, 0, 0xA0, 2,
    9, 4, 0, 0, 3, 0x0B, 0, 0, 4,   CCID_54,
    7, 5, 0x01, 2, 64, 0, 0,   7, 5, 0x82, 2, 64, 0, 0,   7, 5, 0x83, 3, 64, 0, 10,
    9, 4, 1, 0, 1, 0xFF, 0, 0, 5,   7, 5, 0x04, 2, 0, 2, 0,   4, 0x25, 1, 2,
};
static const uint8_t languages[] = {4, 3, 0x09, 0x04};
static const uint8_t product[] = {12, 3, 'P', 0, 'i', 0, 0xE9, 0, 'o', 0, 0xAC, 0x20};
/* clang-format on */

/* What the board does with a request that asks for no descriptor. */
enum manner { ECHO, ANSWER, HANG_UP, HALF_AN_ANSWER, SILENCE };

static struct board {
    char path[108];
    int listener;
    pthread_t thread;
    enum manner manner;
    struct emu_response response;
    uint8_t reply[EMU_LENGTH_MAX];
    /* what came last */
    struct emu_request request;
    uint8_t data[EMU_LENGTH_MAX];
    bool cancelled; /* the client left before an answer */
    bool descriptors_stall;
    const uint8_t *config;
    uint32_t config_size;
} board;

/* The client may have had enough before the end. */
static void answer(int fd, int32_t status, const void *data, uint32_t size)
{
    const struct emu_response r = {.status = status, .length = size};
    send(fd, &r, sizeof r, MSG_NOSIGNAL);
    if (data != NULL && size > 0) send(fd, data, size, MSG_NOSIGNAL);
}

static void answer_descriptor(int fd, const struct emu_request *r)
{
    const struct {
        uint8_t type, index;
        const uint8_t *bytes;
        uint32_t size;
    } all[] = {
        {1, 0, device_descriptor, sizeof device_descriptor},
        {2, 0, board.config, board.config_size},
        {3, 0, languages, sizeof languages},
        {3, 2, product, sizeof product},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all && !board.descriptors_stall; i++) {
        if (all[i].type != r->setup[3] || all[i].index != r->setup[2]) continue;
        answer(fd, EMU_OK, all[i].bytes, all[i].size < r->length ? all[i].size : r->length);
        return;
    }
    answer(fd, EMU_STALL, NULL, 0);
}

static void play(int fd, const struct emu_request *r, bool in)
{
    uint8_t byte;
    switch (board.manner) {
    case ECHO: answer(fd, EMU_OK, in ? board.reply : NULL, r->length); break;
    case ANSWER: answer(fd, board.response.status, in ? board.reply : NULL, board.response.length); break;
    case HANG_UP: break;
    case HALF_AN_ANSWER: send(fd, &board.response, sizeof board.response / 2, MSG_NOSIGNAL); break;
    case SILENCE: board.cancelled = recv(fd, &byte, 1, 0) == 0; break;
    }
}

static void serve(int fd)
{
    struct emu_request r;
    assert_int_equal(recv(fd, &r, sizeof r, MSG_WAITALL), sizeof r);
    bool in = (r.op == EMU_CONTROL ? r.setup[0] : r.endpoint) & 0x80;
    if (!in && r.length > 0) assert_int_equal(recv(fd, board.data, r.length, MSG_WAITALL), r.length);
    board.request = r;
    if (r.op == EMU_CONTROL && r.setup[0] == 0x80 && r.setup[1] == 6) answer_descriptor(fd, &r);
    else play(fd, &r, in);
}

static void *serve_all(void *unused)
{
    for (int fd; (fd = accept(board.listener, NULL, NULL)) >= 0; close(fd)) serve(fd);
    return NULL;
}

static int start(void **state)
{
    memset(&board, 0, sizeof board);
    board.config = config_descriptor;
    board.config_size = sizeof config_descriptor;
    for (size_t i = 0; i < sizeof board.reply; i++) board.reply[i] = (uint8_t)(i * 7);
    snprintf(board.path, sizeof board.path, "/tmp/usbshim.%ld", (long)getpid());
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    memcpy(at.sun_path, board.path, sizeof at.sun_path);
    unlink(board.path);
    board.listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(board.listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(board.listener, 8) != 0) return -1;
    setenv("USBSHIM_SOCKET", board.path, 1);
    return pthread_create(&board.thread, NULL, serve_all, NULL);
}

static int stop(void **state)
{
    shutdown(board.listener, SHUT_RDWR);
    pthread_join(board.thread, NULL);
    close(board.listener);
    return unlink(board.path);
}

static libusb_device_handle *open_board(void)
{
    libusb_device **list;
    libusb_device_handle *handle;
    assert_int_equal(libusb_get_device_list(NULL, &list), 1);
    assert_int_equal(libusb_open(list[0], &handle), 0);
    libusb_free_device_list(list, 1); /* the handle keeps the device */
    return handle;
}

/* ---- finding ---- */

static void a_board_is_found(void **state)
{
    libusb_context *ctx;
    libusb_device **list;
    struct libusb_device_descriptor d;
    assert_int_equal(libusb_init(&ctx), 0);
    assert_int_equal(libusb_get_device_list(ctx, &list), 1);
    assert_null(list[1]);
    assert_int_equal(libusb_get_bus_number(list[0]), 1);
    assert_int_equal(libusb_get_device_address(list[0]), 1);
    assert_int_equal(libusb_get_device_descriptor(list[0], &d), 0);
    assert_int_equal(d.idVendor, 0x2E8A);
    assert_int_equal(d.idProduct, 0x10FD);
    assert_int_equal(d.bcdUSB, 0x0210);
    assert_int_equal(d.bcdDevice, 0x0900);
    assert_int_equal(d.iSerialNumber, 3);
    libusb_free_device_list(list, 1);
    libusb_exit(ctx);
}

static void no_board_is_an_empty_bus(void **state)
{
    libusb_device **list;
    board.descriptors_stall = true;
    assert_int_equal(libusb_get_device_list(NULL, &list), 0);
    assert_null(list[0]);
    libusb_free_device_list(list, 1);
    setenv("USBSHIM_SOCKET", "/nowhere/at/all", 1);
    assert_int_equal(libusb_get_device_list(NULL, &list), 0);
    libusb_free_device_list(list, 1);
    unsetenv("USBSHIM_SOCKET");
    assert_int_equal(libusb_init(NULL), LIBUSB_ERROR_OTHER);
}

static void the_configuration_is_taken_apart(void **state)
{
    libusb_device **list;
    struct libusb_config_descriptor *config;
    assert_int_equal(libusb_get_device_list(NULL, &list), 1);
    assert_int_equal(libusb_get_active_config_descriptor(list[0], &config), 0);
    assert_int_equal(config->bNumInterfaces, 2);
    assert_int_equal(config->bmAttributes, 0xA0);
    assert_int_equal(config->extra_length, 0);
    const struct libusb_interface_descriptor *ccid = config->interface[0].altsetting;
    assert_int_equal(config->interface[0].num_altsetting, 1);
    assert_int_equal(ccid->bInterfaceClass, 0x0B);
    assert_int_equal(ccid->bNumEndpoints, 3);
    assert_int_equal(ccid->extra_length, 54);
    assert_memory_equal(ccid->extra, config_descriptor + 18, 54);
    assert_int_equal(ccid->endpoint[0].bEndpointAddress, 0x01);
    assert_int_equal(ccid->endpoint[2].bmAttributes, 3);
    assert_int_equal(ccid->endpoint[2].bInterval, 10);
    const struct libusb_interface_descriptor *other = config->interface[1].altsetting;
    assert_int_equal(other->bInterfaceClass, 0xFF);
    assert_int_equal(other->endpoint[0].wMaxPacketSize, 512);
    assert_int_equal(other->extra_length, 0);
    assert_int_equal(other->endpoint[0].extra_length, 4);
    assert_int_equal(other->endpoint[0].extra[1], 0x25);
    libusb_free_config_descriptor(config);
    libusb_free_device_list(list, 1);
}

/* Every shorter one, and every one with a byte of a descriptor's head changed, is refused or parsed, but never read
 * beyond: the block is cut to size. */
static void hostile_configurations(void **state)
{
    assert_null(shim_parse_config(config_descriptor, 0));
    for (uint32_t size = 0; size <= CONFIG_SIZE; size++) {
        uint8_t *cut = malloc(size + !size);
        memcpy(cut, config_descriptor, size);
        if (size > 3) cut[2] = (uint8_t)size;
        struct libusb_config_descriptor *config = shim_parse_config(cut, size);
        free(cut);
        /* all interfaces and whole descriptors are needed: only these ends are between two of them */
        bool whole = size >= 9 + 9 + 54 + 21 + 9;
        bool boundary = size == CONFIG_SIZE || size == CONFIG_SIZE - 4 || size == CONFIG_SIZE - 11;
        assert_int_equal(config != NULL, whole && boundary);
        libusb_free_config_descriptor(config);
    }
    for (uint32_t at = 0; at < CONFIG_SIZE; at++)
        for (uint32_t value = 0; value < 256; value++) {
            uint8_t *changed = malloc(CONFIG_SIZE);
            memcpy(changed, config_descriptor, CONFIG_SIZE);
            changed[at] = (uint8_t)value;
            libusb_free_config_descriptor(shim_parse_config(changed, CONFIG_SIZE));
            free(changed);
        }
}

static void alternate_settings_are_left_out(void **state)
{
    uint8_t config[CONFIG_SIZE];
    memcpy(config, config_descriptor, sizeof config);
    config[4] = 1;
    config[CONFIG_SIZE - 20 + 3] = 1; /* bAlternateSetting of what was the second interface */
    struct libusb_config_descriptor *parsed = shim_parse_config(config, sizeof config);
    assert_non_null(parsed);
    assert_int_equal(parsed->bNumInterfaces, 1);
    assert_int_equal(parsed->interface[0].altsetting->endpoint[2].extra_length, 0);
    libusb_free_config_descriptor(parsed);
}

static void strings(void **state)
{
    unsigned char text[32];
    libusb_device_handle *h = open_board();
    assert_int_equal(libusb_get_string_descriptor_ascii(h, 2, text, sizeof text), 5);
    assert_string_equal((char *)text, "Pi?o?");
    assert_int_equal(board.request.setup[4] | board.request.setup[5] << 8, 0x0409);
    assert_int_equal(libusb_get_string_descriptor_ascii(h, 2, text, 3), 2);
    assert_string_equal((char *)text, "Pi");
    assert_int_equal(libusb_get_string_descriptor_ascii(h, 7, text, sizeof text), LIBUSB_ERROR_PIPE);
    assert_int_equal(libusb_get_string_descriptor_ascii(h, 0, text, sizeof text), LIBUSB_ERROR_INVALID_PARAM);
    libusb_close(h);
}

/* ---- transfers ---- */

static void control_both_ways(void **state)
{
    uint8_t data[300] = {1, 2, 3};
    libusb_device_handle *h = open_board();
    assert_int_equal(libusb_claim_interface(h, 0), 0);
    assert_int_equal(libusb_control_transfer(h, 0x21, 1, 0x1234, 0x5678, data, 3, 77), 3);
    static const uint8_t setup[8] = {0x21, 1, 0x34, 0x12, 0x78, 0x56, 3, 0};
    assert_memory_equal(board.request.setup, setup, 8);
    assert_int_equal(board.request.op, EMU_CONTROL);
    assert_int_equal(board.request.timeout_ms, 77);
    assert_memory_equal(board.data, data, 3);
    assert_int_equal(libusb_control_transfer(h, 0xA1, 2, 0, 0, data, 300, 77), 300);
    assert_memory_equal(data, board.reply, 300);
    assert_int_equal(libusb_control_transfer(h, 0x21, 1, 0, 0, NULL, 0, 77), 0);
    assert_int_equal(libusb_release_interface(h, 0), 0);
    libusb_close(h);
}

static void bulk_both_ways(void **state)
{
    static uint8_t data[EMU_LENGTH_MAX + 100];
    static const int sizes[] = {0, 1, 63, 64, 65, 271, 4158, EMU_LENGTH_MAX};
    libusb_device_handle *h = open_board();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int size = sizes[i], got = -1;
        for (int k = 0; k < size; k++) data[k] = (uint8_t)(k * 3 + size);
        assert_int_equal(libusb_bulk_transfer(h, 0x01, data, size, &got, 100), 0);
        assert_int_equal(got, size);
        assert_int_equal(board.request.op, EMU_DATA);
        assert_int_equal(board.request.endpoint, 0x01);
        assert_memory_equal(board.data, data, (size_t)size);
        assert_int_equal(libusb_bulk_transfer(h, 0x82, data, size, &got, 100), 0);
        assert_int_equal(got, size);
        assert_memory_equal(data, board.reply, (size_t)size);
    }
    /* More room than a transfer has is no mistake, more data is. */
    assert_int_equal(libusb_bulk_transfer(h, 0x82, data, sizeof data, NULL, 100), 0);
    assert_int_equal(libusb_bulk_transfer(h, 0x01, data, sizeof data, NULL, 100), LIBUSB_ERROR_INVALID_PARAM);
    libusb_close(h);
}

static void every_outcome_has_its_error(void **state)
{
    static const struct {
        enum manner manner;
        struct emu_response response;
        int bulk_in, got_in, bulk_out, got_out;
    } rows[] = {
        {ANSWER, {EMU_OK, 5}, 0, 5, 0, 5},
        {ANSWER, {EMU_STALL, 0}, LIBUSB_ERROR_PIPE, 0, LIBUSB_ERROR_PIPE, 0},
        {ANSWER, {EMU_TIMEOUT, 0}, LIBUSB_ERROR_TIMEOUT, 0, LIBUSB_ERROR_TIMEOUT, 0},
        {ANSWER, {EMU_TIMEOUT, 6}, LIBUSB_ERROR_TIMEOUT, 6, LIBUSB_ERROR_TIMEOUT, 6}, /* cut short */
        {ANSWER, {EMU_GONE, 0}, LIBUSB_ERROR_NO_DEVICE, 0, LIBUSB_ERROR_NO_DEVICE, 0},
        {ANSWER, {EMU_FAULT, 0}, LIBUSB_ERROR_IO, 0, LIBUSB_ERROR_IO, 0},
        {ANSWER, {-99, 0}, LIBUSB_ERROR_IO, 0, LIBUSB_ERROR_IO, 0},
        {ANSWER, {EMU_OK, 11}, LIBUSB_ERROR_OVERFLOW, 0, 0, 11}, /* more than there is room for */
        {HANG_UP, {0, 0}, LIBUSB_ERROR_NO_DEVICE, 0, LIBUSB_ERROR_NO_DEVICE, 0},
        {HALF_AN_ANSWER, {0, 0}, LIBUSB_ERROR_NO_DEVICE, 0, LIBUSB_ERROR_NO_DEVICE, 0},
    };
    libusb_device_handle *h = open_board();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t data[10];
        int got = -1;
        board.manner = rows[i].manner;
        board.response = rows[i].response;
        assert_int_equal(libusb_bulk_transfer(h, 0x82, data, sizeof data, &got, 100), rows[i].bulk_in);
        assert_int_equal(got, rows[i].got_in);
        assert_int_equal(libusb_bulk_transfer(h, 0x01, data, sizeof data, &got, 100), rows[i].bulk_out);
        assert_int_equal(got, rows[i].got_out);
        int control = libusb_control_transfer(h, 0xA1, 3, 0, 0, data, sizeof data, 100);
        assert_int_equal(control, rows[i].bulk_in != 0 ? rows[i].bulk_in : rows[i].got_in);
    }
    libusb_close(h);
}

static void nobody_there(void **state)
{
    uint8_t data[4];
    int got = -1;
    libusb_device_handle *h = open_board();
    setenv("USBSHIM_SOCKET", "/nowhere/at/all", 1);
    assert_int_equal(libusb_bulk_transfer(h, 0x82, data, 4, &got, 100), LIBUSB_ERROR_NO_DEVICE);
    assert_int_equal(got, 0);
    assert_int_equal(libusb_control_transfer(h, 0xA1, 3, 0, 0, data, 4, 100), LIBUSB_ERROR_NO_DEVICE);
    libusb_close(h);
}

/* ---- asynchronous transfers ---- */

static void ended(struct libusb_transfer *transfer)
{
    ++*(int *)transfer->user_data;
}

static struct libusb_transfer *listen_for_events(libusb_device_handle *h, uint8_t *into, int size, int *done)
{
    struct libusb_transfer *t = libusb_alloc_transfer(0);
    assert_non_null(t);
    libusb_fill_interrupt_transfer(t, h, 0x83, into, size, ended, done, 0);
    assert_int_equal(libusb_submit_transfer(t), 0);
    return t;
}

static void until(int *done)
{
    for (int i = 0; i < 50 && !*done; i++) assert_int_equal(libusb_handle_events_completed(NULL, done), 0);
    assert_int_equal(*done, 1);
}

static void an_event_arrives(void **state)
{
    static const struct {
        struct emu_response response;
        enum libusb_transfer_status status;
    } rows[] = {
        {{EMU_OK, 2}, LIBUSB_TRANSFER_COMPLETED},      {{EMU_STALL, 0}, LIBUSB_TRANSFER_STALL},
        {{EMU_GONE, 0}, LIBUSB_TRANSFER_NO_DEVICE},    {{EMU_FAULT, 0}, LIBUSB_TRANSFER_ERROR},
        {{EMU_TIMEOUT, 0}, LIBUSB_TRANSFER_TIMED_OUT}, {{EMU_OK, 9}, LIBUSB_TRANSFER_OVERFLOW},
    };
    libusb_device_handle *h = open_board();
    board.manner = ANSWER;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t event[8];
        int done = 0;
        board.response = rows[i].response;
        struct libusb_transfer *t = listen_for_events(h, event, sizeof event, &done);
        until(&done);
        assert_int_equal(t->status, rows[i].status);
        if (t->status == LIBUSB_TRANSFER_COMPLETED) assert_int_equal(t->actual_length, 2);
        assert_int_equal(libusb_cancel_transfer(t), LIBUSB_ERROR_NOT_FOUND);
        libusb_free_transfer(t);
    }
    libusb_close(h);
}

static void *cancel_soon(void *transfer)
{
    usleep(20000);
    assert_int_equal(libusb_cancel_transfer(transfer), 0);
    return NULL;
}

static void cancelling_wakes_the_waiter_and_tells_the_board(void **state)
{
    uint8_t event[8];
    int done = 0;
    pthread_t thread;
    libusb_device_handle *h = open_board();
    board.manner = SILENCE;
    struct libusb_transfer *t = listen_for_events(h, event, sizeof event, &done);
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, t), 0);
    until(&done);
    pthread_join(thread, NULL);
    assert_int_equal(t->status, LIBUSB_TRANSFER_CANCELLED);
    libusb_free_transfer(t);
    libusb_close(h);
    board.manner = ECHO; /* the board is ready for the next one: it saw that the client left */
    libusb_close(open_board());
    assert_true(board.cancelled);
}

static void what_async_refuses(void **state)
{
    uint8_t event[8];
    libusb_device_handle *h = open_board();
    assert_null(libusb_alloc_transfer(1));
    struct libusb_transfer *t = libusb_alloc_transfer(0);
    libusb_fill_control_transfer(t, h, event, ended, NULL, 0);
    assert_int_equal(libusb_submit_transfer(t), LIBUSB_ERROR_NOT_SUPPORTED);
    libusb_fill_interrupt_transfer(t, h, 0x83, event, sizeof event, ended, NULL, 0);
    setenv("USBSHIM_SOCKET", "/nowhere/at/all", 1);
    assert_int_equal(libusb_submit_transfer(t), LIBUSB_ERROR_NO_DEVICE);
    libusb_free_transfer(t);
    libusb_close(h);
    int idle = 0;
    assert_int_equal(libusb_handle_events_completed(NULL, &idle), 0);
}

static void errors_have_names(void **state)
{
    assert_string_equal(libusb_error_name(0), "LIBUSB_SUCCESS");
    assert_string_equal(libusb_error_name(LIBUSB_ERROR_NO_DEVICE), "LIBUSB_ERROR_NO_DEVICE");
    assert_string_equal(libusb_error_name(12345), "**UNKNOWN**");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_board_is_found),
        TEST(no_board_is_an_empty_bus),
        TEST(the_configuration_is_taken_apart),
        TEST(hostile_configurations),
        TEST(alternate_settings_are_left_out),
        TEST(strings),
        TEST(control_both_ways),
        TEST(bulk_both_ways),
        TEST(every_outcome_has_its_error),
        TEST(nobody_there),
        TEST(an_event_arrives),
        TEST(cancelling_wakes_the_waiter_and_tells_the_board),
        TEST(what_async_refuses),
        TEST(errors_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
