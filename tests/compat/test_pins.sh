#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PINs through pkcs11-tool and pkcs15-tool: wrong ones cost a try, the third blocks, the SO-PIN unblocks, both can be
# changed, and a power cycle forgets a login but no wrong try.
. "$(dirname "$0")/lib.sh"

new_pin=135790 new_so_pin=4142434445464748
tries_left() { says "User PIN tries left +: $1" sc-hsm-tool; }
works() { ok pkcs11-tool --login --pin "$1" --sign --id 01 --mechanism ECDSA --input-file digest --output-file signature; }

openssl rand -out digest 32
initialise --label pins
generate EC:prime256v1 01

title "without login there is no signature"
refused pkcs11-tool --sign --id 01 --mechanism ECDSA --input-file digest --output-file signature

title "a wrong PIN costs a try, the right one gives them back"
says CKR_PIN_INCORRECT pkcs11-tool --login --pin 000000 --list-objects
tries_left 2
says CKR_PIN_INCORRECT pkcs11-tool --login --pin 000000 --list-objects
tries_left 1
works $pin
tries_left 3

title "change the PIN"
says CKR_PIN_INCORRECT pkcs11-tool --login --pin 000000 --change-pin --new-pin $new_pin
ok pkcs11-tool --login --pin $pin --change-pin --new-pin $new_pin
says CKR_PIN_INCORRECT pkcs11-tool --login --pin $pin --list-objects
works $new_pin
ok pkcs15-tool --change-pin --pin $new_pin --new-pin $pin
works $pin

title "the third wrong PIN blocks"
for _ in 1 2; do says CKR_PIN_INCORRECT pkcs11-tool --login --pin 000000 --list-objects; done
says 'CKR_PIN_(INCORRECT|LOCKED)' pkcs11-tool --login --pin 000000 --list-objects
says CKR_PIN_LOCKED pkcs11-tool --login --pin $pin --list-objects
says 'User PIN (tries left +: 0|locked)' sc-hsm-tool

title "the SO-PIN unblocks: a wrong one does not"
says CKR_PIN_INCORRECT pkcs11-tool --login --login-type so --so-pin 0000000000000000 --init-pin --new-pin $new_pin
says 'SO-PIN tries left +: 14' sc-hsm-tool
ok pkcs11-tool --login --login-type so --so-pin $so_pin --init-pin --new-pin $new_pin
says 'SO-PIN tries left +: 15' sc-hsm-tool
works $new_pin
tries_left 3

title "pkcs15-tool --unblock-pin swaps the encodings of the two PINs: it fails, and costs a try of the SO-PIN"
says 'PUK code incorrect; tries left: 14' pkcs15-tool --unblock-pin --puk $so_pin --new-pin $pin
works $new_pin

title "change the SO-PIN"
ok pkcs11-tool --login --login-type so --so-pin $so_pin --change-pin --new-pin $new_so_pin
says CKR_PIN_INCORRECT pkcs11-tool --login --login-type so --so-pin $so_pin --init-pin --new-pin $new_pin
ok pkcs11-tool --login --login-type so --so-pin $new_so_pin --init-pin --new-pin $new_pin
works $new_pin
finish
