#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The program itself: options, exit codes, image and secret files that it refuses and leaves alone, pcscd that comes and
# goes, signals at any moment, silence when idle.
WITH_VHSM=(--no-card)
. "$(dirname "$0")/lib.sh"

hsm=$PICO_HSM
card=''
log=$VHSM_LOG/pico-hsm.log
: > "$log"

start() { # [OPTION...]: in the background, its process id in $card
    : > "$log"
    "$hsm" --image "$VHSM_IMAGE" "$@" 2> "$log" < /dev/null &
    card=$!
}
seen() { # TEXT: appears in the log within 10 s
    local i
    for ((i = 0; i < 1000; i++)); do
        grep -q -- "$1" "$log" && return
        kill -0 $card 2> /dev/null || break
        sleep 0.01
    done
    cp "$log" "$said"
    failed "should say \"$1\"" pico-hsm
}
# A signal ends it with 0, and soon. Before its first words, when there is nothing to clean up, the signal may kill it.
stop() { # [SIGNAL]
    checks=$((checks + 1))
    kill "-${1:-TERM}" $card
    local begin=$SECONDS code=0
    wait $card || code=$?
    cp "$log" "$said"
    [ $code = 143 ] && [ ! -s "$log" ] && code=0
    [ $code = 0 ] || failed "should end with 0, ended with $code" pico-hsm
    [ $((SECONDS - begin)) -le 3 ] || failed "should end within 3 s" pico-hsm
}
# pcscd has noticed that the last card is gone: until then it answers for it from memory.
gone() {
    local i
    for ((i = 0; i < 200; i++)); do
        opensc-tool --list-readers 2> /dev/null | grep -q '^0 *Yes' || break
        sleep 0.02
    done
    checks=$((checks + 1))
    [ $i -lt 200 ] || { : > "$said"; failed "pcscd should notice that the card is gone" opensc-tool --list-readers; }
}
# pcscd has noticed the card. (opensc-tool --wait sleeps for good when the card comes while it looks.)
present() {
    local i
    for ((i = 0; i < 200; i++)); do
        opensc-tool --atr > /dev/null 2>&1 && break
        sleep 0.02
    done
    ok opensc-tool --atr
}
untouched() { # FILE COMMAND...: runs it, the file stays what it was
    local file=$1 before
    before=$(sha256sum "$file")
    shift
    "$@"
    [ "$(sha256sum "$file")" = "$before" ] || { : > "$said"; failed "should leave $file untouched" "$@"; }
}
run_hsm() { timeout 20 "$hsm" --no-wait --vpcd 127.0.0.1:1 "$@"; }

title "usage"
ends_with 0 "$hsm" --help
says 'Usage: pico-hsm' "$hsm" --help
says '^pico-hsm [0-9]+\.[0-9]+\.[0-9]+$' "$hsm" --version
for wrong in --nonsense --size=1 --size=262145 --size=abc --size=-4096 --size= --size=134217728 --presence=maybe \
    --presence=-1 --presence=99999999999 --pin-cost=free --vpcd= --vpcd=host:0 --vpcd=host:65536 --vpcd=:1 \
    '--vpcd=[::1' --image= argument; do
    ends_with 1 "$hsm" --image "$work/never" $wrong
done
ends_with 1 "$hsm" --image
ends_with 1 env -u HOME -u XDG_STATE_HOME "$hsm"
says '--image' env -u HOME -u XDG_STATE_HOME "$hsm"
ends_with 1 test -e "$work/never"

title "no vpcd"
ends_with 4 run_hsm --image "$work/a.img"
says 'no vpcd at 127.0.0.1:1' run_hsm --image "$work/a.img"

title "new files: sizes, modes, default places"
ends_with 4 run_hsm --image "$work/small.img" --size 262144
says '^262144 600$' stat -c '%s %a' "$work/small.img"
says '^1048576 600$' stat -c '%s %a' "$work/a.img"
says '^32 600$' stat -c '%s %a' "$work/a.img.secret"
ends_with 4 env XDG_STATE_HOME="$work/state/deep" "$hsm" --no-wait --vpcd 127.0.0.1:1
says '^700$' stat -c %a "$work/state/deep/pico-hsm"
says '^1048576$' stat -c %s "$work/state/deep/pico-hsm/card.img"
ends_with 4 env -u XDG_STATE_HOME HOME="$work/home" "$hsm" --no-wait --vpcd 127.0.0.1:1
says '^1048576$' stat -c %s "$work/home/.local/state/pico-hsm/card.img"
ends_with 4 run_hsm --image "$work/b.img" --device-secret "$work/elsewhere"
says '^32 600$' stat -c '%s %a' "$work/elsewhere"
ends_with 1 test -e "$work/b.img.secret"

