/// The controls that a report is held against: a reviewed table.
///
/// Titles are those of the catalogues, shortened where they are sentences; what a control asks for is in our own words.
/// `ends` says what no evidence of a node can show, for whoever has to get it elsewhere.
enum Controls {
    static let all = nhi + csf + soc + pci + cis

    private static let nhi = [
        Control(
            .nhi, "NHI1:2025", "Improper Offboarding",
            asks: "Identities that nobody needs any more are found and taken away.",
            by: [.identities, .offboarding, .owners, .lives],
            ends:
                "That an account, role or token was revoked where it was issued is not seen here, only that it is not used."
        ),
        Control(
            .nhi, "NHI2:2025", "Secret Leakage",
            asks: "Secrets do not get to where they do not belong.",
            by: [.watching, .credentials, .secrets, .destinations],
            ends:
                "What was read is seen, not its content: secrets in code, images, environment variables and logs are not looked for."
        ),
        Control(
            .nhi, "NHI3:2025", "Vulnerable Third-Party NHI",
            asks: "What others deliver and run with our rights is known and watched.",
            by: [.identities, .scans, .foreignPrograms, .flows],
            ends: "The supplier's own systems, and integrations that run elsewhere with our tokens, are out of sight."),
        Control(
            .nhi, "NHI4:2025", "Insecure Authentication",
            asks: "Identities prove who they are by methods that are hard to steal or guess.",
            by: [.attestation, .credentials],
            ends: "Which protocol a workload speaks, and how a server checks it, is not looked at."),
        Control(
            .nhi, "NHI5:2025", "Overprivileged NHI",
            asks: "Identities have no more rights than they use.",
            by: [.watching, .privilege, .baselines, .flows],
            ends:
                "Rights in clouds, clusters and databases are granted elsewhere; here are users, capabilities and mounts of the node."
        ),
        Control(
            .nhi, "NHI6:2025", "Insecure Cloud Deployment Configurations",
            asks: "Pipelines and trust between clouds cannot be used by others.",
            by: [], .nothing, ends: "Configurations of clouds and pipelines are not read."),
        Control(
            .nhi, "NHI7:2025", "Long-Lived Secrets",
            asks: "Secrets expire or are exchanged before they are of use to a thief.",
            by: [.credentials],
            ends: "Since when a secret has been read is known, not when it was issued or when it ends."),
        Control(
            .nhi, "NHI8:2025", "Environment Isolation",
            asks: "Identities of development, test and production are apart.",
            by: [.identities, .sharing, .flows],
            ends: "One node is one place: that a secret is used in another environment too is seen by nobody here."),
        Control(
            .nhi, "NHI9:2025", "NHI Reuse",
            asks: "Each workload has an identity of its own.",
            by: [.watching, .credentials, .sharing], .all,
            ends: "One secret in two copies looks like two; use on another node is in that node's register."),
        Control(
            .nhi, "NHI10:2025", "Human Use of NHI",
            asks: "People do not act with identities that are made for programs.",
            by: [.watching, .credentials, .people, .intrusions], .all,
            ends: "A person who took a secret away acts elsewhere, unseen; here is who read it through a session."),
    ]

