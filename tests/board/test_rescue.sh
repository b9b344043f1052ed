#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The rescue applet on a chip: what it tells, the clock, another name and id after a reboot, and the way back.
# test_rescue.sh CHIP
. "$(dirname "$0")/lib.sh"
. "$root/tests/board/rescue.sh"
start --button press:100:200
serial=$(usb string 3)

title "who it is"
apdu $select_rescue "00010606${serial}9000"
rescue 80100200000000 '04.{128}9000'
rescue 80100100 6A86
rescue 801E0300000000 '0000..9000'
rescue 801E0200000000 '.{48}9000'
memory=$(answers | tail -n 1)
flash=$((0x${memory:32:8})) firmware=$((0x${memory:40:8})) total=$((0x${memory:16:8}))
ends_with 0 test $((0x${memory:0:8} + 0x${memory:8:8})) -le $total
if [ "$BOARD_CHIP" = rp2040 ]; then ends_with 0 test $flash = 2097152; else ends_with 0 test $flash = 4194304; fi
ends_with 0 test $firmware -gt 100000
ends_with 0 test $firmware -le 1048576
ends_with 0 test $((total + 1048576)) -le $flash
rescue 00840000 6E00
rescue 80990000 6D00

title "the clock: unknown, set, running, lost with the power"
rescue 801E0402000000 6985
rescue 801C020204""6A000000 9000
rescue 801E0402000000 '6A0000[0-1].9000'
rescue 801E0401000000 '07EA.{12}9000'
restart --button press:100:200
rescue 801E0402000000 6985

title "another id and another name: after a reboot, not before"
write_phy 0004FEFFFCFD0909546573742048534D00 9000
says '^2E8A:10FD$' usb id
reboot_by_rescue FEFF:FCFD
says '^FEFF:FCFD$' usb id
says '^Test HSM$' usb string 2
says '^Test HSM CCID Interface$' usb string 4
says "^$serial\$" usb string 3
says '^SmartCard-HSM' opensc-tool --name
rescue 801E0100000000 '.*0004FEFFFCFD.*0909546573742048534D00.*9000'

title "they survive a power cut, and a session that initialises the card"
initialise
restart --button press:100:200
says '^FEFF:FCFD$' usb id

title "only the card reader"
write_phy 0B0101 9000
reboot_by_rescue
says '^2E8A:10FD$' usb id
says '^Pico HSM$' usb string 2
says '^0902....01' usb descriptor 2
says '^050f050000$' usb descriptor 15

title "a description that would leave no interface at all"
write_phy 0B0100 9000
reboot_by_rescue
apdu 0084000008 '.{16}9000'

title "back to the defaults"
write_phy 06020001 9000
reboot_by_rescue
says '^0902....02' usb descriptor 2
says 'User PIN tries left +: 3' sc-hsm-tool

title "into the boot loader of the chip, which is not modelled: the device is gone until it gets new power"
rescue 801F0100 9000
pcscd_off
gone() {
    local i
    for ((i = 0; i < 100; i++)); do
        [ "$(usb state attached)" = 0 ] && return
        sleep 0.05
    done
    return 1
}
ok gone
ok usb power-cycle
ok usb until configured 1
pcscd_on
says 'User PIN tries left +: 3' sc-hsm-tool
finish_board
