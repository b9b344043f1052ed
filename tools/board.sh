# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# An emulated board and a pcscd that drives it, started and stopped: for tools/with-board and for tests that restart
# them (tests/board). Sourced behind private-pcscd.sh, inside of its namespaces, with what tools/with-board exports:
# BOARD_CHIP, BOARD_IMAGE, BOARD_EMULATOR, BOARD_SHIM, BOARD_DIR, BOARD_LOG, BOARD_FLASH, BOARD_OTP, BOARD_SOCKET,
# BOARD_LED and BOARD_PCSCD_DEBUG.

board_driver=/usr/lib/pcsc/drivers/ifd-ccid.bundle
board_pid='' pcscd_pid=''

# board_on [OPTION...]: the emulator, as a process of this shell, with further options. Flash and OTP are kept in files.
board_on() {
    local otp=()
    [ "$BOARD_CHIP" = rp2040 ] || otp=(--otp "$BOARD_OTP")
    rm -f "$BOARD_SOCKET"
    "$BOARD_EMULATOR" "$BOARD_IMAGE" --chip "$BOARD_CHIP" --flash "$BOARD_FLASH" --usb "$BOARD_SOCKET" \
        --led "$BOARD_LED" "${otp[@]}" "$@" < /dev/null >> "$BOARD_LOG/emulator.log" 2>&1 &
    board_pid=$!
    wait_until "$BOARD_EMULATOR" "$BOARD_LOG/emulator.log" $board_pid test -S "$BOARD_SOCKET"
}

# Pulls the plug. The emulator must still be there, and end with 0: a crash is a failure whatever the command thought.
board_off() {
    [ -n "$board_pid" ] || return 0
    local pid=$board_pid code=0
    board_pid=''
    if kill -TERM "$pid" 2> /dev/null; then wait "$pid" || code=$?; else wait "$pid" || code=$?; code=${code/#0/1}; fi
    [ "$code" = 0 ] && return
    tail -n 40 "$BOARD_LOG/emulator.log" >&2
    echo "$me: the emulator ended with $code" >&2
    return 1
}

# A copy of the installed driver, whose list has this device (VID:PID) in it.
make_driver() {
    local copy=$BOARD_DIR/drivers/ifd-ccid.bundle/Contents
    rm -rf "$BOARD_DIR/drivers"
    mkdir -p "$copy"
    cp -rL "$board_driver/Contents/." "$copy"
    "$(dirname "${BASH_SOURCE[0]}")/libccid-add" --file "$copy/Info.plist" "$1" > /dev/null
    # No udev in here, so no hot plugging: the reader is named once and for all.
    cat > "$BOARD_DIR/reader.conf" <<END
FRIENDLYNAME "Pico HSM"
DEVICENAME   usb:$(echo "$1" | tr 'A-Z:' 'a-z/')
LIBPATH      $copy/Linux/libccid.so
CHANNELID    0
END
}

# pcscd_on [VID:PID]: after the board; returns when PC/SC shows the card.
pcscd_on() {
    make_driver "${1:-2E8A:10FD}"
    local log=$BOARD_LOG/pcscd.log
    cat "$log" >> "$log.before" 2> /dev/null || true
    LD_LIBRARY_PATH=$BOARD_SHIM USBSHIM_SOCKET=$BOARD_SOCKET \
        start_private_pcscd "$BOARD_DIR/reader.conf" "$BOARD_DIR/drivers" "$log" "$BOARD_PCSCD_DEBUG"
    wait_until "the card in pcscd" "$log" "$board_pid" opensc-tool --atr
}

# Readers that are named in a file are looked for once: pcscd must start again whenever the device did.
pcscd_off() {
    [ -n "$pcscd_pid" ] || return 0
    kill -TERM "$pcscd_pid" 2> /dev/null || true
    wait "$pcscd_pid" || true
    pcscd_pid=''
    rm -f /run/pcscd/pcscd.comm /run/pcscd/pcscd.pid
}
