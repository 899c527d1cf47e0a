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

from processes import NeedsRoot, NotThere, Process, bound, find_program, scratch


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


def _ssh_keygen(*words):
    subprocess.run([find_program("ssh-keygen"), "-q", *map(str, words)], check=True, stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def sshd(address, port=22, settings="", kinds=("ed25519", "ecdsa"), certificate=False):
    """OpenSSH's server with host keys of its own, one a kind, such as "rsa" or "ecdsa-384"; nobody can log in. With
    `certificate`, an authority of its own has signed the first of them for host.lab.test. The process that is given
    has `config`, the path of its configuration, beside which are key_KIND.pub and ca.pub."""
    with scratch() as directory:
        keys = ""
        for kind in kinds:
            name, _, bits = kind.partition("-")
            _ssh_keygen("-t", name, *(("-b", bits) if bits else ()), "-N", "", "-f", f"{directory}/key_{kind}")
            keys += f"HostKey {directory}/key_{kind}\n"
        if certificate:
            _ssh_keygen("-t", "ed25519", "-N", "", "-f", f"{directory}/ca")
            _ssh_keygen("-s", f"{directory}/ca", "-h", "-I", "lab host", "-n", "host.lab.test", "-z", 17,
                        f"{directory}/key_{kinds[0]}.pub")
            keys += f"HostCertificate {directory}/key_{kinds[0]}-cert.pub\n"
        config = pathlib.Path(directory, "sshd_config")
        config.write_text(f"""{settings}
ListenAddress {address}
Port {port}
{keys}
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
            process.config = config
            yield process


@contextlib.contextmanager
def dropbear(address, port=22, kinds=("ed25519", "ecdsa", "rsa")):
    """Dropbear with host keys of its own; nobody can log in. The process that is given has `public`, the public keys as
    dropbearkey prints them."""
    with scratch() as directory:
        keys = []
        public = []
        for kind in kinds:
            path = f"{directory}/key_{kind}"
            made = subprocess.run([find_program("dropbearkey"), "-t", kind, "-f", path], check=True, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            public += [line for line in made.stdout.splitlines() if line.startswith(("ssh-", "ecdsa-"))]
            keys += ["-r", path]
        arguments = [find_program("dropbear"), "-F", "-E", "-s", "-g", "-P", f"{directory}/pid", "-p",
                     f"{address}:{port}", *keys]
        with _serving("dropbear", arguments, address, port, directory) as process:
            process.public = public
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


def _as_root(name):
    if os.getuid() != 0:
        raise NeedsRoot(f"{name} wants to be root")


@contextlib.contextmanager
def _serving_udp(name, arguments, address, port, directory, ready=None, **options):
    process = Process(arguments, directory, name, **options)
    try:
        process.wait_until(f"answer on udp {address}:{port}", ready or (lambda: bound(address, port)))
        yield process
    finally:
        process.end()


@contextlib.contextmanager
def snmpd(address, port=161, community="public", settings=""):
    """Net-SNMP's agent, versions 1 and 2c, read only."""
    with scratch() as directory:
        config = pathlib.Path(directory, "snmpd.conf")
        config.write_text(f"""agentaddress udp:{address}:{port}
rocommunity {community}
sysdescr The agent of the lab
sysname agent.lab.test
syscontact nobody@lab.test
syslocation rack 7
{settings}
""")
        arguments = [find_program("snmpd"), "-f", "-Lo", "-C", "-c", str(config)]
        environment = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": directory}
        with _serving_udp("snmpd", arguments, address, port, directory, env=environment) as process:
            yield process


def _ntp_leap(address):
    """The leap indicator that an NTP server says; None where it says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        try:
            asking.connect((address, 123))
            asking.send(b"\x23" + bytes(39) + b"the lab.")  # one without a time of its own is dropped
            return asking.recv(100)[0] >> 6
        except OSError:
            return None


@contextlib.contextmanager
def ntpd(flags=""):
    """NTPsec on 127.0.0.1 (it serves addresses of interfaces only), an orphan of stratum 5; `flags` as "noquery"."""
    _as_root("ntpd")
    with scratch() as directory:
        config = pathlib.Path(directory, "ntp.conf")
        config.write_text(f"""restrict 127.0.0.1 {flags}
interface ignore wildcard
interface listen 127.0.0.1
tos orphan 5 orphanwait 1
""")
        arguments = [find_program("ntpd"), "-n", "-g", "-c", str(config)]
        with _serving_udp("ntpd", arguments, "127.0.0.1", 123, directory, lambda: _ntp_leap("127.0.0.1") == 0) as process:
            yield process


@contextlib.contextmanager
def rpcbind(address):
    """The port mapper, on port 111 of this address and of 127.0.0.1."""
    _as_root("rpcbind")
    with scratch() as directory:
        with _serving_udp("rpcbind", [find_program("rpcbind"), "-f", "-h", address], address, 111, directory) as process:
            yield process


@contextlib.contextmanager
def tftpd(address, files, *words, port=69):
    """Debian's tftpd with these files, names to bytes, which it answers for from ports of its own. It reads addresses as names,
    and does not start where there is no more than a loopback device: within `network.link`."""
    _as_root("in.tftpd")
    with scratch() as directory:
        root = pathlib.Path(directory, "tftp")
        root.mkdir()
        for name, contents in files.items():
            (root / name).write_bytes(contents)
            (root / name).chmod(0o644)
        arguments = [find_program("in.tftpd"), "--ipv4", "--foreground", "--address", f"{address}:{port}", "--user", "root",
                     *words, "--secure", str(root)]
        with _serving_udp("in.tftpd", arguments, address, port, directory) as process:
            process.root = root
            yield process


@contextlib.contextmanager
def memcached(address, port=11211):
    """memcached with its UDP side, which is off by default since it was used to flood others."""
    with scratch() as directory:
        arguments = [find_program("memcached"), "-U", str(port), "-p", str(port), "-l", address, "-m", "8"]
        if os.getuid() == 0:
            arguments += ["-u", "root"]
        with _serving_udp("memcached", arguments, address, port, directory) as process:
            yield process


@contextlib.contextmanager
def redis(address, port=6379, *words):
    """Redis, which keeps nothing; `words` are settings, as "--requirepass", "secret"."""
    with scratch() as directory:
        arguments = [find_program("redis-server"), "--port", str(port), "--bind", address, "--dir", directory, "--save", "",
                     "--appendonly", "no", "--daemonize", "no", *words]
        with _serving("redis", arguments, address, port, directory) as process:
            yield process


@contextlib.contextmanager
def xinetd(address):
    """The UDP services that are xinetd itself: echo, daytime, chargen and time."""
    _as_root("xinetd")
    with scratch() as directory:
        services = "".join(f"""service {name}
{{
  type = INTERNAL
  id = {name}-dgram
  socket_type = dgram
  protocol = udp
  user = root
  wait = yes
  bind = {address}
}}
""" for name in ("echo", "daytime", "chargen", "time"))
        config = pathlib.Path(directory, "xinetd.conf")
        config.write_text("defaults\n{\n}\n" + services)
        arguments = [find_program("xinetd"), "-dontfork", "-f", str(config), "-pidfile", f"{directory}/pid"]
        ready = lambda: all(bound(address, port) for port in (7, 13, 19, 37))  # noqa: E731
        with _serving_udp("xinetd", arguments, address, 7, directory, ready) as process:
            yield process


@contextlib.contextmanager
def coap_server(address, port=5683):
    """libcoap's example server."""
    with scratch() as directory:
        arguments = [find_program("coap-server-notls"), "-A", address, "-p", str(port)]
        with _serving_udp("coap-server", arguments, address, port, directory) as process:
            yield process


@contextlib.contextmanager
def turnserver(address, port=3478):
    """coturn as a STUN server and nothing else."""
    with scratch() as directory:
        arguments = [find_program("turnserver"), "-L", address, "-p", str(port), "-n", "-S", "--no-tls", "--no-dtls", "--no-cli",
                     "--log-file", "stdout", "--pidfile", f"{directory}/pid"]
        with _serving_udp("turnserver", arguments, address, port, directory) as process:
            yield process


@contextlib.contextmanager
def ipmi_sim(address, port=623):
    """OpenIPMI's simulator of a management controller."""
    with scratch() as directory:
        config, script = pathlib.Path(directory, "lan.conf"), pathlib.Path(directory, "sim.emu")
        config.write_text(f"""name "lab"
set_working_mc 0x20
  startlan 1
    addr {address} {port}
    priv_limit admin
    allowed_auths_admin none md2 md5 straight
  endlan
""")
        script.write_text("mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n")
        arguments = [find_program("ipmi_sim"), "-c", str(config), "-f", str(script), "-s", directory, "-n"]
        with _serving_udp("ipmi_sim", arguments, address, port, directory) as process:
            yield process


@contextlib.contextmanager
def charon():
    """strongSwan's IKE daemon without a connection, on ports 500 and 4500 of every address."""
    _as_root("charon")
    with scratch() as directory:
        arguments = ["/usr/lib/ipsec/charon", "--use-syslog", "no"]
        ready = lambda: bound("0.0.0.0", 500) and bound("0.0.0.0", 4500)  # noqa: E731
        with _serving_udp("charon", arguments, "0.0.0.0", 500, directory, ready) as process:
            yield process


BY_NAME = {function.__name__: function for function in (telnetd, sshd, dropbear, nginx, vsftpd, named, snmpd, rpcbind, memcached,
                                                        redis, xinetd, coap_server, turnserver, ipmi_sim)}


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
