"""Does a request come from its source? Raw bytes, every active secret, in constant time.

`schemes` are the ways of proving it, `keys` what is made of a secret for them, `gates` the ways in by name.
"""

from receiver.verify.gates import NO_SOURCE, Gate, Gates, Pending
from receiver.verify.keys import fingerprint, secret_fault
from receiver.verify.schemes import Headers, Proof

__all__ = ["NO_SOURCE", "Gate", "Gates", "Headers", "Pending", "Proof", "fingerprint", "secret_fault"]
