#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The session of `make demo`, without the build: it ends with 0 and shows what README promises.
. "$(dirname "$0")/lib.sh"

ok "$root/tools/demo" --session
[ "$(grep -c 'Verified OK' "$said")" = 2 ] || failed "should verify twice" tools/demo --session
for line in '^.*\$ pkcs11-tool .*--keypairgen' 'certificate.pem: OK' 'Private RSA Key' 'Private EC Key' 'X.509 Certificate'; do
    grep -qE -- "$line" "$said" || failed "should show \"$line\"" tools/demo --session
done
finish
