# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The private pcscd that an end-to-end test runs in, and its assertions (checks.sh). A test sources this first and calls
# `finish` last. The card is the virtual HSM or, when the environment says BOARD=CHIP, firmware on an emulated chip.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${PICO_HSM:=$root/build/release/apps/pico-hsm}"
export PICO_HSM

# Outside of a private pcscd: start again inside of one. A test may set WITH_VHSM=(options) and WITH_BOARD=(options) first.
if [ -z "${VHSM_DIR:-}${BOARD_DIR:-}" ]; then
    if [ -n "${BOARD:-}" ]; then exec "$root/tools/with-board" "$BOARD" --emu --fast "${WITH_BOARD[@]}" -- "$BASH" "$0" "$@"; fi
    exec "$root/tools/with-vhsm" --option --trace "${WITH_VHSM[@]}" -- "$BASH" "$0" "$@"
fi

if [ -n "${BOARD_DIR:-}" ]; then
    scratch=$BOARD_DIR card_log=$BOARD_LOG/emulator.log reader='Pico HSM'
else
    scratch=$VHSM_DIR card_log=$VHSM_LOG/pico-hsm.log reader='Virtual PCD'
fi
# shellcheck source=tests/compat/checks.sh
. "$root/tests/compat/checks.sh"