title "refused, and left alone"
cp "$work/a.img" "$work/copy.img"
refuses() { # WHAT FILE OPTION...
    local what=$1 file=$2
    shift 2
    untouched "$file" ends_with 3 run_hsm --image "$@"
    grep -qE -- "$what" "$said" || failed "should say \"$what\"" run_hsm --image "$@"
}
openssl rand -out "$work/foreign.img" 1048576
refuses 'damaged, or no HSM image' "$work/foreign.img" "$work/foreign.img" --device-secret "$work/elsewhere"
openssl rand -out "$work/odd.img" 300000
refuses 'not an HSM image' "$work/odd.img" "$work/odd.img"
: > "$work/empty.img"
refuses 'not an HSM image' "$work/empty.img" "$work/empty.img"
head -c 524288 "$work/a.img" > "$work/half.img"
refuses 'image' "$work/half.img" "$work/half.img" --device-secret "$work/a.img.secret"
refuses 'belongs to another device secret' "$work/copy.img" "$work/copy.img" --device-secret "$work/elsewhere"
refuses 'without its device secret' "$work/copy.img" "$work/copy.img"
ends_with 1 test -e "$work/copy.img.secret"
cp "$work/a.img.secret" "$work/open.secret" && chmod 644 "$work/open.secret"
refuses 'chmod 600' "$work/copy.img" "$work/copy.img" --device-secret "$work/open.secret"
head -c 31 "$work/a.img.secret" > "$work/short.secret" && chmod 600 "$work/short.secret"
refuses '31 bytes instead of 32' "$work/short.secret" "$work/copy.img" --device-secret "$work/short.secret"
mkdir "$work/folder" && ends_with 3 run_hsm --image "$work/folder"
mkfifo "$work/fifo" && ends_with 3 run_hsm --image "$work/fifo"
ends_with 3 run_hsm --image "$work/no/such/folder.img"
says 'create its folder' run_hsm --image "$work/no/such/folder.img"
ends_with 4 run_hsm --image "$work/copy.img" --device-secret "$work/a.img.secret"

title "one process an image"
start
seen "connected to vpcd"
untouched "$VHSM_IMAGE" ends_with 2 run_hsm --image "$VHSM_IMAGE"
says 'in use' run_hsm --image "$VHSM_IMAGE"
present

title "idle: no processor time"
ticks() { awk '{ print $14 + $15 }' /proc/$card/stat; }
before=$(ticks)
sleep 2
ends_with 0 test $(($(ticks) - before)) -le 2

title "APDUs do not wait for delayed acknowledgements"
apdus=()
for _ in $(seq 100); do apdus+=(-s 0084000008); done
begin=$(date +%s%N)
ok opensc-tool "${apdus[@]}"
ends_with 0 test $((($(date +%s%N) - begin) / 1000000)) -le 2500 # 50 ms each otherwise

title "pcscd ends, and comes back"
end_pcscd() { kill "$(tr -d '\0' < /run/pcscd/pcscd.pid)"; }
end_pcscd
seen "hung up"
sleep 0.3
PCSCLITE_HP_DROPDIR=$VHSM_DIR/no-usb-readers pcscd --foreground --config "$VHSM_DIR/reader.conf" \
    $(pcscd --help 2>&1 | grep -o -- --disable-polkit) > /dev/null 2>&1 &
: > "$log"
seen "connected to vpcd"
present
stop TERM

title "signals: waiting for vpcd, connected, twice the same image"
start --vpcd 127.0.0.1:1
seen "waiting for vpcd"
stop INT
for signal in TERM INT HUP; do
    start
    seen "connected to vpcd"
    stop $signal
done
for delay in 0.001 0.003 0.01 0.02 0.05 0.1; do
    start
    sleep $delay
    stop TERM 2> /dev/null
done

title "a signal while an RSA key is made; what was there before stays"
gone
start
seen "connected to vpcd"
present
initialise --label vhsm
generate EC:prime256v1 01
openssl rand -out digest 32
for id in 02 03 04 05 06 07 08 09; do # one after the other until the signal comes
    pkcs11-tool --login --pin $pin --keypairgen --key-type rsa:4096 --id $id || break
done > "$work/generate.log" 2>&1 &
generator=$!
sleep 0.7
stop TERM
wait $generator
gone
start
seen "connected to vpcd"
present
public_key 01 public.pem
ok pkcs11-tool --login --pin $pin --sign --id 01 --mechanism ECDSA --signature-format openssl --input-file digest \
    --output-file signature
ok openssl pkeyutl -verify -pubin -inkey public.pem -in digest -sigfile signature

title "kill -9 loses nothing that was answered"
ok pkcs11-tool --login --pin $pin --write-object digest --type data --label kept
kill -9 $card
wait $card 2> /dev/null
gone
start
seen "connected to vpcd"
present
ok pkcs11-tool --read-object --type data --label kept --output-file kept
same kept digest
stop
gone

title "trace: names and sizes, no data"
start --trace
seen "connected to vpcd"
present
ok pkcs11-tool --login --pin $pin --list-objects
seen 'VERIFY'
ends_with 1 grep -qE '648219|363438' "$log"
stop

title "an image for a chip opens here, too"
ends_with 4 run_hsm --image "$work/chip.img" --pin-cost chip
ends_with 4 run_hsm --image "$work/chip.img"

title "the seeded test program repeats itself"
if [ -n "${SEEDED_HSM:-}" ]; then
    head -c 32 /dev/zero > "$work/zero.secret" && chmod 600 "$work/zero.secret"
    for name in one two three; do
        seed=7
        [ $name = three ] && seed=8
        ends_with 4 "$SEEDED_HSM" $seed --image "$work/$name.img" --device-secret "$work/zero.secret" --no-wait \
            --vpcd 127.0.0.1:1
    done
    same "$work/one.img" "$work/two.img"
    ends_with 1 cmp -s "$work/one.img" "$work/three.img"
fi
finish
