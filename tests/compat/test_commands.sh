#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every command once as it is meant and once refused, with programs that share nothing with the card (commands_host.py).
# tests/chips.md says which line stands for which command; tests/board/check_chips.py holds both against the card's table.
# The same file runs on the virtual HSM and on each emulated chip.
WITH_BOARD=(--emu --button --emu press:100:200)
. "$(dirname "$0")/lib.sh"

host=$root/tests/compat/commands_host.py
select=00A404000BE82B0601040181C31F0201
rescue=00A4040008A0583FC19B7E4F21
user_pin=363438323139
verify=0020008106$user_pin
lock_key=A0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF
other_key=A1A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF
share=000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F
two_g=047CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC4766997807775510DB8ED040293D9AC69F7430DBBA7DADE63CE982299E04B79D227873D1
p256=7F492E060A04007F000702020202038120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
plain_aes=805E210F1481120010000102030405060708090A0B0C0D0E0F
token_name=45535049434F48534D5452544F4B454E # of PKA_TOKEN_CERTIFICATE
set_at=002241A40C800A04007F00070202030202

# A vector of the tests, in hex without blanks.
vector() {
    sed -n "/^#define $1 /,/[^\\\\]\$/p" "$root/tests/vectors/trust.h" | sed 1d | tr -cd '0-9A-F'
}
# apdu_of HEADER DATA [LE]: in its shortest form.
apdu_of() {
    local n=$((${#2} / 2))
    if [ $n -lt 256 ]; then printf '%s%02X%s%s' "$1" $n "$2" "${3:-}"; else printf '%s00%04X%s%s' "$1" $n "$2" "${3:+0000}"; fi
}
update_2F02() { apdu_of 00D72F02 "5402000053$(length "$1")$1"; }
length() { # HEX: of a TLV's value
    local n=$((${#1} / 2))
    if [ $n -lt 128 ]; then printf %02X $n; elif [ $n -lt 256 ]; then printf 81%02X $n; else printf 82%04X $n; fi
}

# initialise_card TLVS: INITIALIZE with both PINs and an open session.
initialise_card() {
    echo "do ${select}00 .*9000"
    echo "do $(apdu_of 80500000 "8106${user_pin}82083537363231383830$1") 9000"
}

# A computer keeps its own time, is not restarted by a program, and has no boot keys; nor has the RP2040.
clock='80640A0000 [0-9A-F]{16}9000' no_restart=6D00 no_key=6D00
if [ -n "${BOARD_DIR:-}" ]; then
    clock='80640A000807EA0B150507163A 9000' no_restart=6A86
    [ "$BOARD_CHIP" = rp2040 ] || no_key='6A86|6985|6400'
fi

title "applets, PINs, files"
play <<END
good A4 ${select}00 62.*9000 # SELECT of the applet
bad A4 00A4040004A000000000 6A82 # SELECT of an applet that is not here
$(initialise_card 80020025910103)
good 50 8050000000 .*9000 # version query
bad 50 805000000480020001 6A80 # INITIALIZE without PINs
bad 20 0020008106303030303030 63C2 # wrong PIN
bad 5A 005A018100 6982 # SESSION PIN before login
good 20 $verify 9000 # right PIN
good 5A 005A018100 [0-9A-F]{16}9000 # SESSION PIN
good 24 002400810C$user_pin$user_pin 9000 # CHANGE REFERENCE DATA
bad 24 002400810C303030303030$user_pin 63C2 # CHANGE with a wrong PIN
good 2C 002C00810E3537363231383830$user_pin 9000 # RESET RETRY COUNTER
bad 2C 002C00810E3030303030303030$user_pin 63CE # RESET with a wrong SO-PIN
do $verify 9000
good 58 8058000000 CC00.*9000 # LIST
bad 58 8058000100 6A86 # LIST with a P2
good 84 0084000008 [0-9A-F]{16}9000 # GET CHALLENGE
bad 84 0084010008 6A86 # GET CHALLENGE with a P1
good D7 00D7CF010954020000530368656C 9000 # UPDATE BINARY
bad D7 00D7CC010954020000530368656C 6982 # UPDATE of a key
good B1 00B1CF01045402000000 68656C9000 # READ BINARY with a file id
bad B1 00B1CC01045402000000 6982 # READ of a key
good B0 00B0000100 656C9000 # READ BINARY of the current file
good E4 00E4000002CF01 9000 # DELETE FILE
bad E4 00E4000002CF01 6A82 # DELETE of what is gone
bad B0 00B0000000 6A82 # READ BINARY without a current file
good C0 00B12F02045402000010 .*9000 # the rest of a long answer
bad C0 00C0000000 6985 # GET RESPONSE without a response
END

title "keys, a domain, import, bulk metadata"
play <<END
$(initialise_card 8002000197010291010A9A020004)
good 46 $(apdu_of 00460100 $p256 00) 6781.*9000|6782.*9000 # GENERATE
bad 46 0046010000 6700 # GENERATE without a template
good 68 806801730361626300 30.*9000 # SIGN
bad 68 806809730361626300 6A82 # SIGN without a key
good 62 8062018041${two_g}00 04[0-9A-F]{64}9000 # key agreement
bad 62 8062018041${two_g%D1}D000 6984 # agreement with a point beside the curve
bad 62 8062018402010200 6984 # exchange with what is no certificate
good 76 807601020298CA 9000 # DERIVE
bad 76 807601030198 6700 # DERIVE without an offset
good 52 80520100010100 01010{16}9000 # a domain for one share
bad 52 8052000F00 6A86 # no such domain
do 8052000020${share}00 0100[0-9A-F]{16}9000
good 72 80720192000000 .{726}9000 # WRAP
keep blob ^(.*)9000
bad 72 80720992000000 6A82 # WRAP without a key
good 74 8074039300016B{blob} 9000 # UNWRAP
good 74 8074009400016B{blob}0000 000C0100.*9000 # check of a wrapped key
bad 74 80740393085859414243444546 6984|6400 # UNWRAP of no blob
good 5C 805C000000 .*CC01.*CC02.*CC03.*9000 # bulk metadata
bad 5C 805C030000 6A86 # bulk metadata of no kind
bad 5E $plain_aes 6987 # plain import over an open line
bad 22 00224103 6A86 # MSE of no template
bad 86 008600000C7C0A80084142434445464748 6985 # GENERAL AUTHENTICATE without a protocol
good 22 $set_at 9000 # MSE SET AT
good 86 00860000457C438041${two_g}00 7C.*9000 # GENERAL AUTHENTICATE
good-inside 5E $plain_aes 9000 # plain import inside the channel
bad-inside 5E $plain_aes 6A89 # plain import over a key
good 7A 807A21510B0609608648016503040102 9000 # a stream begins
good 7A 807A215408202122232425262700 9000 # half a block
good 7A 807A21550828292A2B2C2D2E2F00 5BE87E2E5B447C944B21C9AF7756C0D89000 # the other half ends the stream
bad 7A 807A215408202122232425262700 6985 # more of a stream that is over
good 48 804822B2 9000 # a secret key is made
bad 48 804822B5 6A86 # a secret key of no size
good 78 8078211010202122232425262728292A2B2C2D2E2F00 5BE87E2E5B447C944B21C9AF7756C0D89000 # CBC with a known key
bad 78 807821100F202122232425262728292A2B2C2D2E00 6700 # CBC of part of a block
good 7C 807C212310060B2A864886F70D010910031D840120 9000 # a derived key stays
bad 7C 807C212310060B2A864886F70D010910031D840120 6A89 # a derived key over another
END

title "certificates and public keys"
play <<END
$(initialise_card 8002000193020101)
do $(update_2F02 "$(vector CHAIN_DEVICE)$(vector CHAIN_DV)$(vector CHAIN_CA)$(vector PKA_TOKEN_CERTIFICATE)") 9000
bad 2A $(apdu_of 002A00BE "$(vector CHAIN_DV)") 6A88 # a certificate, and nobody to verify it with
do $(apdu_of 002281B6 830D58585445535443413030303031) 9000
good 2A $(apdu_of 002A00BE "$(vector CHAIN_DV)") 9000 # a certificate of the CA that was named
good 54 8054000004 01010100009000|010101009000 # no key is registered
do $(apdu_of 002281B6 8310$token_name) 9000
good 54 $(apdu_of 80540000 "$(vector PKA_KEY_REQUEST)" 00) 010001009000 # registration of a key
bad 54 $(apdu_of 80540000 "$(vector PKA_KEY_REQUEST)" 00) 6A84 # one key more than there are slots
do ${select}00 .*9000
bad 82 008200000141 6A88 # EXTERNAL AUTHENTICATE with no key
do $(apdu_of 002281A4 8310$token_name) 9000
authenticate 82 $(vector PKA_NAME) $(vector PKA_KEY_PRIVATE) 9000 # EXTERNAL AUTHENTICATE
do 8054000004 010001019000
END

title "options, clock, memory, description, restart, lock"
play <<END
$(initialise_card 80020001)
good 64/06 8064060000 00019000 # options
bad 64/06 806406000108 6A80 # an option that there is not
good 64/0A $clock # the clock
bad 64/0A 80640A000707EA0B15050716 6700 # a date too short
good 64/05 8064050000 [0-9A-F]{40}9000 # memory
bad 64/05 806405000100 6700 # memory with data
good 64/1B 80641B0000 .*9000 # description
bad 64/1B 80641B0402190000 6700 # a LED pin of two bytes
bad 64/FB 8064FB0100 6A86 # another kind of restart
do 0046010000 6700
do $(apdu_of 00460100 $p256 00) 67.*9000
bad 64/3A 80643A0230$(printf '00%.0s' $(seq 48)) 6986 # a lock key without an agreement
lock 64/3A 02 $lock_key 9000 # lock
do 806801730361626300 30.*9000
do ${select}00 .*9000
do $verify 9000
do 806801730361626300 6982
lock 64/3A 03 $other_key 6985 # unlock with another key
lock 64/3A 03 $lock_key 9000 # unlock
do 806801730361626300 30.*9000
lock 64/3A 04 $lock_key 9000 # the lock is taken off
do ${select}00 .*9000
do $verify 9000
do 806801730361626300 30.*9000
END

title "rescue"
play <<END
good rescue ${rescue}00 0001.*9000 # SELECT of the rescue applet
good rescue/1E 801E020000 .{40,48}9000 # memory
bad rescue/1E 801E090000 6A86 # nothing to be read
good rescue/1C 801C010003050108 9000 # description
bad rescue/1C 801C090000 6A86 # nothing to be written
good rescue/10 8010020041 04.*9000 # point of the device key
bad rescue/10 8010010000 6A86 # a signature of the device key
bad rescue/1D 801D0900 $no_key # secure boot of a key that there is not
bad rescue/1F 801F0900 $no_restart # another kind of restart
END

if [ -n "${BOARD_DIR:-}" ]; then
    title "restart"
    play <<END
$(initialise_card "")
good 64/FB 8064FB00 9000 # restart
END
fi
finish
