import Events
import Workloads

/// What the rules say of one act alone, without memory of what came before.
enum Suspicion {
    enum Finding {
        /// The rules have nothing against it.
        case fine
        /// Nothing to tell now, but no part of what the workload does by itself.
        case foreign
        case anomaly(Rule, Credential?)
    }

    /// `isReplaced`: the program was the image's own when it was run before, and is so no more.
    static func of(_ observation: Observation, _ standing: Standing, isReplaced: Bool) -> Finding {
        switch observation.event.act {
        case .exec(let exec): judge(exec, observation, standing, isReplaced)
        case .open(let open): judge(open, observation, standing)
        case .connect(let connect):
            standing.isUnknown ? .anomaly(.connectUnexpected, socket(connect)) : .fine
        case .listen: standing.isUnknown ? .anomaly(.listenUnexpected, nil) : .fine
        }
    }

    /// A reverse shell is told whatever any baseline says. What an armed baseline knows is otherwise allowed:
    /// none of the other rules lets it be learned, so a person wrote it; but for a program that was exchanged since.
    private static func judge(
        _ exec: Exec, _ observation: Observation, _ standing: Standing, _ isReplaced: Bool
    ) -> Finding {
        let program = observation.program
        if program.isShell, exec.flags.isSuperset(of: [.stdinSocket, .stdoutSocket]) {
            return .anomaly(.execReverseShell, nil)
        }
        if standing.isKnown { return isReplaced ? .anomaly(.execDropped, nil) : .fine }
        if !exec.flags.isDisjoint(with: [.fileless, .deleted]), !isRuntimeCopy(exec, observation) {
            return .anomaly(.execFileless, nil)
        }
        if isDropped(exec, observation.workload) { return .anomaly(.execDropped, nil) }
        if observation.origin == .injected {
            return standing.isUnknown && !standing.isDeparting ? .anomaly(.execInjected, nil) : .foreign
        }
        // Its first runs were told as injected; that it goes on is no news.
        if observation.origin == .probe, standing.isUnknown { return .foreign }
        guard standing.isUnknown else { return .fine }
        return .anomaly(program.isShell || program.isInterpreter ? .execShell : .execUnexpected, nil)
    }

    private static func judge(_ open: Open, _ observation: Observation, _ standing: Standing) -> Finding {
        if observation.workload.isContainer, isOutside(open, observation.event.actor) {
            // Also of a known path: seen from elsewhere, the same words name another file.
            switch standing {
            case .known, .unknown, .release: return .anomaly(.openEscape, nil)
            case .learning, .departing, .unjudged: return .foreign
            }
        }
        if standing.isKnown { return .fine }
        if let credential = Credential.opened(by: open) {
            if standing.isArmed || !credential.isKnown(to: observation.program) {
                return .anomaly(.openCredential, credential)
            }
            return standing.isUnknown ? .anomaly(.openUnexpected, credential) : .fine
        }
        return standing.isUnknown ? .anomaly(.openUnexpected, nil) : .fine
    }

    static func isDropped(_ exec: Exec, _ workload: Workload) -> Bool {
        guard workload.isContainer else { return false }
        if exec.flags.contains(.upperLayer) { return true }
        guard let started = workload.started, exec.changed != 0 else { return false }
        return exec.changed > started
    }

    private static func isOutside(_ open: Open, _ actor: Actor) -> Bool {
        if open.path.flags.contains(.detached) { return false }
        if !open.path.flags.isDisjoint(with: [.outsideRoot, .outsideMount]) { return true }
        return open.mountNamespace != 0 && actor.mountNamespace != 0 && open.mountNamespace != actor.mountNamespace
    }

    /// runc before 1.2 and crun run from a sealed copy of themselves (CVE-2019-5736). Names prove nothing, so only root
    /// and people who log in may pass as one, outside containers; an armed baseline still has to know it.
    private static func isRuntimeCopy(_ exec: Exec, _ observation: Observation) -> Bool {
        let workload = observation.workload
        guard !workload.isContainer, observation.event.actor.uid == 0 || workload.kind == .user else { return false }
        return runtimeCopies.contains(observation.event.actor.executable.text)
    }

    private static let runtimeCopies: Set<String> = [
        "memfd:runc_cloned:/proc/self/exe", "memfd:crun_cloned:/proc/self/exe",
    ]

    private static func socket(_ connect: Connect) -> Credential? {
        guard case .unix(let path) = connect.peer else { return nil }
        return Credential.at(path)
    }
}

extension Standing {
    /// What judges, be it the baseline of a predecessor, does not know it.
    var isUnknown: Bool {
        switch self {
        case .unknown, .departing, .release(_, isKnown: false): true
        default: false
        }
    }

    var isKnown: Bool {
        switch self {
        case .known, .release(_, isKnown: true): true
        default: false
        }
    }

    /// The workload's own baseline is armed and does not know it.
    var isArmed: Bool { if case .unknown = self { true } else { false } }

    /// The instance does what none of its peers does.
    var isDeparting: Bool { if case .departing = self { true } else { false } }

    /// What is done is going to be part of a baseline.
    var isLearned: Bool {
        switch self {
        case .learning, .departing, .release: true
        default: false
        }
    }
}
