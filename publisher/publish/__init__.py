"""Takes checked flow files of either kind to the organization, and proves that they are live.

A publish of many files is a list of orders, which goes through three rooms:

1. `Batch.prepare` (`finding`): every order becomes a `Candidate` with the flow that it is for, as that now is.
2. **Between checked and sent** (`gates`): each `Gate` looks at all candidates and decides on each: `Send()`,
   `Skip(reason)` or `Refuse(error)`. A gate that finds the whole batch wanting raises, and nothing is sent at all. What
   keeps a file from being sent belongs here, and nowhere else: a gate is one class with one method, and takes its place
   in `publisher.cli.gates.gates_of`.
3. `Batch` (`batch`): what is to be sent is sent, some at a time, each after those that it refers to (`sequence`); graph
   files by versions (`by_version`), Archy files by jobs (`by_job`). Each order gets its `Ending`, whatever others do.
"""

from publisher.publish.by_version import poll_delays_s as poll_delays_s
from publisher.publish.order import Candidate as Candidate
from publisher.publish.order import Order as Order
from publisher.publish.order import Result as Result
from publisher.publish.publisher import Publisher as Publisher
