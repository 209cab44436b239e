"""What intruders do once a service runs commands for them: with what is in the image, or with what they bring."""

from attacks.shell import control, credentials, discovery, evasion, execution, impact, loot, persistence, privileges

TACTICS = [execution, persistence, privileges, evasion, credentials, discovery, control, loot, impact]
ALL = [attack for tactic in TACTICS for attack in tactic.ATTACKS]
