"""Looks up, before anything is sent, whether the organization has what flow files name: queues, prompts, other flows.

One look-up for each kind and name, however many files name it. Nothing is changed.
"""

from publisher.preflight.gates import NameGate as NameGate
from publisher.preflight.gates import PreflightGate as PreflightGate
from publisher.preflight.gates import renamed_of as renamed_of
from publisher.preflight.naming import renamed as renamed
from publisher.preflight.preflight import Preflight as Preflight
from publisher.preflight.preflight import preflight as preflight
