"""nginx in front of the UI, set up as docs/server.md has it, but for the port, the certificate and the password file.

Belongs here: reading that set-up from the page, and running it. What is expected stands in the tests.
"""

import os
import re
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.orchestration.ui_process import wait_for

USER, PASSWORD = "analyst", "made-up"
AROUND = """
{user}
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {servers}
}}
"""


def documented(page: str) -> tuple[str, str]:
    """The set-up of a site, and that of one below a path of another site: the same but for its name and locations."""
    site, _, below = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    start = site.index("    location / {")
    lines = site[start:].split("\n", 2)[2].partition("    }")[0].strip()
    below = below.replace("# … the same lines as above", lines)
    _, _, server = site.partition("server {")
    head = server[: server.index("    location / {")].replace("values.example.org;", "example.org;")
    return site, f"server {{{head}{below}}}\n"


def public_urls(page: str) -> list[str]:
    """The addresses that the page has the service told."""
    return re.findall(r"--public-url (https://[^\s`]+)", page)


@contextmanager
def nginx(folder: Path, page: str, port: int, plain_port: int, prefixed_port: int) -> Iterator[None]:
    """Run it at a port, before a UI and before another that is shown below a path."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None or shutil.which("openssl") is None:
        pytest.skip("needs nginx and openssl")
    key, certificate, passwords = folder / "key.pem", folder / "certificate.pem", folder / "passwords"
    made = f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=made.up -keyout {key} -out {certificate}"
    subprocess.run(made.split(), check=True, stderr=subprocess.DEVNULL)
    passwords.write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
    site, below = documented(page)
    servers = site.replace(":3000", f":{plain_port}") + below.replace(":3000", f":{prefixed_port}")
    servers = re.sub(r"listen 443", f"listen 127.0.0.1:{port}", servers)
    servers = re.sub(r"(ssl_certificate) .*;", rf"\1 {certificate};", servers)
    servers = re.sub(r"(ssl_certificate_key) .*;", rf"\1 {key};", servers)
    servers = re.sub(r"(auth_basic_user_file) .*;", rf"\1 {passwords};", servers)
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(user=user, folder=folder, servers=servers), encoding="utf-8")
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(lambda: (folder / "pid").exists() or process.poll() is not None)
            assert process.poll() is None, process.communicate()[1]
            yield
        finally:
            process.terminate()


def status(port: int, path: str, headers: dict[str, str], body: bytes | None = None, password: str = PASSWORD) -> int:
    """What becomes of a request to the proxy, made with a password."""
    signed = {"Authorization": "Basic " + b64encode(f"{USER}:{password}".encode()).decode()}
    request = urllib.request.Request(f"https://127.0.0.1:{port}{path}", body, {**headers, **signed})
    made_up = ssl.create_default_context()
    made_up.check_hostname, made_up.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(request, context=made_up, timeout=60) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
