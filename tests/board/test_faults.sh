#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A card that brings its chip down at every start: after three times the board is a reader with the rescue applet alone,
# and has not touched its flash. The faults are planted in copies of the image, at the first instruction of hsm_open.
# test_faults.sh CHIP
. "$(dirname "$0")/lib.sh"
. "$root/tests/board/rescue.sh"
image=${BOARD_IMAGE%.uf2}

# plant FILE CODE: a copy of the image that does CODE instead of opening the card. "loop" stands for many NOPs and a branch
# back to them (the emulator is slow with short loops), which lie behind the image.
plant() {
    python3 - "$image.bin" "$(arm-none-eabi-nm "$image.elf" | sed -n 's/ [Tt] hsm_open$//p')" "$2" > "$1" <<'END'
import struct, sys
path, symbol, code = sys.argv[1:]
FLASH, NOP = 0x10000000, b"\xc0\x46"
with open(path, "rb") as f:
    image = bytearray(f.read())
at, plan = int(symbol, 16) - FLASH, b""
for word in code.split():
    if word == "loop":
        here = at + len(plan)
        plan += NOP * (here % 4 // 2) + struct.pack("<HHI", 0x4800, 0x4700, FLASH + len(image) | 1) # ldr r0, [pc]; bx r0
        image += NOP * 500 + struct.pack("<H", 0xE000 | -502 & 0x7FF)
    else:
        plan += bytes.fromhex(word)
image[at:at + len(plan)] = plan
sys.stdout.buffer.write(image)
END
}

# A card with something on it, to see that it stays.
start --button press:100:200
initialise
generate EC:prime256v1 01
stop
region() { tail -c +$((1048576 + 1)) "$1"; } # the card's
region "$BOARD_FLASH" > good

# The watchdog takes eight seconds each time, and usb.py waits for ten.
patiently() {
    for _ in 1 2 3 4 5 6; do "$@" && return; done
}

# brought_down CODE: three faults, then the rescue applet
brought_down() {
    plant "$scratch/bad.bin" "$1"
    BOARD_IMAGE=$scratch/bad.bin
    board_on --button press:100:200
    ends_with 0 patiently usb id
    pcscd_on
    says '^0$' usb state flash_operations
    apdu "$select_rescue" '000106.{18}9000'
    rescue 80100200000000 6400
    write_phy 060200010801""05 6400
    apdu 00A404000BE82B0601040181C31F020100 6A82
}

title "an undefined instruction"
brought_down 00DE # udf #0

title "asked to start anew, it tries again, once more three times"
sleep 11 # ten seconds without a fault are forgiven
reboot_by_rescue
says '^8$' usb state starts
stop

title "a loop without interrupts: found by the watchdog"
brought_down "72B6 loop" # cpsid i
stop

title "the flash is as it was, and so is the card"
region "$BOARD_FLASH" > now
same good now
BOARD_IMAGE=$image.bin
start
head -c 32 good > digest
ok pkcs11-tool --login --pin "$pin" --sign --id 01 --mechanism ECDSA --input-file digest --output-file signature
finish_board
