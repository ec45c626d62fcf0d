"""`receiver serve` and `receiver work`."""

import asyncio
import gc
import ipaddress
import json
import resource
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import SystemRandom
from typing import Annotated, Any

import structlog
import typer
from uvicorn.loops.auto import auto_loop_factory

from receiver.app import create_app
from receiver.cli.config_file import read_config
from receiver.cli.configuration import unset
from receiver.cli.disk import distant_home, read_mounts, short_lived_home
from receiver.cli.keys import check_key, secret_keys
from receiver.cli.logs import set_up_logs
from receiver.cli.stopping import ended_by_loss, ended_by_signals, reloaded_by_signal
from receiver.cli.streams import lossy
from receiver.cli.surroundings import Surroundings, around
from receiver.config import Config
from receiver.doubts import doubts
from receiver.errors import ConfigError
from receiver.failpoints import arm
from receiver.relay import Provisions, Relay, open_relay
from receiver.server import Limits, Server, bind, url_of
from receiver.settings import HIGHEST_PORT, Settings, read_secrets, read_settings
from receiver.web.access import Access, create_access, sign_in_link
from receiver.web.forwarded import behind
from receiver.web.watching import create_watch

HostOption = Annotated[
    str | None, typer.Option(help="The address to serve. [default: RECEIVER_HOST, 0.0.0.0 with PORT, else 127.0.0.1]")
]
PortOption = Annotated[
    int | None, typer.Option(min=0, max=HIGHEST_PORT, help="The port; 0 is any free one. [default: PORT, else 8080]")
]
WorkerPortOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=HIGHEST_PORT,
        help="A port for /livez, /readyz and /metrics; 0 is any free one. [default: RECEIVER_WORKER_PORT, else none]",
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The config. [default: RECEIVER_CONFIG, else config/receiver.yaml]")
]

YOUNG_OBJECTS = 20_000
"""How many objects more than at the last look there are before circles of garbage are looked for."""
MOST_FILES = 65_536

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plant:
    """What a process that serves or works is made of, read and checked before anything is opened."""

    settings: Settings
    config: Config
    provisions: Provisions
    surroundings: Surroundings

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file, which one process owns."""
        return not self.settings.is_database_shared

    def read_again(self) -> tuple[Config, Mapping[str, str]]:
        """The config and its secrets as the files hold them now."""
        return _config_and_secrets(self.settings, self.surroundings.environ)

    @property
    def grace_s(self) -> float:
        """How long requests and steps may take to finish; the rest of the time is for closing."""
        return self.settings.shutdown_s * 0.6


def serve(
    context: typer.Context, *, host: HostOption = None, port: PortOption = None, config: ConfigOption = None
) -> None:
    """Take webhooks in, run pipelines, and show the history."""
    plant = _plant(around(context), host=host, port=port, config=config)
    with bind(plant.settings.host, plant.settings.port) as bound:
        _run(_serve(plant, bound))


def work(
    context: typer.Context,
    *,
    host: HostOption = None,
    port: WorkerPortOption = None,
    config: ConfigOption = None,
) -> None:
    """Run pipelines beside `serve`.

    With an SQLite database `serve` does that itself, and this waits.
    """
    plant = _plant(around(context), host=host, worker_port=port, config=config)
    if plant.settings.worker_port is None or plant.is_sqlite:
        _run(_work(plant, None))
        return
    with bind(plant.settings.host, plant.settings.worker_port, setting="RECEIVER_WORKER_PORT") as bound:
        _run(_work(plant, bound))


async def _serve(plant: Plant, bound: socket.socket) -> None:
    settings, stopping = plant.settings, asyncio.Event()
    with ended_by_signals(stopping, within_s=settings.shutdown_s):
        async with _opened(plant, has_worker=settings.has_worker or plant.is_sqlite) as relay:
            access = _access(plant, relay, bound)
            server = Server(
                behind(settings.trusted_proxies, create_app(relay, access=access)),
                stopping=stopping,
                on_listening=lambda: _tell(plant, relay, access, url=url_of(bound)),
                on_stopping=relay.begin_stop,
                on_refused=relay.refused_unread,
                grace_s=plant.grace_s,
                limits=_limits(),
                trusted_proxies=settings.trusted_proxies,
            )
            async with ended_by_loss(relay.database.lost, stopping):
                await server.serve(sockets=[bound])
    log.info("stopped")


async def _work(plant: Plant, bound: socket.socket | None) -> None:
    stopping = asyncio.Event()
    with ended_by_signals(stopping, within_s=plant.settings.shutdown_s):
        if plant.is_sqlite:
            # Never the owner, not even of a free file: started together with `serve`, it would take it away.
            log.info("waiting: an SQLite database has one owner, and `receiver serve` does the work itself")
            await stopping.wait()
        else:
            async with _opened(plant, has_worker=True) as relay:
                log.info("working")
                if bound is None:
                    await stopping.wait()
                else:
                    await _watched(plant, relay, bound, stopping=stopping)
    log.info("stopped")


async def _watched(plant: Plant, relay: Relay, bound: socket.socket, *, stopping: asyncio.Event) -> None:
    """Show health and metrics of a worker until it is told to end."""
    server = Server(
        create_watch(relay),
        stopping=stopping,
        on_listening=lambda: _announce(plant, url=url_of(bound)),
        on_stopping=relay.begin_stop,
        grace_s=plant.grace_s,
        limits=_limits(),
    )
    await server.serve(sockets=[bound])


@asynccontextmanager
async def _opened(plant: Plant, *, has_worker: bool) -> AsyncIterator[Relay]:
    """A relay at work, which reads config and secrets again at SIGHUP."""
    opened = open_relay(
        plant.settings.database_url, plant.config, plant.provisions, has_worker=has_worker, grace_s=plant.grace_s
    )
    async with opened as relay, reloaded_by_signal(lambda: relay.reload(plant.read_again)):
        yield relay


def _limits() -> Limits:
    """The limits of connections: every one is an open file, of which a quarter is left to the database and targets."""
    return Limits(max_connections=min(Limits().max_connections, _allowed_files() * 3 // 4))


def _allowed_files() -> int:
    """How many files may be open, once that is as many as the system lets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def _run(main: Coroutine[Any, Any, None]) -> None:
    with _seldom_collecting(), asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(main)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Look for circles of garbage less often, and not among what is there from the start.

    With Python's own limits, that took a fifth of the time at full load [measured]: most of what an event is made of
    is freed without it.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _plant(surroundings: Surroundings, *, config: Path | None, **given: str | int | None) -> Plant:
    set_up_logs(surroundings.err)
    chosen: dict[str, Any] = {"config_file": config, **given}
    settings = read_settings(surroundings.environ)
    settings = replace(settings, **{name: value for name, value in chosen.items() if value is not None})
    check_key(settings)
    if settings.failpoint:
        log.warning("this process will be killed: a failpoint is armed", failpoint=arm(settings.failpoint))
    read, values = _config_and_secrets(settings, surroundings.environ)
    provisions = Provisions(
        secrets=values,
        clock=surroundings.clock,
        new_id=surroundings.new_id,
        new_secret=surroundings.new_secret,
        rng=SystemRandom(),
    )
    return Plant(settings=settings, config=read, provisions=provisions, surroundings=surroundings)


