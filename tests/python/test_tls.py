"""TLS with real handshakes: Python's ssl (OpenSSL) against the daemon, with certificates that trustme makes on the spot."""

import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import time
import urllib.request

import pytest

trustme = pytest.importorskip("trustme", reason="trustme is absent; make test installs it")
BINARY = pathlib.Path(os.environ["IMPACTD_BINARY"])


def put(issued, folder):
    """Writes a certificate chain and its key where the daemon looks for them."""
    (folder / "chain.pem").write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(folder / "key.pem")


@pytest.fixture
def served(tmp_path):
    """Authority, its files' folder, the daemon and its port."""
    authority = trustme.CA()
    put(authority.issue_cert("localhost", "127.0.0.1"), tmp_path)
    (tmp_path / "out").mkdir()
    command = [BINARY, "serve", "--data", tmp_path / "out", "--listen", "127.0.0.1:0"]
    command += ["--tls-certificate", tmp_path / "chain.pem", "--tls-key", tmp_path / "key.pem"]
    with open(tmp_path / "log", "w+") as log:
        daemon = subprocess.Popen(command, stderr=log)
        try:
            yield authority, tmp_path, daemon, port(tmp_path / "log")
        finally:
            daemon.kill()
            daemon.wait()


def port(log):
    for _ in range(600):
        if found := re.search(r"listens on https://127\.0\.0\.1:(\d+)", log.read_text()):
            return int(found[1])
        time.sleep(0.05)
    pytest.fail(log.read_text())


def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def shake(context, at, name="localhost"):
    """A handshake: the version and the certificate's serial number."""
    with socket.create_connection(("127.0.0.1", at), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname=name) as tls:
            return tls.version(), tls.getpeercert()["serialNumber"]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_versions_and_trust(served):
    authority, _, _, at = served
    with urllib.request.urlopen(f"https://localhost:{at}/health/live", context=trusting(authority)) as answer:
        assert answer.status == 200
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = trusting(authority)
        context.minimum_version = context.maximum_version = version
        assert shake(context, at)[0] == version.name.replace("_", ".")
    old = trusting(authority)
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    for refused, name in ((old, "localhost"), (trusting(trustme.CA()), "localhost"), (trusting(authority), "other")):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            shake(refused, at, name)


def test_plain_http_is_not_answered(served):
    with socket.create_connection(("127.0.0.1", served[3]), timeout=30) as plain:
        plain.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            answer = plain.recv(4096)
        except ConnectionError:
            answer = b""
    assert b"HTTP/" not in answer


def test_hangup_takes_a_new_certificate_and_keeps_a_sound_one(served):
    authority, folder, daemon, at = served
    first = shake(trusting(authority), at)[1]

    def after(words, times):
        daemon.send_signal(signal.SIGHUP)
        for _ in range(600):
            if (folder / "log").read_text().count(words) >= times:
                return shake(trusting(authority), at)[1]
            time.sleep(0.05)
        pytest.fail((folder / "log").read_text())

    put(authority.issue_cert("localhost"), folder)
    second = after("certificate loaded", 1)
    assert second != first
    (folder / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nnonsense\n")
    assert after("certificate not loaded", 1) == second
    put(authority.issue_cert("localhost"), folder)
    other = authority.issue_cert("localhost")
    other.private_key_pem.write_to_path(folder / "key.pem")
    assert after("certificate not loaded", 2) == second
    put(other, folder)
    assert after("certificate loaded", 2) not in (first, second)


def test_a_handshake_that_stops_is_hung_up_on(served):
    with socket.create_connection(("127.0.0.1", served[3]), timeout=60) as silent:
        silent.sendall(b"\x16\x03\x01\x02")
        try:
            assert silent.recv(1) == b""
        except ConnectionError:
            pass


def test_files_that_do_not_fit_stop_the_start(tmp_path):
    put(trustme.CA().issue_cert("localhost"), tmp_path)
    trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(tmp_path / "other.pem")
    (tmp_path / "none.pem").write_text("no PEM\n")
    (tmp_path / "out").mkdir()
    for certificate, key, words in (
        ("chain.pem", "other.pem", "is it the key of this certificate?"),
        ("none.pem", "key.pem", "there is no certificate in it"),
        ("chain.pem", "none.pem", "there is no key in it"),
        ("chain.pem", "absent.pem", "absent.pem: "),
    ):
        command = [BINARY, "serve", "--data", tmp_path / "out", "--listen", "127.0.0.1:0"]
        command += ["--tls-certificate", tmp_path / certificate, "--tls-key", tmp_path / key]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert ended.returncode in (2, 65) and words in ended.stderr, ended.stderr
        assert "Traceback" not in ended.stderr and "panicked" not in ended.stderr
