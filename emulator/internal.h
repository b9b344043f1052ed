/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the parts of a board know of each other. */
#ifndef EMULATOR_INTERNAL_H
#define EMULATOR_INTERNAL_H

#include "board.h"

#include <unicorn/unicorn.h>

#define NEVER UINT64_MAX

/* Register blocks; memory.c has their addresses and functions. */
// clang-format off
enum block {
    NO_BLOCK, SYSINFO, SYSCFG, CLOCKS, RESETS, PSM, IO_BANK0, IO_QSPI, PADS_BANK0, PADS_QSPI, XOSC, PLL_SYS, PLL_USB,
    ACCESSCTRL, BUSCTRL, UART0, UART1, SPI0, SPI1, I2C0, I2C1, ADC, PWM, TIMER0, TIMER1, WATCHDOG, RTC, ROSC, VREG,
    TBMAN, HSTX, XIP_CTRL, SSI, QMI, BOOTRAM, TRNG, SHA256, POWMAN, TICKS, OTP, OTP_DATA, OTP_RAW, OTP_GUARDED,
    OTP_RAW_GUARDED, GLITCH, DMA, DPRAM, USB, PIO0, PIO1, PIO2, XIP_AUX, MAINTENANCE, SIO, PPB, BLOCK_COUNT
};

/* Why the block hook must look up from counting. */
enum attention {
    LOOK_TIME = 1,  /* a deadline may have moved */
    LOOK_IRQ = 2,   /* an exception is pending; stays while it is */
    LOOK_USB = 4,   /* a buffer was handed to the controller, or taken from it */
    LOOK_STOP = 8,  /* leave the slice */
    LOOK_XIP = 16,  /* flash cannot be read now; stays while it is so */
};

enum sleep { AWAKE, SLEEP_WFE, SLEEP_WFI, SLEEP_FLASH };
enum reset { RESET_POWER, RESET_WATCHDOG };

struct active { uint16_t exception; int16_t priority; };
// clang-format on

struct cpu {
    uc_engine *uc;
    uint32_t pc;
    enum sleep sleep;
    bool event;    /* the WFE event register */
    int interrupt; /* what UC_HOOK_INTR reported, -1: nothing */
    uint32_t fault_pc;
    uint32_t fault_at; /* address of the last refused access */
    bool locked;       /* for good: only a reset helps */
    bool bus_error;    /* a register access was refused: fault at the end of the block */
    struct active active[64];
    int depth;
    uint32_t block_at, block_end, block_taken; /* the block being executed; cycles if its end jumps */
};

struct nvic {
    uint64_t lines, pending, enabled;
    uint32_t system; /* pending exceptions 2 to 15, a bit each */
    uint64_t systick_from;
};

struct flash {
    uint8_t *p;
    uint32_t size;
    bool mapped, hidden;
    uint32_t operations;
    /* An erase or program call of the boot ROM that goes on, a sector or page at a time. */
    bool busy;
    bool erase;
    uint32_t at, left, unit, source;
    uint64_t until_us;
    /* the serial port of the flash */
    uint8_t command[5];
    uint32_t clocked;
    uint8_t in[16];
    uint32_t in_count;
    bool selected;
};

struct host {
    int stage; /* usb_host.c */
    uint64_t due_us;
    int failures;
    struct transfer *first;
    struct transfer own;
    uint8_t buffer[512];
    uint16_t packet[2][16]; /* wMaxPacketSize, [1]: from the device */
    uint16_t interrupt;     /* endpoints of that kind */
    bool toggle[2][16];
    bool half[2][16]; /* the controller's next half of a double buffer */
    uint64_t last_out_us;
};

struct decoded {
    uint32_t at;
    uint16_t size, count, cycles, taken;
    bool sev;
};

#define DECODED (1u << 16)

struct board {
    struct board_config config;
    enum chip chip;
    struct cpu cpu;
    struct nvic nvic;
    struct flash flash;
    struct host host;
    enum board_state state;
    unsigned look; /* enum attention */
    bool reset_wanted;
    uint32_t reset_reason;
    /* time */
    /* The first not beside the third: gcc would add both at once, slowly. */
    uint64_t instructions, slept, cycles, deadline;
    uint64_t base_cycles, base_us;
    uint32_t khz;
    /* memory */
    uint8_t *rom, *ram, *xip_ram;
    bool rom_written;
    uint32_t ram_size;
    uint32_t regs[BLOCK_COUNT][4096 / 4];
    struct region {
        struct board *b;
        uint32_t at;
    } regions[8];
    unsigned region_count;
    uint8_t owner[0x20000000u >> 14];
    enum block last_block; /* of the access going on */
    uint32_t complaints[64];
    uint32_t complaint_count;
    /* small peripherals */
    struct {
        uint64_t start_us, target_us[4];
        uint32_t latch;
    } timer[2];
    bool sof_pending;
    uint64_t sof_us, watchdog_us, calendar_us, calendar_seconds, calendar_latch, trng_us;
    uint64_t powman_ms, powman_us;
    uint64_t gpio_out, gpio_oe, gpio_seen;
    uint32_t boot_type, starts;
    bool flash_called; /* the boot ROM is inside a flash function */
    uint32_t *otp;
    uint64_t random, random_calls, random_store;
    unsigned random_bits;
    struct decoded decoded[DECODED];
};

