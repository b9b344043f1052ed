#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An RSA-2048 key takes the chip many seconds; libccid would give up after three. It is kept waiting by time extensions,
# at least one in five seconds of its own clock. test_rsa.sh CHIP
. "$(dirname "$0")/lib.sh"
export BOARD_PCSCD_DEBUG=1 LIBCCID_ifdLogLevel=0x000F
start
initialise
title "RSA-2048"
begin_us=$(usb state emulated_us)
generate rsa:2048 01
took_ms=$((($(usb state emulated_us) - begin_us) / 1000))
extensions=$(grep -c 'Time extension requested' "$BOARD_LOG/pcscd.log")
echo "   $took_ms ms of the chip's time, $extensions time extensions"
ends_with 0 test "$extensions" -gt 0
ends_with 0 test $((extensions * 5000)) -gt "$took_ms"
public_key 01 public.pem
says 'Public-Key: \(2048 bit\)' openssl pkey -pubin -in public.pem -noout -text
printf 'a message' > message
ok pkcs11-tool --login --pin "$pin" --sign --id 01 --mechanism SHA256-RSA-PKCS --input-file message --output-file signature
ok openssl dgst -sha256 -verify public.pem -signature signature message

title "after a power cut it is still there"
export BOARD_PCSCD_DEBUG='' LIBCCID_ifdLogLevel=0x0003
restart
ok pkcs11-tool --login --pin "$pin" --sign --id 01 --mechanism SHA256-RSA-PKCS --input-file message --output-file signature
ok openssl dgst -sha256 -verify public.pem -signature signature message
finish_board
