"""The primitives give what the standards print: RFC 5869, NIST's GCM vectors, RFC 9180.

Our suite, X25519 with AES-256-GCM, is in the machine-readable vectors of RFC 9180
(test-vectors.json of cfrg/draft-irtf-cfrg-hpke, mode 0, 0x0020, 0x0001, 0x0002); its appendix A.1.1
prints the one with AES-128-GCM.
"""

from __future__ import annotations

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.sealing.hpke import OpeningKey
from tests.hub.sealing import second_implementation as second

INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")  # "Ode on a Grecian Urn"
PLAIN = b"Beauty is truth, truth beauty"
A_1_1 = {
    0: "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
    1: "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84",
    2: "498dfcabd92e8acedc281e85af1cb4e3e31c7dc394a1ca20e173cb72516491588d96a19ad4a683518973dcc180",
    4: "583bd32bc67a5994bb8ceaca813d369bca7b2a42408cddef5e22f880b631215a09fc0012bc69fccaa251c0246d",
    255: (
        "7175db9717964058640a3a11fb9007941a5d1757fda1a6935c805c21af32505bf106deefec4a49ac38d71c9e0a"
    ),
    256: (
        "957f9800542b0b8891badb026d79cc54597cb2d225b54c00c5238c25d05c30e3fbeda97d2e0e1aba483a2df9f2"
    ),
}
A_1_1_PRIVATE = bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
A_1_1_PUBLIC = bytes.fromhex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")
A_1_1_ENC = bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")

OURS_PRIVATE = bytes.fromhex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d")
OURS_PUBLIC = bytes.fromhex("430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c")
OURS_EPHEMERAL = bytes.fromhex("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11")
OURS_ENC = bytes.fromhex("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256")
OURS_SEALED = bytes.fromhex(
    "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"
)


def test_the_first_vector_of_rfc_5869_comes_out_of_both_implementations() -> None:
    """Appendix A.1: SHA-256, with salt and info, 42 bytes."""
    key, salt = bytes.fromhex("0b" * 22), bytes.fromhex("000102030405060708090a0b0c")
    info = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9")
    expected = (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )
    assert HKDF(SHA256(), 42, salt, info).derive(key).hex() == expected
    assert second.hkdf_expand(second.hkdf_extract(salt, key), info, 42).hex() == expected


def test_the_vector_of_rfc_5869_without_salt_comes_out_of_both_implementations() -> None:
    """Appendix A.3: no salt and no info, as our block keys have no salt."""
    key = bytes.fromhex("0b" * 22)
    expected = (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )
    assert HKDF(SHA256(), 42, None, b"").derive(key).hex() == expected
    assert second.hkdf_expand(second.hkdf_extract(b"", key), b"", 42).hex() == expected


def test_a_vector_of_nist_for_aes_256_gcm_comes_out() -> None:
    """CAVP gcmEncryptExtIV256: Keylen 256, IVlen 96, PTlen 128, AADlen 128, Taglen 128, Count 0."""
    key = bytes.fromhex("92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b")
    nonce = bytes.fromhex("ac93a1a6145299bde902f21a")
    plain = bytes.fromhex("2d71bcfa914e4ac045b2aa60955fad24")
    data = bytes.fromhex("1e0889016f67601c8ebea4943bc23ad6")
    expected = "8995ae2e6df3dbf96fac7b7137bae67feca5aa77d51d4a0a14d9c51e1da474ab"
    assert AESGCM(key).encrypt(nonce, plain, data).hex() == expected


@pytest.mark.parametrize("number", A_1_1)
def test_the_second_implementation_opens_rfc_9180_a_1_1(number: int) -> None:
    """Every encryption the appendix prints for X25519 and AES-128-GCM, mode base."""
    sealed, aad = bytes.fromhex(A_1_1[number]), f"Count-{number}".encode()
    opened = second.hpke_open(A_1_1_PRIVATE, A_1_1_ENC, INFO, aad, sealed, aead=1, number=number)
    assert opened == PLAIN


def test_the_second_implementation_opens_and_makes_the_vector_of_our_suite() -> None:
    """X25519, HKDF-SHA256, AES-256-GCM, mode base, first encryption."""
    assert second.hpke_open(OURS_PRIVATE, OURS_ENC, INFO, b"Count-0", OURS_SEALED) == PLAIN
    made = second.hpke_seal(OURS_EPHEMERAL, OURS_PUBLIC, INFO, b"Count-0", PLAIN)
    assert made == OURS_ENC + OURS_SEALED


@pytest.mark.parametrize(
    ("aead", "private", "sealed"),
    [
        (AEAD.AES_128_GCM, A_1_1_PRIVATE, A_1_1_ENC + bytes.fromhex(A_1_1[0])),
        (AEAD.AES_256_GCM, OURS_PRIVATE, OURS_ENC + OURS_SEALED),
    ],
)
def test_the_library_opens_the_vectors_of_rfc_9180(
    aead: AEAD, private: bytes, sealed: bytes
) -> None:
    """The printed vectors have an aad, which only the library's own test entrance takes."""
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, aead)
    key = X25519PrivateKey.from_private_bytes(private)
    assert openssl.hpke._decrypt_with_aad(suite, sealed, key, INFO, b"Count-0") == PLAIN


def test_public_keys_follow_from_private_ones_as_printed() -> None:
    """The key pairs of both vectors."""
    assert OpeningKey(A_1_1_PRIVATE).public == A_1_1_PUBLIC
    assert OpeningKey(OURS_PRIVATE).public == OURS_PUBLIC
