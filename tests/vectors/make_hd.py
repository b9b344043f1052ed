#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes hd.h: what BIP32, SLIP-10 and SLIP-21 publish, in the form of the card's answers. Each published value is held
against tests/compat/hd_wallet_reference.py before it is written; what is not published (SLIP-21's fingerprints and
digests) comes from there, and equals hd.json of the specification of this project.

    make_hd.py > hd.h                 writes the table
    make_hd.py --compare hd.json      holds it against the specification's vectors, too
"""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "compat"))
import hd_wallet_reference as reference  # noqa: E402

SEED_1 = "000102030405060708090a0b0c0d0e0f"
SEED_2 = ("fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a"
          "5754514e4b484542")
SEED_3 = ("4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df"
          "2e5a3c51c73235be")
SEED_4 = "3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678"
SEED_RETRY = "a7305bc8df8d0951f0cb224c0e95d7707cbdf2c6ce7e8d481fec69c7ff5e9446"
SEED_21 = ("c76c4ac4f4e4a00d6b274d5c39c700bb4a7ddc04fbc6f78e85ca75007b5b495f74a9043eeb77bdd53aa6fc3a0e31462270316fa04b8c1911"
           "4c8798706cd02ac8")

# BIP32: extended public keys, as printed.
BIP32 = [
    (1, SEED_1, "m", "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"),
    (1, SEED_1, "m/0'", "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw"),
    (1, SEED_1, "m/0'/1", "xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ"),
    (1, SEED_1, "m/0'/1/2'", "xpub6D4BDPcP2GT577Vvch3R8wDkScZWzQzMMUm3PWbmWvVJrZwQY4VUNgqFJPMM3No2dFDFGTsxxpG5uJh7n7epu4trkrX7x7DogT5Uv6fcLW5"),
    (1, SEED_1, "m/0'/1/2'/2", "xpub6FHa3pjLCk84BayeJxFW2SP4XRrFd1JYnxeLeU8EqN3vDfZmbqBqaGJAyiLjTAwm6ZLRQUMv1ZACTj37sR62cfN7fe5JnJ7dh8zL4fiyLHV"),
    (1, SEED_1, "m/0'/1/2'/2/1000000000", "xpub6H1LXWLaKsWFhvm6RVpEL9P4KfRZSW7abD2ttkWP3SSQvnyA8FSVqNTEcYFgJS2UaFcxupHiYkro49S8yGasTvXEYBVPamhGW6cFJodrTHy"),
    (2, SEED_2, "m", "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB"),
    (2, SEED_2, "m/0", "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH"),
    (2, SEED_2, "m/0/2147483647'", "xpub6ASAVgeehLbnwdqV6UKMHVzgqAG8Gr6riv3Fxxpj8ksbH9ebxaEyBLZ85ySDhKiLDBrQSARLq1uNRts8RuJiHjaDMBU4Zn9h8LZNnBC5y4a"),
    (2, SEED_2, "m/0/2147483647'/1", "xpub6DF8uhdarytz3FWdA8TvFSvvAh8dP3283MY7p2V4SeE2wyWmG5mg5EwVvmdMVCQcoNJxGoWaU9DCWh89LojfZ537wTfunKau47EL2dhHKon"),
    (2, SEED_2, "m/0/2147483647'/1/2147483646'", "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL"),
    (2, SEED_2, "m/0/2147483647'/1/2147483646'/2", "xpub6FnCn6nSzZAw5Tw7cgR9bi15UV96gLZhjDstkXXxvCLsUXBGXPdSnLFbdpq8p9HmGsApME5hQTZ3emM2rnY5agb9rXpVGyy3bdW6EEgAtqt"),
    (3, SEED_3, "m", "xpub661MyMwAqRbcEZVB4dScxMAdx6d4nFc9nvyvH3v4gJL378CSRZiYmhRoP7mBy6gSPSCYk6SzXPTf3ND1cZAceL7SfJ1Z3GC8vBgp2epUt13"),
    (3, SEED_3, "m/0'", "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y"),
    (4, SEED_4, "m", "xpub661MyMwAqRbcGczjuMoRm6dXaLDEhW1u34gKenbeYqAix21mdUKJyuyu5F1rzYGVxyL6tmgBUAEPrEz92mBXjByMRiJdba9wpnN37RLLAXa"),
    (4, SEED_4, "m/0'", "xpub69AUMk3qDBi3uW1sXgjCmVjJ2G6WQoYSnNHyzkmdCHEhSZ4tBok37xfFEqHd2AddP56Tqp4o56AePAgCjYdvpW2PU2jbUPFKsav5ut6Ch1m"),
    (4, SEED_4, "m/0'/1'", "xpub6BJA1jSqiukeaesWfxe6sNK9CCGaujFFSJLomWHprUL9DePQ4JDkM5d88n49sMGJxrhpjazuXYWdMf17C9T5XnxkopaeS7jGk1GyyVziaMt"),
]

# SLIP-10: fingerprint, chain code, private and public key.
SLIP10 = [
    (1, SEED_2, "m", "00000000", "60499f801b896d83179a4374aeb7822aaeaceaa0db1f85ee3e904c4defbd9689", "4b03d6fc340455b363f51020ad3ecca4f0850280cf436c70c727923f6db46c3e", "03cbcaa9c98c877a26977d00825c956a238e8dddfbd322cce4f74b0b5bd6ace4a7"),
    (1, SEED_2, "m/0/2147483647'/1/2147483646'/2", "31a507b8", "9452b549be8cea3ecb7a84bec10dcfd94afe4d129ebfd3b3cb58eedf394ed271", "bb7d39bdb83ecf58f2fd82b6d918341cbef428661ef01ab97c28a4842125ac23", "024d902e1a2fc7a8755ab5b694c575fce742c48d9ff192e63df5193e4c7afe1f9c"),
    (2, SEED_1, "m", "00000000", "beeb672fe4621673f722f38529c07392fecaa61015c80c34f29ce8b41b3cb6ea", "612091aaa12e22dd2abef664f8a01a82cae99ad7441b7ef8110424915c268bc2", "0266874dc6ade47b3ecd096745ca09bcd29638dd52c2c12117b11ed3e458cfa9e8"),
    (2, SEED_1, "m/0'", "be6105b5", "3460cea53e6a6bb5fb391eeef3237ffd8724bf0a40e94943c98b83825342ee11", "6939694369114c67917a182c59ddb8cafc3004e63ca5d3b84403ba8613debc0c", "0384610f5ecffe8fda089363a41f56a5c7ffc1d81b59a612d0d649b2d22355590c"),
    (2, SEED_1, "m/0'/1", "9b02312f", "4187afff1aafa8445010097fb99d23aee9f599450c7bd140b6826ac22ba21d0c", "284e9d38d07d21e4e281b645089a94f4cf5a5a81369acf151a1c3a57f18b2129", "03526c63f8d0b4bbbf9c80df553fe66742df4676b241dabefdef67733e070f6844"),
    (2, SEED_1, "m/0'/1/2'", "b98005c1", "98c7514f562e64e74170cc3cf304ee1ce54d6b6da4f880f313e8204c2a185318", "694596e8a54f252c960eb771a3c41e7e32496d03b954aeb90f61635b8e092aa7", "0359cf160040778a4b14c5f4d7b76e327ccc8c4a6086dd9451b7482b5a4972dda0"),
    (2, SEED_1, "m/0'/1/2'/2", "0e9f3274", "ba96f776a5c3907d7fd48bde5620ee374d4acfd540378476019eab70790c63a0", "5996c37fd3dd2679039b23ed6f70b506c6b56b3cb5e424681fb0fa64caf82aaa", "029f871f4cb9e1c97f9f4de9ccd0d4a2f2a171110c61178f84430062230833ff20"),
    (2, SEED_1, "m/0'/1/2'/2/1000000000", "8b2b5c4b", "b9b7b82d326bb9cb5b5b121066feea4eb93d5241103c9e7a18aad40f1dde8059", "21c4f269ef0a5fd1badf47eeacebeeaa3de22eb8e5b0adcd0f27dd99d34d0119", "02216cd26d31147f72427a453c443ed2cde8a1e53c9cc44e5ddf739725413fe3f4"),
    (2, SEED_2, "m", "00000000", "96cd4465a9644e31528eda3592aa35eb39a9527769ce1855beafc1b81055e75d", "eaa31c2e46ca2962227cf21d73a7ef0ce8b31c756897521eb6c7b39796633357", "02c9e16154474b3ed5b38218bb0463e008f89ee03e62d22fdcc8014beab25b48fa"),
    (2, SEED_2, "m/0", "607f628f", "84e9c258bb8557a40e0d041115b376dd55eda99c0042ce29e81ebe4efed9b86a", "d7d065f63a62624888500cdb4f88b6d59c2927fee9e6d0cdff9cad555884df6e", "039b6df4bece7b6c81e2adfeea4bcf5c8c8a6e40ea7ffa3cf6e8494c61a1fc82cc"),
    (2, SEED_2, "m/0/2147483647'", "946d2a54", "f235b2bc5c04606ca9c30027a84f353acf4e4683edbd11f635d0dcc1cd106ea6", "96d2ec9316746a75e7793684ed01e3d51194d81a42a3276858a5b7376d4b94b9", "02f89c5deb1cae4fedc9905f98ae6cbf6cbab120d8cb85d5bd9a91a72f4c068c76"),
    (2, SEED_2, "m/0/2147483647'/1", "218182d8", "7c0b833106235e452eba79d2bdd58d4086e663bc8cc55e9773d2b5eeda313f3b", "974f9096ea6873a915910e82b29d7c338542ccde39d2064d1cc228f371542bbc", "03abe0ad54c97c1d654c1852dfdc32d6d3e487e75fa16f0fd6304b9ceae4220c64"),
    (2, SEED_2, "m/0/2147483647'/1/2147483646'", "931223e4", "5794e616eadaf33413aa309318a26ee0fd5163b70466de7a4512fd4b1a5c9e6a", "da29649bbfaff095cd43819eda9a7be74236539a29094cd8336b07ed8d4eff63", "03cb8cb067d248691808cd6b5a5a06b48e34ebac4d965cba33e6dc46fe13d9b933"),
    (2, SEED_2, "m/0/2147483647'/1/2147483646'/2", "956c4629", "3bfb29ee8ac4484f09db09c2079b520ea5616df7820f071a20320366fbe226a7", "bb0a77ba01cc31d77205d51d08bd313b979a71ef4de9b062f8958297e746bd67", "020ee02e18967237cf62672983b253ee62fa4dd431f8243bfeccdf39dbe181387f"),
    (2, SEED_1, "m/28578'", "be6105b5", "e94c8ebe30c2250a14713212f6449b20f3329105ea15b652ca5bdfc68f6c65c2", "06f0db126f023755d0b8d86d4591718a5210dd8d024e3e14b6159d63f53aa669", "02519b5554a4872e8c9c1c847115363051ec43e93400e030ba3c36b52a3e70a5b7"),
    (2, SEED_1, "m/28578'/33941", "3e2b7bc6", "9e87fe95031f14736774cd82f25fd885065cb7c358c1edf813c72af535e83071", "092154eed4af83e078ff9b84322015aefe5769e31270f62c3f66c33888335f3a", "0235bfee614c0d5b2cae260000bb1d0d84b270099ad790022c1ae0b2e782efe120"),
    (2, SEED_RETRY, "m", "00000000", "7762f9729fed06121fd13f326884c82f59aa95c57ac492ce8c9654e60efd130c", "3b8c18469a4634517d6d0b65448f8e6c62091b45540a1743c5846be55d47d88f", "0383619fadcde31063d8c5cb00dbfe1713f3e6fa169d8541a798752a1c1ca0cb20"),
]

# SLIP-21: the key.
SLIP21 = [
    ([], "dbf12b44133eaab506a740f6565cc117228cbf1dd70635cfa8ddfdc9af734756"),
    ([b"SLIP-0021"], "1d065e3ac1bbe5c7fad32cf2305f7d709dc070d672044a19e610c77cdf33de0d"),
    ([b"SLIP-0021", b"Master encryption key"], "ea163130e35bbafdf5ddee97a17b39cef2be4b4f390180d65b54cf05c6a82fde"),
    ([b"SLIP-0021", b"Authentication key"], "47194e938ab24cc82bfa25f6486ed54bebe79c40ae2a5a32ea6db294d81861a6"),
]


def steps_of(path):
    return [int(p.rstrip("'")) + (reference.HARDENED if p.endswith("'") else 0) for p in path.split("/")[1:]]


def rows():
    for number, seed, path, xpub in BIP32:
        node = reference.derive(1, bytes.fromhex(seed), steps_of(path))
        assert reference.base58check(node.extended()) == xpub, path
        yield "BIP32 vector %d, %s" % (number, path), seed, steps_of(path), node
    for kind, seed, path, fingerprint, chain, private, public in SLIP10:
        node = reference.derive(kind, bytes.fromhex(seed), steps_of(path))
        got = node.fingerprint, node.chain, node.key, node.identity()
        assert [v.hex() for v in got] == [fingerprint, chain, private, public], path
        yield "SLIP-10 %s, %s" % ("secp256k1" if kind == 1 else "nist256p1", path), seed, steps_of(path), node
    for labels, key in SLIP21:
        node = reference.derive(3, bytes.fromhex(SEED_21), labels)
        assert node.key.hex() == key, labels
        yield "SLIP-21 m" + "".join("/" + label.decode() for label in labels), SEED_21, labels, node


def compare(name):
    with open(name, encoding="utf-8") as file:
        given = json.load(file)
    seeds = {m["id"]: (int(m["p1"]), bytes.fromhex(m["seed"])) for m in given["masters"]}
    for node in given["ec_nodes"] + given["symmetric_nodes"]:
        kind, seed = seeds[node["master"]]
        steps = [s.encode() for s in node["path"]] if kind == 3 else steps_of("/".join(["m"] + node["path"]))
        assert reference.derive(kind, seed, steps).extended().hex() == node["response"], node
        assert reference.path_data(node["master"], steps).hex() == node["command_data"], node
    print("%d nodes agree" % len(given["ec_nodes"] + given["symmetric_nodes"]))


def literal(text, at=104):
    parts = [text[i:i + at] for i in range(0, len(text), at)] or [""]
    return "\n     ".join('"%s"' % p for p in parts)


def write():
    print("""/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make_hd.py from the test vectors that BIP32 (1 to 4), SLIP-10 (secp256k1, nist256p1, both retries) and
 * SLIP-21 print: facts of public standards. BIP32's vector 5 is about reading extended keys, which a card never does;
 * SLIP-10's ed25519 is not served. `steps` is the path behind the master, as TLVs; `answer` what 80 4A 0A 00 says. */
#ifndef TESTS_VECTORS_HD_H
#define TESTS_VECTORS_HD_H

/* clang-format off */
static const struct hd_vector {
    const char *name;
    unsigned char kind; /* 1 secp256k1, 2 P-256, 3 symmetric */
    const char *seed, *steps, *key, *chain, *answer;
} hd_vectors[] = {""")
    for name, seed, steps, node in rows():
        path = reference.path_data(0, steps)[3:].hex().upper()
        fields = [literal(v) for v in (seed.upper(), path, node.key.hex().upper(), node.chain.hex().upper(),
                                       node.extended().hex().upper())]
        print('    {"%s", %d,\n     %s},' % (name, node.kind, ",\n     ".join(fields)))
    print("};\n/* clang-format on */\n\n#endif")


if sys.argv[1:2] == ["--compare"]:
    compare(sys.argv[2])
else:
    write()
