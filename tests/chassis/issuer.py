"""An issuer of tokens with a JWKS of its own, served over real HTTP, that can be away and change its keys."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from contracts.identity import Role

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def _made(algorithm: str) -> tuple[PrivateKey, str]:
    match algorithm:
        case "RS256":
            pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            return pair, RSAAlgorithm.to_jwk(pair.public_key())
        case "ES256":
            curve = ec.generate_private_key(ec.SECP256R1())
            return curve, ECAlgorithm.to_jwk(curve.public_key())
        case _:
            edwards = ed25519.Ed25519PrivateKey.generate()
            return edwards, OKPAlgorithm.to_jwk(edwards.public_key())


class Issuer:
    """Signs tokens; `url` is where its public keys are."""

    def __init__(self) -> None:
        self.fetched = 0
        self.away = False
        self.url = ""
        self._signing: dict[str, tuple[str, PrivateKey]] = {}
        self._published: dict[str, dict[str, str]] = {}

    def add(self, name: str, algorithm: str) -> None:
        """Make a key and publish it."""
        private, public = _made(algorithm)
        self._signing[name] = algorithm, private
        self._published[name] = json.loads(public) | {"kid": name, "use": "sig"}

    def withdraw(self, name: str) -> None:
        """Publish this key no longer; what it signed is still about."""
        del self._published[name]

    def token(self, name: str, now: datetime, **claims: object) -> str:
        """A cashier's token, signed by this key."""
        algorithm, private = self._signing[name]
        given = {"sub": "7", "role": Role.CASHIER.value, "clinics": [1], "exp": now + timedelta(hours=1)}
        return jwt.encode(given | claims, private, algorithm, headers={"kid": name})

    def jwks(self) -> bytes:
        """The public keys, as they are fetched."""
        return json.dumps({"keys": list(self._published.values())}).encode()


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer whose JWKS is served on a free port."""
    issuer = Issuer()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """The JWKS, or what an issuer in trouble says."""
            issuer.fetched += 1
            self.send_response(500 if issuer.away else 200)
            self.end_headers()
            self.wfile.write(b"in trouble" if issuer.away else issuer.jwks())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        issuer.url = f"http://127.0.0.1:{server.server_port}/jwks"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
