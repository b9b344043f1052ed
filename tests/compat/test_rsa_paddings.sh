#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The algorithm ids of SIGN and DECIPHER that OpenSC does not send: hashes by the card, paddings removed by the card, and
# ours (docs/commands.md): SHA-3, PSS with any salt, OAEP with any hash and label. Bare APDUs of opensc-tool; openssl
# judges signatures and makes cryptograms.
# usage: test_rsa_paddings.sh [BITS...]
. "$(dirname "$0")/lib.sh"

sizes=${*:-1024 2048}
verify=0020008106363438323139
printf 'a message of some length, to be signed' > message

declare -A oid=(
    [sha1]=06052B0E03021A [sha224]=0609608648016503040204 [sha256]=0609608648016503040201
    [sha384]=0609608648016503040202 [sha512]=0609608648016503040203 [sha3-224]=0609608648016503040207
    [sha3-256]=0609608648016503040208 [sha3-384]=0609608648016503040209 [sha3-512]=060960864801650304020A)
declare -A bytes=([sha1]=20 [sha224]=28 [sha256]=32 [sha384]=48 [sha512]=64 [sha3-224]=28 [sha3-256]=32 [sha3-384]=48 [sha3-512]=64)
hashes='sha1 sha224 sha256 sha384 sha512 sha3-224 sha3-256 sha3-384 sha3-512'

