/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of the SmartCard-HSM interface and of our extensions to it; no code.
 *
 * What they mean is said in apdu.md (commands), formats.md (files) and decisions.md (ours). Names
 * that begin with AID_, FID_, INS_, ALG_, PIN_, OPTION_, POLICY_, TAG_ and LIMIT_ live here and
 * nowhere else. */
#ifndef WIRE_SCHSM_H
#define WIRE_SCHSM_H

#include "base/bytes.h"

/* The interface version that SELECT and the version query report (apdu.md 2.2, 3.2). */
enum { VERSION_MAJOR = 6, VERSION_MINOR = 6, VERSION_PLATFORM = 0xFF };

/* ---- applets (apdu.md 2.1) and ATR (1.1) ---- */

static inline bytes schsm_aid(void)
{
    static const uint8_t aid[] = {0xE8, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xC3, 0x1F, 0x02, 0x01};
    return BYTES(aid);
}

static inline bytes schsm_rescue_aid(void)
{
    static const uint8_t aid[] = {0xA0, 0x58, 0x3F, 0xC1, 0x9B, 0x7E, 0x4F, 0x21};
    return BYTES(aid);
}

/* 24 bytes; hosts know the token by this exact string. */
static inline bytes schsm_atr(void)
{
    static const uint8_t atr[] = {0x3B, 0xFE, 0x18, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45, 0x80, 0x31, 0x81,
                                  0x54, 0x48, 0x53, 0x4D, 0x31, 0x73, 0x80, 0x21, 0x40, 0x81, 0x07, 0xFA};
    return BYTES(atr);
}

/* ---- files (formats.md 1.1, 1.2) ---- */

/* First byte of a file id; the second is the id of the key or object. */
enum fid_prefix {
    FID_PREFIX_KEY = 0xCC,              /* private or secret key; never readable or writable */
    FID_PREFIX_KEY_DESCRIPTION = 0xC4,  /* PrKD or SKD of the key */
    FID_PREFIX_CERTIFICATE = 0xCE,      /* certificate or request of the key */
    FID_PREFIX_CA_CERTIFICATE = 0xCA,   /* certificate without a key here */
    FID_PREFIX_CA_DESCRIPTION = 0xC8,   /* description of the CA certificate */
    FID_PREFIX_DATA_DESCRIPTION = 0xC9, /* description of the data object */
    FID_PREFIX_DATA_PUBLIC = 0xCF,
    FID_PREFIX_DATA_PRIVATE = 0xCD, /* readable after login only */
    FID_PREFIX_STATIC_TOKEN = 0xCB  /* reserved upstream; unused */
};

enum fid {
    FID_NONE = 0x0000, /* P1P2: the current file */
    FID_MF = 0x3F00,
    FID_DIR = 0x2F00,
    FID_ATR = 0x2F01,
    FID_DEVICE_CERTIFICATE = 0x2F02, /* chain of CVCs, leaf first */
    FID_TOKEN_INFO = 0x2F03,
    FID_WRAPPED_KEY = 0x2F10,       /* staging for UNWRAP without data */
    FID_POLICY_WORD = 0x2F1E,       /* ours, 2 bytes */
    FID_OBJECT_GENERATION = 0x2F1F, /* ours, 4 bytes */
    FID_PKCS15 = 0x5015,            /* DF */
    FID_ODF = 0x5031,
    FID_PKCS15_TOKEN_INFO = 0x5032,
    FID_UNUSED_SPACE = 0x5033,
    FID_PRKDF = 0x6040,
    FID_PUKDF = 0x6041,
    FID_CDF = 0x6042,
    FID_AODF = 0x6043,
    FID_DODF = 0x6044,
    FID_SKDF = 0x6045,
    FID_DEVICE_KEY = 0xCC00,
    FID_DEVICE_KEY_DESCRIPTION = 0xC400,
    FID_DEVICE_KEY_REQUEST = 0xCE00,
    FID_INVALID = 0xFFFF
};

