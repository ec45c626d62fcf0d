"""Reads the text of a config: everything that is wrong with it, or the config."""

import hashlib
from dataclasses import dataclass, replace

from publisher.genesys.documents import DocumentError, read_document
from receiver.config.checking import check_shape
from receiver.config.environments import Environments
from receiver.config.faults import ConfigFault, Faults, Path
from receiver.config.parts import Config, Pipeline, Retention, Rule, SecretRule, Target
from receiver.config.shapes import ConfigShape, OnShape, PipelineShape
from receiver.config.sources import Sources, read_sources
from receiver.config.steps import StepsBuilder, Surroundings
from receiver.errors import ConfigError, ExpressionError
from receiver.expressions import Expression, Template, compile_expression, compile_template, suggestion
from receiver.expressions.names import EVENT
from receiver.model import GroupPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """What became of a text: a config, or everything that is wrong with it."""

    config: Config | None
    faults: tuple[ConfigFault, ...]


def parse_config(text: str, *, file: str, environments: Environments | None = None) -> Config:
    """The config in a text; raises ConfigError with every fault and its place."""
    examined = examine_config(text, file=file, environments=environments)
    if examined.config is None:
        raise ConfigError([fault.line(file) for fault in examined.faults])
    return examined.config


def examine_config(text: str, *, file: str, environments: Environments | None = None) -> Examined:
    """Read a text and check it whole; `environments` are those that can be polled."""
    try:
        document = read_document(text)
    except DocumentError as exc:
        return Examined(config=None, faults=(ConfigFault(place=exc.place, message=exc.message),))
    faults = Faults(document=document)
    shape = check_shape(document.data, faults)
    if shape is None:
        return Examined(config=None, faults=faults.sorted())
    sources = read_sources(shape.sources, environments or Environments(), faults)
    config = replace(_config(shape, sources, faults), text=text, file=file, digest=_digest(text))
    found = faults.sorted()
    return Examined(config=None if found else config, faults=found)


def _config(shape: ConfigShape, sources: Sources, faults: Faults) -> Config:
    secrets = tuple(SecretRule(name=name, hosts=tuple(rule.hosts)) for name, rule in (shape.secrets or {}).items())
    targets = tuple(Target(name=name, kind=target.kind) for name, target in (shape.targets or {}).items())
    builder = _PipelineBuilder(
        around=Surroundings(
            secrets={rule.name: rule for rule in secrets}, targets={target.name: target for target in targets}
        ),
        sources=sources.names,
        faults=faults,
    )
    return Config(
        sources=sources.doors,
        polls=sources.polls,
        secrets=secrets,
        targets=targets,
        pipelines=tuple(builder.build(name, pipeline) for name, pipeline in (shape.pipelines or {}).items()),
        max_body_bytes=shape.limits.body,
        retention=Retention(
            events_s=shape.retention.events, bodies_s=shape.retention.bodies, max_bytes=shape.retention.max_size
        ),
        outbound_deny=tuple(shape.outbound.deny),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class _PipelineBuilder:
    """Builds pipelines, and notes what is wrong with them."""

    around: Surroundings
    sources: tuple[str, ...]
    faults: Faults

    def build(self, name: str, shape: PipelineShape) -> Pipeline:
        path: Path = ("pipelines", name)
        concurrency = shape.concurrency
        return Pipeline(
            name=name,
            owner=shape.owner,
            rule=self._rule(shape.on, (*path, "on")),
            group=self._group(concurrency.group, (*path, "concurrency", "group")),
            policy=GroupPolicy(concurrency.policy),
            steps=StepsBuilder(shape.steps, (*path, "steps"), around=self.around, faults=self.faults).build(),
        )

    def _rule(self, on: OnShape, path: Path) -> Rule:
        for source in on.source or ():
            if source not in self.sources:
                message = f"there is no source {source!r}.{suggestion(source, self.sources)}"
                self.faults.add((*path, "source"), message)
        return Rule(
            types=tuple(on.type),
            flows=tuple(on.flow or ()),
            environments=tuple(on.environment or ()),
            sources=tuple(on.source or ()),
            when=self._when(on.when, (*path, "when")),
            own=on.own,
        )

    def _when(self, text: str | None, path: Path) -> Expression | None:
        if text is None:
            return None
        try:
            return compile_expression(text, names={"event": EVENT})
        except ExpressionError as exc:
            self.faults.add(path, str(exc))
            return None

    def _group(self, text: str | None, path: Path) -> Template | None:
        if text is None:
            return None
        try:
            return compile_template(text, names={"event": EVENT})
        except ExpressionError as exc:
            self.faults.add(path, str(exc))
            return None
