#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# opensc-tool: reader, ATR, card driver, and plain APDUs that show framing and status words through pcscd.
. "$(dirname "$0")/lib.sh"

title "reader and ATR"
says "Yes +$reader" opensc-tool --list-readers
says '^3b:fe:18:00:00:81:31:fe:45:80:31:81:54:48:53:4d:31:73:80:21:40:81:07:fa$' opensc-tool --atr
says '^SmartCard-HSM' opensc-tool --name

title "APDUs"
select=00A404000BE82B0601040181C31F0201
apdu ${select}00 '6F.*9000|62.*9000'
apdu 00A4040008A0583FC19B7E4F2100 '00.*9000'
apdu 00A404000411223344 6A82
apdu 0084000008 '.{16}9000'
apdu 0084000000 '.{512}9000'
apdu 00840000000400 '.{2048}9000'
apdu 00990000 6D00
apdu 10840000 9000
apdu 0084000009 '.{18}9000'
apdu FF840000FF '6E00'

title "an applet is selected anew for every opensc-tool: several APDUs in one session"
says 'SW1=0x90, SW2=0x00' opensc-tool -s ${select}00 -s 0084000008
says 'SW1=0x6A, SW2=0x82' opensc-tool -s 00A4040008A0583FC19B7E4F2100 -s 00A40400041122334400
finish
