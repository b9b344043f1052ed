#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The BOOTSEL button: pressed, not pressed, too late, held down all the time; and keys that want it pressed for each use.
# test_presence.sh CHIP
. "$(dirname "$0")/lib.sh"
. "$root/tests/board/rescue.sh"

wait_2_s=060200010801'02' # PHY: two seconds for the button
start --button press:100:200

title "pressed in time"
write_phy $wait_2_s 9000
rescue 801E0100000000 '.*080102.*9000'

title "not pressed: refused when the time is over, and not before"
restart --button none
begin_us=$(usb state emulated_us)
write_phy 0004FEFFFCFD 6985
took_ms=$((($(usb state emulated_us) - begin_us) / 1000))
ends_with 0 test $took_ms -ge 2000
ends_with 0 test $took_ms -lt 4000
rescue 801E0100000000 '.*080102.*9000'
rescue 801C020204""6A000000 6985
rescue 801E0402000000 6985

title "too late"
restart --button press:2500:300
write_phy 0004FEFFFCFD 6985

title "held down all the time: a press must begin after the question"
restart --button hold
write_phy 0004FEFFFCFD 6985

title "keys that want a press for each use"
restart --button press:100:200
# INITIALIZE with option 0100, PIN 648219, SO-PIN 57621880
apdu 805000001980020100""8106363438323139""82083537363231383830""910103 9000
printf 'a message' > message
generate EC:prime256v1 01
public_key 01 public.pem
sign() { pkcs11-tool --login --pin "$pin" --sign --id 01 --mechanism ECDSA-SHA256 --signature-format openssl \
    --input-file message --output-file signature; }
ok sign
ok openssl dgst -sha256 -verify public.pem -signature signature message
restart --button none
rm -f signature
refused sign
ends_with 1 test -s signature
apdu 805000001980020000""8106363438323139""82083537363231383830""910103 6600
restart --button press:100:200
ok sign
ok openssl dgst -sha256 -verify public.pem -signature signature message

title "a time of 0: nobody is asked"
write_phy 060200010801'00' 9000
restart --button none
write_phy 060200010801'00' 9000
ok sign
finish_board
