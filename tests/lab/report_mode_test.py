"""Who may read what a run leaves: its owner alone, unless the inventory or the command line says more."""

import os
import subprocess

from program import LabTest, program, targets

ONE_RULE = 'select = "exposure.telnet-open"'


class ReportModeTest(LabTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(os.umask, os.umask(0o022))

    def modes(self, *names):
        return [f"{(self.directory / name).stat().st_mode & 0o7777:04o}" for name in names]

    def reports(self, *formats):
        return [word for name in formats for word in ("--report", f"{name}={self.directory / name}")]

    def run_of(self, *arguments, head=""):
        done = self.audit(self.write("inventory.toml", targets("127.0.0.14", head=f"{ONE_RULE}\n{head}")), *arguments)
        self.assertEqual(done.code, 0, done)

    def test_reports_are_their_owners_alone_and_metrics_are_for_an_exporter(self):
        self.run_of(*self.reports("text", "json", "html", "prometheus"), "--record", self.directory / "transcript")
        self.assertEqual(self.modes("text", "json", "html", "prometheus", "transcript"), ["0600", "0600", "0600", "0644", "0600"])

    def test_the_inventory_and_the_option_say_more_and_the_option_wins(self):
        head = '[report]\nmode = "0640"'
        self.run_of(*self.reports("json", "prometheus"), head=head)
        self.assertEqual(self.modes("json", "prometheus"), ["0640", "0640"])
        self.run_of(*self.reports("json", "prometheus"), "--report-mode", "0664", head=head)
        self.assertEqual(self.modes("json", "prometheus"), ["0644", "0644"])  # less the umask

    def test_a_stricter_umask_stays_stricter(self):
        os.umask(0o077)
        self.run_of(*self.reports("json", "prometheus"), "--report-mode", "0644")
        self.assertEqual(self.modes("json", "prometheus"), ["0600", "0600"])

    def test_a_report_has_its_mode_also_where_it_replaces_a_file_and_a_pipe_keeps_its_own(self):
        self.write("json", "{}").chmod(0o666)
        os.mkfifo(self.directory / "html", 0o644)
        with subprocess.Popen(["cat", self.directory / "html"], stdout=subprocess.DEVNULL):
            self.run_of(*self.reports("json", "html"))
        self.assertEqual(self.modes("json", "html"), ["0600", "0644"])

    def test_a_past_run_is_reported_again_for_its_owner_alone_too(self):
        state = ("--state", self.directory / "state")
        self.run_of(*state)
        for more, mode in (((), "0600"), (("--report-mode", "0640"), "0640")):
            done = self.audit("report", "last", *state, *self.reports("json"), *more)
            self.assertEqual(done.code, 0, done)
            self.assertEqual(self.modes("json"), [mode])

    def test_a_watch_writes_its_metrics_for_an_exporter(self):
        path = self.write("inventory.toml", targets("127.0.0.14", head=ONE_RULE))
        done = self.audit("watch", path, "--rounds", "1", "--textfile", self.directory / "metrics")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.modes("metrics"), ["0644"])

    def test_a_mode_that_locks_the_owner_out_or_lets_everybody_write_is_none(self):
        inventory = self.write("inventory.toml", targets("127.0.0.14"))
        for wrong in ("0400", "0666", "0755", "u=rw", "-1"):
            for words in ([inventory], ["report", "last", "--state", self.directory / "state"]):
                with self.subTest(wrong, words=words):
                    done = subprocess.run([program(), *map(str, words), f"--report-mode={wrong}"], capture_output=True, text=True,
                                          check=False, timeout=60)
                    self.assertEqual((done.returncode, done.stdout), (64, ""), done)
                    self.assertIn("--report-mode takes permissions", done.stderr)
