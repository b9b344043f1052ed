#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# APDUs of every length class through pcscd and libccid: each length around the packets of USB, 2 and 4 KB both ways,
# the longest there is. test_apdu.sh CHIP
. "$(dirname "$0")/lib.sh"
start
initialise

title "every response length around one, two, three, eight packets"
lengths="$(seq 1 140) $(seq 175 190) $(seq 495 510) 1000 1024"
sends=()
for n in $lengths; do sends+=(--send-apdu "0084000000$(printf %04X "$n")"); done
ok opensc-tool "${sends[@]}"
answers > all
ends_with 1 grep -qv '9000$' all
got=$(awk '{ print (length($0) - 4) / 2 }' all | tr '\n' ' ')
ends_with 0 test "$got" = "$(echo "$lengths" | tr '\n' ' ' | tr -s ' ')"

title "every command length around one, two and six packets, short and extended"
hex() { printf "$1%.0s" $(seq "$2"); } # BYTE COUNT
update() { # FILE OFFSET DATA: UPDATE BINARY in its shortest form
    local n=$((${#3} / 2)) body size
    if [ $n -lt 128 ]; then size=$(printf %02X $n); elif [ $n -lt 256 ]; then size=81$(printf %02X $n); else size=82$(printf %04X $n); fi
    body=5402$2""53$size$3
    n=$((${#body} / 2))
    if [ $n -lt 256 ]; then size=$(printf %02X $n); else size=00$(printf %04X $n); fi
    echo "00D7$1$size$body"
}
verify=0020008106$(printf %s "$pin" | od -An -tx1 | tr -d ' \n')
sends=(--send-apdu "$verify")
lengths="$(seq 1 130) $(seq 230 260) $(seq 300 330)"
for n in $lengths; do sends+=(--send-apdu "$(update CF11 0000 "$(hex A5 "$n")")"); done
ok opensc-tool "${sends[@]}"
ends_with 0 test "$(answers | grep -c '^9000$')" = $((${#sends[@]} / 2))
apdu 00B1CF11000004540200000000 "$(hex A5 330)9000"

title "4 KB commands and responses"
random_file 4200 content
bytes() { od -An -v -tx1 -j "$1" -N "$2" content | tr -d ' \n' | tr a-f A-F; } # OFFSET COUNT
apdu "$verify" "$(update CF12 0000 "$(bytes 0 4088)")" 9000
apdu "$verify" "$(update CF12 0FF8 "$(bytes 4088 112)")" 9000
apdu 00B1CF120000045402000007F0 "$(bytes 0 2032)9000"
apdu 00B1CF12000004540200000800 "$(bytes 0 2048)9000"
apdu 00B1CF12000004540200001000 "$(bytes 0 4096)9000"
apdu 00B1CF12000004540200000000 "$(bytes 0 4096)9000"
apdu 00B1CF12000004540208080000 "$(bytes 2056 2144)9000"
apdu 00B1CF12045402000000 "$(bytes 0 256)9000"

title "one byte more than the longest command"
apdu "$verify" "$(update CF12 0000 "$(bytes 0 4089)")" 6700
apdu 0084000008 '.{16}9000'
finish_board
