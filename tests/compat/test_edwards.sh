#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ed25519, Ed448, X25519 and X448, judged by openssl (edwards_host.py). The same file runs on the virtual HSM and on each
# emulated chip. OpenSC 0.23 does not know these keys on a SmartCard-HSM: it must say so and go on.
. "$(dirname "$0")/lib.sh"

host=$root/tests/compat/edwards_host.py

initialise --label edwards --dkek-shares 1

title "signatures that openssl verifies with the public key in CE"
play signatures
title "secrets that openssl agrees on"
play agreements
title "keys that openssl made, wrapped and brought along"
play imported
title "signatures with context and prehash, as they are printed"
play printed
title "what such keys are not good for"
play refusals

title "OpenSC beside them: it lists the private keys and works with its own kind"
says 'Private Key Object; EC' pkcs11-tool --login --pin $pin --list-objects
generate EC:prime256v1 61
public_key 61 61.pem
says '0x1105|not supported|CKR_|CKM_|rror' pkcs11-tool --login --pin $pin --keypairgen --key-type EC:edwards25519 --id 62
finish
