# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Assertions for end-to-end tests, and steps that many of them share. Sourced by lib.sh here and in tests/board, which say
# where: $scratch is a folder to work in, $card_log what the card says about itself. A failed check is counted and the
# test goes on, so that one run shows everything that is wrong.

# The examples' PINs; OpenSC wants the SO-PIN as hex digits of the 8 bytes "57621880".
pin=648219 so_pin=3537363231383830
work=$scratch/work
mkdir -p "$work" && cd "$work" || exit 1
# Nothing of the user's configuration or caches.
export HOME=$work XDG_CACHE_HOME=$work/cache XDG_CONFIG_HOME=$work/config LC_ALL=C
opensc_module=$(echo /usr/lib/*/opensc-pkcs11.so)
export PKCS11_MODULE_PATH=$opensc_module
checks=0 failures=0
said=$work/said

# ---- checks: each runs one command and says what it expected of it when it was disappointed ----

failed() { # WHAT COMMAND...
    failures=$((failures + 1))
    echo "FAILED: $1"
    shift
    echo "  command: $*"
    sed 's/^/  | /' "$said" | tail -n 25
    echo "  last words of the card:"
    tail -n 12 "$card_log" | sed 's/^/  > /'
}

# A program may take CHECK_SECONDS (120); tests/soak lets chips make RSA-4096 keys.
run_quietly() {
    checks=$((checks + 1))
    local limit=(timeout "${CHECK_SECONDS:-120}")
    [ "$(type -t -- "$1")" = function ] && limit=() # timeout starts programs only
    "${limit[@]}" "$@" > "$said" 2>&1 < /dev/null
}

# The command succeeds.
ok() { run_quietly "$@" || failed "should succeed, ended with $?" "$@"; }

# The command fails, but not by a signal or a time-out. (255 is what OpenSSH says.)
refused() {
    run_quietly "$@"
    local code=$?
    if [ $code -eq 0 ] || { [ $code -ge 124 ] && [ $code -lt 255 ]; }; then failed "should be refused, ended with $code" "$@"; fi
}

# says REGEX COMMAND...: whatever it ends with, a line of its output matches.
says() {
    local regex=$1
    shift
    run_quietly "$@"
    grep -qE -- "$regex" "$said" || failed "should say \"$regex\"" "$@"
}

# says_not REGEX COMMAND...: it succeeds and no line matches.
says_not() {
    local regex=$1 code=0
    shift
    run_quietly "$@" || code=$?
    if [ "$code" != 0 ] || grep -qE -- "$regex" "$said"; then
        failed "should succeed without \"$regex\", ended with $code" "$@"
    fi
}

# same A B: two files are equal and not empty.
same() {
    [ -s "$1" ] || { : > "$said"; failed "should not be empty" test -s "$1"; return; }
    ok cmp "$1" "$2"
}

# ends_with CODE COMMAND...
ends_with() {
    local wanted=$1 code=0
    shift
    run_quietly "$@" || code=$?
    [ "$code" = "$wanted" ] || failed "should end with $wanted, ended with $code" "$@"
}

title() { printf '== %s\n' "$*"; }

finish() {
    echo "$checks checks, $failures failed"
    [ "$failures" = 0 ] && [ "$checks" -gt 0 ]
    exit
}

# ---- common steps ----

# apdu HEX... WANTED: commands of one session; WANTED is the whole last answer in hex, a regex.
apdu() {
    local wanted=${!#} got sends=()
    for command in "${@:1:$#-1}"; do sends+=(--send-apdu "$command"); done
    run_quietly opensc-tool "${sends[@]}"
    got=$(answers | tail -n 1)
    [[ $got =~ ^($wanted)$ ]] || failed "should answer $wanted, answered $got" opensc-tool "${sends[@]}"
}

# play [ARGUMENTS]: the test's own $host, a program that checks for itself and prints what it found last.
play() {
    checks=$((checks + 1))
    timeout 500 python3 -B "${host:?}" "$@" > "$said" 2>&1 || failed "should go as written" "$host" "$@"
    sed 's/^/  /' "$said" | tail -n 1
}

# The answers that opensc-tool has just printed, in hex, one a line.
answers() {
    awk 'function flush() { if (on) print data sw1 sw2; data = ""; on = 0 }
         /^Sending/ { flush() }
         /^Received/ { match($0, /SW1=0x../); sw1 = substr($0, RSTART + 6, 2)
                       match($0, /SW2=0x../); sw2 = substr($0, RSTART + 6, 2); on = 1; next }
         on { match(substr($0, 1, 48), /^([0-9A-F][0-9A-F] )+/); line = substr($0, 1, RLENGTH)
              gsub(/ /, "", line); data = data line } # what follows is the same in ASCII
         END { flush() }' "$said"
}

p11() { pkcs11-tool --login --pin "$pin" "$@"; }
export -f p11
export pin

# A fresh token. sc-hsm-tool ends with 0 even when the card refused, so its text is read.
initialise() { says_not 'fail|rror|incorrect' sc-hsm-tool --initialize --so-pin $so_pin --pin $pin "$@"; }

# generate TYPE ID: a key pair, labelled like its type.
generate() { ok pkcs11-tool --login --pin $pin --keypairgen --key-type "$1" --id "$2" --label "$1"; }

# public_key ID FILE: as PEM, by way of pkcs15-tool (pkcs11-tool 0.23 gets some curves wrong).
public_key() {
    ok pkcs15-tool --read-public-key "$1" --output "$2"
    grep -q 'BEGIN PUBLIC KEY' "$2" || failed "should be a public key" cat "$2"
}

# Standard input in upper case hex, and the way back. (Starting an interpreter a hundred times takes longer than the card.)
to_hex() { basenc --base16 --wrap=0; }
from_hex() { basenc --base16 --decode; }

# flip FROM TO: the same bytes with one bit of the last one changed.
flip() {
    local last
    last=$(tail -c 1 "$1" | to_hex)
    { head -c -1 "$1" && printf %02X $((0x$last ^ 1)) | from_hex; } > "$2"
}

random_file() { openssl rand -out "$2" "$1"; } # SIZE FILE

# mechanisms OPERATION FAMILY-REGEX: the names pkcs11-tool lists for it.
mechanisms() {
    pkcs11-tool --list-mechanisms 2> /dev/null | awk -F', ' -v op="$1" '{
        name = $1; gsub(/^ +/, "", name)
        for (i = 2; i <= NF; i++) if ($i == op) print name }' | grep -E "$2"
}
