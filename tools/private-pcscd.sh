# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What tools/with-vhsm and tools/with-board share: a command runs in private mount, network and process namespaces with a
# pcscd of its own. Nothing of the system's pcscd, its readers or its sockets is touched, several may run at once, and
# everything is gone when the command ends. Sourced; the script says who it is by its name.

me=$(basename "$0")

fail() {
    echo "$me: $*" >&2
    exit 125
}

# ---- inside the namespaces ----

# A folder of our own over the one that every client looks into; as an ordinary user there may be none to cover.
cover_pcscd_folder() {
    if [ -d /run/pcscd ]; then
        mount -t tmpfs -o mode=755 tmpfs /run/pcscd
    else
        mount -t tmpfs -o mode=755 tmpfs /run
        mkdir /run/pcscd
    fi
}

# wait_until NAME LOG PID COMMAND...: tries COMMAND for 10 s or until process PID is gone.
wait_until() {
    local name=$1 log=$2 pid=$3 i
    shift 3
    for ((i = 0; i < 1000; i++)); do
        if "$@" > /dev/null 2>&1; then return; fi
        kill -0 "$pid" 2> /dev/null || break
        sleep 0.01
    done
    cat "$log" >&2
    fail "$name did not start"
}

# start_private_pcscd CONFIG DRIVERS LOG DEBUG: with the readers of file CONFIG, USB drivers in folder DRIVERS; says every
# APDU when DEBUG is not empty. Its process id is then in $pcscd_pid.
start_private_pcscd() {
    local options=(--foreground --config "$1")
    [ -z "$4" ] || options+=(--debug --apdu)
    # Debian 12's pcscd knows no polkit. Debian 13's does, but the system's polkit does not know who we are in here.
    if pcscd --help 2>&1 | grep -q -- --disable-polkit; then options+=(--disable-polkit); fi
    PCSCLITE_HP_DROPDIR=$2 pcscd "${options[@]}" > "$3" 2>&1 &
    pcscd_pid=$!
    wait_until "pcscd" "$3" $pcscd_pid test -S /run/pcscd/pcscd.comm
}

# ---- outside ----

# need_programs GROUP PROGRAM...: all there, or what of tools/packages.txt is to be installed.
need_programs() {
    local group=$1 program
    shift
    for program; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$program" > /dev/null || fail "$program is missing: run tools/setup $group"
    done
}

# A scratch folder in $scratch, thrown away at the end together with all that runs inside; `at_end` is called before.
make_scratch() {
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/$me.XXXXXX")
    child=''
    trap clean_up EXIT
    trap 'exit 143' TERM
    trap 'exit 130' INT
    trap 'exit 129' HUP
}

clean_up() {
    trap - EXIT
    if [ -n "$child" ]; then
        # unshare passes no signals on, but its death takes everything inside with it (--kill-child).
        kill -KILL "$child" 2> /dev/null || true
        wait "$child" 2> /dev/null || true
    fi
    at_end
    rm -rf "$scratch"
}

# run_inside ARGUMENT...: this script once more, inside, with --inner and the arguments; ends with its exit code.
run_inside() {
    local namespaces=(--mount --net --pid --fork --kill-child --mount-proc) code=0
    [ "$(id -u)" = 0 ] || namespaces=(--user --map-root-user "${namespaces[@]}")
    unshare "${namespaces[@]}" true 2> "$scratch/unshare.log" || {
        cat "$scratch/unshare.log" >&2
        fail "this system allows no private namespaces: run it as root, or use the system's pcscd (tools/run)"
    }
    PATH=$PATH:/usr/sbin:/sbin unshare "${namespaces[@]}" "$BASH" "$(realpath "$0")" --inner "$@" <&0 &
    child=$!
    wait "$child" || code=$?
    child=''
    exit "$code"
}
