#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSSL with the PKCS#11 engine: requests and certificates signed in the token, messages signed and decrypted.
. "$(dirname "$0")/lib.sh"

uri() { echo "pkcs11:id=%$1;type=private;pin-value=$pin"; }
rsa=$(uri 10) ec=$(uri 20)
engine=(-engine pkcs11)

initialise --label engine
generate rsa:2048 10
generate EC:prime256v1 20
public_key 10 rsa.pem
public_key 20 ec.pem
printf 'Dear reader, this is a message.\n' > message

title "self-signed certificates"
for key in rsa ec; do
    ok openssl req "${engine[@]}" -keyform engine -key "${!key}" -new -x509 -sha256 -days 9 -subj "/CN=$key" -out $key.crt
    ok openssl verify -CAfile $key.crt $key.crt
    ok openssl x509 -in $key.crt -noout -pubkey -out $key.pub
    same $key.pub $key.pem
done

title "a request, and a CA in the token that grants it"
ok openssl req "${engine[@]}" -keyform engine -key "$ec" -new -subj /CN=server -out server.csr
ok openssl req -in server.csr -noout -verify
ok openssl x509 "${engine[@]}" -req -in server.csr -CA rsa.crt -CAkeyform engine -CAkey "$rsa" -set_serial 7 -days 9 \
    -out server.crt
ok openssl verify -CAfile rsa.crt server.crt

title "dgst: sign"
for key in rsa ec; do
    for hash in sha1 sha256 sha384 sha512; do
        ok openssl dgst "${engine[@]}" -keyform engine -sign "${!key}" -$hash -out signature message
        ok openssl dgst -$hash -verify $key.pem -signature signature message
        flip signature flipped
        refused openssl dgst -$hash -verify $key.pem -signature flipped message
    done
done

title "cms: sign, decrypt"
ok openssl cms "${engine[@]}" -sign -in message -signer rsa.crt -keyform engine -inkey "$rsa" -out signed.cms -text
ok openssl cms -verify -in signed.cms -CAfile rsa.crt -purpose any -out verified
ok openssl cms -encrypt -aes-256-cbc -in message -out encrypted.cms rsa.crt
ok openssl cms "${engine[@]}" -decrypt -in encrypted.cms -recip rsa.crt -keyform engine -inkey "$rsa" -out decrypted
ok openssl cms -encrypt -binary -aes-256-cbc -in message -outform DER -out encrypted.der rsa.crt
ok openssl cms "${engine[@]}" -decrypt -binary -inform DER -in encrypted.der -recip rsa.crt -keyform engine \
    -inkey "$rsa" -out decrypted
same decrypted message

title "a wrong PIN signs nothing"
refused openssl dgst "${engine[@]}" -keyform engine -sign "pkcs11:id=%10;type=private;pin-value=000000" -sha256 \
    -out none message
finish
