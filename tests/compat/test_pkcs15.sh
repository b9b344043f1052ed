#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pkcs15-tool and pkcs15-crypt: the dump, certificates and data objects on the token, signing and deciphering below
# PKCS#11, deleting.
. "$(dirname "$0")/lib.sh"

initialise --label objects
printf 'a message, to be signed' > message
openssl dgst -sha256 -binary -out digest message
printf 'a secret' > secret

title "an empty token"
says_not 'rror|fail|nvalid' pkcs15-tool --dump
says 'PIN \[UserPIN\]' pkcs15-tool --dump
says 'PIN \[SOPIN\]' pkcs15-tool --dump

title "pkcs15-crypt with RSA"
generate rsa:2048 10
public_key 10 rsa.pem
ok pkcs15-crypt --sign --key 10 --pkcs1 --sha-256 --pin $pin --input digest --output signature --raw
ok openssl dgst -sha256 -verify rsa.pem -signature signature message
ok openssl pkeyutl -encrypt -pubin -inkey rsa.pem -in secret -out encrypted
ok pkcs15-crypt --decipher --key 10 --pkcs1 --pin $pin --input encrypted --output decrypted --raw
same decrypted secret
refused pkcs15-crypt --sign --key 10 --pkcs1 --sha-256 --pin 000000 --input digest --output none --raw

title "pkcs15-crypt with P-256"
generate EC:prime256v1 20
public_key 20 ec.pem
# No --sha-256: with EC keys OpenSC takes it as an order to hash once more.
ok pkcs15-crypt --sign --key 20 --signature-format openssl --pin $pin --input digest --output signature --raw
ok openssl dgst -sha256 -verify ec.pem -signature signature message

title "a certificate"
ok openssl req -x509 -newkey rsa:2048 -nodes -keyout other.pem -subj /CN=other -days 2 -outform DER -out other.der
ok pkcs11-tool --login --pin $pin --write-object other.der --type cert --id 10 --label rsa
ok pkcs11-tool --read-object --type cert --id 10 --output-file other.back
same other.back other.der
ok pkcs15-tool --read-certificate 10 --output certificate.pem
ok openssl x509 -in certificate.pem -outform DER -out certificate.der
same certificate.der other.der

title "data objects, public and private, short and long"
openssl rand -out long 3500
ok pkcs11-tool --login --pin $pin --write-object secret --type data --label short --application-id 1.3.6.1.4.1.24991.9
ok pkcs11-tool --login --pin $pin --write-object long --type data --label long
ok pkcs11-tool --login --pin $pin --write-object secret --type data --label hidden --private
ok pkcs11-tool --read-object --type data --label short --output-file short.back
same short.back secret
ok pkcs11-tool --read-object --type data --label long --output-file long.back
same long.back long
ok pkcs11-tool --login --pin $pin --read-object --type data --label hidden --output-file hidden.back
same hidden.back secret
rm -f hidden.back
run_quietly pkcs11-tool --read-object --type data --label hidden --output-file hidden.back
if [ -s hidden.back ]; then failed "a private object should not be read without a login" pkcs11-tool; fi

title "the dump shows them all and no error"
says_not 'rror|fail|nvalid' pkcs15-tool --dump
# OpenSC gives a key the label of its certificate.
for line in 'Private RSA Key \[rsa\]' 'Private EC Key \[EC:prime256v1\]' 'X.509 Certificate \[rsa\]' \
    "Data object '?short" "Data object '?long" "Data object '?hidden"; do
    says "$line" pkcs15-tool --dump
done

title "delete"
ok pkcs11-tool --login --pin $pin --delete-object --type data --label long
ok pkcs11-tool --login --pin $pin --delete-object --type privkey --id 20
says_not 'Data object .?long|Private EC Key \[EC|rror|fail' pkcs15-tool --dump
ok pkcs11-tool --read-object --type data --label short --output-file short.back
same short.back secret

title "random numbers"
ok pkcs11-tool --generate-random 4096 --output-file random.1
ok pkcs11-tool --generate-random 4096 --output-file random.2
refused cmp random.1 random.2
ends_with 0 test "$(stat -c %s random.1)" = 4096
finish
