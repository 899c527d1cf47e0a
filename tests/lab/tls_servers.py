"""Real servers that speak TLS, at once or after STARTTLS, each with a certificate that it is given (certificates.Pair)."""

import contextlib
import os
import pathlib
import shutil
import subprocess

from processes import NeedsRoot, NotThere, Process, find_program, scratch
import servers


@contextlib.contextmanager
def _serving(name, arguments, address, port, directory, **options):
    process = Process(arguments, directory, name, **options)
    try:
        process.wait_until_it_accepts(address, port)
        yield process
    finally:
        process.end()


def _let_others_in(directory):
    """For servers that leave root: their user may pass through the lab's own TMPDIR."""
    for path in (pathlib.Path(directory), pathlib.Path(directory).parent):
        if path.stat().st_mode & 0o011 != 0o011:
            path.chmod(path.stat().st_mode | 0o011)


@contextlib.contextmanager
def s_server(address, pair, *words, port=443):
    """`openssl s_server`; `words` are its options."""
    with scratch() as directory:
        arguments = [find_program("openssl"), "s_server", "-accept", f"{address}:{port}", "-cert", pair.certificate,
                     "-key", pair.key, "-quiet", "-www", *words]
        with _serving("s_server", list(map(str, arguments)), address, port, directory) as process:
            yield process


@contextlib.contextmanager
def gnutls_serv(address, pair, priority="NORMAL", port=443):
    """GnuTLS's own server, which listens on every address; `priority` is its priority string."""
    with scratch() as directory:
        arguments = [find_program("gnutls-serv"), "--echo", "--quiet", "-p", str(port), "--x509certfile", str(pair.certificate),
                     "--x509keyfile", str(pair.key), "--priority", priority]
        with _serving("gnutls-serv", arguments, address, port, directory) as process:
            yield process