/* board.c */
void board_reset_later(struct board *b, uint32_t reason);
void board_end(struct board *b, enum board_state state);
void set_khz(struct board *b, uint32_t khz);
uint64_t random_u64(struct board *b);
/* The entropy sources of the chip, as healthy as the configuration says. */
uint32_t entropy_bits(struct board *b, unsigned count);

/* memory.c */
bool memory_map(struct board *b);
void memory_reset(struct board *b, enum reset why);
/* Host memory of `n` bytes of RAM, ROM or flash at `at`; NULL when there is none. */
uint8_t *memory_at(struct board *b, uint32_t at, uint32_t n);
uint32_t memory_word(struct board *b, uint32_t at);
void complain(struct board *b, const char *what, uint32_t at);
static inline uint32_t *reg(struct board *b, enum block block, uint32_t at)
{
    return &b->regs[block][at / 4];
}

/* cpu.c */
bool cpu_open(struct board *b);
void cpu_start(struct board *b, uint32_t vectors);
void cpu_start_at(struct board *b, uint32_t pc, uint32_t sp);
void cpu_slice(struct board *b);
void cpu_bus_error(struct board *b, uint32_t at);
void cpu_take_exceptions(struct board *b);
uint32_t cpu_get(struct board *b, int unicorn_register);
void cpu_set(struct board *b, int unicorn_register, uint32_t value);

/* nvic.c */
void nvic_line(struct board *b, unsigned irq, bool level);
/* The exception to take now, 0: none. `ignore_masks`: what would be taken without PRIMASK, for WFI. */
unsigned nvic_next(struct board *b, bool ignore_masks);
int nvic_priority(struct board *b, unsigned exception);
bool nvic_any(const struct board *b);
void nvic_acknowledge(struct board *b, unsigned exception);
uint64_t nvic_due(struct board *b);
void nvic_fire(struct board *b);

/* bootrom.c */
void bootrom_build(struct board *b);
/* A BKPT of our ROM: does what the function is for. The core goes on behind it, unless it returns false. */
bool bootrom_trap(struct board *b, unsigned number);

/* otp.c */
bool otp_open(struct board *b);
void otp_close(struct board *b);
void otp_reset(struct board *b);
uint32_t otp_access(struct board *b, uint32_t buffer, uint32_t size, uint32_t row_and_flags);

/* flash.c */
bool flash_open(struct board *b);
void flash_close(struct board *b);
void flash_begin(struct board *b, bool erase, uint32_t at, uint32_t count, uint32_t source);
/* Ends the unit whose time has passed; true when the call has ended with it. */
bool flash_advance(struct board *b);
bool flash_readable(struct board *b);
/* Takes flash out of the memory map while it cannot be read, and puts it back; not from within an instruction. */
void flash_hide(struct board *b);
void flash_select(struct board *b, bool selected);

/* usb_device.c */
enum handshake { USB_NAK, USB_ACK, USB_STALL_SENT, USB_BROKEN };
void usb_reset(struct board *b);
void usb_bus_reset(struct board *b);
bool usb_pulled_up(const struct board *b);
void usb_setup(struct board *b, const uint8_t setup[8]);
uint64_t sof_due(struct board *b);
void sof_fire(struct board *b);
/* One token: from the device at most `room` bytes; to it `n` bytes. Both check the data toggle. */
enum handshake usb_in(struct board *b, unsigned ep, bool toggle, uint8_t *data, uint32_t room, uint32_t *n);
enum handshake usb_out(struct board *b, unsigned ep, bool toggle, const uint8_t *data, uint32_t n);

/* usb_host.c */
void usb_progress(struct board *b);
void usb_detach(struct board *b, bool for_good);

/* gpio_pio.c */
bool button_down(struct board *b);
void gpio_coprocessor(struct board *b, uint32_t instruction);

/* Things that happen by themselves: when, and what. */
uint64_t usb_due(struct board *b);
void usb_fire(struct board *b);
void timer_reset(struct board *b, unsigned which);
uint64_t timer_due(struct board *b);
void timer_fire(struct board *b);
uint64_t watchdog_due(struct board *b);
void watchdog_fire(struct board *b);
uint64_t flash_due(struct board *b);
void flash_fire(struct board *b);

/* Register functions. read: `stored` is what was written; write: the register holds its new value already, `data` is what
 * was on the bus, `before` what it held: a register whose bits are cleared by ones says `before & ~data`. */
typedef uint32_t register_read(struct board *b, uint32_t at, uint32_t stored);
typedef void register_write(struct board *b, uint32_t at, uint32_t data, uint32_t before);

register_read bootram_read, calendar_read, clocks_read, dpram_read, io_qspi_read, otp_data_read, otp_raw_read, otp_read,
    pio_read, powman_read, ppb_read, qmi_read, resets_read, rosc_read, sio_read, ssi_read, status_read, sysinfo_read,
    ticks_read, timer0_read, timer1_read, trng_read, uart_read, usb_read, watchdog_read;
register_write bootram_write, calendar_write, clocks_write, dpram_write, io_qspi_write, otp_write, pio0_write,
    pio1_write, pio2_write, powman_write, ppb_write, pwm_write, qmi_write, resets_write, sio_write, ssi_write,
    timer0_write, timer1_write, trng_write, uart_write, usb_write, watchdog_write;

#endif
