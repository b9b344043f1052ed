#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The HD wallet, by programs that share nothing with the card (hd_wallet_host.py). The same file runs on the virtual HSM and
# on each emulated chip.
. "$(dirname "$0")/lib.sh"

host=$root/tests/compat/hd_wallet_host.py

initialise --label wallet

title "extended public keys, as another program derives them"
play nodes
title "signatures that openssl verifies with them"
play signatures
title "ciphers as openssl has them"
play cipher
title "what a node is not good for, and how long it lasts"
play refusals
title "255 levels"
play deep
finish
