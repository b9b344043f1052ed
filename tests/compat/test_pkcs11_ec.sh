#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Elliptic curves through pkcs11-tool, all nine: every signature mechanism the module offers is verified by openssl with
# the exported public key, a flipped bit is not; the derived secret is openssl's. An unknown mechanism fails the test.
. "$(dirname "$0")/lib.sh"

curves=${*:-secp192r1 prime256v1 secp384r1 secp521r1 secp192k1 secp256k1 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1}
printf 'a message of some length, to be signed' > message

openssl_curve() { # openssl has another name for one of them
    if [ "$1" = secp192r1 ]; then echo prime192v1; else echo "$1"; fi
}

verify_message() { openssl dgst "-$1" -verify public.pem -signature "$2" message; }
verify_digest() { openssl pkeyutl -verify -pubin -inkey public.pem -in digest -sigfile "$2"; }

# sign_with MECHANISM INPUT VERIFY HASH: also shows that a flipped bit is noticed.
sign_with() {
    ok pkcs11-tool --login --pin $pin --sign --id "$id" --mechanism "$1" --signature-format openssl \
        --input-file "$2" --output-file signature
    ok "$3" "$4" signature
    flip signature flipped
    refused "$3" "$4" flipped
}

sign() {
    local hash
    case $1 in
    ECDSA)
        for hash in sha1 sha256; do
            openssl dgst -$hash -binary -out digest message
            sign_with "$1" digest verify_digest $hash
        done
        ;;
    ECDSA-SHA*)
        hash=${1#ECDSA-}
        sign_with "$1" message verify_message "${hash,,}"
        ;;
    *)
        : > "$said"
        failed "nobody tests this signature mechanism" "$1"
        ;;
    esac
}

derive() { # MECHANISM CURVE
    ok openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$(openssl_curve "$2")" -out peer.pem
    ok openssl pkey -in peer.pem -pubout -outform DER -out peer.der
    ok openssl pkeyutl -derive -inkey peer.pem -peerkey public.pem -out wanted
    rm -f derived
    ok pkcs11-tool --login --pin $pin --derive --id "$id" --mechanism "$1" --input-file peer.der --output-file derived
    same derived wanted
}

initialise
number=20
for curve in $curves; do
    id=$number
    number=$((number + 1))
    title "$curve"
    generate "EC:$curve" "$id"
    public_key "$id" public.pem
    says "ASN1 OID: $(openssl_curve "$curve")" openssl pkey -pubin -in public.pem -noout -text
    ok openssl pkey -pubin -in public.pem -noout -pubcheck
    for mechanism in $(mechanisms sign ECDSA); do sign "$mechanism"; done
    for mechanism in $(mechanisms derive ECDH); do derive "$mechanism" "$curve"; done
done

title "the module offers what it should"
for mechanism in ECDSA ECDSA-SHA1 ECDSA-SHA256 ECDH1-DERIVE; do
    says "^ +$mechanism," pkcs11-tool --list-mechanisms
done

title "the dump is clean and shows all keys"
says_not 'rror|fail|nvalid' pkcs15-tool --dump
[ "$(grep -c 'Private EC Key \[EC:' "$said")" = "$(echo "$curves" | wc -w)" ] || failed "should show each key" pkcs15-tool --dump
finish
