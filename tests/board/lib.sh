# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The emulated board that a test starts and restarts itself, and the assertions of tests/compat. A test is called with the
# chip's name, sources this first and calls `finish_board` last.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [ -z "${BOARD_DIR:-}" ]; then exec "$root/tools/with-board" "$1" --off "${WITH_BOARD[@]}" -- "$BASH" "$0" "$@"; fi
set -e
# shellcheck source=tools/private-pcscd.sh
. "$root/tools/private-pcscd.sh"
# shellcheck source=tools/board.sh
. "$root/tools/board.sh"
set +e
scratch=$BOARD_DIR card_log=$BOARD_LOG/emulator.log
: > "$card_log"
# shellcheck source=tests/compat/checks.sh
. "$root/tests/compat/checks.sh"

# start [OPTION...]: board and pcscd, with further options for the emulator; its time runs as fast as it can while the host
# waits. restart: power off and on.
start() {
    board_on --fast "$@"
    pcscd_on "${usb_id:-2E8A:10FD}"
}
stop() {
    pcscd_off
    : > "$said"
    checks=$((checks + 1))
    board_off || failed "the emulator should end well" "$BOARD_EMULATOR"
}
restart() {
    stop
    start "$@"
}

# asks the emulator itself, past pcscd: usb.py says how.
usb() { python3 "$root/tests/board/usb.py" "$BOARD_SOCKET" "$@"; }

finish_board() {
    stop
    finish
}
