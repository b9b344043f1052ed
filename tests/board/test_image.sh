#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a board has in its flash moves to the virtual HSM and back: the same objects, and keys made on one side sign on the
# other. An RP2350 with a secret in its fuses gives nothing away without that secret. test_image.sh CHIP
. "$(dirname "$0")/lib.sh"
: "${PICO_HSM:=$root/build/release/apps/pico-hsm}"
export PICO_HSM

printf 'a message' > message
sign() { # ID
    pkcs11-tool --login --pin "$pin" --sign --id "$1" --mechanism ECDSA-SHA256 --signature-format openssl \
        --input-file message --output-file signature
}
signs() { # ID PUBLIC-KEY COMMAND...: what `sign ID` makes by way of COMMAND, openssl verifies
    local id=$1 key=$2
    shift 2
    rm -f signature
    ok "$@" "$id"
    ok openssl dgst -sha256 -verify "$key" -signature signature message
}
objects() { # some lines end in a number that is another every time
    pkcs11-tool --login --pin "$pin" --list-objects 2> /dev/null | sed -E 's/^(Data|Profile) object [0-9]+/\1 object/'
}
export -f sign objects

# The store begins at 1 MiB and leaves the last sector alone (boards/rp2/flash_nor.c).
take_out() { # FILE
    head -c -4096 "$BOARD_FLASH" | tail -c +$((1048576 + 1)) > "$1"
}
put_back() { # FILE
    dd if="$1" of="$BOARD_FLASH" bs=4096 seek=256 conv=notrunc status=none
}
virtual() { # COMMAND ARGUMENT: a shell function with its argument, beside the virtual HSM with image $image
    env -u BOARD_DIR "$root/tools/with-vhsm" --image "$image" "${secret[@]}" -- "$BASH" -c "$*"
}
secret=()

title "two keys and a note, made on the chip"
start
initialise --label "made on $BOARD_CHIP"
generate EC:prime256v1 01
generate EC:secp521r1 02
ok pkcs11-tool --login --pin "$pin" --write-object message --type data --label note
public_key 01 first.pem
public_key 02 second.pem
ok objects
cp "$said" objects.chip
stop

title "the same in the virtual HSM"
image=$work/card.img
take_out "$image"
cp "$image" untouched.img
ok virtual objects
cp "$said" objects.here
same objects.here objects.chip
signs 01 first.pem virtual sign
signs 02 second.pem virtual sign
ok virtual pkcs11-tool --login --pin "$pin" --keypairgen --key-type EC:prime256v1 --id 03 --label third
ok virtual pkcs15-tool --read-public-key 03 --output "$work/third.pem"
refused cmp -s "$image" untouched.img

title "and back: a key made in the virtual HSM signs on the chip"
put_back "$image"
start
signs 01 first.pem sign
signs 03 third.pem sign
stop
[ "$BOARD_CHIP" = rp2350 ] || finish

title "with a secret in the fuses: the image opens with it, and only with it"
rm -f "$BOARD_FLASH" "$BOARD_OTP"
ok python3 "$root/tests/board/otp.py" "$BOARD_OTP" "$work/secret"
ok python3 "$root/tests/board/otp.py" "$work/other.otp" "$work/other.secret"
start
initialise --label sealed
generate EC:prime256v1 01
public_key 01 first.pem
ok objects
cp "$said" objects.chip
stop
take_out "$image"
cp "$image" untouched.img
hsm() { timeout 20 "$PICO_HSM" --no-wait --vpcd 127.0.0.1:1 --image "$image" "$@"; }
rm -f "$image.secret"
ends_with 3 hsm
says 'without its device secret' hsm
same "$image" untouched.img
ends_with 3 hsm --device-secret "$work/other.secret"
says 'belongs to another device secret' hsm --device-secret "$work/other.secret"
same "$image" untouched.img
secret=(--option --device-secret --option "$work/secret")
ok virtual objects
cp "$said" objects.here
same objects.here objects.chip
signs 01 first.pem virtual sign

title "nor does the flash open in another chip, and stays as it is"
cp "$BOARD_FLASH" flash.before
cp "$BOARD_OTP" first.otp
cp other.otp "$BOARD_OTP"
start
apdu 00A404000BE82B0601040181C31F020100 6A82
apdu 00A4040008A0583FC19B7E4F2100 '.{24}9000' # the rescue applet is all there is
stop
ok cmp "$BOARD_FLASH" flash.before
cp first.otp "$BOARD_OTP"
start
signs 01 first.pem sign
finish_board
