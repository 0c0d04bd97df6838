/* libcrypto from its static library: digests, authenticated encryption, RSA, elliptic curves, big numbers, errors.
   Prints the process's mappings last when asked with "maps". */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hex(const char *label, const unsigned char *bytes, size_t size) {
    printf("%s ", label);
    for (size_t i = 0; i < size; i++) printf("%02x", bytes[i]);
    putchar('\n');
}

static void need(int ok, const char *what) {
    if (ok) return;
    char text[256];
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    printf("FAILED %s: %s\n", what, text);
    exit(1);
}

static void digests(void) {
    const char *names[] = {"MD5", "SHA1", "SHA256", "SHA512", "SHA3-256", "BLAKE2b512"};
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size;
    char *text = malloc(100000);
    memset(text, 'a', 100000);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        need(EVP_Digest(text, 100000, out, &size, EVP_get_digestbyname(names[i]), NULL), names[i]);
        hex(names[i], out, size);
    }
    HMAC(EVP_sha256(), "key", 3, (unsigned char *)text, 1000, out, &size);
    hex("HMAC-SHA256", out, size);
    need(PKCS5_PBKDF2_HMAC("password", 8, (unsigned char *)"salt", 4, 1000, EVP_sha256(), 32, out), "PBKDF2");
    hex("PBKDF2", out, 32);
    free(text);
}

static void gcm(const EVP_CIPHER *cipher, const char *name) {
    unsigned char key[32], iv[12], plain[77], packed[77], again[77], tag[16];
    int n, ok;
    for (int i = 0; i < 77; i++) plain[i] = (unsigned char)(i * 7);
    for (int i = 0; i < 32; i++) key[i] = (unsigned char)i;
    memset(iv, 9, sizeof iv);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    need(EVP_EncryptInit_ex(c, cipher, NULL, key, iv), name);
    need(EVP_EncryptUpdate(c, NULL, &n, (unsigned char *)"header", 6), "aad");
    need(EVP_EncryptUpdate(c, packed, &n, plain, 77), "encrypt");
    need(EVP_EncryptFinal_ex(c, packed + n, &n), "final");
    need(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag), "tag");
    hex(name, packed, 77);
    hex("tag", tag, 16);
    for (int damage = 0; damage < 2; damage++) {
        need(EVP_DecryptInit_ex(c, cipher, NULL, key, iv), "decrypt init");
        need(EVP_DecryptUpdate(c, NULL, &n, (unsigned char *)"header", 6), "aad");
        need(EVP_DecryptUpdate(c, again, &n, packed, 77), "decrypt");
        tag[0] ^= (unsigned char)damage;
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, 16, tag);
        ok = EVP_DecryptFinal_ex(c, again + n, &n) > 0 && !memcmp(plain, again, 77);
        printf("%s: %s\n", damage ? "damaged" : "whole", ok ? "accepted" : "refused");
    }
    EVP_CIPHER_CTX_free(c);
}

static void sign(EVP_PKEY *key, const char *name) {
    unsigned char signature[1024];
    size_t size = sizeof signature;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    need(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key), "sign init");
    need(EVP_DigestSign(c, signature, &size, (unsigned char *)"message", 7), "sign");
    EVP_MD_CTX_reset(c);
    need(EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key), "verify init");
    int good = EVP_DigestVerify(c, signature, size, (unsigned char *)"message", 7);
    EVP_MD_CTX_reset(c);
    need(EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key), "verify init");
    int bad = EVP_DigestVerify(c, signature, size, (unsigned char *)"massage", 7);
    printf("%s, %d bits: signature %s, forgery %s\n", name, EVP_PKEY_bits(key), good == 1 ? "good" : "bad",
           bad == 1 ? "accepted" : "refused");
    BIO *memory = BIO_new(BIO_s_mem());
    need(PEM_write_bio_PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL), "write PEM");
    EVP_PKEY *again = PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL);
    printf("PEM round trip: %s\n", again && EVP_PKEY_eq(again, key) == 1 ? "equal" : "different");
    EVP_PKEY_free(again);
    BIO_free(memory);
    EVP_MD_CTX_free(c);
}

int main(int argc, char **argv) {
    puts(OpenSSL_version(OPENSSL_VERSION));
    digests();
    gcm(EVP_aes_128_gcm(), "AES-128-GCM");
    gcm(EVP_aes_256_gcm(), "AES-256-GCM");
    gcm(EVP_chacha20_poly1305(), "ChaCha20-Poly1305");

    EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256");
    need(rsa && ec, "key generation");
    sign(rsa, "RSA");
    sign(ec, "P-256");
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);

    BIGNUM *a = BN_new(), *b = BN_new(), *m = BN_new();
    BN_CTX *c = BN_CTX_new();
    BN_hex2bn(&m, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFFFFFFFFFF");
    BN_set_word(a, 3);
    BN_sub(b, m, BN_value_one());
    BN_mod_exp(a, a, b, m, c);
    char *text = BN_bn2dec(a);
    printf("3^(p-1) mod p = %s, p is %s\n", text, BN_check_prime(m, c, NULL) == 1 ? "prime" : "composite");
    OPENSSL_free(text);
    BN_free(a), BN_free(b), BN_free(m), BN_CTX_free(c);

    BIO *junk = BIO_new_mem_buf("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", -1);
    printf("certificate: %p\n", (void *)PEM_read_bio_X509(junk, NULL, NULL, NULL));
    for (unsigned long e; (e = ERR_get_error());) printf("%s: %s\n", ERR_lib_error_string(e), ERR_reason_error_string(e));
    BIO_free(junk);

    unsigned char random[16] = {0}, zero[16] = {0};
    printf("random: %s\n", RAND_bytes(random, 16) == 1 && memcmp(random, zero, 16) ? "yes" : "no");

    if (argc > 1 && !strcmp(argv[1], "maps")) {
        FILE *maps = fopen("/proc/self/maps", "r");
        int lines = 0;
        for (int ch; (ch = fgetc(maps)) != EOF;) lines += ch == '\n';
        fclose(maps);
        fprintf(stderr, "mappings %d\n", lines);
    }
    return 0;
}
