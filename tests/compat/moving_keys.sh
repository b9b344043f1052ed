# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Keys that move from card to card with sc-hsm-tool, for the tests of backup; sourced behind checks.sh. The caller sets
# `types` if it wants others, and `force`, options of --unwrap-key. Public keys and wrapped ones lie in the working folder.
types=(rsa:1024 rsa:2048 rsa:3072 rsa:4096 EC:secp192r1 EC:prime256v1 EC:secp384r1 EC:secp521r1 EC:secp192k1 EC:secp256k1
    EC:brainpoolP256r1 EC:brainpoolP384r1 EC:brainpoolP512r1)
force=()
printf 'a message to be signed by a key that moved' > message

sign() { # ID TYPE
    local mechanism=ECDSA-SHA1 more=(--signature-format openssl)
    case $2 in rsa:*) mechanism=SHA256-RSA-PKCS more=() ;; esac
    rm -f signature
    ok pkcs11-tool --login --pin $pin --sign --id "$1" --mechanism $mechanism "${more[@]}" --input-file message \
        --output-file signature
}
verify() { # ID TYPE
    local hash=sha1
    case $2 in rsa:*) hash=sha256 ;; esac
    ok openssl dgst -$hash -verify "$1.pem" -signature signature message
    flip signature flipped
    refused openssl dgst -$hash -verify "$1.pem" -signature flipped message
}
id_of() { printf '%02x' $((number + 16)); }
each_key() { # COMMAND...: with the key's reference, CKA_ID and type behind it
    number=0
    local type
    for type in "${types[@]}"; do
        number=$((number + 1))
        "$@" $number "$(id_of)" "$type"
    done
}
make_key() {
    generate "$3" "$2"
    public_key "$2" "$2.pem"
}
wrap() {
    says_not 'fail|rror|denied' sc-hsm-tool --wrap-key "$1.wky" --key-reference "$1" --pin $pin
    ok test -s "$1.wky"
}
unwrap() { # REFERENCE ID TYPE
    says_not 'fail|rror|denied' sc-hsm-tool --unwrap-key "$1.wky" --key-reference "$1" --pin $pin "${force[@]}"
    sign "$2" "$3"
    verify "$2" "$3"
}
