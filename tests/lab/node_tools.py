"""Validators that come with npm (tests/node.sh installs them), and reports of records of every kind to try them on."""

import functools
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from processes import PATIENCE
from program import ROOT, program

MODULES = ROOT / "build/node/node_modules"
HELD = []  # until the tests end
SCHEMAS = ROOT.parent / "shared/conformance"  # that others wrote; not a part of this project


def schema_of_others(name):
    """The path of a schema that somebody else published; without it the test is skipped."""
    path = SCHEMAS / name
    if not path.is_file():
        raise unittest.SkipTest(f"there is no {path.relative_to(ROOT.parent)} beside the project")
    return path


def modules():
    """The folder of what npm installed; skipped where npm or its registry is missing."""
    if not MODULES.is_dir():
        raise unittest.SkipTest("tests/node.sh installed nothing: no npm here, or no registry that it reaches")
    return MODULES


def node(script, *arguments, longest=120):
    """What a script prints, whose path is told from this folder; skipped where it ends with 77 and says why."""
    done = subprocess.run(["node", "--max-old-space-size=4096", pathlib.Path(__file__).parent / script, *map(str, arguments)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=longest * PATIENCE, check=False,
                          env={**os.environ, "NODE_PATH": str(modules())})
    if done.returncode == 77:
        raise unittest.SkipTest(done.stderr.strip())
    assert done.returncode == 0, f"{script}: {done.stderr}"
    return done.stdout


def faults(schema, *documents):
    """What ajv finds wrong with documents: nothing at all, or by path the first few mistakes."""
    return json.loads(node("ajv_check.cjs", schema, *documents))


@functools.cache
def written_reports(form):
    """A folder with random, hostile, huge and empty records in one format: NAME.FORMAT."""
    writer = pathlib.Path(program()).parent / "tests/report/test_report"
    if not writer.is_file():
        raise unittest.SkipTest(f"{writer.name} is not built beside the program")
    held = tempfile.TemporaryDirectory(prefix="audit-reports-", ignore_cleanup_errors=True)
    subprocess.run([writer, "[conformance]"], env={**os.environ, "AUDIT_REPORTS": held.name, "AUDIT_FORMAT": form}, check=True,
                   capture_output=True, timeout=120 * PATIENCE)
    HELD.append(held)
    return pathlib.Path(held.name)


def reports(form, least=40):
    """The written reports of one format, all of them."""
    found = sorted(written_reports(form).glob(f"*.{form}"))
    assert len(found) >= least, f"{len(found)} reports in {form}"
    return found


def same_record(path):
    """The JSON report of the record that a report was written from."""
    return written_reports("json") / f"{path.stem}.json"
