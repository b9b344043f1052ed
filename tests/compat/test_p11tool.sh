#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GnuTLS' p11tool over OpenSC's module: lists everything, and signs with each key.
. "$(dirname "$0")/lib.sh"

export GNUTLS_PIN=$pin
provider=(--provider "$opensc_module")
initialise --label gnutls
generate rsa:2048 10
generate EC:prime256v1 20

title "tokens and objects"
says 'Label: .*gnutls' p11tool "${provider[@]}" --list-tokens
says 'Type: Public key \(RSA-2048\)' p11tool "${provider[@]}" --list-all
says 'Type: Private key \(RSA-2048\)' p11tool "${provider[@]}" --login --list-all
says 'Type: Private key \(EC/ECDSA' p11tool "${provider[@]}" --login --list-all
says_not 'rror' p11tool "${provider[@]}" --login --list-all
says 'RSA-PKCS|CKM_RSA_PKCS' p11tool "${provider[@]}" --list-mechanisms "pkcs11:token=gnutls%20%28UserPIN%29"

title "signatures"
for id in 10 20; do
    url=$(p11tool "${provider[@]}" --login --list-privkeys --only-urls 2> /dev/null | grep "id=%$id")
    says_not 'rror' p11tool "${provider[@]}" --login --test-sign "$url"
done

title "random numbers"
ok p11tool "${provider[@]}" --generate-random 16 "pkcs11:token=gnutls%20%28UserPIN%29"
ends_with 0 test "$(stat -c %s "$said")" -ge 16
finish
