#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Backup and restore with sc-hsm-tool between virtual HSM and chip: keys of all sizes and curves, made and wrapped in the
# virtual HSM, are unwrapped and used on the chip, wrapped there and used in another virtual HSM, with one that the chip has
# made itself. test_backup.sh CHIP
. "$(dirname "$0")/lib.sh"
. "$root/tests/compat/moving_keys.sh"
: "${PICO_HSM:=$root/build/release/apps/pico-hsm}"
export PICO_HSM

virtual() { # STEP: of virtual_backup.sh, in a virtual HSM of its own
    run_quietly env -u BOARD_DIR CHECK_SECONDS=120 "$root/tools/with-vhsm" -- "$BASH" "$root/tests/board/virtual_backup.sh" "$1" "$work"
    [ $? = 0 ] || failed "the virtual HSM's part" "$1"
}

title "keys are made and wrapped in the virtual HSM"
CHECK_SECONDS=400
virtual make
ok test -s share.pbe

title "they are restored on the chip, and sign there"
start
initialise --dkek-shares 1
says 'fail|rror' sc-hsm-tool --unwrap-key 1.wky --key-reference 1 --pin $pin
says 'DKEK share imported' sc-hsm-tool --import-dkek-share share.pbe --password 'the share of both'
each_key unwrap

title "they and one of the chip's own move to another virtual HSM"
rm -f ./*.wky
each_key wrap
make_key 0 40 EC:prime256v1
wrap $((${#types[@]} + 1))
stop
virtual take
finish