#define FID_OF(prefix, id) ((uint16_t)((unsigned)(prefix) << 8 | (unsigned)(id)))

/* ---- instructions (apdu.md 3.0, decisions.md) ---- */

enum ins {
    INS_VERIFY = 0x20,
    INS_MANAGE_SECURITY_ENVIRONMENT = 0x22,
    INS_CHANGE_REFERENCE_DATA = 0x24,
    INS_VERIFY_CERTIFICATE = 0x2A, /* PERFORM SECURITY OPERATION */
    INS_RESET_RETRY_COUNTER = 0x2C,
    INS_GENERATE_KEY_PAIR = 0x46,
    INS_GENERATE_SECRET_KEY = 0x48,
    INS_HD_WALLET = 0x4A,
    INS_INITIALIZE = 0x50,
    INS_KEY_DOMAIN = 0x52,
    INS_PUBLIC_KEY_AUTHENTICATION = 0x54,
    INS_LIST = 0x58,
    INS_SESSION_PIN = 0x5A,
    INS_BULK_METADATA = 0x5C, /* ours */
    INS_IMPORT_KEY = 0x5E,    /* ours */
    INS_DECIPHER = 0x62,      /* and key agreement */
    INS_EXTRAS = 0x64,
    INS_SIGN = 0x68,
    INS_WRAP = 0x72,
    INS_UNWRAP = 0x74,
    INS_DERIVE_KEY = 0x76,
    INS_CIPHER = 0x78,
    INS_STREAM = 0x7A,    /* ours */
    INS_KDF_STORE = 0x7C, /* ours */
    INS_EXTERNAL_AUTHENTICATE = 0x82,
    INS_GET_CHALLENGE = 0x84,
    INS_GENERAL_AUTHENTICATE = 0x86,
    INS_SELECT = 0xA4,
    INS_READ_BINARY = 0xB0,
    INS_READ_BINARY_ODD = 0xB1,
    INS_GET_RESPONSE = 0xC0,
    INS_UPDATE_BINARY_ODD = 0xD7,
    INS_DELETE_FILE = 0xE4
};

/* Instructions of the rescue applet (apdu.md 3.29). */
enum rescue_ins {
    RESCUE_INS_KEY = 0x10,
    RESCUE_INS_WRITE = 0x1C,
    RESCUE_INS_SECURE_BOOT = 0x1D,
    RESCUE_INS_READ = 0x1E,
    RESCUE_INS_REBOOT = 0x1F
};

/* Class byte (apdu.md 1.8). */
enum {
    CLA_ISO = 0x00,
    CLA_PROPRIETARY = 0x80,
    CLA_CHAINING = 0x10, /* bit: more links follow */
    CLA_SECURED = 0x0C   /* bits: secure messaging, header authenticated */
};

/* P1 and P2 of SELECT (apdu.md 2.2, 2.3). */
enum {
    SELECT_P1_FID = 0x00,
    SELECT_P1_CHILD_DF = 0x01,
    SELECT_P1_CHILD_EF = 0x02,
    SELECT_P1_PARENT = 0x03,
    SELECT_P1_AID = 0x04,
    SELECT_P1_PATH_FROM_MF = 0x08,
    SELECT_P1_PATH = 0x09,
    SELECT_P2_FCI = 0x00,
    SELECT_P2_FCP = 0x04,
    SELECT_P2_NO_DATA_08 = 0x08, /* AID only */
    SELECT_P2_NO_DATA = 0x0C
};

/* P1 and P2 of MANAGE SECURITY ENVIRONMENT (apdu.md 3.21); others of ISO 7816-4 are accepted and mean nothing. */
enum { MSE_SET_COMPUTE = 0x41, MSE_SET_VERIFY = 0x81 };
enum { MSE_AUTHENTICATION = 0xA4, MSE_SIGNATURE = 0xB6 };

