"""CEL expressions and the templates that hold them: compiled from the config, evaluated on events.

`scan` reads a text's names, `expression` compiles and evaluates, `results` turns values into JSON, `template` and
`urls` put them into text.
"""

from receiver.expressions.expression import ANY_NAME, Expression, Names, compile_expression, shortened, suggestion
from receiver.expressions.names import call_names, event_names
from receiver.expressions.results import timestamp
from receiver.expressions.template import Template, compile_template, render, secret_names
from receiver.expressions.urls import Url, compile_url, render_url

__all__ = [
    "ANY_NAME",
    "Expression",
    "Names",
    "Template",
    "Url",
    "call_names",
    "compile_expression",
    "compile_template",
    "compile_url",
    "event_names",
    "render",
    "render_url",
    "secret_names",
    "shortened",
    "suggestion",
    "timestamp",
]
