#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the LED shows (apdu.md 3.29), as seen on the pin of a plain LED and on the wire of a coloured one.
# test_led.sh CHIP
. "$(dirname "$0")/lib.sh"
. "$root/tests/board/rescue.sh"

led() { python3 "$root/tests/board/led.py" "$BOARD_LED" "$@"; }
afresh() { # [OPTION...]: the LED's file begins anew
    rm -f "$BOARD_LED"
    start "$@"
}
black=00000000

title "a plain LED: idle, waiting for the button, three blinks, working"
afresh --button press:3000:300
sleep 2.5
write_phy 0C020300 9000 # from the next start on: WS2812, in the order red, green, blue
initialise
generate rsa:1024 01
stop
says '^[0-9]+ gpio 25 1$' cat "$BOARD_LED"
ends_with 0 led gpio:25 has 1:500 0:500 1:500
ends_with 0 led gpio:25 has 1:1000 0:100 1:1000
ends_with 0 led gpio:25 has 1:200 0:200 1:200
ends_with 0 led gpio:25 has 1:50 0:50 1:50 0:50 1:50

title "a coloured one: red until the host is there, green, yellow"
afresh --button press:3000:300
sleep 2.5
write_phy 0C020300""06020009 9000 # steady
generate rsa:1024 02
stop
ends_with 0 led pio has 00ff0000:500 $black:500 00ff0000:500
ends_with 0 led pio has ffff0000:1000 $black:100 ffff0000:1000
ends_with 0 led pio has 00ff0000:200 $black:200 00ff0000:200
ends_with 0 led pio has 00ff0000:50 $black:50 00ff0000:50
run_quietly led pio values
[ "$(tr '\n' ' ' < "$said")" = "$black 00ff0000 ff000000 ffff0000 " ] || failed "should be dark, green, red and yellow" led pio values

title "steady: never dark once it shows something"
afresh --button press:1000:300
sleep 1
write_phy 0C020300""050102 9000 # 2 of 15
stop
led pio | tail -n +2 > runs
ends_with 1 grep -q " $black\$" runs
ends_with 0 led pio has ffff0000:1000

title "dim"
afresh --button press:100:300
sleep 1.5
write_phy 0C01FF 9000
stop
run_quietly led pio values
cp "$said" values
ends_with 0 grep -q '^00040000$' values
ends_with 1 grep -qi 'ff' values

title "none"
afresh --button press:100:300
apdu 0084000008 '.{16}9000'
stop
ends_with 1 grep -qE 'gpio 25|pio' "$BOARD_LED"
finish_board
