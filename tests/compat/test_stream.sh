#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Streams of 100,000 bytes against openssl (stream_host.py), and the example of docs/commands.md as opensc-tool sends it. The
# same file runs on the virtual HSM and on each emulated chip.
. "$(dirname "$0")/lib.sh"

title "100,000 bytes, pieces of up to 4,080"
checks=$((checks + 1))
timeout 280 python3 -B "$root/tests/compat/stream_host.py" 4080 > "$said" 2>&1 || failed "should agree with openssl" stream_host.py
sed 's/^/  /' "$said"

title "the example of docs/commands.md"
cbc='-s 807A11510B060960864801650304012A'
piece1='-s 807A115408202122232425262700'
piece2='-s 807A11550828292A2B2C2D2E2F00'
login='-s 0020008106363438323139'
# shellcheck disable=SC2086
says '^61 A6 93 6E 4E 8F 10 1C 1C C1 F9 93 B5 42 A0 D4' opensc-tool $login $cbc $piece1 $piece2
# shellcheck disable=SC2086
says 'SW1=0x69, SW2=0x85' opensc-tool $login $piece1
finish