@contextlib.contextmanager
def nginx(address, pairs, port=443, settings="", workers=1):
    """nginx with a server block a name of `pairs`; the first is the default."""
    with scratch() as directory:
        kept = "\n".join(f"  {kind}_temp_path {directory}/{kind};"
                         for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        blocks = "\n".join(f"""  server {{
    listen {address}:{port} ssl http2;
    server_name {name};
    ssl_certificate {pair.certificate};
    ssl_certificate_key {pair.key};
    {settings}
    location / {{ return 200 "{name}"; }}
  }}""" for name, pair in pairs.items())
        config = pathlib.Path(directory, "nginx.conf")
        config.write_text(f"""{'user root;' if os.getuid() == 0 else ''}
daemon off;
pid {directory}/nginx.pid;
worker_processes {workers};
events {{ worker_connections 4096; }}
http {{
  access_log off;
{kept}
{blocks}
}}
""")
        arguments = [find_program("nginx"), "-e", "stderr", "-p", directory, "-c", str(config)]
        with _serving("nginx", arguments, address, port, directory) as process:
            yield process


@contextlib.contextmanager
def apache(address, pairs, port=8443, settings=""):
    """Apache with a virtual host a name of `pairs`; the first is the default."""
    with scratch() as directory:
        _let_others_in(directory)
        modules = "/usr/lib/apache2/modules"
        loads = "\n".join(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in
                          ("mpm_event", "authn_core", "authz_core", "ssl", "http2") if os.path.exists(f"{modules}/mod_{name}.so"))
        hosts = "\n".join(f"""<VirtualHost {address}:{port}>
  ServerName {name}
  SSLEngine on
  SSLCertificateFile {pair.certificate}
  SSLCertificateKeyFile {pair.key}
  Protocols h2 http/1.1
  {settings}
</VirtualHost>""" for name, pair in pairs.items())
        config = pathlib.Path(directory, "apache.conf")
        config.write_text(f"""ServerRoot {directory}
DefaultRuntimeDir {directory}
PidFile {directory}/apache.pid
ServerName lab.test
{loads}
Listen {address}:{port}
ErrorLog /dev/stderr
DocumentRoot {directory}
{hosts}
""")
        # As root Apache wants to become somebody else: to itself it is somebody else.
        unprivileged = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.getuid() == 0 else []
        arguments = [*unprivileged, find_program("apache2"), "-D", "FOREGROUND", "-f", str(config)]
        with _serving("apache2", arguments, address, port, directory) as process:
            yield process


@contextlib.contextmanager
def postfix(address, pair, port=25, mailboxes=False):
    """Postfix, which only takes mail for nobody, or with `mailboxes` for all of lab.test (`mails()` has the paths of what
    came). Its master insists on root."""
    if os.getuid() != 0:
        raise NeedsRoot("postfix starts as root only")
    program = find_program("postfix")
    with scratch() as directory:
        _let_others_in(directory)
        for name in ("queue", "data", "etc"):
            pathlib.Path(directory, name).mkdir()
        shutil.chown(f"{directory}/data", "postfix")
        inbox = pathlib.Path(directory, "mail")
        inbox.mkdir()
        shutil.chown(inbox, "nobody", "nogroup")
        nobody = inbox.stat()
        kept = f"""virtual_mailbox_domains = lab.test
virtual_mailbox_base = {inbox}
virtual_mailbox_maps = static:all/
virtual_minimum_uid = 1
virtual_uid_maps = static:{nobody.st_uid}
virtual_gid_maps = static:{nobody.st_gid}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_received_header = yes
""" if mailboxes else ""
        for name, text in {
                "main.cf": f"""compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
inet_interfaces = all
inet_protocols = ipv4
myhostname = mail.lab.test
mydestination =
local_recipient_maps =
alias_maps =
smtpd_tls_cert_file = {pair.certificate}
smtpd_tls_key_file = {pair.key}
smtpd_tls_security_level = may
maillog_file = {directory}/postfix.log
maillog_file_prefixes = {directory}
{kept}""",
                "master.cf": f"""{address}:{port} inet n - n - - smtpd
virtual unix - n n - - virtual
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
"""}.items():
            pathlib.Path(directory, "etc", name).write_text(text)
        arguments = [program, "-c", f"{directory}/etc", "start-fg"]
        with _serving("postfix", arguments, address, port, directory) as process:
            process.mails = lambda: sorted(inbox.glob("all/new/*"))
            try:
                yield process
            finally:
                subprocess.run([program, "-c", f"{directory}/etc", "abort"], capture_output=True, timeout=20, check=False)


@contextlib.contextmanager
def dovecot(address, pair, imap=143, pop3=110):
    """Dovecot for IMAP and POP3, whom nobody can log in to."""
    if os.getuid() != 0:
        raise NeedsRoot("dovecot starts as root only")
    with scratch() as directory:
        _let_others_in(directory)
        config = pathlib.Path(directory, "dovecot.conf")
        config.write_text(f"""base_dir = {directory}/run
state_dir = {directory}/state
log_path = /dev/stderr
protocols = imap pop3
listen = {address}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
ssl = yes
ssl_cert = <{pair.certificate}
ssl_key = <{pair.key}
passdb {{
  driver = static
  args = nopassword=n
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={directory}
}}
""")
        with _serving("dovecot", [find_program("dovecot"), "-F", "-c", str(config)], address, imap, directory) as process:
            process.wait_until_it_accepts(address, pop3)
            yield process


def vsftpd(address, pair, port=21):
    """vsftpd with AUTH TLS."""
    return servers.vsftpd(address, port, f"""ssl_enable=YES
rsa_cert_file={pair.certificate}
rsa_private_key_file={pair.key}
allow_anon_ssl=YES
force_local_logins_ssl=NO
force_local_data_ssl=NO
require_ssl_reuse=NO
ssl_ciphers=HIGH""")


@contextlib.contextmanager
def slapd(address, pair, port=389, settings=""):
    """OpenLDAP's server, with nothing in it, and LDAPS on 636; without TLS where `pair` is None."""
    with scratch() as directory:
        config = pathlib.Path(directory, "slapd.conf")
        tls = f"TLSCertificateFile {pair.certificate}\nTLSCertificateKeyFile {pair.key}" if pair is not None else ""
        config.write_text(f"pidfile {directory}/slapd.pid\n{tls}\n{settings}\n")
        # A copy: on a Debian with AppArmor /usr/sbin/slapd may not read files that lie elsewhere.
        program = shutil.copy(find_program("slapd"), directory)
        urls = f"ldap://{address}:{port}" + (f" ldaps://{address}:636" if pair is not None else "")
        arguments = [program, "-d", "0", "-f", str(config), "-h", urls]
        with _serving("slapd", arguments, address, port, directory) as process:
            yield process


def _newest(pattern, name):
    found = sorted(pathlib.Path("/").glob(pattern))
    if not found:
        raise NotThere(f"{name} is not installed (tests/packages.txt)")
    return found[-1]


@contextlib.contextmanager
def postgres(address, pair, port=5432, admits=None):
    """PostgreSQL; it refuses to be root. `admits` is its pg_hba.conf, by default everybody; where `pair` is None there is no TLS."""
    programs = _newest("usr/lib/postgresql/*/bin", "postgresql")
    with scratch() as directory:
        become = []
        tls = []
        owned = [directory]
        if pair is not None:
            key = pathlib.Path(directory, "server.key")
            shutil.copy(pair.key, key)
            key.chmod(0o600)
            owned.append(key)
            shutil.copy(pair.certificate, f"{directory}/server.pem")
            tls = ["-c", "ssl=on", "-c", f"ssl_cert_file={directory}/server.pem", "-c", f"ssl_key_file={key}"]
        if os.getuid() == 0:
            become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            for path in owned:
                shutil.chown(path, "postgres", "postgres")
            _let_others_in(directory)
        subprocess.run([*become, programs / "initdb", "-D", f"{directory}/data", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"],
                       check=True, capture_output=True, stdin=subprocess.DEVNULL, cwd=directory)
        if admits is not None:
            pathlib.Path(directory, "data/pg_hba.conf").write_text(admits)
        arguments = [*become, str(programs / "postgres"), "-D", f"{directory}/data", "-h", address, "-p", str(port), "-F",
                     "-c", f"unix_socket_directories={directory}", *tls, "-c", "shared_buffers=1MB", "-c", "max_connections=10",
                     "-c", "dynamic_shared_memory_type=mmap"]
        with _serving("postgres", arguments, address, port, directory, cwd=directory) as process:
            yield process


@contextlib.contextmanager
def mariadb(address, pair, port=3306):
    """MariaDB without a table, and where `pair` is None without TLS."""
    program = find_program("mariadbd")
    with scratch() as directory:
        pathlib.Path(directory, "data").mkdir()
        arguments = [program, "--no-defaults", f"--datadir={directory}/data", f"--bind-address={address}", f"--port={port}",
                     f"--socket={directory}/sock", f"--pid-file={directory}/pid", "--skip-grant-tables", "--skip-networking=0",
                     "--skip-innodb", "--default-storage-engine=Aria", "--skip-log-bin"]
        if pair is not None:
            arguments += [f"--ssl-cert={pair.certificate}", f"--ssl-key={pair.key}"]
        if os.getuid() == 0:
            arguments.append("--user=root")
        with _serving("mariadbd", arguments, address, port, directory) as process:
            yield process


@contextlib.contextmanager
def prosody(address, pair, port=5222, hosts=("web.lab.test",)):
    """Prosody, an XMPP server for these hosts."""
    with scratch() as directory:
        config = pathlib.Path(directory, "prosody.cfg.lua")
        hosts = "\n".join(f'VirtualHost "{host}"' for host in hosts)
        config.write_text(f"""run_as_root = true
daemonize = false
pidfile = "{directory}/prosody.pid"
data_path = "{directory}"
interfaces = {{ "{address}" }}
c2s_ports = {{ {port} }}
s2s_ports = {{ }}
modules_enabled = {{ "tls" }}
modules_disabled = {{ "s2s" }}
ssl = {{ certificate = "{pair.certificate}", key = "{pair.key}" }}
log = {{ info = "*console" }}
{hosts}
""")
        arguments = [find_program("prosody"), "-F", "--config", str(config)]
        with _serving("prosody", arguments, address, port, directory) as process:
            yield process
