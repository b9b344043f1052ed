#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# RSA through pkcs11-tool: every signature mechanism the module offers is verified by openssl with the exported public
# key, a flipped bit is not; what openssl encrypted is decrypted. A mechanism that this test does not know fails it.
. "$(dirname "$0")/lib.sh"

sizes=${*:-1024 2048 3072 4096}
printf 'a message of some length, to be signed' > message

# verify_dgst KEY HASH SIGNATURE OPTIONS...
verify_dgst() {
    local key=$1 hash=$2 signature=$3
    shift 3
    openssl dgst "-$hash" -verify "$key" "$@" -signature "$signature" message
}
verify_pkcs1() { verify_dgst "$1" "$2" "$3"; }
verify_pss() { verify_dgst "$1" "$2" "$3" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest; }
# The signer was given a digest.
verify_pss_of_digest() {
    openssl pkeyutl -verify -pubin -inkey "$1" -in digest -sigfile "$3" -pkeyopt digest:"$2" \
        -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest
}
# The signer was given a block: what comes back must be it.
recovers() { # KEY PADDING SIGNATURE
    openssl pkeyutl -verifyrecover -pubin -inkey "$1" -in "$3" -pkeyopt rsa_padding_mode:"$2" -out recovered &&
        cmp recovered block
}

# sign_with MECHANISM INPUT VERIFY ARGUMENT OPTIONS...: also shows that a flipped bit is noticed.
sign_with() {
    local mechanism=$1 input=$2 verify=$3 argument=$4
    shift 4
    ok pkcs11-tool --login --pin $pin --sign --id "$id" --mechanism "$mechanism" --input-file "$input" \
        --output-file signature "$@"
    ok "$verify" public.pem "$argument" signature
    flip signature flipped
    refused "$verify" public.pem "$argument" flipped
}

lower() { echo "${1%%-*}" | tr '[:upper:]' '[:lower:]'; }

sign() { # MECHANISM BITS
    local hash
    hash=$(lower "$1")
    case $1 in
    RSA-X-509)
        python3 -c "open('block','wb').write(b'\0\1' + b'x' * ($2 // 8 - 2))"
        sign_with "$1" block recovers none
        ;;
    RSA-PKCS)
        printf '%s' "any thirty-odd bytes, no DigestInfo" > block
        sign_with "$1" block recovers pkcs1
        ;;
    SHA*-RSA-PKCS) sign_with "$1" message verify_pkcs1 "$hash" ;;
    SHA*-RSA-PKCS-PSS)
        if [ "$2" = 1024 ] && [ "$hash" = sha512 ]; then return; fi # no room for its salt
        sign_with "$1" message verify_pss "$hash"
        ;;
    RSA-PKCS-PSS)
        for hash in sha1 sha256 sha384; do
            openssl dgst -$hash -binary -out digest message
            sign_with "$1" digest verify_pss_of_digest $hash --hash-algorithm "$(hash_name $hash)" \
                --mgf "MGF1-${hash^^}" --salt-len -1
        done
        ;;
    MD5-RSA-PKCS | RIPEMD160-RSA-PKCS) sign_with "$1" message verify_pkcs1 "$hash" ;;
    *)
        : > "$said"
        failed "nobody tests this signature mechanism" "$1"
        ;;
    esac
}

hash_name() { # sha1 is SHA-1 to pkcs11-tool, sha256 is SHA256
    if [ "$1" = sha1 ]; then echo SHA-1; else echo "${1^^}"; fi
}

decrypt() { # MECHANISM BITS
    case $1 in
    RSA-X-509) decrypt_with "$1" block none ;;
    RSA-PKCS) decrypt_with "$1" secret pkcs1 ;;
    RSA-PKCS-OAEP)
        decrypt_with "$1" secret oaep sha1
        decrypt_with "$1" secret oaep sha256
        ;;
    *)
        : > "$said"
        failed "nobody tests this decryption mechanism" "$1"
        ;;
    esac
}

decrypt_with() { # MECHANISM PLAIN PADDING [HASH]
    local oaep=() options=()
    if [ -n "${4:-}" ]; then
        oaep=(-pkeyopt "rsa_oaep_md:$4" -pkeyopt "rsa_mgf1_md:$4")
        options=(--hash-algorithm "$(hash_name "$4")" --mgf "MGF1-${4^^}")
    fi
    ok openssl pkeyutl -encrypt -pubin -inkey public.pem -in "$2" -out encrypted -pkeyopt rsa_padding_mode:"$3" "${oaep[@]}"
    rm -f decrypted
    ok pkcs11-tool --login --pin $pin --decrypt --id "$id" --mechanism "$1" --input-file encrypted \
        --output-file decrypted "${options[@]}"
    same decrypted "$2"
    [ "$3" = none ] && return
    flip encrypted flipped
    rm -f decrypted
    run_quietly pkcs11-tool --login --pin $pin --decrypt --id "$id" --mechanism "$1" --input-file flipped \
        --output-file decrypted "${options[@]}"
    if [ -e decrypted ] && cmp -s decrypted "$2"; then failed "a flipped bit should not decrypt" "$1"; fi
}

initialise
printf 'a secret of 29 bytes, no more' > secret
number=10
for bits in $sizes; do
    id=$number
    number=$((number + 1))
    title "RSA-$bits"
    generate "rsa:$bits" "$id"
    public_key "$id" public.pem
    says "Public-Key: \($bits bit\)" openssl pkey -pubin -in public.pem -noout -text
    for mechanism in $(mechanisms sign RSA); do sign "$mechanism" "$bits"; done
    python3 -c "open('block','wb').write(b'\0' + b'y' * ($bits // 8 - 1))"
    for mechanism in $(mechanisms decrypt RSA); do decrypt "$mechanism" "$bits"; done
done

title "the module offers what it should"
for mechanism in RSA-X-509 RSA-PKCS SHA1-RSA-PKCS SHA256-RSA-PKCS RSA-PKCS-PSS SHA256-RSA-PKCS-PSS; do
    says "^ +$mechanism," pkcs11-tool --list-mechanisms
done

title "the public keys that pkcs11-tool reads are the same"
ok pkcs11-tool --read-object --type pubkey --id 10 --output-file public.der
ok pkcs15-tool --read-public-key 10 --output public.pem
ok openssl pkey -pubin -in public.der -inform DER -out again.pem
ok openssl pkey -pubin -in public.pem -out public2.pem
same again.pem public2.pem

title "the dump is clean"
says_not 'rror|fail|nvalid' pkcs15-tool --dump
finish
