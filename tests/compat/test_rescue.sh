#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The rescue applet of the virtual HSM through pcscd: what it tells, a description that is in force after the next start
# and whose curves pkcs11-tool no longer gets, the button, and what a computer does not let a card do.
WITH_VHSM=(--no-card)
. "$(dirname "$0")/lib.sh"

select_rescue=00A4040008A0583FC19B7E4F2100
card=''
rescue() { apdu "$select_rescue" "$@"; } # HEX... WANTED
start() { # [OPTION...]
    "$PICO_HSM" --image "$VHSM_IMAGE" --trace "$@" 2>> "$card_log" < /dev/null &
    card=$!
    local i
    for ((i = 0; i < 200; i++)); do
        opensc-tool --atr > /dev/null 2>&1 && break
        sleep 0.02
    done
    ok opensc-tool --atr
}
stop() {
    local i code=0
    kill -TERM $card
    checks=$((checks + 1))
    wait $card || code=$?
    [ $code = 0 ] || failed "should end with 0, ended with $code" pico-hsm
    for ((i = 0; i < 200; i++)); do # pcscd answers for a card until it has noticed that it is gone
        opensc-tool --list-readers 2> /dev/null | grep -q '^0 *Yes' || break
        sleep 0.02
    done
}

: > "$card_log"
start
title "what it tells"
apdu $select_rescue '00010606.{16}9000'
rescue 801E0100000100 060200019000
rescue 801E0200000000 '.{40}9000'
memory=$(answers | tail -n 1)
ends_with 0 test $((0x${memory:32:8})) = "$(stat -c %s "$VHSM_IMAGE")"
rescue 801E0300000000 0000FF9000
rescue 80100200000000 '04.{128}9000'
rescue 801001000130 6A86
rescue 001E010000 6E00

title "the clock is the computer's, and stays it"
rescue 801E0402000000 '.{8}9000'
now=$(answers | tail -n 1)
ends_with 0 test $(($(date +%s) - 0x${now:0:8})) -le 10
rescue 801E0401000000 "$(printf %04X "$(date -u +%Y)").*9000"
rescue 801C02020412345678 6400
rescue 801F0000 6D00
rescue 801F0100 6D00
rescue 801D0000 6D00

title "a description is in force after the next start"
initialise
generate EC:prime256v1 01
rescue 801C0100060A0400000002 9000
generate EC:prime256v1 02
stop
start
rescue 801E010000 060200010A04000000029000
refused pkcs11-tool --login --pin $pin --keypairgen --key-type EC:prime256v1 --id 03
generate EC:secp384r1 03
openssl rand -out digest 32
ok pkcs11-tool --login --pin $pin --sign --id 01 --mechanism ECDSA --input-file digest --output-file signature
initialise # leaves it alone
rescue 801E010000 060200010A04000000029000
stop

title "the button: none, then one that does not have to be pressed"
start --presence deny
rescue 801C0100020600 6985
rescue 801E010000 060200010A04000000029000
stop
start
rescue 801C010003080100 9000
stop
start --presence deny
rescue 801C0100020600 9000
rescue 801E010000 060200019000
stop
finish
