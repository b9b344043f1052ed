#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSSH with keys in the token: listed, in the agent, signing files and certificates.
. "$(dirname "$0")/lib.sh"

printf '#!/bin/sh\necho %s\n' $pin > askpass
chmod +x askpass
export SSH_ASKPASS=$work/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=none

initialise --label openssh
generate rsa:2048 10
generate EC:prime256v1 20
generate EC:secp384r1 21

title "ssh-keygen -D shows the public keys"
says '^ssh-rsa ' ssh-keygen -D "$opensc_module"
says '^ecdsa-sha2-nistp256 ' ssh-keygen -D "$opensc_module"
ssh-keygen -D "$opensc_module" > keys 2> /dev/null
public_key 20 ec.pem
ok ssh-keygen -i -m PKCS8 -f ec.pem
ok grep -F "$(cut -d' ' -f2 "$said")" keys

title "the agent signs with them"
eval "$(ssh-agent -s)" > /dev/null
ok ssh-add -s "$opensc_module"
says '^ssh-rsa ' ssh-add -L
says '^ecdsa-sha2-nistp256 ' ssh-add -L
echo "a message" > message
for label in rsa:2048 EC:prime256v1 EC:secp384r1; do
    grep " $label$" keys > key.pub # not the first of its type: that may be the device key, which signs nothing here
    ok ssh-add -T key.pub
    rm -f message.sig
    ok ssh-keygen -Y sign -f key.pub -n file message
    echo "me@example.org $(cat key.pub)" > allowed
    verify() { ssh-keygen -Y verify -f allowed -I me@example.org -n file -s message.sig < "$1"; }
    says 'Good "file" signature' verify message
    echo "another message" > other
    refused verify other
done

title "a certificate authority in the token"
ok ssh-keygen -t ed25519 -N '' -f user
grep ' EC:prime256v1$' keys > key.pub
ok ssh-keygen -s key.pub -D "$opensc_module" -I compat -n user -V +1d user.pub
says 'Type: ssh-ed25519-cert' ssh-keygen -L -f user-cert.pub
ok ssh-add -e "$opensc_module"
ssh-agent -k > /dev/null
finish
