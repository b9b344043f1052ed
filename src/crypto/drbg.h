/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the random number generator that can be tested alone: health tests of raw samples and HMAC_DRBG.
 * Private to src/crypto; others call crypto_random. */
#ifndef CRYPTO_DRBG_H
#define CRYPTO_DRBG_H

#include "crypto/crypto.h"

/* Samples that a start-up looks at, at least (SP 800-90B 4.3). */
#define HEALTH_STARTUP_SAMPLES 1024u
/* Length of an adaptive proportion window for samples of more than one bit (SP 800-90B 4.4.2). */
#define HEALTH_WINDOW 512u
/* Requests served from one seed. SP 800-90A would allow 2^48; more often costs little and finds a dead source. */
#define DRBG_RESEED_INTERVAL 256u

/* Cut-offs for a source that claims `millibits_per_sample`; false alarms 2^-40 a sample. */
void health_start(struct crypto_health *h, uint32_t millibits_per_sample);
/* Looks at every sample; once a test fails, h->failed stays. */
void health_feed(struct crypto_health *h, bytes samples);
/* Reads and health-tests at least `samples_min` samples, enough for a seed, and conditions them with SHA-512 into
 * `seed` (64 bytes). ST_EXECUTION: the source fails. Needs an entered context. */
MUST_CHECK status entropy_seed(struct crypto *c, size_t samples_min, span seed);

/* HMAC_DRBG with SHA-256 (SP 800-90A 10.1.2). All need an entered context (for the hash's temporaries). */
MUST_CHECK status drbg_start(struct crypto_drbg *d, bytes entropy, bytes nonce, bytes personalization);
MUST_CHECK status drbg_reseed(struct crypto_drbg *d, bytes entropy, bytes additional);
/* At most 65536 bytes (2^19 bits) a request. */
MUST_CHECK status drbg_generate(struct crypto_drbg *d, bytes additional, span out);

#endif
