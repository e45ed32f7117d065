"""Kernels that provisioners run: real ipykernels, started by a plug-in of the tests' own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from tests.headless.support import content, notebook
from tests.kernel.support import Client
from tests.support import wait_for
from tuinb.errors import KernelSpecError, KernelStartError
from tuinb.headless import kernels
from tuinb.headless.run import command
from tuinb.kernel.connection.connection import Connection, Timing, connect
from tuinb.kernel.launch.kernelspecs import choose, find_broken
from tuinb.kernel.launch.process import SpawnedProcess
from tuinb.kernel.launch.provisioned import ProvisionedProcess, user_config
from tuinb.kernel.launch.spawn import launch, launch_early
from tuinb.kernel.protocol.events import ExecuteResult, Stream
from tuinb.kernel.protocol.lifecycle import InterruptMeans, KernelConnected, KernelDied, KernelStarting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tuinb.kernel.launch.kernelspecs import KernelSpec

PLUGIN = """
import asyncio, os, sys
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Unicode

class Plugin(LocalProvisioner):
    fails = Unicode("").tag(config=True)

    def note(self, word):
        with open(os.environ["PLUGIN_LOG"], "a") as log:
            print(word, file=log)

    async def launch_kernel(self, cmd, **kwargs):
        self.note("launch")
        if self.fails == "launch":
            raise PermissionError("the cluster says no")
        if self.fails == "queue":
            await asyncio.sleep(600)
        cmd = [sys.executable, "-m", "ipykernel_launcher", "-f", self.parent.connection_file]
        return await super().launch_kernel(cmd, **kwargs)

    async def send_signal(self, signum):
        self.note(f"signal {signum}")
        if self.fails == "signal":
            raise OSError("the cluster is deaf")
        await super().send_signal(signum)

    async def poll(self):
        if self.fails == "poll":
            raise OSError("the cluster is out of reach")
        return await super().poll()

    async def kill(self, restart=False):
        self.note("kill")
        self.process.kill()
        self.process.wait()

    async def cleanup(self, restart=False):
        self.note("cleanup")
        await super().cleanup(restart)
        if restart:  # as where each start is on another machine
            self.parent.cleanup_random_ports()
            self.ports_cached = False
"""
IPYKERNEL = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plug-in is installed, kernelspecs and configuration are those of the test, and no file is left behind."""
    install_plugin(tmp_path, monkeypatch)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    forget_plugins()
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as short:
        monkeypatch.setenv("TMPDIR", short)
        yield
        assert not any(Path(short).iterdir()), "left behind"
    assert not any((tmp_path / "runtime").glob("*")), "left behind"
    forget_plugins()
    sys.modules.pop("tuinb_test_plugin", None)