    private static let csf = [
        Control(
            .csf, "ID.AM-02", "Inventories of software, services, and systems",
            asks: "What runs is listed, and the list is kept.", by: [.identities, .owners, .lives],
            ends: "What is installed and never runs is not listed, nor is any other node."),
        Control(
            .csf, "ID.AM-03", "Authorized network communication and data flows",
            asks: "Who talks with whom is written down and kept.", by: [.watching, .flows, .baselines],
            ends: "Connections that workloads begin and ports that they open; not what goes through them."),
        Control(
            .csf, "ID.AM-08", "Systems, hardware, software, services, and data through their life cycles",
            asks: "From its beginning to its end, each asset is in somebody's hands.",
            by: [.identities, .owners, .reviews, .offboarding, .lives],
            ends: "Hardware, data and what was planned before a workload first ran."),
        Control(
            .csf, "PR.AA-01", "Identities and credentials of users, services, and hardware",
            asks: "Identities and what proves them are managed.", by: [.identities, .owners, .credentials, .reviews],
            ends: "How credentials are issued and withdrawn is the issuer's to show."),
        Control(
            .csf, "PR.AA-05", "Access permissions, entitlements, and authorizations",
            asks: "Rights are defined, reviewed, and as few as can be.",
            by: [.privilege, .baselines, .approvals, .reviews],
            ends: "What was used is known; what was granted, only as far as the kernel holds it."),
        Control(
            .csf, "DE.CM-01", "Networks and network services are monitored",
            asks: "Networks are watched for what may do harm.", by: [.watching, .destinations, .ports, .baselines],
            ends: "The begin of connections is seen, not their content, volume or the network between nodes."),
        Control(
            .csf, "DE.CM-03", "Personnel activity and technology usage are monitored",
            asks: "What people do with systems is watched.", by: [.watching, .intrusions, .people],
            ends: "People are seen in containers, sessions and by the secrets that they read; not at their desks."),
        Control(
            .csf, "DE.CM-09", "Computing software, runtime environments, and their data are monitored",
            asks: "What runs, and what it does with data, is watched for what may do harm.",
            by: [.watching, .alerts, .baselines, .blindness], .all,
            ends: "Hardware and firmware, and what driftwatch doctor names as unseen in this tier."),
        Control(
            .csf, "DE.AE-02", "Potentially adverse events are analyzed",
            asks: "What was noticed is looked into, to know what belongs to it.",
            by: [.alerts, .incidents, .techniques],
            ends: "What a person concluded is not recorded, unless it became a change of what is normal."),
        Control(
            .csf, "DE.AE-03", "Information is correlated from multiple sources",
            asks: "What several witnesses say is put together.", by: [.incidents, .scans, .owners],
            ends:
                "Kernel, runtimes, scans and owners of this node; other nodes and systems are joined where lines are sent to."
        ),
        Control(
            .csf, "DE.AE-06", "Information on adverse events is provided to staff and tools",
            asks: "Those who have to know are told.", by: [.alerts, .notified],
            ends: "That somebody read it is not known."),
        Control(
            .csf, "RS.AN-07", "Incident data and metadata are collected, their integrity preserved",
            asks: "What is known of an incident is kept so that nobody can change it unseen.",
            by: [.chain, .anchor, .custody, .alerts], .all,
            ends: "Images of disks and memory are not taken."),
        Control(
            .csf, "RS.MI-01", "Incidents are contained",
            asks: "What is going wrong is kept from spreading.", by: [.contained, .decided], .all,
            ends: "What was done on this node by policy; what people did elsewhere is not seen."),
        Control(
            .csf, "RS.MI-02", "Incidents are eradicated",
            asks: "What caused an incident is removed.", by: [.contained],
            ends: "Ending a process and revoking a secret are a beginning; that the cause is gone, people must say."),
        Control(
            .csf, "GV.OV-01", "Outcomes of the strategy are reviewed to adjust it",
            asks: "Those who answer for risk look at what came of it, and adjust.",
            by: [.watching, .reviews, .approvals],
            ends: "This report can be looked at; that it was, and what was decided, is to be recorded elsewhere."),
        Control(
            .csf, "GV.OV-03", "Performance is evaluated and reviewed for adjustments",
            asks: "How well it works is measured.", by: [.watching, .losses, .baselines],
            ends: "How much was watched and lost is measured; what an organisation expects of it is not known."),
    ]

    private static let soc = [
        Control(
            .soc, "CC6.1", "Logical access security over protected information assets",
            asks: "Access is limited by software and architecture, and what there is to protect is known.",
            by: [.identities, .credentials, .privilege, .secrets],
            ends: "Rules of access are made elsewhere; here is what was used of them."),
        Control(
            .soc, "CC6.2", "Credentials are issued after registration and authorization, and removed",
            asks: "Nobody has a credential without having been registered, or after having left.",
            by: [.identities, .credentials, .offboarding],
            ends: "Issuing and withdrawing is the issuer's to show."),
        Control(
            .soc, "CC6.3", "Access is authorized, modified, or removed by role and least privilege",
            asks: "Rights follow what somebody has to do.", by: [.privilege, .reviews, .approvals],
            ends: "Roles in clouds, clusters and databases."),
        Control(
            .soc, "CC6.6", "Threats from outside of system boundaries",
            asks: "What comes from outside is kept out.", by: [.watching, .intrusions, .ports, .destinations],
            ends: "Firewalls and gateways are not looked at."),
        Control(
            .soc, "CC6.8", "Unauthorized or malicious software is prevented or detected and acted upon",
            asks: "Software that does not belong there is found.",
            by: [.watching, .foreignPrograms, .baselines], .all,
            ends: "That it was removed; what never runs is not found."),
        Control(
            .soc, "CC7.1", "Changes to configurations and new vulnerabilities are detected",
            asks: "Changes that make systems weaker are noticed.", by: [.watching, .baselines, .files, .scans],
            ends: "Scans are taken over from scanners; renames, deletions and changes of mode make no alert."),
        Control(
            .soc, "CC7.2", "System components are monitored for anomalies",
            asks: "What runs is watched for what is not normal.",
            by: [.watching, .alerts, .baselines, .losses], .all,
            ends: "Disasters and errors of hardware."),
        Control(
            .soc, "CC7.3", "Security events are evaluated",
            asks: "What was noticed is weighed, to know whether it did harm.", by: [.alerts, .incidents, .approvals],
            ends: "Somebody's judgement is known only where it changed what is normal."),
        Control(
            .soc, "CC7.4", "Identified security incidents are responded to",
            asks: "What did harm is answered by a plan.", by: [.decided, .contained],
            ends: "What people did, and the plan itself."),
        Control(
            .soc, "CC7.5", "Recovery from identified security incidents",
            asks: "After an incident all is as it should be.", by: [], .nothing,
            ends: "Restoring is not this program's."),
    ]