/* P1 of PUBLIC KEY AUTHENTICATION (apdu.md 3.24). */
enum { PUK_STATUS_OR_REGISTER = 0x00, PUK_REPLACE = 0x01, PUK_QUERY = 0x02 };

/* ---- algorithms: P2 of SIGN, DECIPHER, CIPHER..., and bytes of a key's list (apdu.md 8.1) ---- */

enum algorithm {
    ALG_AES_CBC_ENCRYPT = 0x10,
    ALG_AES_CBC_DECRYPT = 0x11,
    ALG_AES_CMAC = 0x18,
    ALG_RSA_RAW = 0x20,
    ALG_RSA_DECRYPT_RAW = 0x21,
    ALG_RSA_DECRYPT_PKCS1 = 0x22,
    ALG_RSA_DECRYPT_OAEP = 0x23,
    ALG_RSA_DECRYPT_OAEP_OF = 0x24, /* ours, as all ..._OF and SHA3: parameters in the data */
    ALG_RSA_PKCS1 = 0x30,           /* DigestInfo given */
    ALG_RSA_PKCS1_SHA1 = 0x31,
    ALG_RSA_PKCS1_SHA224 = 0x32,
    ALG_RSA_PKCS1_SHA256 = 0x33,
    ALG_RSA_PKCS1_SHA384 = 0x34,
    ALG_RSA_PKCS1_SHA512 = 0x35,
    ALG_RSA_PKCS1_SHA3_224 = 0x36,
    ALG_RSA_PKCS1_SHA3_256 = 0x37,
    ALG_RSA_PKCS1_SHA3_384 = 0x38,
    ALG_RSA_PKCS1_SHA3_512 = 0x39,
    ALG_RSA_PKCS1_ANY = 0x3A, /* ours: DigestInfo given, of SHA-3, too */
    ALG_RSA_PSS = 0x40,       /* digest or DigestInfo given */
    ALG_RSA_PSS_SHA1 = 0x41,
    ALG_RSA_PSS_SHA224 = 0x42,
    ALG_RSA_PSS_SHA256 = 0x43,
    ALG_RSA_PSS_SHA384 = 0x44,
    ALG_RSA_PSS_SHA512 = 0x45,
    ALG_RSA_PSS_SHA3_224 = 0x46,
    ALG_RSA_PSS_SHA3_256 = 0x47,
    ALG_RSA_PSS_SHA3_384 = 0x48,
    ALG_RSA_PSS_SHA3_512 = 0x49,
    ALG_RSA_PSS_OF = 0x4A,
    ALG_CIPHER_ENCRYPT = 0x51, /* extended: OID in the data */
    ALG_CIPHER_DECRYPT = 0x52,
    ALG_ECDSA = 0x70, /* digest given; Edwards keys: the message */
    ALG_ECDSA_SHA1 = 0x71,
    ALG_ECDSA_SHA224 = 0x72,
    ALG_ECDSA_SHA256 = 0x73,
    ALG_ECDSA_SHA384 = 0x74,
    ALG_ECDSA_SHA512 = 0x75,
    ALG_ECDSA_SHA3_224 = 0x76,
    ALG_ECDSA_SHA3_256 = 0x77,
    ALG_ECDSA_SHA3_384 = 0x78,
    ALG_ECDSA_SHA3_512 = 0x79,
    ALG_EDDSA_OF = 0x7A, /* ours: parameters in the data */
    ALG_ECDH = 0x80,
    ALG_ECDH_AUTPUK = 0x83, /* unused constant of upstream */
    ALG_XKEK = 0x84,
    ALG_WRAP = 0x92,
    ALG_UNWRAP = 0x93,
    ALG_UNWRAP_CHECK = 0x94, /* ours */
    ALG_DERIVE_EC = 0x98,
    ALG_DERIVE_SYMMETRIC = 0x99,
    ALG_HD_SIGN = 0xA0,
    ALG_HD_SIGN_AT = 0xA1,       /* ours: with the path in the data */
    ALG_GENERATE_AES_128 = 0xB0, /* P2 of GENERATE SYMMETRIC KEY */
    ALG_GENERATE_AES_192 = 0xB1,
    ALG_GENERATE_AES_256 = 0xB2,
    ALG_GENERATE_AES_512 = 0xB3,
    ALG_GENERATE_SECRET = 0xB4 /* ours: as long as tag 84 says */
};