def install_plugin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the plug-in of these tests known, which logs to `plugin.log`, and kernelspecs in the folder `jupyter`."""
    packages = folder / "packages"
    about = packages / "tuinb_test_plugin-1.0.dist-info"
    about.mkdir(parents=True)
    (packages / "tuinb_test_plugin.py").write_text(PLUGIN)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tuinb-test-plugin\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[jupyter_client.kernel_provisioners]\ntest-plugin = tuinb_test_plugin:Plugin\nbroken-plugin = no_such_module:Plugin\n"
    )
    monkeypatch.syspath_prepend(packages)
    monkeypatch.setenv("PLUGIN_LOG", str(folder / "plugin.log"))
    monkeypatch.setenv("JUPYTER_PATH", str(folder / "jupyter"))


def forget_plugins() -> None:
    """jupyter_client looks for plug-ins once in a process."""
    KernelProvisionerFactory.clear_instance()
    KernelProvisionerFactory.provisioners.clear()


@pytest.fixture
def provisioned(tmp_path: Path) -> Callable[..., KernelSpec]:
    """Writes a kernelspec and returns it as it is chosen."""

    def make(
        provisioner: str = "test-plugin", argv: list[str] = IPYKERNEL, config: object = None, **metadata: object
    ) -> KernelSpec:
        stanza = {"provisioner_name": provisioner, "config": config or {}}
        write_spec(tmp_path, {"argv": argv, "metadata": {"kernel_provisioner": stanza} | metadata})
        return choose("far", notebook_dir=tmp_path)

    return make


def write_spec(tmp_path: Path, entries: dict[str, Any], name: str = "far") -> None:
    folder = tmp_path / "jupyter" / "kernels" / name
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps({"display_name": "Far", "language": "python"} | entries))


def said(tmp_path: Path) -> list[str]:
    """What the plug-in was asked to do."""
    return (tmp_path / "plugin.log").read_text().splitlines()


class FarClient(Client):
    """A client of a provisioned kernel."""

    def __init__(self, spec: KernelSpec, cwd: Path, timing: Timing | None = None, **settings: float) -> None:
        self.process = ProvisionedProcess(spec, cwd, **settings)
        super().__init__(Connection(spec, self.process, timing))

    @property
    def info(self) -> dict[str, Any]:
        assert self.process._manager is not None
        return dict(self.process._manager.get_connection_info())


@pytest.fixture
async def open_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., FarClient]]:
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # else the kernel may print a warning before it is connected
    clients: list[FarClient] = []

    def make(spec: KernelSpec, **settings: Any) -> FarClient:  # noqa: ANN401
        clients.append(FarClient(spec, tmp_path, **settings))
        return clients[-1]

    yield make
    for client in clients:
        await client.kernel.shut_down()


# ---- which way a kernel is started


def test_a_provisioner_is_read_from_the_kernelspec(provisioned: Callable[..., KernelSpec]) -> None:
    spec = provisioned(argv=[])
    assert (spec.provisioner, spec.argv, spec.interpreter) == ("test-plugin", (), "")
    assert spec.why == "run by the kernel provisioner test-plugin"


def test_a_provisioned_python_keeps_its_argv(provisioned: Callable[..., KernelSpec], tmp_path: Path) -> None:
    provisioned()
    spec = choose("far", python=sys.executable, notebook_dir=tmp_path)
    assert (list(spec.argv), spec.interpreter) == (IPYKERNEL, "")
    assert spec.notices == (f"--python {sys.executable} is for kernels of this machine only",)


@pytest.mark.parametrize("stanza", [{}, {"provisioner_name": "local-provisioner"}, {"config": {}}])
def test_the_local_provisioner_is_the_fast_path(tmp_path: Path, stanza: dict[str, object]) -> None:
    write_spec(tmp_path, {"argv": IPYKERNEL, "metadata": {"kernel_provisioner": stanza}})
    spec = choose("far", notebook_dir=tmp_path)
    assert spec.provisioner == ""
    connection = connect(spec, tmp_path)
    assert isinstance(connection, Connection)
    assert isinstance(connection._process, SpawnedProcess)


@pytest.mark.parametrize(
    "stanza", ["test-plugin", {"provisioner_name": 7}, {"provisioner_name": ""}, {"provisioner_name": "x", "config": []}]
)
def test_a_provisioner_that_can_not_be_read_is_not_run_here(tmp_path: Path, stanza: object) -> None:
    write_spec(tmp_path, {"argv": IPYKERNEL, "metadata": {"kernel_provisioner": stanza}})
    assert "`metadata.kernel_provisioner" in find_broken()["far"]
    with pytest.raises(KernelSpecError, match="kernel_provisioner"):
        choose("far", notebook_dir=tmp_path)


def test_argv_is_never_spawned(provisioned: Callable[..., KernelSpec], tmp_path: Path) -> None:
    spec = provisioned()
    assert launch_early(spec, tmp_path) is None
    with pytest.raises(KernelStartError, match="run by a provisioner"):
        launch(spec, tmp_path)
    connection = connect(spec, tmp_path)
    assert isinstance(connection, Connection)
    assert isinstance(connection._process, ProvisionedProcess)


@pytest.mark.kernel
def test_run_and_check_go_through_the_provisioner(
    provisioned: Callable[..., KernelSpec], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    provisioned(argv=["/bin/sh", "-c", f"touch {tmp_path}/spawned; exec sleep 60"])
    path = notebook(tmp_path / "x.ipynb", "1 + 1", kernelspec={"name": "far", "language": "python"})
    assert command.main([str(path), "-o", str(tmp_path / "out.ipynb"), "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    assert content(tmp_path / "out.ipynb")["cells"][0]["outputs"][0]["data"] == {"text/plain": ["2"]}
    assert said(tmp_path)[0] == "launch"
    (tmp_path / "plugin.log").unlink()
    kernels.main(["--check", "--kernel", "far"])
    told = capsys.readouterr().out
    assert "far (Far)\n  run by the kernel provisioner test-plugin\n" in told
    assert re.search(r"far +Far, python, started in .*\n +run by the kernel provisioner test-plugin\n", told)
    assert said(tmp_path)[0] == "launch"
    assert not (tmp_path / "spawned").exists()


# ---- a kernel's life


@pytest.mark.kernel
async def test_run_interrupt_restart_and_end(
    provisioned: Callable[..., KernelSpec], open_client: Callable[..., FarClient], tmp_path: Path
) -> None:
    client = open_client(provisioned())
    await client.kernel.open(client.hear)
    assert client.events == [KernelStarting(), KernelConnected()]
    await client.run("import os; kept = 1; os.getcwd()")
    assert (await client.wait(ExecuteResult)).data["text/plain"] == repr(str(tmp_path))
    for means in InterruptMeans:
        request = client.send("print('on', flush=True)\nwhile True: pass")
        await client.wait(Stream, lambda event: event.parent == client.last)
        client.kernel.interrupt(means)
        assert (await client.done(request)).name == "KeyboardInterrupt"
    assert said(tmp_path) == ["launch", "signal 2"]
    before = client.info
    client.events.clear()
    await client.kernel.restart()
    assert client.events[:2] == [KernelStarting(restart=True), KernelConnected()]
    assert client.info["shell_port"] != before["shell_port"]
    assert client.info["key"] == before["key"]
    assert (await client.run("kept")).name == "NameError"
    await client.kernel.shut_down()
    await client.kernel.shut_down()
    assert said(tmp_path)[-1] == "cleanup"
    assert not any(isinstance(event, KernelDied) for event in client.events)


@pytest.mark.kernel
async def test_a_death_is_seen_and_the_kernel_started_again(
    provisioned: Callable[..., KernelSpec], open_client: Callable[..., FarClient]
) -> None:
    client = open_client(provisioned(), poll=0.05)
    await client.kernel.open(client.hear)
    client.send("import os; os.write(2, b'trouble'); os._exit(3)")
    died = await client.wait(KernelDied)
    assert (died.reason, died.stderr[-7:], died.at_start) == ("exited with code 3", "trouble", False)
    await client.kernel.restart()
    assert (await client.run("1")).status == "ok"
    assert "trouble" in await client.kernel.log()


@pytest.mark.kernel
async def test_a_provisioner_that_fails_to_signal_still_ends_its_kernel(
    provisioned: Callable[..., KernelSpec], open_client: Callable[..., FarClient], tmp_path: Path
) -> None:
    client = open_client(provisioned(config={"fails": "signal"}))
    await client.kernel.open(client.hear)
    client.kernel.interrupt(InterruptMeans.SIGNAL)
    await wait_for(lambda: "signal 2" in said(tmp_path))
    assert "tuinb: it could not be interrupted: OSError: the cluster is deaf" in await client.kernel.log()
    assert (await client.run("import os; print(os.getpid())")).status == "ok"
    await client.kernel.shut_down()
    assert said(tmp_path)[-2:] == ["kill", "cleanup"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(client.text()), 0)


@pytest.mark.kernel
async def test_a_provisioner_out_of_reach_is_no_death(
    provisioned: Callable[..., KernelSpec], open_client: Callable[..., FarClient]
) -> None:
    client = open_client(provisioned(config={"fails": "poll"}), poll=0.05, call_timeout=0.5)
    await client.kernel.open(client.hear)

    async def noted() -> bool:
        return "it could not be polled" in await client.kernel.log()

    await wait_for(noted)
    assert (await client.run("1")).status == "ok"
    assert not any(isinstance(event, KernelDied) for event in client.events)


async def test_a_start_that_takes_long_is_cut_short(
    provisioned: Callable[..., KernelSpec], open_client: Callable[..., FarClient], tmp_path: Path
) -> None:
    client = open_client(provisioned(config={"fails": "queue"}))
    opening = asyncio.create_task(client.kernel.open(client.hear))
    await wait_for((tmp_path / "plugin.log").exists)
    await client.kernel.shut_down()
    with pytest.raises(KernelStartError, match="it was closed"):
        await opening
    with pytest.raises(KernelStartError, match="it was closed"):
        await client.kernel.restart()
    assert (said(tmp_path), client.events) == (["launch", "cleanup"], [KernelStarting()])


# ---- what can be wrong


async def test_a_provisioner_that_is_not_installed(provisioned: Callable[..., KernelSpec], tmp_path: Path) -> None:
    client = Client(connect(provisioned("no-such-plugin"), tmp_path))
    with pytest.raises(KernelSpecError) as caught:
        await client.kernel.open(client.hear)
    assert caught.value.what == "its kernel provisioner 'no-such-plugin' is not installed"
    assert caught.value.where == str(tmp_path / "jupyter/kernels/far/kernel.json")
    assert "an entry point of jupyter_client.kernel_provisioners;" in caught.value.hint
    assert {"broken-plugin", "local-provisioner", "test-plugin"} <= set(re.findall(r"[\w-]+", caught.value.hint))
    assert isinstance(client.events[-1], KernelDied)
    assert await client.kernel.log() == ""
    await client.kernel.shut_down()


@pytest.mark.parametrize(
    ("provisioner", "config", "what"),
    [
        ("broken-plugin", {}, "ModuleNotFoundError: No module named 'no_such_module'"),
        ("test-plugin", {"fails": "launch"}, "PermissionError: the cluster says no"),
        ("test-plugin", {"fails": 7}, "TraitError: "),
    ],
)
async def test_a_provisioner_that_fails_to_start_its_kernel(
    provisioned: Callable[..., KernelSpec], tmp_path: Path, provisioner: str, config: object, what: str
) -> None:
    client = Client(connect(provisioned(provisioner, config=config), tmp_path))
    for again in (False, True):
        with pytest.raises(KernelStartError) as caught:
            await (client.kernel.restart() if again else client.kernel.open(client.hear))
        assert f"its kernel provisioner did not start it: {what}" in caught.value.what
        assert (caught.value.where, caught.value.hint) == ("far", f"its provisioner is {provisioner!r}")
    await client.kernel.shut_down()


async def test_no_folder_for_the_log(
    provisioned: Callable[..., KernelSpec], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinb.kernel.launch.spawn.writable_runtime_folder", lambda: tmp_path / "nowhere")
    kernel = connect(provisioned(), tmp_path)
    with pytest.raises(KernelStartError, match="log can't be made"):
        await kernel.open(lambda _events: None)
    await kernel.shut_down()


# ---- the user's configuration


def test_the_users_configuration_wins_over_the_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config" / "jupyter_config.json").write_text('{"KernelManager": {"shutdown_wait_time": 1, "ip": "json"}}')
    (tmp_path / "config" / "jupyter_config.py").write_text("c.KernelManager.ip = 'py'; c.KernelManager.transport = 'ipc'")
    (tmp_path / "low").mkdir()
    low = "c.KernelManager.transport = 'tcp'; c.KernelManager.autorestart = False"
    (tmp_path / "low" / "jupyter_config.py").write_text(low)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", f"{tmp_path / 'config'}:{tmp_path / 'low'}")
    found = {"shutdown_wait_time": 1, "ip": "json", "transport": "ipc", "autorestart": False}
    assert dict(user_config()["KernelManager"]) == found


@pytest.mark.parametrize("name", ["NOT_SET", "JUPYTER_CONFIG_PATH", "JUPYTER_CONFIG_DIR"])
@pytest.mark.parametrize("value", [".", "", "..:."])
def test_a_configuration_of_the_current_folder_is_not_run(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jupyter_config.py").write_text("raise SystemExit('it was run')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    assert "KernelManager" not in user_config()


@pytest.mark.parametrize(
    ("text", "what"),
    [("c.KernelManager.ip = no", "NameError"), ("c.KernelManager.shutdown_wait_time = 'long'", "does not fit: TraitError")],
)
async def test_a_configuration_that_is_wrong(
    provisioned: Callable[..., KernelSpec], tmp_path: Path, text: str, what: str
) -> None:
    (tmp_path / "config" / "jupyter_config.py").write_text(text)
    kernel = connect(provisioned(), tmp_path)
    with pytest.raises(KernelStartError, match=what):
        await kernel.open(lambda _events: None)
    await kernel.shut_down()


encryption = pytest.mark.skipif(
    not hasattr(AsyncKernelManager, "transport_encryption"), reason="this jupyter_client knows no transport_encryption"
)


@encryption
@pytest.mark.kernel
async def test_an_encrypted_connection(
    provisioned: Callable[..., KernelSpec], open_client: Callable[..., FarClient], tmp_path: Path
) -> None:
    (tmp_path / "config" / "jupyter_config.py").write_text("c.KernelManager.transport_encryption = 'required'")
    client = open_client(provisioned(supported_encryption="curve"))
    await client.kernel.open(client.hear)
    assert client.info["curve_publickey"]
    await client.run("get_ipython().kernel.parent.curve_publickey is not None")
    assert (await client.wait(ExecuteResult)).data["text/plain"] == "True"
