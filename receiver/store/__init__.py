"""Everything that is kept, and all SQL.

The functions are plain functions of a connection: give them to `Database.read` or `Database.write`. What they do,
each in one transaction: `docs/store.md`.
"""

from receiver.store.absences import Changes as Changes
from receiver.store.absences import hearings_of as hearings_of
from receiver.store.absences import keep_absences as keep_absences
from receiver.store.absences import missing_after as missing_after
from receiver.store.absences import note_hearings as note_hearings
from receiver.store.absences import open_absences as open_absences
from receiver.store.absences import together as together
from receiver.store.absences import unanswered as unanswered
from receiver.store.aging import Mark as Mark
from receiver.store.aging import OldBodies as OldBodies
from receiver.store.aging import count_removable as count_removable
from receiver.store.aging import empty_bodies as empty_bodies
from receiver.store.aging import old_bodies as old_bodies
from receiver.store.aging import removable_events as removable_events
from receiver.store.aging import remove_events as remove_events
from receiver.store.aging import size_of as size_of
from receiver.store.archive import export_events as export_events
from receiver.store.archive import record_unless_there as record_unless_there
from receiver.store.claims import bring_forward as bring_forward
from receiver.store.claims import claim_due as claim_due
from receiver.store.claims import end_leases as end_leases
from receiver.store.claims import extend_lease as extend_lease
from receiver.store.claims import next_due_at as next_due_at
from receiver.store.claims import settle as settle
from receiver.store.claims import settling_locks as settling_locks
from receiver.store.configs import save_config as save_config
from receiver.store.copies import back_up as back_up
from receiver.store.copies import restore as restore
from receiver.store.copies import vacuum as vacuum
from receiver.store.counts import Counts as Counts
from receiver.store.counts import counts as counts
from receiver.store.database import Database as Database
from receiver.store.database import open_database as open_database
from receiver.store.database import upgrade_database as upgrade_database
from receiver.store.flows import get_flow as get_flow
from receiver.store.flows import list_flows as list_flows
from receiver.store.history import events_by_id as events_by_id
from receiver.store.history import get_event as get_event
from receiver.store.history import get_run as get_run
from receiver.store.history import list_events as list_events
from receiver.store.history import list_runs as list_runs
from receiver.store.keyring import Revocation as Revocation
from receiver.store.keyring import last_uses as last_uses
from receiver.store.keyring import note_uses as note_uses
from receiver.store.keyring import restore_secret as restore_secret
from receiver.store.keyring import revocations_of as revocations_of
from receiver.store.keyring import revoke as revoke
from receiver.store.polls import end_turn as end_turn
from receiver.store.polls import first_found_at as first_found_at
from receiver.store.polls import free_turns as free_turns
from receiver.store.polls import known_keys as known_keys
from receiver.store.polls import poll_states as poll_states
from receiver.store.polls import take_turn as take_turn
from receiver.store.recording import concerns as concerns
from receiver.store.recording import record as record
from receiver.store.recording import record_many as record_many
from receiver.store.soundness import look_over as look_over
from receiver.store.vitals import Vitals as Vitals
from receiver.store.vitals import has_reset_bug as has_reset_bug
from receiver.store.vitals import server_version as server_version
from receiver.store.vitals import sqlite_version as sqlite_version
from receiver.store.vitals import vitals_of as vitals_of