/* P2 of STREAM, ours (decisions.md, 7A). */
enum {
    STREAM_BEGIN_ENCRYPT = 0x51,
    STREAM_BEGIN_DECRYPT = 0x52,
    STREAM_ADD_AAD = 0x53,
    STREAM_ADD = 0x54,
    STREAM_FINISH = 0x55,
    STREAM_ABORT = 0x56
};

/* ---- PINs and options ---- */

/* P2 of VERIFY and its relatives (apdu.md 3.7). */
enum { PIN_USER = 0x81, PIN_BIOMETRIC_1 = 0x85, PIN_BIOMETRIC_2 = 0x86, PIN_SO = 0x88 };

/* The options word (apdu.md 4.4). */
enum option {
    OPTION_RRC = 0x0001,
    OPTION_TRANSPORT_PIN = 0x0002,
    OPTION_SESSION_PIN = 0x0004,
    OPTION_PKA_REPLACEABLE = 0x0008,
    OPTION_PIN_AND_PKA = 0x0010,
    OPTION_RRC_RESET_ONLY = 0x0020, /* RESET RETRY COUNTER without a new PIN */
    OPTION_CONFIRM = 0x0100,
    OPTION_COUNT_ALL = 0x0200,
    OPTION_LOCKED = 0x0400
};

/* The device policy word, INITIALIZE tag 9A (decisions.md). */
enum policy {
    POLICY_INIT_NEEDS_SO_PIN = 0x0001,
    POLICY_NO_PLAIN_PIN = 0x0002,
    POLICY_KEY_IMPORT = 0x0004,
    POLICY_NO_PKCS1_DECRYPT = 0x0008,
    POLICY_ALL = 0x000F /* any other bit: 6A80 */
};

/* ---- tags of command data ---- */

