#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Secret keys, ciphers, MACs and derivations, held against openssl by a host that shares nothing with the card
# (secret_key_host.py); OpenSC, which knows no secret keys of this card, moves them and works beside them. The same file
# runs on the virtual HSM and on each emulated chip.
. "$(dirname "$0")/lib.sh"

host=$root/tests/compat/secret_key_host.py

initialise --dkek-shares 1
apdu 00A404000BE82B0601040181C31F0201 0020008106363438323139 \
    8052000020000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F00 '0100630DCD2966C433669000'

title "keys of every kind, wrapped by openssl"
play fill
for part in ciphers macs kdfs kinds store made; do
    title "$part, as openssl has them"
    play $part
done

title "OpenSC beside them"
generate EC:prime256v1 70
says 'Private Key Object; EC' p11 --list-objects
says 'Private EC Key' pkcs15-tool --list-keys
printf 'a message' > message
ok p11 --sign --id 70 --mechanism ECDSA-SHA1 --signature-format openssl --input-file message --output-file signature
public_key 70 70.pem
ok openssl dgst -sha1 -verify 70.pem -signature signature message

title "OpenSC moves one"
says_not 'fail|rror|denied' sc-hsm-tool --wrap-key hmac.wky --key-reference $((0x27)) --pin $pin
says_not 'fail|rror|denied' sc-hsm-tool --unwrap-key hmac.wky --key-reference $((0x37)) --pin $pin
play same 27 37
head -c 60 hmac.wky > flipped.wky # inside the blob
printf X >> flipped.wky
tail -c +62 hmac.wky >> flipped.wky
says 'fail|rror|denied' sc-hsm-tool --unwrap-key flipped.wky --key-reference $((0x38)) --pin $pin
apdu 00A404000BE82B0601040181C31F0201 00A4000002CC3800 6A82
finish
