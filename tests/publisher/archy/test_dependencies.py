import pytest

from publisher.archy import DependencyKind, Values
from tests.publisher.archy.flows import HANG_UP, a_file, a_task, a_text


def named(text: str, values: Values | None = None) -> list[tuple[str, str, str]]:
    """What a flow names: the kind, the name and the place."""
    return [(each.kind.value, each.name, str(each.place)) for each in a_file(text, values or Values()).dependencies]


def in_action(fields: str) -> list[tuple[str, str]]:
    """What an action with these fields names."""
    return [(kind, name) for kind, name, _ in named(a_text(a_task(f"- action: {fields}")))]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("{targetQueue: {lit: {name: Sales}}}", ("queue", "Sales")),
        ("{destination: {queue: {targetQueue: {lit: {name: Sales}}}}}", ("queue", "Sales")),
        ("{statements: [queue: {variable: Q, value: {lit: {name: Sales}}}]}", ("queue", "Sales")),
        ("{scheduleGroup: {lit: {name: Hours}}}", ("schedule_group", "Hours")),
        ("{emergencyGroup: {lit: {name: Fire}, name: Fire}}", ("emergency_group", "Fire")),
        ("{targetFlow: {name: Other}}", ("flow", "Other")),
        ("{overrideInQueueFlow: {name: Waiting}}", ("in_queue_flow", "Waiting")),
        ("{commonModule: {Shared: {ver_latestPublished: {}}}}", ("common_module", "Shared")),
        ("{commonModule: {name: Shared}}", ("common_module", "Shared")),
        ("{botFlow: {Bot: {ver_latestPublished: {}}}}", ("bot_flow", "Bot")),
        ("{dataTable: {Holidays: {lookupValue: {exp: x}}}}", ("data_table", "Holidays")),
        ("{category: {CRM: {dataAction: {Find: {inputs: {}}}}}}", ("data_action", "Find")),
        ("{languageSkill: {lit: {name: German}}}", ("language", "German")),
        ("{acdSkills: [acdSkill: {lit: {name: Billing}}]}", ("skill", "Billing")),
        ("{targetUser: {lit: {name: Kim}}}", ("user", "Kim")),
        ("{targetGroup: {lit: {name: Board}}}", ("group", "Board")),
        ("{wrapupCode: {lit: {name: Done}}}", ("wrapup_code", "Done")),
        ("{contactList: {lit: {name: All}}}", ("contact_list", "All")),
        ("{screenPopScript: {Pop: {inputs: {}}}}", ("script", "Pop")),
        ("{audio: {prompt: Prompt.Welcome}}", ("prompt", "Welcome")),
        ("{audio: {exp: 'ToAudio(Prompt.Welcome, Prompt.Welcome)'}}", ("prompt", "Welcome")),
    ],
)
def test_what_a_flow_names_is_found(fields: str, found: tuple[str, str]) -> None:
    assert in_action(fields) == [found]


@pytest.mark.parametrize(
    "fields",
    [
        "{targetQueue: {exp: Flow.Queue}}",
        "{targetQueue: {noValue: true}}",
        "{targetQueue: {var: Flow.Queue}}",
        "{commonModule: {exp: Flow.Module}}",
        "{statements: [queue: {variable: Q, value: {exp: F}}, string: {variable: S, value: {lit: Sales}}]}",
        "{audio: {prompt: PromptSystem.processing}}",
        "{audio: {exp: Flow.Prompt.x}}",
        "{targetQueue: '{{name}}'}",
        "{targetQueue: {lit: {name: '{{name}}'}}}",
    ],
)
def test_what_only_the_platform_knows_is_not_named(fields: str) -> None:
    assert in_action(fields) == []


def test_the_division_is_named() -> None:
    assert named(a_text("division: UAT\n") + HANG_UP) == [("division", "UAT", "5:13")]


def test_names_have_their_places_and_their_order() -> None:
    fields = "{targetQueue: {lit: {name: Sales}}, category: {CRM: {dataAction: {Find: {inputs: {}}}}}}"

    assert named(a_text("division: UAT\n" + a_task(f"- callData: {fields}"))) == [
        ("division", "UAT", "5:13"),
        ("queue", "Sales", "11:50"),
        ("data_action", "Find", "11:89"),
    ]


def test_a_data_action_has_the_category_that_it_belongs_to() -> None:
    (action,) = a_file(a_text(a_task("- callData: {category: {CRM: {dataAction: {Find: {}}}}}"))).dependencies

    assert (action.kind, action.category) == (DependencyKind.DATA_ACTION, "CRM")


def test_names_may_come_of_values() -> None:
    text = a_text(a_task("- transferToAcd: {targetQueue: {lit: {name: Sales {{region}}}}}"))

    assert named(text, Values(texts={"region": "EU"}))[0][:2] == ("queue", "Sales EU")


def test_other_flows_are_told_apart() -> None:
    text = a_text(a_task("- transferToFlow: {targetFlow: {name: B}, targetQueue: {lit: {name: Q}}}"))

    assert [each.name for each in a_file(text).flow_references] == ["B"]
