#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sc-hsm-tool: initialise with and without a label, status, a second time over what is there. It ends with 0 even when
# the card refused, so only its text counts.
. "$(dirname "$0")/lib.sh"

title "before the first initialisation"
says 'Version +: [6-9]' sc-hsm-tool
says 'has never been initialized' sc-hsm-tool

title "initialise without a label"
initialise
says 'SO-PIN tries left +: 15' sc-hsm-tool
says 'User PIN tries left +: 3' sc-hsm-tool
says 'Config options' sc-hsm-tool
says 'User PIN reset with SO-PIN enabled' sc-hsm-tool

title "initialise with a label, a longer PIN and another number of tries"
pin=1234567890
initialise --label "compat token" --pin-retry 5
says 'User PIN tries left +: 5' sc-hsm-tool
says 'token label +: compat token' pkcs11-tool --list-token-slots
says 'compat token' pkcs15-tool --dump

title "initialising again wipes keys"
generate EC:prime256v1 01
says 'Private EC Key \[EC' pkcs15-tool --dump
initialise --label second
says_not 'Private EC Key \[EC' pkcs15-tool --dump
says 'token label +: second' pkcs11-tool --list-token-slots

title "refused: PIN too short, SO-PIN of the wrong length"
says 'PIN must be at least 6' sc-hsm-tool --initialize --so-pin $so_pin --pin 12
says 'SO-PIN must be' sc-hsm-tool --initialize --so-pin 1234 --pin $pin
says 'token label +: second' pkcs11-tool --list-token-slots
finish
