#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the board says it is on USB (apdu.md 1.4), byte by byte, and what it refuses. test_usb.sh CHIP
. "$(dirname "$0")/lib.sh"
start

title "device and strings"
says '^120110020000004[0]8a2efd10000901020301$' usb descriptor 1
says '^2E8A:10FD$' usb id
says '^04030904$' usb descriptor 3
says '^[0-9A-F]{16}$' usb string 3
says '^Pico HSM$' usb string 2
says '^Pico HSM CCID Interface$' usb string 4
says '^Pico HSM WebCCID Interface$' usb string 5

title "configuration: a card reader, and the same for web pages"
header=0902ab00020100a002
reader=0904000003
reader+=0b000004
class=10010001 # bcdCCID, bMaxSlotIndex, bVoltageSupport
class+=03000000fc0d0000fc0d000000802500008025000000fe000000000000000000000040080400
class+=3e100000ffff00000001
ccid=3621$class
endpoints=0705010240000007058202400000070583034000 # OUT, IN, interrupt
wcid=0904010002ff0000053521${class%01}
run_quietly usb descriptor 2
config=$(cat "$said")
expect() { [[ $config =~ $1 ]] || failed "should contain $1" echo "$config"; }
expect "^0902....020100a002"
expect "${reader}${ccid}"
expect "$wcid"
ends_with 0 test $((2 * 0x${config:6:2}${config:4:2})) = ${#config}

title "descriptors for browsers and for Windows"
says '^050f3900021810050038b60834a909a0478bfda0768815b66500010101' usb descriptor 15
bos_windows=1c100500df60ddd88945c74c9cd2659d9e648a9f00000306b2000200
says "${bos_windows}\$" usb descriptor 15
says '^1303017777772e7069636f6b6579732e636f6d$' usb control c00101000200ff00
says '^0a00000000000306b200.*57494e55534200.*7b0039003700350046' usb control c002000007000001

title "what is not there stalls, and nothing breaks"
for setup in 8006000900000010 8006090300000010 80060a0300000010 c0ff000000000010 a1ff000000000100; do
    says '^STALL$' usb control $setup
done
ends_with 0 usb descriptor 1
says '^1$' usb state configured

title "class requests: no clock or data rates to choose from, no second slot to abort"
for setup in a102000000000400 a103000000000400 2101010000000000; do says '^STALL$' usb control $setup; done
apdu 0084000008 '.{16}9000'

title "power off and on again"
starts=$(usb state starts)
pcscd_off
ends_with 0 usb power-cycle
ends_with 0 usb until configured 1
ends_with 0 test "$(usb state starts)" = $((starts + 1))
pcscd_on
apdu 0084000008 '.{16}9000'
finish_board
