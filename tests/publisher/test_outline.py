from publisher.archy import Values, parse_archy
from publisher.comparing import compare
from publisher.genesys.documents import Place
from publisher.loader import read_file
from publisher.outline import Outline, outline_of
from tests.publisher.archy.flows import SAMPLES, a_task, a_text, another_task
from tests.publisher.flow_makers import Json, a_connection, a_file, a_flow, a_node


def an_outline(flow: Json) -> Outline:
    outline = outline_of(a_file(flow))
    assert outline is not None
    return outline


def test_nodes_have_names_and_what_else_the_file_says_of_them() -> None:
    flow = a_flow("trigger>say")
    flow["nodes"][1] = a_node("say", settings={"text": "Hello.", "voices": ["a", "b"], "loud": True, "pause": None})

    outline = an_outline(flow)

    assert outline.names == ["Trigger", "Say"]
    assert outline.fields[0] == {}
    assert outline.fields[1] == {
        "settings.text": "Hello.",
        "settings.voices[0]": "a",
        "settings.voices[1]": "b",
        "settings.loud": "true",
        "settings.pause": "null",
    }


def test_the_flow_itself_is_told_by_its_fields_and_variables() -> None:
    variables = [{"id": "v1", "name": "Reason", "type": "string", "scope": "flow"}]

    outline = an_outline(a_flow("trigger>queue", variables=variables, settings={"language": "de-DE"}))

    assert outline.title == "Test flow"
    assert outline.rest == {
        "name": "Test flow",
        "description": "",
        "language": "en-US",
        "settings.language": "de-DE",
        "variable.v1.id": "v1",
        "variable.v1.name": "Reason",
        "variable.v1.type": "string",
        "variable.v1.scope": "flow",
    }


def test_a_flow_without_a_name_is_called_by_its_file() -> None:
    flow = a_flow("trigger>queue")
    del flow["name"]

    assert an_outline(flow).title == "flow.json"


def test_a_file_without_nodes_has_no_outline() -> None:
    assert outline_of(a_file({"name": "Nothing"})) is None


def test_places_belong_to_nodes_and_to_the_nodes_that_connections_leave() -> None:
    flow = a_flow("trigger>queue", variables=[{"id": "v1"}])
    file = a_file(flow)
    outline = an_outline(flow)

    assert outline.node_at("flow.json", file.text.place(("nodes", 1, "type"))) == 1
    assert outline.node_at("flow.json", file.text.place(("connections", 0, "targetNodeId"))) == 0
    assert outline.node_at("flow.json", file.text.place(("variables", 0, "id"))) is None
    assert outline.node_at("flow.json", Place(line=1, column=1)) is None


def test_a_node_that_is_left_out_of_the_graph_gets_the_marks_of_its_namesake() -> None:
    flow = a_flow("trigger>queue")
    flow["nodes"].append(a_node("queue", "hangup"))
    file = a_file(flow)

    assert an_outline(flow).node_at("flow.json", file.text.place(("nodes", 2, "id"))) == 1


def test_a_connection_to_nowhere_belongs_to_the_node_that_it_leaves() -> None:
    flow = a_flow("trigger>queue")
    flow["connections"].append(a_connection("c9", "trigger", "nowhere"))
    file = a_file(flow)

    assert an_outline(flow).node_at("flow.json", file.text.place(("connections", 1, "targetNodeId"))) == 0


ARCHY = """\
inboundCall:
  name: Sales Line
  division: Home
  startUpRef: /inboundCall/tasks/task[first]
  defaultLanguage: en-us
  tasks:
    - task:
        name: First
        refId: first
        actions:
          - playAudio:
              name: Hello
              audio: {tts: "Hello {{who}}."}
          - decision:
              name: Known?
              condition: {exp: Call.IsKnown}
              outputs:
                yes: {actions: [disconnect: {name: Bye}]}
"""


def an_archy_outline(text: str = ARCHY) -> Outline:
    outline = outline_of(parse_archy(text, file="line.yaml", values=Values(texts={"who": "you"})))
    assert outline is not None
    return outline


def test_a_part_of_an_archy_file_is_told_without_the_parts_in_it() -> None:
    outline = an_archy_outline()

    assert outline.names == ["start", "First", "Hello", "Known?", "Bye", "end of First"]
    assert outline.fields == [
        {},
        {},
        {"audio.tts": "Hello you."},
        {"condition.exp": "Call.IsKnown"},
        {},
        {},
    ]
    assert outline.rest == {
        "type": "inboundCall",
        "name": "Sales Line",
        "division": "Home",
        "startUpRef": "First",
        "defaultLanguage": "en-us",
    }


def test_references_are_told_by_what_they_lead_to() -> None:
    jump = "- jumpToTask: {name: Go, targetTaskRef: '/inboundCall/tasks/task[REF]'}"
    text = a_text(a_task(jump) + another_task("- disconnect: {name: Bye}", name="Other", ref_id="REF"))

    outlines = [an_archy_outline(text.replace("REF", ref_id)) for ref_id in ("other", "Other_12")]

    assert outlines[0].fields[2] == {"targetTaskRef": "Other"}
    assert compare(*outlines).changes == ()


def test_a_placeholder_without_a_value_is_shown_as_it_was_written() -> None:
    outline = an_archy_outline(ARCHY.replace("{{who}}", "{{whom}}"))

    assert outline.fields[2] == {"audio.tts": "Hello {{whom}}."}


def test_places_in_an_archy_file_belong_to_the_part_that_begins_last() -> None:
    outline = an_archy_outline()

    assert outline.node_at("line.yaml", Place(line=2, column=9)) == 0
    assert outline.node_at("line.yaml", Place(line=12, column=22)) == 2
    assert outline.node_at("other.yaml", Place(line=12, column=22)) is None


def test_parts_from_other_files_have_their_places_there() -> None:
    outline = outline_of(read_file(SAMPLES / "service-line.yaml"))

    assert outline is not None
    files = {spot.file for spot in outline.spots}
    assert len(files) == 2
    assert outline.names[-1].startswith("end of ")


def test_an_archy_file_that_could_not_be_read_has_no_outline() -> None:
    assert outline_of(parse_archy("inboundCall: [", file="line.yaml")) is None
