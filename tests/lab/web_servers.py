"""nginx and Apache with the same pages: plain, TLS, redirects, gzip, chunked, a password, nothing.

    with web_servers.nginx("127.0.0.31"): …     # http on 80, https on 443, a certificate of its own
    with web_servers.apache("127.0.0.31"): …    # 8080 and 8443
"""

import base64
import contextlib
import os
import pathlib
import subprocess

from processes import find_program, scratch
from servers import _serving

USER, PASSWORD = "lab", "correct horse"
PAGE = "<!doctype html><html><head><title>The lab &amp; its page</title></head><body>hello</body></html>\n"
LONG = "".join(f"line {number} of a text that is worth compressing\n" for number in range(2000))


def authorization():
    return "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def _write_pages(directory, address):
    root = pathlib.Path(directory, "www")
    root.mkdir()
    (root / "index.html").write_text(PAGE)
    (root / "long.txt").write_text(LONG)
    (root / "part.shtml").write_text("before <!--#echo var=\"DATE_LOCAL\" encoding=\"none\" --> after\n")
    (root / "private").mkdir()
    (root / "private" / "index.html").write_text("for the lab only\n")
    hashed = subprocess.run([find_program("openssl"), "passwd", "-apr1", PASSWORD], check=True, capture_output=True,
                            stdin=subprocess.DEVNULL, text=True).stdout.strip()
    pathlib.Path(directory, "passwords").write_text(f"{USER}:{hashed}\n")
    subprocess.run([find_program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=web.lab.test", "-addext", f"subjectAltName=DNS:web.lab.test,IP:{address}",
                    "-keyout", f"{directory}/key.pem", "-out", f"{directory}/certificate.pem"],
                   check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return root


REDIRECTS = {  # path: status, location
    "/moved": (301, "/"),
    "/found": (302, "/moved"),
    "/kept": (307, "/long.txt"),
    "/permanent": (308, "https://{secure}/"),
    "/down": (302, "http://{plain}/"),
    "/out": (302, "http://127.0.0.99/"),
    "/loop": (302, "/loop"),
}


@contextlib.contextmanager
def nginx(address):
    with scratch() as directory:
        root = _write_pages(directory, address)
        kept = "\n".join(f"  {kind}_temp_path {directory}/{kind};"
                         for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        moved = "\n".join(f"    location = {path} {{ return {status} {location.format(plain=address, secure=address)}; }}"
                          for path, (status, location) in REDIRECTS.items())
        config = pathlib.Path(directory, "nginx.conf")
        config.write_text(f"""{'user root;' if os.getuid() == 0 else ''}
daemon off;
pid {directory}/nginx.pid;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log {directory}/access.log;
{kept}
  types {{ text/html html shtml; text/plain txt; }}
  default_type application/octet-stream;
  gzip on;
  gzip_types text/plain;
  absolute_redirect off;
  server {{
    listen {address}:80;
    listen {address}:443 ssl;
    ssl_certificate {directory}/certificate.pem;
    ssl_certificate_key {directory}/key.pem;
    root {root};
{moved}
    location = /nothing {{ return 204; }}
    location = /cookies {{ add_header Set-Cookie "a=1; Path=/"; add_header Set-Cookie "b=2"; add_header X-Twice one;
      add_header X-Twice two; return 200 "cookies\\n"; }}
    location = /part.shtml {{ ssi on; }}
    location /private/ {{ auth_basic "the lab"; auth_basic_user_file {directory}/passwords; }}
  }}
}}
""")
        arguments = [find_program("nginx"), "-e", "stderr", "-p", directory, "-c", str(config)]
        with _serving("nginx", arguments, address, 80, directory) as process:
            process.certificate = pathlib.Path(directory, "certificate.pem")
            yield process


@contextlib.contextmanager
def apache(address):
    with scratch() as directory:
        root = _write_pages(directory, address)
        plain, secure = f"{address}:8080", f"{address}:8443"
        modules = "/usr/lib/apache2/modules"
        names = ("mpm_event", "authn_core", "authz_core", "authn_file", "authz_user", "auth_basic", "alias", "dir", "mime",
                 "filter", "deflate", "headers", "include", "rewrite", "ssl", "env")
        loads = "\n".join(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in names
                          if pathlib.Path(modules, f"mod_{name}.so").exists())
        moved = "\n".join(f'Redirect {status} "{path}" "{location.format(plain=plain, secure=secure)}"' for path, (status, location)
                          in REDIRECTS.items())
        config = pathlib.Path(directory, "apache.conf")
        config.write_text(f"""ServerRoot {directory}
DefaultRuntimeDir {directory}
PidFile {directory}/apache.pid
ServerName web.lab.test
{loads}
Listen {plain}
Listen {secure}
ErrorLog /dev/stderr
TypesConfig /dev/null
FileETag None
DocumentRoot {root}
AddType text/html .html .shtml
AddType text/plain .txt
DirectoryIndex index.html
AddOutputFilterByType DEFLATE text/plain text/html
{moved}
RedirectMatch 204 ^/nothing$
Alias /cookies {root}/index.html
<Location /cookies>
  Header add Set-Cookie "a=1; Path=/"
  Header add Set-Cookie "b=2"
  Header add X-Twice one
  Header add X-Twice two
</Location>
<Directory {root}>
  Options +Includes
  AddOutputFilter INCLUDES .shtml
  Require all granted
</Directory>
<Directory {root}/private>
  AuthType Basic
  AuthName "the lab"
  AuthUserFile {directory}/passwords
  Require valid-user
</Directory>
<VirtualHost {secure}>
  ServerName web.lab.test
  SSLEngine on
  SSLCertificateFile {directory}/certificate.pem
  SSLCertificateKeyFile {directory}/key.pem
  DocumentRoot {root}
</VirtualHost>
""")
        # As root Apache wants to become somebody else, who could not read these files: to itself it is somebody else.
        unprivileged = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.getuid() == 0 else []
        arguments = [*unprivileged, find_program("apache2"), "-D", "FOREGROUND", "-f", str(config)]
        with _serving("apache2", arguments, address, 8080, directory) as process:
            yield process
