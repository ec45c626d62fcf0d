"""What is known of Archy's words: types of flow, kinds of action, and how each action goes on.

Genesys publishes no schema and adds actions monthly, so a word that is not here is worth a warning, never an error.
"""

from collections.abc import Mapping

FLOW_TYPES: Mapping[str, str] = {
    "bot": "BOT",
    "botFlow": "BOT",
    "businessProcess": "BUSINESSPROCESS",
    "commonModule": "COMMONMODULE",
    "digitalBot": "DIGITALBOT",
    "digitalBotFlow": "DIGITALBOT",
    "emailSend": "EMAILSEND",
    "inboundCall": "INBOUNDCALL",
    "inboundChat": "INBOUNDCHAT",
    "inboundEmail": "INBOUNDEMAIL",
    "inboundShortMessage": "INBOUNDSHORTMESSAGE",
    "inqueueCall": "INQUEUECALL",
    "inqueueEmail": "INQUEUEEMAIL",
    "inqueueShortMessage": "INQUEUESHORTMESSAGE",
    "outboundCall": "OUTBOUNDCALL",
    "secureCall": "SECURECALL",
    "speech": "SPEECH",
    "surveyInvite": "SURVEYINVITE",
    "voice": "VOICE",
    "voicemail": "VOICEMAIL",
    "voicemailFlow": "VOICEMAIL",
    "voiceSurvey": "VOICESURVEY",
    "workflow": "WORKFLOW",
    "workitem": "WORKITEM",
    "workitemFlow": "WORKITEM",
}
"""The root key of a file, and the type that the API calls it."""

NEEDS_START = frozenset(
    {"botFlow", "inboundCall", "inboundChat", "inboundEmail", "inboundShortMessage", "outboundCall", "workflow"}
)
"""Types of flow that say with `startUpRef` where they begin."""
MAY_RUN_OUT = frozenset({"commonModule", "inqueueCall", "inqueueEmail", "inqueueShortMessage", "surveyInvite"})
"""Types of flow whose end of a sequence is a way to end: they return to whoever called them, or begin again."""

CONTAINERS: Mapping[str, str] = {"menus": "menu", "tasks": "task", "states": "state", "bots": "bot"}
"""The lists of a flow whose items have actions or choices, and what an item is called."""

JUMPS = frozenset({"changeState", "jumpToMenu", "jumpToTask", "menuJumpToMenu", "menuJumpToTask"})
CALLS = frozenset({"callTask"})
LOOPS = frozenset({"loop", "loopUntil"})
NEXT_ROUND = frozenset({"loopNext", "nextLoop"})
LOOP_EXIT = frozenset({"exitLoop", "loopExit"})
SAME_MENU = frozenset({"menuRepeatMenu", "repeatMenu"})
MENU_BEFORE = frozenset({"menuPreviousMenu", "previousMenu"})

ENDS = frozenset(
    {
        "abortSurveyInvite",
        "completeSurveyInvite",
        "disconnect",
        "endState",
        "endTask",
        "endWorkflow",
        "exitBotFlow",
        "menuDisconnect",
        "returnToAgent",
    }
)
"""After these nothing follows."""

TRANSFERS = frozenset(
    {
        "transferToAcd",
        "transferToFlow",
        "transferToFlowSecure",
        "transferToGroup",
        "transferToGroupVoicemail",
        "transferToNumber",
        "transferToUser",
        "transferToUserVoicemail",
        "transferToVoicemail",
    }
)
"""These end the flow when they succeed, and go on when they fail."""
MENU_TRANSFERS = frozenset(f"menu{name[:1].upper()}{name[1:]}" for name in TRANSFERS)

