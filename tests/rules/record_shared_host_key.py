#!/usr/bin/env python3
"""Records what rules/ssh/shared-host-key_test.lua is played on; wanted again where what the probe `ssh` sends has changed.

    AUDIT=build/release/audit tests/lab/enter.sh python3 tests/rules/record_shared_host_key.py FILE

127.0.0.21 and .22 are one sshd with the same keys, 127.0.0.23 is a server of its own. Nothing of this machine's names gets in.
"""

import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
import servers  # noqa: E402
from program import program  # noqa: E402


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("hosts", "127.0.0.1 localhost\n"), ("resolv.conf", "nameserver 127.0.0.53\n")):
            pathlib.Path(folder, name).write_text(text)
            subprocess.run(["mount", "--bind", f"{folder}/{name}", f"/etc/{name}"], check=True)
        with servers.sshd("127.0.0.21", settings="ListenAddress 127.0.0.22", kinds=("ed25519",)), \
                servers.sshd("127.0.0.23", kinds=("ed25519",)):
            path = pathlib.Path(sys.argv[1]).resolve()
            run = [str(pathlib.Path(program()).resolve()), "run", "--target", "127.0.0.21,127.0.0.22,127.0.0.23", "--select", "ssh.shared-host-key",
                   "--record", path.name]
            subprocess.run(["unshare", "--uts", "sh", "-c", 'hostname lab && exec "$@"', "sh", *run], check=False, cwd=path.parent)


if __name__ == "__main__":
    main()
