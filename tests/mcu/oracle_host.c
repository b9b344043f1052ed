/* SPDX-License-Identifier: Apache-2.0 */
/* mcu_oracle QEMU ARGUMENT...: runs QEMU and answers, with OpenSSL, what the program in it asks. For the host; ends with
 * QEMU's status. */
#define _GNU_SOURCE /* prctl */
#include "tests/mcu/oracle_wire.h"
#include "tests/unit/card/oracle.h"
#include "tests/unit/crypto/oracle.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *why)
{
    fprintf(stderr, "mcu_oracle: %s\n", why);
    exit(125);
}

/* false: the other end is closed. */
static bool read_all(int fd, void *into, size_t n)
{
    for (uint8_t *p = into; n > 0;) {
        ssize_t some = read(fd, p, n);
        if (some == 0) return false;
        if (some < 0 && errno != EINTR) die("cannot read");
        if (some > 0) p += some, n -= (size_t)some;
    }
    return true;
}

static void write_all(int fd, const void *from, size_t n)
{
    for (const uint8_t *p = from; n > 0;) {
        ssize_t some = write(fd, p, n);
        if (some < 0 && errno != EINTR) die("cannot write");
        if (some > 0) p += some, n -= (size_t)some;
    }
}

static uint32_t rsa_fault(const struct question *q, const bytes *in, span why)
{
    const struct crypto_rsa k = {
        .n = in[0], .p = in[1], .q = in[2], .dp = in[3], .dq = in[4], .qinv = in[5], .e = q->e};
    const char *fault = openssl_rsa_fault(&k, q->numbers[0]);
    memset(why.p, 0, why.n);
    if (fault) strncpy((char *)why.p, fault, why.n - 1);
    return fault != NULL;
}

static uint32_t curve_numbers(enum crypto_curve c, span out)
{
    struct openssl_curve numbers;
    openssl_curve(c, &numbers);
    if (out.n != sizeof numbers) die("two ideas of struct openssl_curve");
    memcpy(out.p, &numbers, sizeof numbers);
    return 0;
}

static uint32_t cipher(const struct question *q, const bytes *in, span out)
{
    const struct crypto_cipher_params p = {.mode = (enum crypto_mode)q->numbers[0],
                                           .hash = (enum crypto_hash)q->numbers[1],
                                           .encrypt = true,
                                           .key = in[0],
                                           .iv = in[1]};
    openssl_cipher(&p, in[2], in[3], out);
    return 0;
}

static uint32_t kdf(const struct question *q, const bytes *in, span out)
{
    openssl_kdf((enum kdf)q->numbers[0], (enum crypto_hash)q->numbers[1], q->e, in[0], in[1], in[2], out);
    return 0;
}

static uint32_t answer_card(const struct question *q, const bytes *in, const span *out)
{
    enum crypto_curve c = (enum crypto_curve)q->numbers[0];
    enum crypto_hash h = (enum crypto_hash)q->numbers[0], mgf = (enum crypto_hash)q->numbers[1];
    const struct oracle_rsa k = {in[0], q->e};
    switch (q->function) {
    case CARD_HASH: return oracle_hash(h, in[0], out[0]), 0;
    case CARD_ECDSA_DER: return oracle_ecdsa_der(c, in[0], in[1], in[2]);
    case CARD_ECDSA_RAW: return oracle_ecdsa_raw(c, in[0], in[1], in[2]);
    case CARD_ECDH: return oracle_ecdh(c, in[0], out[0], out[1]);
    case CARD_EDDSA: return oracle_eddsa((enum crypto_okp)q->numbers[0], in[0], in[1], in[2]);
    case CARD_OKP_AGREE: return oracle_okp_agree((enum crypto_okp)q->numbers[0], in[0], out[0], out[1]);
    case CARD_EC_PUBLIC: return oracle_ec_public(c, in[0], out[0]);
    case CARD_EC_ADD: return oracle_ec_add(c, in[0], in[1], out[0]);
    case CARD_HKDF: return oracle_hkdf(in[0], in[1], out[0]), 0;
    case CARD_CHACHAPOLY: return oracle_chachapoly(in[0], in[1], in[2], in[3], out[0]), 0;
    case CARD_V15: return oracle_v15(&k, h, in[1], in[2]);
    case CARD_PSS: return oracle_pss_mgf(&k, h, mgf, in[1], (int)q->numbers[2], in[2]);
    case CARD_RSA_PUBLIC: return oracle_rsa_public(&k, in[1], out[0]);
    case CARD_ENCRYPT_V15: return oracle_encrypt_v15(&k, in[1], out[0]);
    default: return oracle_encrypt_oaep_of(&k, h, mgf, in[1], in[2], out[0]);
    }
}

