"""Certificates of the lab's own making, through `openssl`, and what `openssl s_client` sees of a server."""

import base64
import dataclasses
import hashlib
import pathlib
import re
import subprocess

from processes import find_program

KEYS = {"rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "ecdsa": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "ed25519": ["-algorithm", "ED25519"]}


def openssl(*words, text=None):
    done = subprocess.run([find_program("openssl"), *map(str, words)], input=text or "", capture_output=True, text=True,
                          timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(map(str, words))}: {done.stderr[-1000:]}")
    return done.stdout


@dataclasses.dataclass
class Pair:
    """The paths of a certificate and of its key."""
    certificate: pathlib.Path
    key: pathlib.Path

    def fingerprint(self):
        return hashlib.sha256(der_of(self.certificate.read_text())[0]).hexdigest()


class Authority:
    """A root, and what it issues, in one directory."""

    def __init__(self, directory, name="Lab Root"):
        self.directory = pathlib.Path(directory)
        self.root = self._key("root", "ecdsa")
        openssl("req", "-x509", "-key", self.root.key, "-out", self.root.certificate, "-subj", f"/CN={name}", "-days", "3650",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self._serial = 0x1000

    def _key(self, name, kind):
        pair = Pair(self.directory / f"{name}.pem", self.directory / f"{name}.key")
        openssl("genpkey", *KEYS[kind], "-out", pair.key)
        return pair

    def issue(self, name, alternatives="DNS:web.lab.test", kind="ecdsa", days=30, issuer=None, authority=False,
              expired=False, self_signed=False):
        """A certificate of `name`; `alternatives` as openssl.cnf has them."""
        pair = self._key(name, kind)
        issuer = issuer or self.root
        extensions = self.directory / f"{name}.ext"
        extensions.write_text("basicConstraints=critical,CA:TRUE\n" if authority else f"subjectAltName={alternatives}\n")
        request = self.directory / f"{name}.csr"
        openssl("req", "-new", "-key", pair.key, "-out", request, "-subj", f"/CN={name}")
        self._serial += 1
        signing = ["-signkey", pair.key] if self_signed else ["-CA", issuer.certificate, "-CAkey", issuer.key]
        if expired:
            return self._expired(pair, request, extensions)
        openssl("x509", "-req", "-in", request, *signing, "-set_serial", self._serial, "-days", days, "-extfile", extensions,
                "-out", pair.certificate)
        return pair

    def issue_hostile(self, name):
        """A certificate with control characters and markup in its subject, and a NUL within its alternative names."""
        pair = self._key(name, "ecdsa")
        def sans(*names):
            entries = b"".join(b"\x82" + bytes([len(one)]) + one for one in names)
            return (b"\x30" + bytes([len(entries)]) + entries).hex(":")
        extensions = self.directory / f"{name}.ext"
        extensions.write_text("subjectAltName=DER:" + sans(b"bank.lab.test\0.evil.test", b"\x1b[2J\r\n<script>x</script>") + "\n")
        request = self.directory / f"{name}.csr"
        openssl("req", "-new", "-key", pair.key, "-out", request, "-subj", "/CN=bank\x1b[31m\x07\r\n<script>alert(1)<\\/script>")
        self._serial += 1
        openssl("x509", "-req", "-in", request, "-CA", self.root.certificate, "-CAkey", self.root.key, "-set_serial", self._serial,
                "-days", "30", "-extfile", extensions, "-out", pair.certificate)
        return pair

    def _expired(self, pair, request, extensions):
        """Only `openssl ca` takes dates in the past."""
        (self.directory / "index").write_text("")
        config = self.directory / "ca.cnf"
        config.write_text(f"[ca]\ndefault_ca=lab\n[lab]\ndatabase={self.directory}/index\nnew_certs_dir={self.directory}\n"
                          f"rand_serial=yes\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
        openssl("ca", "-batch", "-notext", "-config", config, "-in", request, "-cert", self.root.certificate, "-keyfile",
                self.root.key, "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", "-extfile", extensions,
                "-out", pair.certificate)
        return pair

    def staple(self, pair, status="good"):
        """The path of an OCSP response in DER about a certificate."""
        serial = openssl("x509", "-in", pair.certificate, "-noout", "-serial").strip().split("=")[1]
        when = "V\t400101000000Z\t" if status == "good" else "R\t400101000000Z\t260102030405Z"
        (self.directory / "ocsp-index").write_text(f"{when}\t{serial}\tunknown\t/CN=any\n")
        out = self.directory / f"{serial}.ocsp"
        openssl("ocsp", "-index", self.directory / "ocsp-index", "-CA", self.root.certificate, "-rsigner", self.root.certificate,
                "-rkey", self.root.key, "-issuer", self.root.certificate, "-cert", pair.certificate, "-respout", out,
                "-ndays", "7")
        return out


def der_of(pem):
    """Every certificate of a PEM text."""
    found = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", pem, re.DOTALL)
    return [base64.b64decode(text) for text in found]


def s_client(address, port, *words, starttls=None, name=None, trust=None):
    """What `openssl s_client` says of a server: version, cipher, group, alpn, the chain's fingerprints, staple, code, and
    before TLS 1.3 whether it renegotiates securely and binds its secret to the handshake."""
    arguments = ["s_client", "-connect", f"{address}:{port}", "-showcerts", "-status", *words]
    arguments += ["-servername", name] if name else ["-noservername"]
    arguments += ["-starttls", starttls] if starttls else []
    arguments += ["-CAfile", trust] if trust else []
    done = subprocess.run([find_program("openssl"), *map(str, arguments)], input="", capture_output=True, text=True, timeout=60,
                          errors="replace", check=False)
    said = done.stdout

    def first(pattern):
        match = re.search(pattern, said, re.MULTILINE)
        return match.group(1) if match else ""

    # "New, …" names the version that brought the suite, which before TLS 1.3 need not be the one spoken.
    return {"version": first(r"^\s*Protocol\s*: (\S+)") or first(r"^New, (\S+), Cipher is"),
            "cipher": first(r"^New, \S+, Cipher is (\S+)"),
            "alpn": first(r"^ALPN protocol: (\S+)"),
            "chain": [hashlib.sha256(der).hexdigest() for der in der_of(said.split("\nCertificate chain\n")[-1].split("\nServer certificate\n")[0])],
            "staple": first(r"^\s*Cert Status: (\w+)"),
            "code": first(r"Verify return code: (\d+)"),
            "secure_renegotiation": first(r"^Secure Renegotiation IS (\w+)") == "supported",
            "extended_master_secret": first(r"Extended master secret: (\w+)") == "yes",
            "said": said + done.stderr}
