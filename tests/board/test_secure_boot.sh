#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Secure boot on an RP2350, as far as the firmware takes part: a signed image runs, the rescue applet enables secure boot
# only for the key that signed the image that runs, and burns the rows that docs/secure-boot.md names, no others. The
# emulator does not verify signatures; tests/tools/test_signature.py does. test_secure_boot.sh rp2350
. "$(dirname "$0")/lib.sh"
. "$root/tests/board/rescue.sh"
plain=${BOARD_IMAGE%.uf2}.bin
cd "$scratch" || exit 1

title "an image, signed with a key of ours and with another's"
for who in ours other; do
    ok openssl ecparam -name secp256k1 -genkey -noout -out $who.pem
    ok "$root/tools/sign_image" $who.pem "$plain" $who.bin --version 1.0 --rollback 1
done
for slot in 0 2; do ok "$root/tools/check_signature" ours.bin --same-as "$plain" --otp steps$slot --slot $slot; done

# enable IMAGE SLOT-AND-LOCK WANTED: asks for it, with the button
enable() {
    BOARD_IMAGE=$1
    start --button press:100:200
    rescue "801D$2" "$3"
}
fuses() { # FILE STEP...
    local file=$1
    shift
    ok "$root/tools/otp_rehearse" "$file" "$@"
}

title "no key in the chip"
enable "$scratch/ours.bin" 0000 6985
says '^SmartCard-HSM' opensc-tool --name
rescue 801E0300000000 0000FF9000
stop
cp "$BOARD_OTP" blank.otp

title "a key in the chip, and nothing that it has signed running"
fuses "$BOARD_OTP" steps0/1-key.json
cp "$BOARD_OTP" key.otp
enable "$plain" 0000 6985
stop
enable "$scratch/other.bin" 0000 6985
stop
enable "$scratch/ours.bin" 0100 6985
rescue 801D0200 6985
rescue 801D0500 6985
stop
same "$BOARD_OTP" key.otp

title "the key, and an image of its own: the same fuses as by the steps"
enable "$scratch/ours.bin" 0000 9000
rescue 801E0300000000 0100009000
stop
fuses key.otp steps0/2-valid.json steps0/3-enforce.json
same "$BOARD_OTP" key.otp

title "another slot, and no other key ever"
cp blank.otp "$BOARD_OTP"
fuses "$BOARD_OTP" steps2/1-key.json
cp "$BOARD_OTP" key.otp
enable "$scratch/ours.bin" 0201 9000
rescue 801E0300000000 0101029000
stop
printf '{"boot_flags1": {"key_valid": 4, "key_invalid": 11}, "crit1": {"secure_boot_enable": 1}}' > both.json
fuses key.otp both.json
same "$BOARD_OTP" key.otp

title "what is burnt stays"
ends_with 1 "$root/tools/otp_rehearse" "$BOARD_OTP" <(printf '{"bootkey2": [%s0]}' "$(printf '0,%.0s' {1..31})")
start
rescue 801E0300000000 0101029000
finish_board