static uint32_t answer_crypto(const struct question *q, const bytes *in, const span *out)
{
    enum crypto_curve c = (enum crypto_curve)q->numbers[0];
    switch (q->function) {
    case CRYPTO_CURVE: return curve_numbers(c, out[0]);
    case CRYPTO_PUBLIC: return openssl_public(c, in[0], out[0]), 0;
    case CRYPTO_ECDH: return openssl_ecdh(c, in[0], in[1], out[0]), 0;
    case CRYPTO_VERIFY: return openssl_verify(c, in[0], in[1], in[2]);
    case CRYPTO_SIGN: return openssl_sign(c, in[0], in[1], in[2], out[0]), 0;
    case CRYPTO_OKP_PUBLIC: return openssl_okp_public((enum crypto_okp)q->numbers[0], in[0], out[0]), 0;
    case CRYPTO_RSA_FAULT: return rsa_fault(q, in, out[0]);
    case CRYPTO_CIPHER_ONE_PIECE: return cipher(q, in, out[0]);
    case CRYPTO_KDF: return kdf(q, in, out[0]);
    case CRYPTO_DRBG_OPEN: return openssl_drbg_open(in[0], in[1], in[2]), 0;
    case CRYPTO_DRBG_GENERATE: return openssl_drbg_generate(in[0], out[0]), 0;
    case CRYPTO_DRBG_RESEED: return openssl_drbg_reseed(in[0], in[1], in[2]), 0;
    case CRYPTO_DRBG_CLOSE: return openssl_drbg_close(), 0;
    default: die("an unknown question");
    }
    return 0;
}

/* Cuts the sizes' bytes off `memory`, which holds them all. */
static void answer(int questions, int answers, const struct question *q)
{
    static uint8_t memory[ORACLE_BYTES_MAX];
    bytes in[ORACLE_INPUTS];
    span out[ORACLE_OUTPUTS], left = SPAN(memory);
    for (size_t i = 0; i < ORACLE_INPUTS; i++) {
        if (q->in[i] > left.n) die("too long a question");
        in[i] = (bytes){left.p, q->in[i]};
        if (!read_all(questions, left.p, q->in[i])) die("half a question");
        left = (span){left.p + q->in[i], left.n - q->in[i]};
    }
    for (size_t i = 0; i < ORACLE_OUTPUTS; i++) {
        if (q->out[i] > left.n) die("too long an answer");
        out[i] = (span){left.p, q->out[i]};
        left = (span){left.p + q->out[i], left.n - q->out[i]};
    }
    uint32_t result = q->function <= CARD_ENCRYPT_OAEP ? answer_card(q, in, out) : answer_crypto(q, in, out);
    write_all(answers, &result, sizeof result);
    for (size_t i = 0; i < ORACLE_OUTPUTS; i++) write_all(answers, out[i].p, out[i].n);
}

static pid_t start(char **command, const int questions[2], const int answers[2])
{
    pid_t child = fork();
    if (child != 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(questions[1], QUESTION_FD) < 0 || dup2(answers[0], ANSWER_FD) < 0) _exit(125);
    close(questions[0]);
    close(questions[1]);
    close(answers[0]);
    close(answers[1]);
    execv(command[0], command);
    _exit(125);
}

int main(int argc, char **argv)
{
    int questions[2], answers[2], status;
    struct question q;
    if (argc < 2) die("usage: mcu_oracle QEMU ARGUMENT...");
    if (pipe(questions) || pipe(answers)) die("no pipes");
    pid_t child = start(argv + 1, questions, answers);
    if (child < 0) die("cannot fork");
    close(questions[1]);
    close(answers[0]);
    signal(SIGPIPE, SIG_IGN);
    while (read_all(questions[0], &q, sizeof q)) answer(questions[0], answers[1], &q);
    if (waitpid(child, &status, 0) != child) die("lost QEMU");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