object() { printf '%s82%04X%s' "$1" $((${#2} / 2)) "$2"; } # TAG VALUE, both hex
# mgf HASH: its OID under tag 85
mgf() { echo "85${oid[$1]:2}"; }
# command_of INS P2 DATA: a command to key 01, as an extended APDU
command_of() { printf '80%s01%s00%04X%s0000' "$1" "$2" $((${#3} / 2)) "$3"; }

# answered FILE INS P2 DATA: 9000, and what came before it is left in FILE.
answered() {
    local got
    run_quietly opensc-tool --send-apdu "$verify" --send-apdu "$(command_of "$2" "$3" "$4")"
    got=$(answers | tail -n 1)
    [[ $got =~ 9000$ ]] || { failed "should answer 9000, answered $got" command "$2 $3 $4"; return; }
    printf '%s' "${got%9000}" | from_hex > "$1"
}
# refuses WORD INS P2 DATA
refuses() { apdu "$verify" "$(command_of "$2" "$3" "$4")" "$1"; }

judge() { # HASH SIGNATURE OPTIONS...: over the message
    local hash=$1 signature=$2 options=()
    shift 2
    for option in "$@"; do options+=(-sigopt "$option"); done
    openssl dgst "-$hash" -verify public.pem "${options[@]}" -signature "$signature" message
}
# judged HASH OPTIONS...: the signature holds, and one with a flipped bit does not.
judged() {
    local hash=$1
    shift
    ok judge "$hash" signature "$@"
    flip signature flipped
    refused judge "$hash" flipped "$@"
}

# 31 to 39 and 41 to 49: the hashes in their order, hashed by the card.
hashed_signatures() {
    local i=0 hash
    for hash in $hashes; do
        i=$((i + 1))
        answered signature 68 3$i "$(to_hex < message)"
        judged "$hash"
        answered signature 68 4$i "$(to_hex < message)"
        judged "$hash" rsa_padding_mode:pss rsa_pss_saltlen:auto
    done
    refuses 6A86 68 4B 00
    refuses 6400 68 73 00
}

# 30: a DigestInfo of a hash that hosts have always had; 3A: of any.
digest_infos() {
    local hash
    for hash in $hashes; do
        digest=$(openssl dgst "-$hash" -binary message | to_hex)
        info=${oid[$hash]}050004$(printf %02X "${bytes[$hash]}")$digest
        info=$(printf '30%02X30%02X%s' $((${#info} / 2 + 2)) $(((${#oid[$hash]} + 4) / 2)) "$info")
        answered signature 68 3A "$info"
        judged "$hash"
        case $hash in
            sha3-*) refuses 6A80 68 30 "$info" ;;
            *) answered signature 68 30 "$info"
               judged "$hash" ;;
        esac
        refuses 6A80 68 3A "${info}00"
    done
}

pss_signatures() { # BITS
    local hash other=sha3-256 most salt digest
    for hash in $hashes; do
        most=$(($1 / 8 - bytes[$hash] - 2))
        digest=$(openssl dgst "-$hash" -binary message | to_hex)
        for salt in 0 7 $most; do
            answered signature 68 4A "${oid[$hash]}$(printf '8402%04X' "$salt")$(mgf "$other")$(object 81 "$(to_hex < message)")"
            judged "$hash" rsa_padding_mode:pss rsa_pss_saltlen:"$salt" rsa_mgf1_md:"$other"
        done
        answered signature 68 4A "${oid[$hash]}8402$(printf %04X "$most")82$(printf %02X "${bytes[$hash]}")$digest"
        judged "$hash" rsa_padding_mode:pss rsa_pss_saltlen:"$most"
        refuses 6700 68 4A "${oid[$hash]}8402$(printf %04X $((most + 1)))$(object 81 00)"
        other=$hash
    done
}

encrypt() { # HASH MGF LABEL
    openssl pkeyutl -encrypt -pubin -inkey public.pem -in secret -out cryptogram -pkeyopt rsa_padding_mode:oaep \
        -pkeyopt rsa_oaep_md:"$1" -pkeyopt rsa_mgf1_md:"$2" ${3:+-pkeyopt rsa_oaep_label:$3}
}

oaep_cryptograms() { # BITS
    local hash other=sha3-256 label=''
    for hash in $hashes; do
        if [ $((2 * bytes[$hash] + 2 + 4)) -gt $(($1 / 8)) ]; then # no room for four bytes
            refuses 6700 62 24 "${oid[$hash]}$(object 81 "$(to_hex < cryptogram)")"
            continue
        fi
        random_file 4 secret
        ok encrypt "$hash" "$other" "$label"
        data=${oid[$hash]}$(mgf "$other")$(object 81 "$(to_hex < cryptogram)")
        answered plain 62 24 "$data${label:+$(object 83 "$label")}"
        same plain secret
        refuses 6400 62 24 "${data}8301EE"
        flip cryptogram flipped
        refuses 6400 62 24 "${oid[$hash]}$(mgf "$other")$(object 81 "$(to_hex < flipped)")${label:+$(object 83 "$label")}"
        other=$hash label=$label$(openssl rand -hex 9 | tr a-f A-F)
    done
}

# 22 and 23: padding removed by the card, in the form of RFC 8017 and with SHA-256.
plain_cryptograms() {
    random_file 4 secret
    ok openssl pkeyutl -encrypt -pubin -inkey public.pem -in secret -out cryptogram -pkeyopt rsa_padding_mode:pkcs1
    answered plain 62 22 "$(to_hex < cryptogram)"
    same plain secret
    refuses 6700 62 22 "00$(to_hex < cryptogram)"
    ok encrypt sha256 sha256 ''
    answered plain 62 23 "$(to_hex < cryptogram)"
    same plain secret
    flip cryptogram flipped
    refuses 6400 62 23 "$(to_hex < flipped)"
    refuses 6B00 62 25 00
}

# 20, 21 and 40 (OpenSC sends them: test_pkcs11_rsa.sh) with data that are too short.
short_data() {
    refuses 6700 68 20 "$(to_hex < message)"
    refuses 6700 62 21 "$(to_hex < message)"
    refuses 6700 68 40 00
}

# 71 to 79: the hashes in their order.
ecdsa_signatures() {
    local i=0
    for hash in $hashes; do
        i=$((i + 1))
        answered signature 68 7$i "$(to_hex < message)"
        judged "$hash"
    done
    refuses 6400 68 33 00
    refuses 6400 68 43 00
}

initialise --label paddings
for bits in $sizes; do
    title "RSA-$bits"
    generate "RSA:$bits" 01
    public_key 01 public.pem
    title "RSA-$bits: hashed by the card"
    hashed_signatures
    title "RSA-$bits: DigestInfo"
    digest_infos
    title "RSA-$bits: PSS with any salt"
    pss_signatures "$bits"
    title "RSA-$bits: padding removed by the card"
    plain_cryptograms
    short_data
    title "RSA-$bits: OAEP with any hash and label"
    oaep_cryptograms "$bits"
    ok pkcs11-tool --login --pin $pin --delete-object --type privkey --id 01
done

title "ECDSA, hashed by the card"
generate EC:secp384r1 01
public_key 01 public.pem
ecdsa_signatures

title "random bytes"
for n in 1 1024 4096; do
    run_quietly opensc-tool --send-apdu "0084000100$(printf %04X $n)"
    [ "$(answers | tail -n 1 | tr -d '\n' | wc -c)" = $((2 * n + 4)) ] || failed "should be $n bytes" opensc-tool
done
apdu 00840001001001 6700
apdu 00840000000401 6700
finish
