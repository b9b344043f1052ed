#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The secure channel, used by programs that share nothing with the card: opensc-explorer carries, openssl computes
# (secure_channel_host.py). And what policy bit 0002 means for OpenSC.
. "$(dirname "$0")/lib.sh"

host=$root/tests/compat/secure_channel_host.py
select=00A404000BE82B0601040181C31F020100
verify=0020008106363438323139

# conversation: steps on standard input; shown when one was disappointed.
conversation() {
    checks=$((checks + 1))
    timeout 200 python3 -B "$host" > "$said" 2>&1 || failed "should go as written" "$host"
}

initialise --label channel

title "before login: the PIN and what follows go through the channel"
conversation <<END
plain $select .*9000
open
inside 00200081 63C3
inside 0020008106303030303030 63C2
inside $verify 9000
plain 00200081 9000
inside 0084000008 [0-9A-F]{16}9000
inside 00B12F1E045402000000 00009000
inside 00B1CF01045402000000 6A82
inside 0046010000 6700
inside 00FF0000 6D00
END

title "keys, a signature and files inside; data of every length around a block"
generate_p256=00460100317F492E060A04007F000702020202038120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF00
{
    printf 'plain %s .*9000\nopen\ninside %s 9000\n' $select $verify
    printf 'inside %s 6782[0-9A-F]+9000\n' $generate_p256
    printf 'inside 8068017303616263%s 30[0-9A-F]+9000\n' 00
    for n in 1 7 8 9 15 16 17 24 100; do
        content=$(openssl rand -hex $n)
        printf 'inside 00D7CF01%02X54020000 53%02X%s 9000\n' $((n + 6)) "$n" "$content"
        printf 'inside 00B1CF010454020000%s %s9000\n' 00 "${content^^}"
        printf 'plain 00B1CF010454020000%s %s9000\n' 00 "${content^^}"
    done
} > steps
conversation < steps

title "the longest command, 4096 bytes inside 4137, and the longest answer"
content=$(openssl rand -hex 4088)
conversation <<END
plain $select .*9000
open
inside $verify 9000
inside 00D7CF02001000 54020000 53820FF8 $content 9000
inside 00D7CF020E 54020FF8 53084142434445464748 9000
inside 00B1CF02000004540200001000 ${content^^}41424344454647489000
inside 00D7CF02001001 54020000 53820FF9 00$content 6700
END

title "links of a chain, each protected"
conversation <<END
plain $select .*9000
open
inside 1020008103363438 9000
inside 10200081 9000
inside 0020008103323139 9000
inside 10D7CF010554020000 53 9000
inside 00D7CF01020341 6A80
inside 10D7CF010554020000 53 9000
inside 00D7CF01020141 9000
inside 00B1CF01045402000000 419000
END

title "as pypicokey writes it"
conversation <<END
plain $select .*9000
open
pypicokey 00200081 63C3
pypicokey $verify 9000
pypicokey 00D7CF010F 54020000 53094142434445464748 49 9000
pypicokey 00B1CF01045402000000 4142434445464748499000
END

title "a forged command and a replayed one end it, in plain"
for what in "forge $verify 6988" "replay 6988"; do
    conversation <<END
plain $select .*9000
open
inside $verify 9000
$what
replay 6984
plain 00200081 9000
END
done

title "SELECT and MSE end it, inside and outside"
conversation <<END
plain $select .*9000
open
inside $select .*9000
replay 6984
open
plain $select .*9000
replay 6984
open
inside 002241A40C800A04007F00070202030202 9000
replay 6984
END

title "policy 0002: OpenSC cannot log in any more, the channel can"
conversation <<END
plain $select .*9000
plain 805000001A 80020001 8106363438323139 82083537363231383830 9A020002 9000
END
says 'CKR_|error' pkcs11-tool --login --pin "$pin" --list-objects
refused pkcs15-tool --verify-pin --pin "$pin" --list-keys
says 'User PIN tries left +: 3' sc-hsm-tool
conversation <<END
plain $select .*9000
plain $verify 6987
plain 1020008103363438 9000
plain 0020008103323139 6987
plain 00200081 63C3
open
inside $verify 9000
inside 002400810C 363438323139 313335373930 9000
plain 0020008106313335373930 6987
inside 0020008106313335373930 9000
plain 805000001A 80020001 8106363438323139 82083537363231383830 9A020000 9000
plain $select .*9000
plain $verify 9000
END
finish
