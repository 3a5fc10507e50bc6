"""Three replicas behind nginx, one of them leaking: the report names it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docker.stack import BASE, build, needs_engine, stack

pytestmark = needs_engine
HERE = Path(__file__).parent
PROXY = "plimsoll-tests-nginx"


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image of this machine's nginx package: no image of it can be had everywhere."""
    folder = tmp_path_factory.mktemp("nginx")
    if shutil.which("apt-get") is None:
        pytest.skip("nginx comes from a Debian package, and there is no apt-get")
    got = subprocess.run(
        ["apt-get", "download", "-qq", "nginx"], cwd=folder, capture_output=True, check=False
    )
    packages = list(folder.glob("nginx_*.deb"))
    if got.returncode or not packages:
        pytest.skip("the package of nginx cannot be downloaded here")
    subprocess.run(["dpkg-deb", "-x", str(packages[0]), str(folder / "files")], check=True)
    shutil.copy(HERE / "nginx.conf", folder)
    (folder / "Dockerfile").write_text(
        f"FROM {BASE}\n"
        "COPY files/usr/sbin/nginx /usr/sbin/nginx\nCOPY nginx.conf /nginx.conf\n"
        "USER nobody\n"
        'CMD ["nginx", "-c", "/nginx.conf", "-g", "daemon off;"]\n'
    )
    build(PROXY, folder)
    return PROXY


def test_the_report_names_the_replica_that_leaks(image: str, proxy: str, tmp_path: Path) -> None:
    settings = {"PROXY_IMAGE": proxy, "WEB_CONCURRENCY": "1", "LOAD": "50", "SPAWN_RATE": "8"}
    with stack(tmp_path, HERE / "replicas.yml", compose=None, services=(), **settings) as one:
        _, said = one.end()
        found = one.report()
    assert sorted(replica["name"] for replica in found["targets"]) == ["one", "three", "two"], said
    leaking = [replica["name"] for replica in found["targets"] if replica["memory"] == "leak"]
    told = " ".join([found["verdict"]["sentence"], *found["caveats"]])
    assert leaking == ["three"] and "three" in told, told