    private static let pci = [
        Control(
            .pci, "10.2", "Audit logs support the detection of anomalies and forensic analysis",
            asks: "Who did what, when, is written down.", by: [.watching, .alerts, .lives, .chain],
            ends:
                "Anomalies, credentials and the lives of workloads are kept; each access of a user to card data is the application's to log."
        ),
        Control(
            .pci, "10.3", "Audit logs are protected from destruction and unauthorized modification",
            asks: "Nobody can change or remove what was logged without being found out.", by: [.chain, .anchor], .all,
            ends: "Of this log alone; root with the key is found out only by checkpoints that are kept elsewhere."),
        Control(
            .pci, "10.4", "Audit logs are reviewed to identify anomalies or suspicious activity",
            asks: "Somebody, or something, looks through what was logged.", by: [.watching, .alerts, .approvals],
            ends: "This program judges as acts happen; that people looked is seen where they changed what is normal."),
        Control(
            .pci, "10.5", "Audit log history is retained and available for analysis",
            asks: "A year of logs is kept, three months of it at hand.", by: [.year, .chain], .all,
            ends: "Copies elsewhere are not counted."),
        Control(
            .pci, "10.6", "Time-synchronization mechanisms support consistent time settings",
            asks: "All clocks agree.", by: [], .nothing, ends: "Whether the node's clock is right is not looked at."),
        Control(
            .pci, "10.7", "Failures of critical security control systems are detected and responded to",
            asks: "Where a control fails, that is noticed at once.", by: [.watching, .losses],
            ends: "Failures of this monitor are told, with from when to when; other controls are not watched."),
        Control(
            .pci, "11.5.1", "Intrusion-detection and/or intrusion-prevention techniques",
            asks: "Intrusions over networks are found.", by: [.watching, .intrusions, .destinations, .ports],
            ends: "Intrusion is seen by what it makes workloads do, not in packets at a perimeter."),
        Control(
            .pci, "11.5.2", "A change-detection mechanism is deployed",
            asks: "Changes of critical files are found.", by: [.watching, .files, .foreignPrograms],
            ends:
                "Opens for writing are seen; renames, deletions and changes of mode are not, and files are not compared."
        ),
    ]

    private static let cis = [
        Control(
            .cis, "2.3", "Address Unauthorized Software", asks: "Software that is not allowed is found and removed.",
            by: [.watching, .foreignPrograms, .baselines], ends: "That it was removed."),
        Control(
            .cis, "3.14", "Log Sensitive Data Access", asks: "Access to sensitive data is written down.",
            by: [.watching, .credentials, .secrets],
            ends: "Secrets by class of path are registered; which other data is sensitive, only its owner knows."),
        Control(
            .cis, "5.3", "Disable Dormant Accounts", asks: "Accounts that nobody has used for weeks are disabled.",
            by: [.identities, .offboarding], ends: "Dormant ones are listed; disabling is done elsewhere."),
        Control(
            .cis, "5.5", "Establish and Maintain an Inventory of Service Accounts",
            asks: "Service accounts are listed with owner, purpose and day of review.",
            by: [.identities, .owners, .reviews], .all,
            ends: "Those that act on this node; accounts that exist and are not used here are not seen."),
        Control(
            .cis, "8.2", "Collect Audit Logs", asks: "Logs are collected.", by: [.watching, .chain], .all,
            ends: "Logs of other programs are not collected."),
        Control(
            .cis, "8.8", "Collect Command-Line Audit Logs", asks: "Command lines are logged.",
            by: [.watching, .alerts],
            ends:
                "Those of alerts are in the evidence; all others are printed by run --events and kept by whoever takes them."
        ),
        Control(
            .cis, "8.10", "Retain Audit Logs", asks: "Logs are kept for at least 90 days.", by: [.quarter, .chain],
            .all,
            ends: "Copies elsewhere are not counted."),
        Control(
            .cis, "8.11", "Conduct Audit Log Reviews", asks: "Logs are looked through for what is not normal.",
            by: [.watching, .alerts, .approvals],
            ends: "That people looked is seen where they changed what is normal."),
        Control(
            .cis, "10.7", "Use Behavior-Based Anti-Malware Software",
            asks: "Harm is known by what programs do, not only by how they look.",
            by: [.watching, .baselines, .alerts],
            .all, ends: "It tells; what it does about it depends on the response policy."),
        Control(
            .cis, "13.2", "Deploy a Host-Based Intrusion Detection Solution",
            asks: "Each host is watched for intrusions.", by: [.watching, .intrusions, .baselines], .all,
            ends: "This host."),
        Control(
            .cis, "13.7", "Deploy a Host-Based Intrusion Prevention Solution",
            asks: "Intrusions are stopped on the host.", by: [.contained, .decided], .all,
            ends: "What policy has done after an alert; nothing is stopped before it is seen."),
        Control(
            .cis, "17.8", "Conduct Post-Incident Reviews", asks: "After an incident people learn from it.",
            by: [.incidents, .approvals], ends: "What was learned is seen where it changed what is normal."),
    ]
}
