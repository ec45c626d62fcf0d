"""Logs on stderr: short lines for people at a terminal, JSON lines for everything else."""

import logging
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from receiver.web.wording import visible

QUIET = ("uvicorn", "httpx", "httpcore", "asyncio", "alembic", "aiosqlite")
"""Libraries that tell of every step at INFO."""


def set_up_logs(stream: TextIO) -> None:
    """Send our lines, and the warnings of libraries, to the stream in one form."""
    is_terminal = stream.isatty()
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_terminal else "iso", utc=not is_terminal),
    ]
    last: list[Processor] = _for_people() if is_terminal else _for_programs()
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    handler.addFilter(_is_news)
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _for_people() -> list[Processor]:
    # Tracebacks without the values of variables, which the renderer would show unasked: they can be secrets.
    return [_steering_nothing, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def _for_programs() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _steering_nothing(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    """Show control characters instead of sending them: a field can hold what a stranger sent."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in fields.items()}


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line says something: that a request was broken off at the end is how it was meant."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or kind.__name__ != "CancelledError"
