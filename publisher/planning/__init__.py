"""A plan: what publishing each of some files would come to, and in which order; for people, programs and reviews."""

from publisher.planning.entry import Entry as Entry
from publisher.planning.entry import Would as Would
from publisher.planning.markdown import markdown as markdown
from publisher.planning.plan import Plan as Plan
from publisher.planning.words import details as details
from publisher.planning.words import live as live
from publisher.planning.words import reason as reason
from publisher.planning.words import view as view