CALLED_BOTS = frozenset(
    {
        "callBot",
        "callBotConnector",
        "callBotFlow",
        "callDialogEngineBot",
        "callDialogflowBot",
        "callDialogflowCxBot",
        "callDigitalBotFlow",
        "callLexBot",
        "callLexV2Bot",
        "callNuanceMixBot",
    }
)
WAITS = CALLED_BOTS | {
    "askForBoolean",
    "askForIntent",
    "askForNLUIntent",
    "askForNLUNextIntent",
    "askForSlot",
    "callCommonModule",  # what it does is not in this file
    "collectInput",
    "communicate",
    "detectSilence",
    "dialByExtension",
    "dialByName",
    "dialExtension",
    "dialName",
    "digitalMenu",
    "getInput",
    "holdMusic",
    "menu",
    "menuMenu",
    "menuSubMenu",
    "playAudioOnSilence",
    "processVoicemailInput",
    "wait",
    "waitForInput",
}
"""Points at which a flow waits for someone or for time to pass."""

CHOICES = MENU_TRANSFERS | {
    "menuDialByExtension",
    "menuDialByName",
    "menuDialExtension",
    "menuDialName",
    "menuDisconnect",
    "menuJumpToMenu",
    "menuJumpToTask",
    "menuMenu",
    "menuPreviousMenu",
    "menuRepeatMenu",
    "menuShowKnowledgeArticle",
    "menuSubMenu",
    "menuTask",
}

OTHER_ACTIONS = frozenset(
    {
        "addFlowMilestone",
        "callBridge",
        "callData",
        "callDataSecure",
        "callSecureData",
        "clearSlot",
        "clearVoicemailSnippet",
        "createCallback",
        "dataTableLookup",
        "decision",
        "decryptData",
        "enableParticipantRecord",
        "encryptData",
        "evaluateSchedule",
        "evaluateScheduleGroup",
        "extractSecureData",
        "findEmergencyGroup",
        "findGroup",
        "findLanguageSkill",
        "findQueue",
        "findQueueById",
        "findSchedule",
        "findScheduleGroup",
        "findSkill",
        "findSystemPrompt",
        "findUser",
        "findUserById",
        "findUserPrompt",
        "findUsersById",
        "flushAudio",
        "getConversationData",
        "getExternalContact",
        "getExternalOrganization",
        "getJourneyOutcome",
        "getJourneyOutcomeScoresBySession",
        "getJourneySegment",
        "getJourneySession",
        "getJourneySessionsByCustomer",
        "getJourneySessionsByExternalContact",
        "getParticipantData",
        "getResponse",
        "getSecuredData",
        "initializeFlowOutcome",
        "playAudio",
        "playEstimatedWaitTime",
        "playPositionInQueue",
        "playUserGreeting",
        "playUserName",
        "saveWorkitem",
        "screenPop",
        "searchExternalContacts",
        "sendAutoReply",
        "sendResponse",
        "setActiveIntent",
        "setConversationData",
        "setExternalTag",
        "setFlowOutcome",
        "setLanguage",
        "setLocale",
        "setParticipantData",
        "setPriority",
        "setScreenPop",
        "setSecuredData",
        "setSkills",
        "setUUIData",
        "setWhisperAudio",
        "setWrapupCode",
        "showKnowledgeArticle",
        "submitVoicemailSnippet",
        "switch",
        "transcription",
        "updateData",
    }
)
KNOWN_ACTIONS = (
    OTHER_ACTIONS | WAITS | TRANSFERS | CHOICES | ENDS | JUMPS | CALLS | LOOPS | NEXT_ROUND | LOOP_EXIT | SAME_MENU
) | MENU_BEFORE

FOUND = ("found", "notFound", "failure")
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "callData": ("success", "failure", "timeout"),
    "callTask": ("default",),
    "collectInput": ("success", "failure"),
    "dataTableLookup": FOUND,
    "decision": ("yes", "no"),
    "evaluateScheduleGroup": ("open", "closed", "holiday", "emergency"),
    "findQueue": FOUND,
    "findSkill": FOUND,
    "findUser": FOUND,
    "switch": ("default",),
}
"""Kinds of which the outputs are known: the flow goes straight on from each that is left out."""
MAIN_OUTPUTS = frozenset({"complete", "default", "exit", "found", "out", "success"})
FAILURE_OUTPUTS = frozenset({"error", "failure", "maxFailures", "maxNoInputs", "maxNoMatches", "notFound", "timeout"})
"""Of all other kinds: where outputs of both sorts are written, the flow goes on from nothing else."""