enum {
    TAG_FILE_OFFSET = 0x54, /* READ, UPDATE BINARY */
    TAG_FILE_DATA = 0x53,
    TAG_INIT_OPTIONS = 0x80, /* INITIALIZE, apdu.md 3.2 */
    TAG_INIT_USER_PIN = 0x81,
    TAG_INIT_SO_PIN = 0x82,
    TAG_INIT_RETRIES = 0x91,
    TAG_INIT_DKEK_SHARES = 0x92,
    TAG_INIT_PKA = 0x93,
    TAG_INIT_BIO_SERVER_1 = 0x95,
    TAG_INIT_BIO_SERVER_2 = 0x96,
    TAG_INIT_KEY_DOMAINS = 0x97,
    TAG_INIT_POLICY = 0x9A,
    TAG_SM_CIPHER_ODD = 0x85, /* secure messaging, formats.md 8: cryptogram when the instruction is odd */
    TAG_SM_CIPHER = 0x87,     /* ... and otherwise, behind a byte 01 */
    TAG_SM_LE = 0x97,
    TAG_SM_WORD = 0x99,
    TAG_SM_MAC = 0x8E,
    TAG_MSE_PROTOCOL = 0x80,           /* MANAGE SECURITY ENVIRONMENT, apdu.md 3.21 */
    TAG_MSE_REFERENCE = 0x83,          /* key id or CHR */
    TAG_DYNAMIC_AUTHENTICATION = 0x7C, /* GENERAL AUTHENTICATE, apdu.md 3.22: template */
    TAG_AUTHENTICATION_POINT = 0x80,   /* of the host */
    TAG_AUTHENTICATION_NONCE = 0x81,   /* of the card */
    TAG_AUTHENTICATION_TOKEN = 0x82,
    TAG_IMPORT_COMPONENTS = 0x81,     /* our key import: the plaintext of a blob from its size on */
    TAG_KEY_DOMAIN_MEMBERSHIP = 0x54, /* KEY DOMAIN, apdu.md 3.20 */
    TAG_EDDSA_MESSAGE = 0x81,         /* EdDSA with parameters, ours: wire/eddsa_parameters.h */
    TAG_EDDSA_PREHASH = 0x82,
    TAG_EDDSA_CONTEXT = 0x83,
    TAG_EDDSA_TO_HASH = 0x84,
    TAG_RSA_HASH = 0x06, /* PSS and OAEP with parameters, ours: wire/rsa_parameters.h */
    TAG_RSA_DATA = 0x81,
    TAG_RSA_DIGEST = 0x82,
    TAG_RSA_LABEL = 0x83,
    TAG_RSA_SALT_SIZE = 0x84,
    TAG_RSA_MGF1_HASH = 0x85,
    TAG_KEY_COUNTER = 0x90, /* key metadata, formats.md 1.4 */
    TAG_KEY_ALGORITHMS = 0x91,
    TAG_KEY_DOMAIN = 0x92,
    TAG_KEY_WRAPPING_ID = 0x93,
    TAG_KEY_KIND = 0x94,    /* ours: enum secret_kind */
    TAG_SECRET_SIZE = 0x84, /* ours: bytes of a new secret key, in 48 and 7C */
    TAG_CIPHER_OID = 0x06,  /* CIPHER, apdu.md 3.17, and our STREAM and KDF STORE */
    TAG_CIPHER_DATA = 0x81,
    TAG_CIPHER_IV = 0x82,
    TAG_CIPHER_AAD = 0x83,
    TAG_CIPHER_SIZE = 0x84,   /* ours */
    TAG_CIPHER_TAG = 0x85,    /* ours: bytes of the AEAD's tag */
    TAG_CIPHER_PEER = 0x86,   /* ours: KDF STORE */
    TAG_CIPHER_HD_PATH = 0xA0 /* ours */
};

/* ---- limits (apdu.md 1.5 and the commands' sections, decisions.md OD-1) ---- */

enum {
    LIMIT_COMMAND_DATA = 4096,  /* after chaining and secure messaging */
    LIMIT_RESPONSE_DATA = 4096, /* of one command */
    LIMIT_COMMAND_APDU = 4148,  /* secured, the longest we take */
    LIMIT_CHALLENGE = 1024,
    LIMIT_FILE_OFFSET_SIZE = 4, /* bytes of tag 54 */
    LIMIT_AID_MIN = 1,
    LIMIT_AID_MAX = 16,
    LIMIT_PIN_MIN = 6,
    LIMIT_PIN_MAX = 16,
    LIMIT_PIN_TRIES_MAX = 10, /* tag 91 */
    LIMIT_PIN_TRIES_DEFAULT = 3,
    LIMIT_SO_PIN_TRIES = 15,
    LIMIT_SESSION_PIN = 8, /* bytes */
    LIMIT_KEY_DOMAINS = 16,
    LIMIT_PUBLIC_KEYS = 8,     /* registered for authentication */
    LIMIT_ALGORITHM_LIST = 32, /* tag 91 */
    LIMIT_WRAPPING_ID = 128,   /* tag 93 */
    LIMIT_NAME = 16,           /* CAR, CHR */
    LIMIT_RSA_BITS_MIN = 1024,
    LIMIT_RSA_BITS_MAX = 4096,
    LIMIT_DESCRIPTION_IN_BULK = 1024, /* INS 5C */
    LIMIT_STREAM_PIECE = 4080         /* INS 7A */
};

/* Counter of new keys under OPTION_COUNT_ALL. */
#define KEY_COUNTER_DEFAULT 0xFFFFFFFEu
#define RSA_BITS_DEFAULT 2048u
#define RSA_EXPONENT_DEFAULT 65537u

#endif
