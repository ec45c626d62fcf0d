"""What Amazon EventBridge needs to hand Genesys Cloud's flow events to the receiver, as infrastructure code.

A rule on the topic `v2.flows.{id}` sends each event to an API destination, whose connection adds the secret header that
the receiver knows. What cannot be delivered for a day lands in a dead-letter queue, and an alarm tells of it. The
secret itself is never part of the code: whoever applies it hands it over.
"""

from publisher.eventbridge.bridge import Bridge as Bridge
from publisher.eventbridge.cloudformation import cloudformation as cloudformation
from publisher.eventbridge.terraform import terraform as terraform