def _config_and_secrets(settings: Settings, environ: Mapping[str, str]) -> tuple[Config, Mapping[str, str]]:
    config = read_config(settings.config_file)
    if faults := list(unset(config, environ)):
        raise ConfigError(faults)
    return config, read_secrets(environ, config.variables)


def _access(plant: Plant, relay: Relay, bound: socket.socket) -> Access | None:
    """Who may look: with no admin token, whoever has the link that is printed on this very machine."""
    settings, new_secret = plant.settings, plant.surroundings.new_secret
    token = settings.admin_token
    if token is None and not _is_loopback(bound):
        log.warning("pages and API are closed: no RECEIVER_ADMIN_TOKEN is set")
        return None
    return create_access(
        admin_token=token or new_secret(),
        secret_keys=secret_keys(settings, relay.database.path, new_secret=new_secret),
        clock=plant.surroundings.clock,
        new_secret=new_secret,
        public_url=settings.public_url,
    )


def _tell(plant: Plant, relay: Relay, access: Access | None, *, url: str) -> None:
    """Say where it listens: to programs on stdout, to people on stderr."""
    if file := relay.database.path:
        _warn_of_disk(file.resolve())
    for source in plant.config.sources:
        if absent := [name for name in source.secrets if name not in plant.provisions.secrets]:
            log.info("secrets passed over: not set", source=source.name, secrets=absent)
    for warning in (*doubts(plant.config), *relay.keyring.warnings()):
        log.warning(warning)
    log.info("listening", url=url, sources=plant.config.source_names, pipelines=len(plant.config.pipelines))
    if access is not None and plant.settings.admin_token is None:
        console = plant.surroundings.console()
        console.say(f"No RECEIVER_ADMIN_TOKEN is set. This link signs in once: {sign_in_link(access, url)}")
    _announce(plant, url=url)


def _announce(plant: Plant, *, url: str) -> None:
    """Say to programs where it listens."""
    out = lossy(plant.surroundings.out)  # whoever wanted to know may be gone
    out.write(json.dumps({"event": "listening", "url": url}) + "\n")
    out.flush()


def _warn_of_disk(file: Path) -> None:
    mounts = read_mounts()
    if disk := short_lived_home(file, mounts):
        log.warning("the database will not last: its file lies on a short-lived disk", disk=disk)
    if system := distant_home(file, mounts):
        log.warning("the database is at risk: its file lies on another machine's disk", file_system=system)


def _is_loopback(bound: socket.socket) -> bool:
    return ipaddress.ip_address(bound.getsockname()[0]).is_loopback
