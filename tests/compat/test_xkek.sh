#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A key domain whose key is agreed on with another member of its group (XKEK, apdu.md 3.15 and 3.20): openssl is group and
# member (xkek_host.py). The same file runs on the virtual HSM and on each emulated chip.
. "$(dirname "$0")/lib.sh"

host=$root/tests/compat/xkek_host.py
title "a group, an exchange key, an agreement, and a key wrapped under it"
play
finish
