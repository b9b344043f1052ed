#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An operator's own chain in EF 2F02, attestation, and public key authentication: OpenSC's programs carry, sc-hsm-tool
# initialises and asks, openssl makes and judges all keys and signatures outside of the card (public_key_host.py).
. "$(dirname "$0")/lib.sh"

host=$root/tests/compat/public_key_host.py
verify=0020008106363438323139
p256=317F492E060A04007F000702020202038120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF00
p256_as_1=00460100$p256

# conversation: steps on standard input; shown when one was disappointed.
conversation() {
    checks=$((checks + 1))
    timeout 100 python3 -B "$host" talk > "$said" 2>&1 || failed "should go as written" "$host" talk
}

# read_file FID: its content, from opensc-tool.
read_file() {
    run_quietly opensc-tool --send-apdu "00B1$1000004540200000000"
    answers | tail -n 1 | sed 's/9000$//' | from_hex
}

initialise --label public
generate EC:prime256v1 01

title "a self-signed card attests the keys it makes"
read_file 2F02 > selfsigned
read_file CE01 > request
says 'made by the key itself: yes' python3 -B "$host" check request selfsigned
says 'attested by UTPH[0-9A-F]{7}00001: yes' python3 -B "$host" check request selfsigned
flip request bent
says 'attested by .*: no' python3 -B "$host" check bent selfsigned

title "an operator's own chain"
read_file CE00 > device
ok python3 -B "$host" make device
name=$(cat "$said")
conversation <<END
send 00D72F02 dv.cvc 6982
plain $verify 9000
plain 002281B60D830B5445535444563030303031 6A88
END
python3 -c 'import sys
chain = open("chain", "rb").read()
open("update", "wb").write(b"\x54\x02\0\0\x53\x82" + len(chain).to_bytes(2, "big") + chain)'
conversation <<END
plain $verify 9000
send 00D72F02 update 9000
plain 002281B60D830B5445535444563030303031 9000
END
read_file 2F02 > installed
same chain installed
generate EC:prime256v1 02
read_file CE02 > request
says "attested by $name: yes" python3 -B "$host" check request chain
says "${name%?????}" pkcs11-tool --list-token-slots

title "a key that came in wrapped is not attested"
conversation <<END
plain 805000001C 80020001 8106363438323139 82083537363231383830 910103 920100 9000
plain $p256_as_1 6782[0-9A-F]+9000
END
run_quietly opensc-tool --send-apdu $verify --send-apdu 80720192000000
answers | tail -n 1 | sed 's/9000$//' | from_hex > blob
conversation <<END
plain $verify 9000
send 80740393 blob 9000
END
read_file CE01 > request
says "attested by $name: yes" python3 -B "$host" check request chain
read_file CE03 > request
says 'made by the key itself: yes' python3 -B "$host" check request chain
says "attested by $name: no" python3 -B "$host" check request chain

title "a token's certificate: only what the chain vouches for is kept"
flip token.cvc bent.cvc
conversation <<END
plain $verify 9000
plain 002281B60D830B5445535444563030303031 9000
send 002A00BE bent.cvc 6985
send 002A00BE token.cvc 9000
plain 002281B610830E5445535454 4F4B454E3030303031 9000
END
ok pkcs15-tool --dump
says TESTTOKEN00001 pkcs15-tool --list-certificates

title "sc-hsm-tool switches authentication on"
initialise --public-key-auth 2 --required-pub-keys 1
says 'Number of public keys: +2' sc-hsm-tool --public-key-auth-status
says 'Missing public keys: +2' sc-hsm-tool --public-key-auth-status
says 'Required pubkeys for auth: 1' sc-hsm-tool --public-key-auth-status
says 'Authenticated public keys: 0' sc-hsm-tool --public-key-auth-status

title "sc-hsm-tool gives no PIN when it registers: refused, but its certificates verify"
run_quietly sc-hsm-tool --register-public-key user.pka
says 'Missing public keys: +2' sc-hsm-tool --public-key-auth-status

title "with the PIN: a forged attestation is refused, the token's is good"
flip user.cvc forged.cvc
conversation <<END
plain $verify 9000
plain 002281B60D830B5445535444563030303031 9000
send 002A00BE token.cvc 9000
plain 002281B610830E5445535454 4F4B454E3030303031 9000
send 80540000 forged.cvc 6985
send 80540000 user.cvc 9000
plain 8054020000 544553545553455230303030319000
END
says 'Missing public keys: +1' sc-hsm-tool --public-key-auth-status

title "the PIN alone opens nothing now"
refused pkcs11-tool --login --pin $pin --keypairgen --key-type EC:prime256v1 --id 03

title "the user's signature and the PIN, in one session"
conversation <<END
plain $verify 9000
plain $p256_as_1 6982
authenticate token $name 6985
authenticate user NOTTHISDEVICE001 6985
authenticate user $name 9000
plain 8054000000 020101019000
plain 8054020000 544553545553455230303030319001
plain $p256_as_1 6782[0-9A-F]+9000
plain 8068017303616263 00 30[0-9A-F]+9000
END

title "after SELECT the signature is asked for again, not the PIN: the vault is open until power-off"
conversation <<END
plain $verify 9000
authenticate user $name 9000
plain 8068017303616263 00 30[0-9A-F]+9000
plain 00A404000BE82B0601040181C31F020100 .*9000
plain 8068017303616263 00 6982
authenticate user $name 9000
plain 8068017303616263 00 30[0-9A-F]+9000
plain 0020008106303030303030 63C2
plain 8068017303616263 00 6982
END
finish
