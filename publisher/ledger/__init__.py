"""The ledger: what we know that we put live in each flow, and which content must not go live again.

Only the words are here: who asks a ledger takes it from its module, and loads the network or the files with it.
"""

from publisher.ledger.model import Block as Block
from publisher.ledger.model import Deed as Deed
from publisher.ledger.model import FlowLedger as FlowLedger
from publisher.ledger.model import LedgerEntry as LedgerEntry
