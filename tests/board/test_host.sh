#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The host side alone, with a board that is played (fake_board.py): tools/with-board and what it promises, Debian's libccid
# over our libusb, the list that libccid-add wrote in the eyes of libccid itself.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export PICO_HSM_EMU=$here/fake_board.py
if [ -z "${BOARD_DIR:-}" ]; then WITH_BOARD=(--image "$here/fake_board.py"); fi
. "$here/lib.sh"

title "opensc-tool through libccid"
start
says 'Yes +Pico HSM' opensc-tool --list-readers
says '^3b:fe:18:00:00:81:31:fe:45:80:31:81:54:48:53:4d:31:73:80:21:40:81:07:fa$' opensc-tool --atr
says '^SmartCard-HSM$' opensc-tool --name
for n in 1 53 54 55 127 128 254; do apdu "00840000$(printf %02X $n)" ".{$((2 * n))}9000"; done # with the 10 of the header
for n in 0200 0400 0800 1000; do apdu "0084000000$n" ".{$((2 * 0x$n))}9000"; done
for n in 1 200 1000 2000 4000; do
    apdu "0002000000$(printf %04X $n)$(printf '5A%.0s' $(seq $n))" "$(printf %04X $((7 + n)))9000"
done
title "a command of 5 s, kept alive by time extensions"
apdu 00050000 9000

title "the board is gone: an error, and soon"
kill -KILL $board_pid
wait $board_pid 2> /dev/null
board_pid=''
refused timeout 20 opensc-tool --send-apdu 0084000008
pcscd_off

title "another id must be on libccid's list to be seen"
board_on
make_driver 1234:5678
LD_LIBRARY_PATH=$BOARD_SHIM USBSHIM_SOCKET=$BOARD_SOCKET \
    start_private_pcscd "$BOARD_DIR/reader.conf" "$BOARD_DIR/drivers" "$BOARD_LOG/pcscd.log" ''
says 'No smart card readers found' opensc-tool --list-readers
stop

title "what with-board promises" # in namespaces within these
with() { # OPTION... -- COMMAND...
    env -u BOARD_DIR TMPDIR="$work/tmp" "$root/tools/with-board" rp2040 --image "$here/fake_board.py" "$@"
}
mkdir "$work/tmp"
ends_with 0 with -- opensc-tool --atr
ends_with 7 with -- sh -c 'exit 7'
ends_with 125 with --emu --exit-code --emu 3 -- true
says 'the emulator ended with 3' with --emu --exit-code --emu 3 -- true
ends_with 125 with --emu --die-after --emu 3 -- true
ends_with 125 with --image /no/such/file -- true
says 'make firmware' with --image /no/such/file -- true
ends_with 125 with --emulator /no/such/file -- true
ends_with 125 with --shim /no/such/folder -- true
ends_with 125 with --nonsense -- true
ends_with 125 with
ends_with 0 with --help
mkdir "$work/log"
says '^rp2350 .*flash .*flash.otp' env -u BOARD_DIR "$root/tools/with-board" rp2350 --image "$here/fake_board.py" \
    --flash "$work/flash" --log "$work/log" -- sh -c 'echo "$BOARD_CHIP $BOARD_FLASH $BOARD_OTP"'
ends_with 0 test -s "$work/log/pcscd.log"

title "two at once"
with -- sh -c 'sleep 1; opensc-tool --atr' > one 2>&1 &
first=$!
ends_with 0 with -- opensc-tool --atr
ended() { wait $first; }
ok ended
says '^3b:fe:18' cat one

title "nothing stays behind"
ok rmdir "$work/tmp"
finish_board
