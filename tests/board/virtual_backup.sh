#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The virtual HSM's part of test_backup.sh, inside of tools/with-vhsm: virtual_backup.sh make|take FOLDER
. "$(dirname "$0")/../compat/lib.sh"
cd "$2" || exit 1
. "$root/tests/compat/moving_keys.sh"

make() {
    initialise --dkek-shares 1
    ok sc-hsm-tool --create-dkek-share share.pbe --password 'the share of both'
    says 'DKEK share imported' sc-hsm-tool --import-dkek-share share.pbe --password 'the share of both'
    each_key make_key
    each_key wrap
}

take() {
    initialise --dkek-shares 1
    says 'DKEK share imported' sc-hsm-tool --import-dkek-share share.pbe --password 'the share of both'
    each_key unwrap
    unwrap $((${#types[@]} + 1)) 40 EC:prime256v1
}

"$1"
finish
