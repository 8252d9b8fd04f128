import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres():
    """The URL of a PostgreSQL server that runs as long as the tests; skips where there is none."""
    binaries = [*Path("/usr/lib/postgresql").glob("*/bin"), *_folder_of("initdb")]
    if not binaries:
        pytest.skip("no PostgreSQL server here (initdb is neither on the PATH nor Debian's)")
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    run_as = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        run_as = {"user": "postgres" if _is_user("postgres") else "nobody", "extra_groups": []}
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has 107 characters
    if run_as:
        shutil.chown(folder, run_as["user"])
    data = folder / "data"

    def run(program, *arguments):
        subprocess.run(
            [binaries[-1] / program, "-D", data, *arguments],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **run_as,
        )  # fmt: skip

    try:
        run("initdb", "--no-sync", "--auth=trust", "--username=robot")
        run("pg_ctl", "-w", "-o", f"-k {folder} -c listen_addresses=''", "-l", folder / "log",
            "start")  # fmt: skip
        yield f"postgresql:///postgres?host={folder}&user=robot"
        run("pg_ctl", "-m", "fast", "stop")
    finally:
        shutil.rmtree(folder)


def _folder_of(program):
    found = shutil.which(program)
    return [Path(found).parent] if found else []


def _is_user(name):
    return any(user.pw_name == name for user in pwd.getpwall())
