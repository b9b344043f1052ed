# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced by tools/fetch_*: how to get one package of another Debian suite without touching this system's apt.
#
# apt runs with a private view (own lists, own cache, only the suites asked for), as root or not. The mirror is the one that this
# machine's own sources name. What arrives is unpacked beside DEST and moved there last, with a file .fetched that names
# what it was made from: an interrupted run leaves no half of a tree, a second run does nothing.

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
die() { say "$*"; exit 1; }

need() { # need PROGRAM...
    for program; do
        command -v "$program" >/dev/null || die "$program is missing"
    done
}

is_fetched() { [ "$(cat "$1/.fetched" 2>/dev/null || :)" = "$2" ]; } # is_fetched DEST MARK

sha256_of() { sha256sum <"$1" | cut -d' ' -f1; }

matches() { [ -f "$1" ] && [ "$(sha256_of "$1")" = "$2" ]; } # matches FILE SHA256

begin() { # begin DEST: a folder $work beside it, which goes away with this script
    mkdir -p "$(dirname "$1")"
    work=$(mktemp -d "$(cd "$(dirname "$1")" && pwd)/fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
}

finish() { # finish TREE MARK DEST: the tree is complete
    printf '%s\n' "$2" >"$1/.fetched"
    rm -rf "$3"
    mv "$1" "$3"
}

# The mirror of this machine's own Debian main archive; security and update suites use other folders of it.
mirror() {
    . /etc/os-release
    for more in "Codename: ${VERSION_CODENAME:-none}" 'Component: main'; do
        apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 'Origin: Debian' "$more" |
            grep -v -e security -e updates -e backports | sort -u | head -n 1 | grep . && return 0
    done
    return 1
}

view() { # view deb|deb-src SUITE...: from here on, apt sees those suites and nothing else
    kind=$1 apt=$work/apt
    shift
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    uri=$(mirror) || die "no Debian source is set up for apt on this machine, or its lists are missing; run: apt-get update"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -f $keys ] || die "$keys is missing; run: apt-get install debian-archive-keyring"
    for suite_seen; do
        printf '%s [signed-by=%s] %s %s main\n' "$kind" $keys "$uri" "$suite_seen"
    done >"$apt/sources.list"
    cat >"$apt/apt.conf" <<END
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
END
    export APT_CONFIG="$apt/apt.conf"
    apt-get -qq update || die "apt-get update failed for suite $* (see above)"
}

# What is wrong with a file that did not match: not there, or another. said_by_apt is printed first.
refuse() { # refuse FILE SHA256 WHAT_TO_SAY_IF_IT_IS_NOT_THERE
    sed 's/^/  apt: /' "$work/log" >&2
    [ -f "$1" ] && die "$(basename "$1") has sha256 $(sha256_of "$1"), pinned is $2; refused"
    die "$3"
}

# The packaging files (.dsc, .debian.tar.xz) come and go on mirrors; what counts is the original archive and its
# sha256, so apt's own outcome does not.
get_source() { # get_source PACKAGE/SUITE FILE SHA256 WHAT_TO_SAY_IF_IT_IS_NOT_THERE [APT OPTION]...
    package=$1 file=$work/$2 sum=$3 gone=$4
    shift 4
    (cd "$work" && apt-get -qq source --download-only "$@" "$package") >"$work/log" 2>&1 || :
    matches "$file" "$sum" || refuse "$file" "$sum" "$gone"
}

get_binary() { # get_binary PACKAGE=VERSION WHAT_TO_SAY_IF_IT_IS_NOT_THERE: sets $file
    rm -rf "$work/got"
    mkdir "$work/got"
    (cd "$work/got" && apt-get -qq download "$1") >"$work/log" 2>&1 || :
    for file in "$work"/got/*.deb; do
        [ -f "$file" ] || refuse "$file" '' "$2"
    done
}
