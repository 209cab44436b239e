"""One attack: what is done, which technique of ATT&CK it is, and what a monitor has to say to have seen it."""

import re
from dataclasses import dataclass

from attacks.techniques import NAMES


@dataclass
class Attack:
    technique: str
    title: str
    # A shell command, or what is called with (service, replica) and is true if it could be done.
    act: object
    # Kind of act and what it was done to, as in an alert that tells of the act itself and not only of its forerunner.
    told: tuple
    # Only root can do it.
    root: bool = False
    # How the attacker got there: `shell`, `inside` the process that was taken over, `outside` through the runtime.
    way: str = "shell"
    # Further acts by which it shows, beside the one that makes it what it is.
    signs: tuple = ()

    def __post_init__(self):
        assert self.technique in NAMES, self.technique
        assert all(kind in ("exec", "open", "connect", "listen") for kind, _ in (self.told, *self.signs))

    @property
    def id(self):
        return f"{self.technique} {self.title}"

    def perform(self, service, replica):
        if callable(self.act):
            return self.act(service, replica)
        return service.shell(replica, self.act)


def subject(line):
    """What an alert's act was done to."""
    action = line.get("event.action")
    if action == "exec":
        return line.get("process.executable", "")
    if action == "open":
        return line.get("file.path", "")
    if action == "connect":
        return f"{line.get('destination.address', '')}:{line.get('destination.port', '')}"
    return f":{line.get('source.port', '')}"


def commands(line):
    """The arguments of the acting process and of those above it."""
    found = list(line.get("process.args", [])) + list(line.get("process.parent.args", []))
    for ancestor in line.get("driftwatch.ancestors", []):
        found += ancestor.get("args", [])
    return found


def is_act(act, line):
    kind, pattern = act
    return line.get("event.action") == kind and re.search(pattern, subject(line)) is not None


def names_act(attack, line):
    """The alert tells of the attack's own act."""
    return is_act(attack.told, line)


def shows(attack, line):
    """The alert tells of one of the attack's acts."""
    return names_act(attack, line) or any(is_act(sign, line) for sign in attack.signs)


def follows(attack, line):
    """The alert tells of a process that was given the attack's command, or of one below it."""
    # The service may have added to the command, and what is long is cut.
    return isinstance(attack.act, str) and any(word.startswith(attack.act[:500]) for word in commands(line))
