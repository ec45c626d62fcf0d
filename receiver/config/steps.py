"""The steps of a pipeline, checked against the rest of the config and turned into what runs are made of."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from receiver.config.checking import STAND_IN_HOST, STAND_IN_URL
from receiver.config.faults import Faults, Path
from receiver.config.order import awaited, check_order, needs_of
from receiver.config.parts import SecretRule, Target
from receiver.config.shapes import RetryShape, StepShape
from receiver.errors import ExpressionError
from receiver.expressions import Expression, Names, Url, compile_template, compile_url, suggestion
from receiver.expressions.names import EVENT, RUN, STEP
from receiver.model import Condition, Json, NewStep

KINDS_WITHOUT_SETTINGS = ("http",)
"""Kinds that a step may name as its target without their being defined."""

OUR_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "idempotency-key", "te", "trailer", "transfer-encoding"}
)
"""Headers that the sender sets, and nobody else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the steps of every pipeline may name."""

    secrets: Mapping[str, SecretRule]
    targets: Mapping[str, Target]


class StepsBuilder:
    """Builds the steps of one pipeline, and notes what is wrong with them."""

    def __init__(self, shapes: Sequence[StepShape], path: Path, *, around: Surroundings, faults: Faults) -> None:
        self._shapes = shapes
        self._path = path
        self._around = around
        self._faults = faults
        self._needs = needs_of(shapes)
        self._names: Names = {
            "event": EVENT,
            "run": RUN,
            "steps": dict.fromkeys(self._needs, STEP),
            "vars": {},
            "secrets": dict.fromkeys(around.secrets),
        }

    def build(self) -> tuple[NewStep, ...]:
        """The steps, in the order of the file."""
        check_order(self._shapes, self._path, self._faults)
        return tuple(self._step(shape, (*self._path, index)) for index, shape in enumerate(self._shapes))

    def _step(self, shape: StepShape, path: Path) -> NewStep:
        self._check_condition(shape, path)
        self._check_headers(shape, path)
        self._check_retry(shape.retry, path)
        self._check_templates(shape, path)
        return NewStep(
            name=shape.id,
            target=shape.target,
            kind=self._kind(shape, path),
            needs=self._needs[shape.id],
            condition=Condition(shape.if_),
            timeout_s=shape.timeout,
            definition=_definition(shape),
        )

    def _kind(self, shape: StepShape, path: Path) -> str:
        if shape.target in self._around.targets:
            return self._around.targets[shape.target].kind
        if shape.target not in KINDS_WITHOUT_SETTINGS:
            guess = suggestion(shape.target, (*self._around.targets, *KINDS_WITHOUT_SETTINGS))
            message = f"step {shape.id!r} names target {shape.target!r}, which does not exist.{guess}"
            self._faults.add((*path, "target"), message)
        return shape.target

    def _check_condition(self, shape: StepShape, path: Path) -> None:
        if Condition(shape.if_) is Condition.FAILURE and not self._needs[shape.id]:
            message = f"step {shape.id!r} runs when a step that it needs has failed, and it needs none."
            self._faults.add((*path, "if"), message)

    def _check_headers(self, shape: StepShape, path: Path) -> None:
        if shape.body is not None and "json_" in shape.model_fields_set:
            self._faults.add((*path, "body"), f"step {shape.id!r} has both a 'json' and a 'body'; give one.", key=True)
        for name, value in shape.headers.items():
            if name.lower() in OUR_HEADERS:
                message = f"the header {name!r} is set by the receiver itself and cannot be given."
                self._faults.add((*path, "headers", name), message, key=True)
            if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
                self._faults.add((*path, "headers", name), f"the header {name!r} holds a control character.")

    def _check_retry(self, retry: RetryShape, path: Path) -> None:
        if retry.delay > retry.max_delay:
            self._faults.add((*path, "retry"), "retry.delay is longer than retry.max_delay.", key=True)

    def _check_templates(self, shape: StepShape, path: Path) -> None:
        url = self._url(shape, path)
        values = {"headers": shape.headers, "json": shape.json_, "body": shape.body}
        if url:
            self._check_reads(url.expressions, shape, (*path, "url"), url=url)
        for place, text in _leaves(values, path):
            try:
                template = compile_template(text, names=self._names)
            except ExpressionError as exc:
                self._faults.add(place, str(exc))
            else:
                self._check_reads(template.expressions, shape, place, url=url)

    def _url(self, shape: StepShape, path: Path) -> Url | None:
        if shape.url == STAND_IN_URL:
            return None
        try:
            return compile_url(shape.url, names=self._names)
        except ExpressionError as exc:
            self._faults.add((*path, "url"), str(exc))
            return None

    def _check_reads(self, expressions: Iterable[Expression], shape: StepShape, path: Path, *, url: Url | None) -> None:
        before = awaited(self._needs, shape.id)
        for expression in expressions:
            for name in expression.secrets:
                self._check_secret(name, shape, path, url=url)
            for name in sorted({chain[1] for chain in expression.chains if chain[0] == "steps" and len(chain) > 1}):
                if name not in before:
                    message = f"step {shape.id!r} reads steps.{name} without waiting for it; add {name!r} to its needs."
                    self._faults.add(path, message)

    def _check_secret(self, name: str, shape: StepShape, path: Path, *, url: Url | None) -> None:
        rule = self._around.secrets[name]
        if rule.hosts == (STAND_IN_HOST,):
            return
        if url and not rule.allows(host=url.host, port=url.port):
            allowed = ", ".join(rule.hosts)
            message = f"step {shape.id!r} would send secret {name} to {url.host}:{url.port}; its hosts are {allowed}."
            self._faults.add(path, message)


def _definition(shape: StepShape) -> dict[str, Json]:
    """A step's part of the config, as its row keeps it: durations in seconds, templates unevaluated."""
    retry = shape.retry
    definition: dict[str, Json] = {
        "method": shape.method,
        "url": shape.url,
        "headers": dict(shape.headers),
        "success": {"status": list(shape.success.status)},
        "retry": {
            "attempts": retry.attempts,
            "delay_s": retry.delay,
            "max_delay_s": retry.max_delay,
            "give_up_after_s": retry.give_up_after,
        },
        "timeout_s": shape.attempt_timeout,
    }
    if "json_" in shape.model_fields_set:
        definition["json"] = shape.json_
    if shape.body is not None:
        definition["body"] = shape.body
    return definition


def _leaves(value: Json, path: Path) -> Iterable[tuple[Path, Json]]:
    """Every text in a JSON value, with its path; a key that holds a template comes as a mapping of its own."""
    match value:
        case str():
            yield path, value
        case dict():
            for key, item in value.items():
                if "${{" in key:
                    yield (*path, key), {key: None}
                yield from _leaves(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _leaves(item, (*path, index))
