/// The rules by which an act is told to be no part of what its workload does.
package enum Rule: String, Sendable, CaseIterable, Hashable {
    case execUnexpected = "exec.unexpected"
    case execShell = "exec.shell"
    case execDropped = "exec.dropped"
    case execFileless = "exec.fileless"
    case execReverseShell = "exec.reverse-shell"
    case execInjected = "exec.injected"
    case connectUnexpected = "connect.unexpected"
    case listenUnexpected = "listen.unexpected"
    case openUnexpected = "open.unexpected"
    case openCredential = "open.credential"
    case openEscape = "open.escape"
    case monitorSaturated = "monitor.saturated"

    package var id: String { rawValue }

    package var name: String {
        switch self {
        case .execUnexpected: "Unexpected program"
        case .execShell: "Unexpected shell or interpreter"
        case .execDropped: "Program not from the image"
        case .execFileless: "Program without a file"
        case .execReverseShell: "Reverse shell"
        case .execInjected: "Process entered from outside"
        case .connectUnexpected: "Unexpected destination"
        case .listenUnexpected: "Unexpected listening port"
        case .openUnexpected: "Unexpected file or access"
        case .openCredential: "Unexpected access to a secret"
        case .openEscape: "File outside the container"
        case .monitorSaturated: "Too many new behaviours to judge"
        }
    }

    package var description: String {
        switch self {
        case .execUnexpected: "An executable, or a known one under a parent never seen for it."
        case .execShell: "A shell or script interpreter that the baseline does not know, or not under this parent."
        case .execDropped:
            "The executable is not from the image: it is of the writable layer or newer than the container."
        case .execFileless: "The executable is a memfd, an O_TMPFILE or was unlinked before it ran."
        case .execReverseShell: "A shell whose standard input and output are a network socket."
        case .execInjected: "A process entered the container from outside, as by an exec session or nsenter."
        case .connectUnexpected: "A destination that the baseline does not know."
        case .listenUnexpected: "A port was opened that the baseline does not know."
        case .openUnexpected: "A path, or a kind of access to it, that the baseline does not know."
        case .openCredential: "A path that holds a secret was opened by a program that is not known to use it."
        case .openEscape: "The file that was opened lies outside the container's root."
        case .monitorSaturated: "A workload makes novel behaviours faster than they can be judged."
        }
    }

    /// 1 to 100.
    package var severity: Int {
        switch self {
        case .execReverseShell: 95
        case .openEscape: 90
        case .execFileless: 88
        case .execDropped: 80
        case .openCredential: 75
        case .execShell: 65
        case .execInjected: 60
        case .monitorSaturated: 60
        case .execUnexpected: 55
        case .connectUnexpected: 50
        case .listenUnexpected: 50
        case .openUnexpected: 30
        }
    }

    /// Alerts whatever has been learned so far, or nothing, and is not learned.
    package var isNeverNormal: Bool {
        switch self {
        case .execReverseShell, .execFileless, .execDropped, .openCredential: true
        default: false
        }
    }

    /// Of a new release this is what releases bring; what the other rules say is no matter of releases.
    var isReleaseDifference: Bool {
        switch self {
        case .execUnexpected, .execShell, .connectUnexpected, .listenUnexpected, .openUnexpected: true
        default: false
        }
    }

    /// What is new in a release.
    package static let releaseSeverity = 20

    package var threat: Threat {
        switch self {
        case .execUnexpected: Threat(.execution, "T1106", "Native API")
        case .execShell, .execReverseShell: Threat(.execution, "T1059", "Command and Scripting Interpreter")
        case .execDropped: Threat(.commandAndControl, "T1105", "Ingress Tool Transfer")
        case .execFileless: Threat(.defenseEvasion, "T1620", "Reflective Code Loading")
        case .execInjected: Threat(.execution, "T1609", "Container Administration Command")
        case .connectUnexpected: Threat(.commandAndControl, "T1071", "Application Layer Protocol")
        case .listenUnexpected: Threat(.commandAndControl, "T1571", "Non-Standard Port")
        case .openUnexpected: Threat(.collection, "T1005", "Data from Local System")
        case .openCredential: Threat(.credentialAccess, "T1552", "Unsecured Credentials")
        case .openEscape: Threat(.privilegeEscalation, "T1611", "Escape to Host")
        case .monitorSaturated: Threat(.impact, "T1499", "Endpoint Denial of Service")
        }
    }
}

/// Where a rule belongs in MITRE ATT&CK for Enterprise, version 18; 19 calls TA0005 `Stealth`.
package struct Threat: Sendable, Equatable {
    package enum Tactic: String, Sendable {
        case execution = "TA0002"
        case privilegeEscalation = "TA0004"
        case defenseEvasion = "TA0005"
        case credentialAccess = "TA0006"
        case collection = "TA0009"
        case commandAndControl = "TA0011"
        case impact = "TA0040"

        package var name: String {
            switch self {
            case .execution: "Execution"
            case .privilegeEscalation: "Privilege Escalation"
            case .defenseEvasion: "Defense Evasion"
            case .credentialAccess: "Credential Access"
            case .collection: "Collection"
            case .commandAndControl: "Command and Control"
            case .impact: "Impact"
            }
        }
    }

    package static let framework = "MITRE ATT&CK"
    package var tactic: Tactic
    package var techniqueID: String
    package var techniqueName: String

    init(_ tactic: Tactic, _ techniqueID: String, _ techniqueName: String) {
        self.tactic = tactic
        self.techniqueID = techniqueID
        self.techniqueName = techniqueName
    }
}
