#!/usr/bin/env python3
"""Real servers on loopback addresses, with their own configuration, as whatever user runs this.

    with servers.sshd("127.0.0.12"): …

    tests/lab/enter.sh python3 tests/lab/servers.py telnetd=127.0.0.11 sshd=127.0.0.12 -- COMMAND…

Each ends with its `with` (or with the command), and so do the processes that it started.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys

from processes import NotThere, Process, find_program, scratch


@contextlib.contextmanager
def _serving(name, arguments, address, port, directory, **options):
    process = Process(arguments, directory, name, **options)
    try:
        process.wait_until_it_accepts(address, port)
        yield process
    finally:
        process.end()


@contextlib.contextmanager
def telnetd(address, port=23):
    """Debian's telnetd, given each accepted connection as its standard input and output, as inetd does."""
    with scratch() as directory:
        arguments = [sys.executable, os.path.abspath(__file__), "--inetd", address, str(port), find_program("telnetd"),
                     "-h", "-E", "/bin/echo login is not offered here"]
        with _serving("telnetd", arguments, address, port, directory) as process:
            yield process


def _inetd(address, port, arguments):
    """Accepts for ever and starts a program for each connection."""
    children = []
    with socket.create_server((address, port), backlog=128) as listener:
        while True:
            connection, _ = listener.accept()
            with connection:
                children.append(subprocess.Popen(arguments, stdin=connection, stdout=connection))
            children = [child for child in children if child.poll() is None]


@contextlib.contextmanager
def sshd(address, port=22, settings=""):
    """OpenSSH's server with host keys of its own; nobody can log in."""
    with scratch() as directory:
        for kind in ("ed25519", "ecdsa"):
            subprocess.run([find_program("ssh-keygen"), "-q", "-t", kind, "-N", "", "-f", f"{directory}/key_{kind}"],
                           check=True, stdin=subprocess.DEVNULL)
        config = pathlib.Path(directory, "sshd_config")
        config.write_text(f"""{settings}
ListenAddress {address}
Port {port}
HostKey {directory}/key_ed25519
HostKey {directory}/key_ecdsa
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
AuthorizedKeysFile none
MaxStartups 1000
LogLevel VERBOSE
""")
        arguments = [find_program("sshd"), "-D", "-e", "-f", str(config)]
        with _serving("sshd", arguments, address, port, directory) as process:
            yield process


@contextlib.contextmanager
def nginx(address, ports=(80,), body="lab\n", location=""):
    """nginx with one static page; `location` is put into its server block."""
    if isinstance(ports, int):
        ports = (ports,)
    with scratch() as directory:
        root = pathlib.Path(directory, "www")
        root.mkdir()
        (root / "index.html").write_text(body)
        host = f"[{address}]" if ":" in address else address
        listen = "\n".join(f"    listen {host}:{port};" for port in ports)
        kept = "\n".join(f"  {kind}_temp_path {directory}/{kind};"
                         for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = pathlib.Path(directory, "nginx.conf")
        config.write_text(f"""{'user root;' if os.getuid() == 0 else ''}
daemon off;
pid {directory}/nginx.pid;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log {directory}/access.log;
{kept}
  server {{
{listen}
    root {root};
    {location}
  }}
}}
""")
        arguments = [find_program("nginx"), "-e", "stderr", "-p", directory, "-c", str(config)]
        with _serving("nginx", arguments, address, ports[0], directory) as process:
            yield process


@contextlib.contextmanager
def vsftpd(address, port=21, settings=""):
    """An anonymous, read-only FTP server."""
    with scratch() as directory:
        home = pathlib.Path(directory, "ftp")
        home.mkdir(mode=0o555)
        config = pathlib.Path(directory, "vsftpd.conf")
        config.write_text(f"""listen=YES
background=NO
listen_address={address}
listen_port={port}
run_as_launching_user=YES
anonymous_enable=YES
anon_root={home}
secure_chroot_dir={home}
xferlog_enable=NO
seccomp_sandbox=NO
{settings}
""")
        config.chmod(0o600)
        with _serving("vsftpd", [find_program("vsftpd"), str(config)], address, port, directory) as process:
            yield process


ZONES = {
    "lab.test": """
@        SOA ns hostmaster 1 3600 600 86400 60
@        NS  ns
ns       A   127.0.0.1
telnet   A   127.0.0.11
ssh      A   127.0.0.12
web      A   127.0.0.13
nobody   A   127.0.0.14
both     A   127.0.0.12
both     A   127.0.0.13
six      AAAA ::1
alias    CNAME ssh
loop     CNAME loop
mail     MX  10 ssh
text     TXT "one" "two"
outside  A   192.0.2.1
v4mapped AAAA ::ffff:127.0.0.12
empty    TXT "this name has no address"
""",
    "127.in-addr.arpa": """
@        SOA ns.lab.test. hostmaster.lab.test. 1 3600 600 86400 60
@        NS  ns.lab.test.
11.0.0   PTR telnet.lab.test.
12.0.0   PTR ssh.lab.test.
13.0.0   PTR web.lab.test.
""",
}


@contextlib.contextmanager
def named(address="127.0.0.1", port=5353, zones=None):
    """BIND with the zones of the lab, forward and reverse; anything else is refused."""
    with scratch() as directory:
        # A copy: on a Debian with AppArmor /usr/sbin/named may not read a configuration that lies elsewhere.
        program = shutil.copy(find_program("named"), directory)
        declared = ""
        for zone, records in (zones or ZONES).items():
            file = pathlib.Path(directory, zone + ".zone")
            file.write_text("$TTL 60\n" + records)
            declared += f'zone "{zone}" {{ type primary; file "{file}"; }};\n'
        config = pathlib.Path(directory, "named.conf")
        listen = "listen-on-v6" if ":" in address else "listen-on"
        other = "listen-on" if ":" in address else "listen-on-v6"
        config.write_text(f"""
options {{
  directory "{directory}";
  {listen} port {port} {{ {address}; }};
  {other} {{ none; }};
  pid-file none;
  lock-file none;
  session-keyfile "{directory}/session.key";
  recursion no;
  notify no;
  empty-zones-enable no;
  dnssec-validation no;
}};
controls {{ }};
{declared}""")
        arguments = [program, "-g", "-n", "1", "-c", str(config)]
        with _serving("named", arguments, address, port, directory) as process:
            yield process


BY_NAME = {function.__name__: function for function in (telnetd, sshd, nginx, vsftpd, named)}


def main(arguments):
    if arguments[:1] == ["--inetd"]:
        _inetd(arguments[1], int(arguments[2]), arguments[3:])
    if "--" not in arguments:
        print(f"usage: servers.py NAME=ADDRESS… -- COMMAND…, names: {' '.join(BY_NAME)}", file=sys.stderr)
        return 64
    split = arguments.index("--")
    try:
        with contextlib.ExitStack() as started:
            for word in arguments[:split]:
                name, _, address = word.partition("=")
                started.enter_context(BY_NAME[name](address))
            return subprocess.run(arguments[split + 1:], check=False).returncode
    except (KeyError, NotThere, RuntimeError) as error:
        print(f"servers: {error}", file=sys.stderr)
        return 69
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
