"""Who is told of a run: a web server that remembers, an SMTP server that asks for a password, rsyslog.

    with notify_servers.hooks("127.0.0.41", 8443, pair) as hooks: …       # hooks.requests
    with notify_servers.smtpd("127.0.0.42", 2525, pair) as smtp: …        # smtp.mails()
    with notify_servers.rsyslogd("127.0.0.43", 5514) as log: …            # log.lines()
"""

import contextlib
import dataclasses
import http.server
import json
import pathlib
import ssl
import threading

from processes import find_program, scratch
from servers import _serving

DEBIANS_PYTHON = "/usr/bin/python3"  # has the package python3-aiosmtpd


@dataclasses.dataclass
class Request:
    path: str
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Hooks:
    """Answers each POST with the next of `answers`, (status, headers), and with 200 once there are none left."""

    def __init__(self, address, port, pair, answers):
        self.requests = []
        self.arrived = threading.Condition()
        self.answers = list(answers)
        hooks = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with hooks.arrived:
                    hooks.requests.append(Request(self.path, dict(self.headers), body))
                    status, headers = hooks.answers.pop(0) if hooks.answers else (200, {})
                    hooks.arrived.notify_all()
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        self.server.handle_error = lambda *_: None  # a client that does not trust the certificate leaves
        if pair is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pair.certificate, pair.key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def paths(self):
        return [request.path for request in self.requests]


@contextlib.contextmanager
def hooks(address, port, pair=None, answers=()):
    served = Hooks(address, port, pair, answers)
    thread = threading.Thread(target=served.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.server.shutdown()
        served.server.server_close()
        thread.join()


SMTPD = r"""
import json, ssl, sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

address, port, certificate, key, out, user, password = sys.argv[1:]

class Handler:
    async def handle_DATA(self, server, session, envelope):
        with open(out, "a") as mails:
            mails.write(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "user": str(session.auth_data),
                                    "tls": session.ssl is not None, "text": envelope.content.decode("latin-1")}) + "\n")
        return "250 kept"

def check(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (user, password)
    return AuthResult(success=good, handled=good, auth_data=user)

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
controller = Controller(Handler(), hostname=address, port=int(port), tls_context=context, require_starttls=True,
                        authenticator=check, auth_required=True, auth_require_tls=True)
controller.start()
while True:
    time.sleep(3600)
"""


@contextlib.contextmanager
def smtpd(address, port, pair, user="lab", password="swordfish-7"):
    """aiosmtpd, which takes mail within TLS only, from who knows the password."""
    with scratch() as directory:
        mails = pathlib.Path(directory, "mails")
        mails.write_text("")
        arguments = [DEBIANS_PYTHON, "-c", SMTPD, address, str(port), str(pair.certificate), str(pair.key), str(mails), user, password]
        with _serving("smtpd", arguments, address, port, directory) as process:
            process.mails = lambda: [json.loads(line) for line in mails.read_text().splitlines()]
            yield process


@contextlib.contextmanager
def rsyslogd(address, port):
    """rsyslog, which hears UDP and TCP on one port, and writes what it made of each message as a line of JSON."""
    with scratch() as directory:
        heard = pathlib.Path(directory, "heard")
        config = pathlib.Path(directory, "rsyslog.conf")
        config.write_text(f"""global(workDirectory="{directory}" maxMessageSize="8k")
module(load="imudp")
module(load="imtcp")
template(name="fields" type="list" option.jsonf="on") {{
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="program" name="app-name" format="jsonf")
  property(outname="version" name="protocol-version" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
  property(outname="input" name="inputname" format="jsonf")
}}
ruleset(name="all") {{ action(type="omfile" file="{heard}" template="fields") }}
input(type="imudp" address="{address}" port="{port}" ruleset="all")
input(type="imtcp" address="{address}" port="{port}" ruleset="all")
""")
        arguments = [find_program("rsyslogd"), "-n", "-f", str(config), "-i", f"{directory}/rsyslog.pid"]
        with _serving("rsyslogd", arguments, address, port, directory) as process:
            process.lines = lambda: [json.loads(line) for line in heard.read_text().splitlines()] if heard.exists() else []
            yield process
