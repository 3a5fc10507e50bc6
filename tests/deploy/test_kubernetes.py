"""The manifests, rendered as kubectl renders them and held to Kubernetes' own schema, offline."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/kubernetes"
ENTRIES = ("web", "headless", "demo")
MINE = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../web, service.yaml]
components: [../{component}]
"""
BARE_TARGET = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: mine, labels: {plimsoll/target: mine}}
spec:
  selector: {matchLabels: {app: mine}}
  template:
    metadata: {labels: {app: mine}}
    spec:
      containers: [{name: app, image: mine}]
"""
rendering = pytest.mark.skipif(
    shutil.which("kubectl") is None and shutil.which("kustomize") is None,
    reason="neither kubectl nor kustomize is installed, and nothing else renders the manifests",
)


def render(folder: Path) -> list[dict[str, Any]]:
    words = ["kustomize", "build"] if shutil.which("kustomize") else ["kubectl", "kustomize"]
    done = subprocess.run([*words, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    """A copy with a token: none is in the repository, and none is made up."""
    copy = tmp_path / "kubernetes"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("token.env"))
    (copy / "base/token.env").write_text("PLIMSOLL_SIDECAR_TOKEN=0123\n")
    return copy


def pods(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one["spec"]["template"]["spec"] for one in objects if "template" in one.get("spec", {})]


def sidecar_of(objects: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = [
        container
        for pod in pods(objects)
        for container in pod["containers"]
        if container["name"] == "plimsoll-sidecar"
    ]
    assert isinstance(found, dict)
    return found


def beside_a_service_of_ones_own(manifests: Path, component: str) -> list[dict[str, Any]]:
    mine = manifests / "mine"
    mine.mkdir()
    (mine / "service.yaml").write_text(BARE_TARGET)
    (mine / "kustomization.yaml").write_text(MINE.format(component=component))
    return render(mine)


def plain_objects() -> list[tuple[str, dict[str, Any]]]:
    """Every whole object in the repository; kustomize's own files and patches are none."""
    return [
        (f"{file.relative_to(FOLDER)}:{number}", content)
        for file in sorted(FOLDER.rglob("*.yaml"))
        if file.name not in ("kustomization.yaml", "patch.yaml")
        for number, content in enumerate(yaml.safe_load_all(file.read_text()))
    ]


@pytest.mark.parametrize(("where", "content"), plain_objects(), ids=lambda one: str(one)[:40])
def test_each_manifest_keeps_the_schema(where: str, content: dict[str, Any]) -> None:
    kubernetes_validate.validate(content, kubernetes_validate.latest_version(), strict=True)


def test_the_schema_check_refuses_what_is_wrong() -> None:
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {}, "spec": {"prots": []}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, kubernetes_validate.latest_version(), strict=True)


@rendering
@pytest.mark.parametrize("entry", ENTRIES)
def test_what_is_rendered_keeps_the_schema(manifests: Path, entry: str) -> None:
    for one in render(manifests / entry):
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


@rendering
@pytest.mark.parametrize("entry", ENTRIES)
def test_no_container_has_more_rights_than_a_restricted_namespace_allows(
    manifests: Path, entry: str
) -> None:
    for pod in pods(render(manifests / entry)):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert not any(pod.get(key) for key in ("hostPID", "hostNetwork", "hostIPC"))
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["capabilities"] == {"drop": ["ALL"]}
            assert rights["allowPrivilegeEscalation"] is False
            assert rights["readOnlyRootFilesystem"] is True
            assert container["resources"]["limits"]["memory"]


@rendering
def test_the_sidecar_gets_the_same_token_as_the_master(manifests: Path) -> None:
    objects = render(manifests / "demo")
    (secret,) = [one["metadata"]["name"] for one in objects if one["kind"] == "Secret"]
    using = [
        source["secretRef"]["name"]
        for pod in pods(objects)
        for container in pod["containers"]
        for source in container.get("envFrom", [])
        if "secretRef" in source
    ]
    assert using == [secret, secret]


@rendering
def test_the_sidecar_joins_the_pods_of_a_deployment_that_has_no_volumes(manifests: Path) -> None:
    objects = beside_a_service_of_ones_own(manifests, "sidecar")
    assert sidecar_of(objects)["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    (pod,) = [pod for pod in pods(objects) if len(pod["containers"]) == 2]
    assert pod["shareProcessNamespace"] is True


@rendering
def test_only_a_sidecar_beside_another_users_process_is_root_and_may_trace(manifests: Path) -> None:
    objects = beside_a_service_of_ones_own(manifests, "sidecar-other-user")
    rights = sidecar_of(objects)["securityContext"]
    assert rights["capabilities"] == {"drop": ["ALL"], "add": ["SYS_PTRACE", "DAC_OVERRIDE"]}
    assert rights["runAsUser"] == 0
    for one in objects:
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


@rendering
def test_without_a_token_nothing_is_rendered(tmp_path: Path) -> None:
    copy = tmp_path / "kubernetes"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("token.env"))
    with pytest.raises(AssertionError, match=r"token\.env"):
        render(copy / "web")
