#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pkcs11-tool --test: OpenSC's own walk through sessions, digests, signatures and decryption, with an RSA and an EC key
# and a certificate present.
. "$(dirname "$0")/lib.sh"

initialise --label self-test
title "an empty token"
says '^No errors' pkcs11-tool --test --login --pin $pin

title "with keys"
generate rsa:2048 10
generate EC:prime256v1 20
ok openssl req -engine pkcs11 -keyform engine -key "pkcs11:id=%10;type=private;pin-value=$pin" -new -x509 -days 9 \
    -subj /CN=self-test -out certificate.pem
ok openssl x509 -in certificate.pem -outform DER -out certificate.der
ok pkcs11-tool --login --pin $pin --write-object certificate.der --type cert --id 10 --label rsa
says '^No errors' pkcs11-tool --test --login --pin $pin
# Its warning about C_SignFinal is between pkcs11-tool and the module: the card has answered SIGN with 9000 by then.
says '^==> OK' pkcs11-tool --session-rw --test-ec --login --pin $pin --id 30 --key-type EC:prime256v1
finish
